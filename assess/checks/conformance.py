"""Does each value have the form that was agreed?"""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError
from pydantic import Field, field_validator

from assess.checks.base import Check, column_field
from assess.tables import REJECTED


class Matches(Check, kind="matches", dimension="conformance"):
    """The whole text matches a regular expression. Null is not applicable."""

    column: str = column_field(description="The text column to test.")
    pattern: str = Field(description="Regular expression (Rust syntax) that the whole text must match.")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            pl.select(pl.lit("").str.contains(f"^(?:{pattern})$"))
        except PolarsError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip().startswith("error:")]
            raise ValueError(f"not a regular expression: {lines[0][7:] if lines else pattern}") from None
        return pattern

    def valid(self) -> pl.Expr:
        # \A and \z rather than ^ and $: a line break inside a cell must not hide what follows it.
        return pl.col(self.column).str.contains(rf"\A(?:{self.pattern})\z")


class InSet(Check, kind="in_set", dimension="conformance"):
    """The value is one of a stated list. Null is not applicable."""

    column: str = column_field(description="The column to test.")
    values: tuple[str | int | float | bool, ...] = Field(description="The accepted values.", min_length=1)

    def valid(self) -> pl.Expr:
        return pl.col(self.column).is_in(list(self.values))


class Parses(Check, kind="parses", dimension="conformance"):
    """Every cell of the record could be read as the type that its column declares.

    Added to every table by itself as `<table>-CELLS`, disqualifying, so that a cell nobody can read never helps.
    """

    def valid(self) -> pl.Expr:
        return pl.col(REJECTED).is_null()
