"""The tables of what follows from the counts: rates, and scores with every line that makes them."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import STATUSES, Form, Points, field


class Indicators(Form):
    """Unit, level or all x indicator. Rates of a level come from summed counts, never from averaged rates."""

    level: str = field("`unit`, the name of a level, or `all`")
    unit: str = field("key of the unit, name of the group, or `all`")
    indicator: str = field("id of the indicator, or the name under which only units state it")
    kind: str = field("kind of figure, from which its ceiling follows")
    units: int = field("units that make it up", unit="units", ge=0)
    left_out: int = field("of them, units whose denominator is not known: in neither sum", unit="units", ge=0)
    numerator: float = field("as counted", unit="amount", nullable=True)
    excluded: float = field("those who cannot be asked for what is counted", unit="amount", nullable=True)
    denominator: float = field("what is left without `excluded`", unit="amount", nullable=True)
    numerator_verified: float = field("the numerator without disqualified records", unit="amount", nullable=True)
    excluded_verified: float = field("`excluded` without disqualified records", unit="amount", nullable=True)
    denominator_verified: float = field("what is left without `excluded_verified`: disqualified records stay in",
                                        unit="amount", nullable=True)  # fmt: skip
    raw: float = field("numerator ÷ denominator, as counted or stated", unit="ratio", nullable=True)
    verified: float = field("numerator_verified ÷ denominator_verified", unit="ratio", nullable=True)
    scored: float = field("`verified`, at most the ceiling: what is scored", unit="ratio", nullable=True)
    low: float = field("lower end of the interval of Wilson about `verified`", unit="share", ge=0, le=1, nullable=True)
    high: float = field("upper end of it", unit="share", ge=0, le=1, nullable=True)
    receiving: float = field("numerator_verified over everybody, the excluded too", unit="ratio", nullable=True)
    exception_rate: float = field("excluded_verified over everybody", unit="ratio", nullable=True)
    target: float = field("the target of the whole period", unit="ratio", nullable=True)
    target_now: float = field("what is asked for on the day up to which is assessed", unit="ratio", nullable=True)
    completion: float = field("rate over `target`", unit="ratio", nullable=True)
    progress: float = field("rate over `target_now`", unit="ratio", nullable=True)
    percentile: float = field("place among peers, (rank − 0.5) ÷ their number", unit="share", ge=0, le=1, nullable=True)
    previous: float = field("`verified` of the earlier assessment", unit="ratio", nullable=True)
    change: float = field("`verified` − `previous`", unit="ratio", nullable=True)
    status: str = field("what follows for the unit", isin=STATUSES)
    reason: str = field("the gravest of what keeps it from a clean pass", nullable=True)
    ceiling: float = field("the largest rate that can be true", unit="ratio", nullable=True)
    estimated: bool = field("whether the denominator is an estimate and not a count")
    reported_numerator: float = field("the numerator as the unit states it", unit="amount", nullable=True)
    reported_denominator: float = field("the denominator as the unit states it", unit="amount", nullable=True)
    reported: float = field("the rate as the unit states it", unit="ratio", nullable=True)
    suppressed: bool = field("whether a stated figure is withheld on purpose")
    differs: bool = field("whether the stated rate is not the counted one")
    outside_band: bool = field("whether the rate is outside of the plausible band: to be verified")
    above_ceiling: bool = field("whether a rate is above the ceiling: it cannot be true")
    many_exceptions: bool = field("whether more are excluded than the ruleset expects: to be verified")

    always: ClassVar = {
        "scored_within_ceiling": pl.col("scored") <= pl.col("ceiling"),
        "left_out_are_units": pl.col("left_out") <= pl.col("units"),
        # Either end is reckoned in floats of its own.
        "the_interval_holds_the_rate": (pl.col("low") <= pl.col("verified") + 1e-9)
        & (pl.col("verified") <= pl.col("high") + 1e-9),
    }
    key: ClassVar = ("level", "unit", "indicator")


class Distributions(Form):
    """Level x group x indicator: how the verified rates of its units are spread, those that chance decides left out."""

    level: str = field("`all`, `peers`, or the name of a level")
    group: str = field("name of the group")
    indicator: str = field("id of the indicator")
    units: int = field("units with a rate", unit="units", ge=1)
    minimum: float = field("the lowest rate", unit="ratio")
    q1: float = field("a quarter of the rates lie below", unit="ratio")
    median: float = field("half of them do", unit="ratio")
    q3: float = field("three quarters do", unit="ratio")
    maximum: float = field("the highest rate", unit="ratio")

    always: ClassVar = {
        "quartiles_rise": (pl.col("minimum") <= pl.col("q1") + 1e-9)
        & (pl.col("q1") <= pl.col("median") + 1e-9)
        & (pl.col("median") <= pl.col("q3") + 1e-9)
        & (pl.col("q3") <= pl.col("maximum") + 1e-9)
    }
    key: ClassVar = ("level", "group", "indicator")


class ScoreParts(Form):
    """Unit x line of the score, in the order of the ruleset. What a group or a veto takes away is a line of its own."""

    unit: str = field("key of the unit")
    position: int = field("place of the line in the score of the unit", unit="number", ge=0)
    part: str = field("name of the line: its method and what it looks at")
    group: str = field("path of the groups it stands in, with slashes")
    subject: str = field("the indicator, rules, item or group it looks at")
    method: str = field("how points follow from what it sees")
    status: str = field("status of what it sees", isin=STATUSES)
    rate: float = field("the rate it sees", unit="ratio", nullable=True)
    target: float = field("the target it is held against", unit="ratio", nullable=True)
    amount: float = field("the count or mark it sees, where there is no rate", nullable=True)
    points: Points = field("as the ruleset states them", unit="points")
    possible: Points = field("what could be given, after what is not applicable is left out", unit="points", ge=0)
    given: Points = field("what is given; below zero for what a group or a veto takes away", unit="points")
    lost: Points = field("`possible` − `given`", unit="points")
    why: str = field("why so much is given, in a word that reports translate")
    formula: str = field("the arithmetic that anyone can redo; ≈ marks a number that is cut")
    note: str = field("who gave a mark on site, and why")

    always: ClassVar = {"lost_is_not_given": pl.col("lost") == pl.col("possible") - pl.col("given")}
    key: ClassVar = ("unit", "position")


class Scores(Form):
    """One row for each unit: the sum of its lines, or none and why.

    Units that the ranking does not tell apart share a rank; which one, the ruleset says.
    """

    unit: str = field("key of the unit", unique=True)
    score: Points = field("null where it has none", unit="points", ge=0, nullable=True)
    max: Points = field("full marks", unit="points", ge=0)
    quality: Points = field("score ÷ full marks, to four decimals: what money is split by", unit="share", ge=0, le=1,
                            nullable=True)  # fmt: skip
    grade: str = field("id of the grade", nullable=True)
    rank: int = field("place among all units", unit="place", ge=1, nullable=True)
    group_rank: int = field("place within the group of the first level", unit="place", ge=1, nullable=True)
    why: str = field("`scored`, or why there is no score")
    vetoes: str = field("ids of the vetoes that hold", unit="JSON")

    always: ClassVar = {
        "score_within_full_marks": pl.col("score") <= pl.col("max"),
        "quality_is_of_a_score": pl.col("quality").is_null() == pl.col("score").is_null(),
        "no_rank_without_a_score": pl.col("rank").is_null() | pl.col("score").is_not_null(),
    }
