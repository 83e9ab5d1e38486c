"""Floors and caps: the one split that holds them all and keeps everybody else in proportion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assess.allocation.errors import InfeasibleError, money, named

Bounded = Literal["floor", "cap"]


@dataclass(frozen=True)
class Limits:
    """The least and the most of each unit in whole minor units, in the order of the units; None is no cap."""

    units: Sequence[str]
    least: Sequence[int]
    most: Sequence[int | None]

    def check(self, pool: str) -> None:
        """Raise InfeasibleError when the least of a unit is above its most."""
        crossed = [
            f"{unit} ({money(low)} above {money(high)})"
            for unit, low, high in zip(self.units, self.least, self.most, strict=True)
            if high is not None and low > high
        ]
        if crossed:
            raise InfeasibleError(f"the floor is above the cap, in whole minor units, of {named(crossed)}", pool)

    def clamp(self, parts: Sequence[int], denominator: int) -> list[Bounded | None]:
        """Which bound each exact part is beyond, its denominator being common to all."""
        return [
            "floor" if part < low * denominator else "cap" if high is not None and part > high * denominator else None
            for part, low, high in zip(parts, self.least, self.most, strict=True)
        ]


def fill(pool: str, total: int, parts: Sequence[int], limits: Limits) -> tuple[list[Bounded | None], int, int]:
    """Which units are bound, and the factor of all others as numerator and denominator.

    The solution of sum of clamp(factor x part, least, most) = total, which is unique in its amounts. Found by freezing
    those beyond the bounds that the sum asks for until nobody is beyond one: exact, in integers, and in as many rounds
    as bounds pull each other in. `total` is above zero, and so is some part. Source: the clamp of flexible lengths in
    CSS Flexible Box Layout 9.7, whose loop is the same. Raises InfeasibleError where no factor will do.
    """
    limits.check(pool)
    _feasible(pool, total, parts, limits)
    least, most = limits.least, limits.most
    bound: list[Bounded | None] = [
        "floor" if not part and low else None for part, low in zip(parts, least, strict=True)
    ]
    free = [i for i, part in enumerate(parts) if part]
    rest = total - sum(low for low, at in zip(least, bound, strict=True) if at)
    while free:
        whole = sum(parts[i] for i in free)
        # Amounts are compared as rest x part / whole without dividing.
        low = [i for i in free if rest * parts[i] < least[i] * whole]
        high = [i for i in free if (top := most[i]) is not None and rest * parts[i] > top * whole]
        if not low and not high:
            return bound, rest, whole
        lacking = sum(least[i] * whole - rest * parts[i] for i in low)
        over = sum(rest * parts[i] - (most[i] or 0) * whole for i in high)
        frozen: set[int] = set()
        if lacking >= over:
            frozen.update(low)
            rest -= sum(least[i] for i in low)
            for i in low:
                bound[i] = "floor"
        if over >= lacking:
            frozen.update(high)
            rest -= sum(most[i] or 0 for i in high)
            for i in high:
                bound[i] = "cap"
        free = [i for i in free if i not in frozen]
    return bound, 0, 1


def _feasible(pool: str, total: int, parts: Sequence[int], limits: Limits) -> None:
    lowest = sum(limits.least)
    if lowest > total:
        floors = [f"{unit} {money(low)}" for unit, low in zip(limits.units, limits.least, strict=True) if low]
        message = f"the floors add up to {money(lowest)}, but {money(total)} is to be paid: {named(floors)}"
        raise InfeasibleError(message, pool)
    rows = zip(parts, limits.least, limits.most, strict=True)
    # Without a weight a unit can be given no more than its floor.
    takes = [high if part else low for part, low, high in rows]
    if None in takes:
        return
    highest = sum(each or 0 for each in takes)
    if highest < total:
        caps = [
            f"{unit} {money(high or 0)}"
            for unit, part, high in zip(limits.units, parts, limits.most, strict=True)
            if part
        ]
        message = f"the caps add up to {money(highest)}, but {money(total)} is to be paid: {named(caps)}"
        raise InfeasibleError(message, pool)
