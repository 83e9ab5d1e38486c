"""The one place that knows the order of the stages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandera
import polars as pl
import pydantic

from assess import __version__, assemble, findings, indicators
from assess.engine.backend import Outcome
from assess.engine.evidence import evidence, figures
from assess.engine.local import Local
from assess.engine.plan import TablePlan, dry_run, plans, register, scans
from assess.engine.profiles import SUMS, counted_otherwise, earlier, judge
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


def assess(
    loaded: Loaded, data: Path, store: Path | None = None, command: str = "", previous: Path | None = None
) -> Assessment:
    """Assess the submissions in `data`; without a `store` the typed files are thrown away afterwards.

    `previous` is an earlier assessment directory, for rules that compare with it. Raises UsageError when there is
    nothing to read, and NotAssessedError when there are no units.
    """
    started = dt.datetime.now(dt.UTC)
    ruleset = loaded.ruleset
    before = Directory.open(previous) if previous is not None else None
    if store is not None:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
        return _assess(loaded, taken, command, started, before)
    with tempfile.TemporaryDirectory(prefix="assess-") as folder:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(Path(folder)))
        return _assess(loaded, taken, command, started, before)


def _assess(loaded: Loaded, intake: Intake, command: str, started: dt.datetime, before: Directory | None) -> Assessment:
    ruleset = loaded.ruleset
    broken = dry_run(ruleset) | _not_comparable(plans(ruleset), before)
    table_plans = sound = {name: plan.without(set(broken)) for name, plan in plans(ruleset).items()}
    outcomes: dict[str, Outcome] = {}
    for name, plan in table_plans.items():
        # Views come after the tables they rest on; a rule that broke on the data says of no record that it is sound.
        outcomes[name] = Local().run(plan, scans(ruleset, sound, intake.scan))
        sound = sound | {name: plan.without(set(outcomes[name].broken))}
    known = earlier(before.read("profiles")) if before is not None else {}
    submitted = assemble.with_views(ruleset, intake.submitted())
    judged = {
        name: judge(plan, outcomes[name], [unit for unit, table in submitted if table == name], known)
        for name, plan in table_plans.items()
    }
    outcomes = {name: verdict.outcome for name, verdict in judged.items()}
    for outcome in outcomes.values():
        broken |= outcome.broken
    units = register(ruleset if "allocation" not in broken else _without_allocation(ruleset), intake.scan)
    keys = units["unit"].to_list()
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
    paid, refused = assemble.awards(ruleset, units, scored, broken)
    missing = [
        (unit, name)
        for name, table in ruleset.tables.items()
        if table.required
        for unit in keys
        if (unit, name) not in submitted
    ]
    listed = {name for name, table in ruleset.tables.items() if table.listed}
    reasons = {
        (row["rule"], row["table"], row["row"]): row["reason"]
        for row in evident.filter(pl.col("reason").is_not_null()).iter_rows(named=True)
        if row["table"] in listed
    }
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
            *[row for verdict in judged.values() for row in findings.of_profiles(ruleset, verdict.said)],
            *findings.of_scores(scored, refused),
        ]
    )
    groups = dict(zip(keys, units[ruleset.unit.levels[0]], strict=True)) if ruleset.unit.levels else dict.fromkeys(keys)
    if lines:
        rated = assemble.with_verdicts(rated, lines, found.filter(~pl.col("source").is_in(sorted(declared))))
    tables = {
        "units": _units(units, ruleset),
        "measurements": measured,
        "profiles": pl.concat([SUMS, *(verdict.sums for verdict in judged.values())]).sort("unit", "rule", "name"),
        "indicators": rated,
        "findings": found,
        "evidence": evident,
        "receipt": receipt,
        "rejects": intake.rejects(),
    }
    if ruleset.score:
        tables["score_parts"] = _rows(assemble.score_parts(scored))
        tables["scores"] = _rows(assemble.scores(ruleset.score, scored, groups))
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
    manifest["previous"] = _identity(before)
    return Assessment(tables, ruleset.model_dump(mode="json", by_alias=True), manifest)


def write(assessment: Assessment, out: Path, finish: Callable[[Path], object]) -> None:
    """Leave the assessment directory at `out`, whole or not at all; `finish` adds what is made of the tables."""
    with Staging(out) as staging:
        Directory(staging.path).write(assessment.tables, assessment.ruleset, assessment.manifest)
        finish(staging.path)


def _identity(before: Directory | None) -> dict[str, Any] | None:
    """Which assessment this one was compared with: its ruleset, its inputs and the digest of what was compared."""
    if before is None:
        return None
    manifest = before.manifest
    return {
        "ruleset": manifest.get("ruleset"),
        "inputs_sha256": manifest.get("inputs_sha256"),
        "profiles_sha256": manifest.get("tables", {}).get("profiles", {}).get("sha256"),
    }


def _not_comparable(table_plans: Mapping[str, TablePlan], before: Directory | None) -> dict[str, str]:
    if before is None:
        return {}
    rules = {str(rule["id"]): rule for rule in before.ruleset.get("checks", ())}
    changed = [counted_otherwise(plan, rules) for plan in table_plans.values()]
    return {rule: why for each in changed for rule, why in each.items()}


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
            "files": [{"file": source.file, "sha256": source.sha256} for source in loaded.sources],
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
        "set": dict(sorted(loaded.settings.items())),
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
