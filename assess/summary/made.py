"""The summary of an assessment, from its tables and its provenance alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from assess.results import SEVERITIES
from assess.summary.model import FigureSaid, RuleSaid, Summary, UnitSaid

SUMMARY = "summary.json"
# What is wrong; a signal to be verified, and what only tells, is no fault.
FAULTS = ("fail", "error", "not_submitted")
_ABOVE = ("above_ceiling", "part_exceeds_whole")
_SCALES = {"percent": 100.0, "per_mille": 1000.0, "ratio": 1.0}
_COUNTS = ("units", "files", "rows_in", "rows_kept", "rows_rejected", "cells_rejected", "rules", "indicators")
_SCORED = ("score", "why", "grade", "rank", "group_rank", "vetoes")

Tables = Mapping[str, pl.DataFrame]


def worst(findings: pl.DataFrame) -> str | None:
    """The gravest severity among findings that are faults, or none."""
    found = findings.filter(pl.col("status").is_in(FAULTS))["severity"].unique().to_list()
    return next((severity for severity in SEVERITIES if severity in found), None)


def summarise(tables: Tables, ruleset: Mapping[str, Any], manifest: Mapping[str, Any]) -> Summary:
    """The summary of `tables`; `ruleset` is the effective ruleset as data, `manifest` the provenance."""
    said, period, money = manifest["ruleset"], manifest["period"], manifest["allocation"]
    counts = manifest["counts"]
    return Summary.model_validate(
        {
            "version": 1,
            "ruleset": {name: said[name] for name in ("id", "version", "title", "sha256")},
            "period": {name: period[name] for name in ("start", "end", "as_of")} if period else None,
            "inputs_sha256": manifest["inputs_sha256"],
            "counts": {name: counts[name] for name in _COUNTS},
            "worst": worst(tables["findings"]),
            "findings": counts["findings"],
            "units": tuple(_units(tables)),
            "rules": tuple(_rules(tables, ruleset)),
            "implausible": tuple(_implausible(tables)),
            "allocation": _allocation(money) if money else None,
        }
    )


def as_json(summary: Summary) -> str:
    """The text of `summary.json`."""
    return summary.model_dump_json(indent=1) + "\n"


def _units(tables: Tables) -> Iterator[UnitSaid]:
    faults: dict[str, dict[str, int]] = {}
    found = tables["findings"].filter(pl.col("status").is_in(FAULTS) & pl.col("unit").is_not_null())
    for unit, severity, number in found.group_by("unit", "severity").len().iter_rows():
        faults.setdefault(unit, {})[severity] = number
    scores = {row["unit"]: row for row in tables["scores"].iter_rows(named=True)}
    awards = {row["unit"]: row for row in tables["awards"].iter_rows(named=True)}
    for row in tables["units"].iter_rows(named=True):
        unit = row["unit"]
        score, award, own = scores.get(unit, {}), awards.get(unit), faults.get(unit, {})
        yield UnitSaid.model_validate(
            {
                **{name: row[name] for name in ("unit", "name", "group")},
                **{name: score.get(name) for name in _SCORED},
                "score": float(score["score"]) if score.get("score") is not None else None,
                "vetoes": json.loads(score.get("vetoes", "[]")),
                "award_minor": award["amount_minor"] if award else None,
                "settlement_minor": int(award["settlement"] * 100) if award else None,
                "faults": {severity: own[severity] for severity in SEVERITIES if severity in own},
            }
        )


def _rules(tables: Tables, ruleset: Mapping[str, Any]) -> Iterator[RuleSaid]:
    violating = pl.col("violated") > 0
    measured = tables["measurements"].group_by("rule").agg(
        pl.col("applicable", "violated").sum(), violating.sum().alias("units"),
        ran=(pl.col("status") != "error").all(),
    )  # fmt: skip
    seen = {row["rule"]: row for row in measured.iter_rows(named=True)}
    for severity in SEVERITIES:
        for rule in ruleset["checks"]:
            row = seen.get(rule["id"])
            if row is not None and rule["severity"] == severity and (row["violated"] or not row["ran"]):
                named = {name: rule[name] for name in ("table", "title", "severity", "effect")}
                yield RuleSaid.model_validate({**row, **named})


def _implausible(tables: Tables) -> Iterator[FigureSaid]:
    """Findings that a figure is above its ceiling; one that was listed is told with its line, as a ratio too."""
    found = tables["findings"].filter(pl.col("reason").is_in(_ABOVE)).sort("unit", "source", "finding")
    listed = tables["figures"].filter(pl.col("scale").is_not_null() & pl.col("unit").is_in(found["unit"].implode()))
    scales = {(unit, file, str(line)): scale for unit, file, line, scale in
              listed.select("unit", "file", "line", "scale").iter_rows()}  # fmt: skip
    for row in found.iter_rows(named=True):
        numbers = json.loads(row["numbers"])
        file, line = numbers.get("file"), numbers.get("line")
        rates = [_number(numbers.get(name)) for name in ("rate", "raw", "reported")]
        ratio = max((rate for rate in rates if rate is not None), default=None)
        if "rate" in numbers and ratio is not None:
            ratio /= _SCALES.get(scales.get((row["unit"], file, line)) or "percent", 1.0)
        yield FigureSaid(
            unit=row["unit"], figure=row["subject"] or row["source"], source=row["source"], ratio=ratio,
            numerator=_number(numbers.get("numerator")), denominator=_number(numbers.get("denominator")),
            file=file, line=int(line) if line is not None else None,
        )  # fmt: skip


def _number(text: str | float | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _allocation(money: Mapping[str, Any]) -> dict[str, Any]:
    minor = ("pool_minor", "awarded_minor", "kept_minor")
    return {
        **{name: money[name] for name in ("currency", "refused", *minor)},
        "pools": tuple({name: pool[name] for name in ("id", *minor)} for pool in money["pools"]),
    }


def paid(money: Mapping[str, Any] | None) -> list[str]:
    """What became of the fund, in a line; nothing where there is none."""
    if money is None:
        return []
    if money["refused"]:
        return [f"allocation refused: {money['refused']}"]
    awarded, pool = money["awarded_minor"] / 100, money["pool_minor"] / 100
    return [f"allocated {awarded:,.2f} of {pool:,.2f} {money['currency']}"]
