"""Methods that turn a rate into points; each is monotone: a better rate never earns less."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Literal, Self

import numpy as np
import polars as pl
from pydantic import BaseModel, Field, model_validator

from assess.ratio import Ratio, Whole
from assess.scores.exact import SCALE, exact, shown, shown_points, written
from assess.scores.inputs import Inputs
from assess.scores.part import FROZEN, Counted, Rated, equals
from assess.written import either, text


class Proportional(Rated):
    """Full marks at the target, in proportion below it: points x min(1, rate / target).

    A rate of 60 % where 80 % is asked for earns 0.75 of the points; `rate_itself` would give 0.60. Without a target the
    rate itself is the share.
    """

    method: Literal["proportional"]

    @property
    def asks_target(self) -> bool:
        return True

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        return (rate / target).clamped()

    def working(self, seen: Inputs) -> pl.Expr:
        rate = seen.rate.otherwise(0)
        by_target = either(seen.target.known, text(" ÷ ", seen.target.shown()), "")
        return text(either(rate.n >= 0, "min(1, ", "max(0, "), rate.shown(), by_target, ")")


class RateItself(Rated):
    """Full marks at the target, the rate itself below it: points x (1 if rate >= target else rate).

    A rate of 60 % where 80 % is asked for earns 0.60 of the points; `proportional` would give 0.75. Without a target
    the rate itself is the share.
    """

    method: Literal["rate_itself"]

    @property
    def asks_target(self) -> bool:
        return True

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        return rate.clamped().where(rate < target, 1)

    def working(self, seen: Inputs) -> pl.Expr:
        rate = seen.rate.otherwise(0)
        alone = text(either(rate.n >= 0, "min(1, ", "max(0, "), rate.shown(), ")")
        return either(seen.target.known, _compared(rate, seen.target.otherwise(1), self), alone)


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

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:  # noqa: ARG002
        lower, upper = exact(self.lower), exact(self.upper)
        return ((rate - lower) / (upper - lower)).clamped()

    def working(self, seen: Inputs) -> pl.Expr:
        lower, upper = written(self.lower), written(self.upper)
        return text("min(1, max(0, (", seen.rate.otherwise(0).shown(), f" − {lower}) ÷ ({upper} − {lower})))")


class PassFail(Rated):
    """Full marks from `at_least`, or nothing; without `at_least` the target of the day is asked for, or else 1."""

    method: Literal["pass_fail"]
    at_least: float | None = Field(None, ge=0, description="The rate from which there are full marks.")

    @property
    def asks_target(self) -> bool:
        return self.at_least is None

    def _bound(self, target: Ratio) -> Ratio:
        return target if self.at_least is None else Ratio.each(exact(self.at_least), len(target))

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        return Ratio.each(1, len(rate)).where(rate >= self._bound(target), 0)

    def working(self, seen: Inputs) -> pl.Expr:
        return _compared(seen.rate.otherwise(0), self._bound(seen.target.otherwise(1)), self)


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

    def _value(self, rate: Ratio, target: Ratio) -> Ratio:
        return rate / target if self.of == "target" else rate

    @property
    def _rising(self) -> tuple[Band, ...]:
        return tuple(sorted(self.bands, key=lambda band: band.from_))

    def _share(self, band: Band) -> Fraction:
        if band.points is None:
            return band.worth
        if self.points is None:
            raise ValueError(f"part {self.subject!r} has bands in points, but no points of its own")
        return min(Fraction(1), band.worth / exact(self.points))

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        value, share = self._value(rate, target), Ratio.each(0, len(rate))
        for band in self._rising:
            share = share.where(value < exact(band.from_), self._share(band))
        return share

    def formula(self, seen: Inputs, share: Ratio, possible: Whole, given: Whole) -> pl.Expr:
        rate, target, full = seen.rate.otherwise(0), seen.target.otherwise(1), self.full
        value, words = self._value(rate, target), rate.shown()
        if self.of == "target":
            words = text(words, either(seen.target.known, text(" ÷ ", target.shown()), ""))
        whole = np.full(len(rate), full is not None) & (possible == (full or 0) * SCALE)
        points, end = shown_points(possible), equals(share, possible, given)
        formula = text(words, f" < {written(self._rising[0].from_)} → 0")
        for band in self._rising:
            worth = shown(band.worth)
            found = text(words, f" ≥ {written(band.from_)} → {worth}")
            by_full = "" if full is None else f" ÷ {shown(full)}"
            apart = text(found, "; ", points, f" × {worth}{by_full}", end)
            formula = either(value < exact(band.from_), formula, either(whole, found, apart))
        return formula


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

    def _start(self, target: Ratio) -> Ratio:
        return target if self.start is None else Ratio.each(exact(self.start), len(target))

    def _most(self) -> Fraction:
        return self.base if self.at_most is None else min(self.base, exact(self.at_most))

    def of_rate(self, rate: Ratio, target: Ratio) -> Ratio:
        steps = (self._start(target) - rate) / exact(self.every)
        counted = steps.floor() if self.counts == "whole" else steps.ceil()
        begun = counted.where(counted.n > 0, 0)
        return 1 - (begun * exact(self.costs)).at_most(self._most()) / self.base

    def working(self, seen: Inputs) -> pl.Expr:
        start, rate = self._start(seen.target.otherwise(1)), seen.rate.otherwise(0)
        left, right = "⌊⌋" if self.counts == "whole" else "⌈⌉"
        short = text(either(start < rate, "max(0, ", "("), start.shown(), " − ", rate.shown(), ")")
        deducted = f"{shown(self.base)} − min({shown(self._most())}, {written(self.costs)} × {left}"
        return text(deducted, short, f" ÷ {written(self.every)}{right})")


def _compared(rate: Ratio, bound: Ratio, part: Rated) -> pl.Expr:
    """Which of the two is higher, and the share that follows from it."""
    sign = either(rate < bound, " < ", " ≥ ")
    return text("(", rate.shown(), sign, bound.shown(), " → ", part.of_rate(rate, bound).shown(), ")")
