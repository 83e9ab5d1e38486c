"""Rates beside other rates: the interval that chance leaves, the place among peers, and their distribution."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import polars as pl

DISTRIBUTIONS: dict[str, pl.DataType] = {
    "level": pl.String(),
    "group": pl.String(),
    "indicator": pl.String(),
    "units": pl.Int64(),
    "minimum": pl.Float64(),
    "q1": pl.Float64(),
    "median": pl.Float64(),
    "q3": pl.Float64(),
    "maximum": pl.Float64(),
}


def wilson(numerator: pl.Expr, denominator: pl.Expr, confidence: float) -> tuple[pl.Expr, pl.Expr]:
    """The lower and upper end of the score interval of a share; null unless 0 <= numerator <= denominator, above 0.

    Source: Wilson, Journal of the American Statistical Association 22 (1927), 209-212; without continuity correction.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = numerator / denominator
    centre = share + z * z / (2 * denominator)
    reach = z * (share * (1 - share) / denominator + z * z / (4 * denominator * denominator)).sqrt()
    scale = 1 + z * z / denominator
    fits = (denominator > 0) & (numerator >= 0) & (numerator <= denominator)
    # Nothing of all is exactly zero, and all of all is exactly one: only rounding would say otherwise.
    low = pl.when(numerator == 0).then(0.0).otherwise((centre - reach) / scale)
    high = pl.when(numerator == denominator).then(1.0).otherwise((centre + reach) / scale)
    return pl.when(fits).then(low), pl.when(fits).then(high)


def percentile(rate: pl.Expr, among: Sequence[str]) -> pl.Expr:
    """The place of a rate among its peers, from 0 (lowest) to 1 (highest); null for a rate that has no peer.

    Units with equal rates share the middle of the places they take: (rank - 0.5) / number of peers.
    """
    peers = rate.is_not_null().sum()
    place = (rate.rank("average") - 0.5) / peers
    return pl.when(peers.over(among) > 1).then(place.over(among))


def distributions(units: pl.DataFrame, scopes: Sequence[tuple[str, pl.Expr]]) -> pl.DataFrame:
    """How the rates in `comparable` are spread, over each group of each scope: DISTRIBUTIONS, one line an indicator.

    `scopes` are names with the group of each row. Quartiles are interpolated between the two nearest rates (type 7 of
    Hyndman and Fan, The American Statistician 50 (1996), 361-365).
    """
    rate = pl.col("comparable")
    spread = [
        units.filter(rate.is_not_null())
        .group_by(group.cast(pl.String).alias("group"), "indicator")
        .agg(
            units=pl.len().cast(pl.Int64),
            minimum=rate.min(),
            q1=rate.quantile(0.25, interpolation="linear"),
            median=rate.median(),
            q3=rate.quantile(0.75, interpolation="linear"),
            maximum=rate.max(),
        )
        .with_columns(level=pl.lit(name))
        .filter(pl.col("group").is_not_null())
        for name, group in scopes
    ]
    return pl.concat(spread).select(list(DISTRIBUTIONS)).sort("level", "group", "indicator")
