"""SQL conditions as pandas conditions: of three-valued SQL two two-valued texts are made, so that null decides nothing.

pandas takes a comparison with null for false, and its opposite for false or true as the type has it. So a condition
becomes two texts for `DataFrame.query`: where it is true, and where it is false; on all other records it is null. Each
comparison says itself that its columns are there. SQLGlot reads the SQL; the Polars expression is not looked at.
"""

from __future__ import annotations

import datetime as dt
import keyword
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import errors, exp, parse_one

from assess.crosscheck.days import stated_day
from assess.crosscheck.errors import InexpressibleError

ALWAYS, NEVER = "always", "never"
# Every record has an index, which goes by this name, so that all are selected or none, of tables without rows as well.
_WRITTEN = {ALWAYS: "ilevel_0 == ilevel_0", NEVER: "ilevel_0 != ilevel_0"}

_SIGNS: dict[type[exp.Expr], tuple[str, str]] = {
    exp.EQ: ("==", "!="), exp.NEQ: ("!=", "=="), exp.LT: ("<", ">="), exp.GTE: (">=", "<"), exp.GT: (">", "<="),
    exp.LTE: ("<=", ">"),
}  # fmt: skip
_SUMS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_INTEGERS = {"TINYINT", "SMALLINT", "INT", "BIGINT"}
_FLOATS = {"FLOAT", "DOUBLE"}


@dataclass(frozen=True)
class Truth:
    """Where a condition is true, and where it is false, as pandas conditions; elsewhere it is null."""

    true: str
    false: str

    @property
    def known(self) -> str:
        """Where it is one of the two."""
        return either([self.true, self.false])


@dataclass(frozen=True)
class Value:
    """What an expression is worth where `when` holds and none of the `columns` is null."""

    when: str
    text: str
    columns: frozenset[str]
    kind: str

    @property
    def there(self) -> str:
        """Where it has this value."""
        return both([self.when, *[present(column) for column in sorted(self.columns)]])


def written(condition: str) -> str | None:
    """A condition as `row_condition` takes it; none where it selects every record."""
    return None if condition == ALWAYS else _WRITTEN.get(condition, condition)


def both(conditions: Iterable[str]) -> str:
    """Where all of them hold."""
    wanted = [condition for condition in dict.fromkeys(conditions) if condition != ALWAYS]
    if NEVER in wanted:
        return NEVER
    return _joined(wanted, " & ") if wanted else ALWAYS


def either(conditions: Iterable[str]) -> str:
    """Where any of them holds."""
    wanted = [condition for condition in dict.fromkeys(conditions) if condition != NEVER]
    if ALWAYS in wanted:
        return ALWAYS
    return _joined(wanted, " | ") if wanted else NEVER


def unless(condition: str) -> str:
    """Where it does not hold."""
    return {ALWAYS: NEVER, NEVER: ALWAYS}.get(condition, f"~({condition})")


def _joined(conditions: Sequence[str], sign: str) -> str:
    # By halves: pandas goes as deep as parentheses do, and a list of values can be long.
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return f"({_joined(conditions[:half], sign)}){sign}({_joined(conditions[half:], sign)})"


def named(column: str) -> str:
    """A column as a pandas condition names it."""
    return f"`{column}`" if keyword.iskeyword(column) or not column.isidentifier() else column


def present(column: str) -> str:
    """Where a column has a value."""
    return f"{named(column)}.notna()"


def literal(value: object) -> str:
    """A constant as a pandas condition writes it; days as text, which pandas reads beside a column of days."""
    return repr(value.isoformat()) if isinstance(value, dt.date) else repr(value)


def truth(sql: str, types: Mapping[str, str]) -> Truth:
    """Where the SQL condition `sql` is true and where it is false; `types` are those that the columns declare.

    Raises InexpressibleError with what stands in its way.
    """
    return _Reader(types).truth(_parsed(sql))


def day(sql: str) -> dt.date | None:
    """The day that a SQL expression without columns stands for; none where it is something else."""
    return stated_day(_parsed(sql))


