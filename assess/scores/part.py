"""A part of a score: what it looks at, what it weighs, and the verbs that every method has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.scores.exact import SCALE, ZERO, exact, shown, shown_points
from assess.scores.inputs import Input, Subject
from assess.texts import Text

FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
Policy = Literal["exclude", "zero", "fail"]

# A signal asks somebody to look; only these leave nothing to score.
WITHOUT_RATE = ("error", "not_applicable", "not_submitted")


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

    def sees(self, inputs: Sequence[Input]) -> Input:
        """The inputs of `subjects`, in that order, as one."""
        return inputs[0]

    def share(self, seen: Input) -> Fraction:
        """The share of the points (0 to 1) that `seen` earns; what is not known earns nothing."""
        raise NotImplementedError

    def working(self, seen: Input) -> str:
        """The share as arithmetic."""
        raise NotImplementedError

    def formula(self, seen: Input, share: Fraction, possible: int, given: int) -> str:
        """The arithmetic from input to points in signs alone, so that anyone can redo it; points in ten-thousandths."""
        return f"{shown_points(possible)} × {self.working(seen)} {equals(share, possible, given)}"


def equals(share: Fraction, possible: int, given: int) -> str:
    """The end of a formula: what was given, and whether it had to be rounded."""
    sign = "=" if possible * share.numerator == given * share.denominator else "≈"
    return f"{sign} {shown_points(given)}"


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

    def sees(self, inputs: Sequence[Input]) -> Input:
        seen = inputs[0]
        # A target of nothing is asked of nobody: it is no division, and no full marks.
        if (
            self.asks_target
            and seen.target is not None
            and seen.target.numerator <= 0
            and seen.status not in WITHOUT_RATE
        ):
            return replace(seen, status="not_applicable", reason="nothing_asked_yet")
        return seen

    def share(self, seen: Input) -> Fraction:
        return ZERO if seen.rate is None else self.of_rate(seen.rate, seen.target)

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        """The share of the points (0 to 1) that `rate` earns; `target` is that of the day."""
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

    def formula(self, seen: Input, share: Fraction, possible: int, given: int) -> str:
        end = equals(share, possible, given)
        if self.base * SCALE == possible:
            return f"{self.working(seen)} {end}"
        return f"{shown_points(possible)} × ({self.working(seen)}) ÷ {shown(self.base)} {end}"
