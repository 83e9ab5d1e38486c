"""What a ruleset declares about the tables that are submitted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.texts import Text

ColumnType = Literal["text", "code", "integer", "number", "decimal", "boolean", "date"]

Form = Literal["percent", "wan", "thousands", "timestamp"]

# Which forms beyond the plain one a type of column can be told to read. 1.2万 is known to thousands, which a number
# kept as printed could not say.
_FORMS: dict[str, frozenset[str]] = {
    "integer": frozenset({"percent", "wan", "thousands"}),
    "number": frozenset({"percent", "wan", "thousands"}),
    "decimal": frozenset({"percent", "thousands"}),
    "date": frozenset({"timestamp"}),
}

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
    forms: tuple[Form, ...] = Field(
        (),
        description="Forms it reads beside the plain one: percent (134.88% is 134.88), wan (1.2万 is 12000, 3亿 is "
        "300000000), thousands (1,234), timestamp (a day with a time, which is dropped).",
    )
    damage: Literal["identity", "none"] | None = Field(
        None,
        description="Whether a file is searched for numbers that a spreadsheet damaged (identity) or not (none); "
        "unless stated, codes that are personal are.",
    )
    title: Text | None = Field(None, description="The column's name for people.")

    @model_validator(mode="after")
    def _forms_of_its_type(self) -> ColumnSpec:
        if wrong := sorted(set(self.forms) - _FORMS.get(self.type, frozenset())):
            known = ", ".join(sorted(_FORMS.get(self.type, ()))) or "none"
            raise ValueError(f"a column of type {self.type} has no form {', '.join(wrong)} (known: {known})")
        if self.damage == "identity" and self.type != "code":
            raise ValueError("damage: identity is for columns of type code")
        return self


class Table(BaseModel):
    """One extract that units submit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[Name, ColumnSpec] = Field(description="The columns, by name.", min_length=1)
    title: Text | None = Field(None, description="The table's name for people.")
    aliases: tuple[Label, ...] = Field((), description="Other file names (without extension) under which it may come.")
    sheet: str | None = Field(None, description="The sheet of a workbook that holds it; unless stated, the first.")
    required: bool = Field(True, description="A unit that submits none of it gets a finding `not_submitted`.")
    listed: bool = Field(False, description="A small table of which the report shows every row with its verdict.")

    @property
    def dtypes(self) -> dict[str, pl.DataType]:
        """Column name to Polars type, bookkeeping columns included."""
        return {**{name: DTYPES[column.type] for name, column in self.columns.items()}, **BOOKKEEPING}


class Part(NamedTuple):
    """A typed file with rows of a table: the number of its first row in the table, and that of the submitted file."""

    path: Path
    first_row: int
    file: int


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
