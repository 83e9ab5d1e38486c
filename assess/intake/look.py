"""What one pass over the bytes of a text file tells."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from pathlib import Path

from assess.intake.raw import UnreadableError

_CHUNK = 1 << 22
# How full-width forms and the ideographic space begin in UTF-8.
_WIDE = (b"\xef\xbc", b"\xef\xbd", b"\xe3\x80\x80")
# A no-break space, and a byte order mark in the middle of the text.
_SPACES = (b"\xc2\xa0", codecs.BOM_UTF8)
_DELIMITERS = (b",", b"\t", b";", b"|")


@dataclass(frozen=True)
class Look:
    """The facts of a text file; `lines` counts a last line without a line end as well.

    `blanks`: a cell may have blanks around it. `wide`: full-width characters may occur.
    """

    encoding: str
    bom: bool
    quotes: bool
    lone_cr: bool
    blanks: bool
    wide: bool
    lines: int


def digest(path: Path) -> str:
    """SHA-256 of the file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def look(path: Path) -> Look:
    """Find the encoding by decoding everything: a guess from the first lines is how headers become other headers.

    Raises UnreadableError for NUL bytes and for what is neither UTF-8 nor GB18030.
    """
    quotes = lone_cr = blanks = wide = False
    lines, tail = 0, b""
    failed: int | None = None
    decoder = codecs.getincrementaldecoder("utf-8")()
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
            if not lone_cr and b"\r" in chunk:
                split = chunk.endswith(b"\r") and following[:1] == b"\n"
                lone_cr = chunk.count(b"\r") != chunk.count(b"\r\n") + split
            # A character of several bytes may lie across two chunks.
            pieces = (chunk[0 if start else 3 :], tail + chunk[:2]) if start or bom else (chunk,)
            wide = wide or any(_holds(piece, mark) for piece in pieces for mark in _WIDE)
            blanks = blanks or wide or any(_holds(piece, mark) for piece in pieces for mark in _SPACES)
            blanks = blanks or _has_blanks(tail[-1:], chunk, following[:1])
            lines += chunk.count(b"\n")
            if failed is None:
                try:
                    decoder.decode(chunk, final=not following)
                except UnicodeDecodeError as error:
                    failed = start + error.start
            start, tail, chunk = start + len(chunk), (tail + chunk)[-2:], following
    lines += tail[-1:] not in (b"", b"\n")
    if failed is None:
        return Look("utf-8", bom, quotes, lone_cr, blanks, wide, lines)
    if not _decodes(path, "gb18030"):
        raise UnreadableError("encoding", f"neither UTF-8 nor GB18030 (byte {failed:,}); save as CSV UTF-8")
    return Look("gb18030", bom, quotes, lone_cr, blanks, wide, lines)


def _holds(chunk: bytes, mark: bytes) -> bool:
    # A single byte is found many times faster, and these first bytes are rare.
    return mark[:1] in chunk and mark in chunk


def _has_blanks(before: bytes, chunk: bytes, after: bytes) -> bool:
    """Whether a blank stands beside a delimiter or a line end; `before` and `after` are the bytes around the chunk."""
    if b"\t" in chunk and any(mark in chunk for mark in (b",", b";", b"|")):
        return True
    if b" " not in chunk:
        return False
    edges = (*_DELIMITERS, b"\n", b"\r")
    if (chunk.startswith(b" ") and before in (b"", *edges)) or (chunk.endswith(b" ") and after in (b"", *edges)):
        return True
    ends = [mark for mark in edges if mark in chunk]
    return any(b" " + mark in chunk or mark + b" " in chunk for mark in ends)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True


def to_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write the same text in UTF-8, line ends as they are."""
    with path.open(encoding=encoding, newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        while text := old.read(_CHUNK):
            new.write(text)
