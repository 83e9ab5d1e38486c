"""The ruleset language as frozen models; the JSON Schema for editors is generated from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
    field_serializer,
    model_serializer,
    model_validator,
)

from assess.allocation import Allocation
from assess.checks import REGISTRY, Check, Profile
from assess.indicators import Indicator, Period
from assess.ruleset.select import Select
from assess.scores import Score
from assess.tables import Column, Name, Table
from assess.texts import Text

Severity = Literal["critical", "major", "minor", "info"]
Effect = Literal["disqualify", "report", "review"]
SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor", "info")
Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=80)]

_FROZEN = ConfigDict(frozen=True, extra="forbid")


def _without_kind(fields: Any) -> Any:
    return {key: value for key, value in fields.items() if key != "check"} if isinstance(fields, dict) else fields


def _kind_of(fields: Any) -> str | None:
    return fields.get("check") if isinstance(fields, dict) else getattr(fields, "kind", None)


if TYPE_CHECKING:
    from assess.ruleset.views import Shape

    AnyCheck = Check
else:
    # One member for each registered kind, told apart by the kind's name.
    AnyCheck = Annotated[
        Union[tuple(Annotated[cls, BeforeValidator(_without_kind), Tag(kind)] for kind, cls in REGISTRY.items())],
        Discriminator(_kind_of),
    ]


class Examples(BaseModel):
    """Records that show what a rule means: each a mapping of columns to values, or one value of the checked column."""

    model_config = _FROZEN

    passing: tuple[Any, ...] = Field((), alias="pass", description="Records the rule is satisfied with.")
    failing: tuple[Any, ...] = Field((), alias="fail", description="Records that violate it.")
    not_applicable: tuple[Any, ...] = Field((), description="Records it does not apply to.")
    given: Mapping[Name, tuple[Mapping[str, Any], ...]] = Field(
        {},
        description="Records of other tables that the rule looks into, by table; without it such a table holds the "
        "keys of the passing examples. Records for the rule's own table stand beside the examples.",
    )

    @field_serializer("given")
    def _plain(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: [dict(record) for record in records] for name, records in given.items()}


class Rule(BaseModel):
    """A check put to work on a table. In YAML the fields of its kind stand beside these."""

    model_config = _FROZEN

    id: Id = Field(description="Stable name, never reused.")
    table: Name = Field(description="The table whose records are checked.")
    title: Text = Field(description="What a violation is, for people.")
    severity: Severity = Field("major", description="How much it matters.")
    effect: Effect = Field(
        "report",
        description="disqualify: a violated record leaves the verified numerators of its table; report: a finding; "
        "review: a signal to be verified, which changes no score. Kinds that are signals have no other effect.",
    )
    indicators: tuple[Id, ...] = Field(
        (), description="With disqualify: the indicators whose numerators a record leaves; by default all of its table."
    )
    mended_by: Literal["correction", "removal"] = Field(
        "correction",
        description="correction: a record that is put right counts again; removal: the only honest correction takes "
        "it out, so mending it brings nothing back.",
    )
    tolerance: float = Field(0.0, ge=0, lt=1, description="Share of violated records that still passes, with findings.")
    fix: Text | None = Field(None, description="What a unit does to mend it.")
    source: Text | None = Field(None, description="The clause of the criteria.")
    examples: Examples = Field(Examples(), description="Records that show what the rule means.")
    check: AnyCheck = Field(description="The kind of check.")

    @model_validator(mode="before")
    @classmethod
    def _nest(cls, value: Any) -> Any:
        if not isinstance(value, dict) or isinstance(value.get("check"), Check):
            return value
        own = set(cls.model_fields) - {"check"}
        rule = {key: field for key, field in value.items() if key in own}
        rule["check"] = {key: field for key, field in value.items() if key not in own}
        kind = REGISTRY.get(str(value.get("check")))
        if kind is not None and issubclass(kind, Profile) and kind.signal:
            rule.setdefault("effect", "review")
        return rule

    @model_validator(mode="after")
    def _effect_can_be(self) -> Self:
        if isinstance(self.check, Profile):
            if self.effect == "disqualify":
                raise ValueError(f"{self.check.kind!r} judges units, so it has no records to disqualify")
            if self.check.signal and self.effect != "review":
                raise ValueError(f"{self.check.kind!r} is a signal and no proof: its effect is review")
        if self.indicators and self.effect != "disqualify":
            raise ValueError("names indicators that records leave, but its effect is not disqualify")
        return self

    @model_serializer(mode="plain")
    def _flatten(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in type(self).model_fields if name != "check"}
        dumped = {
            name: value.model_dump(by_alias=True) if isinstance(value, BaseModel) else value
            for name, value in own.items()
        }
        return {**dumped, "check": self.check.kind, **self.check.model_dump(by_alias=True)}


class ViewColumn(BaseModel):
    """What is said of one column of a view."""

    model_config = _FROZEN

    title: Text | None = Field(None, description="The column's name for people.")
    personal: bool | None = Field(
        None,
        description="Identifies a person: masked wherever it is shown. By default a column is as private as that of "
        "the same name in the tables the view reads, and a text that has no namesake there is private.",
    )


class View(BaseModel):
    """A table that is made of others: one SELECT over declared tables and earlier views."""

    model_config = _FROZEN

    sql: Select = Field(description="One SELECT statement; it may have CTEs, joins, window functions and QUALIFY.")
    per: Column = Field(
        description="The column whose equal values must stay together when records are split; with the unit it names "
        "what a row of the view is about, and evidence shows it."
    )
    title: Text | None = Field(None, description="The view's name for people.")
    columns: dict[Name, ViewColumn] = Field({}, description="What is said of its columns; none need be named.")


class Drop(BaseModel):
    """What is left out of the ruleset that this one extends, by name."""

    model_config = _FROZEN

    checks: tuple[str, ...] = Field((), description="Rules, by id.")
    indicators: tuple[str, ...] = Field((), description="Indicators, by id.")
    parts: tuple[str, ...] = Field(
        (),
        description="Parts and groups of the score, wherever they stand: by the indicator, rule or item they look at "
        "(several rules joined by +), or by the id of the group.",
    )
    veto: tuple[str, ...] = Field((), description="Vetoes, by id.")
    grades: tuple[str, ...] = Field((), description="Grades, by id.")
    pools: tuple[str, ...] = Field((), description="Pools of the allocation, by id.")
    tables: tuple[str, ...] = Field((), description="Tables, by name.")
    views: tuple[str, ...] = Field((), description="Views, by name.")
    parameters: tuple[str, ...] = Field((), description="Parameters, by name.")


class Reported(BaseModel):
    """The table in which units state their figures themselves, one figure a line."""

    model_config = _FROZEN

    table: Name = Field(description="The table.")
    indicator: Column = Field(description="Column with the indicator's name.")
    numerator: Column = Field(description="Column with the numerator.")
    denominator: Column = Field(description="Column with the denominator.")
    rate: Column = Field(description="Column with the rate as printed, in the scale of `scale` (percent without it).")
    scale: Column | None = Field(None, description="Column that says percent, per_mille, ratio, count or points.")
    kind: Column | None = Field(
        None, description="Column with the kind of figure; with it, figures that no indicator declares are listed too."
    )
    target: Column | None = Field(None, description="Column with the target the unit states, in the figure's scale.")


class Unit(BaseModel):
    """Who is assessed."""

    model_config = _FROZEN

    table: Name = Field(description="The register: one line for each unit.")
    key: Column = Field(description="The column that names the unit, in every table.")
    name: Column | None = Field(None, description="Column of the register with the unit's name for people.")
    levels: tuple[Column, ...] = Field(
        (), description="Columns of the register that group units, smallest group first."
    )
    peers: Column | None = Field(
        None, description="Column of the register: units of the same value are compared; by default all are."
    )


class Ruleset(BaseModel):
    """Everything that decides an assessment."""

    model_config = _FROZEN

    ruleset: Id = Field(description="Stable name of the ruleset.")
    version: str = Field(
        description="Its version, kept as it is written: 2024.10 is not 2024.1.",
        coerce_numbers_to_str=True,
        json_schema_extra={"type": ["string", "number"]},
    )
    title: Text = Field(description="Its name for people.")
    description: Text | None = Field(None, description="What it assesses, and on which criteria it rests.")
    period: Period | None = Field(None, description="The time that is assessed.")
    unit: Unit = Field(description="Who is assessed.")
    confidence: float = Field(0.95, gt=0, lt=1, description="Confidence of the intervals around rates.")
    parameters: Mapping[Name, bool | int | FiniteFloat | str | dt.date] = Field(
        {}, description="Values that expressions refer to as @name. @period_start, @period_end and @as_of are there."
    )
    tables: dict[Name, Table] = Field(description="What is submitted.", min_length=1)
    views: dict[Name, View] = Field({}, description="Tables that are made of others by SQL.")
    checks: tuple[Rule, ...] = Field((), description="The rules.")
    reported: Reported | None = Field(None, description="Where units state their figures themselves.")
    indicators: tuple[Indicator, ...] = Field((), description="What is counted.")
    score: Score | None = Field(None, description="How points are given.")
    allocation: Allocation | None = Field(None, description="How a pool of money is split.")

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """The views by name, with their columns and types; raises ViewError for the first that cannot be used."""
        from assess.ruleset.views import shapes  # which builds on this module

        return shapes(self.tables, self.views, self.unit.key)

    @field_serializer("parameters")
    def _plain(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return dict(parameters)


class File(Ruleset):
    """A ruleset as one file states it: whole, or what it changes in the one that it extends."""

    extends: str | None = Field(
        None, description="The file this one builds on, in its folder or below, or the name of a built-in ruleset."
    )
    drop: Drop | None = Field(None, description="What is left out of the ruleset that this one extends.")
