"""Is each thing there once?"""

from __future__ import annotations

import polars as pl

from assess.checks.base import Check, column_field


class Unique(Check, kind="unique", dimension="uniqueness"):
    """No other record of the whole submission, of any unit, has the same values in these columns.

    Every record of a repeated key is violated, none is taken for the true one. Where a column is null the record is
    not applicable. With `where`, only the records it selects are compared with each other.
    """

    columns_: tuple[str, ...] = column_field(
        alias="columns", min_length=1, description="The columns that together identify a record."
    )

    def valid(self) -> pl.Expr:
        columns = [pl.col(column) for column in self.columns_]
        compared = pl.all_horizontal([column.is_not_null() for column in columns])
        if self.where is not None:
            compared = compared & self.where.expr.fill_null(value=False)
        # Records that are not compared get a group of their own kind, so that they repeat nobody.
        return pl.when(compared).then(compared.sum().over(columns) == 1)

    def partition_by(self) -> tuple[str, ...]:
        return self.columns_
