"""All tables of a submission in their order: each is run once, and so is each view, however many look into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from assess.engine.backend import Backend, Outcome
from assess.engine.counts import flag_of
from assess.engine.plan import TablePlan
from assess.engine.views import FLAG, SOUND, Scan, Tables
from assess.ruleset.spec import Rule, Ruleset
from assess.ruleset.views import Shape
from assess.tables import ROW


@dataclass(frozen=True)
class Passed:
    """What every table gave; the plans without what broke on the way; and the tables with their views."""

    outcomes: dict[str, Outcome]
    plans: dict[str, TablePlan]
    tables: Tables


def run(ruleset: Ruleset, plans: Mapping[str, TablePlan], scan: Scan, backend: Backend, folder: Path) -> Passed:
    """Run every plan, tables before the views on them; `folder` takes the rows of views while they are needed."""
    going = _Going(ruleset, plans, scan, folder)
    for name, plan in plans.items():
        outcome = backend.run(plan, going.tables)
        going.outcomes[name] = outcome
        # A rule that broke on the data says of no record that it is sound.
        going.plans[name] = plan.without(set(outcome.broken))
    return Passed(going.outcomes, going.plans, going.tables)


def violating(outcome: Outcome, rules: tuple[Rule, ...]) -> pl.Series:
    """Which rows of a table violate one of `rules`, by their number."""
    flags = [pl.col(flag_of(rule.id)).not_() for rule in rules]
    rows = outcome.failing.filter(pl.any_horizontal(flags))[ROW] if flags else outcome.failing[ROW].clear()
    found = pl.repeat(value=False, n=outcome.rows, dtype=pl.Boolean, eager=True)
    return found.scatter(rows, True)


class _Going:
    def __init__(self, ruleset: Ruleset, plans: Mapping[str, TablePlan], scan: Scan, folder: Path):
        self.shapes = ruleset.shapes
        self.plans, self.folder, self.outcomes = dict(plans), folder, dict[str, Outcome]()
        self.tables = Tables(scan, ruleset.tables, self.shapes, self._judge, self._keep)

    def _judge(self, name: str, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
        plan = self.plans[name]
        if name not in self.outcomes:
            return replace(plan, rules=plan.disqualifying(), counts=()).flagged(rows, scan)
        bad = violating(self.outcomes[name], plan.disqualifying())
        return rows.with_columns(pl.lit(bad).gather(pl.col(ROW)).alias(FLAG))

    def _keep(self, name: str, rows: pl.LazyFrame) -> pl.LazyFrame | None:
        """The rows of a view as they are kept, or none as long as it is not known which records are sound."""
        shape = self.shapes[name.removesuffix(SOUND)]
        asks = name.endswith(SOUND) or self._judged(shape)
        if asks and not all(base in self.outcomes for base in shape.bases):
            return None
        path = self.folder / f"{name}.parquet"
        rows.sink_parquet(path, engine="streaming", compression="lz4", statistics=False)
        return pl.scan_parquet(path, glob=False)

    def _judged(self, shape: Shape) -> bool:
        below = [self.shapes[name] for name in shape.view.sql.tables if name in self.shapes]
        return shape.judged or any(self._judged(view) for view in below)
