"""Every table of an assessment directory by name, and how it is validated."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from assess.results import concluded, found, measured

TABLES: dict[str, type[pa.DataFrameModel]] = {
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
    "awards": concluded.Awards,
    "pool_awards": concluded.PoolAwards,
    "award_steps": concluded.AwardSteps,
    "remedies": concluded.Remedies,
    "findings": found.Findings,
    "evidence": found.Evidence,
    "figures": found.Figures,
    "receipt": found.Receipt,
    "rejects": found.Rejects,
}


def schema_of(table: str) -> dict[str, pl.DataType]:
    """Column name to Polars type of one table of the assessment directory."""
    columns = TABLES[table].to_schema().columns
    return {name: column.dtype.type for name, column in columns.items()}


def conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns and types of `table`, validated, data included."""
    schema = schema_of(table)
    cast = frame.select([pl.col(name).cast(dtype) for name, dtype in schema.items()])
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        return TABLES[table].validate(cast)


def empty(table: str) -> pl.DataFrame:
    """A table of no rows."""
    return pl.DataFrame(schema=schema_of(table))
