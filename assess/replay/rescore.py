"""Another ruleset on what was counted already: new weights, targets, grades or money, and not a record is read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assess.conclude import Concluded, Measured, conclude
from assess.engine.register import register, restored
from assess.errors import Problem, UsageError
from assess.findings import Row, of_broken, of_intake, of_measurements, status_of_violation, with_status
from assess.provenance import described, digest_of, source_of
from assess.replay.kept import COUNTED, Kept
from assess.replay.needs import needs, recounted
from assess.results import Directory, Staging
from assess.ruleset.lint import cells_rule
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import to_data


@dataclass(frozen=True)
class Rescored:
    """All tables as the ruleset concludes them, with what they were concluded from."""

    ruleset: Ruleset
    tables: dict[str, pl.DataFrame]
    concluded: Concluded


def rescore(kept: Kept, ruleset: Ruleset) -> Rescored:
    """Conclude by `ruleset` from what `kept` counted; call `refusals` first to see whether that can be done."""
    measured = adapted(kept, ruleset)
    concluded = conclude(ruleset, measured)
    return Rescored(ruleset, {**measured.tables, **concluded.tables}, concluded)


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
    validate: Callable[[Path], None] | None = None,
) -> None:
    """Leave the assessment directory at `out`, whole or not at all; `finish` adds what is made of the tables.

    `validate` is that of `Directory.write`.
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
    with Staging(out) as staging:
        Directory(staging.path).write(result.tables, to_data(result.ruleset), manifest, validate)
        if finish is not None:
            finish(staging.path)


def summary(kept: Kept, result: Rescored) -> list[str]:
    """What is otherwise than before: scores, grades, money."""
    before = kept.tables["scores"].select("unit", was="score", graded="grade")
    both = result.tables["scores"].join(before, on="unit", how="left")
    scores = both.filter(pl.col("score").ne_missing(pl.col("was"))).height
    grades = both.filter(pl.col("grade").ne_missing(pl.col("graded"))).height
    lines = [f"{both.height:,} units scored again: {scores:,} scores and {grades:,} grades differ"]
    money = result.concluded.money
    if money is not None and money["refused"]:
        lines.append(f"allocation refused: {money['refused']}")
    elif money is not None:
        paid, pool = money["awarded_minor"] / 100, money["pool_minor"] / 100
        lines.append(f"allocated {paid:,.2f} of {pool:,.2f} {money['currency']}")
    return lines


def adapted(kept: Kept, ruleset: Ruleset) -> Measured:
    """What `kept` counted, as far as `ruleset` asks for it, judged by its severities and tolerances."""
    tables = {name: kept.tables[name] for name in COUNTED}
    rules, indicators = [rule.id for rule in ruleset.checks], [indicator.id for indicator in ruleset.indicators]
    broken = {name: why for name, why in kept.broken.items() if name in {*rules, *indicators}}
    tables["measurements"] = _measurements(tables["measurements"], ruleset, set(broken))
    for name in ("profiles", "evidence"):
        tables[name] = tables[name].filter(pl.col("rule").is_in(rules))
    for name in ("counts", "mendable"):
        tables[name] = tables[name].filter(pl.col("indicator").is_in(indicators))
    order = {name: place for place, name in enumerate(indicators)}
    place = pl.col("indicator").replace_strict(order, return_dtype=pl.Int64)
    tables["counts"] = _recounted(kept, ruleset, tables["counts"]).sort(place, "unit", maintain_order=True)
    if ruleset.unit != kept.ruleset.unit:
        tables["units"] = _regrouped(kept, ruleset)
    return Measured(tables, broken, [*of_broken(ruleset, broken), *_found(kept, ruleset, tables)], kept.previous)


def _measurements(measured: pl.DataFrame, ruleset: Ruleset, broken: set[str]) -> pl.DataFrame:
    order = {rule.id: place for place, rule in enumerate(ruleset.checks)}
    kept = measured.filter(pl.col("rule").is_in(list(order))).with_columns(
        submitted=pl.col("status") != "not_submitted"
    )
    placed = kept.sort("unit", pl.col("rule").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)
    return with_status(placed, ruleset, broken).drop("submitted")


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
    rows = restored(kept.tables["register"], kept.ruleset)
    registered = register(ruleset, lambda _: rows)
    said = [
        json.dumps({level: row[f"level {level}"] for level in ruleset.unit.levels}, ensure_ascii=False)
        for row in registered.iter_rows(named=True)
    ]
    group = pl.col(f"level {ruleset.unit.levels[0]}") if ruleset.unit.levels else pl.lit(None, dtype=pl.String)
    names = kept.tables["units"].select("unit", "name")
    return registered.drop("name").join(names, on="unit", maintain_order="left").select(
        "unit", "name", group=group, peers="peers", levels=pl.Series(said, dtype=pl.String)
    )  # fmt: skip


def _found(kept: Kept, ruleset: Ruleset, tables: Mapping[str, pl.DataFrame]) -> Iterator[Row]:
    """The findings of the submissions, each with the status that the ruleset gives it now.

    Those of files and of records follow from the tables; those of lines and of units, whose reasons are told nowhere
    else, are taken as they were made.
    """
    measured, units = tables["measurements"], set(tables["units"]["unit"])
    listed = {name for name, table in ruleset.tables.items() if table.listed}
    required = {cells_rule(name): name for name, table in ruleset.tables.items() if table.required}
    absent = measured.filter(pl.col("rule").is_in(list(required)) & (pl.col("status") == "not_submitted"))
    missing = [(unit, required[rule]) for unit, rule in absent.select("unit", "rule").iter_rows()]
    yield from of_intake(tables["receipt"], missing, units)
    yield from of_measurements(ruleset, measured, listed)
    rules = {rule.id: rule for rule in ruleset.checks}
    for row in kept.found:
        rule = rules.get(row["source"])
        if rule is not None and "applicable" not in json.loads(row["numbers"]):
            yield {**row, "severity": rule.severity, "status": status_of_violation(rule)}
