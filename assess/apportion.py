"""Splitting a whole number of smallest units exactly, by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def apportion(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Whole numbers that sum to `total`, each the exact share `total x weight / sum` rounded down or up.

    What rounding down leaves goes, one each, to the largest remainders; of equal remainders the earlier in the sequence
    comes first. Weights must not be negative; if they are all zero there is nothing to split by and ValueError is
    raised. Source: the method of Hamilton, or of largest remainder (Hare quota).
    """
    parts, _ = over_one_denominator(weights)
    whole = sum(parts)
    if whole <= 0 or min(parts) < 0:
        raise ValueError("the weights must not be negative, and at least one must be above zero")
    return largest_remainder([total * part for part in parts], whole)[0]


def over_one_denominator(numbers: Sequence[Fraction]) -> tuple[list[int], int]:
    """Numerators of all `numbers` over their common denominator, and that denominator: integers add fast."""
    common = lcm(*{number.denominator for number in numbers}) if numbers else 1
    return [number.numerator * (common // number.denominator) for number in numbers], common


def largest_remainder(numerators: Sequence[int], denominator: int) -> tuple[list[int], list[bool]]:
    """Exact shares (not negative, over one denominator) rounded to whole numbers that sum to the sum rounded down.

    The second list says which shares the tie-break decided: those with the remainder at which what was left ran out.
    """
    split = [divmod(numerator, denominator) for numerator in numerators]
    whole, rest = [q for q, _ in split], [r for _, r in split]
    left = sum(rest) // denominator
    if not left:
        return whole, [False] * len(whole)
    # A stable sort, also in reverse: of equal remainders the earlier comes first.
    order = sorted(range(len(rest)), key=rest.__getitem__, reverse=True)
    for i in order[:left]:
        whole[i] += 1
    last = rest[order[left - 1]]
    cut = left < len(order) and rest[order[left]] == last
    return whole, [cut and remainder == last for remainder in rest]
