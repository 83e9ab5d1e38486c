"""What holds for every small sample: all that was planted is found, nothing else is, and everything adds up."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import get_args

import fastexcel
import polars as pl
import pytest

from assess.assessment import Assessment
from assess.checks import Profile
from assess.pipeline import assess
from assess.replay.verify import verify
from assess.ruleset.load import Loaded, load
from assess.scores import Aggregate, AnyPart, Policy

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "samples"))

from further import SAMPLES  # noqa: E402

NAMES = sorted(SAMPLES)


@cache
def ruleset(name: str) -> Loaded:
    return load(ROOT / "rulesets" / f"{name}.yaml")


@cache
def result(name: str) -> Assessment:
    return assess(ruleset(name), ROOT / "samples" / name)


@cache
def truth(name: str) -> list[dict[str, str]]:
    with (ROOT / "samples" / name / "_truth.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def lines_of(path: Path) -> list[list[str]]:
    """Every line of a file after its header, as text."""
    if path.suffix == ".xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string").to_polars()
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows()][1:]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))[1:]


def on_units(name: str) -> set[str]:
    """The rules that judge a unit, which leave no evidence of records."""
    return {rule.id for rule in ruleset(name).ruleset.checks if isinstance(rule.check, Profile)}


def on_views(name: str) -> set[str]:
    """The rules on views, whose evidence names the view and not a line of a file."""
    return {rule.id for rule in ruleset(name).ruleset.checks if rule.table in ruleset(name).ruleset.views}


def stated(name: str) -> set[str]:
    """The rules that the author wrote, without those that every table has."""
    return {rule.id for rule in ruleset(name).ruleset.checks if rule.check.kind != "parses"}


@pytest.mark.parametrize("name", NAMES)
def test_precision_and_recall_are_1(name: str) -> None:
    evidence = result(name).tables["evidence"].select("rule", "file", "line").rows()
    apart = on_units(name) | on_views(name)
    found = {line for line in evidence if line[0] not in apart}
    planted = {(row["rule"], row["file"], int(row["line"])) for row in truth(name)}
    assert found == {line for line in planted if line[0] not in apart}


@pytest.mark.parametrize("name", NAMES)
def test_rules_on_units_and_views_accuse_the_planted_units_as_often_as_planted(name: str) -> None:
    apart = on_units(name) | on_views(name)
    measured = (
        result(name).tables["measurements"].filter((pl.col("violated") > 0) & pl.col("rule").is_in(sorted(apart)))
    )
    found = {(unit, rule): violated for unit, rule, violated in measured.select("unit", "rule", "violated").iter_rows()}
    assert found == dict(Counter((row["institution_id"], row["rule"]) for row in truth(name) if row["rule"] in apart))


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_something_to_find(name: str) -> None:
    assert {row["rule"] for row in truth(name)} == stated(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_and_no_indicator_is_in_error_and_every_row_is_kept(name: str) -> None:
    tables = result(name).tables
    assert tables["measurements"].filter(pl.col("status") == "error").is_empty()
    assert tables["indicators"].filter(pl.col("status") == "error").is_empty()
    receipt = tables["receipt"]
    assert (receipt["rows_in"] == receipt["rows_kept"]).all()
    assert tables["rejects"].is_empty()


@pytest.mark.parametrize("name", NAMES)
def test_parts_sum_to_scores(name: str) -> None:
    parts = result(name).tables["score_parts"].group_by("unit").agg(pl.col("given").sum()).sort("unit")
    scores = result(name).tables["scores"].select("unit", "score").sort("unit").drop_nulls()
    assert parts.filter(pl.col("unit").is_in(scores["unit"].to_list())).rows() == scores.rows()
    assert scores.height > 0


@pytest.mark.parametrize("name", [n for n in NAMES if load(ROOT / "rulesets" / f"{n}.yaml").ruleset.allocation])
def test_what_is_awarded_and_what_is_kept_make_up_the_pools(name: str) -> None:
    tables, allocation = result(name).tables, ruleset(name).ruleset.allocation
    assert allocation is not None
    awarded = dict(tables["pool_awards"].group_by("pool").agg(pl.col("amount_minor").sum()).iter_rows())
    kept = {pool["id"]: pool["kept_minor"] for pool in result(name).manifest["allocation"]["pools"]}
    assert {pool.id: pool.pool_minor for pool in allocation.each} == {p: awarded[p] + kept[p] for p in kept}
    steps = tables["award_steps"].filter(pl.col("pool") != "").group_by("unit").agg(pl.col("amount").sum()).sort("unit")
    assert steps.rows() == tables["awards"].select("unit", "amount").sort("unit").rows()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_personal_is_left_unmasked(name: str) -> None:
    files = [path for path in (ROOT / "samples" / name).iterdir() if not path.name.startswith("_")]
    cells = {cell for path in files for line in lines_of(path) for cell in line}
    numbers = {cell for cell in cells if len(cell) == 18 and cell[:17].isdigit()}
    for table in ("evidence", "rejects", "findings"):
        text = result(name).tables[table].write_csv()
        assert not [number for number in numbers if number in text], table


@pytest.mark.parametrize("name", NAMES)
def test_every_line_of_the_truth_points_at_the_record_it_names(name: str) -> None:
    for row in truth(name):
        line = lines_of(ROOT / "samples" / name / row["file"])[int(row["line"]) - 2]
        assert row["institution_id"] in line, row
        assert row["key"] in line or not row["key"], row
    assert len({(r["rule"], r["file"], r["line"], r["reason"]) for r in truth(name)}) == len(truth(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_sample_on_disk_is_what_the_script_makes(name: str, tmp_path: Path) -> None:
    SAMPLES[name](1).write(tmp_path / name)
    made, kept = tmp_path / name, ROOT / "samples" / name
    assert {path.name for path in made.iterdir()} == {path.name for path in kept.iterdir()}
    for path in made.iterdir():
        if path.suffix == ".csv":
            assert path.read_bytes() == (kept / path.name).read_bytes(), path.name
        else:  # another version of the library may pack the same sheet in other bytes
            assert lines_of(path) == lines_of(kept / path.name), path.name


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_makes_other_people_and_days_and_the_same_scores(name: str, tmp_path: Path) -> None:
    SAMPLES[name](2).write(tmp_path / name)
    other = assess(ruleset(name), tmp_path / name)
    assert other.tables["scores"].rows() == result(name).tables["scores"].rows()
    if name != "work-points-county":  # nobody is in it
        assert other.manifest["inputs_sha256"] != result(name).manifest["inputs_sha256"]


def test_what_is_drawn_from_the_kept_counts_again_is_the_same(tmp_path: Path) -> None:
    for name in NAMES:
        result(name).write(tmp_path / name)
        assert verify(tmp_path / name) == [], name


@pytest.mark.parametrize(
    ("name", "table"),
    [
        (name, table)
        for name in NAMES
        for table, spec in load(ROOT / "rulesets" / f"{name}.yaml").ruleset.tables.items()
        if spec.required and table != load(ROOT / "rulesets" / f"{name}.yaml").ruleset.unit.table
    ],
)
def test_a_unit_that_leaves_a_table_out_never_scores_above_itself(name: str, table: str, tmp_path: Path) -> None:
    key = ruleset(name).ruleset.unit.key
    before = {row["unit"]: row["score"] for row in result(name).tables["scores"].iter_rows(named=True)}
    # The best unit has most to lose, and the worst most to hide.
    known = sorted((score, unit) for unit, score in before.items() if score is not None)
    silent = {known[0][1], known[-1][1]}
    made = SAMPLES[name](1)
    made.tables[table] = [record for record in made.tables[table] if record.values[key] not in silent]
    made.write(tmp_path / name)
    after = dict(assess(ruleset(name), tmp_path / name).tables["scores"].select("unit", "score").iter_rows())
    for unit in silent:
        assert after[unit] is None or after[unit] <= before[unit]


def test_the_language_is_shown_by_the_rulesets() -> None:
    """Whoever looks for an example of a method, a tie or a policy finds one that is tested."""
    scores = [spec for name in NAMES if (spec := ruleset(name).ruleset.score) is not None]
    money = [spec for name in NAMES if (spec := ruleset(name).ruleset.allocation) is not None]
    parts = [(groups, part) for spec in scores for groups, part in spec.walk()]
    fields = {cls.model_fields["method"].annotation for cls in get_args(get_args(AnyPart)[0])}
    assert {part.method for _, part in parts} == {method for field in fields for method in get_args(field)}
    assert {g.aggregate for groups, _ in parts for g in groups} | {s.aggregate for s in scores} >= set(
        get_args(Aggregate)
    )
    assert {spec.ranking.ties for spec in scores} == {"competition", "dense", "modified"}
    policies = {part.not_applicable for _, part in parts} | {spec.not_applicable for spec in scores}
    assert policies - {None} == set(get_args(Policy))
    vetoes = [veto for spec in scores for veto in spec.veto]
    assert {veto.subject[0] for veto in vetoes} == {"indicator", "rule", "item"}
    assert {pool.withheld for spec in money for pool in spec.each} - {None} == {"redistribute", "carry", "return"}
    assert {spec.negative for spec in money} == {"clawback", "carry", "waive"}
    targets = [i.target for name in NAMES for i in ruleset(name).ruleset.indicators if i.target is not None]
    assert {target.schedule for target in targets} == {"full", "linear", "stated", "step"}


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        SAMPLES["family-doctor"](1).write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
