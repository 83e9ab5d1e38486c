"""A rule as one statement: the views it needs, the records it looks at, and of these the violating ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from assess.checks import Profile
from assess.checks.conformance import Parses
from assess.exports import comparing, conditions, figures, identity  # noqa: F401 - they register kinds
from assess.exports.dialect import ALIAS, Dialect, column, named, text
from assess.exports.predicates import KINDS, Scope, Violation
from assess.exports.unsaid import UnsaidError
from assess.ruleset.spec import Rule, Ruleset
from assess.ruleset.views import Shape
from assess.tables import Table


@dataclass(frozen=True)
class Queries:
    """The rules of a ruleset for one database."""

    ruleset: Ruleset
    dialect: Dialect
    _made: dict[str, exp.Query] = field(default_factory=dict, repr=False)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Declared tables and views."""
        return {**self.ruleset.tables, **{name: shape.table for name, shape in self.ruleset.shapes.items()}}

    def of(self, rule: Rule) -> exp.Query:
        """The violating records of a rule: its unit, then the other columns of its table. UnsaidError says why not."""
        return self._with_views(self._violating(rule), [rule])

    def counts(self, rules: Sequence[Rule]) -> exp.Query:
        """How many records of each unit violate each of the rules, which all can be said."""
        unit = self.ruleset.unit.key
        counted = [
            exp.select(
                exp.alias_(text(rule.id), "rule", quoted=True),
                exp.alias_(column(unit), "unit", quoted=True),
                exp.alias_(exp.Count(this=exp.Star()), "violated", quoted=True),
            )
            .from_(self._violating(rule).subquery(ALIAS))
            .group_by(column(unit))
            for rule in rules
        ]
        whole = counted[0] if len(counted) == 1 else exp.union(*counted, distinct=False)
        return self._with_views(whole, rules)

    def _violating(self, rule: Rule) -> exp.Select:
        check = rule.check
        if isinstance(check, Profile):
            raise UnsaidError("judges units by sums of their records; no record violates it")
        if isinstance(check, Parses):
            raise UnsaidError("a typed table has no cell that cannot be read")
        if type(check) not in KINDS:
            raise UnsaidError(f"the kind {check.kind} has no SQL")
        for name in self._views([rule]):
            self._view(name)  # whoever reads a view that cannot be said cannot be said
        scope = Scope(rule.table, self.tables, self.dialect)
        where = scope.said(check.where) if check.where is not None else None
        return self._selected(KINDS[type(check)](check, scope), scope, where)

    def _with_views(self, query: exp.Query, rules: Sequence[Rule]) -> exp.Query:
        for name in self._views(rules):
            query = query.with_(exp.to_identifier(name, quoted=True), as_=self._view(name), copy=False)
        return query

    def _selected(self, violation: Violation, scope: Scope, where: exp.Expr | None) -> exp.Select:
        key = self.ruleset.unit.key
        names = [key, *[name for name in scope.table.columns if name != key]]
        table: exp.Expr = named(scope.name)
        conditions_ = [each for each in (where, *violation.where) if each is not None]
        for step in violation.steps:
            added = [exp.alias_(value, name, quoted=True) for name, value in step.items()]
            inner = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(ALIAS)), *added).from_(table)
            table = inner.where(*conditions_, copy=False).subquery(ALIAS)
            conditions_ = []
        query = exp.select(*[column(name) for name in names]).from_(table)
        for join in violation.joins:
            query = query.join(join, copy=False)
        return query.where(*conditions_, violation.when, copy=False)

    def _views(self, rules: Sequence[Rule]) -> Iterator[str]:
        """The views that rules read, and those that these read, each after those that it reads."""
        shapes = self.ruleset.shapes
        read = {rule.table for rule in rules} | {look.table for rule in rules for look in rule.check.lookups()}
        needed = {name for name in read if name in shapes}
        for name in reversed(list(shapes)):
            if name in needed:
                needed |= {read for read in shapes[name].view.sql.tables if read in shapes}
        yield from (name for name in shapes if name in needed)

    def _view(self, name: str) -> exp.Query:
        if name not in self._made:
            self._made[name] = self._view_of(name)
        return self._made[name].copy()

    def _view_of(self, name: str) -> exp.Query:
        shape: Shape = self.ruleset.shapes[name]
        if shape.extras:
            raise UnsaidError(
                f"view {name!r} reads {', '.join(sorted(shape.extras))}, which no table of a database has"
            )
        read = {table: self.tables[table] for table in shape.view.sql.tables}
        try:
            return conditions.view(shape.view.sql.bound, shape.table, read, self.dialect)
        except UnsaidError as error:
            raise UnsaidError(f"view {name!r}: {error}") from None
