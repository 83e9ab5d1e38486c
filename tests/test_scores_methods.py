"""Every method by hand: what a rate, a count or a mark earns, and the arithmetic that says so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from assess.scores import AnyPart, Input, Inputs, Mark, Score, Scorer, marks_input, shown

F = Fraction
RATE = st.fractions(min_value=-1, max_value=2, max_denominator=10_000)


def part(**fields: Any) -> Any:
    subject = {} if {"rule", "rules", "item"} & fields.keys() else {"indicator": "I"}
    return TypeAdapter(AnyPart).validate_python({"points": 10, **subject, **fields})


def rated(rate: str, target: str | None = None) -> Input:
    return Input("pass", F(rate), None if target is None else F(target))


def shares(item: AnyPart, *seen: Input) -> list[F]:
    """What a part makes of the inputs of several units."""
    return item.share(Inputs.of_each(seen)).fractions()


def line(seen: Input | dict[str, Input], **fields: Any) -> Any:
    """The one line of a score that has one part."""
    item = part(**fields)
    spec = Score.model_validate({"max": item.points, "not_applicable": "zero", "parts": [item]})
    several = seen if isinstance(seen, dict) else {item.subjects[0][1]: seen}
    scorer = Scorer(spec)
    return scorer.score({subject: several[subject[1]] for subject in scorer.subjects}).parts[0]


# ---- rates -----------------------------------------------------------------------------------------------------------

BANDS = {"method": "bands", "bands": [{"from": 1.0, "points": 2}, {"from": 0.8, "points": 1}], "points": 2}
STEPS = {"method": "step_deduction", "every": 0.02, "costs": 0.5, "points": 12}


@pytest.mark.parametrize(
    ("fields", "seen", "given", "formula"),
    [
        ({"method": "proportional", "points": 8}, rated("0.5537", "0.60"), 73_827, "8 × min(1, 0.5537 ÷ 0.6) ≈ 7.3827"),
        ({"method": "proportional"}, rated("0.6", "0.8"), 75_000, "10 × min(1, 0.6 ÷ 0.8) = 7.5"),
        ({"method": "proportional"}, rated("0.48"), 48_000, "10 × min(1, 0.48) = 4.8"),
        ({"method": "proportional"}, rated("1.3488", "0.6"), 100_000, "10 × min(1, 1.3488 ÷ 0.6) = 10"),
        ({"method": "proportional"}, rated("-0.1", "0.6"), 0, "10 × max(0, −0.1 ÷ 0.6) = 0"),
        ({"method": "rate_itself"}, rated("0.6", "0.8"), 60_000, "10 × (0.6 < 0.8 → 0.6) = 6"),
        ({"method": "rate_itself"}, rated("0.8", "0.8"), 100_000, "10 × (0.8 ≥ 0.8 → 1) = 10"),
        ({"method": "rate_itself"}, rated("1.2", "1.5"), 100_000, "10 × (1.2 < 1.5 → 1) = 10"),
        ({"method": "rate_itself"}, rated("0.7"), 70_000, "10 × min(1, 0.7) = 7"),
        ({"method": "pass_fail"}, rated("0.62", "0.62"), 100_000, "10 × (0.62 ≥ 0.62 → 1) = 10"),
        ({"method": "pass_fail"}, rated("0.6199", "0.62"), 0, "10 × (0.6199 < 0.62 → 0) = 0"),
        ({"method": "pass_fail", "at_least": 0.5}, rated("0.61", "0.62"), 100_000, "10 × (0.61 ≥ 0.5 → 1) = 10"),
        ({"method": "pass_fail"}, rated("0.99"), 0, "10 × (0.99 < 1 → 0) = 0"),
        (BANDS, rated("1"), 20_000, "1 ≥ 1 → 2"),
        (BANDS, rated("0.83"), 10_000, "0.83 ≥ 0.8 → 1"),
        (BANDS, rated("0.7999"), 0, "0.7999 < 0.8 → 0"),
        (BANDS | {"of": "target"}, rated("0.5", "0.6"), 10_000, "0.5 ÷ 0.6 ≥ 0.8 → 1"),
        (
            {"method": "bands", "bands": [{"from": 0.5, "share": 0.25}], "points": 6},
            rated("0.5"),
            15_000,
            "0.5 ≥ 0.5 → 0.25; 6 × 0.25 = 1.5",
        ),
        # From 0.95 down to 0.88 is 0.07, three steps of 0.02 and half of one: 3 x 0.5 = 1.5, or 4 x 0.5 = 2.
        (STEPS, rated("0.88", "0.95"), 105_000, "12 − min(12, 0.5 × ⌊(0.95 − 0.88) ÷ 0.02⌋) = 10.5"),
        (
            STEPS | {"counts": "started"},
            rated("0.88", "0.95"),
            100_000,
            "12 − min(12, 0.5 × ⌈(0.95 − 0.88) ÷ 0.02⌉) = 10",
        ),
        (STEPS, rated("0.9", "0.94"), 110_000, "12 − min(12, 0.5 × ⌊(0.94 − 0.9) ÷ 0.02⌋) = 11"),
        (STEPS, rated("0.97", "0.95"), 120_000, "12 − min(12, 0.5 × ⌊max(0, 0.95 − 0.97) ÷ 0.02⌋) = 12"),
        (STEPS | {"at_most": 10}, rated("0.1"), 20_000, "12 − min(10, 0.5 × ⌊(1 − 0.1) ÷ 0.02⌋) = 2"),
        (STEPS | {"start": 0.9}, rated("0.88", "0.95"), 115_000, "12 − min(12, 0.5 × ⌊(0.9 − 0.88) ÷ 0.02⌋) = 11.5"),
    ],
)
def test_what_a_rate_earns(fields: dict[str, Any], seen: Input, given: int, formula: str) -> None:
    found = line(seen, **fields)
    assert (found.given, found.formula) == (given, formula)


def test_a_deduction_stops_at_zero() -> None:
    assert line(rated("0"), **STEPS).given == 0
    assert line(Input("fail", F(1, 2), amount=500, of=1000), rule="R", method="deduct_per_finding", each=1).given == 0


@pytest.mark.parametrize(
    ("name", "lower", "upper", "numerator", "denominator", "points", "given"),
    [
        # Thresholds as published for the indicators of the framework; points x (achievement - lower) / (upper - lower).
        ("HYP008", 0.40, 0.80, 620, 1000, 31, 170_500),  # 31 x 0.22 / 0.40 = 17.05
        ("HYP008", 0.40, 0.80, 400, 1000, 31, 0),
        ("HYP008", 0.40, 0.80, 800, 1000, 31, 310_000),
        ("DM003", 0.38, 0.78, 174, 300, 10, 50_000),  # 58 %: 10 x 0.20 / 0.40
        ("DM004", 0.40, 0.75, 213, 300, 10, 88_571),  # 71 %: 10 x 0.31 / 0.35 = 8.857142...
        ("DM007", 0.35, 0.75, 135, 300, 10, 25_000),  # 45 %: 10 x 0.10 / 0.40
        ("DM007", 0.35, 0.75, 300, 300, 10, 100_000),
    ],
)
def test_the_quality_and_outcomes_framework(
    name: str, lower: float, upper: float, numerator: int, denominator: int, points: int, given: int
) -> None:
    seen = Input("pass", F(numerator, denominator))
    assert line(seen, indicator=name, method="threshold", lower=lower, upper=upper, points=points).given == given


MONOTONE = [
    {"method": "proportional"},
    {"method": "rate_itself"},
    {"method": "threshold", "lower": 0.4, "upper": 0.8},
    {"method": "pass_fail"},
    {"method": "bands", "bands": [{"from": 0.9, "points": 10}, {"from": 0.3, "points": 2.5}]},
    {"method": "bands", "bands": [{"from": 0.9, "points": 10}, {"from": 0.3, "points": 2.5}], "of": "target"},
    {"method": "step_deduction", "every": 0.02, "costs": 0.5, "at_most": 8},
    {"method": "step_deduction", "every": 0.03, "costs": 1, "counts": "started", "start": 0.7},
    {"method": "evidence", "required": 2},
    {"method": "evidence"},
]


@pytest.mark.parametrize("fields", MONOTONE, ids=str)
@settings(deadline=None)
@given(rates=st.tuples(RATE, RATE), target=st.none() | st.fractions(min_value=F(1, 100), max_value=2))
def test_a_better_rate_never_earns_less(fields: dict[str, Any], rates: tuple[F, F], target: F | None) -> None:
    low, high = sorted(rates)
    item = part(**fields)
    less, more = shares(item, Input("pass", low, target), Input("pass", high, target))
    assert 0 <= less <= more <= 1


@settings(deadline=None)
@given(violated=st.tuples(st.integers(0, 2000), st.integers(0, 2000)), each=st.sampled_from([0.1, 0.5, 3]))
def test_one_finding_more_never_earns_more(violated: tuple[int, int], each: float) -> None:
    few, many = sorted(violated)
    item = part(rule="R", method="deduct_per_finding", each=each, at_most=9)
    less, more = shares(item, Input("pass", amount=many), Input("pass", amount=few))
    assert less <= more


@pytest.mark.parametrize(
    "fields", [f for f in MONOTONE if f["method"] in ("proportional", "rate_itself", "pass_fail")], ids=str
)
def test_a_target_of_nothing_is_no_division_and_no_full_marks(fields: dict[str, Any]) -> None:
    found = line(rated("0.1", "0"), **fields)
    assert (found.status, found.why, found.given) == ("not_applicable", "nothing_asked_yet", 0)


# ---- counts and marks ------------------------------------------------------------------------------------------------


def test_evidence_is_what_is_present_of_what_is_required() -> None:
    found = line(Input("pass", F(3)), method="evidence", required=5, points=5)
    assert (found.given, found.formula) == (30_000, "5 × min(1, 3 ÷ 5) = 3")
    assert line(Input("pass", F(7)), method="evidence", required=5, points=5).given == 50_000
    ratio = line(Input("pass", F(2, 3), amount=2, of=3), method="evidence", points=4)
    assert (ratio.given, ratio.formula) == (26_667, "4 × min(1, 2 ÷ 3) ≈ 2.6667")


def test_a_mark_given_on_site_keeps_who_gave_it() -> None:
    seen = marks_input(10, [Mark("8.5", "Li", "2024-06-03", "two registers are missing")])
    found = line(seen, item="M-01", method="manual")
    assert (found.given, found.amount, found.formula) == (85_000, 8.5, "10 × 8.5 ÷ 10 = 8.5")
    assert found.note == "Li 2024-06-03: two registers are missing"


@pytest.mark.parametrize(
    ("rows", "status", "reason"),
    [
        ([], "not_applicable", "not_marked"),
        ([Mark(None, "Li")], "not_applicable", "not_marked"),
        ([Mark(10.5, "Li")], "error", "mark_out_of_range"),
        ([Mark(-1, "Li")], "error", "mark_out_of_range"),
        ([Mark(8, "Li"), Mark(9, "Wang")], "error", "marked_twice"),
        ([Mark(8, "Li"), Mark(8.0, "Wang")], "pass", ""),
        ([Mark(0, "Li")], "pass", ""),
        ([Mark(10, "Li")], "pass", ""),
    ],
)
def test_marks_that_cannot_be(rows: list[Mark], status: str, reason: str) -> None:
    for order in (rows, rows[::-1]):
        seen = marks_input(10, order)
        assert (seen.status, seen.reason) == (status, reason)


def test_two_markers_who_agree_are_both_named() -> None:
    assert marks_input(10, [Mark(8, "Wang"), Mark(8, "Li")]).note == "Li; Wang"


def test_a_mark_out_of_another_full_mark_is_judged_by_that_of_the_part() -> None:
    seen = marks_input(20, [Mark(15, "Li")])
    assert line(seen, item="M-01", method="manual").why == "mark_out_of_range"
    assert line(seen, item="M-01", method="manual", out_of=20).given == 75_000


def test_every_finding_costs_points() -> None:
    found = line(Input("fail", F(93, 100), amount=7, of=100), rule="R", method="deduct_per_finding", each=0.5)
    assert (found.given, found.formula) == (65_000, "10 − min(10, 0.5 × 7) = 6.5")
    capped = line(Input("fail", F(0), amount=100, of=100), rule="R", method="deduct_per_finding", each=0.5, at_most=5)
    assert (capped.given, capped.formula) == (50_000, "10 − min(5, 0.5 × 100) = 5")
    judged = line(Input("fail", F(0), amount=1, of=1), rule="R", method="deduct_per_finding", each=4)
    assert judged.given == 60_000, "a rule that judges units counts 0 or 1"


def test_several_rules_are_counted_together() -> None:
    fields: dict[str, Any] = {"rules": ["R", "S"], "method": "deduct_per_finding", "each": 0.5}
    few, many = Input("pass_with_findings", F(9, 10), amount=1, of=10), Input("fail", F(7, 10), amount=3, of=10)
    found = line({"R": few, "S": many}, **fields)
    assert (found.subject, found.status, found.given, found.rate, found.amount) == ("R+S", "fail", 80_000, 0.8, 4.0)
    missing = {"error": "error", "not_submitted": "not_submitted", "not_applicable": "pass_with_findings"}
    for status, together in missing.items():
        assert line({"R": few, "S": Input(status)}, **fields).status == together
    assert line({"R": Input("not_applicable"), "S": Input("not_applicable")}, **fields).status == "not_applicable"


def test_a_number_that_is_not_known_never_earns() -> None:
    for fields in (
        *MONOTONE,
        {"method": "deduct_per_finding", "rule": "R", "each": 1},
        {"method": "manual", "item": "M"},
    ):
        found = line(Input("pass"), **fields)
        assert (found.given, found.formula) == (0, "10 × 0 = 0")


# ---- numbers in formulas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (F("0.62"), "0.62"),
        (F(2, 3), "≈0.666667"),
        (F(5), "5"),
        (F(0), "0"),
        (F(-1, 4), "−0.25"),
        (F("1234.5"), "1234.5"),
        (F(9_999_999, 10_000_000), "≈0.999999"),
        (F(1, 10_000_000), "≈0.000001"),
        (1 + F(1, 10**9), "≈1.000001"),
    ],
)
def test_a_number_in_a_formula_says_when_it_was_cut_and_never_becomes_a_whole_one(number: F, text: str) -> None:
    assert shown(number) == text


# ---- mistakes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"method": "threshold", "lower": 0.8, "upper": 0.4}, "not below"),
        ({"method": "pass_fail", "rule": "R", "indicator": "I"}, "either an indicator or a rule"),
        ({"method": "deduct_per_finding", "rule": "R", "rules": ["S"], "each": 1}, "either a rule or several"),
        ({"method": "deduct_per_finding", "rules": ["S", "S"], "each": 1}, "names a rule twice"),
        (
            {"method": "bands", "bands": [{"from": 1, "points": 1}, {"from": 0.5, "points": 2}]},
            "less from 1 than from 0.5",
        ),
        ({"method": "bands", "bands": [{"from": 1, "points": 1}, {"from": 1, "points": 2}]}, "two bands from 1"),
        ({"method": "bands", "bands": [{"from": 1, "points": 1}, {"from": 0.5, "share": 0}]}, "one of the two"),
        ({"method": "bands", "bands": [{"from": 1}]}, "either points or a share"),
        ({"method": "step_deduction", "every": 0, "costs": 1}, "greater than 0"),
        ({"method": "manual"}, "item"),
        ({"method": "proportional", "rules": ["R"]}, "rules"),
    ],
)
def test_contradictions_within_a_part_are_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        part(**fields)
