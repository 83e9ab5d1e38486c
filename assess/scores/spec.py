"""The language of scores as frozen models: a tree of parts, vetoes, grades, ranking and the table of marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from assess.scores.counts import DeductPerFinding, Evidence, Manual
from assess.scores.inputs import Subject
from assess.scores.part import FROZEN, Policy
from assess.scores.rates import Bands, PassFail, Proportional, RateItself, StepDeduction, Threshold
from assess.scores.shape import shape_faults
from assess.texts import Text

Aggregate = Literal["sum", "mean", "min", "geometric"]
_Column = Annotated[str, Field(json_schema_extra={"format": "column"})]

AnyPart = Annotated[
    Proportional
    | RateItself
    | Threshold
    | PassFail
    | Bands
    | StepDeduction
    | Evidence
    | Manual
    | DeductPerFinding,
    Field(discriminator="method"),
]  # fmt: skip


class Group(BaseModel):
    """An inner node of the tree: parts and groups that are aggregated before they count above."""

    model_config = FROZEN

    group: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80, description="Stable name.")
    title: Text = Field(description="Its name for people.")
    points: float | None = Field(
        None,
        gt=0,
        description="Its points under `aggregate: sum`; where it adds up itself they are those of its parts.",
    )
    weight: float | None = Field(
        None, gt=0, description="Its weight beside its neighbours under mean, min and geometric; by default 1."
    )
    aggregate: Aggregate | None = Field(
        None, description="How its parts become its share; by default as in the node it stands in."
    )
    not_applicable: Policy | None = Field(
        None,
        description="Policy for its parts, and for itself when all of them are left out; by default that of the node "
        "it stands in.",
    )
    parts: tuple[Node, ...] = Field(min_length=1, description="Its items.")


def _sort_of(entry: Any) -> str:
    grouped = "group" in entry if isinstance(entry, Mapping) else isinstance(entry, Group)
    return "a group" if grouped else "a part"


# The tags are words that no key of the language is, so that they are not taken for one.
Node = Annotated[
    Annotated[Group, Tag("a group")] | Annotated[AnyPart, Tag("a part")],
    Discriminator(_sort_of),
]
Group.model_rebuild()


class Veto(BaseModel):
    """A condition that caps the score, or the grade, whatever else was earned.

    It looks at a rule (the share of violated records), an indicator (its scored rate) or an item (its mark). Leaving a
    table out is no escape: on a rule or an indicator that was not submitted a veto holds.
    """

    # A share above 1 can never be exceeded, so a veto on a rule would never hold.
    model_config = FROZEN | {
        "json_schema_extra": {
            "if": {"required": ["rule"]},
            "then": {"properties": {"above": {"exclusiveMaximum": 1}}},
        }
    }

    id: str = Field(description="Stable name.")
    title: Text = Field(description="The condition, for people.")
    rule: str | None = Field(None, description="The rule that is looked at.")
    indicator: str | None = Field(None, description="The indicator whose scored rate is looked at.")
    item: str | None = Field(None, description="The item of the table of marks that is looked at.")
    above: float | None = Field(
        None,
        ge=0,
        description="The veto holds above this share of violated records, this mark (both by default 0), or this rate.",
    )
    below: float | None = Field(None, ge=0, description="The rate of the indicator below which the veto holds.")
    cap: float | None = Field(None, ge=0, description="The highest score that remains.")
    grade: str | None = Field(None, description="The highest grade that remains.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if sum(name is not None for name in (self.rule, self.indicator, self.item)) != 1:
            raise ValueError("names one of rule, indicator and item")
        if self.cap is None and self.grade is None:
            raise ValueError("takes nothing: it states neither cap nor grade")
        if self.indicator is None and self.below is not None:
            raise ValueError("states `below`, which is for an indicator")
        if self.indicator is not None and self.above is None and self.below is None:
            raise ValueError("states neither `below` nor `above` for its indicator")
        if self.rule is not None and self.above is not None and self.above >= 1:
            raise ValueError("never holds: `above` is a share of records, and less than 1")
        return self

    @property
    def subject(self) -> Subject:
        """What is looked at."""
        if self.rule is not None:
            return "rule", self.rule
        return ("indicator", self.indicator) if self.indicator is not None else ("item", self.item or "")


class Requirement(BaseModel):
    """A part or group that a grade asks something of."""

    model_config = FROZEN

    part: str = Field(description="The indicator, rule or item that a part scores, or the id of a group.")
    at_least: float = Field(gt=0, le=1, description="The share of its possible points that must have been given.")


class Grade(BaseModel):
    """A name for scores from `min` upwards."""

    model_config = FROZEN

    id: str = Field(description="Stable name.")
    min: float = Field(ge=0, description="The lowest score of the grade.")
    requires: tuple[Requirement, ...] = Field(
        (), description="What parts and groups must have reached besides; one that is left out asks nothing."
    )
    title: Text = Field(description="Name for people.")


class Ranking(BaseModel):
    """How units are put in order."""

    model_config = FROZEN

    ties: Literal["competition", "dense", "modified"] = Field(
        "competition",
        description="Places of equal units: competition 1, 1, 3; dense 1, 1, 2; modified (the worst place) 2, 2, 3.",
    )
    then: tuple[str, ...] = Field((), description="Indicators whose scored rate, higher first, decides between equals.")


class Marks(BaseModel):
    """The submitted table with the marks that were given on site, one mark a line."""

    model_config = FROZEN

    table: str = Field(description="The table.")
    item: _Column = Field(description="Column with the item's name.")
    points: _Column = Field(description="Column with the points given.")
    marker: _Column = Field(description="Column that says who gave them.")
    on: _Column | None = Field(None, description="Column with the day.")
    note: _Column | None = Field(None, description="Column with a remark.")


class Score(BaseModel):
    """How points are given and added up."""

    model_config = FROZEN

    max: float = Field(gt=0, description="Full marks.")
    aggregate: Aggregate = Field(
        "sum",
        description="How parts become the score: sum (points), or mean, min or geometric (weights) of their shares.",
    )
    not_applicable: Policy = Field(
        description="What becomes of a part that cannot be assessed: exclude (its weight goes to the others), zero (no "
        "points), fail (the unit has no score). What was not submitted is never not applicable: it gets no points."
    )
    ranking: Ranking = Field(Ranking(), description="How units are put in order.")
    marks: Marks | None = Field(None, description="Where marks given on site are found; needed where items are named.")
    parts: tuple[Node, ...] = Field(min_length=1, description="The items, and groups of them.")
    veto: tuple[Veto, ...] = Field((), description="Conditions that cap the score or the grade.")
    grades: tuple[Grade, ...] = Field((), description="Names for scores.")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        found = [
            InitErrorDetails(
                type="missing" if fault.missing else PydanticCustomError("value_error", fault.message),
                loc=fault.path,
                input=None,
            )
            for fault in shape_faults(self.model_dump(by_alias=True))
        ]
        if found:
            raise ValidationError.from_exception_data("Score", found)
        return self

    def walk(self) -> Iterator[tuple[tuple[Group, ...], AnyPart]]:
        """Every part of the tree in order, with the groups it stands in, the outermost first."""
        yield from _walk(self.parts, ())

    @property
    def items(self) -> dict[str, Fraction | None]:
        """Every item of the table of marks that is looked at, with its full mark; none where only a veto does."""
        full: dict[str, Fraction | None] = {v.item: None for v in self.veto if v.item is not None}
        return full | {part.item: part.full for _, part in self.walk() if isinstance(part, Manual)}


def _walk(nodes: tuple[Node, ...], above: tuple[Group, ...]) -> Iterator[tuple[tuple[Group, ...], AnyPart]]:
    for node in nodes:
        if isinstance(node, Group):
            yield from _walk(node.parts, (*above, node))
        else:
            yield above, node
