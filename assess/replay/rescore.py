"""Another ruleset on what was counted already: new weights, targets, grades or money, and not a record is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assess.conclude import Concluded, Measured, conclude
from assess.engine.register import register, restored, units
from assess.errors import Problem, UsageError
from assess.findings import of_broken, of_intake, of_measurements, status_of_violation, table, with_status
from assess.provenance import described, digest_of, source_of
from assess.replay.kept import Kept
from assess.replay.needs import needs, recounted
from assess.results import COUNTED, SHOWN, TABLES, Directory, Staging, StoredTables, declared, digest_file
from assess.ruleset.lint import cells_rule
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import to_data
from assess.summary import SUMMARY, as_json, paid, summarise


@dataclass(frozen=True)
class Rescored:
    """All tables as the ruleset concludes them, with what they were concluded from."""

    ruleset: Ruleset
    tables: StoredTables
    concluded: Concluded


def rescore(kept: Kept, ruleset: Ruleset) -> Rescored:
    """Conclude by `ruleset` from what `kept` counted; call `refusals` first to see whether that can be done."""
    measured = adapted(kept, ruleset)
    concluded = conclude(ruleset, measured)
    return Rescored(ruleset, kept.tables.instead({**measured.tables, **concluded.tables}, TABLES), concluded)


def refusals(kept: Kept, loaded: Loaded) -> list[Problem]:
    """What the ruleset asks for that was not measured, each at its place in the file."""
    said = "run it on the submissions"
    return [
        loaded.located.problem(need.path, "RP001", need.message, said) for need in needs(kept.ruleset, loaded.ruleset)
    ]


def check(kept: Kept, loaded: Loaded) -> None:
    """UsageError with every problem when the ruleset needs something that was not measured."""
    if problems := refusals(kept, loaded):
        raise UsageError(problems)


def checked(kept: Kept, loaded: Loaded) -> Rescored:
    """As `rescore`, after `check`."""
    check(kept, loaded)
    return rescore(kept, loaded.ruleset)


def write(
    kept: Kept,
    loaded: Loaded,
    result: Rescored,
    out: Path,
    command: str,
    finish: Callable[[Path], object] | None = None,
) -> None:
    """Leave the assessment directory at `out`, whole or not at all; `finish` adds what is made of the tables.

    Tables that were counted, and are as they were, are taken as files.
    """
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    manifest = {
        **described(result.ruleset, source_of(loaded), result.tables, result.concluded.money, loaded.settings),
        "unmasked": bool(kept.manifest.get("unmasked")),
        "command": command,
        "started": started,
        "finished": started,
        "previous": kept.manifest.get("previous"),
        "rescored": {
            "ruleset": kept.manifest.get("ruleset"),
            "started": kept.manifest.get("started"),
            "tables_sha256": digest_of([kept.manifest.get("tables", {}).get(name, {}) for name in COUNTED]),
        },
    }
    before = Directory(kept.path)
    carried = {name: before.file(name) for name in COUNTED if _is_as_it_was(kept, result, name)}
    ruleset = to_data(result.ruleset)
    # The summary is made while Polars writes.
    with Staging(out) as staging, ThreadPoolExecutor(1) as beside:
        said = beside.submit(lambda: as_json(summarise(result.tables, ruleset, manifest)))
        Directory(staging.path).write(result.tables, ruleset, manifest, declared, carried)
        (staging.path / SUMMARY).write_text(said.result(), encoding="utf-8")
        if finish is not None:
            finish(staging.path)


def _is_as_it_was(kept: Kept, result: Rescored, name: str) -> bool:
    """Whether the file of a table can be taken over; one that nobody read is to be the file that was written."""
    if kept.tables.unread(name) and result.tables.unread(name):
        file, said = Directory(kept.path).file(name), kept.manifest.get("tables", {}).get(name, {})
        if file.is_file() and digest_file(file) == said.get("sha256"):
            return True
    return result.tables[name].equals(kept.tables[name])


def summary(kept: Kept, result: Rescored) -> list[str]:
    """What is otherwise than before: scores, grades, money."""
    before = kept.tables["scores"].select("unit", was="score", graded="grade")
    both = result.tables["scores"].join(before, on="unit", how="left")
    scores = both.filter(pl.col("score").ne_missing(pl.col("was"))).height
    grades = both.filter(pl.col("grade").ne_missing(pl.col("graded"))).height
    said = f"{both.height:,} units scored again: {scores:,} scores and {grades:,} grades differ"
    return [said, *paid(result.concluded.money)]


def adapted(kept: Kept, ruleset: Ruleset) -> Measured:
    """What `kept` counted, as far as `ruleset` asks for it, judged by its severities and tolerances."""
    tables = {name: kept.tables[name] for name in COUNTED if name not in SHOWN}
    rules, indicators = [rule.id for rule in ruleset.checks], [indicator.id for indicator in ruleset.indicators]
    broken = {name: why for name, why in kept.broken.items() if name in {*rules, *indicators}}
    tables["measurements"] = _measurements(kept, ruleset, set(broken))
    tables["profiles"] = tables["profiles"].filter(pl.col("rule").is_in(rules))
    if not {rule.id for rule in kept.ruleset.checks} <= set(rules):
        tables["evidence"] = kept.tables["evidence"].filter(pl.col("rule").is_in(rules))
    for name in ("counts", "mendable"):
        tables[name] = tables[name].filter(pl.col("indicator").is_in(indicators))
    order = {name: place for place, name in enumerate(indicators)}
    place = pl.col("indicator").replace_strict(order, return_dtype=pl.Int64)
    tables["counts"] = _recounted(kept, ruleset, tables["counts"]).sort(place, "unit", maintain_order=True)
    if ruleset.unit != kept.ruleset.unit:
        tables["units"] = _regrouped(kept, ruleset)
    return Measured(tables, broken, _found(kept, ruleset, broken, tables), kept.previous)


def _measurements(kept: Kept, ruleset: Ruleset, broken: set[str]) -> pl.DataFrame:
    order = {rule.id: place for place, rule in enumerate(ruleset.checks)}
    measured = kept.tables["measurements"].filter(pl.col("rule").is_in(list(order)))
    placed = [order[rule.id] for rule in kept.ruleset.checks if rule.id in order]
    if placed != sorted(placed):
        place = pl.col("rule").replace_strict(order, return_dtype=pl.Int64)
        measured = measured.sort("unit", place, maintain_order=True)
    judged = with_status(measured.with_columns(submitted=pl.col("status") != "not_submitted"), ruleset, broken)
    return judged.drop("submitted")


def _recounted(kept: Kept, ruleset: Ruleset, counts: pl.DataFrame) -> pl.DataFrame:
    """The counts with populations that are reckoned otherwise, from the register that was kept."""
    for indicator, side, measure in recounted(kept.ruleset, ruleset):
        chosen = measure.where.expr.fill_null(value=False) if measure.where is not None else pl.lit(value=True)
        amount = measure.sum.expr.cast(pl.Float64) if measure.sum is not None else pl.lit(1.0)
        lines = restored(kept.tables["register"], kept.ruleset).select(
            unit=pl.col(ruleset.unit.key), anew=pl.when(chosen).then(amount).otherwise(0.0)
        )
        mine = pl.col("indicator") == indicator.id
        counts = (
            counts.join(lines.collect(), on="unit", how="left", maintain_order="left")
            .with_columns(pl.when(mine).then("anew").otherwise(side).alias(side))
            .drop("anew")
        )
    return counts


def _regrouped(kept: Kept, ruleset: Ruleset) -> pl.DataFrame:
    """The units under other levels or peers; their names, which the register does not keep, stay as they are."""
    rows = restored(kept.tables["register"], kept.ruleset)
    names = kept.tables["units"].select("unit", "name")
    registered = register(ruleset, lambda _: rows).drop("name").join(names, on="unit", maintain_order="left")
    return units(registered, ruleset)


def _found(kept: Kept, ruleset: Ruleset, broken: Mapping[str, str], tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The findings of the submissions, each with the status that the ruleset gives it now.

    Those of files and of records follow from the tables; those of lines and of units, whose reasons are told nowhere
    else, are taken as they were made.
    """
    measured = tables["measurements"]
    listed = {name for name, table in ruleset.tables.items() if table.listed}
    required = {cells_rule(name): name for name, table in ruleset.tables.items() if table.required}
    absent = measured.filter(pl.col("rule").is_in(list(required)) & (pl.col("status") == "not_submitted"))
    missing = [(unit, required[rule]) for unit, rule in absent.select("unit", "rule").iter_rows()]
    of_files = of_intake(tables["receipt"], missing, set(tables["units"]["unit"]))
    severity = {rule.id: rule.severity for rule in ruleset.checks}
    status = {rule.id: status_of_violation(rule) for rule in ruleset.checks}
    # A finding that counts records follows from the measurements.
    as_made = pl.col("source").is_in(list(severity)) & ~pl.col("numbers").str.contains('"applicable": ', literal=True)
    taken = kept.found.filter(as_made).with_columns(
        severity=pl.col("source").replace_strict(severity, return_dtype=pl.String),
        status=pl.col("source").replace_strict(status, return_dtype=pl.String),
    )
    return pl.concat(
        [table([*of_broken(ruleset, broken), *of_files]), of_measurements(ruleset, measured, listed), taken]
    )
