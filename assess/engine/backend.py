"""What an engine does with a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import polars as pl

from assess.engine.plan import Scan, TablePlan


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


class Backend(Protocol):
    """An engine: it runs a plan over a table and says which rules broke on the way."""

    def run(self, plan: TablePlan, scan: Scan) -> Outcome:
        """Run one plan; a rule that breaks is left out and named in `broken`, the others go on."""
        ...
