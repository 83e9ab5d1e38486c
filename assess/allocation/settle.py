"""Several pools and money paid in advance: what each unit is paid in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assess.allocation.errors import AllocationError, money, named
from assess.allocation.spec import Allocation
from assess.allocation.split import Claim, Split, split_pool
from assess.allocation.steps import Step, minor_units


@dataclass(frozen=True)
class UnitAward:
    """What one unit gets over all pools, in minor units: settlement = award - prepaid + carried + waived.

    `carried_minor` is what the unit owes to the next period and `waived_minor` what it keeps without a claim to it;
    both are zero or more. Under `clawback` the settlement is negative instead: a claim on the unit. `steps` (total,
    prepaid, carried or waived) add up to the settlement.
    """

    unit: str
    minor: int
    prepaid_minor: int
    settlement_minor: int
    carried_minor: int
    waived_minor: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Allocated:
    """Every pool as it was split, in the order of the ruleset, and what each unit gets, in the order of the keys."""

    pools: tuple[Split, ...]
    awards: tuple[UnitAward, ...]


def allocate(allocation: Allocation, claims: Sequence[Claim]) -> Allocated:
    """Split every pool over the claims and set what was paid in advance against the awards.

    The order of the claims changes nothing. Raises AllocationError, which says the pool, where one cannot be split.
    """
    ordered = sorted(claims, key=lambda claim: claim.unit)
    _check(allocation, ordered)
    pools = tuple(split_pool(pool, ordered) for pool in allocation.each)
    awards = tuple(
        _settled(allocation, claim, [made.shares[i].minor for made in pools]) for i, claim in enumerate(ordered)
    )
    return Allocated(pools, awards)


def _check(allocation: Allocation, claims: Sequence[Claim]) -> None:
    twice = [unit for unit, times in Counter(claim.unit for claim in claims).items() if times > 1]
    if twice:
        raise AllocationError(f"a unit claims once, but {named(twice)} claims more than once")
    negative = [f"{claim.unit} {money(claim.prepaid_minor)}" for claim in claims if claim.prepaid_minor < 0]
    if negative:
        raise AllocationError(f"money paid in advance is not negative, but that of {named(negative)} is")
    paid = [claim.unit for claim in claims if claim.prepaid_minor]
    if paid and allocation.prepaid is None:
        raise AllocationError(f"{named(paid)} was paid in advance, but the allocation states no `prepaid`")


def _settled(allocation: Allocation, claim: Claim, minor: Sequence[int]) -> UnitAward:
    award, prepaid = sum(minor), claim.prepaid_minor
    owed = max(0, prepaid - award)
    carried = owed if allocation.negative == "carry" else 0
    waived = owed if allocation.negative == "waive" else 0
    steps = [Step("", "total", minor_units(award), {"formula": " + ".join(money(each) for each in minor)})]
    if allocation.prepaid is not None:
        steps.append(Step("", "prepaid", minor_units(-prepaid)))
    if carried:
        steps.append(Step("", "carried", minor_units(carried)))
    if waived:
        steps.append(Step("", "waived", minor_units(waived)))
    return UnitAward(claim.unit, award, prepaid, award - prepaid + carried + waived, carried, waived, tuple(steps))
