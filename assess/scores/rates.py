"""Methods that turn a rate into points; each is monotone: a better rate never earns less."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from assess.scores.exact import ONE, SCALE, ZERO, clamped, exact, shown, shown_points, written
from assess.scores.inputs import Input
from assess.scores.part import FROZEN, Counted, Rated, equals


def _rate(seen: Input) -> Fraction:
    return seen.rate if seen.rate is not None else ZERO


class Proportional(Rated):
    """Full marks at the target, in proportion below it: points x min(1, rate / target).

    A rate of 60 % where 80 % is asked for earns 0.75 of the points; `rate_itself` would give 0.60. Without a target the
    rate itself is the share.
    """

    method: Literal["proportional"]

    @property
    def asks_target(self) -> bool:
        return True

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        if target is None:
            return clamped(rate.numerator, rate.denominator)
        return clamped(rate.numerator * target.denominator, rate.denominator * target.numerator)

    def working(self, seen: Input) -> str:
        rate = _rate(seen)
        divided = shown(rate) if seen.target is None else f"{shown(rate)} ÷ {shown(seen.target)}"
        return f"min(1, {divided})" if rate >= 0 else f"max(0, {divided})"


class RateItself(Rated):
    """Full marks at the target, the rate itself below it: points x (1 if rate >= target else rate).

    A rate of 60 % where 80 % is asked for earns 0.60 of the points; `proportional` would give 0.75. Without a target
    the rate itself is the share.
    """

    method: Literal["rate_itself"]

    @property
    def asks_target(self) -> bool:
        return True

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        if target is not None and rate >= target:
            return ONE
        return clamped(rate.numerator, rate.denominator)

    def working(self, seen: Input) -> str:
        rate = _rate(seen)
        if seen.target is None:
            return f"min(1, {shown(rate)})" if rate >= 0 else f"max(0, {shown(rate)})"
        sign = "≥" if rate >= seen.target else "<"
        return f"({shown(rate)} {sign} {shown(seen.target)} → {shown(self.of_rate(rate, seen.target))})"


class Threshold(Rated):
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

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:  # noqa: ARG002
        lower, upper = exact(self.lower), exact(self.upper)
        if rate >= upper:
            return ONE
        return ZERO if rate <= lower else (rate - lower) / (upper - lower)

    def working(self, seen: Input) -> str:
        lower, upper = written(self.lower), written(self.upper)
        return f"min(1, max(0, ({shown(_rate(seen))} − {lower}) ÷ ({upper} − {lower})))"


class PassFail(Rated):
    """Full marks from `at_least`, or nothing; without `at_least` the target of the day is asked for, or else 1."""

    method: Literal["pass_fail"]
    at_least: float | None = Field(None, ge=0, description="The rate from which there are full marks.")

    @property
    def asks_target(self) -> bool:
        return self.at_least is None

    def _bound(self, target: Fraction | None) -> Fraction:
        if self.at_least is not None:
            return exact(self.at_least)
        return ONE if target is None else target

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        return ONE if rate >= self._bound(target) else ZERO

    def working(self, seen: Input) -> str:
        rate, bound = _rate(seen), self._bound(seen.target)
        sign = "≥" if rate >= bound else "<"
        return f"({shown(rate)} {sign} {shown(bound)} → {shown(self.of_rate(rate, seen.target))})"


class Band(BaseModel):
    """What is given from `from` upwards, up to the next band."""

    model_config = FROZEN

    from_: float = Field(alias="from", ge=0, description="The rate from which the band counts.")
    points: float | None = Field(None, ge=0, description="The points it gives, of those of the part.")
    share: float | None = Field(
        None, ge=0, le=1, description="The share of the part's points it gives, in place of points."
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.points is None) == (self.share is None):
            raise ValueError("states either points or a share of them")
        return self

    @property
    def worth(self) -> Fraction:
        """Its points, or its share, as they are stated."""
        return exact(self.share if self.points is None else self.points)


class Bands(Rated):
    """Steps of a rate: the highest band whose `from` is reached says the points; below the lowest band there are none.

    [{from: 1.0, points: 2}, {from: 0.8, points: 1}] gives 2 points for 100 % and more, 1 from 80 %, and none below.
    """

    method: Literal["bands"]
    bands: tuple[Band, ...] = Field(min_length=1, description="The bands; a higher one never gives less.")
    of: Literal["rate", "target"] = Field(
        "rate", description="rate: bands of the rate; target: of the rate as a share of the target of the day."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len({band.points is None for band in self.bands}) > 1:
            raise ValueError("has bands in points and bands in shares: one of the two")
        ordered = sorted(self.bands, key=lambda band: band.from_)
        for low, high in pairwise(ordered):
            if low.from_ == high.from_:
                raise ValueError(f"has two bands from {low.from_:g}")
            if low.worth > high.worth:
                raise ValueError(f"gives less from {high.from_:g} than from {low.from_:g}")
        return self

    @property
    def asks_target(self) -> bool:
        return self.of == "target"

    @property
    def full(self) -> Fraction | None:
        return None if self.bands[0].points is None or self.points is None else exact(self.points)

    def _reached(self, value: Fraction) -> Band | None:
        return max((band for band in self.bands if value >= exact(band.from_)), key=lambda b: b.from_, default=None)

    def _value(self, rate: Fraction, target: Fraction | None) -> Fraction:
        return rate if self.of == "rate" or target is None else rate / target

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        band = self._reached(self._value(rate, target))
        if band is None:
            return ZERO
        if band.points is None:
            return band.worth
        if self.points is None:
            raise ValueError(f"part {self.subject!r} has bands in points, but no points of its own")
        return min(ONE, band.worth / exact(self.points))

    def formula(self, seen: Input, share: Fraction, possible: int, given: int) -> str:
        rate, full = _rate(seen), self.full
        ratio = self.of == "target" and seen.target is not None
        value = f"{shown(rate)} ÷ {shown(seen.target or ONE)}" if ratio else shown(rate)
        band = self._reached(self._value(rate, seen.target))
        if band is None:
            lowest = min(exact(band.from_) for band in self.bands)
            return f"{value} < {shown(lowest)} → 0"
        found = f"{value} ≥ {written(band.from_)} → {shown(band.worth)}"
        end = equals(share, possible, given)
        if full is None:
            return f"{found}; {shown_points(possible)} × {shown(band.worth)} {end}"
        if full * SCALE == possible:
            return found
        return f"{found}; {shown_points(possible)} × {shown(band.worth)} ÷ {shown(full)} {end}"


class StepDeduction(Rated, Counted):
    """Every step below the start costs points: points - min(at most, costs x steps), never below zero.

    steps = (start - rate) / every, of which the complete ones count, or with `counts: started` also the one begun. The
    start is stated, or the target of the day, or else 1.
    """

    method: Literal["step_deduction"]
    every: float = Field(gt=0, description="The length of a step of the rate: 0.02 is two percentage points.")
    costs: float = Field(gt=0, description="The points that a step costs.")
    at_most: float | None = Field(None, gt=0, description="The most that is deducted; by default all points.")
    start: float | None = Field(
        None, gt=0, description="The rate from which nothing is deducted; by default the target."
    )
    counts: Literal["whole", "started"] = Field(
        "whole", description="whole: steps that are complete; started: also the step that has begun."
    )

    @property
    def asks_target(self) -> bool:
        return self.start is None

    def _start(self, target: Fraction | None) -> Fraction:
        if self.start is not None:
            return exact(self.start)
        return ONE if target is None else target

    def _most(self) -> Fraction:
        return self.base if self.at_most is None else min(self.base, exact(self.at_most))

    def of_rate(self, rate: Fraction, target: Fraction | None) -> Fraction:
        short = self._start(target) - rate
        if short <= 0:
            return ONE
        steps = short / exact(self.every)
        counted = steps.__floor__() if self.counts == "whole" else steps.__ceil__()
        return 1 - min(self._most(), exact(self.costs) * counted) / self.base

    def working(self, seen: Input) -> str:
        start, rate = self._start(seen.target), _rate(seen)
        left, right = "⌊⌋" if self.counts == "whole" else "⌈⌉"
        short = f"{shown(start)} − {shown(rate)}"
        short = f"({short})" if rate <= start else f"max(0, {short})"
        steps = f"{left}{short} ÷ {written(self.every)}{right}"
        return f"{shown(self.base)} − min({shown(self._most())}, {written(self.costs)} × {steps})"
