"""The cells of a worksheet that hold an error value such as #DIV/0!.

The reader of XLSX files gives them as empty, and an empty cell says something else than a broken one.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

_CHUNK = 1 << 20
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?\br:id=\"([^\"]+)\"")
_EPOCH = re.compile(rb"<(?:\w+:)?workbookPr\s[^>]*?\bdate1904=\"(?:1|true)\"")
_RELATION = re.compile(rb"<Relationship\s[^>]*>")
_CELL = re.compile(rb"<c\s[^>]*?\br=\"([A-Z]+)([0-9]+)\"[^>]*>")
_ERROR = re.compile(rb"<v>([^<]{1,40})</v>")


def counts_from_1904(path: Path) -> bool:
    """Whether an XLSX file counts its days from 1904 rather than from 1900."""
    try:
        with zipfile.ZipFile(path) as book:
            return _EPOCH.search(book.read("xl/workbook.xml")) is not None
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError):
        return False


def error_cells(path: Path, sheet: int = 0) -> dict[int, list[tuple[int, str]]]:
    """Column (0 is the first used one) to (row, text) of every error value in a sheet, by position, of an XLSX file."""
    try:
        with zipfile.ZipFile(path) as book:
            part = _part_of(book, sheet)
            found = _scan(book, part) if part is not None else []
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError):
        return {}  # whether the file can be read at all is for its reader to say
    cells: dict[int, list[tuple[int, str]]] = {}
    if any(text for _, _, text in found):
        first = min(column for column, _, _ in found)
        for column, row, text in found:
            if text:
                cells.setdefault(column - first, []).append((row, text))
    return cells


def _part_of(book: zipfile.ZipFile, number: int) -> str | None:
    sheets = _SHEET.findall(book.read("xl/workbook.xml"))
    if number >= len(sheets):
        return None
    for relation in _RELATION.findall(book.read("xl/_rels/workbook.xml.rels")):
        if b'Id="' + sheets[number] + b'"' in relation and (target := re.search(rb'Target="([^"]+)"', relation)):
            name = target[1].decode("utf-8", "replace")
            return name.lstrip("/") if name.startswith("/") else f"xl/{name}"
    return None


def _scan(book: zipfile.ZipFile, part: str) -> list[tuple[int, int, str]]:
    """The first cell of every column, and every error cell with its text: (column, row from 0, text or nothing)."""
    found: list[tuple[int, int, str]] = []
    columns: set[int] = set()
    with book.open(part) as sheet:
        rest = b""
        while chunk := sheet.read(_CHUNK):
            data = rest + chunk
            # A cell that is cut in two waits for its other half.
            cut = data.rfind(b"<c ")
            rest, data = (data[cut:], data[:cut]) if cut > 0 else (data, b"")
            _collect(data, columns, found)
        _collect(rest, columns, found)
    return found


def _collect(data: bytes, columns: set[int], found: list[tuple[int, int, str]]) -> None:
    for cell in _CELL.finditer(data):
        column = 0
        for letter in cell[1]:
            column = column * 26 + letter - 64
        value = _ERROR.search(data, cell.end(), cell.end() + 4000) if b' t="e"' in cell[0] else None
        if value is not None or column not in columns:
            columns.add(column)
            found.append((column, int(cell[2]) - 1, value[1].decode("utf-8", "replace") if value else ""))
