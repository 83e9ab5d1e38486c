"""Exact numbers: those an author wrote, whole ten-thousandths of a point, and numbers as a formula shows them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

# Points are kept to the ten-thousandth: a score is a whole number of them.
SCALE = 10_000

ZERO, ONE = Fraction(0), Fraction(1)
_SHOWN = 10**6


@lru_cache(maxsize=8192)
def exact(number: float | str | Decimal | Fraction) -> Fraction:
    """The decimal number an author wrote, exactly: 0.62 is 62/100, not its binary neighbour."""
    return Fraction(str(number))


def ten_thousandths(points: float | Fraction) -> int:
    """Points as a whole number of ten-thousandths, half to even."""
    return round((points if isinstance(points, Fraction) else exact(points)) * SCALE)


def half_even(numerator: int, denominator: int) -> int:
    """The nearest whole number to numerator / denominator, half to even; the denominator is above zero."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole & 1))


def clamped(numerator: int, denominator: int) -> Fraction:
    """The share numerator / denominator, not below 0 and not above 1; the denominator is above zero."""
    if numerator <= 0:
        return ZERO
    return ONE if numerator >= denominator else Fraction(numerator, denominator)


def shown(number: Fraction | int) -> str:
    """A number in a formula: an exact decimal, or one of six places that is marked with the sign of approximation.

    What is no whole number never reads as one.
    """
    numerator, denominator = number.numerator, number.denominator
    scaled, rest = divmod(abs(numerator) * _SHOWN, denominator)
    if rest:
        near = scaled + (2 * rest >= denominator)
        if near % _SHOWN == 0:
            near = scaled if near > scaled else scaled + 1
        scaled = near
    return ("≈" if rest else "") + _decimal(scaled, _SHOWN, 6, negative=numerator < 0)


@lru_cache(maxsize=8192)
def written(number: float) -> str:
    """A number of the ruleset in a formula."""
    return shown(exact(number))


def shown_points(amount: int) -> str:
    """A whole number of ten-thousandths as points."""
    return _decimal(abs(amount), SCALE, 4, negative=amount < 0)


def _decimal(scaled: int, scale: int, digits: int, *, negative: bool) -> str:
    whole, places = divmod(scaled, scale)
    text = f"{whole}.{places:0{digits}d}".rstrip("0") if places else str(whole)
    return "−" + text if negative else text
