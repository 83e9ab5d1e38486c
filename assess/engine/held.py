"""What several rules on one table need alike is evaluated once, in stages: each stage may use those before it."""

from __future__ import annotations

import polars as pl


class Held:
    """Expressions put by under a name, as columns that are added to a table stage by stage."""

    def __init__(self) -> None:
        self.stages: list[dict[str, pl.Expr]] = []
        self._stage: dict[str, int] = {}

    def __call__(self, name: str, expr: pl.Expr) -> pl.Expr:
        """Put `expr` by; equal names must mean equal expressions."""
        # Columns of tables cannot bear a name with a blank before it.
        column = f" {name}"
        if column not in self._stage:
            before = [self._stage[root] for root in expr.meta.root_names() if root in self._stage]
            stage = self._stage[column] = max(before, default=-1) + 1
            if stage == len(self.stages):
                self.stages.append({})
            self.stages[stage][column] = expr
        return pl.col(column)

    @property
    def columns(self) -> list[str]:
        """The columns of all stages."""
        return [column for stage in self.stages for column in stage]

    def added(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """`rows` with every column that was put by."""
        for stage in self.stages:
            rows = rows.with_columns(expr.alias(column) for column, expr in stage.items())
        return rows
