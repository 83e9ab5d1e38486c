"""Conditions that compare text with numbers: Polars turns some numbers into text for it, and then 95 is above 140."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from assess.checks import Check
from assess.sql import Sql

_COMPARISONS = {"Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqMissing", "NotEqMissing"}


def compares_text(sql: Sql, frame: pl.LazyFrame) -> str | None:
    """What is wrong where a condition over the columns of `frame` compares text with something else; or none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = list(_compared(json.loads(sql.expr.meta.serialize(format="json"))))
        dtypes = iter(_dtypes(frame, [side for pair in pairs for side in pair]))
        for one, other in zip(dtypes, dtypes, strict=True):
            if one is None or other is None:
                continue  # said by the run on empty tables
            if (one == pl.String) != (other == pl.String) and pl.Null not in (one, other):
                kind = other if one == pl.String else one
                return f"compares text with {str(kind).split('(')[0].lower()}: as text, 95 is above 140"
    return None


def sqls(check: Check) -> Iterator[tuple[Sql, str | None]]:
    """Every condition of a check, with the other table that it is over, where it is over another."""
    foreign = {field: table for field, table, _ in check.refers()}
    for name in type(check).model_fields:
        value = getattr(check, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Sql):
                yield each, foreign.get(name) if name in check.foreign_sql() else None


def _compared(node: Any) -> Iterator[tuple[Any, Any]]:
    """The two sides of every comparison in a serialised expression."""
    if isinstance(node, list):
        for each in node:
            yield from _compared(each)
    if not isinstance(node, dict):
        return
    binary, function = node.get("BinaryExpr"), node.get("Function")
    if isinstance(binary, dict) and binary.get("op") in _COMPARISONS:
        yield binary["left"], binary["right"]
    if isinstance(function, dict) and isinstance(function.get("function"), dict):
        sql = function["function"].get("Sql")
        if isinstance(sql, dict) and sql.get("Binary") in _COMPARISONS:
            yield function["input"][0], function["input"][1]
    for key, each in node.items():
        if key != "Literal":
            yield from _compared(each)


def _dtypes(frame: pl.LazyFrame, nodes: Sequence[Any]) -> list[pl.DataType | None]:
    """The type of each serialised expression, or none where it has none; all are looked up together if they can be."""
    try:
        exprs = [pl.Expr.deserialize(io.StringIO(json.dumps(node)), format="json") for node in nodes]
        found = frame.select(expr.alias(str(number)) for number, expr in enumerate(exprs)).collect_schema().dtypes()
    except (PolarsError, ValueError):
        return [_dtypes(frame, [node])[0] for node in nodes] if len(nodes) != 1 else [None]
    return list(found)
