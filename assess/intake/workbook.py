"""Reading XLSX and XLS, every cell as text."""

from __future__ import annotations

import zipfile
from pathlib import Path

import fastexcel

from assess.intake.container import check_archive
from assess.intake.header import HEADER_ROWS, Wanted, clean
from assess.intake.raw import Raw, UnreadableError, bounded, positions
from assess.intake.sheet import counts_from_1904, error_cells
from assess.tables import LINE

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# In the directory of an OLE file; a workbook under a password is one, whatever its name says.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_workbook(path: Path, form: str, wanted: Wanted) -> Raw:
    """Read one sheet: the one that the contract names, or the first. What it is its first bytes say, not its name."""
    content = path.read_bytes()
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise UnreadableError("encrypted", "it asks for a password; save it without one")
    if not content.startswith((_ZIP, _OLE)):
        raise UnreadableError(f"not_{form}", "save it as a workbook, or give it the extension of what it is")
    archive = content.startswith(_ZIP)
    if archive:
        _check(path, form)
    try:
        book = fastexcel.read_excel(content)
        number = _sheet(book.sheet_names, wanted)
        frame = book.load_sheet(number, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise UnreadableError(f"not_{form}", str(error).splitlines()[0]) from None
    if frame.height == 0:
        raise UnreadableError("empty_file")
    if archive:
        for column, cells in error_cells(path, number).items():
            if column < frame.width:
                texts = frame.to_series(column).scatter([row for row, _ in cells], [text for _, text in cells])
                frame = frame.replace_column(column, texts)
    at = wanted.header(frame.head(HEADER_ROWS).rows())
    if at is None:
        raise UnreadableError("no_header", f"the first {HEADER_ROWS} rows are empty; one must name the columns")
    # Formats reach further to the right than cells do.
    used = max(
        i
        for i, (name, cells) in enumerate(zip(clean(frame.row(at)), frame, strict=True))
        if name or len(cells.drop_nulls())
    )
    frame = frame.select(frame.columns[: used + 1])
    header = bounded(clean(frame.row(at)))
    body = frame.rename(dict(zip(frame.columns, positions(frame.width), strict=True)))
    body = body.with_row_index(LINE, offset=1).slice(at + 1)
    return Raw(
        body.lazy(), header, body.height, at + 1, sheet=book.sheet_names[number],
        serials=1904 if archive and counts_from_1904(path) else 1900,
    )  # fmt: skip


def _check(path: Path, form: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
    except zipfile.BadZipFile as error:
        raise UnreadableError(f"not_{form}", str(error)) from None


def _sheet(names: list[str], wanted: Wanted) -> int:
    if not names:
        raise UnreadableError("empty_file", "it has no sheet")
    if wanted.sheet is None:
        return 0
    if wanted.sheet not in names:
        raise UnreadableError("no_sheet", f"no sheet {wanted.sheet!r}; there are: {', '.join(names)}")
    return names.index(wanted.sheet)
