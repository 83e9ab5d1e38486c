"""Laws of scores, whatever their tree: they add up, order changes nothing, better is never worse."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring import Brought, veto

from assess.scores import Given, Input, Inputs, Score, Scorer, Subject, ten_thousandths

# Rates of counts, and of sums of money, whose fractions pass 64 bits.
RATE = st.fractions(min_value=0, max_value=2, max_denominator=10_000) | st.floats(0, 2).map(Fraction)
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
def inputs(draw: Any, score: Score, status: st.SearchStrategy[str] = STATUS) -> Brought:
    target = draw(st.sampled_from([None, Fraction(62, 100), Fraction(1)]))
    return {
        subject: Input(said, None if said in ("error", "not_submitted") else draw(RATE), target)
        for subject in Scorer(score).subjects
        for said in [draw(status)]
    }


def columns(units: list[Brought]) -> dict[Subject, Inputs]:
    return {subject: Inputs.of_each([inputs[subject] for inputs in units]) for subject in units[0]}


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
    scorer = Scorer(score)
    units = data.draw(st.lists(inputs(score), min_size=1, max_size=3))
    now = scorer.scores(columns(units))
    cases = data.draw(st.lists(st.integers(0, len(units) - 1), min_size=1, max_size=4))
    some = st.sets(st.sampled_from(sorted(units[0])))
    fresh = [
        {subject: anew[subject] for subject in data.draw(some)} for _ in cases for anew in [data.draw(inputs(score))]
    ]
    whole = scorer.scores(columns([units[unit] | anew for unit, anew in zip(cases, fresh, strict=True)])).totals
    changed = {}
    for subject in units[0]:
        concerned = [case for case, anew in enumerate(fresh) if subject in anew]
        if concerned:
            changed[subject] = np.array(concerned), Inputs.of_each([fresh[case][subject] for case in concerned])
    again = scorer.instead(now, np.array(cases), changed)
    for name in ("given", "points", "taken", "vetoed", "scored", "score", "why", "grade"):
        assert getattr(again, name).tolist() == getattr(whole, name).tolist(), name


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
        other = scorer.score(seen | {subject: Input(status)})
        assert other.score is None or honest.score is None or other.score <= honest.score
    if not score.veto:  # a veto on what does not apply does not hold: that is said in the documents
        other = scorer.score(seen | {subject: Input("not_applicable")})
        assert other.score is None or honest.score is None or other.score <= honest.score
