"""Polars on this machine, on its streaming engine."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from assess.engine.backend import Outcome
from assess.engine.comparing import Verdicts, agrees, told, verdicts
from assess.engine.plan import ROW, Scan, TablePlan


class Local:
    """One pass over each table: sums and failing records leave it together."""

    def run(self, plan: TablePlan, scan: Scan) -> Outcome:
        """Run one plan; if it breaks on the data, the rules are tried one by one and the sound ones run together."""
        try:
            return self._run(plan, scan, {})
        except PolarsError:
            broken = self._broken(plan, scan)
            sound = plan.without(set(broken))
            try:
                return self._run(sound, scan, broken)
            except PolarsError:
                if sound.rules or sound.counts or plan.per is None:
                    raise
                # The view itself breaks on the data, and so does everything that looks at it.
                return self._run(sound, lambda _: pl.LazyFrame(schema=plan.table.dtypes), broken)

    def _run(self, plan: TablePlan, scan: Scan, broken: dict[str, str]) -> Outcome:
        rows = scan(plan.name)
        there = set(rows.collect_schema().names())
        rules = [rule for rule in plan.record_rules if told(rule.id) not in there]
        known = verdicts(rules, rows)
        outcome = self._passed(plan, scan, known, broken)
        if known and not agrees(rules, outcome.failing):
            return self._passed(plan, scan, verdicts(rules, rows, closely=True), broken)
        return outcome

    def _passed(self, plan: TablePlan, scan: Scan, known: Verdicts, broken: dict[str, str]) -> Outcome:
        flagged, sound = plan.both(scan, known)
        branches = [plan.measured(flagged, sound)]
        if plan.table.listed:
            branches.append(plan.explained(flagged))
        with tempfile.TemporaryDirectory(prefix="assess-failing-") as folder:
            # Collected beside another branch, failing records would hold the table in memory that they are taken from.
            file = Path(folder) / "failing.arrow"
            branches.append(plan.failing(flagged).sink_ipc(file, lazy=True))
            measured, *listed, _ = pl.collect_all(branches, engine="streaming")
            failing = pl.read_ipc(file)
        measured = plan.tallied(measured, failing).sort(plan.unit_key)
        # It comes out in order as a rule, and looking is cheaper than sorting.
        failing = failing if failing[ROW].is_sorted() else failing.sort(ROW)
        return Outcome(measured, failing, listed[0] if listed else None, broken)

    def _broken(self, plan: TablePlan, scan: Scan) -> dict[str, str]:
        broken: dict[str, str] = {}
        alone = [(rule.id, replace(plan, rules=(rule,), counts=())) for rule in plan.rules]
        alone += [(count.indicator, replace(plan, rules=(), counts=(count,))) for count in plan.counts]
        for subject, single in alone:
            try:
                self._run(single, scan, {})
            except PolarsError as error:
                broken[subject] = str(error).splitlines()[0]
        return broken
