"""What is unusual without being impossible: a unit beside its peers, or beside itself.

Nothing here is a proof. Every kind compares sums over the records of a unit, needs a number of records and of peers
before it says anything, and its rules end in `needs_review`: to be verified.
"""

from __future__ import annotations

from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Profile, column_field, exact, numeric
from assess.sql import Sql


def shown(value: pl.Expr) -> pl.Expr:
    """A figure as text for people: six decimals at most."""
    return value.round(6).cast(pl.String)


def shown_count(value: pl.Expr) -> pl.Expr:
    """A whole number as text."""
    return value.cast(pl.Int64).cast(pl.String)


def modified_z(value: pl.Expr, peer: pl.Expr) -> pl.Expr:
    """0.6745 x (x - median) / MAD over the rows for which `peer` is true; null for the others.

    Where more than half of the values are equal the MAD is 0; the mean absolute deviation then takes its place:
    (x - median) / (1.253314 x mean absolute deviation). Where all are equal it is 0. Source: Iglewicz and Hoaglin, How
    to Detect and Handle Outliers, 1993; the constants make both estimate the standard deviation of a normal sample.
    """
    among = pl.when(peer).then(value)
    off = among - among.median()
    mad, mean = off.abs().median(), off.abs().mean()
    return pl.when(mad > 0).then(0.6745 * off / mad).when(mean > 0).then(off / (1.253314 * mean)).otherwise(0 * off)


class Outlier(Profile, kind="outlier", dimension="plausibility"):
    """A unit's rate, or its mean of a column, is not far from those of its peers.

    Far is a modified z-score beyond `threshold`: 0.6745 x (x - median) / MAD, over all units with at least
    `min_records` records in the denominator; units below that, so that small places are not accused, and submissions
    with fewer than `min_peers` such units are not applicable. Source: Iglewicz and Hoaglin 1993, who propose 3.5; where
    the MAD is 0 the mean absolute deviation takes its place.
    """

    numerator: Sql | None = Field(None, description="A SQL condition: the records that make the numerator of a rate.")
    denominator: Sql | None = Field(None, description="A SQL condition: those of the denominator; by default all.")
    mean: str | None = column_field(None, description="Instead of a rate: the number column whose mean is compared.")
    threshold: float = Field(3.5, gt=0, description="The modified z-score beyond which a unit is to be verified.")
    direction: Literal["both", "high", "low"] = Field("both", description="Which side is suspicious.")
    min_difference: float = Field(0.0, ge=0, description="Distance from the median that is never suspicious.")
    min_records: int = Field(30, ge=1, description="Units with a smaller denominator are neither judged nor peers.")
    min_peers: int = Field(5, ge=3, description="How many units there must be to compare.")

    @model_validator(mode="after")
    def _one_figure(self) -> Self:
        if (self.numerator is None) == (self.mean is None):
            raise ValueError("compares one figure: state either `numerator` or `mean`")
        if self.denominator is not None and self.mean is not None:
            raise ValueError("a mean has no denominator of its own: choose the records by `where`")
        return self

    def amounts(self, unit: str) -> dict[str, pl.Expr]:  # noqa: ARG002
        if self.mean is not None:
            value = pl.col(self.mean)
            known = self.chosen & value.is_not_null()
            return {"total": pl.when(known).then(exact(value)).otherwise(0), "records": known.cast(pl.Int64)}
        base = self.chosen
        if self.denominator is not None:
            base = base & self.denominator.expr.fill_null(value=False)
        part = base & (self.numerator.expr if self.numerator is not None else base).fill_null(value=False)
        return {"total": exact(part.cast(pl.Int64)), "records": base.cast(pl.Int64)}

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:  # noqa: ARG002
        peer = pl.col("records") >= self.min_records
        seen = sums.with_columns(value=pl.col("total").cast(pl.Float64) / pl.col("records"), peer=peer).with_columns(
            z=modified_z(pl.col("value"), pl.col("peer")),
            median=pl.when(pl.col("peer")).then("value").median(),
            peers=pl.col("peer").sum(),
        )
        z, off = pl.col("z"), pl.col("value") - pl.col("median")
        far = {"high": z > self.threshold, "low": z < -self.threshold, "both": z.abs() > self.threshold}[self.direction]
        judged = pl.col("peer") & (pl.col("peers") >= self.min_peers)
        return seen.select(
            "unit",
            valid=pl.when(judged).then(~(far & (off.abs() > self.min_difference))),
            reason=pl.when(off > 0).then(pl.lit("outlier_high")).otherwise(pl.lit("outlier_low")),
            value=shown(pl.col("value")),
            median=shown(pl.col("median")),
            z=z.round(2).cast(pl.String),
            total=shown(pl.col("total").cast(pl.Float64)),
            records=shown_count(pl.col("records")),
            peers=shown_count(pl.col("peers")),
            measure=pl.lit("rate" if self.mean is None else "mean"),
        )


