"""Taking in a data directory: every file found, read, typed and receipted."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from assess import __version__
from assess.errors import NotAssessedError, Problem, UsageError
from assess.intake.address import Address
from assess.intake.container import unpacked
from assess.intake.contract import Contract
from assess.intake.convert import REJECTS_SCHEMA, convert
from assess.intake.discover import Source, discover
from assess.intake.look import digest
from assess.intake.raw import UnreadableError, blames
from assess.intake.readers import read
from assess.intake.store import Counted, Entry, Store
from assess.progress import Stage, stage
from assess.tables import FILE, ROW, Part, Table

# What nobody declared is left out; whatever else keeps a file out is a rejection.
_IGNORED = frozenset({"unknown_table", "unknown_format", "nested_folder"})
# Files that are read at a time: more would need more memory, and find Python busy.
_AT_ONCE = 2
_TICK = 5_000_000_000  # in nanoseconds; some file systems count in steps of two seconds


@dataclass(frozen=True)
class Taken:
    """One file and what became of it; without an entry it was rejected or ignored."""

    source: Source
    digest: str
    entry: Entry | None = None
    reason: str | None = None
    detail: str | None = None

    @property
    def status(self) -> str:
        """read, rejected, or ignored."""
        if self.entry is not None:
            return "read"
        return "ignored" if self.reason in _IGNORED else "rejected"


@dataclass
class Intake:
    """The typed tables of all units, and the receipt; `address` is that of the database they were in, if any."""

    tables: Mapping[str, Table]
    unit_key: str
    units: tuple[str, ...] = ()
    taken: list[Taken] = field(default_factory=list)
    address: Address | None = None

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a table that were kept, in the order of files and lines, with the bookkeeping columns."""
        frames = [
            pl.scan_parquet(path, glob=False)
            .with_row_index(ROW, offset=row)
            .with_columns(pl.lit(number, dtype=pl.UInt32).alias(FILE))
            for path, row, number in self.parts(table)
        ]
        schema = self.tables[table].dtypes
        if not frames:
            return pl.LazyFrame(schema=schema)
        return pl.concat(frames).select(list(schema))

    def parts(self, table: str) -> list[Part]:
        """The typed files of a table in order, with the number of the first row of each."""
        found, row = [], 0
        for number, taken in enumerate(self.taken):
            if taken.entry is not None and taken.source.table == table:
                found.append(Part(taken.entry.data, row, number))
                row += taken.entry.rows_kept
        return found

    @property
    def files(self) -> list[str]:
        """The names that the numbers in the bookkeeping column `_file` stand for."""
        return [taken.source.name for taken in self.taken]

    def submitted(self) -> set[tuple[str, str]]:
        """Every (unit, table) of which there are rows, or a file without any in the unit's own folder.

        A file of which every row was rejected is no submission: it must not pass for having nothing to report.
        """
        pairs = set()
        for table in self.tables:
            units = self.scan(table).select(pl.col(self.unit_key).unique()).collect(engine="streaming").to_series()
            pairs |= {(unit, table) for unit in units}
        pairs |= {
            (taken.source.folder, taken.source.table)
            for taken in self.taken
            if taken.entry is not None
            and taken.entry.rows_in == 0
            and taken.source.folder is not None
            and taken.source.table is not None
        }
        return pairs

    def rows(self, table: str) -> int:
        """How many rows of a table were kept."""
        return sum(t.entry.rows_kept for t in self.taken if t.entry is not None and t.source.table == table)

    def receipt(self) -> pl.DataFrame:
        """One line for each file."""
        return pl.DataFrame([_line(taken) for taken in self.taken], infer_schema_length=None)

    def rejects(self) -> pl.DataFrame:
        """Every rejected row and cell of every file."""
        frames = [
            pl.read_parquet(taken.entry.rejects, glob=False).with_columns(
                file=pl.lit(taken.source.name), table=pl.lit(taken.source.table)
            )
            for taken in self.taken
            if taken.entry is not None
        ]
        if not frames:
            return pl.DataFrame(schema={**REJECTS_SCHEMA, "file": pl.String, "table": pl.String})
        return pl.concat(frames).sort("file", "line", "column", nulls_last=False, maintain_order=True)


