"""An assessment as its directory keeps it: the ruleset it rests on, what was counted, and what was concluded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assess.errors import NotAssessedError, Problem
from assess.results import RULESET, TABLES, Directory, StoredTables, not_run
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import from_data

# What a run counted or found in the submissions; all other tables follow from these and a ruleset.
COUNTED = ("units", "register", "measurements", "profiles", "counts", "reported", "marks", "mendable",
           "evidence", "receipt", "rejects", "figures")  # fmt: skip
# Of these, what is shown and nothing follows from: where it stays as it is it need not be read.
SHOWN = ("evidence", "rejects")
# What is read to conclude anew from it, and to say what is otherwise.
CONCLUDED_FROM = (*(name for name in COUNTED if name not in SHOWN), "findings", "indicators", "scores")
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
        judged = set(self.tables["indicators"]["indicator"]) | {indicator.id for indicator in self.ruleset.indicators}
        return self.tables["findings"].filter(
            ~pl.col("source").is_in(sorted(judged)) & ~pl.col("reason").is_in((*_CONCLUDED, "broken_rule"))
        )

    @property
    def previous(self) -> pl.DataFrame | None:
        """The rates of an earlier assessment that this one was compared with."""
        if self.manifest.get("previous") is None:
            return None
        rates = self.tables["indicators"].select("level", "unit", "indicator", "previous")
        return rates.filter(pl.col("previous").is_not_null())


def read(path: Path, ahead: Iterable[str] = TABLES) -> Kept:
    """The assessment in the directory `path`, with the tables that are sure to be asked for read `ahead`.

    Raises UsageError when there is none, and NotAssessedError when it cannot be read.
    """
    directory = Directory.open(path)
    try:
        ruleset = from_data(directory.ruleset)
    except ValueError as error:
        raise NotAssessedError(Problem(str(path / RULESET), 0, 0, "AD002", str(error))) from None
    tables = StoredTables(directory, TABLES)
    tables.ahead(ahead)
    return Kept(path, ruleset, tables, directory.manifest)
