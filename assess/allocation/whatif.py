"""What one unit would get if it brought something else, all others as they are."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction

from assess.allocation.coefficients import Unweighted, decimal_of
from assess.allocation.errors import AllocationError, InfeasibleError, money
from assess.allocation.solve import Solved, coefficient_of, instead, solve
from assess.allocation.spec import Bound
from assess.allocation.split import Claim, Split


def what_if_minor(made: Split, claim: Claim) -> int:
    """The award of `claim.unit`, in minor units, if it brought `claim` and all others what they brought.

    Exactly what splitting again would give, bounds and rounding included, but without making the shares of all others:
    time grows with the number of units. Raises AllocationError for a unit that is not in the split, or as `split_pool`.
    """
    inputs = made._solved.inputs
    basis = claim.bases.get(made.pool, Fraction(0))
    return solve(instead(inputs, _place(made, claim), basis, claim.quality, claim.grade)).minor[_place(made, claim)]


def what_if_exact(made: Split, claim: Claim) -> Fraction:
    """The award of `claim.unit` before rounding, in minor units, in a time that does not hang on the number of units.

    Without floors and caps it is what splitting again would give, so the award is less than one minor unit away. With
    them it takes those of the other units that are bound now to stay bound, and at the same amounts; the unit's own
    bounds hold. Raises AllocationError as `what_if_minor` does, and InfeasibleError for bounds of its own that
    contradict each other.
    """
    solved, i = made._solved, _place(made, claim)
    pool, total = solved.inputs.pool, solved.inputs.pool.pool_minor
    basis = max(claim.bases.get(made.pool, Fraction(0)), Fraction(0))
    weight = basis * coefficient_of(pool, claim.quality)
    bases = made.basis_total - max(solved.inputs.bases[i], Fraction(0)) + basis
    weights = made.weight_total - solved.weight(i) + weight
    if not bases or (pool.kept is None and not weights):
        raise AllocationError("nobody has a weight (basis x coefficient) above zero", pool.id, "no_weight")
    if not basis or (claim.quality is None and not isinstance(pool.coefficient, Unweighted)):
        return Fraction(0)
    per_basis = total / bases
    if pool.kept is not None:
        share = per_basis * weight
    else:
        plain, taking = _per_weight(made, i, claim.grade, weight, per_basis, weights)
        own = weight * (taking if _takes(solved, claim.grade) else plain)
        sums = solved.free_sums
        of_plain, of_taking = (Fraction(each, solved.inputs.part_of * solved.inputs.factor_of) for each in sums[:2])
        bound = sums[2]
        if solved.bound[i] is not None:
            bound -= solved.minor[i]
        elif solved.named[i]:
            of_taking -= solved.weight(i)
        else:
            of_plain -= solved.weight(i)
        free = of_plain * plain + of_taking * taking + own
        share = (total - bound) * own / free if free else Fraction(0)
    return _within(share, pool.floor, pool.cap, basis * per_basis, made)


def _place(made: Split, claim: Claim) -> int:
    units = made._solved.inputs.units
    i = bisect_left(units, claim.unit)
    if i == len(units) or units[i] != claim.unit:
        raise AllocationError(f"unit {claim.unit!r} has no share to compare with", made.pool)
    return i


def _takes(solved: Solved, grade: str | None) -> bool:
    to = solved.inputs.pool.redistribute_to
    return to is None or grade in to


def _per_weight(
    made: Split, i: int, grade: str | None, weight: Fraction, per_basis: Fraction, weights: Fraction
) -> tuple[Fraction, Fraction]:
    """What a unit of weight gets before bounds: where one is not given what is withheld, and where one is."""
    solved = made._solved
    pool = solved.inputs.pool
    if pool.redistribute_to is None:
        return Fraction(0), pool.pool_minor / weights
    takers = Fraction(solved.named_weight, solved.inputs.part_of * solved.inputs.factor_of)
    takers += (weight if _takes(solved, grade) else 0) - (solved.weight(i) if solved.named[i] else 0)
    gap = pool.pool_minor - per_basis * weights
    if gap < 0:
        raise AllocationError("coefficients above 1 ask for more than the pool holds", pool.id, "above_pool")
    if gap and not takers:
        raise AllocationError("no unit with a weight has the grade that is given more", pool.id, "no_unit_of_grade")
    return per_basis, per_basis + (gap / takers if takers else 0)


def _within(share: Fraction, floor: Bound | None, cap: Bound | None, entitled: Fraction, made: Split) -> Fraction:
    def limit(bound: Bound) -> Fraction:
        return decimal_of(bound.share or 0.0) * entitled if bound.amount is None else Fraction(bound.amount) * 100

    least = -(-limit(floor) // 1) if floor is not None else 0
    most = limit(cap) // 1 if cap is not None else None
    if most is not None and least > most:
        message = f"the floor would be above the cap ({money(least)} above {money(most)})"
        raise InfeasibleError(message, made.pool)
    share = max(share, Fraction(least))
    return share if most is None else min(share, Fraction(most))
