"""A sample of units counted again by a second engine, held against what an assessment measured of them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from assess.crosscheck.engine import Counted, counts
from assess.engine.plan import plans, scans
from assess.errors import Problem, UsageError
from assess.intake import Intake, take_in
from assess.intake.address import Address
from assess.intake.store import Store
from assess.progress import stage
from assess.provenance import digest_of, inputs_of
from assess.results import MANIFEST, Directory, not_run, schema_of
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Rule, Ruleset
from assess.tables import FILE, LINE, ROW

AGREES, DIFFERS, NOT_EXPRESSIBLE, FAILED = "agrees", "differs", "not_expressible", "failed"
# The most records that a difference is shown by, on either side.
_SHOWN = 3


@dataclass(frozen=True)
class Crosschecked:
    """The table `crosscheck` of an assessment, and what its provenance says of it."""

    table: pl.DataFrame
    said: Mapping[str, Any]

    def number(self, status: str) -> int:
        """How many rules came out so."""
        return int(self.said[status])


def crosscheck(
    directory: Directory,
    loaded: Loaded,
    data: Path | Address,
    units: int = 20,
    seed: int = 1,
    store: Path | None = None,
) -> Crosschecked:
    """Have Great Expectations count the rules again, in so many units picked by `seed`, and compare.

    Raises UsageError when the ruleset or the submissions are not those of the assessment.
    """
    _same_ruleset(directory, loaded)
    with tempfile.TemporaryDirectory(prefix="assess-") as folder:
        ruleset = loaded.ruleset
        intake = take_in(data, ruleset.tables, ruleset.unit.table, ruleset.unit.key, Store(store or Path(folder)))
        _same_data(directory, data, intake)
        chosen = sample(directory.read("units")["unit"], units, seed)
        with stage("second opinion"):
            table = compared(directory, ruleset, intake, chosen)
    said = {
        "engine": {name: version(name) for name in ("great-expectations", "pandas")},
        "asked": units,
        "seed": seed,
        "units": chosen,
        **{status: int((table["status"] == status).sum()) for status in (AGREES, DIFFERS, NOT_EXPRESSIBLE, FAILED)},
    }
    return Crosschecked(table, said)


def sample(units: Iterable[str], number: int, seed: int) -> list[str]:
    """So many of the units, the same ones for the same seed; a larger sample holds every smaller one."""
    drawn = sorted(units, key=lambda unit: hashlib.sha256(f"{seed} {unit}".encode()).digest())
    return sorted(drawn[:number])


def compared(directory: Directory, ruleset: Ruleset, intake: Intake, units: Sequence[str]) -> pl.DataFrame:
    """The table `crosscheck`: a line for each rule, in the order of the ruleset."""
    broken = not_run(directory.read("findings"))
    sound = {name: plan.without(set(broken)) for name, plan in plans(ruleset).items()}
    scan = scans(ruleset, sound, intake.scan)
    left_out = {rule: f"the rule did not run: {why}" for rule, why in broken.items()}
    found = counts(ruleset, scan, units, left_out)
    tables = {name: directory.read(name) for name in ("measurements", "evidence")}
    lines = [_line(rule, found[rule.id], tables, units, intake) for rule in ruleset.checks]
    return pl.DataFrame(lines, schema=list(schema_of("crosscheck")), infer_schema_length=None)


def _line(
    rule: Rule, counted: Counted | str, tables: Mapping[str, pl.DataFrame], units: Sequence[str], intake: Intake
) -> dict[str, Any]:
    """What both engines counted of one rule; the second is none where it was given as a reason."""
    mine = pl.col("rule") == rule.id
    if isinstance(counted, str) or not counted.said.compares:
        mine = mine & pl.col("unit").is_in(list(units))
    ours = tables["measurements"].filter(mine)
    applicable, violated = ours["applicable"].sum(), ours["violated"].sum()
    line = {"rule": rule.id, "table": rule.table, "units": ours.height, "applicable": applicable, "violated": violated}
    if isinstance(counted, str):
        return {**line, "status": NOT_EXPRESSIBLE, "reason": counted}
    line |= {"how": counted.said.how, "expectation": counted.said.expectation}
    if counted.failed is not None:
        return {**line, "status": FAILED, "reason": counted.failed}
    # Rows of a view bear no numbers of their own.
    submitted = rule.table in intake.tables
    other = _other_records(tables["evidence"].filter(mine), counted.rows, rule, intake) if submitted else None
    alike = (applicable, violated) == (counted.applicable, counted.violated) and other is None
    line |= {"applicable_there": counted.applicable, "violated_there": counted.violated, "reason": other}
    return {**line, "status": AGREES if alike else DIFFERS}


def _other_records(evidence: pl.DataFrame, there: frozenset[int], rule: Rule, intake: Intake) -> str | None:
    """Which records only one of the two takes for violating, a few of each; none where they agree."""
    here = set(evidence["row"])
    sides = {"only in the assessment": here - there, "only in Great Expectations": set(there) - here}
    said = []
    for side, rows in sides.items():
        if rows:
            shown = intake.scan(rule.table).filter(pl.col(ROW).is_in(sorted(rows)[:_SHOWN])).select(FILE, LINE)
            places = [f"{intake.files[file]}:{line}" for file, line in shown.collect().iter_rows()]
            said.append(f"{len(rows):,} {side}: {', '.join(places)}" + (", …" if len(rows) > _SHOWN else ""))
    return "; ".join(said) or None


def _same_ruleset(directory: Directory, loaded: Loaded) -> None:
    told = directory.manifest.get("ruleset") or {}
    problems = []
    if told.get("sha256") != loaded.digest:
        said = f"{told.get('id')} {told.get('version')}, digest {str(told.get('sha256'))[:12]}"
        message = f"is not the ruleset of {directory.path}: {loaded.digest[:12]} instead of {said}"
        problems.append(Problem(str(loaded.path), 0, 0, "AD006", message, "give the ruleset of that assessment"))
    if dict(sorted(loaded.settings.items())) != (directory.manifest.get("set") or {}):
        set_there = ", ".join(f"{name}={value}" for name, value in (directory.manifest.get("set") or {}).items())
        message = f"was assessed with other values of parameters (--set): {set_there or 'none'}"
        problems.append(Problem(str(directory.path / MANIFEST), 0, 0, "AD006", message))
    if problems:
        raise UsageError(problems)


def _same_data(directory: Directory, data: Path | Address, intake: Intake) -> None:
    there = {file["file"]: file["sha256"] for file in directory.manifest.get("inputs") or ()}
    inputs = inputs_of(intake.receipt())
    if digest_of(inputs) == directory.manifest.get("inputs_sha256"):
        return
    here = {file["file"]: file["sha256"] for file in inputs}
    message = f"does not hold the submissions of {directory.path}"
    problems = [
        *[Problem(f"{data}/{name}", 0, 0, "AD006", "was not there") for name in sorted(here.keys() - there.keys())],
        *[Problem(f"{data}/{name}", 0, 0, "AD006", "is missing") for name in sorted(there.keys() - here.keys())],
        *[Problem(f"{data}/{name}", 0, 0, "AD006", "has another digest") for name in sorted(here.keys() & there.keys())
          if here[name] != there[name]],
    ]  # fmt: skip
    hint = "give the data that was assessed" if problems else "it was read by another version"
    raise UsageError([Problem(str(data), 0, 0, "AD006", message, hint), *problems])
