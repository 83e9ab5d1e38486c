"""Reading CSV, XLSX and Parquet as text, without losing or inventing a row."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import fastexcel
import polars as pl
from polars.exceptions import PolarsError

from assess.intake.sheet import error_cells
from assess.tables import LINE

_CHUNK = 1 << 24
_ENCODINGS = ("utf-8", "gb18030")
_DELIMITERS = (",", "\t", ";", "|")
# A field of a record is never longer; an unclosed quote would otherwise swallow the rest of a file.
MAX_FIELD = 1_000_000


class UnreadableError(Exception):
    """The file cannot be taken; `reason` is a code and `detail` says more."""

    def __init__(self, reason: str, detail: str = ""):
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class RejectedRow:
    """A row that has no place in the table: its line, why, and its raw text."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Raw:
    """A file as text: `frame` has the columns c0, c1, ... in the order of `header`, and the line of each row.

    Parquet columns keep their type, for the contract to take over or to turn into text. Rows that are empty throughout
    are no rows.
    """

    frame: pl.LazyFrame
    header: tuple[str, ...]
    encoding: str | None = None
    rejected: tuple[RejectedRow, ...] = ()


@dataclass(frozen=True)
class _Look:
    """What one pass over the bytes of a CSV file tells."""

    encoding: str
    bom: bool
    quotes: bool
    lone_cr: bool


def digest(path: Path) -> str:
    """SHA-256 of the file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path, form: str) -> Raw:
    """Read a file of a known format; raises UnreadableError when it is not what its name says."""
    try:
        if path.stat().st_size == 0:
            raise UnreadableError("empty_file")
        return {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}[form](path)
    except OSError as error:
        raise UnreadableError("unreadable", error.strerror or str(error)) from None


def _source(path: Path) -> Path | bytes:
    """What readers are given: the path, or the content where a name from an old archive is no text they could take."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.read_bytes()
    return path


def _names(header: Sequence[str]) -> list[str]:
    return [f"c{i}" for i in range(len(header))]


def _clean(header: Sequence[str | None]) -> tuple[str, ...]:
    return tuple((name or "").strip().strip("\ufeff\u3000").strip() for name in header)


def _look(path: Path) -> _Look:
    """Find the encoding by decoding everything: a guess from the first lines is how headers become other headers."""
    quotes = lone_cr = False
    failed: dict[str, int] = {}
    decoders = {name: codecs.getincrementaldecoder(name)() for name in _ENCODINGS}
    with path.open("rb") as file:
        start, chunk = 0, file.read(_CHUNK)
        bom = chunk.startswith(codecs.BOM_UTF8)
        while chunk:
            following = file.read(_CHUNK)
            if b"\0" in chunk:
                raise UnreadableError(
                    "nul_bytes", f"NUL byte at position {start + chunk.index(0):,}; save as CSV UTF-8"
                )
            quotes = quotes or b'"' in chunk
            lone_cr = lone_cr or chunk.count(b"\r") != chunk.count(b"\r\n") + (
                chunk.endswith(b"\r") and following[:1] == b"\n"
            )
            for name, decoder in decoders.items():
                if name not in failed:
                    try:
                        decoder.decode(chunk, final=not following)
                    except UnicodeDecodeError as error:
                        failed[name] = start + error.start
            start, chunk = start + len(chunk), following
            if not failed and not chunk:
                break
    encoding = next((name for name in _ENCODINGS if name not in failed), None)
    if encoding is None:
        raise UnreadableError("encoding", f"neither UTF-8 nor GB18030 (byte {failed['utf-8']:,}); save as CSV UTF-8")
    return _Look(encoding, bom, quotes, lone_cr)


def _csv(path: Path) -> Raw:
    look = _look(path)
    encoding = "utf-8-sig" if look.bom else look.encoding
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
    if not first.strip():
        raise UnreadableError("no_header", "the first line is empty; it must name the columns")
    bare = re.sub(r'"[^"]*"', "", first)
    delimiter = max(_DELIMITERS, key=lambda mark: (bare.count(mark), -_DELIMITERS.index(mark)))
    shown = "utf-8 (BOM)" if look.bom else look.encoding
    if look.encoding == "utf-8" and not look.quotes and not look.lone_cr:
        header = first.rstrip("\r\n").split(delimiter)
        if _is_regular(path, delimiter, len(header)):
            # Without quotes and with the same number of fields on every line there is nothing to misread.
            # The header is dropped afterwards: Polars counts the columns of the line after skipped ones, be it empty.
            frame = pl.scan_csv(
                _source(path), has_header=False, separator=delimiter, quote_char=None, infer_schema=False, glob=False,
                schema=dict.fromkeys(_names(header), pl.String()),
            )  # fmt: skip
            frame = frame.with_row_index(LINE, offset=1).filter(pl.col(LINE) > 1)
            return Raw(_without_empty_rows(frame, _names(header)), _clean(header), shown)
    return _careful_csv(path, encoding, delimiter, shown)


