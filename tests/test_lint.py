"""`assess lint`: its forms, its exit codes, and what hostile rulesets cost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assess.cli import main
from assess.errors import Problem
from assess.lint import shown
from assess.ruleset import builtin

Write = Callable[..., Path]
SPARE = ("per_capita: 94", "per_capita: 94\n  spare: 1")


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_warnings_change_the_exit_code_only_when_asked_to(ruleset_file: Write) -> None:
    path = ruleset_file(SPARE)
    result = call("lint", path)
    assert (result.exit_code, "RS034 warning: parameter 'spare'" in result.stderr) == (0, True)
    assert "warnings" in result.stdout
    assert call("lint", "--strict", path).exit_code == 2


def test_rules_without_a_failing_example_are_named_and_the_shipped_rulesets_have_none(ruleset_file: Write) -> None:
    assert call("lint", ruleset_file()).stderr.count("RS030 warning") == 3
    for name in builtin.names():
        assert call("lint", "--strict", name).exit_code == 0


def test_errors_end_with_2_in_every_form(ruleset_file: Write) -> None:
    path = ruleset_file(("column: sbp", "column: spb"))
    for form in ("text", "json", "github"):
        assert call("lint", "--format", form, path).exit_code == 2
    (found,) = [p for p in json.loads(call("lint", "--format", "json", path).stdout) if p["level"] == "error"]
    assert (found["code"], found["line"], found["column"], found["hint"]) == ("RS011", 33, 13, "did you mean 'sbp'?")
    said = call("lint", "--format", "github", path).stdout
    assert f"::error file={path},line=33,col=13,title=RS011::table 'visits' has no column 'spb' (did you" in said


def test_a_message_cannot_start_a_command_of_its_own() -> None:
    problem = Problem("a,b:c.yaml", 1, 2, "RS003", "unknown key 'x\n::error::y' 100%", level="warning")
    assert list(shown([problem], "github")) == [
        "::warning file=a%2Cb%3Ac.yaml,line=1,col=2,title=RS003::unknown key 'x%0A::error::y' 100%25"
    ]


def test_an_unreadable_ruleset_is_told_in_every_form(tmp_path: Path) -> None:
    assert json.loads(call("lint", "--format", "json", tmp_path / "none.yaml").stdout)[0]["code"] == "RS001"


def test_settings_are_for_declared_parameters(ruleset_file: Write) -> None:
    assert call("lint", "--set", "per_capita=99", ruleset_file()).exit_code == 0
    refused = call("lint", "--set", "per_capta=99", ruleset_file())
    assert (refused.exit_code, "did you mean 'per_capita'?" in refused.stderr) == (2, True)


def test_explain_knows_rulesets(ruleset_file: Write) -> None:
    path = ruleset_file()
    assert "V-SBP" in call("explain", path).stdout
    assert "Evaluated by in_range" in call("explain", path, "V-SBP").stdout
    limited = ruleset_file(("max: 300", "where: weight < @per_capita\n    max: 300"))
    assert "where: weight < 99" in call("explain", limited, "V-SBP", "--set", "per_capita=99").stdout
    assert call("explain", path, "V-SPB").exit_code == 2
    assert call("explain", "in_range", "V-SBP").exit_code == 2


HOSTILE = {
    "a pattern that makes others backtrack": ("check: in_range\n    column: sbp\n    min: 60\n    max: 300",
                                              "check: matches\n    column: person\n    pattern: '(a+)+$'"),
    "a condition without end": ("day <= @as_of", " AND ".join(["day <= @as_of"] * 5000)),
    "a condition in parentheses without end": ("day <= @as_of", "(" * 1900 + "day" + ")" * 1900),
    "a pattern that is huge": ("check: in_range\n    column: sbp\n    min: 60\n    max: 300",
                               "check: matches\n    column: person\n    pattern: '((a{1000}){1000}){1000}'"),
    "a number beyond measure": ("max: 300", "max: " + "9" * 5000),
    "a name beyond measure": ("id: V-SBP", "id: V" + "x" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_ruleset_costs_a_moment_and_ends_cleanly(ruleset_file: Write, change: tuple[str, str]) -> None:
    started = time.monotonic()
    result = call("lint", ruleset_file(change))
    assert result.exit_code in (0, 2)
    assert "Traceback" not in result.output
    assert time.monotonic() - started < 20
