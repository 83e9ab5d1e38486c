"""What a ruleset declares about the tables that are submitted."""

from __future__ import annotations

from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from assess.texts import Text

ColumnType = Literal["text", "code", "integer", "number", "decimal", "boolean", "date"]

DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "decimal": pl.String(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}

# Columns that intake adds to every table. A ruleset cannot declare a name that starts with an underscore.
ROW, FILE, LINE, REJECTED = "_row", "_file", "_line", "_rejected"
BOOKKEEPING: dict[str, pl.DataType] = {ROW: pl.UInt32(), FILE: pl.UInt32(), LINE: pl.UInt32(), REJECTED: pl.String()}

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=64)]
Label = Annotated[str, Field(min_length=1)]
Column = Annotated[str, Field(json_schema_extra={"format": "column"})]


class ColumnSpec(BaseModel):
    """One column of a submitted table: its type, the names it may bear in a file, and how private it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ColumnType = Field(
        description="text and code keep every character; integer, number, boolean and date are parsed; decimal is a "
        "number kept as printed, with its decimals (134.88 and 100 are known to two and to no decimals)."
    )
    required: bool = Field(False, description="A file without this column is rejected.")
    aliases: tuple[Label, ...] = Field((), description="Other headers under which the column may come.")
    personal: bool = Field(False, description="Identifies a person: masked wherever it is shown.")
    suppressed: tuple[str, ...] = Field((), description="Marks such as * that stand for a figure withheld on purpose.")
    title: Text | None = Field(None, description="The column's name for people.")


class Table(BaseModel):
    """One extract that units submit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[Name, ColumnSpec] = Field(description="The columns, by name.", min_length=1)
    title: Text | None = Field(None, description="The table's name for people.")
    aliases: tuple[Label, ...] = Field((), description="Other file names (without extension) under which it may come.")
    required: bool = Field(True, description="A unit that submits none of it gets a finding `not_submitted`.")
    listed: bool = Field(False, description="A small table of which the report shows every row with its verdict.")

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, bookkeeping columns included."""
        return {**{name: DTYPES[column.type] for name, column in self.columns.items()}, **BOOKKEEPING}


def masked(text: pl.Expr) -> pl.Expr:
    """Text that identifies a person, cut down: the first 6 and the last character of a number, the first of a name."""
    length = text.str.len_chars()
    return (
        pl.when(length >= 15)
        .then(pl.concat_str(text.str.head(6), pl.lit("***********"), text.str.tail(1)))
        .when(length >= 8)
        .then(pl.concat_str(text.str.head(3), pl.lit("****"), text.str.tail(1)))
        .when(length >= 1)
        .then(pl.concat_str(text.str.head(1), pl.lit("**")))
    )
