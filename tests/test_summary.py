"""summary.json says what the tables say, in a form that stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from assessed import FAULTY, SAMPLES, assessed, run
from conftest import VISITS
from jsonschema import Draft202012Validator

from assess.assessment import Assessment, read
from assess.pipeline import assess
from assess.results import SEVERITIES, STATUSES
from assess.ruleset.load import load
from assess.summary import Summary, json_schema
from assess.summary.model import Severity, Status

ROOT = Path(__file__).parent.parent
Write = Callable[..., Path]
Lay = Callable[..., Path]


@pytest.fixture
def out(ruleset_file: Write, lay: Lay, tmp_path: Path) -> Path:
    return assessed(ruleset_file(), lay({"visits.csv": FAULTY}), tmp_path / "out")


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Assessment:
    return assess(load(ROOT / f"rulesets/{request.param}.yaml"), ROOT / "samples" / SAMPLES[request.param])


# ---- summary.json ----------------------------------------------------------------------------------------------------


def test_the_schema_in_the_documents_is_that_of_the_code_and_holds_of_every_sample(sample: Assessment) -> None:
    written = json.loads((ROOT / "docs/summary.schema.json").read_text(encoding="utf-8"))
    assert written == json_schema()
    Draft202012Validator.check_schema(written)
    validator = Draft202012Validator(written)
    said = json.loads(sample.summary.model_dump_json())
    assert list(validator.iter_errors(said)) == []
    assert list(validator.iter_errors(said | {"later": 1})) == []  # version 1 may get new fields
    assert list(validator.iter_errors(said | {"version": 2}))


def test_its_words_are_those_of_the_tables() -> None:
    assert (get_args(Status), get_args(Severity)) == (STATUSES, SEVERITIES)


def test_a_summary_says_what_the_tables_say(sample: Assessment) -> None:
    said = sample.summary
    assert sum(sum(by.values()) for by in said.findings.values()) == sample.findings.height
    assert [unit.unit for unit in said.units] == sample.units["unit"].to_list()
    scores = dict(sample.scores.select("unit", "score").iter_rows())
    assert all(
        unit.score == (None if scores.get(unit.unit) is None else float(scores[unit.unit])) for unit in said.units
    )
    violated = sample.measurements.group_by("rule").agg(pl.col("violated").sum()).filter(pl.col("violated") > 0)
    assert {rule.rule: rule.violated for rule in said.rules if rule.violated} == dict(violated.iter_rows())
    assert sum(sum(unit.faults.values()) for unit in said.units) == sample.findings.filter(
        pl.col("status").is_in(["fail", "error", "not_submitted"]) & pl.col("unit").is_not_null()
    ).height  # fmt: skip
    if said.allocation is None:
        assert sample.awards.is_empty()
    else:
        money = said.allocation
        assert money.awarded_minor == sum(unit.award_minor or 0 for unit in said.units)
        assert money.awarded_minor + money.kept_minor == money.pool_minor
        settled = sum(sample.awards["settlement"].to_list(), Decimal())
        assert sum(unit.settlement_minor or 0 for unit in said.units) == settled * 100


def test_figures_that_cannot_be_true_are_ratios_with_their_line() -> None:
    made = assess(load(ROOT / "rulesets/reported-figures.yaml"), ROOT / "samples/reported-figures")
    assert {(figure.unit, figure.ratio, figure.file, figure.line) for figure in made.summary.implausible} == {
        ("431202", 1.02, "figures.csv", 18), ("431202", 1.05, "figures.csv", 20), ("431202", 1.3488, "figures.csv", 22)
    }  # fmt: skip


def test_a_rule_that_did_not_run_is_among_the_rules(ruleset_file: Write, lay: Lay) -> None:
    made = assess(load(ruleset_file(("valid: day <= @as_of", "valid: person > 3"))), lay({"visits.csv": VISITS}))
    (rule,) = [rule for rule in made.summary.rules if rule.rule == "V-DAY"]
    assert (rule.ran, rule.violated) == (False, 0)
    assert made.summary.worst == "critical"
    assert made.summary.allocation is not None
    assert made.summary.allocation.refused


def test_it_is_written_by_every_command_that_leaves_an_assessment_and_says_the_same(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert run("rescore", out, "--ruleset", tmp_path / "rules.yaml", "--out", again).exit_code == 0
    assert (again / "summary.json").read_bytes() == (out / "summary.json").read_bytes()
    assert Summary.model_validate_json((out / "summary.json").read_text(encoding="utf-8")) == read(out).summary


@pytest.mark.parametrize(("change", "code"), [("edit", "AD005"), ("remove", "AD004")])
def test_verify_holds_it_to_the_tables(out: Path, change: str, code: str) -> None:
    path = out / "summary.json"
    assert run("verify", out).exit_code == 0
    if change == "edit":
        path.write_text(path.read_text(encoding="utf-8").replace('"critical": 1', '"critical": 0'), encoding="utf-8")
    else:
        path.unlink()
    ended = run("verify", out)
    assert ended.exit_code == 1
    assert f"summary.json: {code}" in ended.stderr
