"""Commands that read submissions, and the one that renders what they left."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.cli.engines import Choice, engine_options
from assess.cli.results import FORMAT, OUTPUT, check_output, told
from assess.cli.shell import DATA, FAIL_ON, LANGUAGE, MOST_LINES, RULESET, SET, complain, load, reaches
from assess.cli.watching import LOG_FORMAT, watching
from assess.errors import EXIT_DONE, EXIT_FINDINGS
from assess.progress import stage

if TYPE_CHECKING:
    from assess.intake.address import Address


@click.command()
@RULESET
@DATA
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Where the results go.")
@LANGUAGE
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="critical", show_default=True,
    help="End with exit code 1 when there are faults of this severity or above.",
)  # fmt: skip
@click.option(
    "--store", metavar="DIR", type=click.Path(path_type=Path), default=None,
    help="Keep typed files here, so that a later run converts nothing twice. It holds personal data unmasked.",
)  # fmt: skip
@click.option(
    "--previous", metavar="DIR", type=click.Path(path_type=Path), default=None,
    help="Earlier assessment directory, for rules that compare with it.",
)  # fmt: skip
@click.option(
    "--unmask", is_flag=True,
    help="Show personal data of violating records in full, in tables and reports; the provenance says so.",
)  # fmt: skip
@FORMAT
@OUTPUT
@SET
@engine_options
@LOG_FORMAT
@click.option("--profile", is_flag=True, help="Say at the end, on stderr, where time went: seconds, rows and memory.")
def run(
    ruleset: str, data: Path | Address, out: Path, lang: str, fail_on: str, store: Path | None, previous: Path | None,
    unmask: bool, form: str, output: Path | None, assignments: tuple[str, ...], engine: str, shards: int | None,
    buckets: int | None, spark_master: str | None, log_format: str, profile: bool,
) -> None:  # fmt: skip
    """Assess the submissions in a folder and leave tables and reports."""
    place = data if isinstance(data, Path) else shlex.quote(str(data))
    said = f"assess run --ruleset {ruleset} --data {place} --out {out} --lang {lang} --fail-on {fail_on}"
    said += f" --previous {previous}" if previous else ""
    said += " --unmask" if unmask else ""
    said += "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    where = Choice(engine, shards, buckets, spark_master)
    said += where.said
    check_output(output, form)
    with watching(log_format) as spent:
        with stage("ruleset"):
            loaded = load(ruleset, assignments)
            from assess import api
            from assess.results import check_replaceable
        read = [data] if isinstance(data, Path) else []
        check_replaceable(out, [*read, loaded.path, *([previous] if previous else [])])
        assessment = api.run(
            loaded, data, previous=previous, store=store, unmask=unmask, engine=where.made(), command=said
        )
        assessment.report(out, lang)
    found = assessment.problems(ruleset)
    for problem in found[:MOST_LINES]:
        complain(problem)
    if len(found) > MOST_LINES:
        complain(f"and {len(found) - MOST_LINES:,} more: the report lists all of them")
    told(assessment, form, output, fail_on, lang, str(data) if isinstance(data, Path) else "", out)
    if profile:
        click.echo("\n".join(spent.lines()), err=True)
    sys.exit(EXIT_FINDINGS if reaches(assessment.worst(), fail_on) else EXIT_DONE)


@click.command()
@RULESET
@DATA
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), default=None,
    help="Where a workbook for each unit goes, with the rows to correct; none is written unless given.",
)  # fmt: skip
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the workbooks."
)
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="critical", show_default=True,
    help="End with exit code 1 when there are faults of this severity or above.",
)  # fmt: skip
@LOG_FORMAT
def intake(ruleset: str, data: Path | Address, out: Path | None, lang: str, fail_on: str, log_format: str) -> None:
    """Check files before they are submitted: what was read, what was not, and which records are wrong."""
    loaded = load(ruleset)
    from assess import api
    from assess.report.corrections import Corrections
    from assess.report.language import Language

    with watching(log_format):
        assessment = api.run(loaded, data)
    found = Corrections(assessment.tables, assessment.ruleset, Language(lang))
    for line in found.lines():
        click.echo("".join(c if c.isprintable() else "\ufffd" for c in line))
    if out is not None:
        click.echo("\n".join(str(path) for path in found.write(out)))
    sys.exit(EXIT_FINDINGS if reaches(found.worst(), fail_on) else EXIT_DONE)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@LANGUAGE
@LOG_FORMAT
@click.option(
    "--theme", type=click.Choice(["screen", "print"]), default="screen", show_default=True,
    help="print: nothing to click, everything open, always light.",
)  # fmt: skip
@click.option(
    "--min-cell", type=click.IntRange(1), default=5, show_default=True, metavar="N",
    help="Pages of many units do not show counts of fewer people than this.",
)  # fmt: skip
def report(directory: Path, lang: str, log_format: str, theme: str, min_cell: int) -> None:
    """Render the reports of an assessment directory again, from its tables alone."""
    from assess.report.html import render

    with watching(log_format):
        pages = render(directory, lang, theme, min_cell)
    click.echo(f"{len(pages):,} pages; report: {directory / 'index.html'}")
