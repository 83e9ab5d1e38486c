"""Reading CSV as text: Polars where nothing can be misread, record by record where something can."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import polars as pl
from polars.exceptions import PolarsError

from assess.intake.header import HEADER_ROWS, Wanted, clean
from assess.intake.look import Look, look, to_utf8
from assess.intake.raw import RAGGED, RAW_CHARS, Raw, UnreadableError, bounded, positions, readable
from assess.tables import LINE

_UTF8 = ("utf-8", "utf-8-sig")
DELIMITERS = (",", "\t", ";", "|")
# A field of a record is never longer; an unclosed quote would otherwise swallow the rest of a file.
MAX_FIELD = 1_000_000
# Records are written out in batches, so that a file may be larger than the memory.
_BATCH_ROWS, _BATCH_CHARS = 50_000, 1 << 25


@dataclass(frozen=True)
class _Head:
    """Where the header is, what it says, and what separates its fields."""

    delimiter: str
    header: list[str]
    line: int


def read_delimited(path: Path, wanted: Wanted, scratch: Path) -> Raw:
    """Read a CSV file; what has to be written down on the way goes to the folder `scratch`."""
    with ThreadPoolExecutor(max_workers=1) as looking:
        # While one thread looks at every byte, Polars counts the fields of every line as if all was plain.
        facts = looking.submit(look, path)
        guess = _guess(path, wanted)
        regular = guess is not None and _is_regular(path, guess)
    return _read(path, facts.result(), guess if regular else None, wanted, scratch)


def _read(path: Path, facts: Look, regular: _Head | None, wanted: Wanted, scratch: Path) -> Raw:
    text, shown = path, "utf-8 (BOM)" if facts.bom else facts.encoding
    if facts.encoding != "utf-8":
        text = scratch / "utf8.csv"
        to_utf8(path, facts.encoding, text)
        facts = look(text)
    head = _head(text, facts.bom, wanted)
    header = bounded(clean(head.header))
    plain = not facts.quotes and not facts.lone_cr
    if plain and (head == regular or _is_regular(text, head)):
        frame = _scan(text, head)
        return Raw(frame, header, facts.lines - head.line, head.line, shown, blanks=facts.blanks, wide=facts.wide)
    frame, ragged, rows, lost = _careful(text, facts, head, scratch)
    return Raw(frame, header, rows, head.line, shown, ragged, lost, wide=facts.wide)


def _guess(path: Path, wanted: Wanted) -> _Head | None:
    """The header, if the file is in UTF-8; whether it is shows later."""
    with path.open("rb") as file:
        bom = file.read(3) == codecs.BOM_UTF8
    try:
        return _head(path, bom, wanted)
    except (UnicodeDecodeError, UnreadableError):
        return None


def _head(path: Path, bom: bool, wanted: Wanted) -> _Head:
    """The delimiter under which a row of the first ones serves best as header, and that row."""
    best: tuple[tuple[bool, int, int], _Head | int] | None = None
    for delimiter in DELIMITERS:
        with path.open(encoding=_UTF8[bom], newline="") as file:
            rows = list(itertools.islice(_records(file, delimiter), HEADER_ROWS))
        at = wanted.header([record for _, record, _ in rows])
        if at is None:
            continue
        line, record, text = rows[at]
        bare = re.sub(r'"[^"]*"', "", text)
        rank = (*wanted.rank(record), bare.count(delimiter))
        if best is None or rank > best[0]:
            best = rank, line if record is None else _Head(delimiter, record, line)
    if best is None:
        raise UnreadableError("no_header", f"the first {HEADER_ROWS} lines are empty; one must name the columns")
    if isinstance(best[1], int):
        raise UnreadableError("no_header", f"the quotes of line {best[1]} do not match")
    return best[1]


def _is_regular(path: Path, head: _Head) -> bool:
    """Whether every line below the header that is not blank has as many fields as the header; no quotes, no lone CR.

    Polars itself pads short lines, and does not count the fields behind the last one it was asked for.
    """
    line = pl.col("line")
    odd = line.str.count_matches(head.delimiter, literal=True) + 1 != len(head.header)
    below = pl.scan_lines(readable(path), glob=False, row_index_name="n").filter(pl.col("n") >= head.line)
    try:
        return not below.select((odd & (line.str.strip_chars() != "")).any()).collect(engine="streaming").item()
    except PolarsError:
        return False  # not in UTF-8


def _scan(path: Path, head: _Head) -> pl.LazyFrame:
    # The header is dropped afterwards: Polars counts the columns of the line after skipped ones, be it empty.
    frame = pl.scan_csv(
        readable(path), has_header=False, separator=head.delimiter, quote_char=None, infer_schema=False, glob=False,
        schema=dict.fromkeys(positions(len(head.header)), pl.String()), skip_lines=head.line - 1,
    )  # fmt: skip
    return frame.with_row_index(LINE, offset=head.line).filter(pl.col(LINE) > head.line)


def _careful(path: Path, facts: Look, head: _Head, scratch: Path) -> tuple[pl.LazyFrame, pl.LazyFrame, int, int]:
    """Record by record, for files with quotes or uneven lines; each record keeps the line where it begins."""
    width = len(head.header)
    kept = _Batches(scratch / "rows", {LINE: pl.UInt32(), **dict.fromkeys(positions(width), pl.String())})
    lost = _Batches(scratch / "ragged", RAGGED)
    with path.open(encoding=_UTF8[facts.bom], newline="") as file:
        for line, record, text in _records(file, head.delimiter):
            if line <= head.line:
                continue
            if record is None:
                lost.add((line, "broken_quotes", text[:RAW_CHARS]))
            elif len(record) == width:
                kept.add((line, *record))
            elif any(field.strip() for field in record):
                lost.add((line, f"ragged_row:{len(record)}/{width}", head.delimiter.join(record)[:RAW_CHARS]))
    # An empty field is no value, as where Polars reads.
    names = positions(width)
    frame = kept.scan().with_columns(pl.when(pl.col(names) != "").then(pl.col(names)).name.keep())
    return frame, lost.scan(), kept.rows, lost.rows


class _Batches:
    """Rows on their way to a folder of Parquet files, never more than a batch of them in memory."""

    def __init__(self, folder: Path, schema: dict[str, pl.DataType]):
        self.folder, self.schema, self.rows = folder, schema, 0
        self._waiting: list[tuple[object, ...]] = []
        self._chars = self._files = 0
        folder.mkdir()

    def add(self, row: tuple[int | str, ...]) -> None:
        """One more row."""
        self._waiting.append(row)
        self._chars += sum(len(cell) for cell in row if isinstance(cell, str))
        self.rows += 1
        if len(self._waiting) >= _BATCH_ROWS or self._chars >= _BATCH_CHARS:
            self._write()

    def scan(self) -> pl.LazyFrame:
        """All rows, in their order."""
        if self._waiting or not self._files:
            self._write()
        files = [self.folder / f"{n}.parquet" for n in range(self._files)]
        return pl.scan_parquet(files, glob=False)

    def _write(self) -> None:
        columns = list(zip(*self._waiting, strict=True)) or [()] * len(self.schema)
        frame = pl.DataFrame(
            [pl.Series(name, cells, dtype) for (name, dtype), cells in zip(self.schema.items(), columns, strict=True)]
        )
        frame.write_parquet(self.folder / f"{self._files}.parquet", compression="lz4", statistics=False)
        self._files += 1
        self._waiting.clear()
        self._chars = 0


def _records(file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Each record with the line where it begins and its first line, or none instead where the quotes do not match.

    An open quote swallows what follows it, so reading goes on with the very next line: only one line is lost.
    """
    csv.field_size_limit(min(sys.maxsize, MAX_FIELD))
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
            yield line, record, used[0]
            line += len(used)
