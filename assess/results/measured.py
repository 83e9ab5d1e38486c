"""The tables of what was counted: the size of units x rules, and all that is needed to conclude again."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import STATUSES, Exact, Form, Points, field


class Units(Form):
    """Who is assessed. `group` is the first level, `levels` holds all of them as JSON; `peers` are compared."""

    unit: str = field(unique=True)
    name: str
    group: str = field(nullable=True)
    peers: str = field(nullable=True)
    levels: str


class Register(Form):
    """Unit x column of the register that is not personal, as text: what shares of a pool and populations rest on."""

    unit: str
    column: str
    value: str = field(nullable=True)

    key: ClassVar = ("unit", "column")


class Measurements(Form):
    """Unit x rule: records the rule applied to, and those that violated it. They add up over parts."""

    unit: str
    rule: str
    table: str
    applicable: int = field(ge=0)
    violated: int = field(ge=0)
    status: str = field(isin=STATUSES)

    always: ClassVar = {"violated_are_applicable": pl.col("violated") <= pl.col("applicable")}
    key: ClassVar = ("unit", "rule")


class Profiles(Form):
    """Unit x sum of a rule on units, before it was judged: what a later assessment compares with (`--previous`)."""

    unit: str
    rule: str
    name: str
    value: Exact

    key: ClassVar = ("unit", "rule", "name")


class Counts(Form):
    """Unit x counted indicator: what was counted, before anything was judged. `denominator` counts everybody."""

    unit: str
    indicator: str
    numerator: float = field(nullable=True)
    numerator_verified: float = field(nullable=True)
    denominator: float = field(nullable=True)
    excluded: float = field(nullable=True)
    excluded_verified: float = field(nullable=True)
    submitted: bool
    broken: bool

    key: ClassVar = ("unit", "indicator")


class Reported(Form):
    """Unit x indicator: what the unit states itself, as ratios; `reported_step` is one unit of the last place."""

    unit: str
    indicator: str
    kind: str = field(nullable=True)
    reported_numerator: float = field(nullable=True)
    reported_denominator: float = field(nullable=True)
    reported: float = field(nullable=True)
    reported_step: float = field(nullable=True)
    stated_target: float = field(nullable=True)
    suppressed: bool

    key: ClassVar = ("unit", "indicator")


class Marks(Form):
    """Points that somebody gave on site: who, when and why, and the line where it stands."""

    unit: str
    item: str
    points: Points = field(nullable=True)
    marker: str = field(nullable=True)
    marked_on: pl.Date = field(nullable=True)
    note: str = field(nullable=True)
    file: str
    line: int = field(ge=0)


class Mendable(Form):
    """What disqualification alone keeps out of an indicator: unit x set of violated rules x side. `rules` is JSON.

    `side` is `numerator` or `excluded`. Amounts of a set count again when all of its rules are mended; below zero where
    mending either rule alone would bring the same.
    """

    unit: str
    rules: str
    indicator: str
    side: str = field(isin=("numerator", "excluded"))
    amount: float

    key: ClassVar = ("unit", "rules", "indicator", "side")
