"""The one place that knows the order of the stages."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from assess import assemble, findings
from assess.assessment import Assessment
from assess.conclude import Measured, conclude, previous_rates
from assess.engine.dry_run import dry_run
from assess.engine.evidence import evidence, figures
from assess.engine.mending import mendable
from assess.engine.passes import Engine, Passed, whole
from assess.engine.plan import TablePlan, plans
from assess.engine.profiles import SUMS, counted_otherwise, earlier, judge
from assess.engine.register import register, stored, units
from assess.intake import Intake, take_in
from assess.intake.address import Address
from assess.intake.store import Store
from assess.progress import stage
from assess.provenance import described, source_of
from assess.results import Directory, empty
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import to_data


def assess(
    loaded: Loaded, data: Path | Address, store: Path | None = None, command: str = "", previous: Path | None = None, *,
    unmask: bool = False, engine: Engine = whole,
) -> Assessment:  # fmt: skip
    """Assess the submissions in `data`, a directory or the address of a database.

    Without a `store` the typed files are thrown away afterwards. `previous` is an earlier assessment directory, for
    rules that compare with it. `unmask` shows personal data of violating records as they were submitted, and says so in
    the provenance. Whatever the `engine`, the tables are the same. Raises UsageError when there is nothing to read, and
    NotAssessedError when there are no units.
    """
    started = dt.datetime.now(dt.UTC)
    ruleset = loaded.ruleset
    before = Directory.open(previous) if previous is not None else None
    if store is not None:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store))
        return _assess(loaded, taken, command, started, before, engine, unmask=unmask)
    with tempfile.TemporaryDirectory(prefix="assess-") as folder:
        taken = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(Path(folder)))
        return _assess(loaded, taken, command, started, before, engine, unmask=unmask)


def _assess(
    loaded: Loaded, intake: Intake, command: str, started: dt.datetime, before: Directory | None, engine: Engine, *,
    unmask: bool,
) -> Assessment:  # fmt: skip
    ruleset = loaded.ruleset
    measured = measure(ruleset, intake, before, engine, unmask=unmask)
    with stage("conclusions"):
        concluded = conclude(ruleset, measured)
    tables = {**measured.tables, **concluded.tables}
    manifest = {
        **described(ruleset, source_of(loaded), tables, concluded.money, loaded.settings),
        "unmasked": unmask,
        **({"source": intake.address.described} if intake.address is not None else {}),
        "command": command,
        "started": started.isoformat(timespec="seconds"),
        "finished": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "previous": _identity(before),
    }
    return Assessment(tables, to_data(ruleset), manifest)


def measure(
    ruleset: Ruleset, intake: Intake, before: Directory | None, engine: Engine, *, unmask: bool = False
) -> Measured:
    """Check every record and count what is to be counted; nothing is judged that the counts do not hold."""
    with stage("dry run"):
        broken = dry_run(ruleset) | _not_comparable(plans(ruleset), before)
    table_plans = {name: plan.without(set(broken)) for name, plan in plans(ruleset).items()}
    with tempfile.TemporaryDirectory(prefix="assess-views-") as folder:
        passed = engine(ruleset, table_plans, intake, Path(folder))
        with stage("regainable"):
            regainable = mendable(ruleset, passed, intake.scan)
    with stage("evidence"):
        return _measured(ruleset, intake, before, table_plans, passed, regainable, broken, unmask=unmask)


def _measured(
    ruleset: Ruleset, intake: Intake, before: Directory | None, table_plans: Mapping[str, TablePlan], passed: Passed,
    regainable: pl.DataFrame, broken: dict[str, str], *, unmask: bool,
) -> Measured:  # fmt: skip
    """The tables of what was counted, from what the plans gave."""
    outcomes = passed.outcomes
    known = earlier(before.read("profiles")) if before is not None else {}
    submitted = assemble.with_views(ruleset, intake.submitted())
    judged = {
        name: judge(plan, outcomes[name], [unit for unit, table in submitted if table == name], known)
        for name, plan in table_plans.items()
    }
    outcomes = {name: verdict.outcome for name, verdict in judged.items()}
    for outcome in outcomes.values():
        broken |= outcome.broken
    registered = register(ruleset, intake.scan)
    keys = registered["unit"].to_list()
    measured = assemble.measurements(ruleset, table_plans, outcomes, keys, submitted, broken)
    reported_rows = intake.scan(ruleset.reported.table) if ruleset.reported else pl.LazyFrame()
    evident = pl.concat(
        [evidence(plan, outcomes[name], intake.files, unmask=unmask) for name, plan in table_plans.items()]
    )
    lines = [
        line
        for name, plan in table_plans.items()
        for line in figures(plan, outcomes[name], intake.files, ruleset.reported, unmask=unmask)
    ]
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
    marks = ruleset.score.marks if ruleset.score else None
    tables = {
        "units": units(registered, ruleset),
        "register": stored(registered),
        "measurements": measured,
        "profiles": pl.concat([SUMS, *(verdict.sums for verdict in judged.values())]).sort("unit", "rule", "name"),
        "counts": assemble.counts(ruleset, outcomes, keys, submitted, broken),
        "reported": assemble.reported(ruleset, reported_rows).sort("unit", "indicator"),
        "marks": assemble.marks(ruleset, marks, intake.scan, intake.files),
        "mendable": regainable,
        "evidence": evident,
        "receipt": receipt,
        "rejects": intake.rejects(),
        "figures": _rows([{k: v for k, v in line.items() if k != "numbers"} for line in lines], "figures"),
    }
    noticed = [
        *findings.of_broken(ruleset, broken),
        *findings.of_intake(receipt, missing, set(keys)),
        *findings.of_figures(ruleset, lines, reasons),
        *[row for verdict in judged.values() for row in findings.of_profiles(ruleset, verdict.said)],
    ]
    found = pl.concat([findings.table(noticed), findings.of_measurements(ruleset, measured, listed)])
    return Measured(tables, broken, found, previous_rates(before))


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


def _rows(rows: list[dict[str, Any]], table: str) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None) if rows else empty(table)
