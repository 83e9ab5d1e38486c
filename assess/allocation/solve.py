"""The arithmetic of one pool, in whole numbers over common denominators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from assess.allocation.bounds import Bounded, Limits, fill
from assess.allocation.coefficients import Unweighted, decimal_of
from assess.allocation.errors import AllocationError, InfeasibleError, money, named
from assess.allocation.spec import Bound, Pool
from assess.apportion import largest_remainder, over_one_denominator
from assess.ratio import Ratio


@dataclass(frozen=True)
class Inputs:
    """What the units bring to one pool, in the order of their keys.

    `parts` are the bases over `part_of`, `factors` the coefficients over `factor_of`. `takes` says who takes part: with
    a basis above zero, and with a score unless the pool does not look at it.
    """

    pool: Pool
    units: Sequence[str]
    bases: Sequence[Fraction]
    qualities: Sequence[Fraction | None]
    grades: Sequence[str | None]
    takes: Sequence[bool]
    parts: Sequence[int]
    part_of: int
    factors: Sequence[int]
    factor_of: int


@dataclass(frozen=True)
class Solved:
    """How one pool is split. Amounts are exact, in minor units.

    Before bounds a unit gets `part[i] / part_of`, after them `rest x weight[i] / whole` where it is not bound.
    `named` are those that get what is withheld, and `named_weight` their weights in all.
    """

    inputs: Inputs
    bases: int
    weights: Sequence[int]
    weight_sum: int
    named: Sequence[bool]
    named_weight: int
    parts: Sequence[int]
    part_of: int
    limits: Limits
    bound: Sequence[Bounded | None]
    rest: int
    whole: int
    minor: Sequence[int]
    tied: Sequence[bool]

    @property
    def gap(self) -> Fraction:
        """What scores withhold from all units together: below zero where coefficients above 1 ask for more."""
        full = self.bases * self.inputs.factor_of
        return Fraction(self.inputs.pool.pool_minor * (full - self.weight_sum), full)

    @cached_property
    def free_sums(self) -> tuple[int, int, int]:
        """Weights of those not bound who are not named, and who are; and what those who are bound get."""
        plain = taking = bound = 0
        for weight, named_, at, minor in zip(self.weights, self.named, self.bound, self.minor, strict=True):
            if at is not None:
                bound += minor
            elif named_:
                taking += weight
            else:
                plain += weight
        return plain, taking, bound

    def weight(self, i: int) -> Fraction:
        """Basis x coefficient of one unit."""
        return Fraction(self.weights[i], self.inputs.part_of * self.inputs.factor_of)

    def entitlement(self, i: int) -> Fraction:
        """Pool x basis / sum of bases."""
        return Fraction(self.inputs.pool.pool_minor * self.inputs.parts[i], self.bases)

    def earned(self, i: int) -> Fraction:
        """Entitlement x coefficient."""
        return Fraction(self.inputs.pool.pool_minor * self.weights[i], self.bases * self.inputs.factor_of)

    def before(self, i: int) -> Fraction:
        """The amount before floors and caps."""
        return Fraction(self.parts[i], self.part_of)

    def exact(self, i: int) -> Fraction:
        """The amount before rounding."""
        if self.bound[i] is not None:
            return Fraction(self.minor[i])
        return Fraction(self.rest * self.parts[i], self.whole)


def gather(
    pool: Pool, units: Sequence[str], bases: Sequence[Fraction], qualities: Sequence[Fraction | None],
    grades: Sequence[str | None],
) -> Inputs:  # fmt: skip
    """What units bring, over common denominators. A basis below zero counts as zero."""
    parts, part_of = over_one_denominator([max(basis, Fraction(0)) for basis in bases])
    factors, factor_of = over_one_denominator(pool.coefficient.of(Ratio.of(qualities)).numbers())
    blind = isinstance(pool.coefficient, Unweighted)
    takes = [part > 0 and (blind or quality is not None) for part, quality in zip(parts, qualities, strict=True)]
    return Inputs(pool, units, bases, qualities, grades, takes, parts, part_of, factors, factor_of)


def instead(
    inputs: Inputs, i: int, basis: Fraction, quality: Fraction | None, grade: str | None
) -> Inputs:  # fmt: skip
    """The same inputs with what one unit brings replaced."""
    (factor,) = inputs.pool.coefficient.of(Ratio.of([quality])).numbers()
    brought = ((inputs.parts, inputs.part_of, max(basis, Fraction(0))),
               (inputs.factors, inputs.factor_of, factor))  # fmt: skip
    (parts, part_of), (factors, factor_of) = (_replaced(i, *each) for each in brought)
    takes = list(inputs.takes)
    takes[i] = basis > 0 and (quality is not None or isinstance(inputs.pool.coefficient, Unweighted))
    grades = [*inputs.grades[:i], grade, *inputs.grades[i + 1 :]]
    qualities = [*inputs.qualities[:i], quality, *inputs.qualities[i + 1 :]]
    bases = [*inputs.bases[:i], basis, *inputs.bases[i + 1 :]]
    return replace(inputs, bases=bases, qualities=qualities, grades=grades, takes=takes, parts=parts, part_of=part_of,
                   factors=factors, factor_of=factor_of)  # fmt: skip


def _replaced(i: int, numerators: Sequence[int], denominator: int, value: Fraction) -> tuple[list[int], int]:
    more = (denominator * value).denominator
    found = list(numerators) if more == 1 else [numerator * more for numerator in numerators]
    found[i] = int(value * denominator * more)
    return found, denominator * more


def solve(inputs: Inputs) -> Solved:
    """Split one pool. Raises AllocationError where it cannot be split, InfeasibleError where bounds cannot hold."""
    pool, total = inputs.pool, inputs.pool.pool_minor
    bases = sum(inputs.parts)
    if not bases:
        raise AllocationError("nobody has a basis above zero, so there is no weight to split by", pool.id, "no_weight")
    weights = [part * factor for part, factor in zip(inputs.parts, inputs.factors, strict=True)]
    full, weight = bases * inputs.factor_of, sum(weights)
    limits = _limits(inputs, bases)
    if pool.kept is not None:
        parts = [total * each for each in weights]
        held = _kept(pool, parts, full, limits)
        return _rounded(inputs, bases, weights, [False] * len(weights), 0, parts, full, limits, held, 1, full)
    if not weight:
        raise AllocationError("nobody has a weight (basis x coefficient) above zero", pool.id, "no_weight")
    members, member_weight = _takers(inputs, weights, full - weight)
    if member_weight == weight:  # all of them: in proportion to the weights
        parts, shares = [total * each for each in weights], weight
    elif not member_weight:
        parts, shares = [total * each for each in weights], full
    else:
        # Over one denominator: earned + withheld x weight / weights of those who take it.
        more = member_weight + full - weight
        parts = [
            total * each * (more if taker else member_weight) for each, taker in zip(weights, members, strict=True)
        ]
        shares = full * member_weight
    bound: list[Bounded | None] = [None] * len(parts)
    rest, whole = 1, shares
    if pool.floor is not None or pool.cap is not None:
        bound, rest, whole = fill(pool.id, total, parts, limits)
    return _rounded(inputs, bases, weights, members, member_weight, parts, shares, limits, bound, rest, whole)


def _takers(inputs: Inputs, weights: Sequence[int], gap: int) -> tuple[list[bool], int]:
    """Who gets what is withheld, and their weights in all."""
    pool = inputs.pool
    if pool.redistribute_to is None:
        return [weight > 0 for weight in weights], sum(weights)
    if gap < 0:
        raise _above(pool)
    grades = set(pool.redistribute_to)
    members = [weight > 0 and grade in grades for weight, grade in zip(weights, inputs.grades, strict=True)]
    taken = sum(weight for weight, member in zip(weights, members, strict=True) if member)
    if gap and not taken:
        said = " or ".join(pool.redistribute_to)
        message = f"no unit with a weight has the grade {said}, so nobody can be given what is withheld"
        raise AllocationError(message, pool.id, "no_unit_of_grade")
    return members, taken


def _kept(pool: Pool, parts: Sequence[int], denominator: int, limits: Limits) -> list[Bounded | None]:
    """Which units are bound where what is not paid is kept: each for itself, for nobody gets more by it."""
    limits.check(pool.id)
    bound = limits.clamp(parts, denominator)
    paid = 0
    raised: list[str] = []
    excess = 0
    for i, (part, at) in enumerate(zip(parts, bound, strict=True)):
        high = limits.most[i]
        amount = part if at is None else (limits.least[i] if at == "floor" else high or 0) * denominator
        paid += amount
        if at == "floor":
            excess += amount - part
            raised.append(f"{limits.units[i]} {money(limits.least[i])}")
    over = paid - pool.pool_minor * denominator
    if over > 0 and excess >= over:
        lacking = money(-(-over // denominator))
        message = f"the floors ask for {lacking} more than the pool of {money(pool.pool_minor)} holds: {named(raised)}"
        raise InfeasibleError(message, pool.id)
    if over > 0:
        raise _above(pool)
    return bound


def _above(pool: Pool) -> AllocationError:
    message = f"coefficients above 1 ask for more than the pool of {money(pool.pool_minor)} holds"
    return AllocationError(message, pool.id, "above_pool")


def _rounded(
    inputs: Inputs, bases: int, weights: list[int], members: list[bool], member_weight: int, parts: list[int],
    part_of: int, limits: Limits, bound: list[Bounded | None], rest: int, whole: int,
) -> Solved:  # fmt: skip
    """Whole minor units: bounds as they are, all others by largest remainder."""
    minor, tied = largest_remainder([0 if at else rest * part for part, at in zip(parts, bound, strict=True)], whole)
    for i, at in enumerate(bound):
        if at is not None:
            minor[i] = limits.least[i] if at == "floor" else limits.most[i] or 0
            tied[i] = False
    return Solved(inputs, bases, weights, sum(weights), members, member_weight, parts, part_of, limits, bound, rest,
                  whole, minor, tied)  # fmt: skip


def _limits(inputs: Inputs, bases: int) -> Limits:
    """Floors rounded up and caps rounded down to whole minor units; who takes no part has neither."""
    pool, takes = inputs.pool, inputs.takes
    least = [-each for each in _amounts(pool.floor, inputs, bases, -1)] if pool.floor else [0] * len(takes)
    most: list[int | None] = [None] * len(takes)
    if pool.cap is not None:
        most = [high if into else None for high, into in zip(_amounts(pool.cap, inputs, bases, 1), takes, strict=True)]
    return Limits(inputs.units, [low if into else 0 for low, into in zip(least, takes, strict=True)], most)


def _amounts(bound: Bound, inputs: Inputs, bases: int, sign: int) -> list[int]:
    """The bound of each unit x `sign`, rounded down."""
    if bound.amount is not None:
        return [sign * int(bound.amount * 100)] * len(inputs.parts)
    share = decimal_of(bound.share or 0.0)
    money_share, of = sign * inputs.pool.pool_minor * share.numerator, bases * share.denominator
    return [money_share * part // of for part in inputs.parts]
