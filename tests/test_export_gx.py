"""The suites of a ruleset: Great Expectations loads them, runs them in a Checkpoint, and counts what we count."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from assess.cli.crosschecking import export_gx
from assess.crosscheck.engine import quietly
from assess.crosscheck.frames import pandas_frame
from assess.engine.passes import inside
from assess.engine.plan import plans
from assess.intake import take_in
from assess.intake.store import Store
from assess.ruleset.load import Loaded, load

ROOT = Path(__file__).parent.parent
BPHS = ROOT / "rulesets" / "bphs-2024.yaml"
TABLES = ["hypertension", "residents", "contracts"]
# A rule on the whole of these tables that has more to say than an expectation takes.
TOLERANT = """\
ruleset: tolerant
version: 1
title: {zh: 容差, en: Tolerance}
unit: {table: units, key: unit}
tables:
  units: {columns: {unit: {type: code}, n: {type: integer}, m: {type: integer}}}
checks:
  - {id: N, table: units, check: in_range, column: n, min: 0, tolerance: 0.25, severity: info, title: {zh: 负数, en: Below nought}}
  - {id: NM, table: units, check: expression, valid: n + m > 1, tolerance: 0.1, title: sum}
"""  # noqa: E501


def export(ruleset: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(export_gx, [str(ruleset), "--out", str(out), *more])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("gx") / "suites"
    return out, export(BPHS, out)


@pytest.fixture(scope="module")
def bphs() -> Loaded:
    return load(BPHS)


def suite(out: Path, table: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((out / f"{table}.json").read_text(encoding="utf-8"))
    return read


def test_every_rule_is_in_a_suite_or_in_the_list_of_what_is_not(exported: tuple[Path, Result], bphs: Loaded) -> None:
    out, ended = exported
    assert ended.exit_code == 0, ended.output
    mapped = {each["meta"]["rule"] for table in bphs.ruleset.tables for each in suite(out, table)["expectations"]}
    left = json.loads((out / "not_mapped.json").read_text(encoding="utf-8"))
    assert {each["rule"] for each in left} | mapped == {rule.id for rule in bphs.ruleset.checks}
    assert not {each["rule"] for each in left} & mapped
    assert all(each["reason"] in ended.output and each["rule"] in ended.output for each in left)
    assert len(mapped) == 82


def test_an_expectation_carries_severity_notes_and_source(exported: tuple[Path, Result], bphs: Loaded) -> None:
    expectations = suite(exported[0], "hypertension")["expectations"]
    (found,) = [each for each in expectations if each["meta"]["rule"] == "HTN-SBP"]
    rule = next(rule for rule in bphs.ruleset.checks if rule.id == "HTN-SBP")
    assert rule.source is not None
    assert rule.fix is not None
    assert found["severity"] == "warning"
    assert found["notes"] == [rule.title.zh, rule.fix.zh]
    assert found["meta"]["severity"] == "major"
    assert found["meta"]["source"] == rule.source.zh
    assert found["kwargs"]["row_condition"] == {"type": "nullity", "column": {"name": "sbp"}, "is_null": False}


@pytest.fixture(scope="module")
def frames(bphs: Loaded, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    ruleset, store = bphs.ruleset, Store(tmp_path_factory.mktemp("store"))
    intake = take_in(ROOT / "samples" / "province", ruleset.tables, ruleset.unit.table, ruleset.unit.key, store)
    return {name: intake.scan(name).collect() for name in ruleset.tables}


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    with quietly():
        import great_expectations as gx

        yield gx.get_context(mode="ephemeral")


@pytest.mark.parametrize("table", TABLES)
def test_it_is_loaded_and_run_in_a_checkpoint_with_the_counts_expected(
    table: str, exported: tuple[Path, Result], frames: dict[str, pl.DataFrame], bphs: Loaded, context: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    import great_expectations as gx

    loaded = context.suites.add(gx.ExpectationSuite(**suite(exported[0], table)))
    whole = context.data_sources.add_pandas(table).add_dataframe_asset(table).add_batch_definition_whole_dataframe("w")
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=table, data=whole, suite=loaded))
    checkpoint = context.checkpoints.add(gx.Checkpoint(name=table, validation_definitions=[definition]))
    ended = checkpoint.run(batch_parameters={"dataframe": pandas_frame(frames[table])})
    (result,) = ended.run_results.values()
    theirs = {
        each.expectation_config.meta["rule"]: each.result.get("unexpected_count", each.result.get("observed_value"))
        for each in result.results
    }
    outcome = inside(bphs.ruleset, plans(bphs.ruleset), lambda name: frames[name].lazy(), tmp_path)[table]
    ours = {rule: int(outcome.measured[f"violated {rule}"].sum()) for rule in theirs}
    assert theirs == ours
    assert sum(ours.values()) > 20
    assert not ended.success


def test_a_tolerance_becomes_mostly_where_there_is_such_a_word(tmp_path: Path) -> None:
    ruleset, out = tmp_path / "tolerant.yaml", tmp_path / "out"
    ruleset.write_text(TOLERANT, encoding="utf-8")
    ended = export(ruleset, out, "--lang", "en")
    within, summed = suite(out, "units")["expectations"]
    assert (within["kwargs"]["mostly"], within["severity"], within["notes"]) == (0.75, "info", ["Below nought"])
    assert "mostly" not in summed["kwargs"]
    assert "not mapped: NM: a condition has no tolerance" in ended.output


def test_an_export_replaces_an_earlier_one_and_nothing_else(tmp_path: Path) -> None:
    ruleset, out = tmp_path / "tolerant.yaml", tmp_path / "out"
    ruleset.write_text(TOLERANT, encoding="utf-8")
    assert export(ruleset, out).exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert export(ruleset, out).exit_code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    (out / "mine.txt").write_text("x", encoding="utf-8")
    ended = export(ruleset, out)
    assert "AD003 holds other things, such as mine.txt" in str(ended.exception)
    assert (out / "mine.txt").exists()
