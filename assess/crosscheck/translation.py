"""What a rule says, in the words of Great Expectations: made from what the ruleset declares, never from our predicate.

A row condition names the records that the rule applies to, nulls left out by name, so that the elements of the
expectation are the applicable records and the unexpected ones those that violate it. A rule that is a condition on the
record has no expectation of its own kind; there no row may be one that violates it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from assess.checks import (
    Check,
    Profile,
    completeness,
    conformance,
    consistency,
    figures,
    identity,
    organisation,
    plausibility,
    timeliness,
    uniqueness,
)
from assess.crosscheck import printed
from assess.crosscheck.beside import Beside, found, judged, judged_together, size, spacing, span
from assess.crosscheck.conditions import (
    ALWAYS,
    Truth,
    both,
    day,
    either,
    literal,
    named,
    present,
    truth,
)
from assess.crosscheck.errors import InexpressibleError
from assess.crosscheck.patterns import phone, python_pattern
from assess.crosscheck.predicates import Predicate, date_format, nested, organisation_code, precision, resident_id
from assess.crosscheck.words import How, On, Said
from assess.ruleset.spec import Rule, Ruleset
from assess.sql import Sql
from assess.tables import REJECTED


def translated(ruleset: Ruleset, rule: Rule) -> Said:
    """What a rule says. Raises InexpressibleError, saying why, where it cannot be said."""
    tables = {
        **{name: {column: spec.type for column, spec in table.columns.items()}
           for name, table in ruleset.tables.items()},
        **{name: {column: spec.type for column, spec in shape.table.columns.items()}
           for name, shape in ruleset.shapes.items()},
    }  # fmt: skip
    return say(rule.check, On(rule.id, tables[rule.table], tables))


@singledispatch
def say(check: Check, on: On) -> Said:  # noqa: ARG001
    """What a check says of the records of a table."""
    raise InexpressibleError(f"no expectation is written for the kind {check.kind}")


def _map(check: Check, on: On, expectation: str, columns: Sequence[str], **given: Any) -> Said:
    """An expectation on columns that are all there."""
    applies = both([on.where(check), *map(present, columns)])
    return Said("native", expectation, given, applies, present=() if check.where is not None else tuple(columns))


def _violated(check: Check, on: On, statement: Truth) -> Said:
    where = on.where(check)
    applies, violated = both([where, statement.known]), both([where, statement.false])
    return Said("native", "ExpectTableRowCountToEqual", {"value": 0}, applies, violated)


def _judged(check: Check, on: On, predicate: Predicate, columns: Sequence[str | None]) -> Said:
    verdict = on.name("verdict")
    return Said(
        "predicate", "ExpectColumnValuesToBeInSet", {"column": verdict, "value_set": [True]},
        both([on.where(check), present(verdict)]), beside=(judged(verdict, predicate, columns),),
    )  # fmt: skip


@say.register
def _(check: Profile, on: On) -> Said:  # noqa: ARG001
    raise InexpressibleError(
        "compares a unit with an earlier assessment" if check.compares
        else "compares a unit with its peers" if check.signal
        else "judges each unit as a whole; an expectation judges a table"
    )  # fmt: skip


@say.register
def _(check: completeness.NotNull, on: On) -> Said:
    return _map(check, on, "ExpectColumnValuesToNotBeNull", (), column=check.column)


@say.register
def _(check: completeness.RequiredIf, on: On) -> Said:
    applies = both([on.where(check), on.truth(check.when).true])
    return Said("native", "ExpectColumnValuesToNotBeNull", {"column": check.column}, applies)


@say.register
def _(check: conformance.Parses, on: On) -> Said:
    return _map(check, on, "ExpectColumnValuesToBeNull", (), column=REJECTED)


@say.register
def _(check: conformance.Matches, on: On) -> Said:
    regex = python_pattern(check.pattern)
    return _map(check, on, "ExpectColumnValuesToMatchRegex", [check.column], column=check.column, regex=regex)


@say.register
def _(check: conformance.InSet, on: On) -> Said:
    return _map(check, on, "ExpectColumnValuesToBeInSet", [check.column], column=check.column,
                value_set=list(check.values))  # fmt: skip


@say.register
def _(check: conformance.DateFormat, on: On) -> Said:
    return _judged(check, on, date_format(check), [check.column])


@say.register
def _(check: conformance.Precision, on: On) -> Said:
    return _judged(check, on, precision(check), [check.column])


@say.register
def _(check: identity.ResidentId, on: On) -> Said:
    born_by = None if check.born_by is None else day(check.born_by.bound)
    if check.born_by is not None and born_by is None:
        raise InexpressibleError("a latest day of birth that differs from record to record")
    return _judged(check, on, resident_id(check, born_by), [check.column, check.sex, check.birth_date])


@say.register
def _(check: organisation.OrganisationCode, on: On) -> Said:
    return _judged(check, on, organisation_code(check), [check.column])


@say.register
def _(check: organisation.Phone, on: On) -> Said:
    return _map(check, on, "ExpectColumnValuesToMatchRegex", [check.column], column=check.column, regex=phone(check))


@say.register
def _(check: plausibility.InRange, on: On) -> Said:
    bounds = {f"{end}_value": _whole(bound) for end in ("min", "max") if (bound := getattr(check, end)) is not None}
    return _map(check, on, "ExpectColumnValuesToBeBetween", [check.column], column=check.column, **bounds)


def _whole(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


@say.register
def _(check: consistency.Expression, on: On) -> Said:
    return _violated(check, on, on.truth(check.valid_))


@say.register
def _(check: consistency.References, on: On) -> Said:
    return _counted(check, on, {"min_value": 1})


@say.register
def _(check: consistency.ReferencedBy, on: On) -> Said:
    return _counted(check, on, {"min_value": check.min, **({} if check.max is None else {"max_value": check.max})})


def _found(check: consistency.Lookups, on: On, names: Sequence[str], carried: str | None = None) -> Beside:
    having, reads = ALWAYS, list[str]()
    if check.having is not None:
        having, reads = truth(check.having.bound, on.tables[check.table]).true, check.having.columns
    return found(names, check.columns_, check.table, check.keys or check.columns_, having, reads, carried)


def _counted(check: consistency.Lookups, on: On, bounds: Mapping[str, int]) -> Said:
    records = on.name("records")
    applies = both([on.where(check), *map(present, check.columns_)])
    given = {"column": records, **bounds}
    return Said("derived", "ExpectColumnValuesToBeBetween", given, applies, beside=(_found(check, on, [records]),))


@say.register
def _(check: consistency.SameAs, on: On) -> Said:
    _, least, most = names = [on.name(what) for what in ("records", "least", "most")]
    applies = both([on.where(check), *map(present, [check.column, least, most])])
    beside = _found(check, on, names, check.value or check.column)
    given = {"column_list": [check.column, least, most]}
    return Said("derived", "ExpectMulticolumnValuesToBeEqual", given, applies, beside=(beside,))


@say.register
def _(check: consistency.SubsetOf, on: On) -> Said:
    if any(on.is_text(column) for column in check.columns_):
        return _judged(check, on, nested, check.columns_)
    columns = list(check.columns_)
    if len(columns) == 2:
        small, large = columns
        return _ordered(check, on, small, large)
    pairs = [(small, large) for i, small in enumerate(columns) for large in columns[i + 1 :]]
    known = [both([present(small), present(large)]) for small, large in pairs]
    false = [both([there, f"{named(a)} > {named(b)}"]) for there, (a, b) in zip(known, pairs, strict=True)]
    where = on.where(check)
    return Said("native", "ExpectTableRowCountToEqual", {"value": 0}, both([where, either(known)]),
                both([where, either(false)]))  # fmt: skip


def _ordered(check: Check, on: On, small: str, large: str) -> Said:
    if small == large:  # which no pair can be
        return _map(check, on, "ExpectColumnValuesToNotBeNull", [small], column=small)
    return _map(check, on, "ExpectColumnPairValuesAToBeGreaterThanB", [small, large], column_A=large, column_B=small,
                or_equal=True)  # fmt: skip


@say.register
def _(check: timeliness.NotAfter, on: On) -> Said:
    if check.other is not None:
        return _ordered(check, on, check.column, check.other)
    return _until(check, on, check.column, check.by)


@say.register
def _(check: timeliness.NotFuture, on: On) -> Said:
    return _until(check, on, check.column, check.by)


def _until(check: Check, on: On, column: str, by: Sql | None) -> Said:
    assert by is not None  # noqa: S101 - a check compares with one date
    last = day(by.bound)
    if last is None:
        return _violated(check, on, truth(f'"{column}" <= ({by.bound})', on.types))
    return _map(check, on, "ExpectColumnValuesToBeBetween", [column], column=column, max_value=f"{last}T00:00:00")


@say.register
def _(check: timeliness.WithinDays, on: On) -> Said:
    there = both([present(check.from_), present(check.to)])
    days = f"({named(check.to)} - {named(check.from_)}).dt.days"
    beyond = [f"{days} < {literal(check.min)}"]
    if check.max is not None:
        beyond.append(f"{days} > {literal(check.max)}")
    return _violated(check, on, Truth(there, both([there, either(beyond)])))


@say.register
def _(check: timeliness.Spacing, on: On) -> Said:
    verdict = on.name("verdict")
    selects = both([on.where(check), *map(present, [*check.columns_, check.date])])
    beside = spacing(
        verdict, check.columns_, check.date, selects, check.min, check.max, check.regular, check.times
    )  # fmt: skip
    given = {"column": verdict, "value_set": [True]}
    applies = both([selects, present(verdict)])
    return Said("derived", "ExpectColumnValuesToBeInSet", given, applies, beside=(beside,), compares=True)


def _once(check: Check, on: On, columns: Sequence[str], beside: Sequence[Beside] = ()) -> Said:
    columns = list(dict.fromkeys(columns))
    said = _map(check, on, "ExpectColumnValuesToBeUnique", columns, column=columns[0])
    if len(columns) > 1:
        said = _map(check, on, "ExpectCompoundColumnsToBeUnique", columns, column_list=columns)
    how: How = "derived" if beside else "native"
    return replace(said, how=how, beside=tuple(beside), compares=True)


@say.register
def _(check: uniqueness.Unique, on: On) -> Said:
    return _once(check, on, check.columns_)


@say.register
def _(check: uniqueness.UniqueWithin, on: On) -> Said:
    columns = [*check.columns_, *check.within]
    if check.date is None or check.per is None:
        return _once(check, on, columns)
    within = on.name("span")
    return _once(check, on, [*columns, within], [span(within, check.date, check.per)])


@say.register
def _(check: uniqueness.AtMost, on: On) -> Said:
    if check.max == 1:
        return _once(check, on, check.columns_)
    records = on.name("records")
    applies = both([on.where(check), *map(present, check.columns_)])
    given = {"column": records, "max_value": check.max}
    beside = size(records, check.columns_, applies)
    return Said("derived", "ExpectColumnValuesToBeBetween", given, applies, beside=(beside,), compares=True)


@say.register
def _(check: figures.Figure, on: On) -> Said:
    predicate, columns = printed.of(check)
    return _judged(check, on, predicate, columns)


@say.register
def _(check: figures.PartsSum, on: On) -> Said:
    predicate, columns = printed.parts(check)
    return _judged(check, on, predicate, columns)


@say.register
def _(check: figures.ImpliedBaseAgrees, on: On) -> Said:
    predicate, columns = printed.bases(check)
    verdict, where = on.name("verdict"), on.where(check)
    beside = judged_together(verdict, predicate, columns, check.by, where)
    given = {"column": verdict, "value_set": [True]}
    applies = both([where, present(verdict)])
    return Said("predicate", "ExpectColumnValuesToBeInSet", given, applies, beside=(beside,), compares=True)