class ChangeSince(Profile, kind="change_since", dimension="plausibility"):
    """A unit's count, or its sum, is of the order of that in the previous assessment.

    Violated where it is more than `ratio` times the earlier figure or less than one part in `ratio` of it. The earlier
    figure is the same rule's in the assessment that `assess run --previous` names; without one, and where the earlier
    figure is below `base`, the unit is not applicable. A unit that submits the table without records counts as zero.
    """

    compares = True

    sum: Sql | None = Field(None, description="A SQL amount to sum; without it the records are counted.")
    ratio: float = Field(3.0, gt=1, description="How many times larger or smaller is suspicious.")
    base: float = Field(30, gt=0, description="Smallest earlier figure that says something.")

    def amounts(self, unit: str) -> dict[str, pl.Expr]:  # noqa: ARG002
        amount = pl.lit(1) if self.sum is None else self.sum.expr
        return {"total": pl.when(self.chosen).then(exact(amount)).otherwise(0)}

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:
        if previous is None:
            seen = sums.with_columns(before=pl.lit(None, dtype=pl.Float64))
        else:
            earlier = previous.select("unit", before=pl.col("total").cast(pl.Float64))
            seen = sums.join(earlier, on="unit", how="left", maintain_order="left")
        now, before = pl.col("total").cast(pl.Float64), pl.col("before")
        return seen.select(
            "unit",
            valid=pl.when(before >= self.base).then((now <= before * self.ratio) & (now * self.ratio >= before)),
            reason=pl.when(now > before).then(pl.lit("grew")).otherwise(pl.lit("shrank")),
            now=shown(now),
            before=shown(before),
            fold=(now / before).round(4).cast(pl.String),
        )


class Heaping(Profile, kind="heaping", dimension="plausibility"):
    """The last digit of a number is as often `digit` as it is with the peers: neither more often nor more seldom.

    People who read a scale prefer round numbers, and all by about as much, so an even spread of last digits is as
    strange as a heap. The share is compared with the pooled share of all other units by the z of two proportions
    (pooled variance). Units differ by more than chance, so z is divided by the square root of the over-dispersion: the
    mean of z squared over all units, z first cut at its 10th and 90th percentile (Spiegelhalter 2005, Funnel plots for
    comparing institutional performance). Violated where it is beyond `threshold` and the shares differ by more than
    `min_difference`. Units with fewer than `min_records` values, and submissions with fewer than `min_peers` such
    units, are not applicable.
    """

    column: str = column_field(description="A column of whole numbers; of other numbers the part before the point.")
    digit: int = Field(0, ge=0, le=9, description="The last digit on which readings heap.")
    threshold: float = Field(3.5, gt=0, description="The z-score beyond which a unit is to be verified.")
    min_difference: float = Field(0.1, ge=0, lt=1, description="Difference of the shares that is never suspicious.")
    min_records: int = Field(50, ge=1, description="Units with fewer values are neither judged nor peers.")
    min_peers: int = Field(5, ge=3, description="How many units there must be to compare.")

    def amounts(self, unit: str) -> dict[str, pl.Expr]:  # noqa: ARG002
        value = numeric(pl.col(self.column)).abs().floor()
        known = self.chosen & value.is_not_null()
        return {"records": known.cast(pl.Int64), "heaped": (known & (value % 10 == self.digit)).cast(pl.Int64)}

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:  # noqa: ARG002
        peer = pl.col("records") >= self.min_records
        n, k = pl.when(peer).then("records"), pl.when(peer).then("heaped")
        others, theirs = n.sum() - n, k.sum() - k
        share, expected, pooled = k / n, theirs / others, k.sum() / n.sum()
        error = (pooled * (1 - pooled) * (1 / n + 1 / others)).sqrt()
        z = pl.col("z")
        cut = z.clip(z.quantile(0.1, "higher"), z.quantile(0.9, "lower"))
        seen = sums.with_columns(
            share=share,
            expected=expected,
            peers=peer.sum(),
            # Where everybody always, or nobody ever, ends in the digit there is no error and no difference.
            z=pl.when(error > 0).then((share - expected) / error).when(error == 0).then(0.0),
        ).with_columns(z=z / pl.max_horizontal((cut**2).mean(), pl.lit(1.0)).sqrt())
        off = pl.col("share") - pl.col("expected")
        return seen.select(
            "unit",
            valid=pl.when(peer & (pl.col("peers") >= self.min_peers)).then(
                ~((z.abs() > self.threshold) & (off.abs() > self.min_difference))
            ),
            reason=pl.when(off > 0).then(pl.lit("heaped_more")).otherwise(pl.lit("heaped_less")),
            share=shown(pl.col("share")),
            expected=shown(pl.col("expected")),
            digit=pl.lit(str(self.digit)),
            z=z.round(2).cast(pl.String),
            records=shown_count(pl.col("records")),
            peers=shown_count(pl.col("peers")),
        )


