"""Exact numbers: those an author wrote, whole ten-thousandths of a point, and numbers as a formula shows them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import numpy as np
import polars as pl

from assess.ratio import Ratio, Whole
from assess.written import decimals, either, text

# Points are kept to the ten-thousandth: a score is a whole number of them.
SCALE = 10_000

ZERO, ONE = Fraction(0), Fraction(1)


@lru_cache(maxsize=8192)
def exact(number: float | str | Decimal | Fraction) -> Fraction:
    """The decimal number an author wrote, exactly: 0.62 is 62/100, not its binary neighbour."""
    return Fraction(str(number))


def ten_thousandths(points: float | Fraction) -> int:
    """Points as a whole number of ten-thousandths, half to even."""
    return round((points if isinstance(points, Fraction) else exact(points)) * SCALE)


@lru_cache(maxsize=8192)
def shown(number: Fraction | int) -> str:
    """A number of the ruleset in a formula, as `Ratio.shown` has it."""
    return str(pl.select(Ratio.of([number]).shown()).item())


def written(number: float) -> str:
    """As `shown`, of a number as the author wrote it."""
    return shown(exact(number))


def shown_points(amounts: Whole) -> pl.Expr:
    """Whole numbers of ten-thousandths as points in a formula."""
    return text(either(amounts < 0, "−", ""), decimals(np.abs(amounts), 4))
