"""Columns of exact numbers are fractions, however large: what 64 bits do not hold is as exact as what they do."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.ratio import Ratio, times, whole

# Small ones, those that floats are made of, and whole ones around the end of 64 bits.
NUMBERS = st.one_of(
    st.fractions(min_value=-5, max_value=5, max_denominator=10_000),
    st.floats(-(10**9), 10**9).map(Fraction),
    st.integers(-(2**64), 2**64).map(Fraction),
)
Sign = Callable[[Any, Any], Any]
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5)


def columns(pairs: list[tuple[Fraction, Fraction]]) -> tuple[Ratio, Ratio]:
    return Ratio.of([one for one, _ in pairs]), Ratio.of([two for _, two in pairs])


@pytest.mark.parametrize("sign", [operator.add, operator.sub, operator.mul])
@given(pairs=PAIRS)
def test_arithmetic_is_that_of_fractions(sign: Sign, pairs: list[tuple[Fraction, Fraction]]) -> None:
    one, two = columns(pairs)
    assert sign(one, two).numbers() == [sign(*pair) for pair in pairs]


@given(pairs=PAIRS)
def test_division_and_order_are_those_of_fractions(pairs: list[tuple[Fraction, Fraction]]) -> None:
    one, two = columns(pairs)
    above = [(number, abs(divisor) or Fraction(1)) for number, divisor in pairs]
    assert (one / columns(above)[1]).numbers() == [number / divisor for number, divisor in above]
    for sign in (operator.ge, operator.gt, operator.lt):
        assert sign(one, two).tolist() == [sign(*pair) for pair in pairs]
    assert one.equals(two).tolist() == [a == b for a, b in pairs]
    assert one.at_most(two).numbers() == [min(pair) for pair in pairs]


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=5))
def test_rounding_is_that_of_fractions(numbers: list[Fraction]) -> None:
    column = Ratio.of(numbers)
    assert column.floor().numbers() == [floor(number) for number in numbers]
    assert column.ceil().numbers() == [ceil(number) for number in numbers]
    assert column.clamped().numbers() == [min(max(number, Fraction(0)), Fraction(1)) for number in numbers]
    assert column.floats().tolist() == [number.numerator / number.denominator for number in numbers]
    over, of = column.over(6)
    assert (of % 6, [Fraction(n, of) for n in over.tolist()]) == (0, numbers)


@given(shares=st.lists(st.fractions(0, 1) | st.floats(0, 1).map(Fraction), min_size=1, max_size=5),
       points=st.integers(0, 10**15))  # fmt: skip
def test_points_are_rounded_half_to_even(shares: list[Fraction], points: int) -> None:
    given_ = Ratio.of(shares).of_points(np.full(len(shares), points))
    assert given_.tolist() == [round(points * share) for share in shares]


@given(numbers=st.lists(NUMBERS, min_size=1, max_size=5))
def test_a_column_is_shown_as_its_numbers_are(numbers: list[Fraction]) -> None:
    texts = pl.DataFrame({"row": range(len(numbers))}).with_columns(text=Ratio.of(numbers).shown())["text"]
    for number, text in zip(numbers, texts, strict=True):
        plain = text.removeprefix("≈").replace("−", "-")
        assert ("≈" in text) == (Fraction(plain) != number)
        assert abs(Fraction(plain) - number) < Fraction(1, 10**6)
        assert ("≈" not in text) or Fraction(plain).denominator > 1, "what was cut never reads as a whole number"


def test_a_product_that_64_bits_would_not_hold_is_whole_all_the_same() -> None:
    most = whole([2**62, -(2**62)])
    assert (most.dtype, times(most, whole([1])).dtype) == (np.int64, np.int64)
    assert times(most, whole([2])).tolist() == [2**63, -(2**63)]
    assert times(most, most).tolist() == [2**124, 2**124]


def test_where_there_is_no_number_something_else_may_stand() -> None:
    column = Ratio.of([Fraction(1, 2), None])
    assert column.known.tolist() == [True, False]
    assert column.fractions() == [Fraction(1, 2), None]
    assert column.otherwise(3).numbers() == [Fraction(1, 2), 3]
    assert column.put(np.array([0]), Ratio.of([2**70])).fractions() == [2**70, None]
    assert np.isnan(column.floats()).tolist() == [False, True]
