"""The tables of what follows from the counts: rates, scores, awards, and what units would regain."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from assess.results.form import STATUSES, Exact, Money, Points, Strict


class Indicators(pa.DataFrameModel):
    """Unit, level or all x indicator. Rates are ratios (0.62 is 62 %); `scored` is `verified`, capped by its kind.

    `denominator` is what is left without `excluded`; `receiving` and `exception_rate` are over both together. `low` and
    `high` enclose `verified`. `completion` is the rate over the target, `progress` over that of the day. `units` are
    those that make it up, `left_out` those of them whose denominator is not known.
    """

    level: str
    unit: str
    indicator: str
    kind: str
    units: int = pa.Field(ge=0)
    left_out: int = pa.Field(ge=0)
    numerator: float = pa.Field(nullable=True)
    excluded: float = pa.Field(nullable=True)
    denominator: float = pa.Field(nullable=True)
    numerator_verified: float = pa.Field(nullable=True)
    excluded_verified: float = pa.Field(nullable=True)
    denominator_verified: float = pa.Field(nullable=True)
    raw: float = pa.Field(nullable=True)
    verified: float = pa.Field(nullable=True)
    scored: float = pa.Field(nullable=True)
    low: float = pa.Field(ge=0, le=1, nullable=True)
    high: float = pa.Field(ge=0, le=1, nullable=True)
    receiving: float = pa.Field(nullable=True)
    exception_rate: float = pa.Field(nullable=True)
    target: float = pa.Field(nullable=True)
    target_now: float = pa.Field(nullable=True)
    completion: float = pa.Field(nullable=True)
    progress: float = pa.Field(nullable=True)
    percentile: float = pa.Field(ge=0, le=1, nullable=True)
    previous: float = pa.Field(nullable=True)
    change: float = pa.Field(nullable=True)
    status: str = pa.Field(isin=STATUSES)
    reason: str = pa.Field(nullable=True)
    ceiling: float = pa.Field(nullable=True)
    estimated: bool
    reported_numerator: float = pa.Field(nullable=True)
    reported_denominator: float = pa.Field(nullable=True)
    reported: float = pa.Field(nullable=True)
    suppressed: bool
    differs: bool
    outside_band: bool
    above_ceiling: bool
    many_exceptions: bool

    @pa.dataframe_check
    @classmethod
    def scored_within_ceiling(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """What is scored never lies above the ceiling of its kind."""
        return data.lazyframe.select((pl.col("scored") <= pl.col("ceiling")).fill_null(value=True))

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("level", "unit", "indicator")


class Distributions(pa.DataFrameModel):
    """Level x group x indicator: how the verified rates of its units are spread, those that chance decides left out."""

    level: str
    group: str
    indicator: str
    units: int = pa.Field(ge=1)
    minimum: float
    q1: float
    median: float
    q3: float
    maximum: float

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("level", "group", "indicator")


class ScoreParts(pa.DataFrameModel):
    """Unit x line of the score. `points` as the ruleset states them, `possible` after exclusions, `given`, `lost`.

    `group` is the path of the groups it stands in; `amount` a count or mark where there is no rate; `formula` the
    arithmetic that anyone can redo, `note` who gave a mark on site. What a group or a veto takes away are lines of
    their own.
    """

    unit: str
    position: int
    part: str
    group: str
    subject: str
    method: str
    status: str = pa.Field(isin=STATUSES)
    rate: float = pa.Field(nullable=True)
    target: float = pa.Field(nullable=True)
    amount: float = pa.Field(nullable=True)
    points: Points
    possible: Points
    given: Points
    lost: Points
    why: str
    formula: str
    note: str

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "position")


class Scores(pa.DataFrameModel):
    """One line for each unit: the sum of its parts, or none and why. `quality` is the score over full marks.

    Units that the ranking does not tell apart share a rank; which one, the ruleset says.
    """

    unit: str = pa.Field(unique=True)
    score: Points = pa.Field(nullable=True)
    max: Points
    quality: Points = pa.Field(ge=0, le=1, nullable=True)
    grade: str = pa.Field(nullable=True)
    rank: int = pa.Field(nullable=True)
    group_rank: int = pa.Field(nullable=True)
    why: str
    vetoes: str

    class Config(Strict):
        """Columns as declared, in this order."""


class Awards(pa.DataFrameModel):
    """One line for each unit: the sum over all pools, what was paid in advance, and what is left to settle.

    `settlement` = `amount` - `prepaid` + `carried` + `waived`; below zero it is a claim. `amount_minor` is in the
    smallest unit of the currency.
    """

    unit: str = pa.Field(unique=True)
    amount: Money
    amount_minor: int = pa.Field(ge=0)
    prepaid: Money
    carried: Money
    waived: Money
    settlement: Money

    @pa.dataframe_check
    @classmethod
    def settled(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Settlements are what awards leave after advances."""
        left = pl.col("amount") - pl.col("prepaid") + pl.col("carried") + pl.col("waived")
        return data.lazyframe.select(pl.col("settlement") == left)

    class Config(Strict):
        """Columns as declared, in this order."""


class PoolAwards(pa.DataFrameModel):
    """Unit x pool: every figure that made the award. `share` is that of the weight; `exact` is before rounding.

    `bound` says which limit held the award, `tied` that units with equal remainders were told apart by their keys.
    """

    unit: str
    pool: str
    basis: float
    quality: float = pa.Field(nullable=True)
    coefficient: float
    weight: float
    share: float
    entitlement: Exact
    exact: Exact
    rounding: Exact
    amount: Money
    amount_minor: int = pa.Field(ge=0)
    bound: str = pa.Field(isin=("floor", "cap"), nullable=True)
    tied: bool

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "pool")


class AwardSteps(pa.DataFrameModel):
    """Unit x pool x step: amounts that add up to the award, and to the settlement; `note` is JSON."""

    unit: str
    pool: str
    position: int
    step: str
    amount: Exact
    note: str

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "pool", "position")


class Remedies(pa.DataFrameModel):
    """Unit x rule: what it would regain if the records that violate the rule were put right, all else equal.

    The rule `*` stands for all of them together. `amount_minor` is exact where no floor or cap holds anyone, otherwise
    with those that hold now.
    """

    unit: str
    rule: str
    records: int = pa.Field(ge=0)
    points: Points
    score: Points = pa.Field(nullable=True)
    grade: str = pa.Field(nullable=True)
    amount_minor: int = pa.Field(nullable=True)
    indicators: str

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("unit", "rule")
