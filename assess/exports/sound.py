"""When a record is sound, as an expression of Polars that a person reads in a file: kinds that look at one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from assess.checks import Check, Profile
from assess.checks.completeness import NotNull, RequiredIf
from assess.checks.conformance import DateFormat, InSet, Matches
from assess.checks.consistency import Expression, Lookups, SubsetOf
from assess.checks.identity import ResidentId
from assess.checks.organisation import ALPHABET, COUNTRY, FORMS, LINES, OrganisationCode, Phone
from assess.checks.plausibility import InRange
from assess.checks.timeliness import NotAfter, NotFuture, WithinDays
from assess.checks.uniqueness import AtMost, Repetition, Unique, UniqueWithin
from assess.exports.python import Call, Node, literal, pattern, text
from assess.exports.unsaid import UnsaidError
from assess.ruleset.spec import Rule, Ruleset
from assess.sql import Sql

_SPANS = {"day": "1d", "month": "1mo", "quarter": "1q", "year": "1y"}


def column(name: str) -> str:
    """A column."""
    return f"pl.col({text(name)})"


def whole(bound: float) -> str:
    """A number, whole where it is."""
    return repr(int(bound)) if bound.is_integer() else repr(bound)


def _sql(sql: Sql) -> Call:
    return Call("pl.sql_expr", (text(sql.bound),))


def only_where(condition: Sql, said: Node) -> Call:
    """What is said, of those records alone for which the condition is true."""
    return Call("only_where", (text(condition.bound), said))


def _filled(check: NotNull | RequiredIf) -> Node:
    return f"{column(check.column)}.is_not_null()"


def _in_range(check: InRange) -> Node:
    value = column(check.column)
    if check.min is not None and check.max is not None:
        return Call(f"{value}.is_between", (whole(check.min), whole(check.max)))
    return f"{value} >= {whole(check.min)}" if check.min is not None else f"{value} <= {whole(check.max or 0)}"


def _not_after(check: NotAfter) -> Node:
    if check.by is not None:
        return Call(f"{column(check.column)} <= pl.sql_expr", (text(check.by.bound),))
    return f"{column(check.column)} <= {column(check.other or '')}"


def _within_days(check: WithinDays) -> Node:
    days = f"({column(check.to)} - {column(check.from_)}).dt.total_days()"
    return (
        f"{days} >= {check.min}" if check.max is None else Call(f"{days}.is_between", (str(check.min), str(check.max)))
    )


def _repeated(check: Repetition) -> Node:
    keys = [column(name) for name in check.columns_]
    if isinstance(check, UniqueWithin):
        keys += [column(name) for name in check.within]
        if check.date is not None and check.per is not None:
            keys.append(f"{column(check.date)}.dt.truncate({text(_SPANS[check.per])})")
    where = () if check.where is None else (text(check.where.bound),)
    return Call("at_most", (str(check.most), Call("", tuple(keys), "[]"), *where))


def _resident_id(check: ResidentId) -> Node:
    parts: list[Node] = [text(check.column), literal(check.forms), literal(check.verify)]
    if check.sex is not None:
        parts.append(Call("sex=", (text(check.sex), literal(check.male), literal(check.female))))
    if check.birth_date is not None:
        parts.append(f"born={text(check.birth_date)}")
    if check.born_by is not None:
        parts.append(f"born_by={text(check.born_by.bound)}")
    if check.temporary is not None:
        parts.append(f"temporary={pattern(check.temporary)}")
    return Call("resident_id", tuple(parts))


def _organisation_code(check: OrganisationCode) -> Node:
    forms = "|".join(FORMS[form] for form in check.forms)
    return Call("organisation_code", (text(check.column), pattern(forms), text(ALPHABET)))


def _matching(name: str, form: str) -> Node:
    return Call(f"{column(name)}.str.contains", (pattern(rf"\A(?:{form})\z"),))


def _phone(check: Phone) -> Node:
    forms = "|".join(LINES[form] for form in check.forms)
    return _matching(check.column, (COUNTRY if check.country_code else "") + f"(?:{forms})")


KINDS: dict[type[Check], Callable[[Any], Node]] = {
    NotNull: _filled,
    RequiredIf: lambda check: only_where(check.when, _filled(check)),
    Matches: lambda check: _matching(check.column, check.pattern),
    InSet: lambda check: Call(f"{column(check.column)}.is_in", (literal(check.values),)),
    InRange: _in_range,
    Expression: lambda check: _sql(check.valid_),
    NotAfter: _not_after,
    NotFuture: lambda check: Call(f"{column(check.column)} <= pl.sql_expr", (text(check.by.bound),)),
    WithinDays: _within_days,
    SubsetOf: lambda check: Call("contained", (literal(check.columns_),)),
    Unique: _repeated,
    UniqueWithin: _repeated,
    AtMost: _repeated,
    DateFormat: lambda check: Call("dated", (text(check.column), literal(check.formats))),
    ResidentId: _resident_id,
    OrganisationCode: _organisation_code,
    Phone: _phone,
}


def sound(rule: Rule, ruleset: Ruleset) -> Node:
    """The expression that is true of sound records; UnsaidError says why a schema of one table cannot hold the rule."""
    check = rule.check
    if isinstance(check, Profile):
        raise UnsaidError("judges units by sums of their records; no record violates it")
    if rule.table not in ruleset.tables:
        raise UnsaidError("is on a view, whose rows are made of several records")
    if isinstance(check, Lookups):
        raise UnsaidError("looks into another table")
    if type(check) not in KINDS:
        raise UnsaidError(f"the kind {check.kind} has no schema")
    said = KINDS[type(check)](check)
    if check.where is None or isinstance(check, Repetition):
        return said
    return only_where(check.where, said)


def of_column(check: Check) -> tuple[str, Call] | None:
    """The column of a rule that pandera has a check of its own for, and that check; none for other rules."""
    if check.where is not None:
        return None
    if isinstance(check, InSet):
        return check.column, Call("pa.Check.isin", (literal(check.values),))
    if isinstance(check, Matches) and _is_python(check.pattern):
        return check.column, Call("pa.Check.str_matches", (pattern(f"^(?:{check.pattern})$"),))
    if isinstance(check, InRange):
        bounds = {"ge": check.min, "le": check.max}
        stated = {name: whole(bound) for name, bound in bounds.items() if bound is not None}
        name = next(iter(stated)) if len(stated) == 1 else "in_range"
        return check.column, Call(f"pa.Check.{name}", tuple(stated.values()))
    return None


def _is_python(regex: str) -> bool:
    """Whether pandera, which compiles a pattern before Polars reads it, takes it."""
    try:
        re.compile(regex)
    except re.error:
        return False
    return True
