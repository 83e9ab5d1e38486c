"""Scores of all units: what each part sees of them, and the tables that come of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

import numpy as np
import polars as pl

from assess.conclude.seen import RATE, as_written, rates, records
from assess.ratio import Places, Ratio
from assess.ruleset.spec import Ruleset
from assess.scores import (
    Inputs,
    Mark,
    Score,
    Scored,
    Scorer,
    Standing,
    Subject,
    lines_of,
    marks_input,
    ranks,
)
from assess.written import place_of


class Scoring:
    """The score of every unit, with what each part saw of it."""

    def __init__(
        self, ruleset: Ruleset, spec: Score, units: Sequence[str], rated: pl.DataFrame, measured: pl.DataFrame,
        marks: pl.DataFrame,
    ):  # fmt: skip
        self.ruleset, self.spec, self.scorer = ruleset, spec, Scorer(spec)
        self.units = pl.DataFrame({"unit": pl.Series(units, dtype=pl.String)}).with_row_index("row")
        asked: dict[str, list[str]] = {"indicator": [], "rule": [], "item": []}
        for kind, name in self.scorer.subjects:
            asked[kind].append(name)
        self.inputs: dict[Subject, Inputs] = {}
        declared = {i.id: i.target.on(ruleset.period) for i in ruleset.indicators if i.target is not None}
        rated = rated.filter(pl.col("level") == "unit").select("unit", *RATE, "target_now")
        self._rated = self._placed(rated, "indicator", asked["indicator"])
        stated = self._rated["target_now"].to_numpy()
        for name, at, seen in rates(self._rated):
            target = declared.get(name)
            targets = Ratio.each(target, len(seen)) if target else as_written(stated[at])
            self._take("indicator", name, replace(seen, target=targets))
        for name, _, seen in records(self._placed(measured, "rule", asked["rule"])):
            self._take("rule", name, seen)
        self._items(marks, asked["item"])
        self.scores = self.scorer.scores(self.inputs)

    def _placed(self, rows: pl.DataFrame, by: str, names: Sequence[str]) -> pl.DataFrame:
        """The rows of these indicators or rules, those of one together, in the order of the units."""
        units = self.units["unit"]
        order = place_of(by, names) * len(units) + place_of("unit", units)
        return rows.with_columns(order=order).drop_nulls("order").sort("order")

    def _take(self, kind: Literal["indicator", "rule"], name: str, seen: Inputs) -> None:
        if len(seen) != self.units.height:
            raise ValueError(f"there is no input for {kind} {name!r} of {self.units.height - len(seen)} units")
        self.inputs[kind, name] = seen

    def _items(self, marks: pl.DataFrame, items: Sequence[str]) -> None:
        given: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        for unit, item, *mark in marks.select("unit", "item", "points", "marker", "marked_on", "note").iter_rows():
            given[unit, item].append(Mark(*mark))
        full = self.spec.items
        for item in items:
            each = [marks_input(full.get(item), given.get((unit, item), ())) for unit in self.units["unit"]]
            self.inputs["item", item] = Inputs.of_each(each)

    def rated(self, indicators: pl.Series, rows: Places) -> pl.DataFrame:
        """What the rates of these indicators were made of, each of the unit in its row, as columns RATE."""
        names = self._rated["indicator"].rle().struct.field("value")
        place = indicators.to_frame().select(place_of("indicator", names)).to_series().to_numpy()
        return self._rated[place * self.units.height + rows].select(RATE)

    def without(self) -> dict[str, str]:
        """The units that have no score, with the reason why."""
        none = ~self.scores.totals.scored
        return dict(zip(self.units["unit"].filter(none), self.scores.totals.why[none], strict=True))

    def standing(self) -> dict[str, tuple[int | None, str | None]]:
        """The score of each unit in ten-thousandths, or none, and the id of its grade."""
        totals, grades = self.scores.totals, [*(grade.id for grade in self.spec.grades), None]
        known = zip(totals.score.tolist(), totals.scored.tolist(), strict=True)
        score = [score if scored else None for score, scored in known]
        grade = [grades[place] for place in totals.grade.tolist()]
        return dict(zip(self.units["unit"], zip(score, grade, strict=True), strict=True))

    def of(self, unit: str) -> Scored:
        """The score of one unit."""
        return Scored(self.scores, self.units["unit"].to_list().index(unit))


def points(amount: int | None) -> Decimal | None:
    """Ten-thousandths as points."""
    return None if amount is None else Decimal(amount).scaleb(-4)


def in_points(amounts: pl.Expr) -> pl.Expr:
    """Ten-thousandths as points."""
    return (amounts.cast(pl.Decimal(38, 0)) * pl.lit(Decimal("0.0001"))).cast(pl.Decimal(18, 4))


def part_lines(scoring: Scoring) -> pl.DataFrame:
    """One line for each unit and line of its score, in the order of the ruleset."""
    lines = lines_of(scoring.scores)
    return lines.select(
        scoring.units["unit"].gather(lines["row"]),
        pl.int_range(pl.len()).over("row").alias("position"),
        "part", "group", "subject", "method", "status", "rate", "target", "amount",
        in_points(pl.col("points")), in_points(pl.col("possible")), in_points(pl.col("given")),
        in_points(pl.col("possible") - pl.col("given")).alias("lost"),
        "why", "formula", "note",
    )  # fmt: skip


def score_lines(scoring: Scoring, groups: Mapping[str, str | None]) -> pl.DataFrame:
    """One line for each unit: score, grade, rank among all and within its group, by the ranking of the ruleset."""
    units, totals = scoring.units["unit"].to_list(), scoring.scores.totals
    stand = scoring.scores.standings(units)
    among_all, among_peers = ranks(stand, scoring.spec.ranking), dict[str, int]()
    within: dict[str, list[Standing]] = defaultdict(list)
    for standing in stand:
        if (group := groups[standing.unit]) is not None:
            within[group].append(standing)
    for together in within.values():
        among_peers |= ranks(together, scoring.spec.ranking)
    grades, vetoes = scoring.spec.grades, np.array([veto.id for veto in scoring.spec.veto], dtype=object)
    scored = pl.Series(totals.scored)
    made = pl.DataFrame(
        {
            "unit": scoring.units["unit"],
            "score": totals.score,
            "max": pl.repeat(scoring.scores.tree.full, len(units), eager=True),
            "quality": scoring.scores.quality,
            "grade": [grades[place].id if place >= 0 else None for place in totals.grade.tolist()],
            "rank": [among_all.get(unit) for unit in units],
            "group_rank": [among_peers.get(unit) for unit in units],
            "why": pl.Series(totals.why, dtype=pl.String),
            "vetoes": [json.dumps(vetoes[holding].tolist()) for holding in totals.holding.T],
        },
        schema_overrides={"grade": pl.String, "rank": pl.Int64, "group_rank": pl.Int64, "vetoes": pl.String},
    )
    return made.with_columns(
        pl.when(scored).then(in_points(pl.col("score"))),
        in_points(pl.col("max")),
        pl.when(scored).then(in_points(pl.col("quality"))),
    )
