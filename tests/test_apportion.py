"""Splitting exactly: the laws of the largest remainder."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.apportion import apportion, largest_remainder

WEIGHTS = st.lists(st.fractions(min_value=0, max_value=10**6), min_size=1, max_size=40).filter(any)


@given(total=st.integers(0, 10**12), weights=WEIGHTS)
def test_shares_sum_to_the_total_and_stay_within_one_of_exact(total: int, weights: list[Fraction]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1
        assert weight > 0 or share == 0


@given(total=st.integers(0, 10**9), weights=WEIGHTS)
def test_a_larger_weight_never_gets_less(total: int, weights: list[Fraction]) -> None:
    shares = apportion(total, weights)
    pairs = sorted(zip(weights, shares, strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(pairs) if a[0] < b[0])


def test_ties_go_to_the_earlier() -> None:
    assert apportion(100, [Fraction(1), Fraction(1), Fraction(1)]) == [34, 33, 33]


@pytest.mark.parametrize("weights", [[Fraction(0)], [Fraction(-1), Fraction(3)]])
def test_nothing_to_split_by_is_an_error(weights: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="weights"):
        apportion(100, weights)


@given(total=st.integers(1, 10**6), weights=WEIGHTS)
def test_a_tie_is_marked_where_the_order_decides_and_nowhere_else(total: int, weights: list[Fraction]) -> None:
    numerators, denominator = [int(total * weight * 2520) for weight in weights], 10**5
    forward, tied = largest_remainder(numerators, denominator)
    backward, _ = largest_remainder(numerators[::-1], denominator)
    assert sum(forward) == sum(numerators) // denominator
    moved = [a != b for a, b in zip(forward, backward[::-1], strict=True)]
    assert all(t or not m for m, t in zip(moved, tied, strict=True))
    assert any(moved) == any(tied)


def test_all_of_equal_remainders_are_tied_where_only_some_are_rounded_up() -> None:
    assert largest_remainder([4, 4, 4, 6, 3], 3) == ([2, 1, 1, 2, 1], [True, True, True, False, False])
