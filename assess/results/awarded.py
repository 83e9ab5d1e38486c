"""The tables of money: what each unit is awarded with every step, and what it would regain."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import Exact, Form, Money, Points, field

_MINOR_UNITS = pl.col("amount") * 100 == pl.col("amount_minor")


class Awards(Form):
    """One row for each unit: the sum over all pools, what was paid in advance, and what is left to settle."""

    unit: str = field("key of the unit", unique=True)
    amount: Money = field("the award", unit="currency", ge=0)
    amount_minor: int = field("the award", unit="minor", ge=0)
    prepaid: Money = field("paid in advance", unit="currency")
    carried: Money = field("owed by the unit and set off against the next period", unit="currency", ge=0)
    waived: Money = field("owed by the unit and given up", unit="currency", ge=0)
    settlement: Money = field("`amount` − `prepaid` + `carried` + `waived`; below zero a claim", unit="currency")

    always: ClassVar = {
        "settled": pl.col("settlement") == pl.col("amount") - pl.col("prepaid") + pl.col("carried") + pl.col("waived"),
        "amounts_agree": _MINOR_UNITS,
    }


class PoolAwards(Form):
    """Unit x pool: every figure that made the award."""

    unit: str = field("key of the unit")
    pool: str = field("id of the pool")
    basis: float = field("what the unit brings to the pool")
    quality: float = field("score over full marks, as the coefficient saw it", unit="share", ge=0, le=1, nullable=True)
    coefficient: float = field("what the basis is multiplied by", ge=0)
    weight: float = field("`basis` × `coefficient`", ge=0)
    share: float = field("of the weights of all units", unit="share", ge=0, le=1)
    entitlement: Exact = field("what the basis alone would bring", unit="currency", ge=0)
    exact: Exact = field("the award before it is rounded", unit="currency", ge=0)
    rounding: Exact = field("what rounding brings or takes", unit="currency")
    amount: Money = field("the award", unit="currency", ge=0)
    amount_minor: int = field("the award", unit="minor", ge=0)
    bound: str = field("the limit that held it", isin=("floor", "cap"), nullable=True)
    tied: bool = field("whether units with equal remainders were told apart by their keys")

    always: ClassVar = {
        "rounded_from_exact": pl.col("amount") == pl.col("exact") + pl.col("rounding"),
        "amounts_agree": _MINOR_UNITS,
    }
    key: ClassVar = ("unit", "pool")


class AwardSteps(Form):
    """Unit x pool x step: amounts that add up to the award.

    The steps over all pools begin with the awards and add up to the settlement.
    """

    unit: str = field("key of the unit")
    pool: str = field("id of the pool; empty for a step over all pools")
    position: int = field("place of the step among those of the unit", unit="number", ge=0)
    step: str = field("name of the step")
    amount: Exact = field("what it brings or takes", unit="currency")
    note: str = field("the figures of the step, with its arithmetic under `formula`", unit="JSON")

    key: ClassVar = ("unit", "pool", "position")


class Remedies(Form):
    """Unit x rule: what it would regain if the records that violate the rule were put right, all else equal.

    What several rules bring overlaps, so figures of rules are not to be added up.
    """

    unit: str = field("key of the unit")
    rule: str = field("id of the rule; `*` stands for all of them together")
    records: int = field("records to put right", unit="records", ge=0)
    points: Points = field("what the score would gain", unit="points")
    score: Points = field("the score it would have", unit="points", ge=0, nullable=True)
    grade: str = field("id of the grade it would have", nullable=True)
    amount_minor: int = field("what the award would gain, those held by a floor or a cap taken to be held by it still",
                              unit="minor", nullable=True)  # fmt: skip
    indicators: str = field("ids of the indicators that would change", unit="JSON")

    key: ClassVar = ("unit", "rule")
