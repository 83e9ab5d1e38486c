"""Bytes of files in the formats that units submit, sound and damaged, for the cases in make.py."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import polars as pl
import xlsxwriter
import xlwt


def xlsx(*rows: list[Any], sheets: tuple[str, ...] = ("Sheet1",), into: int = 0, **options: Any) -> bytes:
    """A workbook with the rows in one of its sheets; a tuple (text, form) is a number with a form."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        for position, title in enumerate(sheets):
            sheet = book.add_worksheet(title)
            if position != into:
                sheet.write_string(0, 0, "说明：请勿修改")
                continue
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.write_number(y, x, cell[0], book.add_format({"num_format": cell[1]}))
                    elif isinstance(cell, str) and cell.startswith("=error"):
                        sheet.write_formula(y, x, "=1/0", None, cell.removeprefix("=error"))
                    elif isinstance(cell, str):
                        sheet.write_string(y, x, cell)
                    elif cell is not None:
                        sheet.write(y, x, cell)
    return out.getvalue()


def merged() -> bytes:
    """A workbook with a title over all columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 2, "2024 年随访登记表")
        sheet.write_row(1, 0, ["填报单位：", "A", ""])
        sheet.write_row(2, 0, ["机构编码", "身份证号", "收缩压"])
        sheet.write_row(3, 0, ["A", "p1", 120])
    return out.getvalue()


def xls(*rows: list[Any], sheets: tuple[str, ...] = ("Sheet1",), into: int = 0) -> bytes:
    """A workbook in the old format."""
    book = xlwt.Workbook()
    for position, title in enumerate(sheets):
        sheet = book.add_sheet(title)
        for y, row in enumerate(rows if position == into else [["说明"]]):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: dict[str, Any]) -> bytes:
    """A Parquet file."""
    out = io.BytesIO()
    pl.DataFrame(columns).write_parquet(out)
    return out.getvalue()


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, method)
    return out.getvalue()


def old_names(*files: tuple[str, bytes]) -> bytes:
    """A ZIP archive with names in GB18030 and without the mark for UTF-8, as old programs write them."""
    out = packed(*((f"{'x' * len(name.encode('gb18030'))}", content) for name, content in files))
    for name, _ in files:
        raw = name.encode("gb18030")
        out = out.replace(b"x" * len(raw), raw)
    return out


def locked(archive: bytes) -> bytes:
    """The same archive, said to be under a password."""
    out = bytearray(archive)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        out[out.index(mark) + place] |= 1
    return bytes(out)


def flipped(content: bytes, start: int, end: int) -> bytes:
    """The same bytes, some of them damaged."""
    return content[:start] + bytes(byte ^ 0x5A for byte in content[start:end]) + content[end:]
