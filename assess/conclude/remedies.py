"""What units would regain: points and money if the records that violate a rule were put right, all else equal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from assess.conclude.awarded import Awarding
from assess.conclude.scored import Inputs, Scoring, of_rate, of_records, points
from assess.engine.mending import Held, held, regained, summed
from assess.results import empty
from assess.scores import Input, Scored

# Stands for all rules together.
ALL = "*"
Row = Mapping[str, Any]

_SCHEMA = {
    "unit": pl.String(), "rule": pl.String(), "records": pl.Int64(), "points": pl.Decimal(18, 4),
    "score": pl.Decimal(18, 4), "grade": pl.String(), "amount_minor": pl.Int64(), "indicators": pl.String(),
}  # fmt: skip


class Mending:
    """The inputs that each unit would have if rules were mended."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], rated: pl.DataFrame, scoring: Scoring):
        self.scoring = scoring
        self.asked = set(scoring.scorer.subjects)
        self.held = held(tables["mendable"])
        # Most questions are about one rule, and most records violate one.
        self.alone: dict[tuple[str, str], list[Held]] = defaultdict(list)
        for unit, lines in self.held.items():
            for line in lines:
                if len(line.rules) == 1:
                    self.alone[unit, next(iter(line.rules))].append(line)
        names = [name for kind, name in scoring.scorer.subjects if kind == "indicator"]
        columns = ("unit", "indicator", "status", "reason", "scored", "numerator_verified", "excluded_verified",
                   "denominator_verified", "ceiling")  # fmt: skip
        shown = rated.filter((pl.col("level") == "unit") & pl.col("indicator").is_in(names)).select(columns)
        self.rated: dict[tuple[str, str], Row] = {
            (row["unit"], row["indicator"]): row for row in shown.iter_rows(named=True)
        }
        violated = tables["measurements"].filter(pl.col("violated") > 0)
        self.violated: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for unit, rule, applicable, wrong in violated.select("unit", "rule", "applicable", "violated").iter_rows():
            self.violated[unit][rule] = (applicable, wrong)

    def rules(self, unit: str) -> list[str]:
        """The rules that keep something from the unit, in the order in which they are counted."""
        kept = {rule for line in self.held.get(unit, ()) for rule in line.rules}
        return [rule for rule in self.violated[unit] if rule in kept or ("rule", rule) in self.asked]

    def changed(self, unit: str, mended: Iterable[str]) -> Inputs:
        """What parts of the score would see, where that differs from now."""
        rules = frozenset(mended)
        if len(rules) == 1:
            back = summed(self.alone.get((unit, next(iter(rules))), ()))
        else:
            back = regained(self.held.get(unit, ()), rules)
        found: Inputs = {}
        for indicator in dict.fromkeys(indicator for indicator, _ in back):
            seen = self.rated.get((unit, indicator))
            if seen is not None and seen["scored"] is not None:
                found["indicator", indicator] = self._rate(unit, seen, back)
        for rule in rules & self.violated[unit].keys():
            now = self.scoring.inputs[unit].get(("rule", rule))
            if now is not None and now.status not in ("error", "not_submitted"):
                found["rule", rule] = of_records("pass", self.violated[unit][rule][0], 0)
        return found

    def _rate(self, unit: str, seen: Row, back: Mapping[tuple[str, str], float]) -> Input:
        name, now = seen["indicator"], self.scoring.inputs[unit]["indicator", seen["indicator"]]
        counted = seen["numerator_verified"] + back.get((name, "numerator"), 0.0)
        of = seen["denominator_verified"]
        if of is not None:
            of -= back.get((name, "excluded"), 0.0)
            if of <= 0:  # everybody would be excepted: then nothing would be earned either
                return now
        return of_rate(seen["status"], seen["reason"], seen["scored"], counted, of, seen["ceiling"], target=now.target)

    def score(self, unit: str, changed: Inputs) -> Scored:
        """The score of the unit with other inputs."""
        now = self.scoring.scored[unit]
        return self.scoring.scorer.rescore(now, changed) if changed else now


def remedies(
    tables: Mapping[str, pl.DataFrame], rated: pl.DataFrame, scoring: Scoring, awarding: Awarding | None
) -> pl.DataFrame:
    """One line for each unit and rule that keeps something from it, and one (`*`) for all of them together."""
    mending = Mending(tables, rated, scoring)
    lines = []
    for unit, now in scoring.scored.items():
        rules = mending.rules(unit)
        violated = mending.violated[unit]
        for rule, mended in [(rule, (rule,)) for rule in rules] + ([(ALL, tuple(rules))] if len(rules) > 1 else []):
            changed = mending.changed(unit, mended)
            after = mending.score(unit, changed)
            records = sum(violated[name][1] for name in mended)
            touched = sorted(name for kind, name in changed if kind == "indicator")
            gained = (after.score or 0) - (now.score or 0)
            money = awarding.gain(unit, after, gained) if awarding is not None else None
            said = json.dumps(touched)
            lines.append((unit, rule, records, points(gained), points(after.score), after.grade, money, said))
    return pl.DataFrame(lines, orient="row", schema=_SCHEMA) if lines else empty("remedies")
