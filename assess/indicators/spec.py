"""What is counted, what kind of figure it is, and what should be reached by when."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.sql import Sql
from assess.texts import Text

Kind = Literal["coverage", "share", "completion", "per_mille", "growth", "count", "points"]

# A part cannot exceed its whole, so a coverage or a share ends at 1, and events per thousand people at 1000 of 1000.
# Work done against a task number, growth, counts and points have no ceiling.
CEILINGS: dict[Kind, float | None] = {
    "coverage": 1.0,
    "share": 1.0,
    "per_mille": 1.0,
    "completion": None,
    "growth": None,
    "count": None,
    "points": None,
}

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def exact(number: float) -> Fraction:
    """The decimal number an author wrote, exactly: 0.62 is 62/100, not its binary neighbour."""
    return Fraction(repr(number))


class Measure(BaseModel):
    """A count of records, or a sum over them, for each unit."""

    model_config = _FROZEN

    table: str = Field(description="The table that is counted.")
    where: Sql | None = Field(None, description="Only records for which this is true are counted.")
    sum: Sql | None = Field(None, description="Amount of each record to add up, instead of counting records.")
    estimated: bool = Field(False, description="The figure is an estimate (for example by prevalence), not a count.")
    source: Text | None = Field(None, description="Where the figure comes from, for people.")


class Stage(BaseModel):
    """How much of a target is asked for by a day of the period."""

    model_config = _FROZEN

    by: dt.date = Field(description="The last day of the stage.")
    share: float = Field(ge=0, le=1, description="The share of the target that is asked for by then.")


class Target(BaseModel):
    """What a unit should reach by the end of the period."""

    model_config = _FROZEN

    value: float = Field(gt=0, description="The target at the end of the period, as a ratio (0.62 is 62 %).")
    schedule: Literal["full", "linear", "stated", "step"] = Field(
        "full",
        description="full: all of it at any time; linear: the share of the period that has passed; stated: the shares "
        "of `stages`, in proportion to the days between them; step: the share of the last stage reached.",
    )
    stages: tuple[Stage, ...] = Field((), description="How much is asked for by when, for stated and step.")

    @model_validator(mode="after")
    def _stages_fit(self) -> Self:
        staged = self.schedule in ("stated", "step")
        if staged != bool(self.stages):
            raise ValueError(f"has schedule {self.schedule} and {'no' if staged else 'needs no'} stages")
        days, shares = [stage.by for stage in self.stages], [stage.share for stage in self.stages]
        if days != sorted(set(days)) or shares != sorted(shares):
            raise ValueError("has stages that do not follow on each other: days must rise, and shares must not fall")
        return self

    def on(self, period: Period | None) -> Fraction:
        """The target of the day up to which is assessed, exactly; without a period all of it."""
        return exact(self.value) * (self._share(period) if period is not None else 1)

    def _share(self, period: Period) -> Fraction:
        if self.schedule == "full":
            return Fraction(1)
        if self.schedule == "linear":
            return period.elapsed
        asked, since = Fraction(0), period.start - dt.timedelta(days=1)
        for stage in self.stages:
            share = exact(stage.share)
            if period.until < stage.by:
                if self.schedule == "stated":
                    asked += (share - asked) * Fraction((period.until - since).days, (stage.by - since).days)
                break
            asked, since = share, stage.by
        return asked


class ReportedBy(BaseModel):
    """The line of the reported table in which units state this indicator themselves."""

    model_config = _FROZEN

    indicator: str = Field(description="The indicator's name in the reported table.")
    tolerance: float = Field(
        0.0005, ge=0, description="Distance between the reported rate and the counted one that is not a finding."
    )


class Indicator(BaseModel):
    """One rate or amount that is assessed."""

    model_config = _FROZEN

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")] = Field(description="Stable name, never reused.")
    title: Text = Field(description="Name for people.")
    kind: Kind = Field(description="The kind of figure; its ceiling follows from it.")
    category: Text | None = Field(
        None, description="What it belongs to; reports show indicators of a category together."
    )
    numerator: Measure | None = Field(None, description="What is counted above the line.")
    denominator: Measure | None = Field(
        None, description="What is counted below the line, those to be excluded too; counts and points have none."
    )
    exclusions: Measure | None = Field(
        None,
        description="What is taken from the denominator: those who cannot be asked for what the numerator counts. A "
        "record that the numerator counts is never taken out, and a record that a rule disqualifies stays in.",
    )
    exceptions_above: float | None = Field(
        None, gt=0, lt=1, description="The share of exclusions above which they are to be verified."
    )
    minimum_denominator: int | None = Field(
        None, ge=1, description="Below it the rate is shown but not scored: chance would decide."
    )
    reported: ReportedBy | None = Field(None, description="Where units report the figure themselves.")
    target: Target | None = Field(None, description="What should be reached.")
    band: tuple[float, float] | None = Field(
        None, description="Plausible lowest and highest ratio; a value outside is to be verified, not impossible."
    )
    edition: Text | None = Field(None, description="The document that defines it, with its year.")
    source: Text | None = Field(None, description="The clause of the criteria.")
    fix: Text | None = Field(None, description="What a unit does about a finding.")

    @property
    def ceiling(self) -> float | None:
        """The largest ratio that can be true, or none."""
        return CEILINGS[self.kind]

    @model_validator(mode="after")
    def _has_something_to_count(self) -> Self:
        if self.numerator is None and self.reported is None:
            raise ValueError("states neither a numerator nor where it is reported")
        if self.numerator is None and self.denominator is not None:
            raise ValueError("has a denominator but no numerator")
        if self.numerator and self.denominator is None and self.kind not in ("count", "points"):
            raise ValueError(f"is of kind {self.kind} and needs a denominator")
        if self.denominator is None and (self.exclusions or self.minimum_denominator):
            raise ValueError("has no denominator to exclude from, or to be too small")
        if self.exceptions_above is not None and self.exclusions is None:
            raise ValueError("has exceptions_above, but no exclusions")
        if self.band and self.band[0] > self.band[1]:
            raise ValueError("has a band whose lower end is above the upper")
        if self.target and self.ceiling is not None and self.target.value > self.ceiling:
            raise ValueError(f"has a target above its ceiling of {self.ceiling:.0%}")
        return self


class Period(BaseModel):
    """The time that is assessed, and the day up to which."""

    model_config = _FROZEN

    start: dt.date = Field(description="First day.")
    end: dt.date = Field(description="Last day.")
    as_of: dt.date | None = Field(None, description="The day up to which is assessed; the last day by default.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        if not self.start <= self.until <= self.end:
            raise ValueError("as_of lies outside of the period")
        return self

    @property
    def until(self) -> dt.date:
        """The day up to which is assessed."""
        return self.as_of or self.end

    @property
    def elapsed(self) -> Fraction:
        """The share of the period that has passed, both days included."""
        return Fraction((self.until - self.start).days + 1, (self.end - self.start).days + 1)
