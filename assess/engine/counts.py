"""What is counted of each record: the sides of an indicator, and which records a rule takes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from assess.checks.base import exact
from assess.engine.views import FLAG
from assess.indicators import Indicator, Measure
from assess.ruleset.spec import Rule
from assess.sql import Sql

DISQUALIFIED = FLAG


def flag_of(rule: str) -> str:
    """The column that holds a rule's outcome: true, false or null."""
    return f"rule {rule}"


@dataclass(frozen=True)
class Count:
    """One side of an indicator on one table."""

    indicator: str
    side: str
    measure: Measure
    unless: Sql | None = None  # of exclusions: records of the numerator, which are never excluded

    @property
    def chosen(self) -> pl.Expr:
        """Whether a record is counted."""
        where, unless = self.measure.where, self.unless
        chosen = where.expr.fill_null(value=False) if where is not None else pl.lit(value=True)
        return chosen if unless is None else chosen & ~unless.expr.fill_null(value=False)

    @property
    def amount(self) -> pl.Expr:
        """What a record adds where it is counted; null where that is not known."""
        return self.measure.sum.expr.cast(pl.Float64) if self.measure.sum is not None else pl.lit(1.0)

    @property
    def column(self) -> str:
        """The column of the measured frame; its verified and missing counterparts are named after it."""
        return f"{self.side} {self.indicator}"


def counts_of(indicator: Indicator) -> Iterator[Count]:
    """The sides of an indicator that are counted."""
    above, excluded = indicator.numerator, indicator.exclusions
    for side, measure in (("numerator", above), ("denominator", indicator.denominator)):
        if measure is not None:
            yield Count(indicator.id, side, measure)
    if excluded is not None:
        # Who was reached after all is not an exception; in another table there is no telling which record is whose.
        same = above is not None and above.table == excluded.table
        everything = Sql.parse("TRUE")
        unless = (above.where or everything) if same and above is not None else None
        yield Count(indicator.id, "excluded", excluded, unless)


def violating(rules: Sequence[Rule]) -> pl.Expr:
    """Whether a record violates one of `rules`."""
    violated = [pl.col(flag_of(rule.id)).not_() for rule in rules]
    return pl.any_horizontal(violated).fill_null(value=False) if violated else pl.lit(value=False)


def sums_of(count: Count, disqualified: pl.Expr) -> list[pl.Expr]:
    """What a count adds up for a unit: counted, verified, and amounts that are not known."""
    measure, chosen = count.measure, count.chosen
    sound = chosen & ~disqualified
    if measure.sum is None:
        everything = pl.len() if measure.where is None and count.unless is None else chosen.sum()
        raw, verified, missing = everything, sound.sum(), pl.lit(0)
    else:
        # Decimals, for a sum of floats hangs on the order of adding.
        amount = measure.sum.expr
        raw = pl.when(chosen).then(exact(amount)).otherwise(0).sum()
        verified = pl.when(sound).then(exact(amount)).otherwise(0).sum()
        # An amount that is not known makes a denominator unknown; it is counted, because counts add up.
        missing = (chosen & amount.is_null()).sum()
    dtype = pl.Float64() if measure.sum is None else pl.Decimal(38, 6)
    return [
        raw.cast(dtype).alias(count.column),
        verified.cast(dtype).alias(f"{count.column} verified"),
        missing.cast(pl.Int64).alias(f"{count.column} missing"),
    ]
