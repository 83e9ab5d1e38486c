"""What holds of every split: nothing is lost, bounds hold, order is nothing, and no better score is worth less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from operator import ge, le
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_allocation import claim, exactly, only, paid, spec

from assess.allocation import (
    Allocation,
    AllocationError,
    Claim,
    Split,
    allocate,
    what_if_minor,
)

QUALITY = st.integers(0, 1000).map(lambda n: Fraction(n, 1000))
ROWS = st.lists(
    st.tuples(st.integers(-5, 10**6) | st.fractions(0, 10, max_denominator=97), st.none() | QUALITY,
              st.sampled_from(["A", "B"])),
    min_size=1, max_size=12,
)  # fmt: skip
COEFFICIENTS: list[dict[str, Any]] = [
    {"method": "linear"},
    {"method": "linear", "decimals": 1},
    {"method": "cliff", "full_from": 0.85, "decimals": 2},
    {"method": "bands", "bands": [{"from": 0.6, "coefficient": 0.8}, {"from": 0.9, "coefficient": 1}]},
    {"method": "none"},
]
FLOORS = st.none() | st.one_of(
    st.integers(0, 500).map(lambda minor: {"amount": str(Decimal(minor) / 100)}),
    st.integers(0, 9).map(lambda tenths: {"share": tenths / 10}),
)
CAPS = st.none() | st.one_of(
    st.integers(500, 10**6).map(lambda minor: {"amount": str(Decimal(minor) / 100)}),
    st.integers(9, 30).map(lambda tenths: {"share": tenths / 10}),
)


@st.composite
def allocations(draw: st.DrawFn) -> Allocation:
    """One pool under any terms that may be stated together."""
    terms: dict[str, Any] = {"coefficient": draw(st.sampled_from(COEFFICIENTS))}
    terms["withheld"] = draw(st.sampled_from([None, "redistribute", "carry", "return"]))
    if terms["withheld"] in (None, "redistribute"):
        terms["redistribute_to"] = draw(st.sampled_from([None, ("A",)]))
    terms |= {"floor": draw(FLOORS), "cap": draw(CAPS)}
    return spec(str(Decimal(draw(st.integers(1, 10**6))) / 100), **terms)


def claims_of(rows: Sequence[tuple[Any, Fraction | None, str]]) -> list[Claim]:
    return [claim(f"U{i:02}", basis, quality, grade) for i, (basis, quality, grade) in enumerate(rows)]


def made_of(allocation: Allocation, claims: Sequence[Claim]) -> Split | None:
    """The split, or none where it is refused for a reason that such claims can give."""
    try:
        return only(allocation, claims)
    except AllocationError as error:
        if error.reason not in ("no_weight", "no_unit_of_grade", "infeasible"):
            raise
        return None


@given(allocation=allocations(), rows=ROWS)
def test_awards_and_what_is_kept_are_the_pool(allocation: Allocation, rows: list[Any]) -> None:
    made = made_of(allocation, claims_of(rows))
    if made is None:
        return
    assert made.awarded_minor == sum(share.minor for share in made.shares)
    assert made.awarded_minor + made.kept_minor == made.pool_minor == allocation.pool_minor
    assert made.kept_minor >= 0
    assert made.kept is not None or made.kept_minor == 0
    for share in made.shares:
        assert share.minor >= 0
        assert abs(share.minor - share.exact) < 1


@given(allocation=allocations(), rows=ROWS)
def test_floors_and_caps_hold_for_everybody_who_takes_part(allocation: Allocation, rows: list[Any]) -> None:
    made = made_of(allocation, claims_of(rows))
    pool = allocation.each[0]
    for share in made.shares if made is not None else ():
        takes_part = share.basis > 0 and (share.quality is not None or pool.coefficient.method == "none")
        if not takes_part:
            assert (share.minor, share.bound) == (0, None)
            continue
        for bound, holds in ((pool.floor, ge), (pool.cap, le)):
            if bound is not None and bound.amount is not None:
                assert holds(share.minor, int(bound.amount * 100))
            elif bound is not None:
                assert holds(share.minor, share.entitlement * Fraction(str(bound.share)))


@given(allocation=allocations(), rows=ROWS, seed=st.randoms())
def test_the_order_of_claims_changes_nothing(allocation: Allocation, rows: list[Any], seed: Any) -> None:
    claims = claims_of(rows)
    shuffled = list(claims)
    seed.shuffle(shuffled)
    made, again = made_of(allocation, claims), made_of(allocation, shuffled)
    assert made == again
    if made is not None and again is not None:
        assert [share.steps for share in made.shares] == [share.steps for share in again.shares]


@given(allocation=allocations(), rows=ROWS)
def test_the_steps_of_every_award_add_up_to_it(allocation: Allocation, rows: list[Any]) -> None:
    made = made_of(allocation, claims_of(rows))
    for share in made.shares if made is not None else ():
        assert sum(step.amount for step in share.steps) == Decimal(share.minor) / 100
        assert all(step.amount.as_tuple().exponent == -6 for step in share.steps)
        names = [step.name for step in share.steps]
        order = ["entitlement", "quality", "redistributed", "moved", "floor", "cap", "rounding"]
        assert names == sorted(set(names), key=order.index)
        by_name = {step.name: step.amount for step in share.steps}
        assert by_name["entitlement"] >= 0 >= by_name.get("quality", 0)
        assert by_name.get("floor", 0) >= 0 >= by_name.get("cap", 0)
        assert abs(by_name.get("rounding", 0)) < Decimal("0.01")


@given(allocation=allocations(), rows=ROWS, which=st.integers(0, 11), better=QUALITY, promoted=st.booleans())
def test_a_better_score_is_never_worth_less(
    allocation: Allocation, rows: list[Any], which: int, better: Fraction, promoted: bool
) -> None:
    claims = claims_of(rows)
    before = claims[which % len(claims)]
    if before.quality is None or better < before.quality:
        return
    after = replace(before, quality=better, grade="A" if promoted else before.grade)
    made = made_of(allocation, claims)
    again = made_of(allocation, [after if each is before else each for each in claims])
    if made is not None and again is not None:
        assert paid(again)[before.unit] >= paid(made)[before.unit]


@given(allocation=allocations(), rows=ROWS, which=st.integers(0, 11), row=ROWS)
def test_what_if_is_what_splitting_again_gives(
    allocation: Allocation, rows: list[Any], which: int, row: list[Any]
) -> None:
    claims = claims_of(rows)
    made = made_of(allocation, claims)
    if made is None:
        return
    before = claims[which % len(claims)]
    after = replace(claims_of(row)[0], unit=before.unit)
    again = made_of(allocation, [after if each is before else each for each in claims])
    if again is None:
        with pytest.raises(AllocationError):
            what_if_minor(made, after)
        return
    assert what_if_minor(made, after) == paid(again)[before.unit]
    others = [[(share.unit, share.minor) for share in each.shares if share.bound and share.unit != before.unit]
              for each in (made, again)]  # fmt: skip
    if others[0] == others[1]:
        (share,) = [share for share in again.shares if share.unit == before.unit]
        assert exactly(made, after) == share.exact


@given(rows=ROWS, minor=st.lists(st.integers(0, 10**6), min_size=12, max_size=12),
       negative=st.sampled_from(["clawback", "carry", "waive"]))  # fmt: skip
def test_what_was_prepaid_and_what_is_settled_are_the_award(rows: list[Any], minor: list[int], negative: str) -> None:
    allocation = spec("5000.00", prepaid={"sum": "prepaid"}, negative=negative)
    claims = [replace(each, prepaid_minor=paid) for each, paid in zip(claims_of(rows), minor, strict=False)]
    if made_of(allocation, claims) is None:
        return
    for award in allocate(allocation, claims).awards:
        assert award.minor == award.prepaid_minor + award.settlement_minor - award.carried_minor - award.waived_minor
        assert award.carried_minor >= 0 <= award.waived_minor
        assert negative == "clawback" or award.settlement_minor >= 0
        assert sum(step.amount for step in award.steps) == Decimal(award.settlement_minor) / 100
