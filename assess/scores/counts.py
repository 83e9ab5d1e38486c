"""Methods that turn counts and marks into points: evidence present, marks given on site, findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from assess.ratio import Ratio, Whole
from assess.scores.exact import exact, shown, written
from assess.scores.inputs import ERROR, NOT_APPLICABLE, NOT_SUBMITTED, PASS, Inputs, Subject
from assess.scores.part import Counted, Part
from assess.written import either, text


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

    def share(self, seen: Inputs) -> Ratio:
        return (seen.rate.otherwise(0) / (self.required or 1)).clamped()

    def working(self, seen: Inputs) -> pl.Expr:
        rate = seen.rate.otherwise(0)
        if self.required is not None:
            return text("min(1, ", rate.shown(), f" ÷ {self.required})")
        amount, of = seen.amount.otherwise(0), seen.of.where(seen.of.n != 0, 1)
        told = seen.amount.known & (seen.of.n != 0) & (of > 0) & (amount / of).equals(rate)
        return text("min(1, ", either(told, text(amount.shown(), " ÷ ", of.shown()), rate.shown()), ")")


class Manual(Counted):
    """Points given on site, from the table of marks: points x mark / full mark.

    A mark below zero or above the full mark is an error, not a cap: somebody has to look at it.
    """

    method: Literal["manual"]
    item: str = Field(min_length=1, max_length=80, description="The item's name in the table of marks.")

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (("item", self.item),)

    def sees(self, inputs: Sequence[Inputs]) -> Inputs:
        seen = inputs[0]
        mark = seen.amount.otherwise(0)
        # A mark that was right under another full mark need not be under this one.
        beyond = np.flatnonzero(seen.judged & ((mark < 0) | (mark > self.base)))
        if not len(beyond):
            return seen
        found = replace(
            Inputs.without_numbers(np.full(len(beyond), ERROR, dtype=np.int8)),
            reason=np.full(len(beyond), "mark_out_of_range", dtype=object), amount=seen.amount.take(beyond),
            of=Ratio.each(self.base, len(beyond)), note=seen.note[beyond],
        )  # fmt: skip
        return seen.put(beyond, found)

    def share(self, seen: Inputs) -> Ratio:
        return seen.amount.otherwise(0) / self.base

    def working(self, seen: Inputs) -> pl.Expr:
        return text(seen.amount.otherwise(0).shown(), f" ÷ {shown(self.base)}")

    def formula(self, seen: Inputs, share: Ratio, possible: Whole, given: Whole) -> pl.Expr:
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

    def sees(self, inputs: Sequence[Inputs]) -> Inputs:
        if len(inputs) == 1:
            return inputs[0]
        rows = len(inputs[0])
        gravest, known = np.full(rows, PASS, dtype=np.int8), np.full(rows, fill_value=True)
        violated, of = Ratio.each(0, rows), Ratio.each(0, rows)
        for seen in inputs:
            counts = seen.status != NOT_APPLICABLE
            gravest = np.where(counts, np.maximum(gravest, seen.status), gravest)
            known &= seen.amount.known | ~counts
            violated += seen.amount.otherwise(0).where(counts, 0)
            of += seen.of.otherwise(0).where(counts, 0)
        sound = 1 - violated / of.where(of.n != 0, 1)
        found = replace(
            Inputs.without_numbers(np.where(known, gravest, np.int8(PASS))),
            rate=sound.where(known & (of.n != 0), None), amount=violated.where(known, None), of=of.where(known, None),
        )  # fmt: skip
        for status in (NOT_SUBMITTED, ERROR):
            for seen in reversed(inputs):
                such = np.flatnonzero(seen.status == status)
                bare = Inputs.without_numbers(seen.status[such])
                found = found.put(such, replace(bare, reason=seen.reason[such]))
        nothing = np.flatnonzero(np.all([seen.status == NOT_APPLICABLE for seen in inputs], axis=0))
        return found.put(nothing, inputs[0].take(nothing))

    def _most(self) -> Fraction:
        return self.base if self.at_most is None else min(self.base, exact(self.at_most))

    def share(self, seen: Inputs) -> Ratio:
        violated = seen.amount.otherwise(0)
        taken = (violated.where(violated.n > 0, 0) * exact(self.each)).at_most(self._most())
        return (1 - taken / self.base).where(seen.amount.known, 0)

    def working(self, seen: Inputs) -> pl.Expr:
        most = f"{shown(self.base)} − min({shown(self._most())}, {written(self.each)} × "
        return text(most, seen.amount.otherwise(0).shown(), ")")
