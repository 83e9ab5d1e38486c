"""The language of allocations: pools, what shares rest on, coefficients, bounds, money paid in advance."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assess.allocation.coefficients import FROZEN, AnyCoefficient, Unweighted, refuse
from assess.sql import Sql
from assess.texts import Text

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


Money = Annotated[Decimal, Field(ge=0, lt=10**15), AfterValidator(_whole_minor_units)]


def _exactly_one(*names: str) -> Any:
    return {"oneOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]}


class Basis(BaseModel):
    """What a unit's share rests on before its score is looked at: a sum, an indicator or the score itself."""

    model_config = ConfigDict(**FROZEN, json_schema_extra=_exactly_one("sum", "indicator", "score"))

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

    model_config = ConfigDict(**FROZEN, json_schema_extra=_exactly_one("amount", "share"))

    amount: Money | None = Field(None, description="Money, in units of the currency.")
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

    model_config = FROZEN

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
            refuse(type(self).__name__, ("redistribute_to", message, self.redistribute_to))
        if self.floor is not None and self.cap is not None:
            for form in ("amount", "share"):
                low, high = getattr(self.floor, form), getattr(self.cap, form)
                if low is not None and high is not None and low > high:
                    refuse(type(self).__name__, ("floor", f"has {form} {low} above that of the cap, {high}", None))
        return self


class Pool(Terms):
    """Money that is split: pool x (basis x coefficient) / sum of (basis x coefficient), within floors and caps."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80, description="Stable name, never reused.")
    title: Text | None = Field(None, description="Its name for people.")
    pool: Money = Field(gt=0, description="The money to split, in units of the currency with two decimals.")
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

    model_config = FROZEN

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

    model_config = ConfigDict(**FROZEN, json_schema_extra=_FORMS)

    currency: str = Field("CNY", description="Currency code.")
    pool: Money | None = Field(None, gt=0, description="The money to split, with two decimals.")
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
        refuse("Allocation", *faults)
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
