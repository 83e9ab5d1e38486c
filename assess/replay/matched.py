"""Findings of two assessments held against each other by their ids: new, persisting, resolved, or not looked at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from assess.replay.kept import Kept

Row = Mapping[str, Any]

CHANGES = ("new", "persisting", "resolved", "unchecked")
# Faults; the other statuses ask somebody to look, or say that there was nothing to look at.
FAULTS = ("fail", "error", "not_submitted")


@dataclass(frozen=True)
class Seen:
    """A finding as one of the two assessments has it."""

    finding: str
    status: str
    severity: str
    records: int

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault rather than a question."""
        return self.status in FAULTS


@dataclass(frozen=True)
class FindingChange:
    """What became of one finding. `source` is a rule, an indicator or `intake`.

    `unchecked` is what the new assessment did not look at again, which is not the same as resolved; `why` says how that
    came about, or, of a new finding, that nobody looked before: `unit_new`, `unit_gone`, `rule_new`, `rule_gone`,
    `rule_error`, `not_submitted`, `not_applicable`, `not_stated`. Empty: it was looked at both times.
    """

    change: str
    why: str
    unit: str | None
    source: str
    subject: str | None
    reason: str
    before: Seen | None
    after: Seen | None

    @property
    def becomes_fault(self) -> bool:
        """Whether it is a fault now and was none before."""
        return self.after is not None and self.after.is_fault and not (self.before and self.before.is_fault)


def matched(old: Kept, new: Kept) -> list[FindingChange]:
    """Every finding of either assessment once, the gravest first.

    Findings are the same when their ids are. A finding about a line whose id is gone is the same as one about the same
    figure on another line.
    """
    before, after = _by_id(old), _by_id(new)
    pairs: list[tuple[Row | None, Row | None]] = [(before[name], after[name]) for name in before if name in after]
    left = [row for name, row in before.items() if name not in after]
    come = [row for name, row in after.items() if name not in before]
    pairs += _moved(left, come)
    looked_old, looked_new = Looked(old), Looked(new)
    found = [_change(mine, theirs, looked_old, looked_new) for mine, theirs in pairs]
    return sorted(found, key=_order)


def _by_id(kept: Kept) -> dict[str, Row]:
    return {row["finding"]: row for row in kept.tables["findings"].iter_rows(named=True)}


def _moved(left: Sequence[Row], come: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Findings about one figure that stands on another line now; all others by themselves."""
    waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in come:
        waiting[_about(row)].append(row)
    for row in left:
        same = waiting[_about(row)] if row["subject"] is not None else []
        yield row, (same.pop(0) if same else None)
    for rows in waiting.values():
        yield from ((None, row) for row in rows)


def _about(row: Row) -> tuple[Any, ...]:
    return row["unit"], row["source"], row["subject"], row["reason"]


def _change(mine: Row | None, theirs: Row | None, old: Looked, new: Looked) -> FindingChange:
    row = theirs or mine
    assert row is not None  # noqa: S101 - a pair has at least one side
    if mine is not None and theirs is not None:
        change, why = "persisting", ""
    elif mine is None:
        change, why = "new", old.missed(row).replace("gone", "new")
    else:
        why = new.missed(row)
        change = "unchecked" if why else "resolved"
    return FindingChange(
        change, why, row["unit"], row["source"], row["subject"], row["reason"], _seen(mine), _seen(theirs)
    )


def _seen(row: Row | None) -> Seen | None:
    return None if row is None else Seen(row["finding"], row["status"], row["severity"], row["records"])


def _order(each: FindingChange) -> tuple[Any, ...]:
    seen = each.after or each.before
    severity = ("critical", "major", "minor", "info").index(seen.severity) if seen else 0
    return CHANGES.index(each.change), severity, each.unit or "", each.source, seen.finding if seen else ""


class Looked:
    """What an assessment looked at: only there can a finding be resolved, and only there was it absent before."""

    def __init__(self, kept: Kept):
        tables = kept.tables
        self.units = set(tables["units"]["unit"])
        self.rules = {rule.id: rule for rule in kept.ruleset.checks}
        self.measured = {(unit, rule): status for unit, rule, status in
                         tables["measurements"].select("unit", "rule", "status").iter_rows()}  # fmt: skip
        own = tables["indicators"].filter(pl.col("level") == "unit")
        self.rated = {(row["unit"], row["indicator"]): row for row in
                      own.select("unit", "indicator", "status", "reported").iter_rows(named=True)}  # fmt: skip
        self.indicators = {indicator.id for indicator in kept.ruleset.indicators} | set(own["indicator"])
        self.figures = set(tables["figures"].select("unit", "indicator").iter_rows())
        self.listed = {name for name, table in kept.ruleset.tables.items() if table.listed}
        missing = tables["findings"].filter(pl.col("reason") == "table_not_submitted")
        self.missing = {(unit, json.loads(numbers)["table"]) for unit, numbers in
                        missing.select("unit", "numbers").iter_rows()}  # fmt: skip
        self.concludes = {"no_score": kept.ruleset.score is not None,
                          "allocation_refused": kept.ruleset.allocation is not None}  # fmt: skip

    def missed(self, row: Row) -> str:
        """Why what `row` says could not have been found; empty when it was looked at."""
        unit, source = row["unit"], row["source"]
        if unit is not None and unit not in self.units:
            return "unit_gone"
        if source == "intake":
            return self._intake(row)
        if source not in self.rules and source not in self.indicators:
            return "rule_gone"
        if unit is None:
            return ""
        if source in self.rules:
            return self._rule(row)
        return self._indicator(row)

    def _intake(self, row: Row) -> str:
        if not self.concludes.get(row["reason"], True):
            return "rule_gone"
        table = json.loads(row["numbers"]).get("table")
        gone = row["reason"] != "table_not_submitted" and (row["unit"], table) in self.missing
        return "not_submitted" if gone else ""

    def _rule(self, row: Row) -> str:
        status = self.measured.get((row["unit"], row["source"]), "not_applicable")
        if status in ("error", "not_submitted", "not_applicable"):
            return "rule_error" if status == "error" else status
        # A figure that is no longer stated has not been put right.
        listed = self.rules[row["source"]].table in self.listed and row["subject"] is not None
        return "not_stated" if listed and (row["unit"], row["subject"]) not in self.figures else ""

    def _indicator(self, row: Row) -> str:
        seen = self.rated.get((row["unit"], row["source"]))
        if seen is None:
            return "not_stated"
        if seen["status"] in ("error", "not_submitted", "not_applicable") and row["status"] != seen["status"]:
            return "rule_error" if seen["status"] == "error" else str(seen["status"])
        return "not_stated" if row["reason"] == "reported_differs" and seen["reported"] is None else ""
