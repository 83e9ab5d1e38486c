"""One pool split over the units: every share with what made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from assess.allocation.bounds import Bounded
from assess.allocation.solve import Solved, gather, solve
from assess.allocation.spec import Pool
from assess.allocation.steps import Step, Steps


@dataclass(frozen=True)
class Claim:
    """What one unit brings: its basis for each pool by id, its score, its grade, and what it was paid in advance.

    `quality` is the score as an exact share of full marks, or none without a score. A basis that is missing or not
    above zero counts for nothing. `prepaid_minor` is in minor units and not negative.
    """

    unit: str
    bases: Mapping[str, Fraction]
    quality: Fraction | None
    grade: str | None = None
    prepaid_minor: int = 0


@dataclass(frozen=True)
class Share:
    """What one unit gets of one pool. `entitlement` and `exact` (before rounding) are exact, in minor units.

    `bound` says which bound holds the share, and `tied` that the order of the keys decided its last minor unit.
    """

    unit: str
    basis: Fraction
    quality: Fraction | None
    coefficient: Fraction
    weight: Fraction
    entitlement: Fraction
    exact: Fraction
    minor: int
    bound: Bounded | None
    tied: bool
    _steps: Steps = field(repr=False, compare=False)
    _place: int = field(repr=False, compare=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps whose amounts add up to the share exactly; made when they are asked for."""
        return self._steps.of(self._place)


@dataclass(frozen=True)
class Split:
    """One pool: what is awarded and what is kept make up the pool, in minor units. Shares are in the order of the keys.

    `basis_total` sums the bases above zero, `weight_total` basis x coefficient. `value_of_point` is the money, in the
    currency, that was paid for one unit of weight: awarded / weight_total, or none without weight.
    """

    pool: str
    pool_minor: int
    awarded_minor: int
    kept_minor: int
    kept: Literal["carry", "return"] | None
    basis_total: Fraction
    weight_total: Fraction
    value_of_point: Fraction | None
    shares: tuple[Share, ...]
    steps: Steps = field(repr=False, compare=False)
    _solved: Solved = field(repr=False, compare=False)


def split_pool(pool: Pool, claims: Sequence[Claim]) -> Split:
    """Split one pool over the claims of distinct units; awards and what is kept sum to the pool to the minor unit.

    With weight = basis x coefficient, entitled = pool x basis / sum of bases, earned = entitled x coefficient and
    withheld = pool - sum of earned, a unit gets before bounds: pool x weight / sum of weights (redistribute); earned,
    and withheld x weight / sum of weights among units of the grades (redistribute_to); earned (carry, return). Floors
    and caps then hold, and what they move is shared among units that are not bound, in proportion to those amounts;
    where money is kept, it comes from there instead. Rounded by largest remainder over those not bound, of equal
    remainders the first key; where money is kept, so is what is left of a minor unit. Raises AllocationError.
    """
    ordered = sorted(claims, key=lambda claim: claim.unit)
    zero = Fraction(0)
    inputs = gather(
        pool,
        [claim.unit for claim in ordered],
        [claim.bases.get(pool.id, zero) for claim in ordered],
        [claim.quality for claim in ordered],
        [claim.grade for claim in ordered],
    )
    solved = solve(inputs)
    steps = Steps(solved)
    shares = tuple(
        Share(
            unit=claim.unit,
            basis=inputs.bases[i],
            quality=claim.quality,
            coefficient=Fraction(inputs.factors[i], inputs.factor_of),
            weight=solved.weight(i),
            entitlement=solved.entitlement(i),
            exact=solved.exact(i),
            minor=solved.minor[i],
            bound=solved.bound[i],
            tied=solved.tied[i],
            _steps=steps,
            _place=i,
        )
        for i, claim in enumerate(ordered)
    )
    awarded = sum(solved.minor)
    weights = Fraction(solved.weight_sum, inputs.part_of * inputs.factor_of)
    return Split(
        pool=pool.id,
        pool_minor=pool.pool_minor,
        awarded_minor=awarded,
        kept_minor=pool.pool_minor - awarded,
        kept=pool.kept,
        basis_total=Fraction(solved.bases, inputs.part_of),
        weight_total=weights,
        value_of_point=Fraction(awarded, 100) / weights if weights else None,
        shares=shares,
        steps=steps,
        _solved=solved,
    )
