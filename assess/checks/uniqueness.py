"""Is each thing there once?"""

from __future__ import annotations

from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, Hold, column_field

_STEP = {"day": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


class Repetition(Check):
    """What every kind about repeated keys shares: the records that are compared, and how many of them share a key."""

    columns_: tuple[str, ...] = column_field(
        alias="columns", min_length=1, description="The columns that together identify a record."
    )

    def _keys(self) -> list[pl.Expr]:
        return [pl.col(column) for column in self.columns_]

    def _repeated(self, most: int) -> pl.Expr:
        keys = self._keys()
        compared = self._complete()
        if self.where is not None:
            compared = compared & self.where.expr.fill_null(value=False)
        # Only compared records are counted, so that one that is left out repeats nobody.
        return pl.when(compared).then(compared.sum().over(keys) <= most)

    def _complete(self) -> pl.Expr:
        there = [key.is_not_null() for key in self._keys()]
        return there[0] if len(there) == 1 else pl.all_horizontal(there)

    @property
    def most(self) -> int:
        """How many records may share a key."""
        return 1

    def valid(self) -> pl.Expr:
        return self._repeated(self.most)

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return self._complete()

    def compared(self) -> tuple[pl.Expr, ...]:
        return tuple(self._keys())

    @property
    def alone(self) -> bool:
        return True

    def remains(self, unit: str, violated: pl.Expr) -> pl.Expr:
        return violated.cum_sum().over([pl.col(unit), *self._keys()]) <= self.most

    def partition_by(self) -> tuple[str, ...]:
        return self.columns_


class Unique(Repetition, kind="unique", dimension="uniqueness"):
    """No other record of the whole submission, of any unit, has the same values in these columns.

    Every record of a repeated key is violated, none is taken for the true one. Where a column is null the record is
    not applicable. With `where`, only the records it selects are compared with each other.
    """


class UniqueWithin(Repetition, kind="unique_within", dimension="uniqueness"):
    """No other record of the same group has the same values in these columns; in another group it may.

    A group is what the columns under `within` have in common, for example one unit, or one span of time when `date` and
    `per` are stated, or both. Every record of a repeated key is violated. Where a column is null the record is not
    applicable. With `where`, only the records it selects are compared with each other.
    """

    within: tuple[str, ...] = column_field(
        (), description="The columns that say which records belong together, for example the unit's key."
    )
    date: str | None = column_field(None, description="A date column; records of one span of it belong together.")
    per: Literal["day", "month", "quarter", "year"] | None = Field(None, description="The span of `date`.")

    @model_validator(mode="after")
    def _has_groups(self) -> Self:
        if (self.date is None) != (self.per is None):
            raise ValueError("a span of time needs both `date` and `per`")
        if not self.within and self.date is None:
            raise ValueError(
                "names no group: state `within`, or `date` and `per`; without a group the kind is `unique`"
            )
        return self

    def _keys(self) -> list[pl.Expr]:
        span = [pl.col(self.date).dt.truncate(_STEP[self.per])] if self.date and self.per else []
        return [*super()._keys(), *[pl.col(column) for column in self.within], *span]


class AtMost(Repetition, kind="at_most", dimension="uniqueness"):
    """At most `max` records of the whole submission have the same values in these columns.

    Where they are more, every one of them is violated. Where a column is null the record is not applicable. With
    `where` only the records it selects are counted: one open entry for each person is `max: 1` among the open ones.
    """

    max: int = Field(1, ge=1, description="How many records may share a key.")

    @property
    def most(self) -> int:
        return self.max
