"""Figures that a unit reports about itself: is the arithmetic of a table of rates possible, record or no record?

A printed rate stands for an interval. With U one unit of its last printed decimal, a rate R was rounded half up from
[R - U/2, R + U/2) or cut off from [R, R + U); both are in use, so [R - U/2, R + U) is what it can mean. Counts that
were rounded ("5,509万") or are stated as a minimum ("over 64万") are intervals as well. The arithmetic is done on
integers of 128 bits, in millionths, so that no verdict hangs on binary fractions.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import polars as pl
from pydantic import Field

from assess.checks.base import Check, column_field

PLACES = 6
ONE = 10**PLACES


def fixed(column: str) -> pl.Expr:
    """A number column, or numbers kept as text, as an integer count of millionths; null where it is no number."""
    text = pl.col(column).cast(pl.String)
    whole = text.str.extract(r"\A\s*(-?[0-9]+)(?:\.[0-9]+)?\s*\z").cast(pl.Int128)
    decimals = text.str.extract(r"\.([0-9]+)\s*\z").fill_null("").str.slice(0, PLACES).str.pad_end(PLACES, "0")
    sign = pl.when(text.str.contains(r"\A\s*-")).then(-1).otherwise(1)
    value: pl.Expr = whole * ONE + sign * decimals.cast(pl.Int128)
    return value


class Interval(NamedTuple):
    """The smallest and the largest value, in millionths, that a printed figure can stand for."""

    low: pl.Expr
    high: pl.Expr


def count_interval(column: str, precision: str | None, stated: str | None) -> Interval:
    """What a printed count can stand for; see the module for how."""
    value = fixed(column)
    if precision is None:
        return Interval(value, value)
    step = fixed(precision).fill_null(ONE)
    rough = step > ONE
    at_least = pl.lit(value=False) if stated is None else (pl.col(stated) == "at_least").fill_null(value=False)
    low = pl.when(rough & ~at_least).then(value - step // 2).otherwise(value)
    high = pl.when(at_least & rough).then(value + step).when(rough).then(value + step // 2).otherwise(value)
    return Interval(low, high)


class Figure(Check):
    """What every kind about reported figures shares: the columns of numerator, denominator and rate."""

    numerator: str = column_field("numerator", description="Column with the numerator.")
    denominator: str = column_field("denominator", description="Column with the denominator.")
    rate: str = column_field("rate", description="Column of type decimal with the rate as printed.")
    scale: str | None = column_field(
        None, description="Column that says percent, per_mille or ratio for each figure; without it all are percent."
    )
    precision: str | None = column_field(
        None, description="Column with the unit to which the numerator is known: 10000 for a figure in 万."
    )
    stated: str | None = column_field(
        None, description="Column that says how the numerator is stated: exact, rounded, at_least, suppressed."
    )
    denominator_precision: str | None = column_field(
        None, description="Column with the unit to which the denominator is known."
    )

    def _factor(self) -> pl.Expr:
        """100 for percent, 1000 for per mille; null for a scale that is no ratio (count, points)."""
        if self.scale is None:
            return pl.lit(100, dtype=pl.Int128)
        scale = pl.col(self.scale)
        factor = (
            pl.when(scale == "percent").then(100).when(scale == "per_mille").then(1000).when(scale == "ratio").then(1)
        )
        return factor.cast(pl.Int128)

    def _counts(self) -> tuple[Interval, Interval]:
        return (
            count_interval(self.numerator, self.precision, self.stated),
            count_interval(self.denominator, self.denominator_precision, None),
        )

    def _printed(self) -> tuple[pl.Expr, pl.Expr]:
        """The rate and one unit of its last printed decimal, both in millionths."""
        decimals = pl.col(self.rate).str.extract(r"\.([0-9]+)\s*\z").fill_null("").str.len_bytes()
        step = pl.lit(10, dtype=pl.Int64).pow(PLACES - pl.min_horizontal(decimals.cast(pl.Int64), pl.lit(PLACES)))
        return fixed(self.rate), step.cast(pl.Int128)

    def _meaning(self) -> Interval:
        """What the printed rate can stand for, in half millionths: low included, high excluded."""
        rate, step = self._printed()
        return Interval(2 * rate - step, 2 * rate + 2 * step)

    def numbers(self) -> dict[str, pl.Expr]:
        return {name: pl.col(getattr(self, name)).cast(pl.String) for name in ("numerator", "denominator", "rate")}


class WithinCeiling(Figure, kind="within_ceiling", dimension="plausibility"):
    """A part is not larger than its whole: a rate of a capped kind is at most 100 % (1000 ‰).

    Kinds that have no ceiling, such as work done against a task number, are not applicable and never flagged. A
    numerator that is certainly above its denominator is violated even where no rate is printed.
    """

    of: str = column_field(description="Column with the kind of figure.")
    capped: tuple[str, ...] = Field(("coverage", "share", "per_mille"), description="The kinds that have a ceiling.")

    def _above(self) -> dict[str, pl.Expr]:
        numerator, denominator = self._counts()
        rate, _ = self._printed()
        return {
            "above_ceiling": rate > self._factor() * ONE,
            "part_exceeds_whole": (numerator.low > denominator.high) & (self._factor() > 0),
        }

    def valid(self) -> pl.Expr:
        above = list(self._above().values())
        known = pl.any_horizontal([part.is_not_null() for part in above])
        violated = pl.any_horizontal([part.fill_null(value=False) for part in above])
        return pl.when(pl.col(self.of).is_in(list(self.capped)) & known).then(~violated)

    def reasons(self) -> dict[str, pl.Expr]:
        return self._above()


class RatioAgrees(Figure, kind="ratio_agrees", dimension="consistency"):
    """The printed rate follows from the printed numerator and denominator, rounded half up or cut off.

    Approximate counts are taken as intervals: the rate agrees if any counts within them give it. Where one of the
    three is missing or suppressed the figure is not applicable. A rate on a denominator of zero is violated.
    """

    siblings: tuple[str, ...] = column_field(
        (),
        description="Columns that tie figures together; among figures alike in them a denominator that would "
        "reconcile the rate is looked for.",
    )

    def valid(self) -> pl.Expr:
        numerator, denominator = self._counts()
        low, high = self._meaning()
        share = 2 * self._factor() * ONE
        agrees = (numerator.high * share >= low * denominator.low) & (numerator.low * share < high * denominator.high)
        return (
            pl.when(denominator.high > 0)
            .then(agrees)
            .when(denominator.high <= 0)
            .then(pl.when(numerator.low.is_not_null() & low.is_not_null()).then(statement=False))
        )

    def reasons(self) -> dict[str, pl.Expr]:
        _, denominator = self._counts()
        return {"zero_denominator": denominator.high <= 0, "disagrees": denominator.high > 0}

    def numbers(self) -> dict[str, pl.Expr]:
        computed = self._factor().cast(pl.Float64) * fixed(self.numerator) / fixed(self.denominator)
        return {**super().numbers(), "computed": computed.round(6).cast(pl.String)}

    def hints(self, violated: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        if not self.siblings:
            return super().hints(violated, rows)
        low, high = self._meaning()
        factor = self._factor()
        rate, _ = self._printed()
        # Another figure of the same unit that gives its numerator and rate implies a denominator.
        implied = rows.select(
            *self.siblings,
            implied=(2 * fixed(self.numerator) * factor + rate) // (2 * rate),
            implied_by_row=pl.col("_row"),
        ).filter(pl.col("implied") > 0)
        near = (
            violated.with_columns(low=low, high=high, counted=2 * factor * fixed(self.numerator))
            .join(implied, on=self.siblings, how="inner")
            .filter(
                (pl.col("_row") != pl.col("implied_by_row"))
                & (pl.col("counted") >= pl.col("low") * pl.col("implied"))
                & (pl.col("counted") < pl.col("high") * pl.col("implied"))
            )
            .sort("_row", "implied_by_row")
            .unique("_row", keep="first", maintain_order=True)
        )
        return near.select("_row", reconciles_with=pl.col("implied").cast(pl.String))


class RoundedHalfUp(RatioAgrees, kind="rounded_half_up", dimension="conformance"):
    """A rate that agrees with its exact counts was rounded half up, not cut off. Otherwise not applicable."""

    def valid(self) -> pl.Expr:
        rate, step = self._printed()
        numerator, denominator = self._counts()
        exact = (numerator.low == numerator.high) & (denominator.low == denominator.high)
        return pl.when(super().valid() & exact).then(
            numerator.low * 2 * self._factor() * ONE < (2 * rate + step) * denominator.low
        )

    def reasons(self) -> dict[str, pl.Expr]:
        return {"truncated": pl.lit(value=True)}


class RateFeasible(Figure, kind="rate_feasible", dimension="consistency"):
    """Some whole number can be the count that is not printed.

    With `missing: denominator` the numerator and the rate are printed, and a whole denominator must give the rate; with
    `missing: numerator` it is the other way round. Figures that print both counts, or neither, are not applicable.
    """

    missing: Literal["denominator", "numerator"] = Field("denominator", description="The count that is not printed.")

    def _bounds(self) -> tuple[pl.Expr, pl.Expr]:
        """The smallest and the largest whole count that give the rate; none is possible if they cross."""
        numerator, denominator = self._counts()
        low, high = self._meaning()
        share = 2 * self._factor() * ONE
        if self.missing == "denominator":
            least = (numerator.low * share) // (high * ONE) + 1
            return least, pl.when(low > 0).then((numerator.high * share) // (low * ONE)).otherwise(least)
        least = (low * denominator.low + share * ONE - 1) // (share * ONE)
        return least, (high * denominator.high + share * ONE - 1) // (share * ONE) - 1

    def _applies(self) -> pl.Expr:
        known, unknown = self.numerator, self.denominator
        if self.missing == "numerator":
            known, unknown = unknown, known
        # A suppressed count is present, only withheld: the figure is then not judged.
        return (fixed(known) > 0) & pl.col(unknown).is_null() & (fixed(self.rate) > 0) & self._factor().is_not_null()

    def valid(self) -> pl.Expr:
        least, most = self._bounds()
        return pl.when(self._applies()).then(least <= most)

    def numbers(self) -> dict[str, pl.Expr]:
        numerator, denominator = fixed(self.numerator), fixed(self.denominator)
        factor, rate = self._factor().cast(pl.Float64), fixed(self.rate)
        if self.missing == "denominator":
            exact = factor * numerator / rate
            rates = [factor * numerator / ONE / count for count in (exact.floor(), exact.floor() + 1)]
        else:
            exact = rate * denominator / factor / ONE / ONE
            rates = [factor * ONE * count / denominator for count in (exact.floor(), exact.floor() + 1)]
        return {
            **super().numbers(),
            "below": exact.floor().cast(pl.Int64, strict=False).cast(pl.String),
            "below_gives": rates[0].round(4).cast(pl.String),
            "above": (exact.floor() + 1).cast(pl.Int64, strict=False).cast(pl.String),
            "above_gives": rates[1].round(4).cast(pl.String),
        }


class ImpliedBaseAgrees(Figure, kind="implied_base_agrees", dimension="consistency"):
    """Figures about one population imply populations that overlap.

    A numerator and its rate imply an interval for the base, as wide as their printed precision allows; a printed
    denominator is the base itself. `where` selects the figures that share one population, `by` says whose. A figure is
    violated if its base overlaps with that of some other figure nowhere. Groups with fewer than two bases are not
    applicable. It is a question to the unit, not a proof: populations may be counted on other days.
    """

    by: tuple[str, ...] = column_field(
        description="Columns that say whose population it is, for example unit and period."
    )
    slack: float = Field(0.0, ge=0, description="Relative distance that is still taken as overlap.")

    def _base(self) -> Interval:
        numerator, denominator = self._counts()
        low, high = self._meaning()
        share = (2 * self._factor() * ONE).cast(pl.Float64)
        chosen = pl.lit(value=True) if self.where is None else self.where.expr.fill_null(value=False)
        stated = denominator.low > 0
        base_low = (
            pl.when(stated)
            .then(denominator.low / ONE)
            .when(fixed(self.rate) > 0)
            .then(numerator.low / ONE * share / high)
        )
        base_high = pl.when(stated).then(denominator.high / ONE).when(low > 0).then(numerator.high / ONE * share / low)
        return Interval(pl.when(chosen).then(base_low), pl.when(chosen).then(base_high))

    def valid(self) -> pl.Expr:
        base = self._base()
        slack = 1 + self.slack
        several = base.low.count().over(self.by) > 1
        overlaps = (base.low <= base.high.min().over(self.by) * slack) & (
            base.high * slack >= base.low.max().over(self.by)
        )
        return pl.when(several & base.low.is_not_null()).then(overlaps)

    def partition_by(self) -> tuple[str, ...]:
        return self.by

    def numbers(self) -> dict[str, pl.Expr]:
        base = self._base()
        middle = (base.low + base.high) / 2
        stated = self._factor().cast(pl.Float64) * fixed(self.numerator) / fixed(self.rate)
        chosen = pl.when(base.low.is_not_null()).then(
            pl.when(fixed(self.denominator) > 0).then(fixed(self.denominator) / ONE).otherwise(stated)
        )
        fold = chosen.max().over(self.by) / chosen.min().over(self.by)
        return {
            **super().numbers(),
            "implied": chosen.fill_null(middle).round(0).cast(pl.Int64).cast(pl.String),
            "smallest": chosen.min().over(self.by).round(0).cast(pl.Int64).cast(pl.String),
            "largest": chosen.max().over(self.by).round(0).cast(pl.Int64).cast(pl.String),
            "fold": fold.round(4).cast(pl.String),
        }


class PartsSum(Check, kind="parts_sum", dimension="consistency"):
    """The parts of a total add up to it. Where the total or the parts are not given the record is not applicable.

    `parts` is a text column such as `11+5+6`, or a list of number columns. Parts that cannot be read are violated.
    """

    total: str = column_field(description="Column with the total.")
    parts: str | tuple[str, ...] = column_field(
        description="A text column with the parts joined by +, or their columns."
    )

    def _sum(self) -> pl.Expr:
        if not isinstance(self.parts, str):
            return sum((fixed(part) for part in self.parts), pl.lit(0, dtype=pl.Int128))
        text = pl.col(self.parts).str.replace_all(r"\s", "")
        number = text.str.contains(r"\A[0-9]+(\.[0-9]+)?(\+[0-9]+(\.[0-9]+)?)*\z")
        terms = text.str.split("+").list.eval(pl.element().cast(pl.Float64, strict=False))
        return pl.when(number).then((terms.list.sum() * ONE).round(0).cast(pl.Int128))

    def valid(self) -> pl.Expr:
        if not isinstance(self.parts, str):
            return self._sum() == fixed(self.total)
        given = pl.col(self.parts).is_not_null() & fixed(self.total).is_not_null()
        return pl.when(given).then((self._sum() == fixed(self.total)).fill_null(value=False))

    def reasons(self) -> dict[str, pl.Expr]:
        return {"unreadable_parts": self._sum().is_null(), "parts_differ": self._sum().is_not_null()}

    def numbers(self) -> dict[str, pl.Expr]:
        shown = {"parts": pl.col(self.parts)} if isinstance(self.parts, str) else {}
        summed = self._sum() / ONE
        return {
            **shown,
            "sum": summed.cast(pl.String).str.strip_suffix(".0"),
            "total": pl.col(self.total).cast(pl.String),
        }