def _parsed(sql: str) -> exp.Expr:
    try:
        # Polars speaks the SQL of PostgreSQL and DuckDB; the latter is the one of the two that has INTERVAL '90d'.
        return parse_one(sql, dialect="duckdb")
    except (errors.SqlglotError, RecursionError):
        raise InexpressibleError("SQLGlot does not read the condition") from None


class _Reader:
    """Reads the tree of one condition, over the columns of one table."""

    def __init__(self, types: Mapping[str, str]):
        self.types = types

    def truth(self, node: exp.Expr) -> Truth:
        """The node as a condition."""
        node = node.unnest()
        if isinstance(node, exp.And | exp.Or):
            left, right = self.truth(node.this), self.truth(node.expression)
            trues, falses = [left.true, right.true], [left.false, right.false]
            if isinstance(node, exp.And):
                return Truth(both(trues), either(falses))
            return Truth(either(trues), both(falses))
        if isinstance(node, exp.Not):
            inner = self.truth(node.this)
            return Truth(inner.false, inner.true)
        if isinstance(node, exp.Boolean):
            return Truth(ALWAYS, NEVER) if node.this else Truth(NEVER, ALWAYS)
        if isinstance(node, exp.Null):
            return Truth(NEVER, NEVER)
        if isinstance(node, exp.Column):
            if self._type(node) != "boolean":
                raise InexpressibleError(f"column {node.name} as a condition, which is not boolean")
            name = named(node.name)
            return Truth(*(both([present(node.name), f"{name} == {value}"]) for value in (True, False)))
        if isinstance(node, exp.Is):
            return self._is_null(node)
        if isinstance(node, exp.Between):
            low = self._compared(exp.GTE, node.this, node.args["low"])
            high = self._compared(exp.LTE, node.this, node.args["high"])
            return Truth(both([low.true, high.true]), either([low.false, high.false]))
        if isinstance(node, exp.In):
            return self._listed(node)
        if type(node) in _SIGNS:
            return self._compared(type(node), node.this, node.expression)
        raise InexpressibleError(f"{node.key.upper()} in a condition")

    def _is_null(self, node: exp.Is) -> Truth:
        if not isinstance(node.expression, exp.Null):
            raise InexpressibleError("IS with anything but NULL")
        inner = node.this.unnest()
        known = self.truth(inner).known if _is_condition(inner) else either(v.there for v in self._values(inner))
        return Truth(unless(known), known)

    def _listed(self, node: exp.In) -> Truth:
        values = node.expressions
        if not values:
            raise InexpressibleError("IN with anything but a list")
        told = [self._compared(exp.EQ, node.this, value) for value in values]
        # A null in the list makes every value that is not found in it unknown; so it is with the comparisons.
        return Truth(either(one.true for one in told), both(one.false for one in told))

    def _compared(self, sign: type[exp.Expr], left: exp.Expr, right: exp.Expr) -> Truth:
        holds, fails = _SIGNS[sign]
        true, false = [], []
        for a in self._values(left):
            for b in self._values(right):
                if {a.kind, b.kind} not in ({"number"}, {"text"}, {"date"}, {"boolean"}, {"date", "text"}):
                    raise InexpressibleError(f"a comparison of {a.kind} with {b.kind}")
                if not a.columns | b.columns and a.when == b.when == ALWAYS:
                    raise InexpressibleError("a comparison that names no column")
                there = both([a.there, b.there])
                true.append(both([there, _comparison(a, holds, b)]))
                false.append(both([there, _comparison(a, fails, b)]))
        return Truth(either(true), either(false))

    def _values(self, node: exp.Expr) -> list[Value]:
        """What an expression is worth, case by case; nowhere where it is null."""
        node = node.unnest()
        if (constant := stated_day(node)) is not None:
            return [Value(ALWAYS, literal(constant), frozenset(), "date")]
        if isinstance(node, exp.Literal):
            if node.is_string:
                return [Value(ALWAYS, literal(node.name), frozenset(), "text")]
            number = node.name
            return [Value(ALWAYS, number if number.isdigit() else repr(float(number)), frozenset(), "number")]
        if isinstance(node, exp.Boolean):
            return [Value(ALWAYS, str(bool(node.this)), frozenset(), "boolean")]
        if isinstance(node, exp.Null):
            return []
        if isinstance(node, exp.Column):
            kind = {"integer": "number", "code": "text", "decimal": "text"}.get(self._type(node), self._type(node))
            return [Value(ALWAYS, named(node.name), frozenset([node.name]), kind)]
        if isinstance(node, exp.Neg):
            return [_number(value, f"(-{value.text})") for value in self._values(node.this)]
        if type(node) in _SUMS or isinstance(node, exp.Div):
            return self._sum(node)
        if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
            return self._cast(node)
        if isinstance(node, exp.Case) and node.this is None:
            return self._cases(node)
        if isinstance(node, exp.Coalesce):
            return self._first([node.this, *node.expressions])
        raise InexpressibleError(f"{node.key.upper()} in a condition")

    def _sum(self, node: exp.Expr) -> list[Value]:
        if isinstance(node, exp.Div):
            divisor = node.expression.unnest()
            if not isinstance(divisor, exp.Literal) or divisor.is_string or not float(divisor.name):
                raise InexpressibleError("a division by anything but a number")
        sign = _SUMS.get(type(node), "/")
        return [
            _number(a, f"({a.text} {sign} {b.text})", b)
            for a in self._values(node.this)
            for b in self._values(node.expression)
        ]

    def _cast(self, node: exp.Cast) -> list[Value]:
        kind = node.to.this.name
        found = []
        for value in self._values(node.this):
            if value.kind == "date" and kind in _INTEGERS and value.columns:
                days = f'{value.text}.to_numpy().astype("datetime64[D]").astype("int64")'
                found.append(Value(value.when, days, value.columns, "number"))
            elif value.kind == "number" and kind in _FLOATS:
                found.append(_number(value, f"({value.text} * 1.0)"))
            else:
                raise InexpressibleError(f"a cast of {value.kind} to {kind}")
        return found

    def _cases(self, node: exp.Case) -> list[Value]:
        before: list[str] = []
        found = []
        for branch in node.args["ifs"]:
            chosen = self.truth(branch.this).true
            found += self._where(both([*map(unless, before), chosen]), branch.args["true"])
            before.append(chosen)
        if node.args.get("default") is not None:
            found += self._where(both(map(unless, before)), node.args["default"])
        return found

    def _first(self, nodes: Sequence[exp.Expr]) -> list[Value]:
        before: list[str] = []
        found = []
        for node in nodes:
            values = self._where(both(map(unless, before)), node)
            found += values
            before += [value.there for value in values]
        return found

    def _where(self, when: str, node: exp.Expr) -> list[Value]:
        return [Value(both([when, v.when]), v.text, v.columns, v.kind) for v in self._values(node)]

    def _type(self, column: exp.Column) -> str:
        if column.name not in self.types:
            raise InexpressibleError(f"column {column.name}, which the table does not declare")
        return self.types[column.name]


def _comparison(a: Value, sign: str, b: Value) -> str:
    if {a.kind, b.kind} >= {"date"} and sign in ("==", "!=") and not (a.columns and b.columns):
        # For pandas the equality of a column and a text is membership, and no day is a member of texts.
        below, above = f"{a.text} <= {b.text}", f"{a.text} >= {b.text}"
        return f"({below}) & ({above})" if sign == "==" else f"~(({below}) & ({above}))"
    return f"{a.text} {sign} {b.text}"


def _is_condition(node: exp.Expr) -> bool:
    return isinstance(node, exp.And | exp.Or | exp.Not | exp.Is | exp.Between | exp.In) or type(node) in _SIGNS


def _number(value: Value, text: str, other: Value | None = None) -> Value:
    """A number that is made of others; arithmetic on days is left to those who know how long a month is."""
    parts = [value] if other is None else [value, other]
    if any(part.kind != "number" for part in parts):
        raise InexpressibleError("arithmetic on anything but numbers")
    columns = frozenset[str]().union(*(part.columns for part in parts))
    return Value(both(part.when for part in parts), text, columns, "number")
