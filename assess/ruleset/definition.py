"""What a rule or an indicator counts, as data with every parameter bound: two that are equal count the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from assess.indicators import Indicator, Measure
from assess.ruleset.select import Select
from assess.ruleset.spec import Rule, Ruleset
from assess.sql import Sql

Definition = dict[str, Any]


def bound(value: Any) -> Any:
    """`value` as plain data, SQL with its parameters put in."""
    if isinstance(value, Sql | Select):
        return value.bound
    if isinstance(value, BaseModel):
        return {name: bound(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(name): bound(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [bound(each) for each in value]
    return value


def of_rule(ruleset: Ruleset, rule: Rule) -> Definition:
    """What decides which records a rule violates."""
    read = [rule.table, *(lookup.table for lookup in rule.check.lookups())]
    return {"check": {"kind": rule.check.kind, **bound(rule.check)}, "tables": _tables(ruleset, read)}


def of_indicator(ruleset: Ruleset, indicator: Indicator) -> Definition:
    """What decides the counts of an indicator, the rules that take records out of it included."""
    sides = {"numerator": indicator.numerator, "denominator": indicator.denominator, "exclusions": indicator.exclusions}
    measures = {name: measure for name, measure in sides.items() if measure is not None}
    tables = _under(ruleset, [measure.table for measure in measures.values()])
    return {
        **{name: of_measure(measure) for name, measure in measures.items()},
        "tables": _tables(ruleset, tables),
        "disqualified by": {rule.id: of_rule(ruleset, rule) for rule in disqualifying(ruleset, indicator)},
    }


def disqualifying(ruleset: Ruleset, indicator: Indicator) -> list[Rule]:
    """The rules that take records out of an indicator."""
    sides = (indicator.numerator, indicator.denominator, indicator.exclusions)
    tables = _under(ruleset, [side.table for side in sides if side is not None])
    return [
        rule
        for rule in ruleset.checks
        if rule.effect == "disqualify"
        and rule.table in tables
        and (not rule.indicators or indicator.id in rule.indicators)
    ]


def same(one: Definition, other: Definition) -> bool:
    """Whether two definitions count the same; a column that only one of them declares is read by neither."""
    if one.keys() != other.keys():
        return False
    return all(
        _same_tables(mine, other[key]) if key == "tables" else _same(mine, other[key]) for key, mine in one.items()
    )


def _same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, dict) and isinstance(theirs, dict) and "tables" in mine.keys() & theirs.keys():
        return same(mine, theirs)
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(_same(mine[key], theirs[key]) for key in mine)
    return bool(mine == theirs)


def _same_tables(mine: Definition, theirs: Definition) -> bool:
    if mine.keys() != theirs.keys():
        return False
    for name, columns in mine.items():
        other = theirs[name]
        if not isinstance(columns, dict) or not isinstance(other, dict) or "sql" in columns.keys() | other.keys():
            if columns != other:
                return False
        elif any(columns[column] != other[column] for column in columns.keys() & other.keys()):
            return False
    return True


def of_measure(measure: Measure) -> Definition:
    """What one side of an indicator counts; what is only said about it is left out."""
    return {name: bound(getattr(measure, name)) for name in ("table", "where", "sum")}


def _under(ruleset: Ruleset, names: Iterable[str]) -> list[str]:
    """The tables and views that `names` rest on, themselves included."""
    found: list[str] = []
    for name in names:
        below = _under(ruleset, ruleset.views[name].sql.tables) if name in ruleset.views else []
        found += [each for each in (*below, name) if each not in found]
    return found


def _tables(ruleset: Ruleset, names: Iterable[str]) -> Definition:
    """What is read, and how: columns with their types, and the statements of views."""
    said: Definition = {"unit": ruleset.unit.key}
    for name in _under(ruleset, names):
        if name in ruleset.views:
            said[name] = {"sql": ruleset.views[name].sql.bound, "per": ruleset.views[name].per}
        else:
            columns = ruleset.tables[name].columns
            said[name] = {
                column: [spec.type, list(spec.suppressed), list(spec.forms)] for column, spec in columns.items()
            }
    return said