def _line(taken: Taken) -> dict[str, Any]:
    source, counted = taken.source, taken.entry.counted if taken.entry else None
    return {
        "file": source.name,
        "table": source.table,
        "unit": source.folder,
        "format": f"{source.format}+{source.packed}" if source.packed else source.format,
        "encoding": counted.encoding if counted else None,
        "sheet": counted.sheet if counted else None,
        "header_line": counted.header_line if counted else None,
        "digest": taken.digest,
        "rows_in": counted.rows_in if counted else 0,
        "rows_kept": counted.rows_kept if counted else 0,
        "rows_rejected": counted.rows_rejected if counted else 0,
        "cells_rejected": counted.cells_rejected if counted else 0,
        "cells_narrowed": counted.cells_narrowed if counted else 0,
        "damage": json.dumps(counted.damage) if counted and counted.damage else None,
        "status": taken.status,
        "reason": taken.reason,
        "detail": taken.detail,
    }


def take_in(data: Path | Address, tables: Mapping[str, Table], register: str, unit_key: str, store: Store) -> Intake:
    """Read everything in `data`, a directory or a database; one bad file never stops the others.

    Raises UsageError when there is no such directory or nothing in it, and NotAssessedError when no register of units
    can be read, because then nobody can be assessed, or a database cannot be.
    """
    if isinstance(data, Address):
        from assess.intake.database import extracts

        with store.scratch() as folder:
            with stage("extracts"):
                sources = extracts(data, tables, Path(folder))
            return replace(_taken_in(data, sources, tables, register, unit_key, store), address=data)
    if not data.is_dir():
        reason = "is not a directory" if data.exists() else "does not exist"
        raise UsageError(Problem(str(data), 0, 0, "IN001", f"data directory {reason}"))
    sources = discover(data, tables)
    if not any(source.table for source in sources):
        wanted = ", ".join(f"{name}.csv" for name in list(tables)[:4])
        raise UsageError(
            Problem(str(data), 0, 0, "IN002", "holds no file of any declared table", f"expected for example {wanted}")
        )
    return _taken_in(data, sources, tables, register, unit_key, store)


def _taken_in(
    data: Path | Address, sources: Sequence[Source], tables: Mapping[str, Table], register: str, unit_key: str,
    store: Store,
) -> Intake:  # fmt: skip
    with stage("intake", len(sources)) as now:
        return _each(data, sources, tables, register, unit_key, store, now)


def _each(
    data: Path | Address, sources: Sequence[Source], tables: Mapping[str, Table], register: str, unit_key: str,
    store: Store, now: Stage,
) -> Intake:  # fmt: skip
    first: list[Taken] = []
    for source in sources:
        if source.table == register:
            first.append(_take(source, tables, unit_key, None, store, _units(first, unit_key)))
    units = _units(first, unit_key)
    if not units:
        reasons = "; ".join(f"{taken.source.name}: {taken.reason} {taken.detail or ''}".strip() for taken in first)
        raise NotAssessedError(
            Problem(str(data), 0, 0, "IN003", f"no unit in the register {register!r}", reasons or "no such file")
        )
    done = {taken.source.name: taken for taken in first}
    seen: dict[tuple[str | None, str], str] = {}
    intake = Intake(tables, unit_key, units)

    def take(source: Source) -> Taken:
        if source.archive in units and source.folder is None:
            source = replace(source, folder=source.archive)  # the archive is the folder of its unit
        return done.get(source.name) or _take(source, tables, unit_key, units, store)

    for taken in _side_by_side(take, sources):
        source = taken.source
        same = (source.table, taken.digest)
        # Two empty files are alike without being the same submission.
        if taken.entry is not None and taken.entry.rows_kept and seen.setdefault(same, source.name) != source.name:
            taken = replace(taken, entry=None, reason="duplicate_file", detail=f"same content as {seen[same]}")
        intake.taken.append(taken)
        now.advance(1, taken.entry.rows_in if taken.entry is not None else 0)
    return intake


