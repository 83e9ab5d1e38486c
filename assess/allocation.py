"""Allocation: a pool of money split by score and basis, exact to the smallest unit of the currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assess.apportion import apportion
from assess.sql import Sql

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Linear(BaseModel):
    """The coefficient is the score as a share of full marks."""

    model_config = _FROZEN

    method: Literal["linear"]

    def of(self, quality: Fraction) -> Fraction:
        """The coefficient for a score of `quality` (0 to 1)."""
        return quality


class Cliff(BaseModel):
    """The coefficient is 1 from `full_from` upwards, and the score as a share of full marks below it."""

    model_config = _FROZEN

    method: Literal["cliff"]
    full_from: float = Field(gt=0, le=1, description="The share of full marks from which nothing is withheld.")

    def of(self, quality: Fraction) -> Fraction:
        """The coefficient for a score of `quality` (0 to 1)."""
        return Fraction(1) if quality >= Fraction(repr(self.full_from)) else quality


class Basis(BaseModel):
    """What a unit's share rests on before its score is looked at."""

    model_config = _FROZEN

    sum: Sql = Field(description="Amount over the unit's line in the register, for example population * @per_capita.")


class Allocation(BaseModel):
    """How a pool is split: pool x (basis x coefficient) / sum of (basis x coefficient)."""

    model_config = _FROZEN

    pool: Decimal = Field(
        gt=0, lt=10**15, description="The money to split, in units of the currency with two decimals."
    )
    currency: str = Field("CNY", description="Currency code.")
    basis: Basis = Field(description="What shares rest on.")
    coefficient: Annotated[Linear | Cliff, Field(discriminator="method")] = Field(
        description="How the score changes a share."
    )

    @field_validator("pool")
    @classmethod
    def _whole_minor_units(cls, pool: Decimal) -> Decimal:
        if pool != pool.quantize(Decimal("0.01")):
            raise ValueError("has more than two decimals: there is no smaller unit than 0.01")
        return pool.quantize(Decimal("0.01"))

    @property
    def pool_minor(self) -> int:
        """The pool in minor units (分)."""
        return int(self.pool * 100)


@dataclass(frozen=True)
class Claim:
    """What one unit brings: its basis, and its score as a share of full marks (none: no score)."""

    unit: str
    basis: Fraction
    quality: Fraction | None


@dataclass(frozen=True)
class Award:
    """Every step of one award; `exact` is the share before rounding and `minor` what is paid, both in minor units."""

    unit: str
    basis: Fraction
    coefficient: Fraction
    weight: Fraction
    exact: Fraction
    minor: int


def allocate(allocation: Allocation, claims: Sequence[Claim]) -> list[Award]:
    """Split the pool over the claims; the awards sum to the pool to the minor unit.

    A unit without a score, or with a basis of zero or less, has no weight. Of equal remainders the unit whose key comes
    first in the alphabet is rounded up first. Raises ValueError when no unit has any weight.
    """
    ordered = sorted(claims, key=lambda claim: claim.unit)
    coefficients = [
        allocation.coefficient.of(claim.quality) if claim.quality is not None else Fraction(0) for claim in ordered
    ]
    weights = [max(Fraction(0), claim.basis) * k for claim, k in zip(ordered, coefficients, strict=True)]
    minor = apportion(allocation.pool_minor, weights)
    whole = sum(weights, Fraction(0))
    return [
        Award(claim.unit, claim.basis, coefficient, weight, allocation.pool_minor * weight / whole, paid)
        for claim, coefficient, weight, paid in zip(ordered, coefficients, weights, minor, strict=True)
    ]
