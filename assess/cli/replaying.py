"""Commands that conclude again from an assessment directory, without reading a record."""

from __future__ import annotations

import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from assess.cli.shell import FORM, LANGUAGE, MOST_LINES, RULESET, SET, complain, load
from assess.errors import EXIT_DONE, EXIT_FINDINGS

_DIRECTORY = click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@_DIRECTORY
@RULESET
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Where the results go.")
@click.option("--report", is_flag=True, help="Render the reports as well; `assess report` does so later.")
@LANGUAGE
@SET
def rescore(directory: Path, ruleset: str, out: Path, report: bool, lang: str, assignments: tuple[str, ...]) -> None:
    """Score an assessment again by another ruleset, from its tables alone: no submission is read.

    Weights, targets, grades, vetoes, money, severities and populations of the register may differ. A ruleset that needs
    something that was not measured is refused, with all that it needs.
    """
    from assess.results import CONCLUDED_FROM, StoredTables, check_replaceable

    said = f"assess rescore {directory} --ruleset {ruleset} --out {out}"
    said += "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    finish = None
    if report:
        from assess.report.html import render

        def finish(folder: Path) -> object:
            return render(folder, lang)

    # Polars reads while Python imports and loads.
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(StoredTables.at, directory, CONCLUDED_FROM)
        from assess import replay

        loaded = load(ruleset, assignments)
        check_replaceable(out, [directory, loaded.path])
        kept = replay.keep(reading.result())
    result = replay.checked(kept, loaded)
    replay.write(kept, loaded, result, out, said, finish)
    for line in replay.summary(kept, result):
        click.echo(line)
    click.echo(
        f"report: {out / 'index.html'}" if report else f"tables: {out / 'tables'}; for reports: assess report {out}"
    )


@click.command()
@_DIRECTORY
@FORM
def verify(directory: Path, form: str) -> None:
    """Recompute digests, sums, rates, scores and awards from what was counted, and say what differs, at which row."""
    from assess.replay.verify import verify as check

    found = check(directory)
    if form == "json":
        import json

        lines = [{"file": p.file, "code": p.code, "message": p.message} for p in found]
        click.echo(json.dumps({"differences": lines}, ensure_ascii=False, indent=1))
    else:
        for problem in found[:MOST_LINES]:
            complain(problem)
        if len(found) > MOST_LINES:
            complain(f"and {len(found) - MOST_LINES:,} more (--format json lists all of them)")
        if not found:
            click.echo("all agrees: digests, evidence, rates, scores, awards and findings follow from what was counted")
    sys.exit(EXIT_FINDINGS if found else EXIT_DONE)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--on", "directory", required=True, metavar="DIR", type=click.Path(path_type=Path),
              help="The assessment directory whose counts both rulesets conclude from.")  # fmt: skip
@FORM
def impact(old: str, new: str, directory: Path, form: str) -> None:
    """Say which units another ruleset changes in score, grade, rank or money, by how much, and which change does it."""
    before, after = load(old), load(new)
    from assess import replay
    from assess.replay.impact import impact as weigh
    from assess.replay.show import of_impact

    kept = replay.read(directory)
    for loaded in (before, after):
        replay.check(kept, loaded)
    found = weigh(kept, before.ruleset, after.ruleset)
    if form == "json":
        import json

        click.echo(json.dumps(found.data(), ensure_ascii=False, indent=1))
    else:
        click.echo(of_impact(found))


@click.command()
@_DIRECTORY
@click.option("--unit", required=True, metavar="UNIT", help="The unit that puts records right.")
@click.option("--fix", "rules", multiple=True, metavar="RULE",
              help="The rule whose violations are put right; may be repeated. Without it, all are.")  # fmt: skip
@FORM
def whatif(directory: Path, unit: str, rules: tuple[str, ...], form: str) -> None:
    """Say what a unit would gain in points and money if its violations of a rule were put right, all else equal."""
    from assess import replay
    from assess.replay.show import of_prospect
    from assess.replay.whatif import whatif as look

    found = look(replay.read(directory), unit, rules)
    if form == "json":
        import json

        click.echo(json.dumps(found.data(), ensure_ascii=False, indent=1))
    else:
        click.echo(of_prospect(found))
