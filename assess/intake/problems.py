"""What was not taken, one line for each file and reason, for the person who can mend it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl

from assess.errors import Problem

# Reason -> what is wrong, and what to do about it. A code may carry figures after a colon (ragged_row:5/6).
_WORDS: dict[str, tuple[str, str]] = {
    "ambiguous_columns": ("two headers stand for one column", "keep one of them"),
    "broken_quotes": ("a quotation mark is opened and never closed", "close it, or export the file again"),
    "changed_while_read": ("the file was changed while it was read", "submit it again when it is finished"),
    "damaged_archive": ("the archive is damaged", "pack it again"),
    "duplicate_file": ("the same content was submitted already", "submit it once"),
    "empty_file": ("the file is empty", "export it again"),
    "encoding": ("the text can be read neither as UTF-8 nor as GB18030", "save it as CSV UTF-8"),
    "encrypted": ("the file is under a password", "submit it without one"),
    "missing_columns": ("required columns are missing", "name them as the ruleset does"),
    "nested_columns": ("a column holds lists or records", "submit one value in each cell"),
    "nested_folder": ("a folder inside the folder of a unit is not read", "move its files up"),
    "no_header": ("the first line does not name the columns", "begin the file with the column names"),
    "no_sheet": ("there is no sheet of the declared name", "name the sheet as the ruleset does"),
    "no_unit": ("no unit is named", "fill in the unit's key"),
    "not_parquet": ("this is no Parquet file", "export it again"),
    "not_xls": ("this is no XLS file", "save it as an Excel workbook or as CSV UTF-8"),
    "not_zip": ("this is no ZIP archive", "pack it again, or submit the file itself"),
    "not_xlsx": ("this is no XLSX file", "save it as an Excel workbook or as CSV UTF-8"),
    "nul_bytes": ("the file holds NUL bytes", "save it as CSV UTF-8"),
    "other_unit": ("another unit is named than that of the folder", "submit only your own records"),
    "ragged_row": ("there are more or fewer fields than columns", "look for a separator inside a field"),
    "rows_lost": ("not every row could be found again after reading", "save the file in another format"),
    "submitted_twice": ("the same table lies beside it in another file", "submit it once"),
    "too_large": ("it unpacks to more than a table can be", "submit the file itself"),
    "too_many_columns": ("there are more columns than a table can have", "remove the empty ones"),
    "unit_twice": ("the unit stands in the register twice", "keep one line"),
    "unknown_format": ("files of this kind are not read", "submit CSV, XLSX or Parquet"),
    "unknown_table": ("no table of that name is declared", "name the file after its table"),
    "unknown_unit": ("the unit is not in the register", "correct its key, or add it to the register"),
    "unsafe_name": ("its name leads out of the archive", "pack the files without folders"),
    "unreadable": ("the file cannot be read", "export it again"),
}


def problems(receipt: pl.DataFrame, rejects: pl.DataFrame) -> Iterator[Problem]:
    """IN004 for files, IN005 for rows and IN006 for cells that were not taken; IN007 for files nobody asked for.

    IN008 warns of numbers that a spreadsheet damaged, IN009 of a format in which errors look like empty cells.

    `receipt` and `rejects` are the tables of the assessment directory. Rows and cells of one file that were rejected
    for the same reason make one line, at the place of the first.
    """
    for row in receipt.filter(pl.col("status") == "rejected").iter_rows(named=True):
        yield Problem(row["file"], 0, 0, "IN004", *_said(row["reason"], "file rejected", row["detail"]))
    for row in receipt.filter(pl.col("status") == "ignored").iter_rows(named=True):
        yield Problem(row["file"], 0, 0, "IN007", *_said(row["reason"], "file left out", row["detail"]), "warning")
    for row in receipt.filter(pl.col("damage").is_not_null()).iter_rows(named=True):
        columns = ", ".join(repr(column) for column in sorted(json.loads(row["damage"])))
        said = f"a spreadsheet damaged the numbers of column {columns}"
        hint = "set the column to text before filling it, and export again from the source"
        yield Problem(row["file"], 0, 0, "IN008", said, hint, "warning")
    for row in receipt.filter((pl.col("status") == "read") & pl.col("format").str.contains(r"xls\b")).iter_rows(
        named=True
    ):
        said = "in this old format a cell with an error looks like an empty one"
        yield Problem(row["file"], 0, 0, "IN009", said, "save it as XLSX to be sure", "warning")
    kind = pl.col("reason").str.split(":").list.first()
    grouped = rejects.group_by("file", "scope", "column", kind.alias("kind")).agg(
        pl.len().alias("rows"), pl.col("line").min(), pl.col("reason").first()
    )
    for row in grouped.sort(
        "file", "scope", "line", "column", "kind", descending=[False, True, False, False, False]
    ).iter_rows(named=True):
        more = f", and in {row['rows'] - 1:,} more" if row["rows"] > 1 else ""
        if row["scope"] == "row":
            message, hint = _said(row["reason"], "row rejected", None)
            yield Problem(row["file"], row["line"], 0, "IN005", message + more, hint)
        else:
            form = row["kind"].removeprefix("not_")
            said = f"cell of column {row['column']!r} cannot be read as {form}{more}"
            yield Problem(row["file"], row["line"], 0, "IN006", said, "its raw text is in tables/rejects.parquet")


def _said(reason: str | None, what: str, detail: str | None) -> tuple[str, str]:
    code, _, figures = (reason or "").partition(":")
    words, hint = _WORDS.get(code, (code, ""))
    more = detail or figures
    return f"{what}: {words}" + (f" ({more})" if more else ""), hint
