"""Floors and caps: the one factor that holds them all, found as a reference finds it and named where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_allocation import claim, only, paid, spec

from assess.allocation import InfeasibleError
from assess.allocation.bounds import Limits, fill


def limits(least: Sequence[int], most: Sequence[int | None]) -> Limits:
    return Limits([f"U{i}" for i in range(len(least))], least, most)


def reference(total: int, parts: Sequence[int], least: Sequence[int], most: Sequence[int | None]) -> list[Fraction]:
    """The amounts by trying every stretch between two factors at which some bound begins or ends to hold."""

    def amounts(factor: Fraction) -> list[Fraction]:
        rows = zip(parts, least, most, strict=True)
        return [max(Fraction(low), min(factor * part, Fraction(high) if high is not None else factor * part))
                for part, low, high in rows]  # fmt: skip

    ends = {Fraction(0)}
    for part, low, high in zip(parts, least, most, strict=True):
        ends |= {Fraction(bound, part) for bound in (low, high) if part and bound is not None}
    ordered = [*sorted(ends), max(ends) + total + 1]
    for left, right in pairwise(ordered):
        at_left, at_right = sum(amounts(left)), sum(amounts(right))
        if at_left <= total <= at_right:
            if at_left == at_right:
                return amounts(left)
            return amounts(left + (right - left) * (total - at_left) / (at_right - at_left))
    raise AssertionError("no factor will do")


BOUNDED = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 30), st.none() | st.integers(0, 40)), min_size=1, max_size=8
)


@given(total=st.integers(1, 150), rows=BOUNDED)
def test_the_split_is_that_of_a_reference_that_tries_everything(
    total: int, rows: list[tuple[int, int, int | None]]
) -> None:
    parts, least = [row[0] for row in rows], [row[1] for row in rows]
    most = [None if high is None else low + high for _, low, high in rows]
    takers = [low if not part else high for part, low, high in zip(parts, least, most, strict=True)]
    feasible = sum(least) <= total and (None in takers or sum(high or 0 for high in takers) >= total)
    if not feasible:
        with pytest.raises(InfeasibleError, match="floors add up to" if sum(least) > total else "caps add up to"):
            fill("p", total, parts, limits(least, most))
        return
    bound, rest, whole = fill("p", total, parts, limits(least, most))
    found = [
        Fraction(rest * part, whole) if at is None else Fraction(low if at == "floor" else high or 0)
        for part, low, high, at in zip(parts, least, most, bound, strict=True)
    ]
    assert found == reference(total, parts, least, most)
    assert sum(found) == total


def test_what_a_floor_takes_can_bring_others_to_theirs() -> None:
    # 100 over 1 : 9 : 40 : 50 with at least 20 each: the first takes 18, the second follows.
    bound, rest, whole = fill("p", 100, [1, 9, 40, 50], limits([20] * 4, [None] * 4))
    assert bound == ["floor", "floor", None, None]
    assert Fraction(rest, whole) * 40 == Fraction(60 * 40, 90)


def test_a_cap_gives_to_all_who_are_not_bound() -> None:
    made = only(spec("100.00", cap={"amount": "40.00"}), [claim("A", 7), claim("B", 2), claim("C", 1)])
    assert paid(made) == {"A": 4000, "B": 4000, "C": 2000}
    assert [share.bound for share in made.shares] == ["cap", None, None]


def test_a_share_of_the_entitlement_follows_the_basis_and_not_the_score() -> None:
    # Entitled to 60 and 40; B earned 8 but gets at least 80 % of 40, and A at most 120 % of 60.
    made = only(
        spec("100.00", floor={"share": 0.8}, cap={"share": 1.2}), [claim("A", 6), claim("B", 4, Fraction(1, 5))]
    )
    assert paid(made) == {"A": 6800, "B": 3200}


def test_a_floor_is_rounded_up_and_a_cap_down() -> None:
    made = only(spec("10.00", floor={"share": 0.5}), [claim("A", 1, 0), claim("B", 2)])  # 1.6666 at least
    assert paid(made) == {"A": 167, "B": 833}
    made = only(spec("10.00", cap={"share": 1.4}), [claim("A", 1), claim("B", 2, Fraction(1, 2))])  # 4.6666 at most
    assert paid(made) == {"A": 466, "B": 534}


def test_where_money_is_kept_bounds_move_what_is_kept() -> None:
    claims = [claim("A", 1, Fraction(1, 10)), claim("B", 1, 1)]
    made = only(spec("100.00", withheld="carry", floor={"amount": "20.00"}, cap={"amount": "45.00"}), claims)
    assert (paid(made), made.kept_minor) == ({"A": 2000, "B": 4500}, 3500)
    assert [step.name for step in made.shares[0].steps] == ["entitlement", "quality", "floor"]
    with pytest.raises(InfeasibleError, match=r"the floors ask for 26.67 more than the pool of 100.00 holds: A 60.00$"):
        only(
            spec("100.00", withheld="carry", floor={"amount": "60.00"}),
            [claim("A", 1, 0), claim("B", 2, 1)],
        )


def test_with_named_grades_bounds_move_what_everybody_else_would_get() -> None:
    # Earned 40, 20, 10 of 40 each; the 50 withheld go to A: 90. C's floor of 30 takes 20 from A and B as 90 to 20.
    claims = [claim("A", 1, 1, "best"), claim("B", 1, Fraction(1, 2)), claim("C", 1, Fraction(1, 4))]
    made = only(spec("120.00", redistribute_to=["best"], floor={"amount": "15.00"}), claims)
    assert paid(made) == {"A": 8591, "B": 1909, "C": 1500}


@pytest.mark.parametrize(
    ("terms", "says"),
    [({"floor": {"amount": "30.00"}},
      r"floors add up to 210.00, but 100.00 is to be paid: A 30.00, B 30.00, C 30.00, D 30.00, E 30.00 and 2 more$"),
     ({"cap": {"amount": "10.00"}}, r"caps add up to 70.00, but 100.00 is to be paid: A 10.00.* and 2 more"),
     ({"floor": {"amount": "12.00"}, "cap": {"share": 0.5}}, r"the floor is above the cap.*A \(12.00 above 7.14\)"),
     ({"floor": {"amount": "30.00"}, "withheld": "return"}, r"floors ask for 110.00 more than the pool of 100.00")],
)  # fmt: skip
def test_what_cannot_hold_is_named_with_its_sums_and_its_units(terms: dict[str, object], says: str) -> None:
    with pytest.raises(InfeasibleError, match=says) as refused:
        only(spec("100.00", **terms), [claim(unit) for unit in "ABCDEFG"])
    assert refused.value.reason == "infeasible"


def test_bounds_that_pull_each_other_in_one_by_one_cost_a_moment() -> None:
    # Every round brings exactly one more unit to its floor.
    size = 300
    parts = [2**i for i in range(size)]
    total = sum(parts)
    least = [part + part // 2 for part in parts[:-1]]
    bound, rest, whole = fill("p", total, parts, limits([*least, 0], [None] * size))
    assert bound == ["floor"] * (size - 1) + [None]
    assert Fraction(rest * parts[-1], whole) == total - sum(least)
