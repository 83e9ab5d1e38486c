"""Commands that say a ruleset in the words of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from assess.cli.shell import LANGUAGE, SET, load

_OUT = click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder for the files; replaced whole."
)


@click.group()
def export() -> None:
    """Write a ruleset for other tools: SQL for a database, schemas for pandera, suites for Great Expectations.

    What has no counterpart there is listed with the reason, on the terminal and in a file.
    """


@export.command("sql")
@click.argument("ruleset", metavar="RULESET")
@click.option(
    "--dialect", required=True, type=click.Choice(["duckdb", "postgres", "mysql"]), help="The database it is for."
)
@_OUT
@SET
def export_sql(ruleset: str, dialect: str, out: Path, assignments: tuple[str, ...]) -> None:
    """Write each rule as a SELECT of the records that violate it.

    rules/ID.sql gives whole records, the unit first; counts.sql counts them all by rule and unit; tables.sql makes the
    tables that they read, empty.
    """
    loaded = load(ruleset, assignments)
    from assess.exports.dialect import DIALECTS
    from assess.exports.sql import write

    _said(write(loaded, DIALECTS[dialect], out).lines(), out)


@export.command("pandera")
@click.argument("ruleset", metavar="RULESET")
@_OUT
@LANGUAGE
@SET
def export_pandera(ruleset: str, out: Path, lang: str, assignments: tuple[str, ...]) -> None:
    """Write a Python file with a pandera schema for each table, for suppliers to run before they submit.

    schemas.py needs pandera[polars] and nothing of assess: `python schemas.py TABLE.csv` says what is wrong.
    """
    loaded = load(ruleset, assignments)
    from assess.exports.schemas import Schemas

    _said(Schemas(loaded, lang).write(out).lines(), out)


def _said(lines: list[str], out: Path) -> None:
    click.echo(f"{lines[0]} in {out}")
    for line in lines[1:]:
        click.echo(line)
