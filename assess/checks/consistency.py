"""Does the record agree with itself and with other tables?"""

from __future__ import annotations

from typing import Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, Lookup, column_field
from assess.sql import Sql


class Expression(Check, kind="expression", dimension="consistency"):
    """A SQL condition over the columns of one record is true. Where it is null the record is not applicable."""

    valid_: Sql = Field(alias="valid", description="The condition that a sound record satisfies.")

    def valid(self) -> pl.Expr:
        return self.valid_.expr


class References(Check, kind="references", dimension="consistency"):
    """The key is found in another table of the whole submission. Null is not applicable.

    With `having`, only the records of that table for which the condition is true can be found.
    """

    columns_: tuple[str, ...] = column_field(
        alias="columns", description="The columns of the checked table that hold the key."
    )
    table: str = Field(alias="to", description="The table in which the key must be found.")
    keys: tuple[str, ...] = Field((), description="The columns of that table; by default of the same names.")
    having: Sql | None = Field(None, description="A SQL condition over the records of that table.")

    @model_validator(mode="after")
    def _as_many_keys(self) -> Self:
        if self.keys and len(self.keys) != len(self.columns_):
            raise ValueError(f"names {len(self.columns_)} columns but {len(self.keys)} keys")
        return self

    def _lookup(self) -> Lookup:
        return Lookup(self.table, self.columns_, self.keys or self.columns_, self.having)

    def lookups(self) -> tuple[Lookup, ...]:
        return (self._lookup(),)

    def foreign_sql(self) -> frozenset[str]:
        return frozenset({"having"})

    def valid(self) -> pl.Expr:
        present = pl.all_horizontal([pl.col(column).is_not_null() for column in self.columns_])
        return pl.when(present).then(pl.col(self._lookup().key).is_not_null())
