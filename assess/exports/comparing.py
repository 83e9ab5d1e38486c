"""Kinds that compare records with each other, or with those of another table, as SQL.

Records of one table are compared by windows over those that the rule applies to. Another table is grouped by its key
first and joined once, so that no database has to look through it for every record.
"""

from __future__ import annotations

from sqlglot import exp

from assess.checks.consistency import Lookups, ReferencedBy, References, SameAs
from assess.checks.timeliness import Spacing
from assess.checks.uniqueness import AtMost, Repetition, Unique, UniqueWithin
from assess.exports.dialect import any_of, column, named, not_, number, present
from assess.exports.predicates import NUMBERS, TEXTS, Scope, Violation, says
from assess.exports.unsaid import UnsaidError

# Names of columns that are added; no declared column begins with an underscore.
SAME, GAP, RECURS, TOGETHER, FOUND, LEAST, MOST = "_same", "_gap", "_recurs", "_together", "_found", "_least", "_most"
OTHER = "o"


@says(Unique)
@says(AtMost)
def _repeated(check: Unique | AtMost, scope: Scope) -> Violation:  # noqa: ARG001
    return _more_than_most(check, [column(name) for name in check.columns_])


@says(UniqueWithin)
def _unique_within(check: UniqueWithin, scope: Scope) -> Violation:
    keys: list[exp.Expr] = [column(name) for name in (*check.columns_, *check.within)]
    if check.date is None or check.per is None:
        return _more_than_most(check, keys)
    date = scope.holds(check.date, "date")
    parts = {"day": (), "month": ("YEAR", "MONTH"), "quarter": ("YEAR", "QUARTER"), "year": ("YEAR",)}[check.per]
    span: list[exp.Expr] = [exp.Extract(this=exp.var(part), expression=date.copy()) for part in parts]
    return _more_than_most(check, [*keys, *(span or [date])], present(*keys, date))


def _more_than_most(check: Repetition, keys: list[exp.Expr], there: exp.Expr | None = None) -> Violation:
    same = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[key.copy() for key in keys])
    return Violation(
        exp.GT(this=column(SAME), expression=number(check.most)),
        where=(there or present(*keys),),
        steps=({SAME: same},),
    )


@says(Spacing)
def _spacing(check: Spacing, scope: Scope) -> Violation:
    keys, date = [column(name) for name in check.columns_], scope.holds(check.date, "date")
    # Of records of one day it is not known which came first; the other columns decide, so that it is always the same.
    order = [date, *[column(name) for name in scope.table.columns if name not in (check.date, *check.columns_)]]

    def window(this: exp.Expr, *, ordered: bool) -> exp.Window:
        by = exp.Order(expressions=[exp.Ordered(this=each.copy(), nulls_first=False) for each in order])
        partition = [key.copy() for key in keys]
        return exp.Window(this=this, partition_by=partition, order=by if ordered else None)

    gap = scope.dialect.days(date.copy(), window(exp.Lag(this=date.copy()), ordered=True))
    steps: list[dict[str, exp.Expr]] = [{GAP: gap}]
    wrong: list[exp.Expr] = []
    if check.min is not None or check.max is not None:
        wrong.append(exp.LT(this=column(GAP), expression=number(check.min or 0)))
    if check.max is not None:
        wrong.append(exp.GT(this=column(GAP), expression=number(check.max)))
    if check.regular is not None:
        equal = exp.case().when(exp.EQ(this=column(GAP), expression=number(check.regular)), "1").else_("0")
        steps.append({RECURS: window(exp.Sum(this=equal), ordered=False)})
        wrong.append(exp.GTE(this=column(RECURS), expression=number(check.times)))
    return Violation(any_of(wrong), where=(present(*keys, date),), steps=tuple(steps))


def _found(check: Lookups, scope: Scope, carried: dict[str, exp.Expr]) -> exp.Join:
    """The other table, a line for each key with what is found under it, joined by the key."""
    theirs = scope.tables[check.table]
    keys = check.keys or check.columns_
    for mine, key in zip(check.columns_, keys, strict=True):
        if _sort(scope.type(mine)) != _sort(theirs.columns[key].type):
            raise UnsaidError(f"column {mine!r} is looked up among values of another type")
    columns = [exp.alias_(column(key, OTHER), f"_key_{i}", quoted=True) for i, key in enumerate(keys)]
    added = [exp.alias_(value, name, quoted=True) for name, value in carried.items()]
    grouped = exp.select(*columns, *added).from_(named(check.table, OTHER))
    grouped = grouped.where(present(*[column(key, OTHER) for key in keys]), copy=False)
    if check.having is not None:
        grouped = grouped.where(scope.said(check.having, check.table, OTHER), copy=False)
    grouped = grouped.group_by(*[column(key, OTHER) for key in keys], copy=False)
    on = [
        exp.EQ(this=column(mine), expression=column(f"_key_{i}", "f")) for i, mine in enumerate(check.columns_)
    ]  # fmt: skip
    return exp.Join(this=grouped.subquery("f"), side="LEFT", on=exp.and_(*on))


def _sort(kind: str) -> str:
    return "text" if kind in TEXTS else "number" if kind in NUMBERS else kind


@says(References)
def _references(check: References, scope: Scope) -> Violation:
    join = _found(check, scope, {FOUND: exp.Count(this=exp.Star())})
    keys = [column(name) for name in check.columns_]
    missing = exp.Is(this=column(FOUND, "f"), expression=exp.Null())
    return Violation(exp.and_(present(*keys), missing), joins=(join,))


@says(ReferencedBy)
def _referenced_by(check: ReferencedBy, scope: Scope) -> Violation:
    join = _found(check, scope, {FOUND: exp.Count(this=exp.Star())})
    count = exp.Coalesce(this=column(FOUND, "f"), expressions=[number(0)])
    bounds: list[exp.Expr] = [exp.LT(this=count, expression=number(check.min))]
    if check.max is not None:
        bounds.append(exp.GT(this=count.copy(), expression=number(check.max)))
    keys = [column(name) for name in check.columns_]
    return Violation(exp.and_(present(*keys), any_of(bounds)), joins=(join,))


@says(SameAs)
def _same_as(check: SameAs, scope: Scope) -> Violation:
    name = check.value or check.column
    kinds = {scope.type(check.column), scope.tables[check.table].columns[name].type}
    if len({_sort(kind) for kind in kinds}) > 1:
        raise UnsaidError(f"column {check.column!r} is compared with values of another type")
    value: exp.Expr = column(name, OTHER)
    mine: exp.Expr = column(check.column)
    if kinds == {"boolean"}:  # of which not every database knows the smaller
        value, mine = (exp.case().when(each.copy(), "1").when(not_(each), "0") for each in (value, mine))
    join = _found(check, scope, {LEAST: exp.Min(this=value), MOST: exp.Max(this=value.copy())})
    differs = [exp.NEQ(this=mine.copy(), expression=column(bound, "f")) for bound in (LEAST, MOST)]
    return Violation(any_of(differs), joins=(join,))
