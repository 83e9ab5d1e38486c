"""A ruleset as lazy plans: for each table one scan, one pass of flags, one group-by of sums.

Everything a plan yields adds up: the sum over parts of a table equals the whole, for any split that keeps together the
rows a check compares (`TablePlan.partition_by`). That, and that a check is a Polars expression, is all that another
engine needs to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl
from polars.exceptions import PolarsError

from assess.checks import Lookup
from assess.indicators import Measure
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import BOOKKEEPING, FILE, LINE, ROW, Table

Scan = Callable[[str], pl.LazyFrame]

DISQUALIFIED = "_disqualified"


def flag_of(rule: str) -> str:
    """The column that holds a rule's outcome: true, false or null."""
    return f"rule {rule}"


def number_of(rule: str, name: str) -> str:
    """The column that holds a figure which explains a rule's violation."""
    return f"number {rule} {name}"


@dataclass(frozen=True)
class Count:
    """One side of an indicator on one table."""

    indicator: str
    side: str
    measure: Measure

    @property
    def column(self) -> str:
        """The column of the measured frame; its verified and missing counterparts are named after it."""
        return f"{self.side} {self.indicator}"


@dataclass(frozen=True)
class TablePlan:
    """What is done to one table in one pass."""

    name: str
    table: Table
    unit_key: str
    rules: tuple[Rule, ...]
    counts: tuple[Count, ...]

    @property
    def partition_by(self) -> tuple[tuple[str, ...], ...]:
        """Every set of columns whose equal values must stay together when the table is split."""
        return tuple(dict.fromkeys(key for rule in self.rules if (key := rule.check.partition_by())))

    def flagged(self, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
        """Each record with the outcome of every rule; `scan` gives the tables that are looked up, whole."""
        lookups = dict.fromkeys(lookup for rule in self.rules for lookup in rule.check.lookups())
        for lookup in lookups:
            rows = _joined(rows, lookup, scan(lookup.table))
        rows = rows.with_columns([rule.check.outcome.alias(flag_of(rule.id)) for rule in self.rules])
        disqualifying = [pl.col(flag_of(rule.id)).not_() for rule in self.rules if rule.effect == "disqualify"]
        disqualified = pl.any_horizontal(disqualifying) if disqualifying else pl.lit(value=False)
        return rows.with_columns(disqualified.fill_null(value=False).alias(DISQUALIFIED))

    def measured(self, flagged: pl.LazyFrame) -> pl.LazyFrame:
        """One line for each unit: sums only, so that lines of parts can be added."""
        sums: list[pl.Expr] = []
        for rule in self.rules:
            flag = pl.col(flag_of(rule.id))
            sums.append(flag.is_not_null().sum().cast(pl.Int64).alias(f"applicable {rule.id}"))
            sums.append(flag.not_().sum().cast(pl.Int64).alias(f"violated {rule.id}"))
        for count in self.counts:
            sums += _sums_of(count)
        return flagged.group_by(self.unit_key).agg(pl.len().cast(pl.Int64).alias("records"), *sums)

    def failing(self, flagged: pl.LazyFrame) -> pl.LazyFrame:
        """The records that violate something, as they were submitted, with the outcomes."""
        if not self.rules:
            return flagged.clear()
        return flagged.filter(pl.any_horizontal([pl.col(flag_of(rule.id)).not_() for rule in self.rules]))

    def explained(self, flagged: pl.LazyFrame) -> pl.LazyFrame:
        """Every record of a listed table, with the figures that explain violations."""
        numbers = [
            expr.alias(number_of(rule.id, name)) for rule in self.rules for name, expr in rule.check.numbers().items()
        ]
        return flagged.with_columns(numbers).sort(ROW)

    def without(self, broken: set[str]) -> TablePlan:
        """The plan without the rules and counts that do not run."""
        rules = tuple(rule for rule in self.rules if rule.id not in broken)
        counts = tuple(count for count in self.counts if count.indicator not in broken)
        return TablePlan(self.name, self.table, self.unit_key, rules, counts)


def _joined(rows: pl.LazyFrame, lookup: Lookup, other: pl.LazyFrame) -> pl.LazyFrame:
    if lookup.where is not None:
        other = other.filter(lookup.where.expr)
    # The keys are renamed, so that a column of the checked table can never be taken for one of the other.
    names = [f"key {i}" for i in range(len(lookup.keys))]
    keys = (
        other.select(pl.col(key).alias(name) for key, name in zip(lookup.keys, names, strict=True))
        .drop_nulls()
        .unique()
    )
    found = keys.with_columns(pl.lit(value=True).alias(lookup.key))
    return rows.join(found, left_on=list(lookup.columns), right_on=names, how="left", maintain_order="left")


def _sums_of(count: Count) -> list[pl.Expr]:
    measure = count.measure
    chosen = measure.where.expr.fill_null(value=False) if measure.where is not None else pl.lit(value=True)
    sound = chosen & ~pl.col(DISQUALIFIED)
    if measure.sum is None:
        everything = pl.len() if measure.where is None else chosen.sum()
        raw, verified, missing = everything, sound.sum(), pl.lit(0)
    else:
        amount = measure.sum.expr.cast(pl.Float64)
        raw = pl.when(chosen).then(amount).sum()
        verified = pl.when(sound).then(amount).sum()
        # An amount that is not known makes a denominator unknown; it is counted, because counts add up.
        missing = (chosen & amount.is_null()).sum()
    return [
        raw.cast(pl.Float64).alias(count.column),
        verified.cast(pl.Float64).alias(f"{count.column} verified"),
        missing.cast(pl.Int64).alias(f"{count.column} missing"),
    ]


def combine(parts: Sequence[pl.DataFrame], unit_key: str) -> pl.DataFrame:
    """The measured frame of the whole, from those of its parts."""
    return pl.concat(parts).group_by(unit_key).agg(pl.all().sum()).sort(unit_key)


def plans(ruleset: Ruleset) -> dict[str, TablePlan]:
    """One plan for each declared table."""
    counts = [
        Count(indicator.id, side, measure)
        for indicator in ruleset.indicators
        for side, measure in (("numerator", indicator.numerator), ("denominator", indicator.denominator))
        if measure is not None
    ]
    return {
        name: TablePlan(
            name,
            table,
            ruleset.unit.key,
            tuple(rule for rule in ruleset.checks if rule.table == name),
            tuple(count for count in counts if count.measure.table == name),
        )
        for name, table in ruleset.tables.items()
    }


def dry_run(ruleset: Ruleset) -> dict[str, str]:
    """What Polars says of each rule, indicator or basis that does not run on empty tables of the declared types.

    Keys are rule ids, indicator ids, and `allocation`.
    """
    tables = {name: pl.LazyFrame(schema=table.dtypes) for name, table in ruleset.tables.items()}
    broken: dict[str, str] = {}
    for name, plan in plans(ruleset).items():
        for rule in plan.rules:
            alone = TablePlan(name, plan.table, plan.unit_key, (rule,), ())
            fault = _fault(partial(_explained, alone, tables)) or _not_boolean(alone, tables)
            if fault:
                broken[rule.id] = fault
        for count in plan.counts:
            alone = TablePlan(name, plan.table, plan.unit_key, (), (count,))
            fault = _fault(partial(_measured, alone, tables))
            if fault:
                broken[count.indicator] = fault
    if ruleset.allocation is not None:
        basis = ruleset.allocation.basis.sum.expr.cast(pl.Float64).sum()
        fault = _fault(lambda: tables[ruleset.unit.table].select(basis))
        if fault:
            broken["allocation"] = fault
    return broken


def _explained(plan: TablePlan, tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    return plan.explained(plan.flagged(tables[plan.name], tables.__getitem__))


def _measured(plan: TablePlan, tables: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    return plan.measured(plan.flagged(tables[plan.name], tables.__getitem__))


def _not_boolean(plan: TablePlan, tables: Mapping[str, pl.LazyFrame]) -> str | None:
    dtype = _explained(plan, tables).collect_schema()[flag_of(plan.rules[0].id)]
    return None if dtype == pl.Boolean else f"gives {dtype}, not true or false"


def _fault(build: Callable[[], pl.LazyFrame]) -> str | None:
    try:
        build().collect()
    except (PolarsError, ValueError, TypeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return lines[0] if lines else type(error).__name__
    return None


def register(ruleset: Ruleset, scan: Scan) -> pl.DataFrame:
    """The units: `unit`, `name`, one column for each level, and `basis` (the allocation's, or null)."""
    unit = ruleset.unit
    basis = ruleset.allocation.basis.sum.expr if ruleset.allocation is not None else pl.lit(None)
    columns = [
        pl.col(unit.key).alias("unit"),
        pl.coalesce(pl.col(unit.name or unit.key).cast(pl.String), pl.col(unit.key)).alias("name"),
        *[pl.col(level).cast(pl.String) for level in unit.levels],
    ]
    frame = scan(unit.table).select(*columns, basis.cast(pl.Float64).alias("basis"))
    return frame.unique("unit", keep="first", maintain_order=True).sort("unit").collect()


__all__ = [
    "BOOKKEEPING",
    "FILE",
    "LINE",
    "ROW",
    "Count",
    "Scan",
    "TablePlan",
    "combine",
    "dry_run",
    "plans",
    "register",
]
