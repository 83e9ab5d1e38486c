"""Does the record agree with itself and with other tables?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, Lookup, all_of, column_field
from assess.sql import Sql


class Expression(Check, kind="expression", dimension="consistency"):
    """A SQL condition over the columns of one record is true. Where it is null the record is not applicable."""

    valid_: Sql = Field(alias="valid", description="The condition that a sound record satisfies.")

    def valid(self) -> pl.Expr:
        return self.valid_.expr


class Lookups(Check):
    """What every kind that looks into another table shares: that table, and the key by which records are found there.

    A record of which a part of the key is null is not applicable.
    """

    columns_: tuple[str, ...] = column_field(
        alias="columns", min_length=1, description="The columns of the checked table that hold the key."
    )
    table: str = Field(alias="to", description="The other table, whole: of all units.")
    keys: tuple[str, ...] = Field((), description="The columns of that table; by default of the same names.")
    having: Sql | None = Field(None, description="A SQL condition over the records of that table: only those count.")

    @model_validator(mode="after")
    def _as_many_keys(self) -> Self:
        if self.keys and len(self.keys) != len(self.columns_):
            raise ValueError(f"names {len(self.columns_)} columns but {len(self.keys)} keys")
        return self

    def _carries(self) -> tuple[str, ...]:
        return ()

    def _lookup(self) -> Lookup:
        return Lookup(self.table, self.columns_, self.keys or self.columns_, self.having, self._carries())

    def lookups(self) -> tuple[Lookup, ...]:
        return (self._lookup(),)

    def foreign_sql(self) -> frozenset[str]:
        return frozenset({"having"})

    def refers(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield "keys" if self.keys else "columns", self.table, self.keys or self.columns_
        if self.having is not None:
            yield "having", self.table, tuple(self.having.columns)

    def _present(self) -> pl.Expr:
        return pl.all_horizontal([pl.col(column).is_not_null() for column in self.columns_])


class References(Lookups, kind="references", dimension="consistency"):
    """The key is found in another table of the whole submission. Null is not applicable.

    With `having`, only the records of that table for which the condition is true can be found. Two rosters are
    reconciled by two rules, one on each table: who is here and not there, and who is there and not here.
    """

    def valid(self) -> pl.Expr:
        return pl.when(self._present()).then(pl.col(self._lookup().key).is_not_null())


class ReferencedBy(Lookups, kind="referenced_by", dimension="consistency"):
    """Between `min` and `max` records of another table refer to the record: no entry without what belongs to it.

    It is `references` seen from the other side, with a count. Null is not applicable. With `having`, only the records
    of that table for which the condition is true are counted.
    """

    min: int = Field(1, ge=0, description="How many records of the other table there must be.")
    max: int | None = Field(None, ge=0, description="How many there may be.")

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.min == 0 and self.max is None:
            raise ValueError("accepts any number of records: state min or max")
        if self.max is not None and self.min > self.max:
            raise ValueError(f"accepts nothing: min {self.min} is above max {self.max}")
        return self

    def _count(self) -> pl.Expr:
        return pl.col(self._lookup().count).fill_null(0)

    def valid(self) -> pl.Expr:
        enough = self._count() >= self.min
        valid = enough if self.max is None else enough & (self._count() <= self.max)
        return pl.when(self._present()).then(valid)

    def reasons(self) -> dict[str, pl.Expr]:
        return {"too_few": self._count() < self.min, "too_many": self._count() >= self.min}


class SameAs(Lookups, kind="same_as", dimension="consistency"):
    """The value equals that of the record with the same key in another table.

    A key that is not found there is not applicable (`references` is the rule for that), and so is a value that is null
    on either side. Where several records there have the key, all of them must have the value: records that contradict
    each other agree with nothing.
    """

    column: str = column_field(description="The column of the checked table.")
    value: str | None = Field(None, description="The column of the other table; by default of the same name.")

    def _carries(self) -> tuple[str, ...]:
        return (self.value or self.column,)

    def refers(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield from super().refers()
        yield "value" if self.value else "column", self.table, self._carries()

    def _bounds(self) -> tuple[pl.Expr, pl.Expr]:
        lookup, (carried,) = self._lookup(), self._carries()
        return pl.col(lookup.least(carried)), pl.col(lookup.most(carried))

    def valid(self) -> pl.Expr:
        least, most = self._bounds()
        return (pl.col(self.column) == least) & (pl.col(self.column) == most)

    def reasons(self) -> dict[str, pl.Expr]:
        least, most = self._bounds()
        return {"contradictory": least != most, "differs": least == most}


class SubsetOf(Check, kind="subset_of", dimension="consistency"):
    """Each of the named columns is contained in the next: what is true of the smaller set is true of the larger.

    For boolean columns the first implies the second; for numbers the first is not above the second. Every column is
    compared with every later one, so that an empty column in between hides nothing; a pair of which one is null is not
    applicable. Numbers kept as text are compared as numbers.
    """

    columns_: tuple[str, ...] = column_field(
        alias="columns", min_length=2, description="The columns, smallest set first."
    )

    def valid(self) -> pl.Expr:
        # As text "9" would come after "10".
        sets = [pl.col(column).cast(pl.Float64) for column in self.columns_]
        return all_of([small <= large for i, small in enumerate(sets) for large in sets[i + 1 :]])
