"""What the forms of the tables are made of: columns with what holds of their values, and what holds of every row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

import polars as pl

STATUSES = ("pass", "pass_with_findings", "fail", "error", "not_applicable", "not_submitted", "needs_review")
SEVERITIES = ("critical", "major", "minor", "info")

Points = Annotated[pl.Decimal, 18, 4]
Exact = Annotated[pl.Decimal, 38, 6]
Money = Annotated[pl.Decimal, 38, 2]

# What the figures of a column are counted in; a column that is text, or needs no unit, names none.
UNITS = {
    "amount": "what the indicator counts: records, or the sum that the ruleset states",
    "ratio": "numerator ÷ denominator, 0.62 is 62 %; above 1 where the kind of the indicator has no ceiling; of "
    "indicators without a denominator, the amount itself",
    "share": "a part of a whole, from 0 to 1",
    "points": "points of the score (分), to the ten-thousandth",
    "currency": "money in the currency of the allocation (CNY unless the ruleset states another)",
    "minor": "money in the smallest unit of that currency (分 of CNY), 1/100",
    "records": "records",
    "rows": "rows of a file",
    "cells": "cells of a file",
    "units": "units that are assessed",
    "place": "a place in an order, from 1",
    "number": "a place in an order, from 0",
    "line": "a line of a file from 1, the header included (of Parquet, a row); 0 where there is none",
    "date": "a day",
    "JSON": "a JSON document",
}

_DTYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    pl.Date: pl.Date(),
}


@dataclass(frozen=True)
class Field:
    """What a column says, in which of the UNITS, and what holds of its values.

    A bound holds of values that are not null; `nullable` says whether there may be others.
    """

    said: str = ""
    unit: str = ""
    nullable: bool = False
    unique: bool = False
    ge: float | None = None
    le: float | None = None
    isin: tuple[str, ...] | None = None


def field(
    said: str = "", *, unit: str = "", nullable: bool = False, unique: bool = False, ge: float | None = None,
    le: float | None = None, isin: tuple[str, ...] | None = None,
) -> Any:  # fmt: skip
    """A column of a Form, with what `Field` has."""
    return Field(said, unit, nullable, unique, ge, le, isin)


@dataclass(frozen=True)
class Column:
    """One column of a Form."""

    name: str
    dtype: pl.DataType
    holds: Field


class Form:
    """A table: its columns in their order, as attributes with a type and a `field`, and no others.

    `key` names columns that together are unique. `always` are statements that hold of every row, by name; one that is
    null says nothing. pandera validates what is written by the same declarations (`assess.results.contract`).
    """

    key: ClassVar[tuple[str, ...]] = ()
    always: ClassVar[dict[str, pl.Expr]] = {}

    @classmethod
    @cache
    def columns(cls) -> tuple[Column, ...]:
        """The columns in their order."""
        hints = get_type_hints(cls, include_extras=True)
        return tuple(
            Column(name, _dtype(hint), vars(cls).get(name, Field()))
            for name, hint in hints.items()
            if ClassVar not in (hint, get_origin(hint))
        )

    @classmethod
    def schema(cls) -> dict[str, pl.DataType]:
        """Column name to Polars type."""
        return {column.name: column.dtype for column in cls.columns()}

    @classmethod
    def breaches(cls, frame: pl.DataFrame) -> list[str]:
        """What does not hold of `frame`, which has the columns and types of the form."""
        held = frame.lazy().select(expr.alias(said) for said, expr in cls._statements()).collect()
        return [said for said, true in held.row(0, named=True).items() if not true]

    @classmethod
    def _statements(cls) -> Iterator[tuple[str, pl.Expr]]:
        for column in cls.columns():
            name, value, holds = column.name, pl.col(column.name), column.holds
            if not holds.nullable:
                yield f"{name} is never null", value.null_count() == 0
            if holds.unique:
                yield f"{name} is unique", value.is_duplicated().any().not_()
            if holds.ge is not None:
                yield f"{name} is at least {holds.ge}", (value >= holds.ge).all()
            if holds.le is not None:
                yield f"{name} is at most {holds.le}", (value <= holds.le).all()
            if holds.isin is not None:
                yield f"{name} is one of {', '.join(holds.isin)}", value.is_in(list(holds.isin)).all()
        if cls.key:
            yield f"{', '.join(cls.key)} are unique together", pl.struct(cls.key).is_duplicated().any().not_()
        for said, statement in cls.always.items():
            yield said, statement.all()


def _dtype(hint: Any) -> pl.DataType:
    if get_origin(hint) is Annotated:
        _, precision, scale = get_args(hint)
        return pl.Decimal(precision, scale)
    return _DTYPES[hint]
