"""Every table of an assessment directory by name: what is written is validated by pandera, what is read by Polars."""

from __future__ import annotations

import json

import polars as pl

from assess.results import awarded, concluded, found, measured
from assess.results.form import Form

TABLES: dict[str, type[Form]] = {
    "units": measured.Units,
    "register": measured.Register,
    "measurements": measured.Measurements,
    "profiles": measured.Profiles,
    "counts": measured.Counts,
    "reported": measured.Reported,
    "marks": measured.Marks,
    "mendable": measured.Mendable,
    "indicators": concluded.Indicators,
    "distributions": concluded.Distributions,
    "score_parts": concluded.ScoreParts,
    "scores": concluded.Scores,
    "awards": awarded.Awards,
    "pool_awards": awarded.PoolAwards,
    "award_steps": awarded.AwardSteps,
    "remedies": awarded.Remedies,
    "findings": found.Findings,
    "evidence": found.Evidence,
    "figures": found.Figures,
    "receipt": found.Receipt,
    "rejects": found.Rejects,
}

# What a directory has only if somebody asked for it.
OPTIONAL: dict[str, type[Form]] = {"crosscheck": found.Crosscheck}
FORMS = {**TABLES, **OPTIONAL}

# What a run counted or found in the submissions; all other tables follow from these and a ruleset.
COUNTED = ("units", "register", "measurements", "profiles", "counts", "reported", "marks", "mendable",
           "evidence", "receipt", "rejects", "figures")  # fmt: skip
# Of these, what is shown and nothing follows from: where it stays as it is it need not be read.
SHOWN = ("evidence", "rejects")
# What is read to conclude anew from it, and to say what is otherwise.
CONCLUDED_FROM = (*(name for name in COUNTED if name not in SHOWN), "findings", "scores")


def schema_of(table: str) -> dict[str, pl.DataType]:
    """Column name to Polars type of one table of the assessment directory."""
    return FORMS[table].schema()


def conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns and types of `table`, validated by pandera, data included."""
    from assess.results.contract import (
        validate,  # pandera takes most of a second to import; who only reads goes without
    )

    return validate(FORMS[table], shaped(table, frame))


def declared(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """As `conform`, by the same declarations and without pandera: for a command that is to be quick."""
    return accepted(table, shaped(table, frame))


def accepted(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame`, as it was read, which has the columns and types of `table`; ValueError says what does not hold of it."""
    formed(table, frame.lazy())
    if wrong := FORMS[table].breaches(frame):
        raise ValueError(f"is not a table {table!r}: it is not so that {wrong[0]}")
    return frame


def formed(table: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """`frame`, which has the columns and types of `table`; ValueError where it has others."""
    if frame.collect_schema() != pl.Schema(schema_of(table)):
        raise ValueError(f"is not a table {table!r}: its columns or their types are others")
    return frame


def shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns and types of `table`; its data is not looked at."""
    return frame.select([pl.col(name).cast(dtype) for name, dtype in schema_of(table).items()])


def empty(table: str) -> pl.DataFrame:
    """A table of no rows."""
    return pl.DataFrame(schema=schema_of(table))


def not_run(findings: pl.DataFrame) -> dict[str, str]:
    """The rules and measures that did not run, with what was said of each."""
    said = findings.filter(pl.col("reason") == "broken_rule").select("source", "numbers").rows()
    return {source: json.loads(numbers).get("message", "") for source, numbers in said}
