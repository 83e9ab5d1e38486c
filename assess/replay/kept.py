"""An assessment as its directory keeps it: the ruleset it rests on, what was counted, and what was concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assess.errors import NotAssessedError, Problem
from assess.results import RULESET, TABLES, StoredTables, not_run
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import from_data

# Findings that are concluded, though their source is neither a rule nor an indicator.
_CONCLUDED = ("no_score", "allocation_refused")


@dataclass(frozen=True)
class Kept:
    """The tables of an assessment directory by name, with its ruleset and its provenance."""

    path: Path
    ruleset: Ruleset
    tables: StoredTables
    manifest: Mapping[str, Any]

    @property
    def broken(self) -> dict[str, str]:
        """What did not run, with what was said of it."""
        return not_run(self.tables["findings"])

    @property
    def found(self) -> pl.DataFrame:
        """The findings of files, records and lines, as they were made."""
        judged = set(self.tables.columns("indicators", "indicator").to_series())
        judged |= {indicator.id for indicator in self.ruleset.indicators}
        return self.tables["findings"].filter(
            ~pl.col("source").is_in(sorted(judged)) & ~pl.col("reason").is_in((*_CONCLUDED, "broken_rule"))
        )

    @property
    def previous(self) -> pl.DataFrame | None:
        """The rates of an earlier assessment that this one was compared with."""
        if self.manifest.get("previous") is None:
            return None
        rates = self.tables.columns("indicators", "level", "unit", "indicator", "previous")
        return rates.filter(pl.col("previous").is_not_null())


def read(path: Path) -> Kept:
    """The assessment in the directory `path`.

    Raises UsageError when there is none, and NotAssessedError when it cannot be read.
    """
    return keep(StoredTables.at(path, TABLES))


def keep(tables: StoredTables) -> Kept:
    """The assessment that these are the tables of; raises NotAssessedError when its ruleset cannot be read."""
    directory = tables.directory
    try:
        ruleset = from_data(directory.ruleset)
    except ValueError as error:
        raise NotAssessedError(Problem(str(directory.path / RULESET), 0, 0, "AD002", str(error))) from None
    return Kept(directory.path, ruleset, tables, directory.manifest)
