"""Did it happen when it should?"""

from __future__ import annotations

import datetime as dt
from typing import Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, Hold, all_of, column_field
from assess.sql import Sql
from assess.tables import ROW

EPOCH = dt.date(1970, 1, 1)


def day(date: pl.Expr) -> pl.Expr:
    """A date as a number of days: text has no difference to a date, so it is refused rather than compared as text."""
    return (date - pl.lit(EPOCH)).dt.total_days()


def of_date(date: pl.Expr) -> pl.Expr:
    """A date as it is; text and numbers, which would be compared in another way, are refused."""
    return date.dt.date()


class NotAfter(Check, kind="not_after", dimension="timeliness"):
    """The date is not later than another date of the record, or than a given one; the same day is accepted.

    Where one of the two dates is null the record is not applicable.
    """

    column: str = column_field(description="The earlier date.")
    other: str | None = column_field(None, description="The date column that must not come before it.")
    by: Sql | None = Field(None, description="Or a date as a SQL expression over the record, for example @period_end.")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.other is None) == (self.by is None):
            raise ValueError("compares with one date: state either `other` or `by`")
        return self

    def valid(self) -> pl.Expr:
        bound = pl.col(self.other) if self.other is not None else self.by.expr if self.by is not None else pl.lit(None)
        return of_date(pl.col(self.column)) <= of_date(bound)

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        if self.other is None:
            return None
        return pl.col(self.column).is_not_null() & pl.col(self.other).is_not_null()


class NotFuture(Check, kind="not_future", dimension="timeliness"):
    """The date had come when the data were taken: it is not later than `by`. Null is not applicable."""

    column: str = column_field(description="The date column to test.")
    by: Sql = Field(description="The last day that can be, as a SQL expression: usually @as_of.")

    def valid(self) -> pl.Expr:
        return of_date(pl.col(self.column)) <= of_date(self.by.expr)


class WithinDays(Check, kind="within_days", dimension="timeliness"):
    """The number of days from one date to another lies between `min` and `max`, both included.

    A later date that comes first gives a negative number. Where one of the two is null the record is not applicable.
    """

    from_: str = column_field(alias="from", description="The date column from which days are counted.")
    to: str = column_field(description="The date column up to which they are counted.")
    min: int = Field(0, description="Smallest accepted number of days; 0 refuses a second date before the first.")
    max: int | None = Field(None, description="Largest accepted number of days.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max is not None and self.min > self.max:
            raise ValueError(f"accepts nothing: min {self.min} is above max {self.max}")
        return self

    def _days(self) -> pl.Expr:
        return day(pl.col(self.to)) - day(pl.col(self.from_))

    def valid(self) -> pl.Expr:
        valid = self._days() >= self.min
        return valid if self.max is None else valid & (self._days() <= self.max)

    def reasons(self) -> dict[str, pl.Expr]:
        return {"too_early": self._days() < self.min, "too_late": self._days() >= self.min}

    def numbers(self) -> dict[str, pl.Expr]:
        return {"days": self._days().cast(pl.String)}


class Spacing(Check, kind="spacing", dimension="timeliness"):
    """The records of one key follow each other neither too soon nor too late, and not by the calendar alone.

    `min` and `max` bound the days since the record before with the same key; the first of a key is not applicable. With
    `regular`, all records of a key are violated in which at least `times` such gaps are of exactly so many days: people
    do not come on the day every time, generated records do. That is a signal: use the effect `review`. A record whose
    key or date is null, and one that is alone with its key, is not applicable. With `where`, only the records it
    selects follow each other.
    """

    columns_: tuple[str, ...] = column_field(
        alias="columns", min_length=1, description="The columns that together name what recurs, for example a person."
    )
    date: str = column_field(description="The date column by which records follow each other.")
    min: int | None = Field(None, ge=0, description="Smallest accepted number of days between two records.")
    max: int | None = Field(None, ge=0, description="Largest accepted number of days.")
    regular: int | None = Field(None, ge=1, description="A number of days that must not recur exactly.")
    times: int = Field(3, ge=2, description="How many gaps of exactly `regular` days make a key suspicious.")

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.min is None and self.max is None and self.regular is None:
            raise ValueError("states neither min, max nor regular, so it would accept everything")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"accepts nothing: min {self.min} is above max {self.max}")
        return self

    def valid(self) -> pl.Expr:
        date = day(pl.col(self.date))
        keys = [pl.col(column) for column in self.columns_]
        compared = pl.all_horizontal([date.is_not_null(), *[key.is_not_null() for key in keys]])
        if self.where is not None:
            compared = compared & self.where.expr.fill_null(value=False)
        # Records that are left out form a group of their own, so that they stand between no others.
        groups, order = [*keys, compared], [self.date, ROW]
        aspects = []
        # Each window stands once: Polars sorts anew wherever an expression is repeated.
        if self.min is not None or self.max is not None:
            gap = date.diff().over(groups, order_by=order)
            least = self.min if self.min is not None else 0
            aspects.append(gap >= least if self.max is None else gap.is_between(least, self.max))
        if self.regular is not None:
            recurs = (date.diff() == self.regular).sum().over(groups, order_by=order)
            aspects.append(pl.when(pl.len().over(groups) > 1).then(recurs < self.times))
        return pl.when(compared).then(all_of(aspects))

    def compared(self) -> tuple[pl.Expr, ...]:
        return tuple(pl.col(column) for column in self.columns_)

    @property
    def alone(self) -> None:
        return None

    def partition_by(self) -> tuple[str, ...]:
        return self.columns_
