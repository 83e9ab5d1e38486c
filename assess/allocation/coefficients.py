"""How a score changes a share: straight, with a cliff, in bands, or not at all."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

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

    def of(self, quality: Fraction) -> Fraction:
        """The coefficient for a score that is `quality` of full marks (0 to 1)."""
        raise NotImplementedError


class _Graded(Coefficient):
    decimals: int | None = Field(
        None, ge=0, le=12, description="Decimals to which the score as a share of full marks is rounded first, half up."
    )

    def of(self, quality: Fraction) -> Fraction:
        """The coefficient for a score of `quality` (0 to 1), rounded half up first where `decimals` says so."""
        if self.decimals is not None:
            scale = 10**self.decimals
            quality = Fraction((2 * quality * scale + 1) // 2, scale)
        return self.curve(quality)

    def curve(self, quality: Fraction) -> Fraction:
        """The coefficient for a quality that is rounded already."""
        raise NotImplementedError


class Linear(_Graded):
    """The coefficient is the score as a share of full marks."""

    method: Literal["linear"]

    def curve(self, quality: Fraction) -> Fraction:
        """The coefficient for a quality that is rounded already."""
        return quality


class Cliff(_Graded):
    """The coefficient is 1 from `full_from` upwards, and the score as a share of full marks below it."""

    method: Literal["cliff"]
    full_from: float = Field(gt=0, le=1, description="The share of full marks from which nothing is withheld.")

    def curve(self, quality: Fraction) -> Fraction:
        """The coefficient for a quality that is rounded already."""
        return Fraction(1) if quality >= decimal_of(self.full_from) else quality


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

    def curve(self, quality: Fraction) -> Fraction:
        """The coefficient for a quality that is rounded already."""
        reached = [band for band in self.bands if quality >= decimal_of(band.from_)]
        return max((decimal_of(band.coefficient) for band in reached), default=Fraction(0))


class Unweighted(Coefficient):
    """The score is not looked at: the coefficient is 1, also of a unit without a score."""

    method: Literal["none"]

    def of(self, quality: Fraction) -> Fraction:  # noqa: ARG002
        """1, whatever the score."""
        return Fraction(1)


AnyCoefficient = Annotated[Linear | Cliff | Bands | Unweighted, Field(discriminator="method")]
