"""What holds between two tables of an assessment directory: sums, which `assess verify` adds up again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Side:
    """Amounts of one table: a column, of those rows for which `where` is true; without a column each row is one."""

    table: str
    column: str | None = None
    where: pl.Expr = field(default_factory=lambda: pl.lit(value=True))

    @property
    def amount(self) -> pl.Expr:
        """The amount of a row."""
        return pl.col(self.column) if self.column is not None else pl.repeat(1, pl.len(), dtype=pl.Int64)


@dataclass(frozen=True)
class Sum:
    """For each of `keys`, the amounts of `parts` add up to that of `total`; where that is null, nothing is said."""

    said: str
    keys: tuple[str, ...]
    parts: Side
    total: Side

    def breaches(self, tables: Mapping[str, pl.DataFrame]) -> Iterator[tuple[tuple[Any, ...], Any, Any]]:
        """Each key of which it does not hold, with the sum of the parts and the total."""
        keys = list(self.keys)
        parts = tables[self.parts.table].filter(self.parts.where).group_by(keys).agg(_parts=self.parts.amount.sum())
        total = tables[self.total.table].filter(self.total.where).select(*keys, _total=self.total.amount)
        both = total.filter(pl.col("_total").is_not_null()).join(parts, on=keys, how="left")
        both = both.with_columns(pl.col("_parts").fill_null(0))
        for *key, found, stated in both.filter(pl.col("_parts") != pl.col("_total")).select(
            *keys, "_parts", "_total"
        ).sort(keys).iter_rows():  # fmt: skip
            yield tuple(key), found, stated


SUMS = (
    Sum("the lines of a score give the score", ("unit",), Side("score_parts", "given"), Side("scores", "score")),
    Sum(
        "what is possible adds up to full marks", ("unit",), Side("score_parts", "possible"),
        Side("scores", "max", pl.col("score").is_not_null()),
    ),
    Sum(
        "the steps of a pool lead to what it awards", ("unit", "pool"), Side("award_steps", "amount"),
        Side("pool_awards", "amount"),
    ),
    Sum(
        "what pools award is the award", ("unit",), Side("pool_awards", "amount_minor"), Side("awards", "amount_minor")
    ),
    Sum(
        "the steps over all pools lead to the settlement", ("unit",),
        Side("award_steps", "amount", pl.col("pool") == ""), Side("awards", "settlement"),
    ),
    Sum(
        "every rejected row of a file is listed", ("file",), Side("rejects", where=pl.col("scope") == "row"),
        Side("receipt", "rows_rejected"),
    ),
    Sum(
        "every rejected cell of a file is listed", ("file",), Side("rejects", where=pl.col("scope") == "cell"),
        Side("receipt", "cells_rejected"),
    ),
)  # fmt: skip
