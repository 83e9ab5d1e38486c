"""The tables of what was counted: the size of units x rules, and all that is needed to conclude again."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import STATUSES, Exact, Form, Points, field


class Units(Form):
    """Who is assessed, one row for each unit."""

    unit: str = field("key of the unit, as submissions name it", unique=True)
    name: str = field("its name for people; the key where the register has none")
    group: str = field("the group of the first level it belongs to", nullable=True)
    peers: str = field("units with the same value are compared with each other", nullable=True)
    levels: str = field("level → group, for every level of the ruleset", unit="JSON")


class Register(Form):
    """Unit x column of the register that is not personal, as text: what shares of a pool and populations rest on."""

    unit: str = field("key of the unit")
    column: str = field("column of the register")
    value: str = field("what stands there, as text", nullable=True)

    key: ClassVar = ("unit", "column")


class Measurements(Form):
    """Unit x rule: how many records the rule applied to, and how many violated it. Measurements add up over parts."""

    unit: str = field("key of the unit")
    rule: str = field("id of the rule")
    table: str = field("table or view that the rule judges")
    applicable: int = field("records that the rule applied to; those that satisfied it are the rest", unit="records",
                            ge=0)  # fmt: skip
    violated: int = field("records among them that violated it", unit="records", ge=0)
    status: str = field("what follows for the unit by severity, effect and tolerance", isin=STATUSES)

    always: ClassVar = {
        "violated_are_applicable": pl.col("violated") <= pl.col("applicable"),
        "a_pass_violates_nothing": (pl.col("status") != "pass") | (pl.col("violated") == 0),
        "where_nothing_applied_the_status_says_so": pl.col("status").is_in(["not_applicable", "not_submitted", "error"])
        | (pl.col("applicable") > 0),
    }
    key: ClassVar = ("unit", "rule")


class Profiles(Form):
    """Unit x sum of a rule on units, before it was judged: what a later assessment compares with (`--previous`)."""

    unit: str = field("key of the unit")
    rule: str = field("id of the rule on units")
    name: str = field("which of the sums of its kind")
    value: Exact = field("the sum over the records of the unit")

    key: ClassVar = ("unit", "rule", "name")


class Counts(Form):
    """Unit x counted indicator: what was counted, before anything was judged."""

    unit: str = field("key of the unit")
    indicator: str = field("id of the indicator")
    numerator: float = field("as counted", unit="amount", nullable=True)
    numerator_verified: float = field("without disqualified records", unit="amount", nullable=True)
    denominator: float = field("everybody, those to be excluded too; null where it is not known or there is none",
                               unit="amount", nullable=True)  # fmt: skip
    excluded: float = field("of the denominator, those who cannot be asked for what is counted", unit="amount",
                            nullable=True)  # fmt: skip
    excluded_verified: float = field("of them, without disqualified records", unit="amount", nullable=True)
    submitted: bool = field("whether the unit submitted every table that is counted")
    broken: bool = field("whether something that it rests on did not run")

    key: ClassVar = ("unit", "indicator")


class Reported(Form):
    """Unit x indicator: what the unit states itself."""

    unit: str = field("key of the unit")
    indicator: str = field("id of the indicator, or the name under which it is stated")
    kind: str = field("kind of figure that the unit states", nullable=True)
    reported_numerator: float = field("the numerator as stated", unit="amount", nullable=True)
    reported_denominator: float = field("the denominator as stated", unit="amount", nullable=True)
    reported: float = field("the rate as stated", unit="ratio", nullable=True)
    reported_step: float = field("one unit of the last decimal of the rate as stated", unit="ratio", nullable=True)
    stated_target: float = field("the target as stated", unit="ratio", nullable=True)
    suppressed: bool = field("whether a figure is withheld on purpose")

    key: ClassVar = ("unit", "indicator")


class Marks(Form):
    """Points that somebody gave on site, one row for each line of the table of marks."""

    unit: str = field("key of the unit")
    item: str = field("item that was marked")
    points: Points = field("points given", unit="points", nullable=True)
    marker: str = field("who gave them, masked where personal", nullable=True)
    marked_on: pl.Date = field("when", unit="date", nullable=True)
    note: str = field("why, masked where personal", nullable=True)
    file: str = field("the file where it stands")
    line: int = field("and its line there", unit="line", ge=0)


class Mendable(Form):
    """Unit x set of violated rules x side of an indicator: what disqualification alone keeps out of it.

    Amounts of a set count again when all of its rules are mended.
    """

    unit: str = field("key of the unit")
    rules: str = field("ids of the rules that the records violate", unit="JSON")
    indicator: str = field("id of the indicator")
    side: str = field("the side of it that is smaller for it", isin=("numerator", "excluded"))
    amount: float = field("what is kept out; below zero where mending either rule alone would bring the same",
                          unit="amount")  # fmt: skip

    key: ClassVar = ("unit", "rules", "indicator", "side")
