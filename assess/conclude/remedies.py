"""What units would regain: points and money if the records that violate a rule were put right, all else equal."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from assess.conclude.awarded import Awarding
from assess.conclude.scored import Scoring, in_points
from assess.conclude.seen import rates, records
from assess.engine.mending import Held
from assess.ratio import Places
from assess.results import empty
from assess.scores import Inputs, Scored, Subject
from assess.written import place_of

# Stands for all rules together.
ALL = "*"
Changed = dict[Subject, tuple[Places, Inputs]]


class Mending:
    """What units would be given if rules were mended.

    A case is a unit with some of its rules: a table of cases has a line for each `rule`, with the `case`, the `row` of
    the `unit` among all, and how many records are `applicable` and `violated`.
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], scoring: Scoring):
        self.scoring = scoring
        self.asked = [name for kind, name in scoring.scorer.subjects if kind == "rule"]
        units, rules = scoring.units["unit"], [rule.id for rule in scoring.ruleset.checks]
        self.held = Held(tables["mendable"], units, rules)
        violated = tables["measurements"].filter(pl.col("violated") > 0)
        violated = violated.with_columns(row=place_of("unit", units)).drop_nulls("row")
        self.violated = violated.sort("row", maintain_order=True)

    def rules(self) -> pl.DataFrame:
        """The rules that keep something from units, in the order in which they are counted: a case for each."""
        keeps = self.held.asked().is_in(self.held.each["asked"].unique().implode())
        return self.violated.filter(keeps | pl.col("rule").is_in(self.asked)).with_row_index("case")

    def of_unit(self, unit: str, rules: Collection[str] | None = None) -> pl.DataFrame:
        """One case of one unit, with these of the rules that it violates, or all that keep something from it."""
        lines = self.rules() if rules is None else self.violated.filter(pl.col("rule").is_in(list(rules)))
        return lines.filter(pl.col("unit") == unit).with_columns(case=pl.lit(0, pl.UInt32))

    def changed(self, cases: pl.DataFrame) -> Changed:
        """What parts of the score would see, where that is asked again: for each subject the cases and their inputs."""
        found: Changed = {}
        case = cases["case"].cast(pl.Int64).to_numpy()
        rows = np.zeros(case.max(initial=-1) + 1, dtype=np.int64)
        rows[case] = cases["row"]
        asked = [name for kind, name in self.scoring.inputs if kind == "indicator"]
        back = self.held.regained(cases).filter(pl.col("indicator").is_in(asked))
        left = pl.col("denominator_verified") - pl.col("excluded")
        anew = (
            back.drop("indicator")
            .hstack(self.scoring.rated(back["indicator"], rows[back["case"]]))
            .filter(pl.col("scored").is_not_null())
            .with_columns(
                numerator_verified=pl.col("numerator_verified") + pl.col("numerator"), denominator_verified=left
            )
        )
        case, base = anew["case"].to_numpy(), anew["denominator_verified"].to_numpy()
        for name, at, seen in rates(anew):
            now = self.scoring.inputs["indicator", name].take(rows[case[at]])
            # Everybody would be excepted: then nothing would be earned either.
            nobody = np.flatnonzero(base[at] <= 0)
            found["indicator", name] = case[at], replace(seen, target=now.target).put(nobody, now.take(nobody))
        sound = cases.filter(pl.col("rule").is_in(self.asked) & ~pl.col("status").is_in(["error", "not_submitted"]))
        sound = sound.sort("rule", "case").with_columns(status=pl.lit("pass"), violated=pl.lit(0, pl.Int64))
        for name, at, seen in records(sound):
            found["rule", name] = sound["case"].to_numpy()[at], seen
        return found

    def scored(self, cases: pl.DataFrame) -> Scored:
        """The score of the unit of one case."""
        row = cases["row"].to_numpy()[:1]
        inputs = {subject: seen.take(row) for subject, seen in self.scoring.inputs.items()}
        return Scored(self.scoring.scorer.scores(inputs | {s: anew for s, (_, anew) in self.changed(cases).items()}), 0)


def remedies(tables: Mapping[str, pl.DataFrame], scoring: Scoring, awarding: Awarding | None) -> pl.DataFrame:
    """One line for each unit and rule that keeps something from it, and one (`*`) for all of them together."""
    mending = Mending(tables, scoring)
    alone = mending.rules()
    if alone.is_empty():
        return empty("remedies")
    several = alone.filter(pl.len().over("row") > 1)
    together = several.with_columns(case=alone.height + pl.col("row").rle_id())
    cases = pl.concat([alone, together])
    changed = mending.changed(cases)
    lines = cases.group_by("case", maintain_order=True).agg(
        pl.col("row", "unit").first(), pl.col("rule").first(), pl.col("violated").sum().alias("records")
    )
    rows = lines["row"].to_numpy()
    now, after = scoring.scores.totals, scoring.scorer.instead(scoring.scores, rows, changed)
    return (
        lines.with_columns(
            rule=pl.when(pl.col("case") < alone.height).then("rule").otherwise(pl.lit(ALL)),
            points=pl.Series(after.score - now.score[rows]),
            score=pl.Series(after.score),
            scored=pl.Series(after.scored),
            grade=pl.Series([None, *(grade.id for grade in scoring.spec.grades)], dtype=pl.String)
            .gather(pl.Series(after.grade + 1)),
            amount_minor=pl.Series(
                awarding.gains(scoring, rows, after) if awarding is not None else [None] * len(rows), dtype=pl.Int64
            ),
            indicators=_touched(changed, len(rows)),
        )
        .sort("row", "case")
        .select(
            "unit", "rule", "records", in_points(pl.col("points")),
            pl.when("scored").then(in_points(pl.col("score"))), "grade", "amount_minor", "indicators",
        )
    )  # fmt: skip


def _touched(changed: Changed, cases: int) -> pl.Series:
    """The indicators that look otherwise in each case, as a JSON list."""
    names = sorted(name for kind, name in changed if kind == "indicator")
    # Many cases touch the same few: a set of names is one number, with a bit for each of them.
    touched = np.zeros(cases, dtype=np.int64 if len(names) < 63 else object)
    for bit, name in enumerate(names):
        touched[changed["indicator", name][0]] |= 1 << bit
    sets = touched.tolist()
    said = {some: json.dumps([name for bit, name in enumerate(names) if some >> bit & 1]) for some in set(sets)}
    return pl.Series([said[some] for some in sets], dtype=pl.String)
