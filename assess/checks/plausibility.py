"""Can the value be true?"""

from __future__ import annotations

from typing import Self

import polars as pl
from pydantic import Field, model_validator

from assess.checks.base import Check, Hold, column_field


def _whole(bound: float) -> float:
    """A bound as a whole number where it is one, so that columns of whole numbers are not turned into floats."""
    return int(bound) if bound.is_integer() else bound


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
        if self.min is not None and self.max is not None:
            return value.is_between(_whole(self.min), _whole(self.max))
        if self.min is None:
            return value <= _whole(self.max or 0)
        # A NaN compares as larger than every number in Polars; with only a minimum it would pass.
        return value.is_not_nan() & (value >= _whole(self.min))

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.col(self.column).is_not_null()
