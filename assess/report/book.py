"""Workbooks: text that stays text, heads that stay in sight, filters, and the same bytes from the same tables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

from assess.report.titles import visible

# A sheet of XLSX has 1,048,576 rows, and a cell 32,767 characters.
MOST_ROWS = 1_000_000
_MOST_TEXT = 32_000
# Figures by what they are. More decimals where there are some, so that something never looks like nothing.
_FORMATS = {
    "count": "#,##0.####",
    "points": "0.00##",
    "exact": "#,##0.000000",
    "money": "#,##0.00",
    "percent": "0.00####%",
    "per_mille": '0.00####"‰"',
    "figure": "0.00####",
    "rank": "0",
}
# What a spreadsheet would take for a formula once somebody edits the cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """The head of a column, how wide it is in characters, and what its cells hold: `text`, or a kind of figure."""

    head: str
    width: int
    kind: str = "text"


@dataclass(frozen=True)
class Figure:
    """A figure that is of another kind than its column."""

    value: Any
    kind: str


class Book:
    """A workbook that is being written, row by row; it takes its place when it is complete."""

    def __init__(self, path: Path):
        self.path = path
        self.partial = path.with_name(f".{path.name}.partial")
        self._book = xlsxwriter.Workbook(self.partial, {"constant_memory": True, "strings_to_urls": False})
        self._book.set_properties({"created": dt.datetime(1980, 1, 1)})  # noqa: DTZ001 - a fixed one: same input, same bytes
        cell = {"text_wrap": True, "valign": "top"}
        head = {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1, "bg_color": "#F1F5FA"}
        self._head = self._book.add_format(head)
        self._bold = self._book.add_format({"bold": True, **cell})
        # The format @ keeps what is typed over a cell text as well: long numbers keep their last digits.
        self._formats = {"text": self._book.add_format({**cell, "num_format": "@"})}
        self._formats |= {kind: self._book.add_format({"valign": "top", "num_format": form})
                          for kind, form in _FORMATS.items()}  # fmt: skip
        self._quoted = self._book.add_format({**cell, "num_format": "@", "quote_prefix": True})
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()
        if kind is None:
            self.partial.replace(self.path)
        else:
            self.partial.unlink(missing_ok=True)

    def table(self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], left: str = "") -> None:
        """A sheet with one table: a frozen head, filters, and `left` (with {number}) where rows had to be left out."""
        sheet = self._sheet(title, [column.width for column in columns])
        sheet.set_row(0, 30)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.head, self._head)
        number, over = 0, 0
        for row in rows:
            if number == MOST_ROWS:
                over += 1
                continue
            number += 1
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._put(sheet, number, place, column.kind, value)
        if over:
            sheet.write_string(number + 1, 0, left.format(number=f"{over:,}"), self._bold)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, number, len(columns) - 1)
        _printed(sheet, repeat=True)

    def pairs(self, title: str, lines: Iterable[tuple[str, Any]]) -> None:
        """A sheet of names and what belongs to them."""
        sheet = self._sheet(title, [26, 90])
        for number, (name, value) in enumerate(lines):
            sheet.write_string(number, 0, name, self._bold)
            self._put(sheet, number, 1, "text", value)
        _printed(sheet, repeat=False)

    def _sheet(self, title: str, widths: Sequence[int]) -> Any:
        sheet = self._book.add_worksheet(_sheet_name(title, self._names))
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        return sheet

    def _put(self, sheet: Any, row: int, place: int, kind: str, value: Any) -> None:
        if isinstance(value, Figure):
            kind, value = value.kind, value.value
        if value is None or value == "":
            return
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            # As a string whatever it begins with: text from a submission is never a formula or a link.
            text = visible(str(value), keep="\n")[:_MOST_TEXT]
            sheet.write_string(row, place, text, self._quoted if text.startswith(FORMULA) else self._formats["text"])
        else:
            sheet.write_number(row, place, value, self._formats["count" if kind == "text" else kind])


def _printed(sheet: Any, *, repeat: bool) -> None:
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    if repeat:
        sheet.repeat_rows(0)


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = re.sub(r"[\[\]:*?/\\']", " ", visible(title)).strip()[:28] or "-"
    name, number = plain, 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        name = f"{plain} {number}"
    taken.add(name.casefold())
    return name
