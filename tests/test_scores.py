"""Points: exact, monotone, never better for what is missing or broken."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from assess.scores import AnyPart, Input, Score, score_unit, ten_thousandths

RATE = st.fractions(min_value=0, max_value=2, max_denominator=10_000)
STATUS = st.sampled_from(["pass", "fail", "not_applicable", "not_submitted", "pass_with_findings"])


def part(**fields: Any) -> Any:
    return TypeAdapter(AnyPart).validate_python({"indicator": "I", "points": 10, **fields})


def score(*points: float, policy: str = "exclude", **changes: Any) -> Score:
    parts = [{"indicator": f"I{i}", "points": p, "method": "proportional"} for i, p in enumerate(points)]
    return Score.model_validate({"max": sum(points), "not_applicable": policy, "parts": parts} | changes)


PARTS = [
    part(method="proportional"),
    part(method="threshold", lower=0.4, upper=0.8),
    part(method="pass_fail", at_least=0.6),
]


@pytest.mark.parametrize("item", PARTS, ids=lambda item: item.method)
@given(rates=st.tuples(RATE, RATE))
def test_a_better_rate_never_earns_less(item: Any, rates: tuple[Fraction, Fraction]) -> None:
    low, high = sorted(rates)
    target = Fraction(62, 100)
    assert 0 <= item.share(low, target) <= item.share(high, target) <= 1


@pytest.mark.parametrize(
    ("rate", "share"),
    [("0.3", 0), ("0.4", 0), ("0.5", Fraction(1, 4)), ("0.6", Fraction(1, 2)), ("0.8", 1), ("0.9", 1)],
)
def test_threshold_as_in_the_quality_and_outcomes_framework(rate: str, share: Fraction) -> None:
    # HYP008 in 2025/26: 40 to 80 %, so 60 % achievement earns half of the points.
    assert part(method="threshold", lower=0.40, upper=0.80).share(Fraction(rate), None) == share


def test_proportional_is_relative_to_the_target_of_the_day() -> None:
    item = part(method="proportional")
    assert item.share(Fraction("0.28"), Fraction("0.35")) == Fraction(4, 5)
    assert item.share(Fraction("0.40"), Fraction("0.35")) == 1


def test_pass_fail_asks_for_the_target_unless_a_rate_is_stated() -> None:
    assert part(method="pass_fail").share(Fraction("0.62"), Fraction("0.62")) == 1
    assert part(method="pass_fail").share(Fraction("0.61"), Fraction("0.62")) == 0
    assert part(method="pass_fail", at_least=0.5).share(Fraction("0.61"), Fraction("0.62")) == 1


@given(
    points=st.lists(st.integers(1, 30), min_size=1, max_size=8),
    seen=st.lists(st.tuples(STATUS, RATE), min_size=8, max_size=8),
)
def test_parts_sum_to_the_score_and_possible_points_to_full_marks(
    points: list[int], seen: list[tuple[str, Fraction]]
) -> None:
    spec = score(*points)
    inputs = [Input(status, rate, Fraction(1)) for status, rate in seen[: len(points)]]
    result = score_unit(spec, inputs, {})
    if result.score is None:
        assert {status for status, _ in seen[: len(points)]} == {"not_applicable"}
        return
    assert sum(given.given for given in result.parts) == result.score
    assert sum(given.possible for given in result.parts) == ten_thousandths(spec.max)
    assert all(0 <= given.given <= given.possible for given in result.parts)


@pytest.mark.parametrize("policy", ["exclude", "zero"])
def test_what_was_not_submitted_gets_no_points_and_keeps_its_weight(policy: str) -> None:
    result = score_unit(score(50, 50, policy=policy), [Input("pass", Fraction(1)), Input("not_submitted")], {})
    assert result.score == ten_thousandths(50.0)


def test_policies_for_what_cannot_be_assessed() -> None:
    inputs = [Input("pass", Fraction(1, 2)), Input("not_applicable", None, None, "zero_denominator")]
    assert score_unit(score(50, 50, policy="exclude"), inputs, {}).score == ten_thousandths(50.0)
    assert score_unit(score(50, 50, policy="zero"), inputs, {}).score == ten_thousandths(25.0)
    failed = score_unit(score(50, 50, policy="fail"), inputs, {})
    assert (failed.score, failed.why) == (None, "not_applicable")


def test_a_part_may_have_a_policy_of_its_own() -> None:
    spec = Score.model_validate(
        {
            "max": 100,
            "not_applicable": "exclude",
            "parts": [
                {"indicator": "A", "points": 50, "method": "proportional"},
                {"indicator": "B", "points": 50, "method": "proportional", "not_applicable": "zero"},
            ],
        }
    )
    inputs = [Input("pass", Fraction(1)), Input("not_applicable")]
    assert score_unit(spec, inputs, {}).score == ten_thousandths(50.0)


def test_a_part_in_error_leaves_no_score_whatever_else_was_earned() -> None:
    result = score_unit(score(50, 50), [Input("pass", Fraction(1)), Input("error")], {})
    assert (result.score, result.why) == (None, "error")


def test_a_rate_that_is_not_known_never_earns() -> None:
    result = score_unit(score(100), [Input("pass", None)], {})
    assert result.score == 0


def test_a_veto_caps_the_score_as_a_part_of_its_own() -> None:
    veto = [{"id": "V", "title": "t", "rule": "R", "above": 0.2, "cap": 59.9}]
    spec = score(100, veto=veto)
    inputs = [Input("pass", Fraction(9, 10))]
    vetoed = score_unit(spec, inputs, {"R": Fraction(21, 100)})
    assert (vetoed.score, vetoed.vetoes, vetoed.parts[-1].given) == (599_000, ("V",), -301_000)
    assert sum(given.given for given in vetoed.parts) == vetoed.score
    assert score_unit(spec, inputs, {"R": Fraction(20, 100)}).score == 900_000, "exactly at the bound is not above it"


def test_grades_begin_at_their_minimum() -> None:
    grades = [{"id": "good", "min": 85, "title": "t"}, {"id": "fair", "min": 60, "title": "t"}]
    spec = score(100, grades=grades)
    assert [g.id if (g := spec.grade_of(Decimal(text))) else None for text in ("85.0000", "84.9999", "59.9999")] == [
        "good",
        "fair",
        None,
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max": 99}, "parts of 100 points"),
        (
            {"parts": [{"indicator": "I", "points": 100, "method": "threshold", "lower": 0.8, "upper": 0.4}]},
            "not below",
        ),
        ({"parts": [{"indicator": "I", "rule": "R", "points": 100, "method": "pass_fail"}]}, "either"),
        ({"parts": [{"points": 100, "method": "pass_fail"}]}, "either"),
        ({"max": float("inf")}, "finite"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        score(100, **changes)
