"""Conditions and views, which are SQL as Polars reads it, as SQL of a database.

The text is parsed by SQLGlot, every name is resolved and every part typed. A part is taken over when it means the same
there, rewritten when it can be said otherwise, and refused by name when it is neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp, parse_one
from sqlglot.dialects.dialect import NormalizationStrategy
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from assess.exports.dialect import ALIAS, Dialect, named
from assess.exports.unsaid import UnsaidError
from assess.tables import Table

# A decimal is a text with a type of its own, so that only decimals are read as numbers.
_DECIMAL = "NVARCHAR"
_TYPES = {
    "text": "TEXT", "code": "TEXT", "decimal": _DECIMAL, "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
    "date": "DATE",
}  # fmt: skip

_SAME = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not, exp.EQ,
    exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Case,
    exp.If, exp.Coalesce, exp.Nullif, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Abs,
    exp.Greatest, exp.Least, exp.Cast, exp.TryCast, exp.DataType, exp.Interval, exp.Var, exp.Length, exp.Like,
    exp.Year, exp.Month, exp.Day, exp.DPipe, exp.Alias,
)  # fmt: skip
_OF_SELECT = (
    exp.Select, exp.From, exp.Table, exp.TableAlias, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered,
    exp.Window, exp.RowNumber, exp.Count, exp.Distinct, exp.Sum, exp.Min, exp.Max, exp.Star, exp.With, exp.CTE,
    exp.Subquery, exp.Union, exp.Qualify,
)  # fmt: skip
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In)
_UNITS = {"DAY": "DAY", "DAYS": "DAY", "WEEK": "WEEK", "WEEKS": "WEEK", "MO": "MONTH", "MONTH": "MONTH",
          "MONTHS": "MONTH", "YEAR": "YEAR", "YEARS": "YEAR"}  # fmt: skip


class Polars(DuckDB):
    """SQL as Polars reads it: names are as they are written, and nulls come after everything."""

    NULL_ORDERING = "nulls_are_large"
    NORMALIZATION_STRATEGY = NormalizationStrategy.CASE_SENSITIVE


def condition(bound: str, name: str, table: Table, dialect: Dialect, alias: str = ALIAS) -> exp.Expr:
    """A condition over the records of a table, whose columns it calls by the alias; UnsaidError for one with no word.

    What is put into a larger expression stands in parentheses.
    """
    try:
        selected = exp.select(parse_one(bound, read=Polars)).from_(named(name, alias))
    except SqlglotError as error:
        raise UnsaidError(f"the condition cannot be taken apart: {_first(error)}") from None
    whole = _translated(selected, {name: table}, dialect, (*_SAME, exp.Select, exp.From, exp.Table, exp.TableAlias))
    said = whole.selects[0].unalias()
    return exp.paren(said, copy=False) if isinstance(said, exp.Connector | exp.Between) else said


def view(bound: str, made: Table, tables: Mapping[str, Table], dialect: Dialect) -> exp.Query:
    """The statement of a view over `tables`, with the columns and types of the table that it makes."""
    try:
        selected = parse_one(bound, read=Polars)
    except SqlglotError as error:
        raise UnsaidError(f"the view cannot be taken apart: {_first(error)}") from None
    query = _translated(selected, tables, dialect, (*_SAME, *_OF_SELECT))
    types = {each.alias_or_name: each.type for each in query.selects}
    cast = {
        name: spec.type
        for name, spec in made.columns.items()
        if spec.type in ("integer", "number") and exp.DataType.build(_TYPES[spec.type]) != types.get(name)
    }
    if not cast:
        return query
    columns = [
        exp.alias_(exp.cast(exp.column(name, "v"), _TYPES[cast[name]]), name) if name in cast else exp.column(name, "v")
        for name in made.columns
    ]
    return exp.select(*columns).from_(query.subquery("v"))


def _translated(
    query: exp.Expr, tables: Mapping[str, Table], dialect: Dialect, known: tuple[type[exp.Expr], ...]
) -> exp.Query:
    schema: dict[str, object] = {
        name: {column: _TYPES[spec.type] for column, spec in table.columns.items()} for name, table in tables.items()
    }
    try:
        query = annotate_types(qualify(query, schema=schema, dialect=Polars), schema=schema, dialect=Polars)
    except SqlglotError as error:
        raise UnsaidError(f"its names cannot be resolved: {_first(error)}") from None
    # From the leaves up, so that whoever looks at a part finds the types of what it is made of.
    for node in reversed(list(query.walk())):
        if type(node) not in known:
            raise UnsaidError(f"{_named(node)} may mean something else in a database")
        new = _rewritten(node, dialect)
        if new is not node:
            new.type = new.type or node.type
            node.replace(new)
    assert isinstance(query, exp.Query)  # noqa: S101 - statements are neither refused nor rewritten
    return query


def _named(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name}"
    return node.sql_name() if isinstance(node, exp.Func) else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__)


def _first(error: Exception) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[0]


def _family(node: exp.Expr | None) -> str | None:
    """What sort of values a part has, as far as that is known."""
    said = node.type if node is not None else None
    if said is None or said.is_type("unknown", "null"):
        return None
    if said.is_type(*exp.DataType.INTEGER_TYPES):
        return "integer"
    if said.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if said.is_type(*exp.DataType.TEXT_TYPES):
        return "text"
    return str(said.this.value).lower()


def _rewritten(node: exp.Expr, dialect: Dialect) -> exp.Expr:
    if isinstance(node, _COMPARED):
        _compares(node)
    elif isinstance(node, exp.Cast):
        return _cast(node, dialect)
    elif isinstance(node, exp.Interval):
        _interval(node)
    elif isinstance(node, exp.Add | exp.Sub):
        return _moved(node)
    elif isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return _divided(node)
    elif isinstance(node, exp.Like) and (
        set(node.args) - {"this", "expression", "negate"} or "\\" in node.expression.name
    ):
        raise UnsaidError("LIKE with an escape may mean something else in a database")
    elif isinstance(node, exp.Min | exp.Max | exp.Sum) and _family(node.this) == "boolean":
        raise UnsaidError(f"{_named(node)} of true and false is not known everywhere")
    elif isinstance(node, exp.Greatest | exp.Least) and dialect.name == "mysql":
        # There one null makes the whole null.
        values = [node.this, *node.expressions]
        filled = [
            exp.Coalesce(this=value.copy(), expressions=[other.copy() for other in values if other is not value])
            for value in values
        ]
        return type(node)(this=filled[0], expressions=filled[1:])
    return node


def _compares(node: exp.Expr) -> None:
    sides = [node.this, *[side for name in ("expression", "low", "high") if (side := node.args.get(name)) is not None]]
    sides += node.expressions
    if node.args.get("query") is not None:
        raise UnsaidError("IN with a statement may mean something else in a database")
    found = {"number" if family == "integer" else family for side in sides if (family := _family(side)) is not None}
    if len(found) > 1:
        raise UnsaidError(f"a comparison of {' and '.join(sorted(found))} may mean something else in a database")


def _cast(node: exp.Cast, dialect: Dialect) -> exp.Expr:
    value, wanted = node.this, _family_of(node.to)
    family = _family(value)
    if wanted == "integer" and family == "date":
        return dialect.days(value, exp.cast(exp.Literal.string("1970-01-01"), "date"))
    if wanted in ("integer", "number") and family == "boolean":
        return exp.case().when(value.copy(), "1").when(exp.not_(value.copy()), "0")
    if (wanted, family) in (("integer", "integer"), ("number", "integer"), ("number", "number")):
        return exp.cast(value, "bigint" if wanted == "integer" else "double")
    if (
        wanted == "number"
        and isinstance(value, exp.Column)
        and value.type is not None
        and value.type.this == exp.DataType.Type.NVARCHAR
    ):
        return dialect.as_double(value)
    if (wanted == family and wanted in ("text", "date")) or (wanted == "date" and value.is_string):
        return exp.cast(value, "date") if wanted == "date" else value
    raise UnsaidError(f"a cast of {family or 'something'} to {wanted} may mean something else in a database")


def _family_of(said: exp.DataType) -> str:
    probe = exp.Null()
    probe.type = said
    return _family(probe) or "something"


def _interval(node: exp.Interval) -> None:
    unit = _UNITS.get(node.unit.name.upper() if node.unit is not None else "")
    if unit is None or not node.this.name.isdigit():
        raise UnsaidError("an interval of several units, or of a unit other than days, weeks, months and years")
    node.set("unit", exp.var(unit))


def _moved(node: exp.Binary) -> exp.Expr:
    families = {_family(node.left), _family(node.right)}
    if isinstance(node.left, exp.Interval) or isinstance(node.right, exp.Interval):
        # Elsewhere a date that is moved becomes a time of day.
        return exp.cast(node.copy(), "date")
    if "date" in families:
        raise UnsaidError("a difference of dates is a span of time; CAST the dates to BIGINT to count days")
    return node


def _divided(node: exp.Binary) -> exp.Expr:
    by = node.right
    if not (by.is_number and float(by.to_py())):
        raise UnsaidError("a division by something that can be zero ends differently elsewhere")
    if isinstance(node, exp.Div):
        if any(not literal.is_int for literal in node.left.find_all(exp.Literal)):
            raise UnsaidError("a division of decimals keeps other digits elsewhere")
        return exp.Div(this=exp.cast(node.left, "double"), expression=by.copy(), typed=True, safe=False)
    if not by.is_int or _family(node.left) != "integer":
        raise UnsaidError("a whole division of fractions ends differently elsewhere")
    return node
