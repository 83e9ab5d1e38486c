"""A ruleset as lazy plans: for each table one scan, one pass of flags, one group-by of sums.

Everything a plan yields adds up: the sum over parts of a table equals the whole, for any split that keeps together the
rows a check compares (`TablePlan.partition_by`). That, and that a check is a Polars expression, is all that another
engine needs to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from assess.checks import Profile
from assess.engine.comparing import Verdicts, flag, told
from assess.engine.counts import DISQUALIFIED, Count, counts_of, flag_of, sums_of, violating
from assess.engine.held import Held
from assess.engine.looking import by_key, grouped, joined
from assess.engine.views import SOUND, Scan, Tables
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import FILE, LINE, ROW, Table

# The column of the measured frame with the number of records.
RECORDS = "records"
_ALWAYS = pl.lit(value=True)


def amount_of(rule: str, name: str) -> str:
    """The column of what each record adds to a sum of a rule on units."""
    return f"amount {rule} {name}"


def sum_of(rule: str, name: str) -> str:
    """The column of the measured frame with a sum of a rule on units."""
    return f"sum {rule} {name}"


def number_of(rule: str, name: str) -> str:
    """The column that holds a figure which explains a rule's violation."""
    return f"number {rule} {name}"


@dataclass(frozen=True)
class TablePlan:
    """What is done to one table in one pass."""

    name: str
    table: Table
    unit_key: str
    rules: tuple[Rule, ...]
    counts: tuple[Count, ...]
    per: str | None = None  # of a view: what its rows are about, within a unit

    @property
    def record_rules(self) -> tuple[Rule, ...]:
        """The rules that judge each record."""
        return tuple(rule for rule in self.rules if not isinstance(rule.check, Profile))

    @property
    def profiles(self) -> tuple[tuple[str, Profile], ...]:
        """The rules that judge each unit, by id."""
        return tuple((rule.id, rule.check) for rule in self.rules if isinstance(rule.check, Profile))

    @property
    def partition_by(self) -> tuple[tuple[str, ...], ...]:
        """Every set of columns whose equal values must stay together when the table is split."""
        own = [(self.per,)] if self.per is not None else []
        return tuple(dict.fromkeys([*own, *(key for rule in self.rules if (key := rule.check.partition_by()))]))

    def flagged(self, rows: pl.LazyFrame, scan: Scan, known: Verdicts | None = None) -> pl.LazyFrame:
        """Each record with the outcome of every rule; `scan` gives the tables that are looked up, whole.

        `known` are the verdicts of rules that compare records, by the number of the row; others are evaluated here.
        """
        known = known or {}
        # What was found or told beforehand, because it needs other rows than these, stands in the rows already.
        there = set(rows.collect_schema().names())
        lookups = dict.fromkeys(lookup for rule in self.rules for lookup in rule.check.lookups())
        own = rows
        for alike in by_key(lookup for lookup in lookups if lookup.key not in there):
            rows = joined(rows, alike, grouped(alike, scan(alike[0].table), own))
        held = Held()
        flags = [
            (
                pl.col(told(rule.id)) if told(rule.id) in there
                else flag(rule, known) if rule.id in known
                else rule.check.judged(held)
            ).alias(flag_of(rule.id))
            for rule in self.record_rules
        ]  # fmt: skip
        applies = [expr.alias(name) for name, expr in self._applies(held)[1].items()]
        amounts = [
            amount.alias(amount_of(rule, name))
            for rule, check in self.profiles
            for name, amount in check.amounts(self.unit_key).items()
        ]
        rows = held.added(rows).with_columns([*flags, *applies, *amounts]).drop(held.columns)
        return rows.with_columns(violating(self.disqualifying()).alias(DISQUALIFIED))

    def _applies(self, held: Held) -> tuple[dict[str, str], dict[str, pl.Expr]]:
        """Which column says whether a rule applies, by rule, and the columns, which rules share; not of all rules."""
        names: dict[bytes, str] = {}
        columns: dict[str, pl.Expr] = {}
        found: dict[str, str] = {}
        for rule in self.record_rules:
            applies = rule.check.applicable(held)
            if applies is not None and applies.meta.eq(_ALWAYS):
                found[rule.id] = RECORDS
            elif applies is not None:
                found[rule.id] = names.setdefault(applies.meta.serialize(), f" applies {len(names)}")
                columns.setdefault(found[rule.id], applies)
        return found, columns

    def disqualifying(self, indicator: str | None = None) -> tuple[Rule, ...]:
        """The rules by which a record leaves the numerator of `indicator`; without one, those for all of the table."""
        return tuple(
            rule
            for rule in self.record_rules
            if rule.effect == "disqualify" and (not rule.indicators or indicator in rule.indicators)
        )

    def sums(self) -> list[pl.Expr]:
        """What every count adds up for a unit: counted, verified, and amounts that are not known."""
        everywhere = self.disqualifying()
        sums: list[pl.Expr] = []
        for count in self.counts:
            rules = self.disqualifying(count.indicator)
            disqualified = pl.col(DISQUALIFIED) if rules == everywhere else violating(rules)
            sums += sums_of(count, disqualified)
        return sums

    def measured(self, flagged: pl.LazyFrame, sound: pl.LazyFrame | None = None) -> pl.LazyFrame:
        """One line for each unit: sums only, so that lines of parts can be added; `tallied` adds who violates what.

        `sound` are the flagged rows of a view over the records that are not disqualified; a view with counts needs it.
        """
        shared, applying = self._applies(Held())
        sums = [pl.col(column).sum().cast(pl.Int64) for column in applying]
        sums += [
            pl.col(flag_of(rule.id)).count().cast(pl.Int64).alias(f"applicable {rule.id}")
            for rule in self.record_rules
            if rule.id not in shared
        ]
        for profile, check in self.profiles:
            names = check.amounts(self.unit_key)
            sums += [pl.col(amount_of(profile, name)).sum().alias(sum_of(profile, name)) for name in names]
        if self.per is None:
            sums += self.sums()
        lines = flagged.group_by(self.unit_key).agg(pl.len().cast(pl.Int64).alias(RECORDS), *sums)
        lines = lines.with_columns(pl.col(column).alias(f"applicable {rule}") for rule, column in shared.items())
        lines = lines.drop(list(applying))
        if self.per is None or not self.counts:
            return lines
        if sound is None:
            raise ValueError(f"view {self.name!r} is counted over all records and over the sound ones")
        columns = [f"{count.column}{which}" for count in self.counts for which in ("", " verified", " missing")]
        counted = self.counted(flagged, sound).group_by(self.unit_key).agg(pl.col(columns).sum())
        return lines.join(counted, on=self.unit_key, how="left", nulls_equal=True)

    def counted(self, flagged: pl.LazyFrame, sound: pl.LazyFrame) -> pl.LazyFrame:
        """Counts of a view for each unit and value of `per`: verified is what all records and sound ones both have.

        A record that is taken out may let another one come up (the latest visit but one): what it shows would not have
        counted before, and must not count for the record's being false.
        """
        keys = list(dict.fromkeys([self.unit_key, self.per or self.unit_key]))
        sums = self.sums()
        both = flagged.group_by(keys).agg(sums).join(
            sound.group_by(keys).agg(sums), on=keys, how="left", nulls_equal=True, suffix=" of sound"
        )  # fmt: skip
        agreed = [
            pl.min_horizontal(count.column, pl.col(f"{count.column} verified of sound").fill_null(0)).alias(
                f"{count.column} verified"
            )
            for count in self.counts
        ]
        return both.with_columns(agreed)

    def both(self, scan: Scan, known: Verdicts | None = None) -> tuple[pl.LazyFrame, pl.LazyFrame | None]:
        """The flagged rows of the table; and of a view with counts those over the records that are not disqualified."""
        twice = self.per is not None and bool(self.counts)
        sound = self.flagged(scan(f"{self.name}{SOUND}"), scan) if twice else None
        return self.flagged(scan(self.name), scan, known), sound

    def tallied(self, measured: pl.DataFrame, failing: pl.DataFrame) -> pl.DataFrame:
        """What was measured, with the number of violating records, which are all in `failing`."""
        violated = failing.group_by(self.unit_key).agg(
            pl.col(flag_of(rule.id)).not_().sum().cast(pl.Int64).alias(f"violated {rule.id}")
            for rule in self.record_rules
        )
        return measured.join(violated, on=self.unit_key, how="left", nulls_equal=True).with_columns(
            pl.col(f"violated {rule.id}").fill_null(0) for rule in self.record_rules
        )

    def failing(self, flagged: pl.LazyFrame) -> pl.LazyFrame:
        """The records that violate something, as they were submitted, with the outcomes."""
        flagged = flagged.select(pl.exclude("^ .*$"))
        if not self.record_rules:
            return flagged.clear()
        return flagged.filter(pl.any_horizontal([pl.col(flag_of(rule.id)).not_() for rule in self.record_rules]))

    def explained(self, flagged: pl.LazyFrame) -> pl.LazyFrame:
        """Every record of a listed table, with the figures that explain violations."""
        numbers = [
            expr.alias(number_of(rule.id, name)) for rule in self.rules for name, expr in rule.check.numbers().items()
        ]
        return flagged.select(pl.exclude("^ .*$")).with_columns(numbers).sort(ROW)

    def without(self, broken: set[str]) -> TablePlan:
        """The plan without the rules and counts that do not run."""
        rules = tuple(rule for rule in self.rules if rule.id not in broken)
        counts = tuple(count for count in self.counts if count.indicator not in broken)
        return replace(self, rules=rules, counts=counts)


