"""Is what should be there there?"""

from __future__ import annotations

import polars as pl

from assess.checks.base import Check, column_field


class NotNull(Check, kind="not_null", dimension="completeness"):
    """The column has a value. Empty text counts as no value; use `where` for columns that only some records need."""

    column: str = column_field(description="The column that must be filled.")

    def valid(self) -> pl.Expr:
        return pl.col(self.column).is_not_null()
