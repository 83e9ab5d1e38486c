"""The one place that knows the order of the stages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandera
import polars as pl
import pydantic

from assess import __version__, assemble, findings, indicators
from assess.engine.evidence import evidence, figures
from assess.engine.local import Local
from assess.engine.plan import dry_run, plans, register
from assess.errors import Problem
from assess.intake import Intake, take_in
from assess.intake.store import Store
from assess.results import Directory, Staging
from assess.ruleset.load import Loaded
from assess.ruleset.spec import SEVERITIES, Ruleset

_FAULTS = ("fail", "error", "not_submitted")


@dataclass(frozen=True)
class Assessment:
    """What a run left: the tables by name, and the provenance."""

    tables: dict[str, pl.DataFrame]
    ruleset: dict[str, Any]
    manifest: dict[str, Any]

    def broken(self, file: str) -> list[Problem]:
        """The rules and measures that did not run, as problems of the ruleset `file`."""
        found = self.tables["findings"].filter(pl.col("reason") == "broken_rule").select("source", "numbers").rows()
        said = {source: json.loads(numbers).get("message", "") for source, numbers in found}
        return [
            Problem(file, 0, 0, "RS020", f"{source!r} did not run: {message}")
            for source, message in said.items()
            if message
        ]

    def worst(self) -> str | None:
        """The gravest severity among findings that are faults, or none. Signals to be verified are not faults."""
        found = self.tables["findings"].filter(pl.col("status").is_in(_FAULTS))["severity"].unique().to_list()
        return next((severity for severity in SEVERITIES if severity in found), None)


def assess(loaded: Loaded, data: Path, store: Path | None = None, command: str = "") -> Assessment:
    """Assess the submissions in `data`; without a `store` the typed files are thrown away afterwards.

    Raises UsageError when there is nothing to read, and NotAssessedError when there are no units.
    """
    started = dt.datetime.now(dt.UTC)
    ruleset = loaded.ruleset
    if store is not None:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
        return _assess(loaded, taken, command, started)
    with tempfile.TemporaryDirectory(prefix="assess-") as folder:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(Path(folder)))
        return _assess(loaded, taken, command, started)


def _assess(loaded: Loaded, intake: Intake, command: str, started: dt.datetime) -> Assessment:
    ruleset = loaded.ruleset
    broken = dry_run(ruleset)
    table_plans = {name: plan.without(set(broken)) for name, plan in plans(ruleset).items()}
    outcomes = {name: Local().run(plan, intake.scan) for name, plan in table_plans.items()}
    for outcome in outcomes.values():
        broken |= outcome.broken
    units = register(ruleset if "allocation" not in broken else _without_allocation(ruleset), intake.scan)
    keys = units["unit"].to_list()
    submitted = intake.submitted()
    measured = assemble.measurements(ruleset, table_plans, outcomes, keys, submitted, broken)
    reported_rows = intake.scan(ruleset.reported.table) if ruleset.reported else pl.LazyFrame()
    rated = indicators.evaluate(
        ruleset.indicators,
        assemble.counts(ruleset, outcomes, keys, submitted, broken),
        assemble.reported(ruleset, reported_rows),
        units,
        ruleset.unit.levels,
        ruleset.period.elapsed if ruleset.period else 1.0,
    )
    evident = pl.concat([evidence(plan, outcomes[name], intake.files) for name, plan in table_plans.items()])
    lines = [
        line
        for name, plan in table_plans.items()
        for line in figures(plan, outcomes[name], intake.files, ruleset.reported)
    ]
    scored = assemble.score(ruleset.score, keys, rated, measured) if ruleset.score else {}
    plain = {unit: result for unit, (result, _) in scored.items()}
    paid, refused = assemble.awards(ruleset, units, plain, broken)
    missing = [
        (unit, name)
        for name, table in ruleset.tables.items()
        if table.required
        for unit in keys
        if (unit, name) not in submitted
    ]
    reasons = {
        (row["rule"], row["table"], row["row"]): row["reason"]
        for row in evident.filter(pl.col("reason").is_not_null()).iter_rows(named=True)
        if ruleset.tables[row["table"]].listed
    }
    listed = {name for name, table in ruleset.tables.items() if table.listed}
    receipt = intake.receipt()
    # Figures that are listed line by line are judged there; the indicator made of them would say it twice.
    declared = {indicator.id for indicator in ruleset.indicators}
    stated = set(rated["indicator"]) - declared
    found = findings.frame(
        [
            *findings.of_broken(ruleset, broken),
            *findings.of_intake(receipt, missing, set(keys)),
            *findings.of_indicators(rated, stated),
            *findings.of_figures(ruleset, lines, reasons),
            *findings.of_measurements(ruleset, measured, listed),
            *findings.of_scores(plain, refused),
        ]
    )
    groups = dict(zip(keys, units[ruleset.unit.levels[0]], strict=True)) if ruleset.unit.levels else dict.fromkeys(keys)
    if lines:
        rated = assemble.with_verdicts(rated, lines, found.filter(~pl.col("source").is_in(sorted(declared))))
    tables = {
        "units": _units(units, ruleset),
        "measurements": measured,
        "indicators": rated,
        "findings": found,
        "evidence": evident,
        "receipt": receipt,
        "rejects": intake.rejects(),
    }
    if ruleset.score:
        tables["score_parts"] = _rows(assemble.score_parts(ruleset.score, scored))
        tables["scores"] = _rows(assemble.scores(ruleset.score, plain, groups))
    if paid:
        tables["awards"] = _rows(paid)
    if lines:
        tables["figures"] = _rows([{k: v for k, v in line.items() if k != "numbers"} for line in lines])
    money = None
    if ruleset.allocation is not None:
        money = {
            "pool_minor": ruleset.allocation.pool_minor,
            "awarded_minor": sum(row["amount_minor"] for row in paid),
            "currency": ruleset.allocation.currency,
            "refused": refused,
        }
    manifest = _manifest(loaded, tables, money, command, started)
    return Assessment(tables, ruleset.model_dump(mode="json", by_alias=True), manifest)


def write(assessment: Assessment, out: Path, finish: Callable[[Path], object]) -> None:
    """Leave the assessment directory at `out`, whole or not at all; `finish` adds what is made of the tables."""
    with Staging(out) as staging:
        Directory(staging.path).write(assessment.tables, assessment.ruleset, assessment.manifest)
        finish(staging.path)


def _without_allocation(ruleset: Ruleset) -> Ruleset:
    return ruleset.model_copy(update={"allocation": None})


def _rows(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def _units(units: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    levels = list(ruleset.unit.levels)
    said = [
        json.dumps({level: row[level] for level in levels}, ensure_ascii=False) for row in units.iter_rows(named=True)
    ]
    group = pl.col(levels[0]) if levels else pl.lit(None, dtype=pl.String)
    return units.select("unit", "name", group=group).with_columns(levels=pl.Series(said, dtype=pl.String))


def _manifest(
    loaded: Loaded, tables: dict[str, pl.DataFrame], money: dict[str, Any] | None, command: str,
    started: dt.datetime,
) -> dict[str, Any]:  # fmt: skip
    ruleset, receipt = loaded.ruleset, tables["receipt"]
    counted: dict[str, Counter[str]] = {}
    for status, severity in tables["findings"].select("status", "severity").iter_rows():
        counted.setdefault(status, Counter())[severity] += 1
    inputs = [
        {"file": row["file"], "sha256": row["digest"], "rows_in": row["rows_in"], "status": row["status"]}
        for row in receipt.iter_rows(named=True)
    ]
    period = ruleset.period
    totals = receipt.select("rows_in", "rows_kept", "rows_rejected", "cells_rejected").sum().row(0, named=True)
    return {
        "product": {"name": "assess", "version": __version__},
        "versions": {
            "python": platform.python_version(),
            "polars": pl.__version__,
            "pandera": pandera.__version__,
            "pydantic": pydantic.__version__,
        },
        "ruleset": {
            "id": ruleset.ruleset,
            "version": ruleset.version,
            "title": ruleset.title.model_dump(),
            "file": loaded.path.name,
            "sha256": loaded.digest,
        },
        "period": {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "as_of": period.until.isoformat(),
            "elapsed": period.elapsed,
        }
        if period
        else None,
        "parameters": json.loads(ruleset.model_dump_json())["parameters"],
        "inputs": inputs,
        "inputs_sha256": hashlib.sha256(json.dumps(inputs, ensure_ascii=False).encode()).hexdigest(),
        "unmasked": False,
        "counts": {
            "units": tables["units"].height,
            "files": receipt.height,
            **totals,
            "rules": len(ruleset.checks),
            "indicators": tables["indicators"]["indicator"].n_unique(),
            "findings": {status: dict(sorted(by.items())) for status, by in sorted(counted.items())},
        },
        "allocation": money,
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
