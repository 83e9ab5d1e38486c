"""The tables of an assessment directory: columns, types and what must hold, as pandera models."""

from __future__ import annotations

from typing import Annotated

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

STATUSES = ("pass", "pass_with_findings", "fail", "error", "not_applicable", "not_submitted", "needs_review")
SEVERITIES = ("critical", "major", "minor", "info")


class _Strict:
    strict = True
    ordered = True


Points = Annotated[pl.Decimal, 18, 4]
Exact = Annotated[pl.Decimal, 38, 6]
Money = Annotated[pl.Decimal, 38, 2]


class Units(pa.DataFrameModel):
    """Who is assessed. `group` is the first level (for example the county); `levels` holds all of them as JSON."""

    unit: str = pa.Field(unique=True)
    name: str
    group: str = pa.Field(nullable=True)
    levels: str

    class Config(_Strict):
        """Columns as declared, in this order."""


class Measurements(pa.DataFrameModel):
    """Unit x rule: records the rule applied to, and those that violated it. They add up over parts."""

    unit: str
    rule: str
    table: str
    applicable: int = pa.Field(ge=0)
    violated: int = pa.Field(ge=0)
    status: str = pa.Field(isin=STATUSES)

    @pa.dataframe_check
    @classmethod
    def violated_are_applicable(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """No more records can violate a rule than it applied to."""
        return data.lazyframe.select(pl.col("violated") <= pl.col("applicable"))

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rule")


class Profiles(pa.DataFrameModel):
    """Unit x sum of a rule on units, before it was judged: what a later assessment compares with (`--previous`)."""

    unit: str
    rule: str
    name: str
    value: Exact

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rule", "name")


class Indicators(pa.DataFrameModel):
    """Unit, level or all x indicator. Rates are ratios (0.62 is 62 %); `scored` is `verified`, capped by its kind."""

    level: str
    unit: str
    indicator: str
    kind: str
    numerator: float = pa.Field(nullable=True)
    denominator: float = pa.Field(nullable=True)
    numerator_verified: float = pa.Field(nullable=True)
    raw: float = pa.Field(nullable=True)
    verified: float = pa.Field(nullable=True)
    scored: float = pa.Field(nullable=True)
    target: float = pa.Field(nullable=True)
    status: str = pa.Field(isin=STATUSES)
    reason: str = pa.Field(nullable=True)
    target_now: float = pa.Field(nullable=True)
    ceiling: float = pa.Field(nullable=True)
    progress: float = pa.Field(nullable=True)
    estimated: bool
    reported_numerator: float = pa.Field(nullable=True)
    reported_denominator: float = pa.Field(nullable=True)
    reported: float = pa.Field(nullable=True)
    suppressed: bool
    differs: bool
    outside_band: bool
    above_ceiling: bool

    @pa.dataframe_check
    @classmethod
    def scored_within_ceiling(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is scored never lies above the ceiling of its kind."""
        return data.lazyframe.select((pl.col("scored") <= pl.col("ceiling")).fill_null(value=True))

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("level", "unit", "indicator")


class ScoreParts(pa.DataFrameModel):
    """Unit x part. `points` as the ruleset states them, `possible` after exclusions, `given`, `lost`."""

    unit: str
    position: int
    part: str
    subject: str
    method: str
    status: str = pa.Field(isin=STATUSES)
    rate: float = pa.Field(nullable=True)
    target: float = pa.Field(nullable=True)
    points: Points
    possible: Points
    given: Points
    lost: Points
    why: str

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "position")


class Scores(pa.DataFrameModel):
    """One line for each unit: the sum of its parts, or none and why. Equal scores share a rank."""

    unit: str = pa.Field(unique=True)
    score: Points = pa.Field(nullable=True)
    max: Points
    grade: str = pa.Field(nullable=True)
    rank: int = pa.Field(nullable=True)
    group_rank: int = pa.Field(nullable=True)
    why: str
    vetoes: str

    class Config(_Strict):
        """Columns as declared, in this order."""


class Awards(pa.DataFrameModel):
    """Every step of each award. `exact` and `amount` in the currency, `amount_minor` in its smallest unit (分)."""

    unit: str = pa.Field(unique=True)
    basis: float
    coefficient: float
    weight: float
    share: float
    exact: Exact
    rounding: Exact
    amount: Money
    amount_minor: int = pa.Field(ge=0)

    class Config(_Strict):
        """Columns as declared, in this order."""


class Findings(pa.DataFrameModel):
    """What an assessor must see. `source` is a rule, an indicator or `intake`; `numbers` is JSON."""

    finding: str = pa.Field(unique=True)
    unit: str = pa.Field(nullable=True)
    source: str
    subject: str = pa.Field(nullable=True)
    status: str = pa.Field(isin=STATUSES)
    severity: str = pa.Field(isin=SEVERITIES)
    reason: str
    numbers: str
    records: int = pa.Field(ge=0)

    class Config(_Strict):
        """Columns as declared, in this order."""


class Evidence(pa.DataFrameModel):
    """Rule x violated record: where it was submitted, why, and the columns that matter, masked, as JSON."""

    rule: str
    unit: str
    table: str
    row: int = pa.Field(ge=0)
    file: str
    line: int = pa.Field(ge=0)
    reason: str = pa.Field(nullable=True)
    record: str

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("rule", "table", "row")


class Figures(pa.DataFrameModel):
    """Every line of the listed tables, as printed. `outcomes` is JSON: rule to true, false or null; `numbers` too."""

    unit: str
    table: str
    row: int = pa.Field(ge=0)
    file: str
    line: int = pa.Field(ge=0)
    indicator: str = pa.Field(nullable=True)
    kind: str = pa.Field(nullable=True)
    scale: str = pa.Field(nullable=True)
    numerator: str = pa.Field(nullable=True)
    denominator: str = pa.Field(nullable=True)
    rate: str = pa.Field(nullable=True)
    target: str = pa.Field(nullable=True)
    progress: float = pa.Field(nullable=True)
    verdict: str
    outcomes: str
    record: str

    class Config(_Strict):
        """Columns as declared, in this order."""

        unique = ("table", "row")


class Receipt(pa.DataFrameModel):
    """One line for each file found: rows in = rows kept + rows rejected.

    `header_line` 0: the header has no line. `cells_narrowed` had full-width characters. `damage` is JSON: column to
    counts of damaged numbers.
    """

    file: str = pa.Field(unique=True)
    table: str = pa.Field(nullable=True)
    unit: str = pa.Field(nullable=True)
    format: str
    encoding: str = pa.Field(nullable=True)
    sheet: str = pa.Field(nullable=True)
    header_line: int = pa.Field(ge=0, nullable=True)
    digest: str
    rows_in: int = pa.Field(ge=0)
    rows_kept: int = pa.Field(ge=0)
    rows_rejected: int = pa.Field(ge=0)
    cells_rejected: int = pa.Field(ge=0)
    cells_narrowed: int = pa.Field(ge=0)
    damage: str = pa.Field(nullable=True)
    status: str = pa.Field(isin=("read", "rejected", "ignored"))
    reason: str = pa.Field(nullable=True)
    detail: str = pa.Field(nullable=True)

    @pa.dataframe_check
    @classmethod
    def every_row_is_accounted_for(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Rows in are rows kept and rows rejected."""
        return data.lazyframe.select(pl.col("rows_in") == pl.col("rows_kept") + pl.col("rows_rejected"))

    class Config(_Strict):
        """Columns as declared, in this order."""


class Rejects(pa.DataFrameModel):
    """Every row and every cell that was not taken, with its raw text (masked where personal)."""

    file: str
    line: int = pa.Field(ge=0)
    table: str
    unit: str = pa.Field(nullable=True)
    scope: str = pa.Field(isin=("row", "cell"))
    column: str = pa.Field(nullable=True)
    reason: str
    raw: str = pa.Field(nullable=True)

    class Config(_Strict):
        """Columns as declared, in this order."""


TABLES: dict[str, type[pa.DataFrameModel]] = {
    "units": Units,
    "measurements": Measurements,
    "profiles": Profiles,
    "indicators": Indicators,
    "score_parts": ScoreParts,
    "scores": Scores,
    "awards": Awards,
    "findings": Findings,
    "evidence": Evidence,
    "figures": Figures,
    "receipt": Receipt,
    "rejects": Rejects,
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
