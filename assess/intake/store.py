"""Typed files, each under a name made of what went into it, written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl


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
        if not (place / "entry.json").is_file():
            self._add(place, convert())
        said = json.loads((place / "entry.json").read_text(encoding="utf-8"))
        said["extra_headers"] = tuple(said["extra_headers"])
        return Entry(place / "data.parquet", place / "rejects.parquet", **said)

    def _add(self, place: Path, converted: Converted) -> None:
        partial = place.parent / f".{place.name}.partial-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        converted.kept.sink_parquet(partial / "data.parquet", engine="streaming")
        converted.rejects.write_parquet(partial / "rejects.parquet")
        rows_kept = pl.scan_parquet(partial / "data.parquet").select(pl.len()).collect().item()
        entry = Entry(
            partial, partial, converted.rows_in, rows_kept,
            int((converted.rejects["scope"] == "cell").sum()), converted.encoding, converted.extra_headers,
        )  # fmt: skip
        said = {name: value for name, value in asdict(entry).items() if name not in ("data", "rejects")}
        (partial / "entry.json").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        # The last step is one rename: whoever looks sees nothing or everything.
        try:
            partial.rename(place)
        except OSError:
            if not (place / "entry.json").is_file():
                raise
            shutil.rmtree(partial, ignore_errors=True)
