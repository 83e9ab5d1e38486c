"""Typed files, each under a name made of what went into it, written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError


@dataclass(frozen=True)
class Entry:
    """What became of one file: its typed rows, what was rejected, and the counts."""

    data: Path
    rejects: Path
    rows_in: int
    rows_kept: int
    cells_rejected: int
    encoding: str | None
    extra_headers: tuple[str, ...]

    @property
    def rows_rejected(self) -> int:
        """Rows that have no place in the table."""
        return self.rows_in - self.rows_kept


@dataclass(frozen=True)
class Converted:
    """The outcome of reading one file, before it is stored."""

    kept: pl.LazyFrame
    rejects: pl.DataFrame
    rows_in: int
    encoding: str | None
    extra_headers: tuple[str, ...]


class Store:
    """A folder of entries; the same content under the same contract is converted once."""

    def __init__(self, root: Path):
        self.root = root

    def entry(self, key: str, convert: Callable[[], Converted]) -> Entry:
        """The entry under `key`, converting the file if it is not there yet."""
        place = self.root / key[:2] / key
        entry = _stored(place)
        if entry is None:
            self._add(place, convert())
            entry = _stored(place)
        if entry is None:
            raise OSError(errno.EIO, "an entry of the store cannot be read back", str(place))
        return entry

    def _add(self, place: Path, converted: Converted) -> None:
        partial = place.parent / f".{place.name}.partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        converted.kept.sink_parquet(partial / "data.parquet", engine="streaming")
        converted.rejects.write_parquet(partial / "rejects.parquet")
        rows_kept = pl.scan_parquet(partial / "data.parquet", glob=False).select(pl.len()).collect().item()
        entry = Entry(
            partial, partial, converted.rows_in, rows_kept,
            int((converted.rejects["scope"] == "cell").sum()), converted.encoding, converted.extra_headers,
        )  # fmt: skip
        said = {name: value for name, value in asdict(entry).items() if name not in ("data", "rejects")}
        (partial / "entry.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        # The last step is one rename: whoever looks sees nothing or everything.
        shutil.rmtree(place, ignore_errors=True)
        try:
            partial.rename(place)
        except OSError:
            if _stored(place) is None:
                raise
            shutil.rmtree(partial, ignore_errors=True)  # another run was faster


def _stored(place: Path) -> Entry | None:
    """The entry at `place`, or none when there is none that is whole."""
    try:
        said = json.loads((place / "entry.json").read_text(encoding="utf-8"))
        said["extra_headers"] = tuple(said["extra_headers"])
        entry = Entry(place / "data.parquet", place / "rejects.parquet", **said)
        rows = pl.scan_parquet(entry.data, glob=False).select(pl.len()).collect().item()
        cells = pl.read_parquet(entry.rejects, glob=False).filter(pl.col("scope") == "cell").height
    except (OSError, ValueError, TypeError, KeyError, PolarsError):
        return None
    return entry if (rows, cells) == (entry.rows_kept, entry.cells_rejected) else None
