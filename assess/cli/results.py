"""Commands that hand results on: to pipelines, and to tools that read tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assess.cli.shell import FAIL_ON, LANGUAGE, reaches
from assess.errors import EXIT_DONE, EXIT_FINDINGS, Problem, UsageError

if TYPE_CHECKING:
    from assess.assessment import Assessment

_FOLDER = click.Path(path_type=Path)
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json", "junit", "github"]), default="text", show_default=True,
    help="Form of the results: json is summary.json, junit a test report in XML, github annotates a pull request.",
)  # fmt: skip
OUTPUT = click.option(
    "--output", metavar="FILE", type=_FOLDER, default=None,
    help="Write the results in that form to a file; then the text is shown.",
)  # fmt: skip


def check_output(output: Path | None, form: str) -> None:
    """UsageError, before anything is done, where results cannot be written to a file."""
    if output is None:
        return
    if form == "text":
        raise click.UsageError("--output is for --format json, junit or github")
    if output.is_dir() or not output.absolute().parent.is_dir():
        why = "is a directory" if output.is_dir() else "lies in a folder that does not exist"
        raise UsageError(Problem(str(output), 0, 0, "OU001", why, "name a file in an existing folder"))


def told(
    assessment: Assessment, form: str, output: Path | None, fail_on: str, lang: str, data: str, directory: Path
) -> None:
    """Show what an assessment comes to, or write it to `output` and show the text."""
    if form != "text":
        text = _formed(assessment, form, fail_on, lang, data)
        if output is None:
            click.echo(text, nl=False)
            return
        output.write_text(text, encoding="utf-8")
    for line in _lines(assessment.manifest):
        click.echo(line)
    report = directory / "index.html"
    click.echo(f"report: {report}" if report.is_file() else f"tables: {directory / 'tables'}")


def _formed(assessment: Assessment, form: str, fail_on: str, lang: str, data: str) -> str:
    from assess.results import SEVERITIES
    from assess.summary import as_json

    fails = {severity for severity in SEVERITIES if reaches(severity, fail_on)}
    tables, ruleset = assessment.tables, assessment.ruleset
    if form == "json":
        return as_json(assessment.summary)
    if form == "junit":
        from assess.summary.junit import junit

        return junit(tables, ruleset, assessment.manifest, fails, lang)
    from assess.summary.github import github

    return "".join(f"{line}\n" for line in github(tables, ruleset, fails, data, lang))


def _lines(manifest: Any) -> list[str]:
    from assess.summary import paid

    counts = manifest["counts"]
    rows = f"{counts['rows_kept']:,} checked + {counts['rows_rejected']:,} rejected"
    lines = [f"{counts['units']:,} units, {counts['files']:,} files: {counts['rows_in']:,} rows in = {rows}"]
    for status, by in counts["findings"].items():
        lines.append(f"{status}: " + ", ".join(f"{number:,} {severity}" for severity, number in by.items()))
    return lines + paid(manifest["allocation"])


@click.command()
@click.argument("directory", metavar="DIR", type=_FOLDER)
@FORMAT
@OUTPUT
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="critical", show_default=True,
    help="Faults of this severity or above fail, here and in the exit code.",
)  # fmt: skip
@click.option(
    "--data", metavar="DIR", default="",
    help="Where the submissions lie as seen from the repository; annotations name files below it.",
)  # fmt: skip
@LANGUAGE
def results(directory: Path, form: str, output: Path | None, fail_on: str, data: str, lang: str) -> None:
    """Tell the results of an assessment again, in the form that a pipeline reads, and end with its exit code.

    json is the summary of the assessment (docs/results.md). junit has a suite for each table and a case for each rule;
    a case fails where a fault reaches --fail-on. github writes an annotation for each rule at its first record, ten of
    each level at most, for GitHub shows no more.
    """
    from assess.assessment import read

    check_output(output, form)
    assessment = read(directory)
    told(assessment, form, output, fail_on, lang, data, directory)
    sys.exit(EXIT_FINDINGS if reaches(assessment.worst(), fail_on) else EXIT_DONE)


@click.command()
@click.argument("directory", metavar="DIR", type=_FOLDER)
@click.option("--out", required=True, metavar="DIR", type=_FOLDER, help="Where the files go.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "xlsx"]), default="csv", show_default=True,
    help="csv: a file for each table; xlsx: one workbook with a sheet for each.",
)  # fmt: skip
@click.option(
    "--table", "names", multiple=True, metavar="NAME", help="Write this table alone; may be repeated. Without it, all."
)
def tables(directory: Path, out: Path, form: str, names: tuple[str, ...]) -> None:
    """Write the tables of an assessment as CSV or XLSX, for who cannot read Parquet.

    Columns are those of docs/tables.md. Text that a spreadsheet would take for a formula is marked as text; DIR/tables
    holds it as it is.
    """
    from assess.report.tables import write

    written = write(directory, out, form, names)
    click.echo(f"{len(written):,} {'file' if len(written) == 1 else 'files'} in {out}")
