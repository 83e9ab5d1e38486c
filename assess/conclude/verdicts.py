"""What the lines of a listed table say of the indicators that only they state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl


def with_verdicts(rated: pl.DataFrame, figures: Sequence[Mapping[str, Any]], found: pl.DataFrame) -> pl.DataFrame:
    """Indicators that only exist as reported figures take the status of the gravest finding on their line."""
    grave = ("fail", "needs_review", "pass_with_findings")
    worst: dict[tuple[str, str], str] = {}
    for unit, subject, status in (
        found.filter(pl.col("subject").is_not_null()).select("unit", "subject", "status").rows()
    ):
        known = worst.get((unit, subject), "pass_with_findings")
        worst[unit, subject] = min(known, status, key=grave.index)
    # A line whose arithmetic is sound may still break another rule of its table.
    sound = ("agrees", "parts_agree", "legal", "unverifiable", "noted")
    verdicts = {
        (line["unit"], line["indicator"]): "violated" if line["verdict"] in sound else line["verdict"]
        for line in figures
    }
    keys = rated.select("unit", "indicator").rows()
    seen = rated.select(
        "status", "reason", status_seen=pl.Series([worst.get(key) for key in keys], dtype=pl.String),
        reason_seen=pl.Series([verdicts.get(key) for key in keys], dtype=pl.String),
    )  # fmt: skip
    judged = pl.col("status_seen").is_not_null() & (pl.col("status") != "fail")
    return rated.with_columns(
        seen.select(
            status=pl.when(judged).then("status_seen").otherwise("status"),
            reason=pl.when(judged).then("reason_seen").otherwise("reason"),
        )
    )
