"""Commands about rulesets: lint, test, schema, explain."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from assess.cli.shell import SET, complain, load
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE


@click.command()
@click.argument("ruleset", metavar="RULESET")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
    help="Form of the output; github annotates the lines of a pull request.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="End with exit code 2 on warnings as well.")
@SET
def lint(ruleset: str, form: str, strict: bool, assignments: tuple[str, ...]) -> None:
    """Say everything that is wrong with a ruleset, each at its line and column."""
    from assess import lint as linting

    problems, summary = linting.lint(ruleset, assignments)
    for line in linting.shown(problems, form):
        if form == "text":
            complain(line)
        else:
            click.echo(line)
    if form == "text" and summary:
        click.echo(summary)
    sys.exit(EXIT_USAGE if linting.fails(problems, strict=strict) else EXIT_DONE)


@click.command("test")
@click.argument("ruleset", metavar="RULESET")
@click.option(
    "--min-killed", type=click.FloatRange(0, 1), metavar="SHARE", default=None,
    help="End with exit code 1 when the examples notice a smaller share of the mutants, for example 0.95.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Form of the output.",
)  # fmt: skip
@SET
def test_rules(ruleset: str, min_killed: float | None, form: str, assignments: tuple[str, ...]) -> None:
    """Run the examples of every rule, then change each rule a little and list the changes that no example notices."""
    loaded = load(ruleset, assignments)
    from assess.mutation import score, show

    found = score.score(loaded)
    click.echo(show.as_json(found) if form == "json" else show.as_text(found))
    sys.exit(EXIT_DONE if found.satisfies(min_killed) else EXIT_FINDINGS)


@click.command()
def schema() -> None:
    """Print the JSON Schema of rulesets, for editors that complete and validate."""
    import json

    from assess.ruleset.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


@click.command()
@click.argument("subject", metavar="[KIND | CODE | RULESET]", required=False)
@click.argument("name", metavar="[ID]", required=False)
@SET
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

        loaded = load(subject, assignments)
        click.echo(effective(loaded, name) if name is not None else listing(loaded))
    elif name is not None or assignments:
        from assess.errors import Problem, UsageError

        raise UsageError(Problem("", 0, 0, "EX003", f"{subject!r} is no ruleset: neither a file nor a built-in name"))
    else:
        click.echo(text(subject))
