"""ZIP and gzip: what is inside, unpacked one file at a time, in a bounded space, under a name of our own."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from assess.intake.raw import UnreadableError

MAX_MEMBERS = 5_000
# Tables of text shrink to a tenth, at best to a fiftieth. What grows further than this is not meant to be read.
MAX_RATIO, ALWAYS_ALLOWED = 250, 1 << 26
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, gzip.BadGzipFile)


@dataclass(frozen=True)
class Member:
    """One file inside an archive; `name` as it can be shown, `unsafe` when it leads out of the archive."""

    name: str
    position: int
    unsafe: bool


def members(path: Path) -> list[Member]:
    """The files in a ZIP archive, in the order of their names; UnreadableError when it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [(i, info) for i, info in enumerate(archive.infolist()) if not info.is_dir()]
    except (*_DAMAGED, OSError, ValueError) as error:
        raise UnreadableError("not_zip", str(error)) from None
    if len(infos) > MAX_MEMBERS:
        raise UnreadableError("too_large", f"{len(infos):,} files in one archive; at most {MAX_MEMBERS:,} are read")
    found = [(i, _plain(info)) for i, info in infos]
    return sorted((Member(name, i, _leads_out(name)) for i, name in found), key=lambda member: member.name)


def _plain(info: zipfile.ZipInfo) -> str:
    """Names without the mark for UTF-8 are GB18030 in old archives; Python takes them for code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _leads_out(name: str) -> bool:
    return "\\" in name or ":" in name or name.startswith("/") or ".." in PurePosixPath(name).parts


@contextmanager
def unpacked(path: Path, member: int | None, target: Path) -> Iterator[Path]:
    """The content of a gzip file, or of a file at its position in a ZIP archive, as the file `target`.

    Raises UnreadableError when it is damaged, under a password, or grows beyond what a table can.
    """
    try:
        if member is None:
            with gzip.open(path) as inside:
                _copy(inside, target, path.stat().st_size)
        else:
            with zipfile.ZipFile(path) as archive:
                info = archive.infolist()[member]
                if info.flag_bits & 1:
                    raise UnreadableError("encrypted", "it asks for a password; pack it without one")
                with archive.open(info) as inside:
                    _copy(inside, target, info.compress_size)
    except _DAMAGED as error:
        raise UnreadableError("damaged_archive", str(error) or type(error).__name__) from None
    try:
        yield target
    finally:
        target.unlink(missing_ok=True)


def _copy(inside: IO[bytes] | gzip.GzipFile, target: Path, packed: int) -> None:
    room = max(ALWAYS_ALLOWED, packed * MAX_RATIO)
    with target.open("wb") as out:
        while chunk := inside.read(_CHUNK):
            room -= len(chunk)
            if room < 0:
                raise UnreadableError("too_large", f"it unpacks to more than {MAX_RATIO} times its size")
            out.write(chunk)


def check_archive(archive: zipfile.ZipFile) -> None:
    """UnreadableError when a workbook would unpack to more than a workbook can be, whatever its directory says."""
    for info in archive.infolist():
        if info.flag_bits & 1:
            raise UnreadableError("encrypted", "it asks for a password; save it without one")
        room = max(ALWAYS_ALLOWED, info.compress_size * MAX_RATIO)
        try:
            with archive.open(info) as part:
                while chunk := part.read(_CHUNK):
                    room -= len(chunk)
                    if room < 0:
                        raise UnreadableError("too_large", f"it unpacks to more than {MAX_RATIO} times its size")
        except _DAMAGED as error:
            raise zipfile.BadZipFile(str(error) or type(error).__name__) from None
