"""The package from Python: `load` a ruleset, `run` it on submissions, `read` an assessment back."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from assess.assessment import Assessment, read
from assess.engine.passes import Engine, whole
from assess.errors import Problem, UsageError, did_you_mean
from assess.intake.address import Address, located
from assess.pipeline import assess
from assess.ruleset import builtin
from assess.ruleset.load import Loaded
from assess.ruleset.load import load as _load
from assess.tables import Table

__all__ = ["Assessment", "load", "read", "run"]

Value = str | int | float | bool | dt.date


def load(ruleset: str | Path, parameters: Mapping[str, Value] | None = None) -> Loaded:
    """A ruleset from its file, or the built-in one of that name; `parameters` gives declared ones other values.

    Raises RulesetError with every mistake at its line and column, and UsageError for a parameter that is not declared
    or not of its type.
    """
    settings = {name: _text(value) for name, value in (parameters or {}).items()}
    return _load(builtin.find(str(ruleset)), str(ruleset), settings)


def run(
    ruleset: str | Path | Loaded, data: str | Path | Address | Mapping[str, pl.DataFrame], *,
    parameters: Mapping[str, Value] | None = None, previous: str | Path | None = None, store: str | Path | None = None,
    unmask: bool = False, engine: Engine = whole, command: str = "",
) -> Assessment:  # fmt: skip
    """Assess submissions, as `assess run` does; nothing is written until `Assessment.write` or `.report` is called.

    `ruleset` is a file, a built-in name, or what `load` gave. `data` is a folder of submissions, the address of a
    database (`postgresql://HOST/DATABASE`), or frames by the names of the declared tables: they are read as Parquet
    files of these names would be, so their cells are typed and rejected like any others. `parameters` is that of
    `load`. `previous` is an earlier assessment directory, for rules that compare with it. `store` keeps typed files, so
    that a later run converts nothing twice. `unmask` shows personal data of violating records as they were submitted.
    `command` is what the provenance says of how it was made.

    Raises RulesetError, UsageError or NotAssessedError, each with all its problems.
    """
    if isinstance(ruleset, Loaded):
        if parameters:
            raise UsageError(Problem("", 0, 0, "PY001", "a loaded ruleset has its parameters", "give them to load()"))
        loaded = ruleset
    else:
        loaded = load(ruleset, parameters)
    kept, before = (Path(place) if place is not None else None for place in (store, previous))
    with _submitted(data, loaded.ruleset.tables) as place:
        return assess(loaded, place, kept, command, before, unmask=unmask, engine=engine)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def _submitted(
    data: str | Path | Address | Mapping[str, pl.DataFrame], tables: Mapping[str, Table]
) -> Iterator[Path | Address]:
    """Where the submissions lie: frames are put into files for as long as they are read."""
    if isinstance(data, str | Path | Address):
        yield located(data) if isinstance(data, str) else data
        return
    if problems := list(_refused(data, tables)):
        raise UsageError(problems)
    with tempfile.TemporaryDirectory(prefix="assess-frames-") as folder:
        for name, frame in data.items():
            frame.write_parquet(Path(folder) / f"{name}.parquet")
        yield Path(folder)


def _refused(data: Mapping[str, object], tables: Mapping[str, Table]) -> Iterator[Problem]:
    for name, frame in data.items():
        if name not in tables:
            hint = did_you_mean(name, list(tables))
            yield Problem("", 0, 0, "PY002", f"data: the ruleset declares no table {name!r}", hint)
        elif not isinstance(frame, pl.DataFrame):
            said = f"data: {name!r} is a {type(frame).__name__} and no polars DataFrame"
            yield Problem("", 0, 0, "PY003", said, "collect() a LazyFrame; pl.from_pandas() takes another")
        else:
            for column, dtype in frame.schema.items():
                if dtype == pl.Object:
                    said = f"data: column {column!r} of {name!r} holds Python objects"
                    yield Problem("", 0, 0, "PY003", said, "give it a type of Polars")
