"""The assessment directory: written whole or not at all, and validated when it is read."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from assess.errors import NotAssessedError, Problem, UsageError
from assess.results.models import OPTIONAL, TABLES, accepted, conform, empty, formed

FORMAT = 3
MANIFEST = "assessment.json"
RULESET = "ruleset.json"


def digest_file(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Directory:
    """An assessment directory that is being written, or one that is read."""

    def __init__(self, path: Path):
        self.path = path

    @property
    def tables(self) -> Path:
        """Where the typed tables are."""
        return self.path / "tables"

    def file(self, table: str) -> Path:
        """The file of one table."""
        return self.tables / f"{table}.parquet"

    def write(
        self, frames: Mapping[str, pl.DataFrame], ruleset: Mapping[str, Any], manifest: dict[str, Any],
        validate: Callable[[str, pl.DataFrame], pl.DataFrame] = conform,
        carried: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """Write all tables, the effective ruleset and the provenance; the digests of the tables go into the latter.

        `validate` gives each table the form that is declared for it, or raises: by pandera, where nothing else is said.
        Of the tables in `carried` the file is taken as it is: it was validated when it was read, or written.
        """
        self.tables.mkdir(parents=True, exist_ok=True)

        def write(name: str) -> dict[str, Any]:
            target = self.file(name)
            if name in carried:
                shutil.copyfile(carried[name], target)
                rows = pl.scan_parquet(target, glob=False).select(pl.len()).collect().item()
            else:
                frame = frames.get(name, empty(name))
                validate(name, frame).write_parquet(target)
                rows = frame.height
            return {"rows": rows, "sha256": digest_file(target)}

        names = [*TABLES, *(name for name in OPTIONAL if name in frames)]
        with ThreadPoolExecutor() as pool:
            written = dict(zip(names, pool.map(write, names), strict=True))
        (self.path / RULESET).write_text(_json(ruleset), encoding="utf-8")
        said = {**manifest, "effective_sha256": digest_file(self.path / RULESET), "tables": written}
        (self.path / MANIFEST).write_text(_json({"format": FORMAT, **said}), encoding="utf-8")

    def add(self, table: str, frame: pl.DataFrame, said: Mapping[str, Any]) -> None:
        """Add an optional table, in the place of an earlier one; `said` goes into the provenance under its name."""
        target = self.tables / f"{table}.parquet"
        conform(table, frame).write_parquet(target)
        manifest = self.manifest
        tables = {**manifest.get("tables", {}), table: {"rows": frame.height, "sha256": digest_file(target)}}
        (self.path / MANIFEST).write_text(_json({**manifest, table: dict(said), "tables": tables}), encoding="utf-8")

    def has(self, table: str) -> bool:
        """Whether an optional table is there."""
        return table in self.manifest.get("tables", {})

    @property
    def names(self) -> list[str]:
        """The tables that are there: all that an assessment has, and the optional ones that were added."""
        return [*TABLES, *(name for name in OPTIONAL if self.has(name))]

    @classmethod
    def open(cls, path: Path) -> Directory:
        """An existing assessment directory; UsageError when `path` is none."""
        if not (path / MANIFEST).is_file():
            raise UsageError(
                Problem(str(path), 0, 0, "AD001", "is not an assessment directory", f"no {MANIFEST} in it")
            )
        directory = cls(path)
        form = directory.manifest.get("format")
        if form != FORMAT:
            what = f"is of format {form}, and this version reads format {FORMAT}"
            raise NotAssessedError(Problem(str(path / MANIFEST), 0, 0, "AD002", what))
        return directory

    def read(self, table: str) -> pl.DataFrame:
        """One table, validated on the way in."""
        return self._read(table, lambda: accepted(table, pl.read_parquet(self.file(table), glob=False)))

    def columns(self, table: str, columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of one table that has its form; what holds of their values is not looked at."""

        def those() -> pl.DataFrame:
            return formed(table, pl.scan_parquet(self.file(table), glob=False)).select(columns).collect()

        return self._read(table, those)

    def _read(self, table: str, read: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        try:
            return read()
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            what = str(error).splitlines()[0]
            raise NotAssessedError(Problem(str(self.file(table)), 0, 0, "AD002", what)) from None

    @property
    def manifest(self) -> dict[str, Any]:
        """The provenance: versions, digests, parameters, counts."""
        return _read_json(self.path / MANIFEST)

    @property
    def ruleset(self) -> dict[str, Any]:
        """The effective ruleset, as data."""
        return _read_json(self.path / RULESET)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = (error.strerror if isinstance(error, OSError) else None) or "is not JSON"
        raise NotAssessedError(Problem(str(path), 0, 0, "AD002", what)) from None
    if not isinstance(data, dict):
        raise NotAssessedError(Problem(str(path), 0, 0, "AD002", "is not a mapping"))
    return data


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n"


def check_replaceable(out: Path, inputs: Iterable[Path] = (), mark: str = MANIFEST) -> None:
    """UsageError when a run must not put its results at `out`: other things lie there, or what it reads does.

    What lies there may be replaced when it is empty, or holds the file `mark` as what was put there before does.
    """

    def refuse(why: str) -> UsageError:
        return UsageError(Problem(str(out), 0, 0, "AD003", why, "choose another --out"))

    place = out.resolve()
    if place.exists() and not (place.is_dir() and ((place / mark).is_file() or not any(place.iterdir()))):
        raise refuse("exists and " + ("is not an assessment directory" if mark == MANIFEST else f"holds no {mark}"))
    above = next(parent for parent in place.parents if parent.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise refuse(f"cannot be made: {above} is not a directory that can be written to")
    for path in inputs:
        if path.resolve().is_relative_to(place):
            raise refuse(f"holds {path}, which is read, and would be replaced")


class Staging:
    """A directory that takes the place of `out` only when everything in it is complete.

    A killed run leaves `out` as it was, and beside it a directory whose name says that it is partial.
    """

    def __init__(self, out: Path, mark: str = MANIFEST):
        check_replaceable(out, mark=mark)
        self.out = out.resolve()  # behind a link it is the directory that is replaced, not the link
        self.path = self.out.parent / f".{self.out.name}.partial-{os.getpid()}"

    def __enter__(self) -> Staging:
        self.out.parent.mkdir(parents=True, exist_ok=True)
        self._remove_abandoned()
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir()
        return self

    def _remove_abandoned(self) -> None:
        """Remove what killed runs left of this directory; a run that is still going on keeps its own."""
        for left in self.out.parent.glob(f".{glob.escape(self.out.name)}.partial-*"):
            number = left.name.rpartition("-")[2]
            if number.isdigit() and not _is_running(int(number)):
                _remove(left)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            _remove(self.path)
            return
        old = self.out.parent / f".{self.out.name}.replaced-{os.getpid()}"
        if self.out.exists():
            self.out.rename(old)
        self.path.rename(self.out)
        shutil.rmtree(old, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _remove(path: Path) -> None:
    """Remove a directory into which a thread of the engine may still be writing when a run is interrupted."""
    for _ in range(20):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.05)


def page_name(unit: str) -> str:
    """The file name of a unit's page, without extension. Keys come from submissions, so only harmless ones are used."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", unit):
        return unit
    return "u-" + hashlib.sha256(unit.encode()).hexdigest()[:16]
