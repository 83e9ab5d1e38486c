"""Does each value have the form that was agreed?"""

from __future__ import annotations

import datetime as dt
from typing import Self

import polars as pl
from polars.exceptions import PolarsError
from pydantic import Field, field_validator, model_validator

from assess.checks.base import Check, Hold, column_field
from assess.tables import REJECTED


class Matches(Check, kind="matches", dimension="conformance"):
    """The whole text matches a regular expression. Null is not applicable."""

    column: str = column_field(description="The text column to test.")
    pattern: str = Field(
        description="Regular expression (Rust syntax) that the whole text must match.",
        json_schema_extra={"format": "regex"},
    )

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

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.col(self.column).is_not_null()


class InSet(Check, kind="in_set", dimension="conformance"):
    """The value is one of a stated list. Null is not applicable."""

    column: str = column_field(description="The column to test.")
    values: tuple[str | int | float | bool, ...] = Field(description="The accepted values.", min_length=1)

    def valid(self) -> pl.Expr:
        return pl.col(self.column).is_in(list(self.values))

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.col(self.column).is_not_null()


class Parses(Check, kind="parses", dimension="conformance"):
    """Every cell of the record could be read as the type that its column declares.

    Added to every table by itself as `<table>-CELLS`, disqualifying, so that a cell nobody can read never helps.
    """

    def valid(self) -> pl.Expr:
        return pl.col(REJECTED).is_null()

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.lit(value=True)


class DateFormat(Check, kind="date_format", dimension="conformance"):
    """The text is a date of the calendar, written exactly in one of the stated formats. Null is not applicable.

    It is for text columns that must keep their form; a column of type date is read by intake in many forms. Formats are
    those of strftime: %Y-%m-%d asks for two digits each, %-m and %-d for a month and a day without a leading zero.
    """

    column: str = column_field(description="The text column to test.")
    formats: tuple[str, ...] = Field(("%Y-%m-%d",), min_length=1, description="The accepted formats.")

    @field_validator("formats")
    @classmethod
    def _gives_a_date_back(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        days = pl.Series([dt.date(1999, 12, 31), dt.date(2024, 2, 9)])
        for written in formats:
            try:
                again = days.dt.strftime(written).str.to_date(written)
            except PolarsError:
                again = None
            if again is None or not again.equals(days):
                raise ValueError(f"{written!r} does not give a whole date: it needs %Y, %m and %d")
        return formats

    def valid(self) -> pl.Expr:
        text = pl.col(self.column)
        read = [(text.str.to_date(written, strict=False), written) for written in self.formats]
        # Reading is lenient about leading zeros; writing the date again is not.
        exact = [(date.dt.strftime(written) == text).fill_null(value=False) for date, written in read]
        return pl.when(text.is_not_null()).then(pl.any_horizontal(exact))


class Precision(Check, kind="precision", dimension="conformance"):
    """The number is printed with at most, or exactly, so many decimals. Null is not applicable.

    Columns of type decimal and text keep a number as it was printed, so 134.50 has two decimals. A column of type
    number has forgotten trailing zeros: there only `max` is of use. What is no number is violated.
    """

    column: str = column_field(description="The column to test.")
    max: int | None = Field(None, ge=0, description="Largest accepted number of decimals; 5.0 counts as none.")
    exactly: int | None = Field(None, ge=0, description="The number of decimals that must be printed.")

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.max is None) == (self.exactly is None):
            raise ValueError("states one of max and exactly")
        return self

    def valid(self) -> pl.Expr:
        # Without the cast a number column is refused for `exactly`, which it could not answer.
        text = pl.col(self.column) if self.max is None else pl.col(self.column).cast(pl.String)
        text = text.str.strip_chars()
        number = text.str.contains(r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z")
        printed = text.str.extract(r"\.([0-9]+)").fill_null("").str.len_bytes().cast(pl.Int64)
        power = text.str.extract(r"[eE]([+-]?[0-9]+)\z").str.strip_prefix("+").cast(pl.Int64, strict=False)
        decimals = pl.max_horizontal(printed - power.fill_null(0), pl.lit(0))
        if self.max is None:
            accepted = decimals == self.exactly
        else:
            accepted = (decimals <= self.max) | text.str.contains(r"\A[+-]?[0-9]+\.0\z")
        # A null has no decimals, so `accepted` would tell it for violated where some are asked for.
        return pl.when(text.is_not_null()).then(number & accepted)
