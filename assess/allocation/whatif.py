"""What one unit would get if it brought something else, all others as they are."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from assess.allocation.coefficients import Unweighted, decimal_of
from assess.allocation.errors import AllocationError
from assess.allocation.solve import Solved, instead, solve
from assess.allocation.spec import Bound
from assess.allocation.split import Claim, Split
from assess.ratio import Mask, Places, Ratio, Whole, plus, times, whole


@dataclass(frozen=True, eq=False)
class Claims:
    """What units would bring, as columns of what `Claim` says; every line is a case of its own, all others as now.

    `units` are the places of the units among the shares of a split.
    """

    units: Places
    bases: Mapping[str, Ratio]
    quality: Ratio
    grades: Sequence[str | None]


def what_if_minor(made: Split, claim: Claim) -> int:
    """The award of `claim.unit`, in minor units, if it brought `claim` and all others what they brought.

    Exactly what splitting again would give, bounds and rounding included, but without making the shares of all others:
    time grows with the number of units. Raises AllocationError for a unit that is not in the split, or as `split_pool`.
    """
    inputs = made._solved.inputs
    basis, place = claim.bases.get(made.pool, Fraction(0)), _place(made, claim.unit)
    return solve(instead(inputs, place, basis, claim.quality, claim.grade)).minor[place]


def what_if_exact(made: Split, claims: Claims) -> Ratio:
    """The award of each unit before rounding, in minor units, in a time that does not hang on the number of others.

    Without floors and caps it is what splitting again would give, so the award is less than one minor unit away. With
    them it takes those of the other units that are bound now to stay bound, and at the same amounts; the unit's own
    bounds hold. There is no number where the pool could not be split.
    """
    solved, pool = made._solved, made._solved.inputs.pool
    total, was = whole([pool.pool_minor]), _Now(solved, claims.units)
    basis = claims.bases.get(made.pool, Ratio.each(0, len(claims.units)))
    # Bases over `part_of`, coefficients over `factor_of`, and weights over both, of the unit and of all together.
    parts, part_of = basis.where(basis.n > 0, 0).over(solved.inputs.part_of)
    factors, factor_of = pool.coefficient.of(claims.quality).over(solved.inputs.factor_of)
    finer = whole([part_of * factor_of // (solved.inputs.part_of * solved.inputs.factor_of)])
    weight, own = times(parts, factors), times(was.weight, finer)
    bases = plus(times(whole([solved.bases]) - was.part, whole([part_of // solved.inputs.part_of])), parts)
    weights = plus(times(whole([solved.weight_sum]), finer) - own, weight)
    full = times(bases, whole([factor_of]))
    refused = bases == 0
    if pool.kept is not None:
        share = Ratio(times(total, weight), np.where(refused, 1, full))
    else:
        refused = refused | (weights == 0)
        takes = _takes(solved, claims.grades)
        # The money for one unit of weight, up to a common factor: for one that is not given what is withheld, and one
        # that is.
        plain, taking = np.zeros_like(weight), np.ones_like(weight)
        if pool.redistribute_to is not None:
            others = times(whole([solved.named_weight]), finer) - np.where(was.named, own, 0)
            takers = plus(others, np.where(takes, weight, 0))
            gap = full - weights
            refused = refused | (gap < 0) | ((gap > 0) & (takers == 0))
            plain, taking = np.where(takers > 0, takers, 1), np.where(takers > 0, plus(takers, gap), 1)
        share = was.share(weight, takes, plain, taking, finer)
    share = _within(share, pool.floor, pool.cap, Ratio(times(total, parts), np.where(refused, 1, bases)))
    out = np.zeros(len(parts), np.bool_) if isinstance(pool.coefficient, Unweighted) else ~claims.quality.known
    return share.where((parts > 0) & ~out, 0).where(~refused, None)


class _Now:
    """What units bring now, and how they are bound, in the order of the cases that ask for them."""

    def __init__(self, solved: Solved, places: Places):
        self.solved = solved
        self.part = whole(solved.inputs.parts)[places]
        self.weight = whole(solved.weights)[places]
        self.named = np.array(solved.named, dtype=np.bool_)[places]
        self.bound = np.array([at is not None for at in solved.bound], dtype=np.bool_)[places]
        self.minor = whole(solved.minor)[places]

    def share(self, weight: Whole, takes: Mask, plain: Whole, taking: Whole, finer: Whole) -> Ratio:
        """What a unit gets of the money of those who are not bound, being one of them.

        `weight` is the new one, `plain` and `taking` the money for one of it, up to a common factor. Weights of now are
        to be made `finer` to be over the same denominator.
        """
        of_plain, of_taking, bound = (whole([each]) for each in self.solved.free_sums)
        own, free = times(self.weight, finer), ~self.bound
        rest = plus(whole([self.solved.inputs.pool.pool_minor]) - bound, np.where(self.bound, self.minor, 0))
        of_plain = times(of_plain, finer) - np.where(free & ~self.named, own, 0)
        of_taking = times(of_taking, finer) - np.where(free & self.named, own, 0)
        mine = times(weight, np.where(takes, taking, plain))
        all_of_them = plus(plus(times(of_plain, plain), times(of_taking, taking)), mine)
        return Ratio(times(rest, mine), np.where(all_of_them == 0, 1, all_of_them))


def _place(made: Split, unit: str) -> int:
    units = made._solved.inputs.units
    i = bisect_left(units, unit)
    if i == len(units) or units[i] != unit:
        raise AllocationError(f"unit {unit!r} has no share to compare with", made.pool)
    return i


def _takes(solved: Solved, grades: Sequence[str | None]) -> Mask:
    to = solved.inputs.pool.redistribute_to
    return np.array([to is None or grade in to for grade in grades], dtype=np.bool_)


def _within(share: Ratio, floor: Bound | None, cap: Bound | None, entitled: Ratio) -> Ratio:
    """Held within the unit's own bounds; no number where they contradict each other."""

    def limit(bound: Bound) -> Ratio:
        if bound.amount is not None:
            return Ratio.each(Fraction(bound.amount) * 100, len(share))
        return entitled * decimal_of(bound.share or 0.0)

    least = limit(floor).ceil() if floor is not None else Ratio.each(0, len(share))
    share = share.where(share > least, least)
    if cap is None:
        return share
    most = limit(cap).floor()
    return share.at_most(most).where(~(least > most), None)
