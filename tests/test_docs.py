"""What the documents say is there is there, and what is there is in the documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from assess.checks import REGISTRY
from assess.cli import main
from assess.errors import EXIT_DONE, EXIT_FINDINGS, EXIT_NOT_ASSESSED, EXIT_USAGE
from assess.results import STATUSES, TABLES
from assess.ruleset.builtin import names
from assess.ruleset.load import load
from assess.tables import ColumnType

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_is_documented_and_every_documented_command_exists(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    assert set(re.findall(r"^\$ assess ([a-z]+)", text, re.MULTILINE)) == set(main.commands)
    for name, group in main.commands.items():
        if isinstance(group, click.Group):
            assert set(re.findall(rf"^\$ assess {name} ([a-z]+)", text, re.MULTILINE)) == set(group.commands)


def test_every_option_is_documented_and_every_documented_option_exists() -> None:
    text = READMES[0].read_text(encoding="utf-8")
    for line in re.findall(r"^\$ assess .*$", text, re.MULTILINE):
        command = main.commands[line.split()[2]]
        command = command.commands[line.split()[3]] if isinstance(command, click.Group) else command
        options = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
        assert set(re.findall(r"--[a-z-]+", line)) == options, line


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_two_commands_are_on_the_first_screen(readme: Path) -> None:
    first = "\n".join(readme.read_text(encoding="utf-8").splitlines()[:25])
    assert "make demo" in first
    assert "make test" in first
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {"demo", "test"} <= set(targets)


def test_exit_codes_are_those_of_the_readme() -> None:
    said = re.search(
        r"Exit codes of `run`: (\d).*?; (\d).*?; (\d).*?;\s+(\d)", READMES[0].read_text(encoding="utf-8"), re.DOTALL
    )
    assert said is not None
    assert [int(code) for code in said.groups()] == [EXIT_DONE, EXIT_FINDINGS, EXIT_USAGE, EXIT_NOT_ASSESSED]


def test_the_ruleset_in_the_readme_holds(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", READMES[0].read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    head = """\
ruleset: readme
version: 1
title: readme
period: {start: 2024-01-01, end: 2024-12-31}
unit: {table: institutions, key: id}
parameters: {hypertension_prevalence: 0.252}
tables:
  institutions: {columns: {id: {type: code}, adults: {type: integer}}}
  hypertension:
    columns: {id: {type: code}, managed: {type: boolean}, sbp: {type: integer}, dbp: {type: integer}}
"""
    path = tmp_path / "readme.yaml"
    path.write_text(head + block.group(1), encoding="utf-8")
    assert load(path).ruleset.score is not None


def test_the_design_names_every_table_status_and_column_type() -> None:
    missing = [word for word in (*TABLES, *STATUSES, *get_args(ColumnType)) if f"`{word}`" not in DESIGN]
    assert not missing


def test_the_design_names_every_kind_of_check_in_its_dimension() -> None:
    for kind, cls in REGISTRY.items():
        line = re.search(rf"^\| {cls.dimension} \|.*$", DESIGN, re.MULTILINE)
        assert line is not None
        assert f"`{kind}`" in line[0], f"{kind} is not in the line of {cls.dimension}"


def test_local_links_lead_somewhere() -> None:
    for document in [*READMES, ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
            assert "://" in target or (document.parent / target).exists(), f"{document.name}: {target}"


def test_built_in_rulesets_named_in_the_readme_exist() -> None:
    text = READMES[0].read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in names())
