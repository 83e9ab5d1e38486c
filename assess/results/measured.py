"""The tables of what was counted: the size of units x rules, and all that is needed to conclude again."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from assess.results.form import STATUSES, Exact, Points, Strict


class Units(pa.DataFrameModel):
    """Who is assessed. `group` is the first level, `levels` holds all of them as JSON; `peers` are compared."""

    unit: str = pa.Field(unique=True)
    name: str
    group: str = pa.Field(nullable=True)
    peers: str = pa.Field(nullable=True)
    levels: str

    class Config(Strict):
        """Columns as declared, in this order."""


class Register(pa.DataFrameModel):
    """Unit x column of the register that is not personal, as text: what shares of a pool and populations rest on."""

    unit: str
    column: str
    value: str = pa.Field(nullable=True)

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "column")


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

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rule")


class Profiles(pa.DataFrameModel):
    """Unit x sum of a rule on units, before it was judged: what a later assessment compares with (`--previous`)."""

    unit: str
    rule: str
    name: str
    value: Exact

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rule", "name")


class Counts(pa.DataFrameModel):
    """Unit x counted indicator: what was counted, before anything was judged. `denominator` counts everybody."""

    unit: str
    indicator: str
    numerator: float = pa.Field(nullable=True)
    numerator_verified: float = pa.Field(nullable=True)
    denominator: float = pa.Field(nullable=True)
    excluded: float = pa.Field(nullable=True)
    excluded_verified: float = pa.Field(nullable=True)
    submitted: bool
    broken: bool

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "indicator")


class Reported(pa.DataFrameModel):
    """Unit x indicator: what the unit states itself, as ratios; `reported_step` is one unit of the last place."""

    unit: str
    indicator: str
    kind: str = pa.Field(nullable=True)
    reported_numerator: float = pa.Field(nullable=True)
    reported_denominator: float = pa.Field(nullable=True)
    reported: float = pa.Field(nullable=True)
    reported_step: float = pa.Field(nullable=True)
    stated_target: float = pa.Field(nullable=True)
    suppressed: bool

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "indicator")


class Marks(pa.DataFrameModel):
    """Points that somebody gave on site: who, when and why, and the line where it stands."""

    unit: str
    item: str
    points: Points = pa.Field(nullable=True)
    marker: str = pa.Field(nullable=True)
    marked_on: pl.Date = pa.Field(nullable=True)
    note: str = pa.Field(nullable=True)
    file: str
    line: int = pa.Field(ge=0)

    class Config(Strict):
        """Columns as declared, in this order."""


class Mendable(pa.DataFrameModel):
    """What disqualification alone keeps out of an indicator: unit x set of violated rules x side. `rules` is JSON.

    `side` is `numerator` or `excluded`. Amounts of a set count again when all of its rules are mended; below zero where
    mending either rule alone would bring the same.
    """

    unit: str
    rules: str
    indicator: str
    side: str = pa.Field(isin=("numerator", "excluded"))
    amount: float

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rules", "indicator", "side")
