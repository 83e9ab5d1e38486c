"""The order in which conclusions are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from assess import findings
from assess.conclude.awarded import AWARDS, Awarding, RefusedError
from assess.conclude.remedies import remedies
from assess.conclude.scored import Scoring, part_lines, score_lines
from assess.conclude.verdicts import with_verdicts
from assess.indicators import evaluate
from assess.results import Directory, empty
from assess.ruleset.spec import Ruleset


@dataclass(frozen=True)
class Measured:
    """All that a ruleset concludes from: the tables of what was counted, by name, and what did not run.

    `findings` are those of files, records and lines. `previous` are the rates of an earlier assessment.
    """

    tables: dict[str, pl.DataFrame]
    broken: Mapping[str, str]
    findings: pl.DataFrame
    previous: pl.DataFrame | None = None


@dataclass(frozen=True)
class Concluded:
    """The tables that follow; what the provenance says of the money; and the scores and awards they were made of."""

    tables: dict[str, pl.DataFrame]
    money: dict[str, Any] | None
    scoring: Scoring | None
    awarding: Awarding | None


def previous_rates(before: Directory | None) -> pl.DataFrame | None:
    """The verified rates of an earlier assessment, of units and of what they make up."""
    if before is None:
        return None
    return before.read("indicators").select("level", "unit", "indicator", previous="verified")


def conclude(ruleset: Ruleset, measured: Measured) -> Concluded:
    """Judge the counts: rates, scores, awards, and the findings that follow from them."""
    made = measured.tables
    units = made["units"]
    compared = evaluate(
        ruleset.indicators, made["counts"], made["reported"], _grouped(units, ruleset), ruleset.unit.levels,
        ruleset.period, measured.previous, ruleset.confidence,
    )  # fmt: skip
    rated = compared.indicators
    scoring, awarding, refused = None, None, None
    if ruleset.score is not None:
        scoring = Scoring(ruleset, ruleset.score, units["unit"].to_list(), rated, made["measurements"], made["marks"])
    if ruleset.allocation is not None:
        try:
            awarding = Awarding(ruleset, ruleset.allocation, made["register"], rated, scoring)
        except RefusedError as error:
            refused = error.reason
    found = _found(ruleset, measured, rated, scoring, refused)
    if not made["figures"].is_empty():
        declared = [indicator.id for indicator in ruleset.indicators]
        rated = with_verdicts(rated, made["figures"], found.filter(~pl.col("source").is_in(declared)))
    groups = dict(units.select("unit", "group").iter_rows())
    tables = {
        "indicators": rated,
        "distributions": compared.distributions,
        "score_parts": part_lines(scoring) if scoring is not None else empty("score_parts"),
        "scores": score_lines(scoring, groups) if scoring is not None else empty("scores"),
        **(awarding.tables() if awarding is not None else {name: empty(name) for name in AWARDS}),
        "remedies": remedies(made, scoring, awarding) if scoring is not None else empty("remedies"),
        "findings": found,
    }
    money = None
    if ruleset.allocation is not None:
        money = {
            "pool_minor": ruleset.allocation.pool_minor,
            "currency": ruleset.allocation.currency,
            "refused": refused,
            **(awarding.totals() if awarding is not None else {"awarded_minor": 0, "kept_minor": 0, "pools": []}),
        }
    return Concluded(tables, money, scoring, awarding)


def _found(
    ruleset: Ruleset, measured: Measured, rated: pl.DataFrame, scoring: Scoring | None, refused: str | None
) -> pl.DataFrame:
    """All findings: those of the submissions, of the indicators and of the scores."""
    unscored = scoring.without() if scoring is not None else {}
    # Figures that are listed line by line are judged there; the indicator made of them would say it twice.
    stated = set(rated["indicator"]) - {indicator.id for indicator in ruleset.indicators}
    return findings.ordered(
        [
            measured.findings,
            findings.of_indicators(rated, stated),
            findings.table(findings.of_scores(unscored, refused)),
        ]
    )


def _grouped(units: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """The units with one column for each level."""
    said = [json.loads(levels) for levels in units["levels"]]
    return units.select("unit", "peers").with_columns(
        pl.Series(level, [each.get(level) for each in said], dtype=pl.String) for level in ruleset.unit.levels
    )
