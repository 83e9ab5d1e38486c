"""Can the value be true?"""

from __future__ import annotations

from typing import Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, column_field


class InRange(Check, kind="in_range", dimension="plausibility"):
    """Values lie between `min` and `max`, both included. Null is not applicable."""

    column: str = column_field(description="The number column to test.")
    min: float | None = Field(None, description="Smallest accepted value.")
    max: float | None = Field(None, description="Largest accepted value.")

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("states neither min nor max, so it would accept everything")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"accepts nothing: min {self.min:g} is above max {self.max:g}")
        return self

    def valid(self) -> pl.Expr:
        value = pl.col(self.column)
        # A NaN compares as larger than every number in Polars; with only a minimum it would pass.
        bounds = [value.is_not_nan()] if self.max is None else []
        if self.min is not None:
            bounds.append(value >= self.min)
        if self.max is not None:
            bounds.append(value <= self.max)
        return pl.all_horizontal(bounds)
