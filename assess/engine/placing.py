"""Where a row goes when tables are split into buckets, and what has to be known of it beforehand.

Of every table one column decides the bucket, so that rows which rules compare, look up or count together stand in one.
What looks further than its bucket is told to the rows before they are split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from assess.checks import Lookup, Profile
from assess.engine.plan import TablePlan
from assess.ruleset.spec import Rule, Ruleset
from assess.ruleset.views import Shape


@dataclass(frozen=True)
class Placing:
    """Which column decides the bucket of a row, by table and view; none: any bucket will do.

    `apart` are the views that cannot be made of the rows of one bucket.
    """

    keys: Mapping[str, str | None]
    apart: frozenset[str]

    def together(self, table: str, columns: tuple[str, ...]) -> bool:
        """Whether rows of `table` that are equal in `columns` stand in one bucket."""
        return not columns or self.keys[table] in columns

    def finds(self, table: str, lookup: Lookup) -> bool:
        """Whether a row of `table` has in its bucket whatever `lookup` finds."""
        mine, theirs = self.keys[table], self.keys[lookup.table]
        if lookup.table in self.apart or mine is None or theirs is None:
            return False
        return (mine, theirs) in zip(lookup.columns, lookup.keys, strict=True)

    def strays(self, plan: TablePlan) -> tuple[Rule, ...]:
        """The rules on records of a table whose outcome needs rows of other buckets of that table."""
        return tuple(r for r in plan.record_rules if not self.together(plan.name, r.check.partition_by()))

    def profiles(self, plan: TablePlan) -> tuple[Rule, ...]:
        """The rules on units of a table whose sums need rows of other buckets of that table."""
        return tuple(
            rule
            for rule in plan.rules
            if isinstance(rule.check, Profile) and not self.together(plan.name, rule.check.partition_by())
        )

    def distant(self, plan: TablePlan) -> tuple[Lookup, ...]:
        """What the rules of a table look up in other buckets."""
        lookups = dict.fromkeys(each for rule in plan.rules for each in rule.check.lookups())
        return tuple(lookup for lookup in lookups if not self.finds(plan.name, lookup))

    def inside(self, plan: TablePlan) -> bool:
        """Whether a plan is run bucket by bucket: no table that is listed line by line, no view that looks further."""
        if plan.table.listed or plan.name in self.apart:
            return False
        return plan.per is None or not (self.strays(plan) or self.profiles(plan) or self.distant(plan))


def placing(ruleset: Ruleset, plans: Mapping[str, TablePlan]) -> Placing:
    """The placing that keeps most together: each table goes by the column that most of its rules and views ask for."""
    asked: dict[str, Counter[str]] = {name: Counter() for name in plans}
    shapes = ruleset.shapes
    for plan in plans.values():
        for rule in plan.rules:
            asked[plan.name].update(rule.check.partition_by())
            for lookup in rule.check.lookups():
                asked[plan.name].update(lookup.columns)
                asked[lookup.table].update(lookup.keys)
    for shape in shapes.values():
        for base in shape.bases:
            if shape.view.per in ruleset.tables[base].columns:
                asked[base][shape.view.per] += 1000  # a view that is torn apart is worse than any rule
    keys: dict[str, str | None] = {
        name: max(ruleset.tables[name].columns, key=lambda column: asked[name][column]) if asked[name] else None
        for name in ruleset.tables
    }
    keys |= {name: shape.view.per for name, shape in shapes.items()}
    apart: set[str] = set()
    for name, shape in shapes.items():
        if not all(_with_its_rows(shape, table, keys, apart) for table in shape.view.sql.tables):
            apart.add(name)
    return Placing(keys, frozenset(apart))


def _with_its_rows(shape: Shape, table: str, keys: Mapping[str, str | None], apart: set[str]) -> bool:
    return table not in apart and keys[table] == shape.view.per
