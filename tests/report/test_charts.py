"""Distributions are drawn to scale, and what cannot be true is drawn apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.report.charts import HISTOGRAM_HEIGHT, HISTOGRAM_WIDTH, Histogram, histogram


def bars(path: str) -> list[tuple[float, float, float]]:
    """Start, width and height of every bar."""
    return [
        (float(start), float(width), float(height))
        for start, height, width in re.findall(r"M([\d.]+) \d+v-([\d.]+)h([\d.]+)v[\d.]+z", path)
    ]


def drawn(
    rates: list[float], ceiling: float | None = 1.0, target: float | None = None, percent: bool = True
) -> Histogram:
    ordered = sorted(rates)
    middle = ordered[len(ordered) // 2]
    return histogram(rates, (ordered[0], middle, ordered[-1]), ceiling, target, percent=percent)


@given(st.lists(st.floats(0, 30, allow_subnormal=False), min_size=1, max_size=60), st.booleans())
def test_nothing_is_drawn_outside_of_the_scale(rates: list[float], percent: bool) -> None:
    chart = drawn(rates, 1.0 if percent else None, 0.6, percent)
    assert chart.low <= min(rates)
    assert max(rates) <= chart.high + 1e-9
    for start, width, height in bars(chart.bars) + bars(chart.over):
        assert start >= -0.1
        assert start + width <= HISTOGRAM_WIDTH + 1.5
        assert 0 < height <= HISTOGRAM_HEIGHT
    marks = [chart.least, chart.q1, chart.median, chart.q3, chart.most]
    assert all(-0.1 <= mark <= HISTOGRAM_WIDTH + 0.1 for mark in marks)
    assert chart.least <= chart.q1 <= chart.median <= chart.q3 <= chart.most


@given(st.lists(st.integers(0, 100), min_size=1, max_size=60))
def test_up_to_the_ceiling_nothing_is_hatched(percents: list[int]) -> None:
    assert drawn([percent / 100 for percent in percents]).over == ""


def test_beyond_the_ceiling_everything_is() -> None:
    chart = drawn([0.5, 0.9, 1.0, 1.3488])
    assert len(bars(chart.bars)) == 3
    assert len(bars(chart.over)) == 1
    assert bars(chart.over)[0][0] >= (chart.ceiling or 0)


def test_the_highest_bar_is_where_most_units_are() -> None:
    heights = {start: height for start, _width, height in bars(drawn([0.1, 0.51, 0.51, 0.52, 0.9]).bars)}
    assert max(heights, key=lambda start: heights[start]) == pytest.approx(0.5 * HISTOGRAM_WIDTH, abs=0.1)


def test_a_completion_may_pass_one_without_being_wrong() -> None:
    chart = drawn([0.9, 1.4], ceiling=None, target=1.0)
    assert chart.over == ""
    assert chart.high >= 1.4


def test_a_single_far_outlier_does_not_take_a_thousand_bars() -> None:
    assert len(bars(drawn([0.5, 4000.0], ceiling=None).bars)) == 2


def test_growth_may_be_negative() -> None:
    chart = drawn([-0.2, 0.1], ceiling=None, percent=False)
    assert chart.low == -0.2
    assert chart.least == 0
