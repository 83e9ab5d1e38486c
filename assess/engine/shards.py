"""Tables larger than memory: split into buckets, each bucket run like a submission of its own, and the sums added.

A bucket holds of every table the rows that belong together (see `placing`), in their order. Everything that a plan
yields adds up, so the outcome of the whole is put together from those of the buckets, and is the same for any number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from assess.checks import Lookup
from assess.engine import passes
from assess.engine.backend import Outcome, Rows
from assess.engine.comparing import told, verdicts
from assess.engine.counts import flag_of
from assess.engine.local import Local
from assess.engine.looking import by_key, grouped, joined
from assess.engine.passes import Engine, Going, Passed
from assess.engine.placing import Placing, placing
from assess.engine.plan import TablePlan, combine
from assess.engine.views import Scan
from assess.progress import stage
from assess.ruleset.spec import Ruleset
from assess.tables import ROW

# The number of a row in the whole table; in a bucket rows are numbered anew.
WHOLE = "_whole"
BUCKET = "_bucket"
Outcomes = Mapping[str, Outcome]


@dataclasses.dataclass(frozen=True)
class Beforehand:
    """What the rows of a table must know of other buckets before they are split.

    `known` are the outcomes of rules by the number of the row, `found` what lookups find, grouped by key.
    """

    known: Mapping[str, pl.Series]
    found: Sequence[tuple[Sequence[Lookup], pl.DataFrame]]

    def added(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """`rows` with all of it."""
        for rule, outcomes in self.known.items():
            rows = rows.with_columns(pl.lit(outcomes).gather(pl.col(ROW)).alias(told(rule)))
        for lookups, under_key in self.found:
            rows = joined(rows, lookups, under_key.lazy())
        return rows


@dataclasses.dataclass(frozen=True)
class Work:
    """What is done to the rows of each table, and to each bucket."""

    ruleset: Ruleset
    plans: Mapping[str, TablePlan]
    placed: Placing
    beforehand: Mapping[str, Beforehand]

    @property
    def tables(self) -> list[str]:
        """The tables that are split."""
        return list(self.ruleset.tables)

    def split(self, table: str, rows: pl.LazyFrame, number: int) -> pl.LazyFrame:
        """The rows of a table, or some of them, with all they need to know and the bucket to which each goes."""
        key = self.placed.keys[table]
        any_will_do = pl.col(ROW).cast(pl.UInt64)
        where = any_will_do if key is None else pl.coalesce(pl.col(key).hash(1), any_will_do)
        return self.beforehand[table].added(rows).with_columns((where % number).cast(pl.UInt32).alias(BUCKET))

    def run(self, scan: Scan, folder: Path) -> Outcomes:
        """The outcomes of one bucket, of which `scan` gives the rows of each table; they are held in memory."""
        rows = {
            name: scan(name).collect().sort(ROW).rename({ROW: WHOLE}).with_row_index(ROW).lazy() for name in self.tables
        }
        plans = {
            name: plan.without({rule.id for rule in self.placed.profiles(plan)})
            for name, plan in self.plans.items()
            if plan.per is None or self.placed.inside(plan)
        }
        return passes.inside(self.ruleset, plans, rows.__getitem__, folder)


# Splits the rows of all tables, runs the work on each bucket, and gives the outcomes.
Shuffle = Callable[[Work, Rows, Path], Iterable[Outcomes]]


def run(ruleset: Ruleset, plans: Mapping[str, TablePlan], rows: Rows, folder: Path, shuffle: Shuffle) -> Passed:
    """As `passes.whole`, bucket by bucket."""
    going = Going(ruleset, plans, rows.scan, folder)
    parts: list[Outcomes] = []
    for attempt in range(sum(len(plan.rules) + len(plan.counts) for plan in plans.values()) + 2):
        placed = placing(ruleset, going.plans)
        beforehand, broken = {}, dict[str, dict[str, str]]()
        for name in ruleset.tables:
            beforehand[name], broken[name] = _beforehand(going, placed, name)
        if not any(broken.values()):
            (folder / str(attempt)).mkdir()
            work = Work(ruleset, going.plans, placed, beforehand)
            parts = _worked(work, rows, shuffle(work, rows, folder / str(attempt)))
            for part in parts:
                for name, outcome in part.items():
                    broken.setdefault(name, {}).update(outcome.broken)
        if not any(broken.values()):
            break
        # What breaks on the data of one bucket says nothing in the others either: once more, without it.
        for name, messages in broken.items():
            going.drop(name, messages)
    for name, plan in list(going.plans.items()):
        inside = placed.inside(plan)
        going.settle(name, _whole(placed, plan, parts, going) if inside else Local().run(plan, going.tables))
    return going.passed()


def _worked(work: Work, rows: Rows, parts: Iterable[Outcomes]) -> list[Outcomes]:
    """The outcomes of all buckets, saying how far it is."""
    done: list[Outcomes] = []
    with stage("checks", sum(map(rows.rows, work.tables))) as now:
        for part in parts:
            done.append(part)
            held = sum(part[name].rows for name in work.tables)
            now.advance(held, held, f"bucket {len(done)}")
    return done


def _beforehand(going: Going, placed: Placing, name: str) -> tuple[Beforehand, dict[str, str]]:
    """What the rows of a table must know, and what broke on the way."""
    plan, rows, scan = going.plans[name], going.tables(name), going.tables
    broken: dict[str, str] = {}
    known: dict[str, pl.Series] = {}
    for rule in placed.strays(plan):
        try:
            flag = flag_of(rule.id)
            alone = dataclasses.replace(plan, rules=(rule,), counts=())
            flagged = alone.flagged(rows, scan, verdicts((rule,), rows, closely=True)).select(ROW, flag)
            known[rule.id] = flagged.collect(engine="streaming").sort(ROW)[flag]
        except PolarsError as error:
            broken[rule.id] = str(error).splitlines()[0]
    found = []
    for lookups in by_key(placed.distant(plan)):
        try:
            found.append((lookups, grouped(lookups, scan(lookups[0].table)).collect(engine="streaming")))
        except PolarsError as error:
            guilty = [rule.id for rule in plan.rules if set(lookups) & set(rule.check.lookups())]
            broken |= dict.fromkeys(guilty, str(error).splitlines()[0])
    return Beforehand(known, found), broken


def _whole(placed: Placing, plan: TablePlan, parts: Sequence[Outcomes], going: Going) -> Outcome:
    """The outcome of a table from those of the buckets."""
    measured = combine([part[plan.name].measured for part in parts], plan.unit_key)
    failing = pl.concat([part[plan.name].failing for part in parts])
    if plan.per is None:
        failing = failing.with_columns(pl.col(WHOLE).alias(ROW)).drop(WHOLE).sort(ROW)
    profiles = placed.profiles(plan)
    if not profiles:
        return Outcome(measured, failing, None, {})
    apart = Local().run(dataclasses.replace(plan, rules=profiles, counts=()), going.tables)
    measured = measured.join(apart.measured.drop("records"), on=plan.unit_key, how="left", nulls_equal=True)
    return Outcome(measured.sort(plan.unit_key), failing, None, apart.broken)


def engine(shuffle: Shuffle) -> Engine:
    """The engine that splits tables in that way."""
    return partial(run, shuffle=shuffle)


def local(number: int) -> Shuffle:
    """Buckets as files on this machine, worked through one after another."""

    def shuffle(work: Work, rows: Rows, folder: Path) -> Iterable[Outcomes]:
        schemas = {}
        for name in work.tables:
            placed = work.split(name, rows.scan(name), number)
            schemas[name] = {n: dtype for n, dtype in placed.collect_schema().items() if n != BUCKET}
            target = pl.PartitionBy(folder / name, key=BUCKET, include_key=False)
            placed.sink_parquet(target, mkdir=True, engine="streaming", compression="lz4", statistics=False)
        for bucket in range(number):
            inside = folder / str(bucket)
            inside.mkdir()
            yield work.run(partial(_rows, schemas, folder, bucket), inside)

    return shuffle


def _rows(schemas: Mapping[str, Mapping[str, pl.DataType]], folder: Path, bucket: int, name: str) -> pl.LazyFrame:
    files = sorted((folder / name / f"{BUCKET}={bucket}").glob("*.parquet"))
    return pl.scan_parquet(files, glob=False) if files else pl.LazyFrame(schema=schemas[name])


__all__ = ["BUCKET", "WHOLE", "Beforehand", "Outcomes", "Shuffle", "Work", "engine", "local", "run"]
