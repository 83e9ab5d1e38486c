"""The tables of an assessment as CSV or as a workbook, for tools that read no Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from assess.errors import Problem, UsageError, did_you_mean
from assess.report.book import FORMULA, Book, Column
from assess.report.folder import clear, note
from assess.results import FORMS, Directory, schema_of

MARK = "tables.json"
# Kinds of figure in a workbook by the unit of a column; what is text or JSON is written as text.
_KINDS = {"points": "points", "currency": "exact", "ratio": "figure", "share": "figure", "amount": "count",
          "minor": "count"}  # fmt: skip
_WIDE = 48


def write(directory: Path, out: Path, form: str, names: Sequence[str] = ()) -> list[Path]:
    """Write the tables of an assessment directory, or those of `names`, as `csv` or `xlsx`; the paths.

    CSV is UTF-8 with a byte order mark, so that spreadsheets read Chinese; text that begins like a formula has an
    apostrophe before it. UsageError for an unknown table, for no assessment directory, or when other things lie in
    `out`; NotAssessedError when a table cannot be read.
    """
    kept = Directory.open(directory)
    if unknown := [name for name in names if name not in kept.names]:
        raise UsageError(
            Problem("", 0, 0, "TB001", f"there is no table {name!r}", did_you_mean(name, kept.names))
            for name in unknown
        )
    frames = {name: kept.read(name) for name in kept.names if not names or name in names}
    clear(out, MARK, ".*.partial")
    written = [_book(out / "tables.xlsx", frames)] if form == "xlsx" else list(_files(out, frames))
    note(out, MARK, written)
    return written


def _files(out: Path, frames: dict[str, pl.DataFrame]) -> Iterator[Path]:
    for name, frame in frames.items():
        path = out / f"{name}.csv"
        text = [column for column, dtype in frame.schema.items() if dtype == pl.String]
        frame.with_columns(_harmless(column) for column in text).write_csv(path, include_bom=True)
        yield path


def _harmless(column: str) -> pl.Expr:
    value = pl.col(column)
    formula = pl.any_horizontal(value.str.starts_with(sign) for sign in FORMULA)
    return pl.when(formula).then(pl.concat_str(pl.lit("'"), value)).otherwise(value).alias(column)


def _book(path: Path, frames: dict[str, pl.DataFrame]) -> Path:
    with Book(path) as book:
        for name, frame in frames.items():
            units = {column.name: column.holds.unit for column in FORMS[name].columns()}
            columns = [Column(column, min(_WIDE, max(10, len(column) + 2)), _kind(dtype, units[column]))
                       for column, dtype in schema_of(name).items()]  # fmt: skip
            book.table(name, columns, map(_cells, frame.iter_rows()), "{number} rows more: a sheet holds no more")
    return path


def _kind(dtype: pl.DataType, unit: str) -> str:
    if not dtype.is_numeric():
        return "text"
    return _KINDS.get(unit, "rank" if dtype.is_integer() else "figure")


def _cells(row: tuple[Any, ...]) -> list[Any]:
    return [str(value).lower() if isinstance(value, bool) else value for value in row]
