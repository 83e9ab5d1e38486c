"""Scores: from scored rates to points, in exact fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.apportion import apportion
from assess.texts import Text

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

# Points are kept to the ten-thousandth: a score is a whole number of them.
SCALE = 10_000
Policy = Literal["exclude", "zero", "fail"]


def _fraction(number: float) -> Fraction:
    """The decimal number an author wrote, exactly: 0.62 is 62/100, not its binary neighbour."""
    return Fraction(repr(number))


class Part(BaseModel):
    """One item of a score: what it looks at and how many points it gives."""

    model_config = _FROZEN

    indicator: str | None = Field(None, description="The indicator whose rate is scored.")
    rule: str | None = Field(None, description="The rule whose share of sound records is scored.")
    points: float = Field(gt=0, description="Points for full marks.")
    not_applicable: Policy | None = Field(None, description="Policy for this part; by default that of the score.")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.indicator is None) == (self.rule is None):
            raise ValueError("names either an indicator or a rule")
        return self

    @property
    def subject(self) -> str:
        """The indicator or rule that is scored."""
        return self.indicator or self.rule or ""

    def share(self, rate: Fraction, target: Fraction | None) -> Fraction:
        """The share of the points (0 to 1) that `rate` earns; `target` is that of the day."""
        raise NotImplementedError


class Proportional(Part):
    """Full marks at the target, in proportion below it: points x min(1, rate / target)."""

    method: Literal["proportional"]

    def share(self, rate: Fraction, target: Fraction | None) -> Fraction:
        return max(Fraction(0), min(Fraction(1), rate / (target or Fraction(1))))


class Threshold(Part):
    """Nothing up to `lower`, full marks from `upper`, in proportion between them.

    points x clamp((rate - lower) / (upper - lower), 0, 1). Source: NHS Quality and Outcomes Framework guidance.
    """

    method: Literal["threshold"]
    lower: float = Field(ge=0, description="The rate up to which there are no points.")
    upper: float = Field(gt=0, description="The rate from which there are full marks.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lower >= self.upper:
            raise ValueError(f"has lower {self.lower:g} not below upper {self.upper:g}")
        return self

    def share(self, rate: Fraction, target: Fraction | None) -> Fraction:  # noqa: ARG002
        lower, upper = _fraction(self.lower), _fraction(self.upper)
        return max(Fraction(0), min(Fraction(1), (rate - lower) / (upper - lower)))


class PassFail(Part):
    """Full marks from `at_least`, or nothing; without `at_least` the target of the day is asked for."""

    method: Literal["pass_fail"]
    at_least: float | None = Field(None, ge=0, description="The rate from which there are full marks.")

    def share(self, rate: Fraction, target: Fraction | None) -> Fraction:
        bound = target if self.at_least is None else _fraction(self.at_least)
        return Fraction(int(rate >= (Fraction(1) if bound is None else bound)))


AnyPart = Annotated[Proportional | Threshold | PassFail, Field(discriminator="method")]


class Veto(BaseModel):
    """A condition that caps the score, whatever else was earned."""

    model_config = _FROZEN

    id: str = Field(description="Stable name.")
    title: Text = Field(description="The condition, for people.")
    rule: str = Field(description="The rule that is looked at.")
    above: float = Field(0.0, ge=0, lt=1, description="The share of violated records above which the veto holds.")
    cap: float = Field(ge=0, description="The highest score that remains.")


class Grade(BaseModel):
    """A name for scores from `min` upwards."""

    model_config = _FROZEN

    id: str = Field(description="Stable name.")
    min: float = Field(ge=0, description="The lowest score of the grade.")
    title: Text = Field(description="Name for people.")


class Score(BaseModel):
    """How points are given and added up."""

    model_config = _FROZEN

    max: float = Field(gt=0, description="Full marks.")
    aggregate: Literal["sum"] = Field("sum", description="How parts become the score.")
    not_applicable: Policy = Field(
        description="What becomes of a part that cannot be assessed: exclude (its weight goes to the others), zero (no "
        "points), fail (the unit has no score). What was not submitted is never not applicable: it gets no points."
    )
    parts: tuple[AnyPart, ...] = Field(min_length=1, description="The items.")
    veto: tuple[Veto, ...] = Field((), description="Conditions that cap the score.")
    grades: tuple[Grade, ...] = Field((), description="Names for scores.")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = sum((_fraction(part.points) for part in self.parts), Fraction(0))
        if total != _fraction(self.max):
            raise ValueError(f"has parts of {float(total):g} points in all, but max is {self.max:g}")
        return self

    def grade_of(self, score: Decimal) -> Grade | None:
        """The highest grade whose minimum the score reaches."""
        reached = [grade for grade in self.grades if score >= Decimal(repr(grade.min))]
        return max(reached, key=lambda grade: grade.min, default=None)


@dataclass(frozen=True)
class Input:
    """What a part sees of one unit: a status, and a rate where there is one."""

    status: str
    rate: Fraction | None = None
    target: Fraction | None = None
    reason: str = ""


@dataclass(frozen=True)
class Given:
    """What one part gave one unit; points in ten-thousandths."""

    part: str
    subject: str
    method: str
    status: str
    rate: float | None
    points: int
    possible: int
    given: int
    why: str


@dataclass(frozen=True)
class Scored:
    """The score of one unit in ten-thousandths, or none with the reason why."""

    parts: tuple[Given, ...]
    score: int | None
    why: str
    vetoes: tuple[str, ...] = ()


def ten_thousandths(points: float | Fraction) -> int:
    """Points as a whole number of ten-thousandths, half to even."""
    return round((points if isinstance(points, Fraction) else _fraction(points)) * SCALE)


def score_unit(score: Score, inputs: Sequence[Input], violated_share: Mapping[str, Fraction]) -> Scored:
    """Score one unit from one input for each part, in order.

    A part in error leaves the unit without a score: its weight is never removed. A part that was not submitted gets no
    points under any policy. Effective points of the parts sum to `max` exactly, and what was given sums to the score; a
    veto that takes points away is a part of its own with negative points.
    """
    policies = [part.not_applicable or score.not_applicable for part in score.parts]
    excluded = [i.status == "not_applicable" and p == "exclude" for i, p in zip(inputs, policies, strict=True)]
    weights = [Fraction(0) if out else _fraction(p.points) for p, out in zip(score.parts, excluded, strict=True)]
    full = ten_thousandths(score.max)
    possible = apportion(full, weights) if any(weights) else [0] * len(weights)
    parts: list[Given] = []
    stop = "" if any(weights) else "nothing_applicable"
    for part, seen, effective, out, policy in zip(score.parts, inputs, possible, excluded, policies, strict=True):
        share, why = Fraction(0), seen.reason or seen.status
        if seen.status == "error":
            stop = "error"
        elif seen.status == "not_applicable" and policy == "fail":
            stop = stop or "not_applicable"
        elif out:
            why = "excluded"
        elif seen.rate is not None and seen.status not in ("not_applicable", "not_submitted"):
            share = part.share(seen.rate, seen.target)
            why = "full" if share == 1 else "none" if share == 0 else "partly"
        parts.append(
            Given(
                part=f"{part.method}:{part.subject}",
                subject=part.subject,
                method=part.method,
                status=seen.status,
                rate=float(seen.rate) if seen.rate is not None else None,
                points=ten_thousandths(part.points),
                possible=effective,
                given=round(effective * share),
                why=why,
            )
        )
    if stop:
        return Scored(tuple(parts), None, stop)
    total, vetoes = sum(part.given for part in parts), []
    for veto in score.veto:
        if violated_share.get(veto.rule, Fraction(0)) <= _fraction(veto.above):
            continue
        vetoes.append(veto.id)
        taken = max(0, total - ten_thousandths(veto.cap))
        total -= taken
        parts.append(
            Given(f"veto:{veto.id}", veto.rule, "veto", "fail", float(violated_share[veto.rule]), 0, 0, -taken, "veto")
        )
    return Scored(tuple(parts), total, "vetoed" if vetoes else "scored", tuple(vetoes))
