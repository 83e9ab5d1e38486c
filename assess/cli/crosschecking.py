"""Commands that put the rules to another engine: a second count, and suites that others can run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.cli.shell import DATA, FORM, LANGUAGE, RULESET, SET, complain, load
from assess.cli.watching import LOG_FORMAT, watching
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_NOT_ASSESSED

if TYPE_CHECKING:
    from assess.intake.address import Address

# Names the files of an export, so that a later one replaces these and nothing else.
_SUITES = "assess-gx.json"


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@RULESET
@DATA
@click.option("--units", type=click.IntRange(1), default=20, show_default=True, metavar="N",
              help="How many units are counted again.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, metavar="N",
              help="Picks the units: the same number, the same units.")  # fmt: skip
@click.option("--store", metavar="DIR", type=click.Path(path_type=Path), default=None,
              help="The typed files that `run` kept, so that nothing is converted again.")  # fmt: skip
@click.option("--report", is_flag=True, help="Render the reports as well; `assess report` does so later.")
@LANGUAGE
@SET
@FORM
@LOG_FORMAT
def crosscheck(
    directory: Path, ruleset: str, data: Path | Address, units: int, seed: int, store: Path | None, report: bool,
    lang: str, assignments: tuple[str, ...], form: str, log_format: str,
) -> None:  # fmt: skip
    """Have Great Expectations count the rules again, in a sample of units, and compare with an assessment.

    The result, rule by rule, becomes a table of the assessment directory. Rules that cannot be expressed are listed
    with the reason. Exit codes: 0 all agree; 1 some differ; 2 not the ruleset or the data of DIR; 3 could not compare.
    """
    place = data if isinstance(data, Path) else shlex.quote(str(data))
    said = f"assess crosscheck {directory} --ruleset {ruleset} --data {place} --units {units} --seed {seed}"
    said += "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    from assess.results import Directory

    assessed = Directory.open(directory)
    loaded = load(ruleset, assignments)
    finish = None
    if report:
        from assess.report.html import render

        def finish(folder: Path) -> object:
            return render(folder, lang)

    from assess.crosscheck.compare import AGREES, DIFFERS, FAILED, NOT_EXPRESSIBLE
    from assess.crosscheck.compare import crosscheck as compare
    from assess.crosscheck.write import write

    with watching(log_format):
        found = compare(assessed, loaded, data, units, seed, store)
        write(found, directory, said, finish)
    if form == "json":
        import json

        rules = found.table.rows(named=True)
        click.echo(json.dumps({**found.said, "rules": rules}, ensure_ascii=False, indent=1))
    else:
        for row in found.table.rows(named=True):
            if row["status"] == NOT_EXPRESSIBLE:
                click.echo(f"not expressible: {row['rule']}: {row['reason']}")
            elif row["status"] != AGREES:
                complain(_difference(row))
        click.echo(
            f"{len(found.said['units']):,} units counted again by Great Expectations, {found.table.height:,} rules: "
            f"{found.number(AGREES):,} agree, {found.number(DIFFERS):,} differ, {found.number(FAILED):,} failed, "
            f"{found.number(NOT_EXPRESSIBLE):,} not expressible"
        )
    if found.number(DIFFERS):
        sys.exit(EXIT_FINDINGS)
    sys.exit(EXIT_NOT_ASSESSED if found.number(FAILED) or not found.number(AGREES) else EXIT_DONE)


def _difference(row: dict[str, object]) -> str:
    if row["violated_there"] is None:
        return f"failed: {row['rule']}: {row['reason']}"
    there = f"{row['violated_there']} of {row['applicable_there']}"
    where = f" ({row['reason']})" if row["reason"] else ""
    return f"differs: {row['rule']}: {row['violated']} of {row['applicable']} violated here, {there} there{where}"


@click.command("gx")
@click.argument("ruleset", metavar="RULESET")
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path),
              help="Folder for the suites; what an earlier export left there is replaced.")  # fmt: skip
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the notes.")
@SET
def export_gx(ruleset: str, out: Path, lang: str, assignments: tuple[str, ...]) -> None:
    """Write each submitted table's rules as an expectation suite of Great Expectations (TABLE.json).

    What has no place in a suite is listed with the reason, on the terminal and in not_mapped.json.
    """
    loaded = load(ruleset, assignments)
    from assess.crosscheck.suites import suites, write
    from assess.report.folder import clear, note

    found = suites(loaded, lang)
    clear(out, _SUITES, "*.partial")
    note(out, _SUITES, write(found, out))
    for reason, rules in found.reasons():
        click.echo(f"not mapped: {', '.join(rules)}: {reason}")
    click.echo(
        f"{found.expectations:,} of {len(loaded.ruleset.checks):,} rules in {len(found.by_table):,} suites in {out}"
    )
