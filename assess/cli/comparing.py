"""Commands that hold two assessments against each other, and those that write bulletins and workbooks."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from assess.cli.shell import FAIL_ON, FORM, LANGUAGE, reaches
from assess.errors import EXIT_DONE, EXIT_FINDINGS

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("old", metavar="OLD", type=_FOLDER)
@click.argument("new", metavar="NEW", type=_FOLDER)
@click.option("--unit", "units", multiple=True, metavar="UNIT", help="Show this unit alone; may be repeated.")
@FORM
@click.option("--out", metavar="FILE", type=_FOLDER, default=None, help="Write a page (HTML) as well.")
@LANGUAGE
@click.option(
    "--fail-on-new", type=click.Choice(FAIL_ON), default="never", show_default=True,
    help="End with exit code 1 when there are faults of this severity or above that were none in OLD.",
)  # fmt: skip
def compare(
    old: Path, new: Path, units: tuple[str, ...], form: str, out: Path | None, lang: str, fail_on_new: str
) -> None:
    """Hold the assessment in NEW against an earlier one in OLD.

    Says which findings are new, persist or are resolved, and explains every change of score, rank, grade and money: by
    the submissions, or by which change of the ruleset. What was not checked again does not count as resolved.
    """
    from assess import replay
    from assess.replay.compare import compare as weigh
    from assess.replay.show_compare import of_comparison

    kept = replay.read(new)
    found = weigh(replay.read(old), kept)
    if units:
        found = found.only(units)
    if out is not None:
        from assess.report.compare_page import write

        command = f"assess compare {shlex.quote(str(old))} {shlex.quote(str(new))} --out {shlex.quote(str(out))}"
        command += "".join(f" --unit {shlex.quote(unit)}" for unit in units)
        write(found.data(), new, old, out, lang, command)
    if form == "json":
        import json

        click.echo(json.dumps(found.data(), ensure_ascii=False, indent=1))
    else:
        text = of_comparison(found)
        click.echo("".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text))
        if out is not None:
            click.echo(f"page: {out}")
    sys.exit(EXIT_FINDINGS if reaches(found.new_faults(), fail_on_new) else EXIT_DONE)


@click.command()
@click.argument("directory", metavar="DIR", type=_FOLDER)
@click.option(
    "--previous", metavar="DIR", type=_FOLDER, default=None,
    help="The assessment of the bulletin before; without it the first bulletin is written, which shows no changes.",
)  # fmt: skip
@click.option("--out", metavar="DIR", type=_FOLDER, default=None, help="Where the pages go; by default DIR/bulletin.")
@click.option(
    "--min-cell", type=click.IntRange(min=0), default=5, show_default=True,
    help="Rates that speak of fewer records than these are not published.",
)  # fmt: skip
@LANGUAGE
def bulletin(directory: Path, previous: Path | None, out: Path | None, min_cell: int, lang: str) -> None:
    """Write the league table of an assessment, to be printed: a page of A4 for each group of units, and one for all.

    Shows ranks, scores and findings against the bulletin before, and the weakest indicators.
    """
    from assess.report.bulletin import write

    data, earlier = None, None
    command = f"assess bulletin {shlex.quote(str(directory))}"
    if previous is not None:
        from assess import replay
        from assess.replay.compare import compare as weigh
        from assess.results import Directory

        data = weigh(replay.read(previous), replay.read(directory)).data()
        earlier = Directory.open(previous).ruleset
        command += f" --previous {shlex.quote(str(previous))}"
    place = out or directory / "bulletin"
    pages = write(directory, data, place, lang, min_cell=min_cell, earlier=earlier, command=command)
    click.echo(f"{len(pages):,} pages; bulletin: {place / 'index.html'}")


@click.command()
@click.argument("directory", metavar="DIR", type=_FOLDER)
@click.option("--out", required=True, metavar="DIR", type=_FOLDER, help="Where the workbooks go.")
@click.option(
    "--units", multiple=True, metavar="UNIT",
    help="Write the workbook of this unit alone; may be repeated. Without it, those of all units and one of all.",
)  # fmt: skip
@LANGUAGE
def workbooks(directory: Path, out: Path, units: tuple[str, ...], lang: str) -> None:
    """Write a workbook (XLSX) for each unit with the rows to correct, and one with ranking, indicators and awards.

    Made from the tables alone: records are masked as they are there. A unit's workbook holds its own records only.
    """
    from assess.report.workbooks import write

    written = write(directory, out, lang, units)
    click.echo(f"{len(written):,} workbooks in {out}")