def _side_by_side(take: Callable[[Source], Taken], sources: Sequence[Source]) -> Iterator[Taken]:
    """What is taken of each source, in their order: Polars reads of one while Python looks at another."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield from pool.map(take, sources)
    finally:
        # Whoever stops does not wait for files that nobody has begun with.
        pool.shutdown(cancel_futures=True)


def _units(taken: list[Taken], unit_key: str) -> tuple[str, ...]:
    entries = [file.entry for file in taken if file.entry is not None]
    frames = [pl.read_parquet(entry.data, columns=[unit_key], glob=False) for entry in entries]
    return tuple(pl.concat(frames)[unit_key].unique().sort()) if frames else ()


def _take(
    source: Source, tables: Mapping[str, Table], unit_key: str, units: tuple[str, ...] | None, store: Store,
    registered: tuple[str, ...] = (),
) -> Taken:  # fmt: skip
    content = ""
    try:
        content = before = digest(source.path) if source.path.is_file() else ""
        if source.table is None or source.reason is not None:
            return Taken(source, content, None, source.reason, source.detail)
        if units is not None and source.folder is not None and source.folder not in units:
            return Taken(source, content, None, "unknown_unit", f"no unit {source.folder!r} in the register")
        contract = Contract(source.table, tables[source.table], unit_key, units, source.folder, registered)
        with store.scratch() as scratch, _opened(source, Path(scratch)) as path:
            content = before if path is source.path else digest(path)
            key = hashlib.sha256(f"{__version__} {source.format} {content} {contract.digest}".encode()).hexdigest()
            entry = store.entry(key, lambda place: _converted(source, path, before, contract, Path(scratch), place))
    except UnreadableError as error:
        return Taken(source, content, None, error.reason, error.detail)
    except PolarsError as error:
        return Taken(source, content, None, "unreadable", str(error).splitlines()[0])
    except OSError as error:
        if not blames(error, source.path):
            raise
        return Taken(source, content, None, "unreadable", error.strerror or str(error))
    except BaseException as error:
        # A reader that panics does so beside the classes of Python; the file is to blame, and the others go on.
        if type(error).__name__ != "PanicException":
            raise
        return Taken(source, content, None, "unreadable", str(error).splitlines()[0])
    extra = entry.counted.extra_headers
    return Taken(source, content, entry, None, f"columns left out: {', '.join(extra)}" if extra else None)


@contextmanager
def _opened(source: Source, scratch: Path) -> Iterator[Path]:
    if source.packed is None:
        yield source.path
        return
    with unpacked(source.path, source.member, scratch / f"unpacked.{source.format}") as path:
        yield path


def _touched(path: Path) -> tuple[int, int, int, int]:
    said = path.stat()
    return said.st_size, said.st_mtime_ns, said.st_ctime_ns, said.st_ino


def _converted(source: Source, path: Path, before: str, contract: Contract, scratch: Path, place: Path) -> Counted:
    seen, now = _touched(source.path), time.time_ns()
    try:
        counted, error = convert(read(path, source.format, contract.wanted, scratch), contract, place), None
    except (UnreadableError, PolarsError) as caught:
        counted, error = None, caught
    # The same size and times say that nobody wrote to it, unless a writer was at work within one tick of the clock.
    quiet = seen == _touched(source.path) and now - max(seen[1:3]) > _TICK
    if not quiet and digest(source.path) != before:
        raise UnreadableError("changed_while_read", "submit it again when nothing writes to it any more")
    if counted is None:
        raise error or UnreadableError("unreadable")
    return counted
