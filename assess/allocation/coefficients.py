"""How a score changes a share: straight, with a cliff, in bands, or not at all."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from assess.ratio import Ratio

FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def decimal_of(number: float) -> Fraction:
    """The decimal number an author wrote, exactly: 0.85 is 85/100, not its binary neighbour."""
    return Fraction(repr(number))


def refuse(model: str, *faults: tuple[str, str, Any]) -> None:
    """Raise one error for each field, at the field: its name, what is wrong (nothing: it is missing), its value."""
    details: list[InitErrorDetails] = []
    for field, message, value in faults:
        kind: Any = PydanticCustomError("value_error", "{message}", {"message": message}) if message else "missing"
        details.append(InitErrorDetails(type=kind, loc=(field,), input=value))
    if details:
        raise ValidationError.from_exception_data(model, details)


class Coefficient(BaseModel):
    """How the score changes a share."""

    model_config = FROZEN

    def of(self, quality: Ratio) -> Ratio:
        """The coefficients of units whose scores are `quality` of full marks (0 to 1): 0 without a score."""
        raise NotImplementedError


class _Graded(Coefficient):
    decimals: int | None = Field(
        None, ge=0, le=12, description="Decimals to which the score as a share of full marks is rounded first, half up."
    )

    def of(self, quality: Ratio) -> Ratio:
        """As of any coefficient; the scores are rounded half up first where `decimals` says so."""
        known = quality.known
        quality = quality.otherwise(0)
        if self.decimals is not None:
            scale = 10**self.decimals
            quality = (quality * scale + Fraction(1, 2)).floor() / scale
        return self.curve(quality).where(known, 0)

    def curve(self, quality: Ratio) -> Ratio:
        """The coefficients for qualities that are rounded already."""
        raise NotImplementedError


class Linear(_Graded):
    """The coefficient is the score as a share of full marks."""

    method: Literal["linear"]

    def curve(self, quality: Ratio) -> Ratio:
        """The coefficients for qualities that are rounded already."""
        return quality


class Cliff(_Graded):
    """The coefficient is 1 from `full_from` upwards, and the score as a share of full marks below it."""

    method: Literal["cliff"]
    full_from: float = Field(gt=0, le=1, description="The share of full marks from which nothing is withheld.")

    def curve(self, quality: Ratio) -> Ratio:
        """The coefficients for qualities that are rounded already."""
        return quality.where(quality < decimal_of(self.full_from), 1)


class Band(BaseModel):
    """A coefficient for scores from a share of full marks upwards."""

    model_config = FROZEN

    from_: float = Field(alias="from", ge=0, le=1, description="The share of full marks from which the band begins.")
    coefficient: float = Field(ge=0, description="The coefficient in the band.")


class Bands(_Graded):
    """The coefficient of the highest band that the score reaches, and 0 below the lowest."""

    method: Literal["bands"]
    bands: tuple[Band, ...] = Field(min_length=1, description="The bands; a higher one never has a lower coefficient.")

    @model_validator(mode="after")
    def _monotone(self) -> Self:
        for low, high in pairwise(sorted(self.bands, key=lambda band: band.from_)):
            if low.from_ == high.from_:
                refuse("Bands", ("bands", f"has two bands from {low.from_:g}", None))
            if low.coefficient > high.coefficient:
                message = (
                    f"has a lower coefficient from {high.from_:g} ({high.coefficient:g}) than from {low.from_:g} "
                    f"({low.coefficient:g}): a better score must never be worth less"
                )
                refuse("Bands", ("bands", message, None))
        return self

    def curve(self, quality: Ratio) -> Ratio:
        """The coefficients for qualities that are rounded already."""
        found = Ratio.each(0, len(quality))
        for band in sorted(self.bands, key=lambda band: band.from_):
            found = found.where(quality < decimal_of(band.from_), decimal_of(band.coefficient))
        return found


class Unweighted(Coefficient):
    """The score is not looked at: the coefficient is 1, also of a unit without a score."""

    method: Literal["none"]

    def of(self, quality: Ratio) -> Ratio:
        """1, whatever the score."""
        return Ratio.each(1, len(quality))


AnyCoefficient = Annotated[Linear | Cliff | Bands | Unweighted, Field(discriminator="method")]