class TooRegular(Profile, kind="too_regular", dimension="plausibility"):
    """A unit's values vary as those of its peers do, and its records are not copies of each other.

    `spread` names a number column: violated where its standard deviation is below `min_spread` times the median of the
    units'. With 30 values that is about four standard errors, so chance seldom gets there; readings invented within
    narrow limits do. `identical` names columns that rarely agree all together: violated where two records picked at
    random in the unit agree more than `max_ratio` times as often as in the median unit (or, where that is 0, in all
    units together), and at least `min_share` of its records agree with another one. That chance is sum n(n - 1) /
    N(N - 1) over the vectors, which does not grow with the size of the unit (Simpson 1949, Measurement of diversity).
    Units with fewer than `min_records` values, and submissions with fewer than `min_peers` such units, are not
    applicable; nor are records of which a named column is null.
    """

    spread: str | None = column_field(None, description="The number column whose spread is compared.")
    identical: tuple[str, ...] = column_field((), description="The columns that should not agree all together.")
    min_spread: float = Field(0.5, gt=0, lt=1, description="Smallest accepted share of the usual spread.")
    max_ratio: float = Field(5.0, gt=1, description="How many times as often as usual two records may agree.")
    min_share: float = Field(0.1, ge=0, lt=1, description="Share of agreeing records that is never suspicious.")
    min_records: int = Field(30, ge=3, description="Units with fewer values are neither judged nor peers.")
    min_peers: int = Field(5, ge=3, description="How many units there must be to compare.")

    @model_validator(mode="after")
    def _compares_something(self) -> Self:
        if self.spread is None and not self.identical:
            raise ValueError("compares nothing: state `spread`, `identical` or both")
        return self

    def amounts(self, unit: str) -> dict[str, pl.Expr]:
        amounts: dict[str, pl.Expr] = {}
        if self.spread is not None:
            value = pl.col(self.spread)
            known = self.chosen & value.is_not_null()
            amounts["values"] = known.cast(pl.Int64)
            amounts["total"] = pl.when(known).then(exact(value)).otherwise(0)
            amounts["squares"] = pl.when(known).then(exact(numeric(value) ** 2)).otherwise(0)
        if self.identical:
            columns = [pl.col(column) for column in self.identical]
            compared = self.chosen & pl.all_horizontal([column.is_not_null() for column in columns])
            alike = compared.sum().over([pl.col(unit), *columns]).cast(pl.Int64)
            amounts["compared"] = compared.cast(pl.Int64)
            amounts["pairs"] = pl.when(compared).then(alike - 1).otherwise(0)
            amounts["alike"] = (compared & (alike > 1)).cast(pl.Int64)
        return amounts

    def partition_by(self) -> tuple[str, ...]:
        return self.identical

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:  # noqa: ARG002
        none = pl.lit(None, dtype=pl.Boolean)
        seen = sums.with_columns(narrow=none, copied=none)
        shown_: dict[str, pl.Expr] = {}
        if self.spread is not None:
            n, total = pl.col("values"), pl.col("total").cast(pl.Float64)
            peer = n >= self.min_records
            variance = (pl.col("squares").cast(pl.Float64) - total**2 / n) / (n - 1)
            seen = seen.with_columns(
                spread=pl.when(peer).then(pl.max_horizontal(variance, pl.lit(0.0)).sqrt())
            ).with_columns(usual=pl.col("spread").median())
            enough = peer & (peer.sum() >= self.min_peers)
            narrow = pl.col("spread") < self.min_spread * pl.col("usual")
            seen = seen.with_columns(narrow=pl.when(enough).then(narrow))
            shown_ |= {
                "spread": shown(pl.col("spread")),
                "usual": shown(pl.col("usual")),
                "mean": shown(total / n),
                "values": shown_count(n),
            }
        if self.identical:
            n, pairs = pl.col("compared"), pl.col("pairs")
            peer = n >= self.min_records
            all_pairs = pl.when(peer).then(n * (n - 1))
            chance = pl.when(peer).then(pairs) / all_pairs
            seen = seen.with_columns(chance=chance).with_columns(
                typical=pl.when(chance.median() > 0)
                .then(chance.median())
                .otherwise(pl.when(peer).then(pairs).sum() / all_pairs.sum())
            )
            enough = peer & (peer.sum() >= self.min_peers)
            copied = (pl.col("chance") > self.max_ratio * pl.col("typical")) & (pl.col("alike") / n >= self.min_share)
            seen = seen.with_columns(copied=pl.when(enough).then(copied))
            shown_ |= {
                "alike": shown_count(pl.col("alike")),
                "compared": shown_count(n),
                "chance": shown(pl.col("chance")),
                "typical": shown(pl.col("typical")),
            }
        suspicious = pl.col("narrow").fill_null(value=False) | pl.col("copied").fill_null(value=False)
        judged = pl.col("narrow").is_not_null() | pl.col("copied").is_not_null()
        reason = pl.when(pl.col("narrow")).then(pl.lit("spread_small")).otherwise(pl.lit("records_alike"))
        return seen.select("unit", valid=pl.when(judged).then(~suspicious), reason=reason, **shown_)
