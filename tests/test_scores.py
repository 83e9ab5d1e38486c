"""A score: exact, with policies and vetoes that nobody escapes, grades, and places that ties share."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError
from scoring import group, leaf, scored, spec, veto

from assess.scores import Input, Scorer, Standing, ranks
from assess.scores.spec import Ranking

# ---- policies --------------------------------------------------------------------------------------------------------

HALVES = (leaf("A", points=50), leaf("B", points=50))


@pytest.mark.parametrize("policy", ["exclude", "zero", "fail"])
def test_what_was_not_submitted_gets_no_points_and_keeps_its_weight(policy: str) -> None:
    result = scored(spec(*HALVES, policy=policy), A=1, B="not_submitted")
    assert (result.score, result.parts[1].possible, result.parts[1].why) == (500_000, 500_000, "not_submitted")


def test_policies_for_what_cannot_be_assessed() -> None:
    nothing = Input("not_applicable", reason="zero_denominator")
    assert scored(spec(*HALVES, policy="exclude"), A="0.5", B=nothing).score == 500_000
    assert scored(spec(*HALVES, policy="zero"), A="0.5", B=nothing).score == 250_000
    failed = scored(spec(*HALVES, policy="fail"), A="0.5", B=nothing)
    assert (failed.score, failed.why, failed.grade, failed.quality) == (None, "not_applicable", None, None)


def test_a_part_may_have_a_policy_of_its_own() -> None:
    score = spec(leaf("A", points=50), leaf("B", points=50, not_applicable="zero"))
    assert scored(score, A=1, B="not_applicable").score == 500_000


def test_a_part_in_error_leaves_no_score_whatever_else_was_earned() -> None:
    result = scored(spec(*HALVES), A=1, B="error")
    assert (result.score, result.why) == (None, "error")
    assert [line.why for line in result.parts] == ["full", "error"]


def test_a_score_of_which_nothing_applies_is_no_score() -> None:
    result = scored(spec(*HALVES), A="not_applicable", B="not_applicable")
    assert (result.score, result.why) == (None, "nothing_applicable")


def test_an_input_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="no input for indicator 'B'"):
        Scorer(spec(*HALVES)).score({("indicator", "A"): Input("pass", Fraction(1))})


def test_points_that_do_not_divide_go_by_largest_remainder_and_sum_to_full_marks() -> None:
    score = spec(leaf("A", points=1), leaf("B", points=1), leaf("C", points=1), leaf("D", points=97))
    result = scored(score, A=1, B=1, C=1, D="not_applicable")
    assert [line.possible for line in result.parts] == [333_334, 333_333, 333_333, 0]
    assert result.score == 1_000_000


# ---- vetoes and grades -----------------------------------------------------------------------------------------------

WHOLE = leaf("A", points=100)


def test_a_veto_caps_the_score_as_a_line_of_its_own() -> None:
    score = spec(WHOLE, veto=[veto(rule="R", above=0.2, cap=59.9)])
    held = scored(score, A="0.9", R=Input("fail", Fraction(79, 100), amount=21, of=100))
    assert (held.score, held.vetoes, held.why) == (599_000, ("V",), "vetoed")
    line = held.parts[-1]
    assert (line.part, line.subject, line.given, line.rate) == ("veto:V", "R", -301_000, 0.21)
    assert line.formula == "0.21 > 0.2 → min(90, 59.9) − 90 = −30.1"
    assert scored(score, A="0.9", R="0.8").score == 900_000, "exactly at the bound is not above it"


@pytest.mark.parametrize(
    ("fields", "seen", "holds"),
    [
        ({"rule": "S"}, Input("fail", Fraction(99, 100)), True),
        ({"rule": "S"}, Input("pass", Fraction(1)), False),
        ({"rule": "S"}, Input("not_submitted"), True),
        ({"rule": "S"}, Input("not_applicable"), False),
        ({"indicator": "S", "below": 0.5}, Input("pass", Fraction(49, 100)), True),
        ({"indicator": "S", "below": 0.5}, Input("pass", Fraction(1, 2)), False),
        ({"indicator": "S", "above": 0.5}, Input("pass", Fraction(51, 100)), True),
        ({"indicator": "S", "above": 0.5, "below": 0.1}, Input("pass", Fraction(1, 2)), False),
        ({"indicator": "S", "below": 0.5}, Input("not_submitted"), True),
        ({"indicator": "S", "below": 0.5}, Input("not_applicable"), False),
        ({"indicator": "S", "below": 0.5}, Input("pass"), True),
        ({"item": "S"}, Input("pass", amount=1), True),
        ({"item": "S"}, Input("pass", amount=0), False),
        ({"item": "S", "above": 2}, Input("pass", amount=2), False),
        ({"item": "S"}, Input("not_applicable", reason="not_marked"), False),
    ],
)
def test_when_a_veto_holds(fields: dict[str, Any], seen: Input, holds: bool) -> None:
    result = scored(spec(WHOLE, veto=[veto(cap=10, **fields)]), A=1, S=seen)
    assert (result.vetoes, result.score) == ((("V",), 100_000) if holds else ((), 1_000_000))


def test_a_veto_in_error_leaves_no_score() -> None:
    result = scored(spec(WHOLE, veto=[veto(rule="R", cap=10)]), A=1, R="error")
    assert (result.score, result.why) == (None, "error")


def test_vetoes_take_one_after_another_and_sum_to_the_score() -> None:
    score = spec(WHOLE, veto=[veto(rule="R", cap=70), veto(rule="S", cap=50) | {"id": "W"}])
    result = scored(score, A="0.9", R=0, S=0)
    assert ([line.given for line in result.parts], result.score) == ([900_000, -200_000, -200_000], 500_000)


GRADES = [
    {"id": "good", "min": 85, "title": "t"},
    {"id": "fair", "min": 60, "title": "t"},
    {"id": "poor", "min": 0, "title": "t"},
]


def test_grades_begin_at_their_minimum() -> None:
    score = spec(WHOLE, grades=GRADES[:2])
    assert [scored(score, A=rate).grade for rate in ("0.85", "0.849999", "0.599999")] == ["good", "fair", None]


def test_a_veto_may_cap_the_grade_alone() -> None:
    score = spec(WHOLE, grades=GRADES, veto=[veto(rule="R", grade="fair")])
    result = scored(score, A=1, R=0)
    assert (result.score, result.grade, result.vetoes) == (1_000_000, "fair", ("V",))
    assert (result.parts[-1].given, result.parts[-1].formula) == (0, "1 > 0 → ≤ fair")
    assert scored(score, A="0.2", R=0).grade == "poor"


def test_a_grade_may_ask_something_of_parts_and_groups() -> None:
    grades = [GRADES[0] | {"requires": [{"part": "G", "at_least": 0.9}, {"part": "A", "at_least": 0.5}]}, *GRADES[1:]]
    score = spec(leaf("A", points=60), group("G", leaf("B"), aggregate="min", points=40), grades=grades)
    assert scored(score, A=1, B="0.9").grade == "good"
    assert scored(score, A=1, B="0.8999").grade == "fair"
    assert scored(score, A=1, B="not_applicable").grade == "good", "what is left out asks nothing"
    assert scored(score, A=1, B="not_submitted").grade == "fair"
    with pytest.raises(ValueError, match="'X', which is no part and no group"):
        Scorer(spec(WHOLE, grades=[GRADES[0] | {"requires": [{"part": "X", "at_least": 1}]}]))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cap": 1}, "one of rule, indicator and item"),
        ({"rule": "R", "item": "M", "cap": 1}, "one of rule, indicator and item"),
        ({"rule": "R"}, "neither cap nor grade"),
        ({"rule": "R", "below": 0.1, "cap": 1}, "for an indicator"),
        ({"indicator": "I", "cap": 1}, "neither `below` nor `above`"),
        ({"rule": "R", "above": 1, "cap": 1}, "never holds"),
    ],
)
def test_a_veto_that_makes_no_sense_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        spec(WHOLE, veto=[veto(**fields)])


# ---- ranking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ties", "places"),
    [
        ("competition", {"a": 1, "b": 2, "c": 2, "d": 4}),
        ("dense", {"a": 1, "b": 2, "c": 2, "d": 3}),
        ("modified", {"a": 1, "b": 3, "c": 3, "d": 4}),
    ],
)
def test_units_of_one_score_share_a_place(ties: Any, places: dict[str, int]) -> None:
    rows = [Standing("d", 5), Standing("c", 8), Standing("x", None), Standing("a", 9), Standing("b", 8)]
    for order in (rows, rows[::-1]):
        assert ranks(order, Ranking(ties=ties)) == places


def test_rates_decide_between_equals_the_higher_first_and_a_missing_one_last() -> None:
    score = spec(WHOLE, leaf("B", points=0.0001), max=100.0001, ranking={"then": ["B"]})
    rates = {"a": "0.5", "b": "0.6", "c": "not_submitted", "d": "0.6"}
    rows = [scored(score, A="0.5", B=rate).standing(unit) for unit, rate in rates.items()]
    rows = [row._replace(score=500_000) for row in rows]
    assert ranks(rows, score.ranking) == {"b": 1, "d": 1, "a": 3, "c": 4}


# ---- faults of a system in use, and what is done here instead --------------------------------------------------------


def test_fault_a_rate_above_one_is_shown_as_100_percent() -> None:
    line = scored(spec(WHOLE), A=Input("pass", Fraction("1.3488"), Fraction("0.6"))).parts[0]
    assert (line.rate, line.given) == (1.3488, 1_000_000)
    assert "1.3488" in line.formula


@pytest.mark.parametrize("policy", ["exclude", "zero", "fail"])
def test_fault_a_zero_denominator_becomes_infinity_and_scores_full(policy: str) -> None:
    result = scored(spec(*HALVES, policy=policy), A="0.5", B=Input("not_applicable", reason="zero_denominator"))
    assert result.parts[1].given == 0
    assert result.score is None or result.score <= 500_000


def test_fault_an_item_without_a_formula_scores_full() -> None:
    with pytest.raises(ValidationError, match="method"):
        spec({"indicator": "A", "points": 100})
    unmarked = spec({"item": "M", "points": 50, "method": "manual", "not_applicable": "zero"}, leaf("A", points=50))
    result = scored(unmarked, A=1, M=Input("not_applicable", reason="not_marked"))
    assert (result.score, result.parts[0].why) == (500_000, "not_marked")


def test_fault_one_word_for_two_formulas_below_the_target() -> None:
    seen = Input("pass", Fraction("0.6"), Fraction("0.8"))
    assert scored(spec(WHOLE), A=seen).score == 750_000
    assert scored(spec(WHOLE | {"method": "rate_itself"}), A=seen).score == 600_000


def test_fault_parts_rounded_one_by_one_do_not_sum() -> None:
    result = scored(spec(*(leaf(f"P{n}", points=100 / 8) for n in range(7)), leaf("Z", points=100 / 8)),
                    Z="not_applicable", **{f"P{n}": 1 for n in range(7)})  # fmt: skip
    assert sum(line.possible for line in result.parts) == sum(line.given for line in result.parts) == 1_000_000


@pytest.mark.parametrize(("rate", "quality"), [("0.84995", "0.85"), ("0.84994", "0.8499"), ("0.123456", "0.1235")])
def test_the_coefficient_of_quality_has_four_decimals_rounded_half_up(rate: str, quality: str) -> None:
    assert scored(spec(WHOLE), A=rate).quality == Fraction(quality)
