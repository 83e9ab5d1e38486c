"""Numbers are printed so that they say no more and no less than the counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from assess.report.format import SPACE, count, digest, mark, minor, money, points, printed, rate, share, short, size


@pytest.mark.parametrize(
    ("ratio", "kind", "shown"),
    [
        (1.3488, "coverage", "134.88 %"),
        (0.62, "share", "62.00 %"),
        (1.0, "coverage", "100.00 %"),
        (0.0, "coverage", "0.00 %"),
        (29999 / 30000, "coverage", "> 99.99 %"),
        (30001 / 30000, "coverage", "> 100.00 %"),
        (1 / 30000, "coverage", "< 0.01 %"),
        (-1 / 30000, "growth", "> −0.01 %"),
        (-0.125, "growth", "−12.50 %"),
        (0.00624, "per_mille", "6.24 ‰"),
        (0.000001, "per_mille", "< 0.01 ‰"),
        (284.0, "count", "284"),
        (1888.28, "points", "1,888.28"),
        (None, "coverage", "—"),
        (float("nan"), "coverage", "—"),
    ],
)
def test_a_rate_is_shown_in_the_scale_of_its_kind(ratio: float | None, kind: str, shown: str) -> None:
    assert rate(ratio, kind).replace(SPACE, " ") == shown


@given(st.integers(1, 10**9), st.data())
def test_nothing_and_all_are_only_said_when_the_counts_say_so(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    shown = share(part, whole).replace(SPACE, " ")
    assert (shown == "0.00 %") == (part == 0)
    assert (shown == "100.00 %") == (part == whole)


@given(st.integers(1, 10**12), st.data())
def test_a_ratio_of_floats_obeys_the_same_law(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    shown = rate(part / whole).replace(SPACE, " ")
    assert (shown == "0.00 %") == (part == 0)
    assert (shown == "100.00 %") == (part == whole)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@given(value=st.decimals(-(10**12), 10**12, places=2, allow_nan=False))
def test_separators_and_decimals_are_those_of_both_languages(locale: str, value: Decimal) -> None:
    expected = format_decimal(value, format="#,##0.00", locale=locale).replace("-", "−")
    assert money(value).replace(f"¥{SPACE}", "") == (expected if value else "0.00")


@given(st.integers(-(10**15), 10**15))
def test_money_keeps_every_cent(cents: int) -> None:
    text = minor(cents).replace("¥", "").replace(SPACE, "").replace(",", "").replace("−", "-")
    assert Decimal(text) * 100 == cents


def test_a_figure_is_printed_as_it_was_written() -> None:
    assert printed("134.88", "percent") == f"134.88{SPACE}%"
    assert printed("29.20", "percent") == f"29.20{SPACE}%"
    assert printed("640000") == "640,000"
    assert printed("*", "percent") == "*"
    assert printed(None) == "—"
    assert printed("<b>", "percent") == "<b>"


def test_counts_keep_two_decimals_of_an_estimate() -> None:
    assert count(2000.25) == "2,000.25"
    assert count(2000.0) == "2,000"
    assert count("1e3") == "1,000"


@pytest.mark.parametrize(
    ("value", "lang", "shown"),
    [
        (55_090_000, "zh", "5,509 万"),
        (123_456_789, "zh", "1.23 亿"),
        (9_999, "zh", "9,999"),
        (55_090_000, "en", "55.09 million"),
        (9_999, "en", "9,999"),
    ],
)
def test_large_numbers_are_shortened(value: int, lang: str, shown: str) -> None:
    assert short(value, lang).replace(SPACE, " ") == shown


def test_points_show_as_many_decimals_as_they_have() -> None:
    assert points(Decimal("82.3517")) == "82.3517"
    assert points(Decimal("60.0000")) == "60.0"
    assert points(Decimal("-5.6"), 2) == "−5.60"
    assert mark(100.0) == "100"


def test_the_most_glaring_comes_first() -> None:
    assert size(f"134.88{SPACE}%") == 134.88
    assert size("1,234.5") == 1234.5
    assert size("—") == 0.0


def test_a_digest_can_be_compared_by_eye() -> None:
    assert digest("0123456789abcdef") == "01234567 89abcdef"
