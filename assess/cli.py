"""The command line: options, exit codes, and nothing else."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assess import __version__
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_NOT_ASSESSED, EXIT_USAGE, AssessError

if TYPE_CHECKING:
    from assess.ruleset.load import Loaded

EXIT_INTERRUPTED = 128 + signal.SIGINT  # as shells have it; 1 would say that there are findings
_MOST_LINES = 40
_FAIL_ON = ("critical", "major", "minor", "never")


class _Group(click.Group):
    """Shows every problem in a line of its own, without a traceback, and ends with the exit code of the error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AssessError as error:
            for problem in error.problems:
                _complain(str(problem).strip())
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            _complain("interrupted")
            ctx.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            raise  # whoever read the output has enough of it
        except OSError as error:
            _complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
            ctx.exit(EXIT_NOT_ASSESSED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # a fault of this program must not look like findings
            if os.environ.get("ASSESS_TRACEBACK"):
                raise
            what = str(error).splitlines()[0] if str(error) else ""
            _complain(f"CL001 fault in assess itself: {type(error).__name__} {what} (ASSESS_TRACEBACK=1 shows where)")
            ctx.exit(EXIT_NOT_ASSESSED)


def _complain(text: str) -> None:
    # Names of files and columns are written by others: on a terminal they stay in their line and change nothing.
    click.echo("".join(c if c.isprintable() else "\ufffd" for c in text), err=True)


_SET = click.option(
    "--set", "assignments", multiple=True, metavar="NAME=VALUE",
    help="Give a declared parameter another value; may be repeated.",
)  # fmt: skip


def _load(ruleset: str, assignments: tuple[str, ...] = ()) -> Loaded:
    from assess.ruleset.builtin import find
    from assess.ruleset.load import load
    from assess.ruleset.settings import parse

    return load(find(ruleset), ruleset, parse(assignments))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="assess")
def main() -> None:
    """Check submissions against a ruleset, count indicators, score units, split a fund, and report it all.

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 usage or ruleset error; 3 could not assess.
    """


@main.command()
@click.option("--ruleset", required=True, metavar="FILE", help="Ruleset file, or the name of one that is built in.")
@click.option("--data", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder with submissions.")
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Where the results go.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the reports."
)
@click.option(
    "--fail-on", type=click.Choice(_FAIL_ON), default="critical", show_default=True,
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
@_SET
def run(
    ruleset: str, data: Path, out: Path, lang: str, fail_on: str, store: Path | None, previous: Path | None,
    assignments: tuple[str, ...],
) -> None:  # fmt: skip
    """Assess the submissions in a folder and leave tables and reports."""
    loaded = _load(ruleset, assignments)
    from assess.intake.problems import problems
    from assess.results import check_replaceable
    from assess.run import assess, write

    check_replaceable(out, [data, loaded.path, *([previous] if previous else [])])
    said = f"assess run --ruleset {ruleset} --data {data} --out {out} --lang {lang} --fail-on {fail_on}"
    said += f" --previous {previous}" if previous else ""
    said += "".join(f" --set {shlex.quote(assignment)}" for assignment in assignments)
    assessment = assess(loaded, data, store, said, previous)
    from assess.report.html import render

    write(assessment, out, lambda folder: render(folder, lang))
    found = [*assessment.broken(ruleset), *problems(assessment.tables["receipt"], assessment.tables["rejects"])]
    for problem in found[:_MOST_LINES]:
        _complain(str(problem))
    if len(found) > _MOST_LINES:
        _complain(f"and {len(found) - _MOST_LINES:,} more: the report lists all of them")
    _summary(assessment.manifest, out)
    sys.exit(EXIT_FINDINGS if _reaches(assessment.worst(), fail_on) else EXIT_DONE)


def _reaches(worst: str | None, fail_on: str) -> bool:
    return (
        worst is not None
        and fail_on != "never"
        and _FAIL_ON.index(worst if worst in _FAIL_ON else "never") <= _FAIL_ON.index(fail_on)
    )


def _summary(manifest: dict[str, Any], out: Path) -> None:
    counts = manifest["counts"]
    click.echo(
        f"{counts['units']:,} units, {counts['files']:,} files: {counts['rows_in']:,} rows in = "
        f"{counts['rows_kept']:,} checked + {counts['rows_rejected']:,} rejected"
    )
    for status, by in counts["findings"].items():
        click.echo(f"{status}: " + ", ".join(f"{number:,} {severity}" for severity, number in by.items()))
    money = manifest["allocation"]
    if money is not None:
        if money["refused"]:
            click.echo(f"allocation refused: {money['refused']}")
        else:
            click.echo(
                f"allocated {money['awarded_minor'] / 100:,.2f} of {money['pool_minor'] / 100:,.2f} {money['currency']}"
            )
    click.echo(f"report: {out / 'index.html'}")


@main.command()
@click.option("--ruleset", required=True, metavar="FILE", help="Ruleset file, or the name of one that is built in.")
@click.option("--data", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder with submissions.")
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), default=None,
    help="Where a workbook for each unit goes, with the rows to correct; none is written unless given.",
)  # fmt: skip
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the workbooks."
)
@click.option(
    "--fail-on", type=click.Choice(_FAIL_ON), default="critical", show_default=True,
    help="End with exit code 1 when there are faults of this severity or above.",
)  # fmt: skip
def intake(ruleset: str, data: Path, out: Path | None, lang: str, fail_on: str) -> None:
    """Check files before they are submitted: what was read, what was not, and which records are wrong."""
    from assess.ruleset.builtin import find
    from assess.ruleset.load import load

    loaded = load(find(ruleset), ruleset)
    from assess.report.corrections import Corrections
    from assess.report.language import Language
    from assess.run import assess

    assessment = assess(loaded, data)
    found = Corrections(assessment.tables, assessment.ruleset, Language(lang))
    for line in found.lines():
        click.echo("".join(c if c.isprintable() else "\ufffd" for c in line))
    if out is not None:
        click.echo("\n".join(str(path) for path in found.write(out)))
    sys.exit(EXIT_FINDINGS if _reaches(found.worst(), fail_on) else EXIT_DONE)


