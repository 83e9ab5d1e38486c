"""The tree of a score: parts and groups add up, or are aggregated, and what is taken is said."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from scoring import group, leaf, scored, spec

from assess.scores import Input, Score, Scored


def given_by(result: Scored) -> dict[str, int]:
    return {line.part.split(":")[-1]: line.given for line in result.parts}


def tree(aggregate: str, **fields: Any) -> Score:
    """40 points of two indicators that are aggregated with weights 1 and 3, and 60 points of another."""
    within = group("G", leaf("B"), leaf("C", weight=3), aggregate=aggregate, points=40, **fields)
    return spec(leaf("A", points=60), within)


def test_a_mean_gives_by_weight_and_its_parts_sum_to_it() -> None:
    result = scored(tree("mean"), A=1, B="0.5", C="0.9")
    # 40 x (1 x 0.5 + 3 x 0.9) / 4 = 32, of which 10 x 0.5 and 30 x 0.9.
    assert given_by(result) == {"A": 600_000, "B": 50_000, "C": 270_000}
    assert (result.score, result.groups[0].given) == (920_000, 320_000)


def test_a_minimum_is_the_smallest_share_and_a_line_says_what_it_takes() -> None:
    result = scored(tree("min"), A=1, B="0.5", C="0.9")
    assert given_by(result) == {"A": 600_000, "B": 50_000, "C": 270_000, "G": -120_000}
    line = result.parts[-1]
    assert (line.part, line.group, line.method, line.why) == ("aggregate:G", "G", "aggregate", "min")
    assert line.formula == "40 × min(0.5, 0.9) − 32 = −12"
    assert (result.score, result.groups[0].given) == (800_000, 200_000)


def test_a_geometric_mean_is_zero_when_a_part_is() -> None:
    # 40 x (0.5 x 0.9^3)^(1/4) = 40 x 0.777007 = 31.0803
    result = scored(tree("geometric"), A=1, B="0.5", C="0.9")
    exact = 40 * (0.5 * 0.9**3) ** 0.25
    assert abs(result.groups[0].given / 10_000 - exact) <= 0.00005
    assert result.parts[-1].formula == "40 × (0.5 × 0.9^3)^(1 ÷ 4) − 32 ≈ −0.9198"
    assert scored(tree("geometric"), A=1, B=0, C="0.9").groups[0].given == 0
    assert scored(tree("geometric"), A=1, B=1, C=1).score == 1_000_000, "no rounding takes a point from full marks"


def test_equal_shares_have_themselves_as_any_mean() -> None:
    for aggregate in ("mean", "min", "geometric"):
        result = scored(tree(aggregate), A="0.5", B="0.5", C="0.5")
        assert (result.score, [line.given for line in result.parts][3:]) == (500_000, [0] * (aggregate != "mean"))


def test_what_is_left_out_of_a_group_goes_to_its_neighbours_there() -> None:
    result = scored(tree("mean"), A=1, B="0.5", C="not_applicable")
    assert [line.possible for line in result.parts] == [600_000, 400_000, 0]
    assert scored(tree("min"), A=1, B="0.5", C="not_applicable").groups[0].given == 200_000


def test_a_group_of_which_nothing_applies_is_judged_by_its_own_policy() -> None:
    nothing: dict[str, Any] = {"A": "0.5", "B": "not_applicable", "C": "not_applicable"}
    out = scored(tree("mean"), **nothing)
    assert ([line.possible for line in out.parts], out.score, out.groups[0].out) == ([1_000_000, 0, 0], 500_000, True)

    def parts(own: str) -> Score:
        within = group(
            "G", leaf("B", not_applicable="exclude"), leaf("C", not_applicable="exclude"), points=40,
            aggregate="mean", not_applicable=own,
        )  # fmt: skip
        return spec(leaf("A", points=60), within)

    zero = scored(parts("zero"), **nothing)
    assert ([line.possible for line in zero.parts], zero.score) == ([600_000, 200_000, 200_000], 300_000)
    assert (scored(parts("fail"), **nothing).score, scored(parts("fail"), **nothing).why) == (None, "not_applicable")


def test_a_group_that_adds_up_has_the_points_of_its_parts_and_hands_down_its_aggregate() -> None:
    inner = group("I", leaf("B", points=10), leaf("C", points=20))
    result = scored(spec(leaf("A", points=70), group("G", inner)), A=1, B=1, C="0.5")
    assert [(line.group, line.points) for line in result.parts] == [("", 700_000), ("G/I", 100_000), ("G/I", 200_000)]
    assert [(one.group, one.given) for one in result.groups] == [("G", 200_000), ("G/I", 200_000)]
    inherited = spec(group("G", leaf("A"), leaf("B", weight=4)), aggregate="min")
    assert scored(inherited, A="0.3", B="0.9").score == 300_000


def test_the_whole_score_may_be_a_minimum() -> None:
    result = scored(spec(leaf("A"), leaf("B"), aggregate="min"), A="0.6", B=1)
    assert (result.score, result.parts[-1].part, result.parts[-1].given) == (600_000, "aggregate", -200_000)


@pytest.mark.parametrize(
    ("parts", "changes", "says"),
    [
        ([leaf("A", points=99)], {}, "parts of 99 points in all, but max is 100"),
        ([leaf("A", points=60), group("G", leaf("B", points=30), points=40)], {}, "parts of 30 points in all, but 40"),
        ([leaf("A", weight=1, points=100)], {}, "means nothing under `aggregate: sum`"),
        ([leaf("A")], {}, "Field required"),
        ([leaf("A", points=100)], {"aggregate": "mean"}, "means nothing under `aggregate: mean`"),
        ([group("G", leaf("A"), aggregate="min")], {}, "Field required"),
        ([{"item": "M", "method": "manual"}], {"aggregate": "mean"}, "Field required"),
        ([{"rule": "R", "method": "deduct_per_finding", "each": 1, "at_most": 101, "points": 100}], {}, "101 is more"),
        (
            [{"indicator": "A", "method": "bands", "points": 100, "bands": [{"from": 1, "points": 120}]}],
            {},
            "120 is more than the 100 points",
        ),
        (
            [{"indicator": "A", "method": "bands", "bands": [{"from": 1, "points": 1}]}],
            {"aggregate": "min"},
            "state a share",
        ),
        ([leaf("A", points=100)], {"max": float("inf")}, "finite"),
        ([leaf("A", points=100)], {"parts": []}, "at least 1"),
    ],
)
def test_a_tree_that_does_not_add_up_is_refused(parts: list[Any], changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        spec(*parts, **changes)


def test_methods_that_count_in_points_state_them_where_the_part_has_a_weight() -> None:
    parts = [
        {"item": "M", "method": "manual", "out_of": 10},
        {"indicator": "A", "method": "step_deduction", "every": 0.1, "costs": 1, "out_of": 5, "weight": 2},
        {"indicator": "B", "method": "bands", "bands": [{"from": 0.5, "share": 0.8}]},
    ]
    score = spec(*parts, aggregate="mean")
    assert score.items == {"M": 10}
    result = scored(score, M=Input("pass", amount=5), A="0.7", B="0.5")
    # 25 x 5/10, 50 x (5 - 3)/5, 25 x 0.8
    assert [line.given for line in result.parts] == [125_000, 200_000, 200_000]
    assert result.parts[1].formula == "50 × (5 − min(5, 1 × ⌊(1 − 0.7) ÷ 0.1⌋)) ÷ 5 = 20"
