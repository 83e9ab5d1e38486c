"""Typed files, each under a name made of what went into it, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

DATA, REJECTS, _SAID = "data.parquet", "rejects.parquet", "entry.json"
# What a killed run left behind is removed once no run can be at work on it any more.
_STALE_SECONDS = 86_400


@dataclass(frozen=True)
class Counted:
    """What became of one file, in numbers."""

    rows_in: int
    rows_kept: int
    cells_rejected: int
    encoding: str | None
    extra_headers: tuple[str, ...]
    header_line: int
    sheet: str | None
    cells_narrowed: int
    damage: dict[str, dict[str, int]]

    @property
    def rows_rejected(self) -> int:
        """Rows that have no place in the table."""
        return self.rows_in - self.rows_kept


@dataclass(frozen=True)
class Entry:
    """One converted file: its typed rows, what was rejected, and the counts."""

    data: Path
    rejects: Path
    counted: Counted

    @property
    def rows_in(self) -> int:
        """Rows of the file."""
        return self.counted.rows_in

    @property
    def rows_kept(self) -> int:
        """Rows that are in the typed table."""
        return self.counted.rows_kept


class Store:
    """A folder of entries; the same content under the same contract is converted once."""

    def __init__(self, root: Path):
        self.root = root
        self._locks: dict[str, threading.Lock] = {}
        for left in (*root.glob(".scratch-*"), *root.glob("??/.*.partial-*")):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A folder for what is needed for a while, on the same disk as the entries."""
        self.root.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(prefix=".scratch-", dir=self.root, ignore_cleanup_errors=True)

    def entry(self, key: str, convert: Callable[[Path], Counted]) -> Entry:
        """The entry under `key`; if it is not there yet, `convert` writes its two files into a folder.

        Threads that ask for the same entry get it one after the other.
        """
        place = self.root / key[:2] / key
        with self._locks.setdefault(key, threading.Lock()):
            entry = _stored(place)
            if entry is None:
                self._add(place, convert)
                entry = _stored(place)
        if entry is None:
            raise OSError(errno.EIO, "an entry of the store cannot be read back", str(place))
        return entry

    def _add(self, place: Path, convert: Callable[[Path], Counted]) -> None:
        partial = place.parent / f".{place.name}.partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            counted = convert(partial)
            (partial / _SAID).write_text(json.dumps(asdict(counted), ensure_ascii=False), encoding="utf-8")
            # The last step is one rename: whoever looks sees nothing or everything.
            shutil.rmtree(place, ignore_errors=True)
            try:
                partial.rename(place)
            except OSError:
                if _stored(place) is None:
                    raise  # otherwise another run was faster
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _stored(place: Path) -> Entry | None:
    """The entry at `place`, or none when there is none that is whole."""
    try:
        said = json.loads((place / _SAID).read_text(encoding="utf-8"))
        said["extra_headers"] = tuple(said["extra_headers"])
        entry = Entry(place / DATA, place / REJECTS, Counted(**said))
        rows = pl.scan_parquet(entry.data, glob=False).select(pl.len()).collect().item()
        cells = pl.scan_parquet(entry.rejects, glob=False).filter(scope="cell").select(pl.len()).collect().item()
    except (OSError, ValueError, TypeError, KeyError, PolarsError):
        return None
    return entry if (rows, cells) == (entry.rows_kept, entry.counted.cells_rejected) else None