@main.command()
@click.argument("ruleset", metavar="RULESET")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
    help="Form of the output; github annotates the lines of a pull request.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="End with exit code 2 on warnings as well.")
@_SET
def lint(ruleset: str, form: str, strict: bool, assignments: tuple[str, ...]) -> None:
    """Say everything that is wrong with a ruleset, each at its line and column."""
    from assess import lint as linting

    problems, summary = linting.lint(ruleset, assignments)
    for line in linting.shown(problems, form):
        if form == "text":
            _complain(line)
        else:
            click.echo(line)
    if form == "text" and summary:
        click.echo(summary)
    sys.exit(EXIT_USAGE if linting.fails(problems, strict=strict) else EXIT_DONE)


@main.command("test")
@click.argument("ruleset", metavar="RULESET")
@click.option(
    "--min-killed", type=click.FloatRange(0, 1), metavar="SHARE", default=None,
    help="End with exit code 1 when the examples notice a smaller share of the mutants, for example 0.95.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Form of the output.",
)  # fmt: skip
@_SET
def test_rules(ruleset: str, min_killed: float | None, form: str, assignments: tuple[str, ...]) -> None:
    """Run the examples of every rule, then change each rule a little and list the changes that no example notices."""
    loaded = _load(ruleset, assignments)
    from assess.mutation import score, show

    found = score.score(loaded)
    click.echo(show.as_json(found) if form == "json" else show.as_text(found))
    sys.exit(EXIT_DONE if found.satisfies(min_killed) else EXIT_FINDINGS)


@main.command()
def schema() -> None:
    """Print the JSON Schema of rulesets, for editors that complete and validate."""
    import json

    from assess.ruleset.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@main.command()
@click.argument("subject", metavar="[KIND | CODE | RULESET]", required=False)
@click.argument("name", metavar="[ID]", required=False)
@_SET
@click.option("--all", "every", is_flag=True, help="Write a page for every problem code.")
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), default=None, help="Where the pages of --all go."
)
def explain(subject: str | None, name: str | None, assignments: tuple[str, ...], every: bool, out: Path | None) -> None:
    """Explain a kind of check (in_range), a problem code (RS011), or a rule or indicator of a ruleset.

    Without a subject, list the kinds and the codes; with a ruleset alone, its rules and indicators.
    """
    from assess.explain import explain as text
    from assess.explain import is_ruleset, write_pages

    if every or out is not None:
        if not every or out is None or subject is not None:
            raise click.UsageError("--all and --out go together, and without a subject")
        click.echo(f"{len(write_pages(out)):,} pages in {out}")
    elif subject is not None and is_ruleset(subject):
        from assess.effective import effective, listing

        loaded = _load(subject, assignments)
        click.echo(effective(loaded, name) if name is not None else listing(loaded))
    elif name is not None or assignments:
        from assess.errors import Problem, UsageError

        raise UsageError(Problem("", 0, 0, "EX003", f"{subject!r} is no ruleset: neither a file nor a built-in name"))
    else:
        click.echo(text(subject))


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the reports."
)
def report(directory: Path, lang: str) -> None:
    """Render the reports of an assessment directory again, from its tables alone."""
    from assess.report.html import render

    pages = render(directory, lang)
    click.echo(f"{len(pages):,} pages; report: {directory / 'index.html'}")


if __name__ == "__main__":
    main()
