"""Small changes to a check, found by walking the fields of its kind by their type.

Every change is built through the kind's own model, so one that contradicts itself is no mutant; nor is one that gives
the very expression of the original or of another mutant. Fields that the author left at their default are left alone,
save those that choose from a closed list: there the default is a choice as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

import polars as pl
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from assess.checks.base import Check
from assess.mutation import patterns, sql
from assess.sql import Sql
from assess.tables import Table

_NUMERIC = {"integer", "number", "decimal"}


@dataclass(frozen=True)
class Mutant:
    """A check that differs from its original in one respect: in which field, what stood there and what does now."""

    field: str
    was: str
    now: str
    hint: str
    check: Check


class Recast(Check):
    """A check of which the outcome is turned round, or which is never violated: what no field can express."""

    inner: Check
    how: Literal["negated", "never violated"]

    def valid(self) -> pl.Expr:
        """The outcome of the inner check, recast."""
        outcome = self.inner.outcome
        return outcome.not_() if self.how == "negated" else pl.when(outcome.is_not_null()).then(statement=True)

    def partition_by(self) -> tuple[str, ...]:
        """What the inner check needs."""
        return self.inner.partition_by()

    def lookups(self) -> Any:
        """What the inner check looks up."""
        return self.inner.lookups()


@dataclass(frozen=True)
class _Value:
    """A new value for one field."""

    was: str
    now: str
    value: Any
    hint: str = ""


def mutants(check: Check, table: str, tables: Mapping[str, Table]) -> tuple[list[Mutant], int]:
    """Every small change to `check`, and how many more were dropped because the kind refuses them."""
    stated = {name: getattr(check, name) for name in type(check).model_fields if name in check.model_fields_set}
    aliases = {name: info.alias or name for name, info in type(check).model_fields.items()}
    found = [
        Mutant("", "the rule", "negated", "add a passing or a failing example", Recast(inner=check, how="negated")),
        Mutant("", "the rule", "never violated", "add a failing example", Recast(inner=check, how="never violated")),
    ]
    known = {_said(check)} | {_said(mutant.check) for mutant in found}
    refused = 0
    for name in type(check).model_fields:
        for change in _field(check, name, table, tables):
            data = {aliases[field]: value for field, value in stated.items()} | {aliases[name]: change.value}
            try:
                made = type(check).model_validate(data)
                said = _said(made)
            except (ValidationError, ValueError):
                refused += 1
                continue
            if said not in known:
                known.add(said)
                found.append(Mutant(aliases[name], change.was, change.now, change.hint, made))
    return found, refused


def _said(check: Check) -> bytes:
    """The expression that the engine evaluates, with what it looks up: equal for checks that cannot be told apart."""
    return check.outcome.meta.serialize() + repr(sorted(lookup.key for lookup in check.lookups())).encode()


def _field(check: Check, name: str, table: str, tables: Mapping[str, Table]) -> Iterator[_Value]:
    info, value = type(check).model_fields[name], getattr(check, name)
    chosen = name in check.model_fields_set
    choices = choices_of(info.annotation)
    if choices:
        yield from _closed(value, choices)
        return
    if not chosen or value is None:
        return
    if not info.is_required():
        yield _Value(
            _shown(value),
            "left out",
            info.get_default(call_default_factory=True),
            f"add an example that needs `{info.alias or name}`",
        )
    if is_column(info):
        yield from _columns(check, value, tables[table])
    elif _format(info) == "regex":
        for change in patterns.changes(value):
            yield _Value(change.was, change.now, change.text, change.hint)
    elif isinstance(value, Sql):
        yield from _sql(check, name, value, tables[_table_of(check, name, value, table)])
    elif isinstance(value, bool):
        yield _Value(_shown(value), _shown(not value), not value)
    elif isinstance(value, int | float | dt.date):
        yield from _moved(check, value, tables[table])
    elif isinstance(value, tuple):
        yield from _members(value)


def _format(info: FieldInfo) -> Any:
    return info.json_schema_extra.get("format") if isinstance(info.json_schema_extra, Mapping) else None


def is_column(info: FieldInfo) -> bool:
    """Whether a field names columns of the checked table."""
    return bool(_format(info) == "column")


def choices_of(annotation: Any) -> tuple[Any, ...]:
    """The values of a closed list, alone or in a tuple; none for other types."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if get_origin(annotation) is tuple:
        return choices_of(get_args(annotation)[0])
    return next((found for part in get_args(annotation) if (found := choices_of(part))), ())


