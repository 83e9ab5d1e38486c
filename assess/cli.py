"""The command line: options, exit codes, and nothing else."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from assess import __version__
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_NOT_ASSESSED, AssessError

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
def run(ruleset: str, data: Path, out: Path, lang: str, fail_on: str, store: Path | None) -> None:
    """Assess the submissions in a folder and leave tables and reports."""
    from assess.ruleset.builtin import find
    from assess.ruleset.load import load

    loaded = load(find(ruleset), ruleset)
    from assess.intake.problems import problems
    from assess.results import check_replaceable
    from assess.run import assess, write

    check_replaceable(out, [data, loaded.path])
    said = f"assess run --ruleset {ruleset} --data {data} --out {out} --lang {lang} --fail-on {fail_on}"
    assessment = assess(loaded, data, store, said)
    from assess.report.html import render

    write(assessment, out, lambda folder: render(folder, lang))
    found = [*assessment.broken(ruleset), *problems(assessment.tables["receipt"], assessment.tables["rejects"])]
    for problem in found[:_MOST_LINES]:
        _complain(str(problem))
    if len(found) > _MOST_LINES:
        _complain(f"and {len(found) - _MOST_LINES:,} more: the report lists all of them")
    _summary(assessment.manifest, out)
    worst = assessment.worst()
    bad = (
        worst is not None
        and fail_on != "never"
        and _FAIL_ON.index(worst if worst in _FAIL_ON else "never") <= _FAIL_ON.index(fail_on)
    )
    sys.exit(EXIT_FINDINGS if bad else EXIT_DONE)


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
@click.argument("ruleset", metavar="RULESET")
def lint(ruleset: str) -> None:
    """Say everything that is wrong with a ruleset, each at its line and column."""
    from assess.ruleset.builtin import find
    from assess.ruleset.load import load

    loaded = load(find(ruleset), ruleset)
    from assess.engine.trial import trial

    problems = trial(loaded)
    if problems:
        from assess.errors import RulesetError

        raise RulesetError(problems)
    spec = loaded.ruleset
    click.echo(f"{ruleset}: {len(spec.checks)} rules, {len(spec.indicators)} indicators, no problems")


@main.command()
def schema() -> None:
    """Print the JSON Schema of rulesets, for editors that complete and validate."""
    import json

    from assess.ruleset.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@main.command()
@click.argument("subject", required=False)
def explain(subject: str | None) -> None:
    """Explain a kind of check (in_range) or a problem code (RS011); without a subject, list them."""
    from assess.explain import explain as text

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
