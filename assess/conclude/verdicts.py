"""What the lines of a listed table say of the indicators that only they state."""

from __future__ import annotations

import polars as pl

# The gravest first; a line that none of them holds of is sound.
_GRAVE = ("fail", "needs_review", "pass_with_findings")
_SOUND = ("agrees", "parts_agree", "legal", "unverifiable", "noted")


def with_verdicts(rated: pl.DataFrame, figures: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Indicators that only exist as reported figures take the status of the gravest finding on their line."""
    place = pl.col("status").replace_strict(_GRAVE, range(len(_GRAVE)), return_dtype=pl.Int8)
    worst = (
        found.filter(pl.col("subject").is_not_null())
        .group_by("unit", indicator="subject")
        .agg(status_seen=place.min().replace_strict(range(len(_GRAVE)), _GRAVE, return_dtype=pl.String))
    )
    # A line whose arithmetic is sound may still break another rule of its table.
    verdict = pl.when(pl.col("verdict").is_in(_SOUND)).then(pl.lit("violated")).otherwise("verdict")
    keys = ["unit", "indicator"]
    lines = figures.select(*keys, reason_seen=verdict).cast(pl.String).unique(keys, keep="last")
    seen = rated.join(worst, on=keys, how="left", maintain_order="left").join(
        lines, on=keys, how="left", maintain_order="left"
    )
    judged = pl.col("status_seen").is_not_null() & (pl.col("status") != "fail")
    return seen.with_columns(
        status=pl.when(judged).then("status_seen").otherwise("status"),
        reason=pl.when(judged).then("reason_seen").otherwise("reason"),
    ).select(rated.columns)
