"""Is an assessment what its own counts say? Everything that follows is drawn again and held against what is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from assess.checks import Profile
from assess.errors import NotAssessedError, Problem
from assess.provenance import counted, digest_of, inputs_of
from assess.replay.differences import KEYS, Difference, differences
from assess.replay.kept import Kept, read
from assess.replay.rescore import rescore
from assess.results import MANIFEST, OPTIONAL, RULESET, TABLES, Directory
from assess.results.across import SUMS
from assess.results.directory import digest_file
from assess.summary import SUMMARY, as_json, summarise


def verify(path: Path) -> list[Problem]:
    """Everything in the directory `path` that does not follow from the rest of it; nothing when all agrees.

    Digests of tables and ruleset, counts of evidence, sums of rows, and all rates, scores, awards and findings. Raises
    UsageError when `path` holds no assessment.
    """
    directory = Directory.open(path)
    found = [*_digests(directory)]
    try:
        kept = read(path)
    except NotAssessedError as error:
        return [*found, *error.problems]
    found += [*_evidence(kept), *_sums(kept), *_counts(kept), *_summary(directory, kept), *_crosscheck(directory, kept)]
    again = rescore(kept, kept.ruleset)
    for name in KEYS:
        found += [_problem(path, name, each) for each in differences(name, kept.tables[name], again.tables[name])]
    totals = again.concluded.money
    if kept.manifest.get("allocation") != totals:
        found.append(_manifest(path, "allocation", kept.manifest.get("allocation"), totals))
    return found


def _digests(directory: Directory) -> Iterator[Problem]:
    manifest = directory.manifest
    said = manifest.get("tables", {})
    for name in [*TABLES, *(name for name in OPTIONAL if name in said)]:
        file = directory.tables / f"{name}.parquet"
        if name not in said or not file.is_file():
            yield Problem(str(file), 0, 0, "AD004", "is missing, or not named in the provenance")
        elif digest_file(file) != said[name]["sha256"]:
            yield Problem(str(file), 0, 0, "AD004", "is not the file that was written: its digest differs")
    for file in sorted(directory.tables.glob("*.parquet")):
        if file.stem not in TABLES and file.stem not in said:
            yield Problem(str(file), 0, 0, "AD004", "was not written by an assessment")
    if digest_file(directory.path / RULESET) != manifest.get("effective_sha256"):
        where = str(directory.path / RULESET)
        yield Problem(where, 0, 0, "AD004", "is not the ruleset that was written: its digest differs")


def _evidence(kept: Kept) -> Iterator[Problem]:
    """As many records as each measurement says were violated; rules on units have none."""
    on_units = {rule.id for rule in kept.ruleset.checks if isinstance(rule.check, Profile)}
    shown = kept.tables["evidence"].group_by("unit", "rule").agg(pl.len().cast(pl.Int64).alias("records"))
    measured = kept.tables["measurements"].filter(~pl.col("rule").is_in(sorted(on_units)))
    both = measured.select("unit", "rule", "violated").join(shown, on=["unit", "rule"], how="full", coalesce=True)
    both = both.fill_null(0).filter(pl.col("violated") != pl.col("records"))
    known = set(kept.tables["units"]["unit"])
    file = str(kept.path / "tables" / "evidence.parquet")
    for unit, rule, violated, records in both.sort("unit", "rule").iter_rows():
        if unit in known:
            message = f"holds {records:,} records of unit {unit} for rule {rule}, but {violated:,} were counted"
            yield Problem(file, 0, 0, "AD005", message)


def _sums(kept: Kept) -> Iterator[Problem]:
    """What holds between two tables, added up without the code that concluded it."""
    for each in SUMS:
        file = str(kept.path / "tables" / f"{each.parts.table}.parquet")
        for key, parts, total in each.breaches(kept.tables):
            row = ", ".join(f"{name} {value}" for name, value in zip(each.keys, key, strict=True))
            message = f"{row}: it is not so that {each.said}: they come to {parts}, and {each.total.table} says {total}"
            yield Problem(file, 0, 0, "AD005", message)


def _counts(kept: Kept) -> Iterator[Problem]:
    receipt = kept.tables["receipt"]
    inputs = inputs_of(receipt)
    if kept.manifest.get("inputs") != inputs or kept.manifest.get("inputs_sha256") != digest_of(inputs):
        yield _manifest(kept.path, "inputs", kept.manifest.get("inputs_sha256"), digest_of(inputs))
    totals = receipt.select("rows_in", "rows_kept", "rows_rejected", "cells_rejected").sum().row(0, named=True)
    said, now = kept.manifest.get("counts", {}), counted(kept.ruleset, kept.tables, totals)
    for name, value in now.items():
        if said.get(name) != value:
            yield _manifest(kept.path, f"counts.{name}", said.get(name), value)


def _crosscheck(directory: Directory, kept: Kept) -> Iterator[Problem]:
    """What a second engine was compared with is what was measured; and its verdicts are those that are stated."""
    if not directory.has("crosscheck"):
        return
    try:
        table, file = directory.read("crosscheck"), str(directory.tables / "crosscheck.parquet")
    except NotAssessedError as error:
        yield from error.problems
        return
    said = kept.manifest.get("crosscheck") or {}
    measured = kept.tables["measurements"]
    sampled = measured.filter(pl.col("unit").is_in(list(said.get("units") or ())))
    # A rule that compares records was counted in all units, every other in the sample.
    sums = {
        part["unit"].n_unique(): part.group_by("rule").agg(pl.col("applicable", "violated").sum()).rows_by_key("rule")
        for part in (measured, sampled)
    }
    for rule, units, *stated in table.select("rule", "units", "applicable", "violated").iter_rows():
        now = [list(row) for row in sums.get(units, {}).get(rule, [])]
        if now != [stated]:
            yield Problem(file, 0, 0, "AD005", f"{rule}: {stated} is stated, {now} was measured in {units:,} units")
    for status, number in table["status"].value_counts().iter_rows():
        if said.get(status) != number:
            yield _manifest(kept.path, f"crosscheck.{status}", said.get(status), number)


def _summary(directory: Directory, kept: Kept) -> Iterator[Problem]:
    """The summary says what the tables say; it has no digest, for it can be made again."""
    path = directory.path / SUMMARY
    made = as_json(summarise(kept.tables, directory.ruleset, kept.manifest)).encode()
    if not path.is_file():
        yield Problem(
            str(path), 0, 0, "AD004", "is missing", "where an earlier version wrote none, assess rescore does"
        )
    elif path.read_bytes() != made:
        yield Problem(str(path), 0, 0, "AD005", "does not say what the tables say")


def _problem(path: Path, table: str, difference: Difference) -> Problem:
    return Problem(str(path / "tables" / f"{table}.parquet"), 0, 0, "AD005", str(difference))


def _manifest(path: Path, name: str, said: Any, now: Any) -> Problem:
    return Problem(str(path / MANIFEST), 0, 0, "AD005", f"{name}: {said} is stated, {now} follows from the tables")