def _closed(value: Any, choices: tuple[Any, ...]) -> Iterator[_Value]:
    if value is None:
        return
    if not isinstance(value, tuple):
        for other in choices:
            if other != value:
                yield _Value(
                    _shown(value),
                    _shown(other),
                    other,
                    f"add an example that {_shown(value)} and {_shown(other)} tell apart",
                )
        return
    for member in value:
        rest = tuple(other for other in value if other != member)
        yield _Value(f"with {member}", f"without {member}", rest, f"add an example that only {member} decides")
    for other in choices:
        if other not in value:
            yield _Value(
                f"without {other}", f"with {other}", (*value, other), f"add an example that {other} would decide"
            )


def _members(value: tuple[Any, ...]) -> Iterator[_Value]:
    for i, member in enumerate(value):
        if len(value) > 1:
            rest = value[:i] + value[i + 1 :]
            yield _Value(f"{_shown(member)} in the list", "left out", rest, f"add an example with {_shown(member)}")
    numbers = [member for member in value if isinstance(member, int | float) and not isinstance(member, bool)]
    # Of texts any could be added; the mutant that is never violated stands for all of them.
    for edge in {min(numbers) - 1, max(numbers) + 1} if numbers else ():
        yield _Value("the list", f"with {edge}", (*value, edge), f"add a failing example with {edge}")


def _columns(check: Check, value: Any, table: Table) -> Iterator[_Value]:
    if isinstance(value, str):
        for other in _others(value, table, check):
            yield _Value(value, other, other, f"add an example in which {value} and {other} differ")
        return
    for i, column in enumerate(value):
        rest = value[:i] + value[i + 1 :]
        if rest:
            yield _Value(f"with {column}", f"without {column}", rest, f"add an example that only {column} tells apart")
        for other in _others(column, table, check):
            if other not in value:
                hint = f"add an example in which {column} and {other} differ"
                yield _Value(column, other, (*value[:i], other, *value[i + 1 :]), hint)


def _others(column: str, table: Table, check: Check | None) -> list[str]:
    """Columns of its type that could be taken for `column`: the next that the check reads, the next it does not."""
    if column not in table.columns:
        return []
    kind = table.columns[column].type
    names = [name for name, spec in table.columns.items() if spec.type == kind]
    at = names.index(column)
    around = names[at + 1 :] + names[:at]
    read = {name for _, name in check.reads()} if check is not None else set()
    near = [name for name in around if name in read]
    return near[:1] + [name for name in around if name not in read][:1]


def _step(column: str, table: Table) -> str | None:
    """By how much a column that is a bound is moved."""
    kind = table.columns[column].type if column in table.columns else ""
    return {"integer": "1", "date": "INTERVAL '1d'"}.get(kind)


def _table_of(check: Check, name: str, value: Sql, table: str) -> str:
    if name not in check.foreign_sql():
        return table
    return next((lookup.table for lookup in check.lookups() if lookup.where == value), table)


def _sql(check: Check, name: str, value: Sql, table: Table) -> Iterator[_Value]:
    foreign = name in check.foreign_sql()
    if not type(check).model_fields[name].is_required():
        now = Sql(f"NOT ({value.bound})", f"NOT ({value.bound})")
        yield _Value(
            value.text, "negated", now, "add an example for which this condition is true, and one for which it is not"
        )
    near = None if foreign else check
    for change in sql.changes(value.bound, lambda word: _others(word, table, near), lambda word: _step(word, table)):
        try:
            made = Sql.parse(change.text)
        except ValueError:
            continue
        yield _Value(change.was, change.now or "left out", made, change.hint)


def _moved(check: Check, value: float | dt.date, table: Table) -> Iterator[_Value]:
    """A bound one step down and one step up: 1 on whole numbers, a day, else one unit of the last place."""
    column = next((column for field, column in check.reads() if field == "column"), "value")
    options: list[Any]
    if isinstance(value, dt.date):
        options = [value + dt.timedelta(days=way) for way in (-1, 1)]
    else:
        types = {table.columns[name].type for _, name in check.reads() if name in table.columns} & _NUMERIC
        number = Decimal(str(value))
        whole = isinstance(value, int) or (number == int(number) and types == {"integer"})
        step = Decimal(1) if whole else Decimal(1).scaleb(int(number.as_tuple().exponent))
        options = [type(value)(number + way * step) for way in (-1, 1)]
    for option in options:
        yield _Value(
            _shown(value), _shown(option), option, f"add examples at {column} = {_shown(value)} and {_shown(option)}"
        )


def _shown(value: Any) -> str:
    if isinstance(value, Sql):
        return value.text
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
