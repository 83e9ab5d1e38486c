"""Taking in a data directory: every file found, read, typed and receipted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from assess import __version__
from assess.errors import NotAssessedError, Problem, UsageError
from assess.intake.contract import Contract
from assess.intake.discover import Source, discover
from assess.intake.readers import Raw, UnreadableError, digest, read
from assess.intake.store import Converted, Entry, Store
from assess.tables import FILE, LINE, REJECTED, ROW, Table, masked

REJECTS_SCHEMA: dict[str, pl.DataType] = {
    "line": pl.UInt32(),
    "scope": pl.String(),
    "column": pl.String(),
    "reason": pl.String(),
    "raw": pl.String(),
    "unit": pl.String(),
}


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
        return "rejected" if self.source.table is not None else "ignored"


@dataclass
class Intake:
    """The typed tables of all units, and the receipt."""

    tables: Mapping[str, Table]
    unit_key: str
    units: tuple[str, ...] = ()
    taken: list[Taken] = field(default_factory=list)

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a table that were kept, in the order of files and lines, with the bookkeeping columns."""
        frames, row = [], 0
        for number, taken in enumerate(self.taken):
            if taken.entry is None or taken.source.table != table:
                continue
            frame = pl.scan_parquet(taken.entry.data, glob=False).with_row_index(ROW, offset=row)
            frames.append(frame.with_columns(pl.lit(number, dtype=pl.UInt32).alias(FILE)))
            row += taken.entry.rows_kept
        schema = self.tables[table].dtypes
        if not frames:
            return pl.LazyFrame(schema=schema)
        return pl.concat(frames).select(list(schema))

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

    def receipt(self) -> pl.DataFrame:
        """One line for each file."""
        return pl.DataFrame(
            [
                {
                    "file": taken.source.name,
                    "table": taken.source.table,
                    "unit": taken.source.folder,
                    "format": taken.source.format,
                    "encoding": taken.entry.encoding if taken.entry else None,
                    "digest": taken.digest,
                    "rows_in": taken.entry.rows_in if taken.entry else 0,
                    "rows_kept": taken.entry.rows_kept if taken.entry else 0,
                    "rows_rejected": taken.entry.rows_rejected if taken.entry else 0,
                    "cells_rejected": taken.entry.cells_rejected if taken.entry else 0,
                    "status": taken.status,
                    "reason": taken.reason,
                    "detail": taken.detail,
                }
                for taken in self.taken
            ],
            infer_schema_length=None,
        )

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


def take_in(data: Path, tables: Mapping[str, Table], register: str, unit_key: str, store: Store) -> Intake:
    """Read everything in `data`; one bad file never stops the others.

    Raises UsageError when there is no such directory or nothing in it, and NotAssessedError when no register of units
    can be read, because then nobody can be assessed.
    """
    if not data.is_dir():
        reason = "is not a directory" if data.exists() else "does not exist"
        raise UsageError(Problem(str(data), 0, 0, "IN001", f"data directory {reason}"))
    sources = discover(data, tables)
    if not any(source.table for source in sources):
        wanted = ", ".join(f"{name}.csv" for name in list(tables)[:4])
        raise UsageError(
            Problem(str(data), 0, 0, "IN002", "holds no file of any declared table", f"expected for example {wanted}")
        )
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
    for source in sources:
        taken = done.get(source.name) or _take(source, tables, unit_key, units, store)
        same = (source.table, taken.digest)
        # Two empty files are alike without being the same submission.
        if taken.entry is not None and taken.entry.rows_kept and seen.setdefault(same, source.name) != source.name:
            taken = replace(taken, entry=None, reason="duplicate_file", detail=f"same content as {seen[same]}")
        intake.taken.append(taken)
    return intake


def _units(taken: list[Taken], unit_key: str) -> tuple[str, ...]:
    entries = [file.entry for file in taken if file.entry is not None]
    frames = [pl.read_parquet(entry.data, columns=[unit_key], glob=False) for entry in entries]
    return tuple(pl.concat(frames)[unit_key].unique().sort()) if frames else ()


