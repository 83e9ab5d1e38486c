"""The cases of each kind: rows with the outcome that is expected. They are its tests, and its examples for people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assess import yaml12
from assess.checks.base import REGISTRY, Check, Profile
from assess.sql import ParameterValue
from assess.tables import BOOKKEEPING, DTYPES, LINE, REJECTED, ROW

TIMES = "times"
_PACKAGE = Path(__file__).parent.parent


def folder() -> Path:
    """Where the case files are: inside an installed package, or among the tests of a checkout."""
    installed = _PACKAGE / "_cases"
    return installed if installed.is_dir() else _PACKAGE.parent / "tests" / "checks"


@dataclass(frozen=True)
class Case:
    """A check of one kind, the columns of a table, its rows, and what is expected of each of them.

    For a kind that judges units every row has a column `unit`, `expect` and `reasons` are by unit, `previous` holds
    earlier sums by unit, and a row with `times` stands for so many equal ones.
    """

    kind: str
    name: str
    check: dict[str, Any]
    types: dict[str, str]
    rows: list[dict[str, Any]]
    expect: list[bool | None] | dict[str, bool | None]
    reasons: list[str | None] | dict[str, str] | None
    tables: dict[str, list[dict[str, Any]]]
    parameters: dict[str, ParameterValue]
    previous: dict[str, dict[str, float]] | None

    def build(self) -> Check:
        """The check itself."""
        return REGISTRY[self.kind].model_validate(self.check, context={"parameters": self.parameters})

    def build_profile(self) -> Profile:
        """The check, of a kind that judges units."""
        check = self.build()
        if not isinstance(check, Profile):
            raise TypeError(f"{self.kind} judges records")
        return check

    def expected(self) -> list[bool | None]:
        """What is expected of the rows, or of the units."""
        return list(self.expect.values()) if isinstance(self.expect, dict) else self.expect

    def frame(self) -> pl.DataFrame:
        """The rows as intake would hand them on."""
        rows = [{k: v for k, v in row.items() if k != TIMES} for row in self.rows for _ in range(row.get(TIMES, 1))]
        return _frame(rows, self.types)

    def earlier(self) -> pl.DataFrame | None:
        """The sums of an earlier assessment, or none."""
        if self.previous is None:
            return None
        return pl.DataFrame([{"unit": unit, **sums} for unit, sums in self.previous.items()])

    def table(self, name: str) -> pl.DataFrame:
        """Another table that the check looks into."""
        return _frame(self.tables[name], self.types)


def _frame(rows: list[dict[str, Any]], types: dict[str, str]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {}
    for name in names:
        dtype = BOOKKEEPING.get(name) or DTYPES[types.get(name, "text")]
        values = [row.get(name) for row in rows]
        if dtype == pl.Date:
            values = [dt.date.fromisoformat(value) if isinstance(value, str) else value for value in values]
        columns[name] = pl.Series(name, values, dtype=dtype)
    count = len(rows)
    columns.setdefault(ROW, pl.Series(ROW, range(count), dtype=pl.UInt32))
    columns.setdefault(LINE, pl.Series(LINE, range(1, count + 1), dtype=pl.UInt32))
    columns.setdefault(REJECTED, pl.Series(REJECTED, [None] * count, dtype=pl.String))
    return pl.DataFrame(list(columns.values()))


def cases(kind: str) -> Iterator[Case]:
    """The cases of a kind, in the order of its file; none when there is no such file."""
    path = folder() / f"{kind}.yaml"
    if not path.is_file():
        return
    for entry in yaml12.load(path.read_text(encoding="utf-8")):
        yield Case(
            kind=kind,
            name=entry["case"],
            check=entry.get("check") or {},
            types=entry.get("types") or {},
            rows=entry["rows"],
            expect=entry["expect"],
            reasons=entry.get("reasons"),
            tables=entry.get("tables") or {},
            parameters=entry.get("parameters") or {},
            previous=entry.get("previous"),
        )
