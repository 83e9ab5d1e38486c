"""A part of a score: what it looks at, what it weighs, and the verbs that every method has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal, Self

import numpy as np
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.ratio import Ratio, Whole, times
from assess.scores.exact import SCALE, exact, shown, shown_points
from assess.scores.inputs import NOT_APPLICABLE, Inputs, Subject
from assess.texts import Text
from assess.written import either, text

FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
Policy = Literal["exclude", "zero", "fail"]


class Part(BaseModel):
    """One item of a score: what it looks at and what it weighs."""

    model_config = FROZEN

    title: Text | None = Field(None, description="Name for people; by default that of the indicator or rule.")
    points: float | None = Field(
        None, gt=0, description="Points for full marks: under `aggregate: sum`, and only there, each part states them."
    )
    weight: float | None = Field(
        None, gt=0, description="Its weight beside its neighbours under mean, min and geometric; by default 1."
    )
    not_applicable: Policy | None = Field(
        None, description="Policy for this part; by default that of the group or score it stands in."
    )

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Every indicator, rule or item that is looked at."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """The name of the part: its indicator, rule or item; several rules are joined by a plus sign."""
        return "+".join(name for _, name in self.subjects)

    @property
    def full(self) -> Fraction | None:
        """The points that the method itself counts in; none where it works with shares."""
        return None

    def sees(self, inputs: Sequence[Inputs]) -> Inputs:
        """The inputs of `subjects`, in that order, as one for each unit."""
        return inputs[0]

    def share(self, seen: Inputs) -> Ratio:
        """The share of the points (0 to 1) that each input earns, all being judged; what is not known earns nothing."""
        raise NotImplementedError

    def working(self, seen: Inputs) -> pl.Expr:
        """The shares as arithmetic."""
        raise NotImplementedError

    def formula(self, seen: Inputs, share: Ratio, possible: Whole, given: Whole) -> pl.Expr:
        """The arithmetic from input to points in signs alone, so that anyone can redo it; points in ten-thousandths."""
        return text(shown_points(possible), " × ", self.working(seen), equals(share, possible, given))


def equals(share: Ratio, possible: Whole, given: Whole) -> pl.Expr:
    """The end of a formula: what was given, and whether it had to be rounded."""
    exactly = np.asarray(times(possible, share.n) == times(given, share.d), dtype=np.bool_)
    return text(either(exactly, " = ", " ≈ "), shown_points(given))


class Rated(Part):
    """A part that looks at the rate of an indicator, or at the share of sound records of a rule."""

    indicator: str | None = Field(None, description="The indicator whose rate is scored.")
    rule: str | None = Field(None, description="The rule whose share of sound records is scored.")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.indicator is None) == (self.rule is None):
            raise ValueError("names either an indicator or a rule")
        return self

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (("indicator", self.indicator),) if self.indicator is not None else (("rule", self.rule or ""),)

    @property
    def asks_target(self) -> bool:
        """Whether the target of the day matters."""
        return False

    def sees(self, inputs: Sequence[Inputs]) -> Inputs:
        seen = inputs[0]
        # A target of nothing is asked of nobody: it is no division, and no full marks.
        nothing = seen.judged & seen.target.known & (seen.target.n <= 0)
        if not self.asks_target or not nothing.any():
            return seen
        return replace(
            seen,
            status=np.where(nothing, np.int8(NOT_APPLICABLE), seen.status),
            reason=np.where(nothing, "nothing_asked_yet", seen.reason),
        )

    def share(self, seen: Inputs) -> Ratio:
        return self.of_rate(seen.rate.otherwise(0), seen.target.otherwise(1)).where(seen.rate.known, 0)

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        """The shares of the points (0 to 1) that rates earn; `target` is that of the day, or 1 where there is none."""
        raise NotImplementedError


class Counted(Part):
    """A part whose method counts in points of its own: those of the part, or those that `out_of` states."""

    out_of: float | None = Field(
        None,
        gt=0,
        description="The full mark that the method counts in; by default the points of the part, and needed where it "
        "has a weight instead.",
    )

    @property
    def full(self) -> Fraction | None:
        stated = self.out_of if self.out_of is not None else self.points
        return None if stated is None else exact(stated)

    @property
    def base(self) -> Fraction:
        """As `full`; raises ValueError where neither points nor `out_of` are stated."""
        full = self.full
        if full is None:
            raise ValueError(f"part {self.subject!r} states neither points nor out_of")
        return full

    def formula(self, seen: Inputs, share: Ratio, possible: Whole, given: Whole) -> pl.Expr:
        working, end = self.working(seen), equals(share, possible, given)
        apart = text(shown_points(possible), " × (", working, f") ÷ {shown(self.base)}", end)
        return either(np.asarray(self.base * SCALE == possible), text(working, end), apart)
