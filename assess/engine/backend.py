"""What an engine does with a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from assess.tables import Part


@dataclass(frozen=True)
class Outcome:
    """What one table gave: sums for each unit, failing records, and for listed tables every record."""

    measured: pl.DataFrame
    failing: pl.DataFrame
    listed: pl.DataFrame | None
    broken: dict[str, str]

    @property
    def rows(self) -> int:
        """How many records there are."""
        return int(self.measured["records"].sum())


class Rows(Protocol):
    """The submitted tables: each as one frame, and as the files that it is made of."""

    def scan(self, table: str) -> pl.LazyFrame:
        """All rows of a declared table with the bookkeeping columns, numbered from 0 without a gap."""
        ...

    def rows(self, table: str) -> int:
        """How many rows a declared table has; none of a view."""
        ...

    def parts(self, table: str) -> list[Part]:
        """The files that hold those rows, in order; without the columns for the numbers of row and file."""
        ...
