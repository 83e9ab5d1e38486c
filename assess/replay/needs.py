"""What a ruleset asks for that an assessment has not measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assess.indicators import Indicator, Measure
from assess.ruleset.definition import bound, disqualifying, of_measure, of_rule, same
from assess.ruleset.located import Path_
from assess.ruleset.spec import Ruleset

SIDES = ("numerator", "denominator", "exclusions")


@dataclass(frozen=True)
class Need:
    """Something that only the submissions can tell: where the ruleset asks for it, and what it is."""

    path: Path_
    message: str


def needs(old: Ruleset, new: Ruleset) -> Iterator[Need]:
    """Everything that `new` counts and `old` did not count, or counted otherwise."""
    yield from _register(old, new)
    yield from _columns(old, new)
    yield from _rules(old, new)
    yield from _indicators(old, new)
    if _reported(old) != _reported(new):
        yield Need(("reported",), "reads what units state themselves in another way")
    marks = new.score.marks if new.score else None
    if marks is not None and marks != (old.score.marks if old.score else None):
        yield Need(("score", "marks"), "reads marks given on site that were not read")


def _register(old: Ruleset, new: Ruleset) -> Iterator[Need]:
    if (old.unit.table, old.unit.key, old.unit.name) != (new.unit.table, new.unit.key, new.unit.name):
        yield Need(("unit",), "names units in another way")
        return
    before, after = old.tables[old.unit.table].columns, new.tables[new.unit.table].columns
    for name in after.keys() - before.keys():
        path = ("tables", new.unit.table, "columns", name)
        yield Need(path, f"column {name!r} of the register was not read")


def _columns(old: Ruleset, new: Ruleset) -> Iterator[Need]:
    """Columns that are read in another form: what cannot be read as that form would be otherwise."""
    for table, declared in new.tables.items():
        before = old.tables[table].columns if table in old.tables else {}
        for name, column in declared.columns.items():
            was = before.get(name)
            form = (column.type, column.suppressed, column.forms)
            if was is not None and form != (was.type, was.suppressed, was.forms):
                path = ("tables", table, "columns", name)
                yield Need(path, f"column {name!r} of {table!r} was read as {was.type}, or in other forms")


def _rules(old: Ruleset, new: Ruleset) -> Iterator[Need]:
    known = {rule.id: rule for rule in old.checks}
    for place, rule in enumerate(new.checks):
        if rule.check.kind == "parses" and rule.id in known:
            continue  # it checks the form of columns
        before = known.get(rule.id)
        if before is None:
            yield Need(("checks", place), f"rule {rule.id!r} was not checked")
        elif rule.table != before.table or not same(of_rule(old, before), of_rule(new, rule)):
            yield Need(("checks", place), f"rule {rule.id!r} checks something else than was checked")
        elif rule.mended_by != before.mended_by:
            yield Need(("checks", place), f"rule {rule.id!r} is mended in another way, which counts other records")
    dropped = {rule.id for rule in old.checks} - {rule.id for rule in new.checks}
    for name in sorted(dropped):
        if old.tables.get(known[name].table) is not None and old.tables[known[name].table].listed:
            yield Need(("checks",), f"rule {name!r} judged lines that are listed, and they would be judged without it")


def _indicators(old: Ruleset, new: Ruleset) -> Iterator[Need]:
    known = {indicator.id: indicator for indicator in old.indicators}
    for place, indicator in enumerate(new.indicators):
        path = ("indicators", place)
        before = known.get(indicator.id)
        if before is None:
            yield Need(path, f"indicator {indicator.id!r} was not counted")
            continue
        if (before.reported and before.reported.indicator) != (indicator.reported and indicator.reported.indicator):
            yield Need((*path, "reported"), f"indicator {indicator.id!r} is reported under another name")
        for side in SIDES:
            if not _counts_same(old, before, new, indicator, side):
                yield Need((*path, side), f"the {side} of indicator {indicator.id!r} counts something else")
        judged, judging = (
            {rule.id for rule in disqualifying(ruleset, each)} for ruleset, each in ((old, before), (new, indicator))
        )
        for rule in sorted(judged ^ judging):
            said = "takes no more records out of" if rule in judged else "newly takes records out of"
            yield Need(path, f"rule {rule!r} {said} indicator {indicator.id!r}")


def recounted(old: Ruleset, new: Ruleset) -> list[tuple[Indicator, str, Measure]]:
    """Sides of indicators that count the register otherwise: what is kept of it can be counted again."""
    known = {indicator.id: indicator for indicator in old.indicators}
    found = []
    for indicator in new.indicators:
        for side in SIDES:
            mine: Measure | None = getattr(indicator, side)
            theirs: Measure | None = getattr(known[indicator.id], side) if indicator.id in known else None
            if mine is not None and theirs is not None and of_measure(mine) != of_measure(theirs):
                found.append((indicator, side, mine))
    return found


def _counts_same(old: Ruleset, before: Indicator, new: Ruleset, after: Indicator, side: str) -> bool:
    mine: Measure | None = getattr(after, side)
    theirs: Measure | None = getattr(before, side)
    if mine is None or theirs is None:
        return mine is theirs
    if of_measure(mine) == of_measure(theirs):
        return _read_same(old, new, mine.table)
    # The register is kept, so that populations and shares of them can be counted anew.
    register = new.unit.table
    judged = any(
        rule.table == register and rule.effect == "disqualify"
        for rule in (*old.checks, *new.checks)
        if rule.check.kind != "parses"
    )
    return side == "denominator" and mine.table == theirs.table == register and not judged


def _read_same(old: Ruleset, new: Ruleset, table: str) -> bool:
    if table not in old.views and table not in new.views:
        return True
    if table not in old.views or table not in new.views:
        return False
    mine, theirs = new.views[table], old.views[table]
    below = all(_read_same(old, new, name) for name in mine.sql.tables)
    return mine.sql.bound == theirs.sql.bound and mine.per == theirs.per and below


def _reported(ruleset: Ruleset) -> object:
    return bound(ruleset.reported)