def _take(
    source: Source, tables: Mapping[str, Table], unit_key: str, units: tuple[str, ...] | None, store: Store,
    registered: tuple[str, ...] = (),
) -> Taken:  # fmt: skip
    try:
        content = digest(source.path) if source.path.is_file() else ""
    except OSError as error:
        return Taken(source, "", None, "unreadable", error.strerror)
    if source.table is None or source.reason is not None:
        return Taken(source, content, None, source.reason, source.detail)
    if units is not None and source.folder is not None and source.folder not in units:
        return Taken(source, content, None, "unknown_unit", f"no unit {source.folder!r} in the register")
    contract = Contract(source.table, tables[source.table], unit_key, units, source.folder, registered)
    key = hashlib.sha256(f"{__version__} {source.format} {content} {contract.digest}".encode()).hexdigest()
    try:
        entry = store.entry(key, lambda: _convert(source, contract))
    except UnreadableError as error:
        return Taken(source, content, None, error.reason, error.detail)
    except PolarsError as error:
        return Taken(source, content, None, "unreadable", str(error).splitlines()[0])
    detail = f"columns left out: {', '.join(entry.extra_headers)}" if entry.extra_headers else None
    return Taken(source, content, entry, None, detail)


def _convert(source: Source, contract: Contract) -> Converted:
    raw = read(source.path, source.format)
    found, extra = contract.match(raw.header)
    parsed = contract.parse(raw.frame, found).with_columns(contract.row_reason().alias("reason"))
    columns = list(contract.table.columns)
    kept = parsed.filter(pl.col("reason").is_null()).select(*columns, LINE, REJECTED)
    rejected_rows = parsed.filter(pl.col("reason").is_not_null()).select(
        LINE, "reason", pl.col(contract.unit_key).alias("unit"), *[f"raw {column}" for column in columns]
    )
    cells = parsed.filter(pl.col("reason").is_null() & pl.col(REJECTED).is_not_null()).select(
        LINE, REJECTED, pl.col(contract.unit_key).alias("unit"), *[f"raw {column}" for column in columns]
    )
    count, rows, bad = pl.collect_all([parsed.select(pl.len()), rejected_rows, cells], engine="streaming")
    rejects = pl.concat([_ragged(raw, contract), _row_rejects(rows, contract), _cell_rejects(bad, contract)])
    rows_in = int(count.item()) + len(raw.rejected)
    return Converted(contract.validate(kept), rejects, rows_in, raw.encoding, tuple(extra))


def _ragged(raw: Raw, contract: Contract) -> pl.DataFrame:
    # Which field is which cannot be known in a broken row, so all of it is treated as personal if anything is.
    personal = any(spec.personal for spec in contract.table.columns.values())
    frame = pl.DataFrame(
        [(row.line, "row", None, row.reason, row.raw, contract.folder) for row in raw.rejected],
        schema=REJECTS_SCHEMA, orient="row",
    )  # fmt: skip
    return frame.with_columns(masked(pl.col("raw"))) if personal else frame


def _shown(column: str, contract: Contract) -> pl.Expr:
    text = pl.col(f"raw {column}")
    return masked(text) if contract.table.columns[column].personal else text


def _row_rejects(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    raw = pl.concat_str(
        [_shown(column, contract) for column in contract.table.columns], separator=",", ignore_nulls=True
    )
    return rows.select(
        pl.col(LINE).alias("line"), pl.lit("row").alias("scope"), pl.lit(None, dtype=pl.String).alias("column"),
        pl.col("reason"), raw.alias("raw"), pl.coalesce("unit", pl.lit(contract.folder, dtype=pl.String)).alias("unit"),
    )  # fmt: skip


def _cell_rejects(cells: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    named = cells.with_columns(pl.col(REJECTED).str.split(",")).explode(REJECTED)
    shown = pl.coalesce(
        [pl.when(pl.col(REJECTED) == column).then(_shown(column, contract)) for column in contract.table.columns]
    )
    reasons = {column: f"not_{spec.type}" for column, spec in contract.table.columns.items()}
    return named.select(
        pl.col(LINE).alias("line"), pl.lit("cell").alias("scope"), pl.col(REJECTED).alias("column"),
        pl.col(REJECTED).replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
        shown.alias("raw"), pl.col("unit"),
    )  # fmt: skip
