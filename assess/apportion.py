"""Splitting a whole number of smallest units exactly, by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def apportion(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Whole numbers that sum to `total`, each the exact share `total x weight / sum` rounded down or up.

    What rounding down leaves goes, one each, to the largest remainders; of equal remainders the earlier in the sequence
    comes first. Weights must not be negative; if they are all zero there is nothing to split by and ValueError is
    raised. Source: the method of Hamilton, or of largest remainder (Hare quota).
    """
    whole = sum(weights, Fraction(0))
    if whole <= 0 or min(weights) < 0:
        raise ValueError("the weights must not be negative, and at least one must be above zero")
    exact = [total * weight / whole for weight in weights]
    floors = [share.numerator // share.denominator for share in exact]
    left = total - sum(floors)
    by_remainder = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[:left]:
        floors[i] += 1
    return floors
