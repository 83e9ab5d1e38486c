"""Patterns of a fixed number of digits are read as numbers, and say what the pattern says."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.checks.base import inline
from assess.checks.digits import fixed, like

NUMBERS = ["1[3-9][0-9]{9}", "[1-9][0-9]{16}[0-9Xx]", "[1-9][0-9]{5}", "86[0-9]{4}", "12", "[3-5]{1}[0-9]{2}[A-Cz]"]
OTHERS = [
    "[0-9]{6}",  # +12345 is a number too
    "1[3-9][0-9]{9}|x",
    "1[3-9]\\d{9}", "[1-9][0-9]+", "[1-9][0-9]{2,3}", "(12)", "1.", "[1-9][0-9]?", "[^1]2", "1[3-9]5[0-8]7[0-9]",
    "", "7", "[9-1]5", "[1-9][0-9]{20}", "一[0-9]{3}", "[1-9] [0-9]{3}", "A[0-9]{3}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", NUMBERS)
def test_a_row_of_digits_is_read_as_a_number(pattern: str) -> None:
    assert fixed(pattern)


@pytest.mark.parametrize("pattern", OTHERS)
def test_what_is_not_surely_a_row_of_digits_is_left_to_the_pattern(pattern: str) -> None:
    assert not fixed(pattern)


def odd(text: str) -> st.SearchStrategy[str]:
    """The text, or what nearly is that."""
    at = st.integers(0, len(text))
    sign = st.sampled_from(["+", "-", " ", "\n", "0", "_", "e", ".", "x", "X", "３", "é", "1", "\x00"])
    put = st.tuples(at, sign)
    return st.one_of(
        st.just(text),
        put.map(lambda p: text[: p[0]] + p[1] + text[p[0] :]),
        put.map(lambda p: text[: p[0]] + p[1] + text[p[0] + 1 :]),
        at.map(lambda a: text[:a]),
    )


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.one_of([st.from_regex(rf"\A{pattern}\Z").flatmap(odd) for pattern in NUMBERS]),
    st.text("0123456789+-Xx", min_size=1, max_size=19),
)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=30), st.sampled_from(NUMBERS))
def test_it_says_what_the_pattern_says(texts: list[str | None], pattern: str) -> None:
    rows = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    said = rows.select(
        fast=like("text", pattern, inline),
        slow=pl.col("text").str.contains(rf"\A(?:{pattern})\z").fill_null(value=False),
    )
    assert said["fast"].to_list() == said["slow"].to_list()