def _is_regular(path: Path, delimiter: str, width: int) -> bool:
    line = pl.col("line")
    fields = line.str.count_matches(delimiter, literal=True) + 1
    odd = (fields != width) & (line.str.strip_chars() != "")
    return not pl.scan_lines(_source(path), glob=False).select(odd.any()).collect(engine="streaming").item()


def _careful_csv(path: Path, encoding: str, delimiter: str, shown: str) -> Raw:
    """Record by record, for files with quotes or uneven lines; each record keeps the line where it begins."""
    csv.field_size_limit(min(sys.maxsize, MAX_FIELD))
    header: list[str] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    rejected: list[RejectedRow] = []
    with path.open(encoding=encoding, newline="") as file:
        for line, record, text in _records(file, delimiter):
            if not header:
                if record is None:
                    raise UnreadableError("no_header", "the quotes of the first line do not match")
                header = record
            elif record is None:
                rejected.append(RejectedRow(line, "broken_quotes", text[:2000]))
            elif not any(field.strip() for field in record):
                pass
            elif len(record) != len(header):
                raw = delimiter.join(record)[:2000]
                rejected.append(RejectedRow(line, f"ragged_row:{len(record)}/{len(header)}", raw))
            else:
                lines.append(line)
                rows.append(record)
    names = _names(header)
    frame = (
        pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")
        if rows
        else pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    )
    # An empty field is no value, as on the fast path.
    frame = frame.with_columns(pl.when(pl.col(names) != "").then(pl.col(names)).name.keep())
    frame = frame.with_columns(pl.Series(LINE, lines, dtype=pl.UInt32))
    return Raw(frame.lazy(), _clean(header), shown, tuple(rejected))


def _records(file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Each record with the line where it begins, or none and the text of a line whose quotes do not match.

    An open quote swallows what follows it, so reading goes on with the very next line: only one line is lost.
    """
    waiting: deque[str] = deque()
    used: list[str] = []

    def texts() -> Iterator[str]:
        while text := waiting.popleft() if waiting else file.readline():
            used.append(text)
            yield text

    line, reader = 1, csv.reader(texts(), delimiter=delimiter, strict=True)
    while True:
        used.clear()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None, used[0].rstrip("\r\n")
            waiting.extendleft(reversed(used[1:]))
            line, reader = line + 1, csv.reader(texts(), delimiter=delimiter, strict=True)
        else:
            yield line, record, ""
            line += len(used)


def _without_empty_rows(frame: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    schema = frame.collect_schema()
    blank = [
        pl.col(name).str.strip_chars().fill_null("") == "" if schema[name] == pl.String else pl.col(name).is_null()
        for name in names
    ]
    return frame.filter(~pl.all_horizontal(blank))


def _xlsx(path: Path) -> Raw:
    try:
        book = fastexcel.read_excel(_source(path))
        frame = book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise UnreadableError("not_xlsx", str(error).splitlines()[0]) from None
    if frame.height == 0:
        raise UnreadableError("empty_file")
    for column, cells in error_cells(path).items():
        if column < frame.width:
            texts = frame.to_series(column).scatter([row for row, _ in cells], [text for _, text in cells])
            frame = frame.replace_column(column, texts)
    header = _clean(frame.row(0))
    if not any(header):
        raise UnreadableError("no_header", "the first row is empty; it must name the columns")
    names = _names(header)
    body = frame.rename(dict(zip(frame.columns, names, strict=True))).with_row_index(LINE, offset=1).slice(1)
    return Raw(_without_empty_rows(body.lazy(), names), header)


def _parquet(path: Path) -> Raw:
    try:
        frame = pl.scan_parquet(_source(path), glob=False)
        schema = frame.collect_schema()
    except PolarsError as error:
        raise UnreadableError("not_parquet", str(error).splitlines()[0]) from None
    nested = [name for name, dtype in schema.items() if dtype.is_nested() or dtype == pl.Object]
    if nested:
        raise UnreadableError("nested_columns", ", ".join(nested))
    names = _names(schema.names())
    renamed = frame.select(pl.col(old).alias(new) for old, new in zip(schema.names(), names, strict=True))
    return Raw(_without_empty_rows(renamed.with_row_index(LINE, offset=1), names), _clean(schema.names()))
