"""The tables of what follows from the counts: rates, scores, awards, and what units would regain."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import STATUSES, Exact, Form, Money, Points, field


class Indicators(Form):
    """Unit, level or all x indicator. Rates are ratios (0.62 is 62 %); `scored` is `verified`, capped by its kind.

    `denominator` is what is left without `excluded`; `receiving` and `exception_rate` are over both together. `low` and
    `high` enclose `verified`. `completion` is the rate over the target, `progress` over that of the day. `units` are
    those that make it up, `left_out` those of them whose denominator is not known.
    """

    level: str
    unit: str
    indicator: str
    kind: str
    units: int = field(ge=0)
    left_out: int = field(ge=0)
    numerator: float = field(nullable=True)
    excluded: float = field(nullable=True)
    denominator: float = field(nullable=True)
    numerator_verified: float = field(nullable=True)
    excluded_verified: float = field(nullable=True)
    denominator_verified: float = field(nullable=True)
    raw: float = field(nullable=True)
    verified: float = field(nullable=True)
    scored: float = field(nullable=True)
    low: float = field(ge=0, le=1, nullable=True)
    high: float = field(ge=0, le=1, nullable=True)
    receiving: float = field(nullable=True)
    exception_rate: float = field(nullable=True)
    target: float = field(nullable=True)
    target_now: float = field(nullable=True)
    completion: float = field(nullable=True)
    progress: float = field(nullable=True)
    percentile: float = field(ge=0, le=1, nullable=True)
    previous: float = field(nullable=True)
    change: float = field(nullable=True)
    status: str = field(isin=STATUSES)
    reason: str = field(nullable=True)
    ceiling: float = field(nullable=True)
    estimated: bool
    reported_numerator: float = field(nullable=True)
    reported_denominator: float = field(nullable=True)
    reported: float = field(nullable=True)
    suppressed: bool
    differs: bool
    outside_band: bool
    above_ceiling: bool
    many_exceptions: bool

    always: ClassVar = {"scored_within_ceiling": pl.col("scored") <= pl.col("ceiling")}
    key: ClassVar = ("level", "unit", "indicator")


class Distributions(Form):
    """Level x group x indicator: how the verified rates of its units are spread, those that chance decides left out."""

    level: str
    group: str
    indicator: str
    units: int = field(ge=1)
    minimum: float
    q1: float
    median: float
    q3: float
    maximum: float

    key: ClassVar = ("level", "group", "indicator")


class ScoreParts(Form):
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
    status: str = field(isin=STATUSES)
    rate: float = field(nullable=True)
    target: float = field(nullable=True)
    amount: float = field(nullable=True)
    points: Points
    possible: Points
    given: Points
    lost: Points
    why: str
    formula: str
    note: str

    key: ClassVar = ("unit", "position")


class Scores(Form):
    """One line for each unit: the sum of its parts, or none and why. `quality` is the score over full marks.

    Units that the ranking does not tell apart share a rank; which one, the ruleset says.
    """

    unit: str = field(unique=True)
    score: Points = field(nullable=True)
    max: Points
    quality: Points = field(ge=0, le=1, nullable=True)
    grade: str = field(nullable=True)
    rank: int = field(nullable=True)
    group_rank: int = field(nullable=True)
    why: str
    vetoes: str


class Awards(Form):
    """One line for each unit: the sum over all pools, what was paid in advance, and what is left to settle.

    `settlement` = `amount` - `prepaid` + `carried` + `waived`; below zero it is a claim. `amount_minor` is in the
    smallest unit of the currency.
    """

    unit: str = field(unique=True)
    amount: Money
    amount_minor: int = field(ge=0)
    prepaid: Money
    carried: Money
    waived: Money
    settlement: Money

    always: ClassVar = {
        "settled": pl.col("settlement") == pl.col("amount") - pl.col("prepaid") + pl.col("carried") + pl.col("waived")
    }


class PoolAwards(Form):
    """Unit x pool: every figure that made the award. `share` is that of the weight; `exact` is before rounding.

    `bound` says which limit held the award, `tied` that units with equal remainders were told apart by their keys.
    """

    unit: str
    pool: str
    basis: float
    quality: float = field(nullable=True)
    coefficient: float
    weight: float
    share: float
    entitlement: Exact
    exact: Exact
    rounding: Exact
    amount: Money
    amount_minor: int = field(ge=0)
    bound: str = field(isin=("floor", "cap"), nullable=True)
    tied: bool

    key: ClassVar = ("unit", "pool")


class AwardSteps(Form):
    """Unit x pool x step: amounts that add up to the award, and to the settlement; `note` is JSON."""

    unit: str
    pool: str
    position: int
    step: str
    amount: Exact
    note: str

    key: ClassVar = ("unit", "pool", "position")


class Remedies(Form):
    """Unit x rule: what it would regain if the records that violate the rule were put right, all else equal.

    The rule `*` stands for all of them together. `amount_minor` is exact where no floor or cap holds anyone, otherwise
    with those that hold now.
    """

    unit: str
    rule: str
    records: int = field(ge=0)
    points: Points
    score: Points = field(nullable=True)
    grade: str = field(nullable=True)
    amount_minor: int = field(nullable=True)
    indicators: str

    key: ClassVar = ("unit", "rule")
