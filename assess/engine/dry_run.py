"""Does everything in a ruleset run? Tried on empty tables of the declared types, before a record is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import polars as pl
from polars.exceptions import PolarsError

from assess.checks import Profile
from assess.engine.compared import compares_text, sqls
from assess.engine.counts import DISQUALIFIED, Count, flag_of
from assess.engine.plan import TablePlan, plans, sums
from assess.engine.views import SOUND, Scan, Tables
from assess.ruleset.spec import Rule, Ruleset


def dry_run(ruleset: Ruleset) -> dict[str, str]:
    """What Polars says of each rule, indicator or basis that does not run on empty tables of the declared types.

    Keys are rule ids, indicator ids, and `allocation`.
    """
    broken: dict[str, str] = {}
    empty = {name: pl.LazyFrame(schema=table.dtypes) for name, table in ruleset.tables.items()}
    whole = Tables(empty.__getitem__, ruleset.tables, ruleset.shapes, _judged_by_nobody)
    made: dict[str, pl.LazyFrame] = {}
    tables = partial(_known, made, whole)
    for plan in plans(ruleset).values():
        if plan.per is not None:
            names = [plan.name, plan.name + SOUND] if plan.counts else [plan.name]
            fault = next((said for name in names if (said := _fault(partial(whole, name)))), None)
            if fault is not None:
                broken |= dict.fromkeys([rule.id for rule in plan.rules] + [c.indicator for c in plan.counts], fault)
                continue
            # Once a view is known to run, an empty table stands in.
            made |= dict.fromkeys(names, pl.LazyFrame(schema=plan.table.dtypes))
        broken |= dict(_rules(plan, tables))
        broken |= dict(_counts(plan, tables))
    for message in broken_sums(ruleset).values():
        broken.setdefault("allocation", message)
    return broken


def _judged_by_nobody(_name: str, rows: pl.LazyFrame, _scan: Scan) -> pl.LazyFrame:
    """Which records are sound, for views: the rules that say it are tried on their own tables."""
    return rows.with_columns(pl.lit(None, dtype=pl.Boolean).alias(DISQUALIFIED))


def _known(made: dict[str, pl.LazyFrame], tables: Scan, name: str) -> pl.LazyFrame:
    return made[name] if name in made else tables(name)


def _rules(plan: TablePlan, tables: Scan) -> Iterator[tuple[str, str]]:
    on_records = replace(plan, rules=plan.record_rules, counts=())
    # All together first: one by one is only needed to say which of them it is.
    together = _tried(partial(_explained, on_records, tables))
    for rule in plan.rules:
        alone = replace(plan, rules=(rule,), counts=())
        if isinstance(rule.check, Profile):
            fault = _fault(partial(_judged, alone, tables))
        else:
            fault = _fault(partial(_explained, alone, tables)) if isinstance(together, str) else None
        if fault := fault or _as_text(plan, rule, tables):
            yield rule.id, fault
    if isinstance(together, pl.DataFrame):
        for rule in plan.record_rules:
            if (dtype := together.schema[flag_of(rule.id)]) != pl.Boolean:
                yield rule.id, f"gives {dtype}, not true or false"


def _counts(plan: TablePlan, tables: Scan) -> Iterator[tuple[str, str]]:
    together = _fault(partial(_measured, replace(plan, rules=()), tables))
    apart = _fault(partial(_parts, plan.counts, tables(plan.name)))
    for count in plan.counts:
        fault = _fault(partial(_parts, (count,), tables(plan.name))) if apart else None
        fault = fault or _count_as_text(count, tables(plan.name))
        if fault is None and together:
            fault = _fault(partial(_measured, replace(plan, rules=(), counts=(count,)), tables))
        if fault:
            yield count.indicator, fault


def _parts(counts: Sequence[Count], rows: pl.LazyFrame) -> pl.LazyFrame:
    """What counts are made of: an aggregation over no rows evaluates nothing, so they are evaluated by themselves."""
    parts = [part for count in counts for part in (count.chosen, count.amount)]
    return rows.select([part.alias(str(number)) for number, part in enumerate(parts)])


def broken_sums(ruleset: Ruleset) -> dict[str, str]:
    """What Polars says of each sum of the allocation, by its name, that does not run on an empty register."""
    if ruleset.allocation is None:
        return {}
    register = pl.LazyFrame(schema=ruleset.tables[ruleset.unit.table].dtypes)
    faults = {
        name: _fault(partial(register.select, sql.expr.cast(pl.Float64).sum()))
        for name, (_, sql) in ruleset.allocation.sums.items()
    }
    return {name: fault for name, fault in faults.items() if fault}


def _as_text(plan: TablePlan, rule: Rule, tables: Scan) -> str | None:
    for sql, other in sqls(rule.check):
        if said := compares_text(sql, tables(other or plan.name)):
            return said
    return None


def _count_as_text(count: Count, rows: pl.LazyFrame) -> str | None:
    read = [sql for sql in (count.measure.where, count.measure.sum) if sql is not None]
    return next((said for sql in read if (said := compares_text(sql, rows))), None)


def _explained(plan: TablePlan, tables: Scan) -> pl.LazyFrame:
    return plan.explained(plan.flagged(tables(plan.name), tables))


def _measured(plan: TablePlan, tables: Scan) -> pl.LazyFrame:
    return plan.measured(*plan.both(tables))


def _judged(plan: TablePlan, tables: Scan) -> pl.LazyFrame:
    measured = _measured(plan, tables).collect()
    verdicts = [check.judge(sums(plan, rule, measured)) for rule, check in plan.profiles]
    return pl.concat([verdict.lazy().select("unit", pl.col("valid").cast(pl.Boolean)) for verdict in verdicts])


def _fault(build: Callable[[], pl.LazyFrame]) -> str | None:
    said = _tried(build)
    return said if isinstance(said, str) else None


def _tried(build: Callable[[], pl.LazyFrame]) -> pl.DataFrame | str:
    """What comes of it, or what Polars says of it."""
    try:
        return build().collect()
    except (PolarsError, ValueError, TypeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[0] if lines else type(error).__name__
