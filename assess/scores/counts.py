"""Methods that turn counts and marks into points: evidence present, marks given on site, findings."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from assess.scores.exact import ZERO, clamped, exact, shown, written
from assess.scores.inputs import Input, Subject
from assess.scores.part import WITHOUT_RATE, Counted, Part

_GRAVITY = ("pass", "pass_with_findings", "needs_review", "fail")


class Evidence(Part):
    """The share of required evidence that is present: points x min(1, present / required).

    The indicator is a count, of which `required` are asked for, or without `required` a ratio of present to required.
    """

    method: Literal["evidence"]
    indicator: str = Field(description="The indicator that counts what is present.")
    required: int | None = Field(None, gt=0, description="How many are asked for, where the indicator is a count.")

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (("indicator", self.indicator),)

    def share(self, seen: Input) -> Fraction:
        if seen.rate is None:
            return ZERO
        return clamped(seen.rate.numerator, seen.rate.denominator * (self.required or 1))

    def working(self, seen: Input) -> str:
        rate = shown(seen.rate or ZERO)
        if self.required is not None:
            return f"min(1, {rate} ÷ {self.required})"
        if seen.amount is not None and seen.of and Fraction(seen.amount) / seen.of == seen.rate:
            return f"min(1, {shown(seen.amount)} ÷ {shown(seen.of)})"
        return f"min(1, {rate})"


class Manual(Counted):
    """Points given on site, from the table of marks: points x mark / full mark.

    A mark below zero or above the full mark is an error, not a cap: somebody has to look at it.
    """

    method: Literal["manual"]
    item: str = Field(min_length=1, max_length=80, description="The item's name in the table of marks.")

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (("item", self.item),)

    def sees(self, inputs: Sequence[Input]) -> Input:
        seen = inputs[0]
        if seen.status in WITHOUT_RATE or seen.amount is None:
            return seen
        # A mark that was right under another full mark need not be under this one.
        if not 0 <= seen.amount <= self.base:
            return Input("error", reason="mark_out_of_range", amount=seen.amount, of=self.base, note=seen.note)
        return seen

    def share(self, seen: Input) -> Fraction:
        return ZERO if seen.amount is None else seen.amount / self.base

    def working(self, seen: Input) -> str:
        return f"{shown(seen.amount or 0)} ÷ {shown(self.base)}"

    def formula(self, seen: Input, share: Fraction, possible: int, given: int) -> str:
        return Part.formula(self, seen, share, possible, given)


class DeductPerFinding(Counted):
    """Every violated record costs points: points - min(at most, each x violated), never below zero.

    Several rules are counted together. A rule that judges units counts 0 or 1. If one of the rules is in error so is
    the part; if the table of one was not submitted, there are no points.
    """

    method: Literal["deduct_per_finding"]
    rule: str | None = Field(None, description="The rule whose violated records are counted.")
    rules: tuple[str, ...] | None = Field(None, min_length=1, description="The rules, where there are several.")
    each: float = Field(gt=0, description="The points that a violated record costs.")
    at_most: float | None = Field(None, gt=0, description="The most that is deducted; by default all points.")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.rule is None) == (self.rules is None):
            raise ValueError("names either a rule or several rules")
        if self.rules is not None and len(set(self.rules)) < len(self.rules):
            raise ValueError("names a rule twice")
        return self

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return tuple(("rule", name) for name in self.rules or (self.rule or "",))

    def sees(self, inputs: Sequence[Input]) -> Input:
        if len(inputs) == 1:
            return inputs[0]
        for status in ("error", "not_submitted"):
            if found := next((seen for seen in inputs if seen.status == status), None):
                return Input(status, reason=found.reason)
        counted = [seen for seen in inputs if seen.status != "not_applicable"]
        if not counted:
            return inputs[0]
        if any(seen.amount is None for seen in counted):
            return Input("pass")
        violated = sum((Fraction(seen.amount) for seen in counted if seen.amount is not None), ZERO)
        of = sum((Fraction(seen.of) for seen in counted if seen.of is not None), ZERO)
        gravest = max((seen.status for seen in counted), key=_GRAVITY.index)
        return Input(gravest, 1 - violated / of if of else None, amount=violated, of=of)

    def _most(self) -> Fraction:
        return self.base if self.at_most is None else min(self.base, exact(self.at_most))

    def share(self, seen: Input) -> Fraction:
        if seen.amount is None:
            return ZERO
        return 1 - min(self._most(), exact(self.each) * max(0, seen.amount)) / self.base

    def working(self, seen: Input) -> str:
        taken = f"{written(self.each)} × {shown(seen.amount or 0)}"
        return f"{shown(self.base)} − min({shown(self._most())}, {taken})"
