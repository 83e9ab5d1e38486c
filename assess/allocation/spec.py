"""The language of allocations: pools, what shares rest on, coefficients, bounds, money paid in advance."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from assess.sql import Sql
from assess.texts import Text

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

# The id of a pool that is stated without one.
ONLY = "pool"

Withheld = Literal["redistribute", "carry", "return"]
Negative = Literal["clawback", "carry", "waive"]
# Where something stands in the allocation of a ruleset.
Place = tuple[str | int, ...]


def _whole_minor_units(amount: Decimal) -> Decimal:
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("has more than two decimals: there is no smaller unit than 0.01")
    return amount.quantize(Decimal("0.01"))


Money = Annotated[Decimal, AfterValidator(_whole_minor_units)]


def decimal_of(number: float) -> Fraction:
    """The decimal number an author wrote, exactly: 0.85 is 85/100, not its binary neighbour."""
    return Fraction(repr(number))


def _refuse(model: str, *faults: tuple[str, str, Any]) -> None:
    """Raise one error for each field, at the field: its name, what is wrong (nothing: it is missing), its value."""
    details: list[InitErrorDetails] = []
    for field, message, value in faults:
        kind: Any = PydanticCustomError("value_error", "{message}", {"message": message}) if message else "missing"
        details.append(InitErrorDetails(type=kind, loc=(field,), input=value))
    if details:
        raise ValidationError.from_exception_data(model, details)


class Coefficient(BaseModel):
    """How the score changes a share."""

    model_config = _FROZEN

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

    model_config = _FROZEN

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
                _refuse("Bands", ("bands", f"has two bands from {low.from_:g}", None))
            if low.coefficient > high.coefficient:
                message = (
                    f"has a lower coefficient from {high.from_:g} ({high.coefficient:g}) than from {low.from_:g} "
                    f"({low.coefficient:g}): a better score must never be worth less"
                )
                _refuse("Bands", ("bands", message, None))
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


def _exactly_one(*names: str) -> Any:
    return {"oneOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]}


class Basis(BaseModel):
    """What a unit's share rests on before its score is looked at: a sum, an indicator or the score itself."""

    model_config = ConfigDict(**_FROZEN, json_schema_extra=_exactly_one("sum", "indicator", "score"))

    sum: Sql | None = Field(
        None, description="Amount over the unit's line in the register, for example population * @per_capita."
    )
    indicator: str | None = Field(None, description="The indicator whose verified amount is the basis.")
    score: Literal[True] | None = Field(None, description="The score itself is the basis.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        stated = [name for name in ("sum", "indicator", "score") if getattr(self, name) is not None]
        if len(stated) != 1:
            raise ValueError(f"states {' and '.join(stated) or 'nothing'}, but rests on one of sum, indicator, score")
        return self


class Bound(BaseModel):
    """The least or the most a unit is paid: an amount of money, or a share of what it is entitled to."""

    model_config = ConfigDict(**_FROZEN, json_schema_extra=_exactly_one("amount", "share"))

    amount: Money | None = Field(None, ge=0, lt=10**15, description="Money, in units of the currency.")
    share: float | None = Field(
        None, ge=0, lt=10**6, description="Share of the unit's entitlement, which is pool x basis / sum of bases."
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.amount is None) == (self.share is None):
            raise ValueError("states either an amount or a share of the entitlement")
        return self


class Terms(BaseModel):
    """What may be stated of a pool beside its money, its basis and its coefficient."""

    model_config = _FROZEN

    floor: Bound | None = Field(None, description="The least that a unit with a basis and a score is paid.")
    cap: Bound | None = Field(None, description="The most that a unit is paid.")
    withheld: Withheld | None = Field(
        None,
        description="What becomes of money that scores withhold. redistribute (the default): all of the pool is paid; "
        "carry: it is kept for the next period; return: it goes back to where it came from.",
    )
    redistribute_to: tuple[str, ...] | None = Field(
        None, min_length=1, description="Grades whose units get what is withheld; without it, all units do."
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.redistribute_to is not None and self.withheld in ("carry", "return"):
            message = f"says who gets what is withheld, but `withheld: {self.withheld}` keeps it"
            _refuse(type(self).__name__, ("redistribute_to", message, self.redistribute_to))
        if self.floor is not None and self.cap is not None:
            for form in ("amount", "share"):
                low, high = getattr(self.floor, form), getattr(self.cap, form)
                if low is not None and high is not None and low > high:
                    _refuse(type(self).__name__, ("floor", f"has {form} {low} above that of the cap, {high}", None))
        return self


class Pool(Terms):
    """Money that is split: pool x (basis x coefficient) / sum of (basis x coefficient), within floors and caps."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80, description="Stable name, never reused.")
    title: Text | None = Field(None, description="Its name for people.")
    pool: Money = Field(gt=0, lt=10**15, description="The money to split, in units of the currency with two decimals.")
    basis: Basis = Field(description="What shares rest on.")
    coefficient: AnyCoefficient = Field(description="How the score changes a share.")

    @property
    def pool_minor(self) -> int:
        """The pool in minor units (分)."""
        return int(self.pool * 100)

    @property
    def kept(self) -> Literal["carry", "return"] | None:
        """What becomes of money that is not paid; none where everything is paid out."""
        return None if self.withheld == "redistribute" else self.withheld

    @property
    def needs_score(self) -> bool:
        """Whether the pool cannot be split without a score."""
        return (
            self.basis.score is not None
            or self.redistribute_to is not None
            or not isinstance(self.coefficient, Unweighted)
        )


class Prepaid(BaseModel):
    """Money that units were paid in advance, over all pools."""

    model_config = _FROZEN

    sum: Sql = Field(description="Amount over the unit's line in the register, in units of the currency.")


# The terms of a pool, which stand in the allocation itself where there is only one.
OF_A_POOL = ("pool", "basis", "coefficient", "floor", "cap", "withheld", "redistribute_to")
_REQUIRED = OF_A_POOL[:3]
_STATED = {"not": {"type": "null"}}
_FORMS: Any = {
    "oneOf": [
        {"required": list(_REQUIRED), "properties": {**dict.fromkeys(_REQUIRED, _STATED), "pools": {"type": "null"}}},
        {"required": ["pools"], "properties": {**{name: {"type": "null"} for name in OF_A_POOL}, "pools": _STATED}},
    ],
    "dependentRequired": {"prepaid": ["negative"], "negative": ["prepaid"]},
}


class Allocation(Terms):
    """How money is split: one pool whose terms stand here, or several `pools`, of which a unit's awards are summed."""

    model_config = ConfigDict(**_FROZEN, json_schema_extra=_FORMS)

    currency: str = Field("CNY", description="Currency code.")
    pool: Money | None = Field(None, gt=0, lt=10**15, description="The money to split, with two decimals.")
    basis: Basis | None = Field(None, description="What shares rest on.")
    coefficient: AnyCoefficient | None = Field(None, description="How the score changes a share.")
    pools: tuple[Pool, ...] | None = Field(None, min_length=1, description="Several pools, each with its own terms.")
    prepaid: Prepaid | None = Field(None, description="Money paid in advance, which is set against the awards.")
    negative: Negative | None = Field(
        None,
        description="What becomes of a settlement below zero. clawback: it is a claim on the unit; carry: it is set "
        "off against the next period; waive: it is given up. Required beside `prepaid`.",
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        faults: list[tuple[str, str, Any]] = []
        if self.pools is None:
            faults += [(name, "", None) for name in _REQUIRED if getattr(self, name) is None]
        else:
            message = "stands beside `pools`; it belongs into each of them"
            beside = [(name, getattr(self, name)) for name in OF_A_POOL]
            faults += [(name, message, value) for name, value in beside if value is not None]
        if self.prepaid is not None and self.negative is None:
            faults.append(("negative", "", None))
        if self.negative is not None and self.prepaid is None:
            faults.append(("negative", "means nothing without `prepaid`", self.negative))
        _refuse("Allocation", *faults)
        return self

    @property
    def placed(self) -> tuple[tuple[Place, Pool], ...]:
        """Every pool with the place where it stands in the allocation; a single one has the id `pool`."""
        if self.pools is not None:
            return tuple((("pools", i), pool) for i, pool in enumerate(self.pools))
        return (((), Pool(id=ONLY, title=None, **{name: getattr(self, name) for name in OF_A_POOL})),)

    @property
    def each(self) -> tuple[Pool, ...]:
        """The pools, in the order of the ruleset."""
        return tuple(pool for _, pool in self.placed)

    @property
    def pool_minor(self) -> int:
        """All pools together in minor units (分)."""
        return sum(pool.pool_minor for pool in self.each)

    @property
    def sums(self) -> Mapping[str, tuple[Place, Sql]]:
        """What is read from the register, each with its place: `basis ID` of every pool that sums, and `prepaid`."""
        found: dict[str, tuple[Place, Sql]] = {
            f"basis {pool.id}": ((*place, "basis", "sum"), pool.basis.sum)
            for place, pool in self.placed
            if pool.basis.sum is not None
        }
        if self.prepaid is not None:
            found["prepaid"] = (("prepaid", "sum"), self.prepaid.sum)
        return found
