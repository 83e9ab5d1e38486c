"""Scores of all units: what each part sees of a unit, and the tables that come of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import polars as pl

from assess.ruleset.spec import Ruleset
from assess.scores import Input, Mark, Score, Scored, Scorer, Subject, exact, marks_input, ranks, ten_thousandths

Inputs = dict[Subject, Input]
# A figure that cannot be true, or of which everybody was excepted, leaves no rate; it earns nothing and weighs in full.
_WITHOUT_RATE = {"error": "error", "not_submitted": "not_submitted", "fail": "not_submitted"}


class Scoring:
    """The score of every unit, with what each part saw of it."""

    def __init__(
        self, ruleset: Ruleset, spec: Score, units: Sequence[str], rated: pl.DataFrame, measured: pl.DataFrame,
        marks: pl.DataFrame,
    ):  # fmt: skip
        self.ruleset, self.spec, self.scorer = ruleset, spec, Scorer(spec)
        asked: dict[str, list[str]] = {"indicator": [], "rule": [], "item": []}
        for kind, name in self.scorer.subjects:
            asked[kind].append(name)
        self.inputs: dict[str, Inputs] = {unit: {} for unit in units}
        self._indicators(rated.filter(pl.col("indicator").is_in(asked["indicator"])))
        self._rules(measured.filter(pl.col("rule").is_in(asked["rule"])))
        self._items(marks, asked["item"])
        self.scored: dict[str, Scored] = {unit: self.scorer.score(seen) for unit, seen in self.inputs.items()}

    def _indicators(self, rated: pl.DataFrame) -> None:
        declared = {i.id: i.target.on(self.ruleset.period) for i in self.ruleset.indicators if i.target is not None}
        columns = ("unit", "indicator", "status", "reason", "scored", "numerator_verified", "denominator_verified",
                   "ceiling", "target_now")  # fmt: skip
        for unit, name, *row in rated.filter(pl.col("level") == "unit").select(columns).iter_rows():
            stated = row[-1]
            target = declared.get(name) or (exact(stated) if stated is not None else None)
            self.inputs[unit]["indicator", name] = of_rate(*row[:-1], target=target)

    def _rules(self, measured: pl.DataFrame) -> None:
        columns = ("unit", "rule", "status", "applicable", "violated")
        for unit, name, status, applicable, violated in measured.select(columns).iter_rows():
            self.inputs[unit]["rule", name] = of_records(status, applicable, violated)

    def ranks(self, units: Sequence[str]) -> dict[str, int]:
        """The places of `units` among each other; a unit without a score has none."""
        return ranks([self.scored[unit].standing(unit) for unit in units], self.spec.ranking)

    def _items(self, marks: pl.DataFrame, items: Sequence[str]) -> None:
        given: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for unit, item, *mark in marks.select("unit", "item", "points", "marker", "marked_on", "note").iter_rows():
            given[unit, item].append(Mark(*mark))
        full = self.spec.items
        for unit, inputs in self.inputs.items():
            for item in items:
                inputs["item", item] = marks_input(full.get(item), given.get((unit, item), ()))


def of_rate(
    status: str, reason: str | None, scored: float | None, numerator: float | None, denominator: float | None,
    ceiling: float | None, *, target: Fraction | None,
) -> Input:  # fmt: skip
    """What a part sees of an indicator: the exact verified rate, capped by its kind, or why there is none."""
    if scored is None:
        return Input(_WITHOUT_RATE.get(status, "not_applicable"), None, target, reason or "")
    counted, of = _whole(numerator), _whole(denominator)
    rate = exact(scored) if counted is None else counted if not of else Fraction(counted) / of
    if ceiling is not None:
        rate = min(Fraction(rate), exact(ceiling))
    return Input(status, Fraction(rate), target, amount=counted, of=of)


def of_records(status: str, applicable: int, violated: int) -> Input:
    """What a part sees of a rule: the share of sound records."""
    if status in ("error", "not_submitted", "not_applicable"):
        return Input(status, amount=violated, of=applicable)
    return Input(status, Fraction(applicable - violated, applicable), amount=violated, of=applicable)


def _whole(amount: float | None) -> Fraction | int | None:
    if amount is None:
        return None
    return int(amount) if amount.is_integer() else Fraction(amount)


def points(amount: int | None) -> Decimal | None:
    """Ten-thousandths as points."""
    return None if amount is None else Decimal(amount).scaleb(-4)


def part_lines(scored: Mapping[str, Scored]) -> pl.DataFrame:
    """One line for each unit and line of its score, in the order of the ruleset."""
    lines = [
        (
            unit, position, part.part, part.group, part.subject, part.method, part.status,
            _float(part.rate), _float(part.target), _float(part.amount),
            points(part.points), points(part.possible), points(part.given), points(part.possible - part.given),
            part.why, part.formula, part.note,
        )
        for unit, result in scored.items()
        for position, part in enumerate(result.parts)
    ]  # fmt: skip
    amount = pl.Decimal(18, 4)
    return pl.DataFrame(
        lines,
        orient="row",
        schema={
            "unit": pl.String, "position": pl.Int64, "part": pl.String, "group": pl.String, "subject": pl.String,
            "method": pl.String, "status": pl.String, "rate": pl.Float64, "target": pl.Float64, "amount": pl.Float64,
            "points": amount, "possible": amount, "given": amount, "lost": amount, "why": pl.String,
            "formula": pl.String, "note": pl.String,
        },
    )  # fmt: skip


def _float(number: Fraction | float | None) -> float | None:
    return None if number is None else float(number)


def score_lines(scoring: Scoring, groups: Mapping[str, str | None]) -> pl.DataFrame:
    """One line for each unit: score, grade, rank among all and within its group, by the ranking of the ruleset."""
    among_all = scoring.ranks(list(scoring.scored))
    among_peers: dict[str, int] = {}
    for group in {name for name in groups.values() if name is not None}:
        among_peers |= scoring.ranks([unit for unit in scoring.scored if groups[unit] == group])
    full = points(ten_thousandths(scoring.spec.max))
    amount = pl.Decimal(18, 4)
    return pl.DataFrame(
        [
            (
                unit, points(result.score), full, points(ten_thousandths(result.quality)) if result.quality is not None
                else None, result.grade, among_all.get(unit), among_peers.get(unit), result.why,
                json.dumps(result.vetoes),
            )
            for unit, result in scoring.scored.items()
        ],
        orient="row",
        schema={
            "unit": pl.String, "score": amount, "max": amount, "quality": amount, "grade": pl.String, "rank": pl.Int64,
            "group_rank": pl.Int64, "why": pl.String, "vetoes": pl.String,
        },
    )  # fmt: skip
