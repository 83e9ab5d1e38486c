"""Conditions and amounts written as SQL expressions, with parameters bound as literals."""

from __future__ import annotations

import datetime as dt
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl
from polars.exceptions import PolarsError
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

ParameterValue = bool | int | float | str | dt.date

# What Polars takes to plan a condition grows faster than its length.
MAX_CONDITION = 4_000

# Quoted strings, quoted names and remarks are stepped over, so an @ inside them stays text.
_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|@[A-Za-z_]\w*"
    r"|\b(?:CURRENT_(?:DATE|TIME|TIMESTAMP)|LOCALTIME(?:STAMP)?)\b|\bNOW\s*\(",
    re.IGNORECASE | re.DOTALL,
)


def _literal(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        # Bare, the minus of a negative number would make a remark of `a-@b`, and hide what follows it.
        return f"({value!r})" if value < 0 else repr(value)
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    return "'" + value.replace("'", "''") + "'"


def bind(text: str, parameters: Mapping[str, ParameterValue]) -> str:
    """`text` with every `@name` replaced by the literal of that parameter.

    Raises KeyError with the name when a parameter is not declared.
    """

    def replace(match: re.Match[str]) -> str:
        token = match.group()
        return _literal(parameters[token[1:]]) if token.startswith("@") else token

    return _TOKEN.sub(replace, text)


def parameters_in(text: str) -> set[str]:
    """The names of the parameters that `text` refers to."""
    return {token[1:] for token in _TOKEN.findall(text) if token.startswith("@")}


def clock_in(text: str) -> str | None:
    """The word in `text` that reads the clock, or none: the same inputs must give the same results."""
    return next((token.rstrip("( ") for token in _TOKEN.findall(text) if token[0].isalpha()), None)


_ACROSS = {"Agg", "Over", "Quantile", "Correlation", "Rolling", "Len", "Sort", "Filter", "Slice", "Gather", "Explode"}


def _looks_across_records(expr: pl.Expr) -> bool:
    """Whether any node of `expr` needs other records; literals are stepped over, their text is data."""

    def visit(node: Any) -> bool:
        if isinstance(node, dict):
            return any(
                key in _ACROSS or (key not in {"Literal", "Column"} and visit(value)) for key, value in node.items()
            )
        if isinstance(node, list):
            return any(visit(value) for value in node)
        return isinstance(node, str) and node in _ACROSS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return visit(json.loads(expr.meta.serialize(format="json")))
        except RecursionError:
            raise ValueError("is nested beyond all measure; use IN for a list of values") from None


@lru_cache(maxsize=4_096)
def _parsed(bound: str) -> pl.Expr:
    """The expression, which is asked for many times; raises ValueError saying what is wrong with it."""
    try:
        parsed = pl.sql_expr(bound)
    except PolarsError as error:
        raise ValueError(f"not a SQL expression: {str(error).splitlines()[0][:200]}") from None
    if clock := clock_in(bound):
        raise ValueError(f"{clock} differs from run to run; use @as_of, the day up to which is assessed")
    if parsed.meta.has_multiple_outputs():
        raise ValueError("names columns by a pattern; a condition names each column")
    if _looks_across_records(parsed):
        raise ValueError("works on more than one record (an aggregate or a window); a condition sees one record")
    return parsed


@dataclass(frozen=True)
class Sql:
    """A SQL expression over the columns of one record, parsed by Polars.

    `text` is what the author wrote; `bound` has the parameters put in. It works record by record: aggregates and
    window functions are refused, because measurements of parts would no longer add up to the whole.
    """

    text: str
    bound: str

    @classmethod
    def parse(cls, text: str, parameters: Mapping[str, ParameterValue] | None = None) -> Sql:
        """Bind and parse `text`; raises ValueError saying what is wrong with it."""
        try:
            bound = bind(text, parameters or {})
        except KeyError as missing:
            raise ValueError(f"parameter @{missing.args[0]} is not declared under `parameters`") from None
        if len(bound) > MAX_CONDITION:
            raise ValueError(f"is longer than {MAX_CONDITION:,} characters; use IN for a list of values")
        _parsed(bound)
        return cls(text, bound)

    @property
    def expr(self) -> pl.Expr:
        """The expression as Polars evaluates it."""
        return _parsed(self.bound)

    @property
    def columns(self) -> list[str]:
        """The columns it reads, in order of appearance."""
        return list(dict.fromkeys(self.expr.meta.root_names()))

    @property
    def parameters(self) -> set[str]:
        """The parameters it refers to."""
        return parameters_in(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any, info: ValidationInfo) -> Sql:
            if isinstance(value, Sql):
                return value
            if isinstance(value, bool | int | float):
                value = _literal(value)
            if isinstance(value, dt.date):
                value = _literal(value)
            if not isinstance(value, str) or not value.strip():
                raise PydanticCustomError("sql", "should be a SQL expression")
            try:
                return cls.parse(value.strip(), (info.context or {}).get("parameters"))
            except ValueError as error:
                raise PydanticCustomError("sql", "{message}", {"message": str(error)}) from None

        return core_schema.with_info_plain_validator_function(
            validate, serialization=core_schema.plain_serializer_function_ser_schema(lambda sql: sql.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"], "description": "A SQL expression over one record."}