def combine(parts: Sequence[pl.DataFrame], unit_key: str) -> pl.DataFrame:
    """The measured frame of the whole, from those of its parts."""
    return pl.concat(parts).group_by(unit_key).agg(pl.all().sum()).sort(unit_key)


def plans(ruleset: Ruleset) -> dict[str, TablePlan]:
    """One plan for each declared table, then one for each view."""
    counts = [count for indicator in ruleset.indicators for count in counts_of(indicator)]
    found = {name: (table, None) for name, table in ruleset.tables.items()}
    return {
        name: TablePlan(
            name,
            table,
            ruleset.unit.key,
            tuple(rule for rule in ruleset.checks if rule.table == name),
            tuple(count for count in counts if count.measure.table == name),
            per,
        )
        for name, (table, per) in {**found, **{n: (s.table, s.view.per) for n, s in ruleset.shapes.items()}}.items()
    }


def scans(ruleset: Ruleset, plans: Mapping[str, TablePlan], scan: Scan) -> Tables:
    """A scan that knows the views of a ruleset as well; by the disqualifying rules of `plans` records are sound."""

    def judge(name: str, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
        return replace(plans[name], rules=plans[name].disqualifying(), counts=()).flagged(rows, scan)

    return Tables(scan, ruleset.tables, ruleset.shapes, judge)


def sums(plan: TablePlan, rule: str, measured: pl.DataFrame) -> pl.DataFrame:
    """The sums of one rule on units, as its kind judges them: `unit`, and each sum by its name."""
    names = [name for profile, check in plan.profiles if profile == rule for name in check.amounts(plan.unit_key)]
    return measured.select(pl.col(plan.unit_key).alias("unit"), *[pl.col(sum_of(rule, n)).alias(n) for n in names])


__all__ = [
    "FILE",
    "LINE",
    "ROW",
    "Count",
    "Scan",
    "TablePlan",
    "combine",
    "flag_of",
    "plans",
    "scans",
    "sums",
]
