"""A score: exact, a tree that adds up, policies and vetoes that nobody escapes, the same when it is scored again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assess.scores import Given, Input, Score, Scored, Scorer, Standing, Subject, ranks, ten_thousandths
from assess.scores.spec import Ranking

RATE = st.fractions(min_value=0, max_value=2, max_denominator=10_000)
Inputs = dict[Subject, Input]


def leaf(name: str, **fields: Any) -> dict[str, Any]:
    return {"indicator": name, "method": "proportional", **fields}


def spec(*parts: dict[str, Any], policy: str = "exclude", **changes: Any) -> Score:
    """A score of 100 unless it says otherwise."""
    return Score.model_validate({"max": 100, "not_applicable": policy, "parts": parts} | changes)


def scored(score: Score, **seen: Input | str | int) -> Scored:
    """The score of a unit from its indicators: an input, a rate as text, or a word for a status without a rate."""
    inputs: Inputs = {}
    scorer = Scorer(score)
    for kind, name in scorer.subjects:
        said = seen[name]
        plain = Input(said) if isinstance(said, str) and said[0].isalpha() else None
        inputs[kind, name] = said if isinstance(said, Input) else plain or Input("pass", Fraction(said))
    return scorer.score(inputs)


def given_by(result: Scored) -> dict[str, int]:
    return {line.part.split(":")[-1]: line.given for line in result.parts}


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


# ---- the tree --------------------------------------------------------------------------------------------------------


def group(name: str, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"group": name, "title": name, "parts": parts, **fields}


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


# ---- vetoes and grades -----------------------------------------------------------------------------------------------

WHOLE = leaf("A", points=100)


def veto(**fields: Any) -> dict[str, Any]:
    return {"id": "V", "title": "t", **fields}


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
    assert [g.id if (g := score.grade_of(Decimal(text))) else None for text in ("85.0000", "84.9999", "59.9999")] == [
        "good",
        "fair",
        None,
    ]


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
    assert score.grade_of(Decimal(90)) is not None
    assert score.grade_of(Decimal(90)) == score.grades[1], "a requirement that nobody looked at is not met"
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


# ---- laws ------------------------------------------------------------------------------------------------------------

NUMBERED = st.integers(1, 6)
METHODS: list[dict[str, Any]] = [
    {"method": "proportional"},
    {"method": "rate_itself"},
    {"method": "threshold", "lower": 0.4, "upper": 0.8},
    {"method": "pass_fail"},
    {"method": "bands", "bands": [{"from": 0.9, "share": 1}, {"from": 0.3, "share": 0.4}]},
    {"method": "step_deduction", "every": 0.02, "costs": 0.5, "out_of": 10},
]


@st.composite
def scores(draw: Any, policies: tuple[str | None, ...] = (None, "exclude", "zero", "fail")) -> Score:
    """A tree of any shape, with vetoes and grades."""
    names = iter(f"I{n}" for n in range(100))
    groups = iter(f"G{n}" for n in range(100))

    def children(above: str, depth: int) -> tuple[list[dict[str, Any]], int]:
        found, total = [], 0
        for _ in range(draw(st.integers(1, 3 if depth else 4))):
            worth = draw(NUMBERED)
            entry: dict[str, Any] = {"points" if above == "sum" else "weight": worth}
            if depth < 3 and draw(st.integers(0, 2)) == 0:
                own = draw(st.sampled_from(["sum", "mean", "min", "geometric"]))
                inside, points = children(own, depth + 1)
                entry |= {"group": next(groups), "title": "t", "aggregate": own, "parts": inside}
                if above == own == "sum":
                    worth = entry["points"] = points
            else:
                entry |= {"indicator": next(names), **draw(st.sampled_from(METHODS))}
            if (policy := draw(st.sampled_from(policies))) is not None:
                entry["not_applicable"] = policy
            found.append(entry)
            total += worth
        return found, total

    aggregate = draw(st.sampled_from(["sum", "sum", "mean", "min", "geometric"]))
    parts, total = children(aggregate, 0)
    asked = [{"part": "I0", "at_least": 0.5}] if draw(st.booleans()) else []
    return Score.model_validate(
        {
            "max": total,
            "aggregate": aggregate,
            "not_applicable": draw(st.sampled_from([p for p in policies if p] or ["zero"])),
            "parts": parts,
            "veto": [veto(indicator="I0", below=0.2, cap=total / 3, grade="fair")] if draw(st.booleans()) else [],
            "grades": [
                {"id": "good", "min": total / 2, "title": "t", "requires": asked},
                {"id": "fair", "min": total / 4, "title": "t"},
            ],
            "ranking": {"then": ["I0"]},
        }
    )


STATUS = st.sampled_from(["pass"] * 6 + ["fail", "not_applicable", "not_applicable", "not_submitted", "error"])


@st.composite
def inputs(draw: Any, score: Score, status: st.SearchStrategy[str] = STATUS) -> Inputs:
    target = draw(st.sampled_from([None, Fraction(62, 100), Fraction(1)]))
    return {
        subject: Input(said, None if said in ("error", "not_submitted") else draw(RATE), target)
        for subject in Scorer(score).subjects
        for said in [draw(status)]
    }


def inside(lines: tuple[Given, ...], path: str) -> int:
    return sum(line.given for line in lines if f"{line.group}/".startswith(f"{path}/"))


@settings(deadline=None)
@given(st.data())
def test_lines_sum_to_the_score_and_to_every_group_and_possible_points_to_full_marks(data: st.DataObject) -> None:
    score = data.draw(scores())
    result = Scorer(score).score(data.draw(inputs(score)))
    assert result.full == ten_thousandths(score.max) == sum(line.points for line in result.parts)
    if result.score is None:
        assert result.why in ("error", "not_applicable", "nothing_applicable")
        return
    assert sum(line.given for line in result.parts) == result.score
    assert sum(line.possible for line in result.parts) == result.full
    assert 0 <= result.score <= result.full
    for line in result.parts:
        assert 0 <= line.given <= line.possible or (line.method in ("aggregate", "veto") and line.given <= 0)
    for one in result.groups:
        assert inside(result.parts, one.group) == one.given
        assert 0 <= one.given <= one.possible


@settings(deadline=None)
@given(st.data())
def test_scored_again_with_changed_inputs_is_scored_from_scratch(data: st.DataObject) -> None:
    score = data.draw(scores())
    scorer, seen = Scorer(score), data.draw(inputs(score))
    before = scorer.score(seen)
    fresh = data.draw(inputs(score))
    changed = {subject: fresh[subject] for subject in data.draw(st.sets(st.sampled_from(sorted(seen))))}
    again, whole = scorer.rescore(before, changed), scorer.score({**seen, **changed})
    assert again == whole
    assert (again.parts, again.groups, again.standing("u")) == (whole.parts, whole.groups, whole.standing("u"))
    assert Scorer(score).rescore(before, changed) == whole
    assert before == scorer.score(seen), "what was scored before stays as it was"


@settings(deadline=None)
@given(st.data())
def test_the_order_of_inputs_changes_nothing(data: st.DataObject) -> None:
    score = data.draw(scores())
    seen = data.draw(inputs(score))
    turned: Mapping[Subject, Input] = dict(reversed(seen.items()))
    assert Scorer(score).score(seen).parts == Scorer(score).score(turned).parts


@settings(deadline=None)
@given(st.data())
def test_a_better_rate_never_lowers_the_score(data: st.DataObject) -> None:
    score = data.draw(scores())
    scorer, seen = Scorer(score), data.draw(inputs(score, STATUS.filter(lambda status: status != "error")))
    subject = data.draw(st.sampled_from(sorted(seen)))
    low, high = sorted(data.draw(st.tuples(RATE, RATE)))
    target = seen[subject].target
    worse = scorer.score(seen | {subject: Input("pass", low, target)})
    better = scorer.score(seen | {subject: Input("pass", high, target)})
    assert (worse.score is None) == (better.score is None)
    assert (worse.score or 0) <= (better.score or 0)


@settings(deadline=None)
@given(st.data())
def test_nothing_submitted_in_error_or_not_applicable_under_zero_is_never_better(data: st.DataObject) -> None:
    score = data.draw(scores(policies=(None, "zero")))
    scorer, seen = Scorer(score), data.draw(inputs(score, st.sampled_from(["pass", "fail", "not_submitted"])))
    subject = data.draw(st.sampled_from(sorted(seen)))
    honest = scorer.score(seen | {subject: Input("pass", data.draw(RATE), seen[subject].target)})
    for status in ("not_submitted", "error"):
        other = scorer.rescore(honest, {subject: Input(status)})
        assert other.score is None or honest.score is None or other.score <= honest.score
    if not score.veto:  # a veto on what does not apply does not hold: that is said in the documents
        other = scorer.rescore(honest, {subject: Input("not_applicable")})
        assert other.score is None or honest.score is None or other.score <= honest.score
