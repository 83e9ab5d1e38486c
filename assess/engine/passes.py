"""All tables of a submission in their order: each is run once, and so is each view, however many look into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from assess.engine import counts
from assess.engine.backend import Outcome, Rows
from assess.engine.local import Local
from assess.engine.plan import TablePlan
from assess.engine.views import FLAG, SOUND, Scan, Tables, asks
from assess.progress import stage
from assess.ruleset.spec import Rule, Ruleset
from assess.ruleset.views import Shape, numbered
from assess.tables import ROW


@dataclass(frozen=True)
class Passed:
    """What every table gave; the plans without what broke on the way; and the tables with their views."""

    outcomes: dict[str, Outcome]
    plans: dict[str, TablePlan]
    tables: Tables


# Runs the plans of a ruleset over its tables; the folder takes what is only needed meanwhile.
Engine = Callable[[Ruleset, Mapping[str, TablePlan], Rows, Path], Passed]


def whole(ruleset: Ruleset, plans: Mapping[str, TablePlan], rows: Rows, folder: Path) -> Passed:
    """Every table in one piece, with Polars on this machine."""
    going = Going(ruleset, plans, rows.scan, folder)
    with stage("checks", sum(map(rows.rows, plans))) as now:
        for name, plan in plans.items():
            going.settle(name, Local().run(plan, going.tables))
            now.advance(rows.rows(name), rows.rows(name), name)
    return going.passed()


def inside(ruleset: Ruleset, plans: Mapping[str, TablePlan], scan: Scan, folder: Path) -> dict[str, Outcome]:
    """The outcomes of a few rows of each table, which `scan` gives, as if they were all."""
    going = Going(ruleset, plans, scan, folder)
    for name, plan in plans.items():
        going.settle(name, Local().run(plan, going.tables))
    return going.outcomes


def violating(outcome: Outcome, rules: tuple[Rule, ...]) -> pl.Series:
    """Which rows of a table violate one of `rules`, by their number."""
    found = pl.repeat(value=False, n=outcome.rows, dtype=pl.Boolean, eager=True)
    return found.scatter(_violating(outcome, rules)[ROW], True)


def _violating(outcome: Outcome, rules: tuple[Rule, ...]) -> pl.DataFrame:
    """The records that violate one of `rules`."""
    return outcome.failing.filter(counts.violating(rules))


class Going:
    """A run under way: the outcomes so far, and the tables and views as rules see them meanwhile."""

    def __init__(self, ruleset: Ruleset, plans: Mapping[str, TablePlan], scan: Scan, folder: Path):
        self.shapes, self.plans, self.folder = ruleset.shapes, dict(plans), folder
        self.outcomes: dict[str, Outcome] = {}
        self.dropped: dict[str, dict[str, str]] = {name: {} for name in plans}
        self.tables = Tables(scan, ruleset.tables, self.shapes, self._judge, self._keep)

    def drop(self, name: str, broken: Mapping[str, str]) -> None:
        """Leave out what broke: a rule that broke on the data says of no record that it is sound."""
        self.dropped[name] |= broken
        self.plans[name] = self.plans[name].without(set(broken))

    def settle(self, name: str, outcome: Outcome) -> None:
        """Take the outcome of a table or view."""
        self.drop(name, outcome.broken)
        failing = outcome.failing
        if name in self.shapes:
            # A row of a view has no number of its own: those that fail are numbered in the order of what they say.
            failing = failing.sort([n for n in self.shapes[name].table.dtypes if n != ROW], maintain_order=True)
            failing = failing.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(ROW))
        self.outcomes[name] = replace(outcome, failing=failing, broken=self.dropped[name])

    def passed(self) -> Passed:
        """All of it, when every table is settled."""
        return Passed(self.outcomes, self.plans, self.tables)

    def _judge(self, name: str, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
        plan = self.plans[name]
        if name not in self.outcomes:
            return replace(plan, rules=plan.disqualifying(), counts=()).flagged(rows, scan)
        bad = violating(self.outcomes[name], plan.disqualifying())
        return rows.with_columns(pl.lit(bad).gather(pl.col(ROW)).alias(FLAG))

    def _keep(self, name: str, rows: Callable[[], pl.LazyFrame]) -> pl.LazyFrame | None:
        """The rows of a view as they are kept, or none as long as it is not known which records are sound."""
        plain = name.removesuffix(SOUND)
        shape = self.shapes[plain]
        needs_verdicts = name.endswith(SOUND) or asks(self.shapes, plain)
        if needs_verdicts and not all(base in self.outcomes for base in shape.bases):
            return None
        keys = self._touched(shape) if name.endswith(SOUND) else None
        if keys is not None and keys.is_empty():
            return self.tables(plain)
        made = self._sound(plain, keys) if keys is not None else None
        made = rows() if made is None else made
        path = self.folder / f"{name}.parquet"
        made.sink_parquet(path, engine="streaming", compression="lz4", statistics=False)
        return pl.scan_parquet(path, glob=False)

    def _touched(self, shape: Shape) -> pl.DataFrame | None:
        """The values of `per` of which a record is not sound; none where that cannot be told."""
        per, found = shape.view.per, []
        for base in shape.bases:
            rows = _violating(self.outcomes[base], self.plans[base].disqualifying())
            if rows.is_empty():
                continue
            if per not in rows.columns:
                return None
            found.append(rows.select(per))
        return pl.concat(found).unique() if found else pl.DataFrame({per: []})

    def _sound(self, name: str, keys: pl.DataFrame) -> pl.LazyFrame | None:
        """A view over sound records: the SQL is run for `keys` alone, for all others it has the rows it has anyway.

        None where the SQL over all records of `keys` gives other rows than the view has of them: then rows of others
        matter to it, whatever its `per` says.
        """
        shape = self.shapes[name]
        per, scan, declared = shape.view.per, self.tables.scan, self.tables.tables

        def some(base: str) -> pl.LazyFrame:
            there = per in declared[base].columns
            return scan(base).join(keys.lazy(), on=per, how="semi", nulls_equal=True) if there else scan(base)

        few, whole = Tables(some, declared, self.shapes, self._judge), self.tables(name)
        mine = numbered(shape, whole.join(keys.lazy(), on=per, how="semi", nulls_equal=True))
        if not mine.collect(engine="streaming").equals(few(name).collect(engine="streaming")):
            return None
        others = whole.join(keys.lazy(), on=per, how="anti", nulls_equal=True)
        return numbered(shape, pl.concat([others, few(f"{name}{SOUND}")]))
