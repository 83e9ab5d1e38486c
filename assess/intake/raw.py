"""A file as text, before its contract is applied."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

BLANKS = " \t\r\n\u00a0\u3000\ufeff"
# The form of the rows that a reader itself rejects; `raw` is cut after this many characters.
RAGGED: dict[str, pl.DataType] = {"line": pl.UInt32(), "reason": pl.String(), "raw": pl.String()}
RAW_CHARS = 2000
# A table has fewer; a plan over ten thousand columns takes minutes.
MAX_COLUMNS = 1000


# Faults of this machine and not of a file: without them the file might well be sound.
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE})


def blames(error: OSError, path: Path) -> bool:
    """Whether it is the file at `path` that the system refused, rather than the place where results go."""
    return error.errno not in _OURS and (error.filename is None or os.fspath(error.filename) == os.fspath(path))


class UnreadableError(Exception):
    """The file cannot be taken; `reason` is a code and `detail` says more."""

    def __init__(self, reason: str, detail: str = ""):
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class Raw:
    """A file as text: `frame` has the columns c0, c1, ... in the order of `header`, and the line of each row.

    Parquet columns keep their type, for the contract to take over or to turn into text.

    - `lines`: the rows below the header, counted without the frame; rows that are empty throughout may be among them
    - `ragged`: rows that have no place in the frame
    - `blanks`: cells may have blanks around them or be nothing but blanks
    - `wide`: full-width characters may occur
    - `serials`: days may come as numbers of a spreadsheet, counted from the epoch of that year
    """

    frame: pl.LazyFrame
    header: tuple[str, ...]
    lines: int
    header_line: int = 1
    encoding: str | None = None
    ragged: pl.LazyFrame | None = None
    ragged_rows: int = 0
    sheet: str | None = None
    blanks: bool = True
    wide: bool = True
    serials: Literal[1900, 1904] | None = None

    def blank(self) -> pl.Expr:
        """True for rows that are empty throughout: they are no rows."""
        return pl.all_horizontal([self.empty(name) for name in positions(len(self.header))])

    def empty(self, name: str) -> pl.Expr:
        """True for rows that say nothing in a column."""
        if self.blanks and self.frame.collect_schema()[name] == pl.String:
            return pl.col(name).str.strip_chars(BLANKS).fill_null("") == ""
        return pl.col(name).is_null()


def bounded(header: tuple[str, ...]) -> tuple[str, ...]:
    """The header; UnreadableError when it has more columns than a table can have."""
    if len(header) > MAX_COLUMNS:
        raise UnreadableError("too_many_columns", f"{len(header):,}; at most {MAX_COLUMNS:,} are read")
    return header


def positions(width: int) -> list[str]:
    """The names of the columns of a raw frame."""
    return [f"c{i}" for i in range(width)]


def readable(path: Path) -> Path | bytes:
    """What readers are given: the path, or the content where a name from an old archive is no text they could take."""
    try:
        os.fsdecode(path).encode()
    except UnicodeEncodeError:
        return path.read_bytes()
    return path
