"""What makes a record violate a rule, as SQL: kinds that look at one record.

A condition is true for violating records, and false or unknown for those that satisfy the rule or to which it does not
apply: `NOT (a <= b)` is unknown where a or b is null, as the engine's predicate is null there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from assess.checks import Check
from assess.checks.completeness import NotNull, RequiredIf
from assess.checks.conformance import DateFormat, InSet, Matches, Precision
from assess.checks.consistency import Expression, SubsetOf
from assess.checks.plausibility import InRange
from assess.checks.timeliness import NotAfter, NotFuture, WithinDays
from assess.exports import conditions, patterns
from assess.exports.dialect import (
    ALIAS,
    Dialect,
    absent,
    any_of,
    column,
    literal,
    not_,
    number,
)
from assess.exports.unsaid import UnsaidError
from assess.sql import Sql
from assess.tables import ColumnType, Table

NUMBERS: frozenset[ColumnType] = frozenset({"integer", "number"})
TEXTS: frozenset[ColumnType] = frozenset({"text", "code", "decimal"})


@dataclass(frozen=True)
class Scope:
    """Where a rule is said: the table it checks, all tables by name (views are among them), and the database."""

    name: str
    tables: Mapping[str, Table]
    dialect: Dialect

    @property
    def table(self) -> Table:
        """The table that is checked."""
        return self.tables[self.name]

    def type(self, column: str) -> ColumnType:
        """The type of a column of the checked table."""
        return self.table.columns[column].type

    def holds(self, name: str, *types: ColumnType) -> exp.Column:
        """A column of the checked table; UnsaidError when it is of none of the types."""
        if self.type(name) not in types:
            raise UnsaidError(f"column {name!r} is of type {self.type(name)}, not {' or '.join(types)}")
        return column(name)

    def said(self, sql: Sql, table: str | None = None, alias: str = ALIAS) -> exp.Expr:
        """A condition over the checked table, or over another by its alias."""
        name = table or self.name
        return conditions.condition(sql.bound, name, self.tables[name], self.dialect, alias)


@dataclass(frozen=True)
class Violation:
    """Which records violate a rule.

    `where` selects the records that are looked at; of these `joins` are joined, columns are added by `steps`, each over
    the one before it, and `when` is true for those that violate the rule.
    """

    when: exp.Expr
    where: tuple[exp.Expr, ...] = ()
    joins: tuple[exp.Join, ...] = ()
    steps: tuple[Mapping[str, exp.Expr], ...] = field(default=())


Said = Callable[[Any, Scope], Violation]
KINDS: dict[type[Check], Said] = {}


def says(kind: type[Check]) -> Callable[[Said], Said]:
    """Registers how a kind is said; a kind that another builds on is no leave to say that one the same way."""

    def register(said: Said) -> Said:
        KINDS[kind] = said
        return said

    return register


@says(NotNull)
def _not_null(check: NotNull, scope: Scope) -> Violation:  # noqa: ARG001
    return Violation(absent(column(check.column)))


@says(RequiredIf)
def _required_if(check: RequiredIf, scope: Scope) -> Violation:
    return Violation(exp.and_(scope.said(check.when), absent(column(check.column))))


@says(Matches)
def _matches(check: Matches, scope: Scope) -> Violation:
    pattern = patterns.portable(check.pattern, scope.dialect.digit)
    return Violation(not_(scope.dialect.matches(scope.holds(check.column, *sorted(TEXTS)), pattern)))


@says(InSet)
def _in_set(check: InSet, scope: Scope) -> Violation:
    sorts = {bool: {"boolean"}, str: TEXTS, int: NUMBERS, float: NUMBERS}
    if any(scope.type(check.column) not in sorts[type(value)] for value in check.values):
        raise UnsaidError(f"values of another type than column {check.column!r}")
    return Violation(not_(exp.In(this=column(check.column), expressions=[literal(value) for value in check.values])))


@says(InRange)
def _in_range(check: InRange, scope: Scope) -> Violation:
    value = scope.holds(check.column, "integer", "number")
    bounds = [
        sort(this=value.copy(), expression=number(int(bound) if bound.is_integer() else bound))
        for sort, bound in ((exp.LT, check.min), (exp.GT, check.max))
        if bound is not None
    ]
    return Violation(any_of(bounds))


@says(DateFormat)
def _date_format(check: DateFormat, scope: Scope) -> Violation:
    pattern = "|".join(_days(written) for written in check.formats)
    return Violation(not_(scope.dialect.matches(scope.holds(check.column, "text", "code"), pattern)))


def _days(written: str) -> str:
    """All days of the calendar as strftime writes them in a format."""
    pieces = list(_pieces(written))
    bare = {"%-m", "%-d"} & set(pieces)
    if bare and {"%m", "%d"} & set(pieces):
        raise UnsaidError(f"the format {written!r} has a month with and a day without a leading zero, or the reverse")
    if len([piece for piece in pieces if piece.startswith("%")]) != 3:
        raise UnsaidError(f"the format {written!r} says more than year, month and day")

    def put(year: str, month: str, day: str) -> str:
        fields = {"%Y": year, "%m": month, "%-m": month, "%d": day, "%-d": day}
        return "".join(fields[piece] if piece.startswith("%") else _plain(piece) for piece in pieces)

    return patterns.days(put, bare=bool(bare))


def _pieces(written: str) -> Iterator[str]:
    at = 0
    while at < len(written):
        length = 1 if written[at] != "%" else 3 if written[at + 1 : at + 2] == "-" else 2
        piece = written[at : at + length]
        if length > 1 and piece not in ("%Y", "%m", "%d", "%-m", "%-d"):
            raise UnsaidError(f"the format has {piece}, which stands for more than digits")
        yield piece
        at += length


def _plain(character: str) -> str:
    return f"\\{character}" if not character.isalnum() and character.isascii() else character


@says(Precision)
def _precision(check: Precision, scope: Scope) -> Violation:
    value = scope.holds(check.column, "decimal")  # in other columns a number may have an exponent
    if check.max is not None:
        pattern = rf"[+-]?[0-9]+(?:\.0|\.[0-9]{{1,{check.max}}})?" if check.max else r"[+-]?[0-9]+(?:\.0)?"
    else:
        pattern = rf"[+-]?[0-9]+\.[0-9]{{{check.exactly}}}" if check.exactly else "[+-]?[0-9]+"
    return Violation(not_(scope.dialect.matches(value, pattern)))


@says(Expression)
def _expression(check: Expression, scope: Scope) -> Violation:
    return Violation(not_(scope.said(check.valid_)))


@says(SubsetOf)
def _subset_of(check: SubsetOf, scope: Scope) -> Violation:
    sets = [_size(name, scope) for name in check.columns_]
    pairs = [
        exp.GT(this=small.copy(), expression=large.copy()) for i, small in enumerate(sets) for large in sets[i + 1 :]
    ]
    return Violation(any_of(pairs))


def _size(name: str, scope: Scope) -> exp.Expr:
    value = scope.holds(name, "boolean", "integer", "number", "decimal")
    if scope.type(name) == "boolean":
        return exp.case().when(value.copy(), "1").when(not_(value), "0")
    if scope.type(name) == "decimal":
        if scope.table.columns[name].suppressed:
            raise UnsaidError(f"column {name!r} may hold marks that are no numbers")
        return scope.dialect.as_double(value)
    return exp.cast(value, "double") if scope.type(name) == "integer" else value


@says(NotAfter)
def _not_after(check: NotAfter, scope: Scope) -> Violation:
    bound = scope.holds(check.other, "date") if check.other is not None else _bound(check.by, scope)
    return Violation(exp.GT(this=scope.holds(check.column, "date"), expression=bound))


@says(NotFuture)
def _not_future(check: NotFuture, scope: Scope) -> Violation:
    return Violation(exp.GT(this=scope.holds(check.column, "date"), expression=_bound(check.by, scope)))


def _bound(by: Sql | None, scope: Scope) -> exp.Expr:
    return scope.said(by) if by is not None else exp.Null()


@says(WithinDays)
def _within_days(check: WithinDays, scope: Scope) -> Violation:
    days = scope.dialect.days(scope.holds(check.to, "date"), scope.holds(check.from_, "date"))
    bounds: list[exp.Expr] = [exp.LT(this=days, expression=number(check.min))]
    if check.max is not None:
        bounds.append(exp.GT(this=days.copy(), expression=number(check.max)))
    return Violation(any_of(bounds))
