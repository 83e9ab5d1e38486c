"""The 65 published figures: every verdict that a careful reader would reach, and no accusation beyond it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets" / "reported-figures.yaml"), ROOT / "samples" / "reported-figures")


def findings(result: Assessment, unit: str, indicator: str) -> dict[str, dict[str, Any]]:
    """What was found about one figure: kind of check -> the finding, its numbers decoded."""
    kinds = {rule["id"]: rule["check"] for rule in result.ruleset["checks"]}
    frame = result.tables["findings"].filter((pl.col("unit") == unit) & (pl.col("subject") == indicator))
    return {kinds[row["source"]]: {**row, **json.loads(row["numbers"])} for row in frame.iter_rows(named=True)}


def figure(result: Assessment, unit: str, indicator: str) -> dict[str, Any]:
    frame = result.tables["figures"].filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    return frame.row(0, named=True)


def test_all_published_figures_are_there(result: Assessment) -> None:
    assert result.tables["figures"].height == 65
    assert result.tables["indicators"].height == 65


@pytest.mark.parametrize("indicator", ["居民健康档案建档率", "家庭医生签约率"])
def test_rates_that_follow_from_their_counts_agree(result: Assessment, indicator: str) -> None:
    assert figure(result, "150124", indicator)["verdict"] == "agrees"
    assert findings(result, "150124", indicator) == {}


def test_93_69_agrees_because_it_was_cut_off(result: Assessment) -> None:
    found = findings(result, "150124", "重点人群签约率")
    assert list(found) == ["rounded_half_up"]
    assert found["rounded_half_up"]["severity"] == "info"
    assert figure(result, "150124", "重点人群签约率")["verdict"] == "truncated"


def test_99_84_disagrees_and_reconciles_with_the_visits(result: Assessment) -> None:
    found = findings(result, "341322", "病历书写规范率")
    assert list(found) == ["ratio_agrees"]
    assert found["ratio_agrees"]["computed"] == "99.904797"
    assert found["ratio_agrees"]["reconciles_with"] == "969038"


def test_102_percent_is_possible_as_arithmetic_and_implausible_as_a_coverage(result: Assessment) -> None:
    found = findings(result, "431202", "居民健康档案建档率")
    assert set(found) == {"within_ceiling", "expression"}
    assert (found["within_ceiling"]["status"], found["within_ceiling"]["severity"]) == ("fail", "critical")
    assert (found["expression"]["status"], found["expression"]["severity"]) == ("pass_with_findings", "info")
    outcomes = json.loads(figure(result, "431202", "居民健康档案建档率")["outcomes"])
    kinds = {rule["id"]: rule["check"] for rule in result.ruleset["checks"]}
    assert [seen for rule, seen in outcomes.items() if kinds[rule] == "ratio_agrees"] == [True]


@pytest.mark.parametrize(("indicator", "rate"), [("糖尿病管理率", "134.88"), ("高血压管理率", "105")])
def test_134_88_and_105_are_implausible_and_cannot_be_verified(result: Assessment, indicator: str, rate: str) -> None:
    found = findings(result, "431202", indicator)
    assert set(found) == {"within_ceiling", "expression"}
    assert (found["within_ceiling"]["status"], found["within_ceiling"]["rate"]) == ("fail", rate)
    assert figure(result, "431202", indicator)["verdict"] == "implausible"
    assert found["expression"]["status"] == "fail", "numerator, denominator and source are asked for"
    row = result.tables["indicators"].filter((pl.col("unit") == "431202") & (pl.col("indicator") == indicator))
    assert row["scored"].item() is None


def test_no_number_of_rooms_gives_61_47_percent(result: Assessment) -> None:
    found = findings(result, "341500", "发热诊室占比")
    assert list(found) == ["rate_feasible"]
    numbers = found["rate_feasible"]
    assert [numbers[key] for key in ("below", "below_gives", "above", "above_gives")] == [
        "149",
        "61.745",
        "150",
        "61.3333",
    ]


def test_three_rates_of_one_population_imply_three_populations(result: Assessment) -> None:
    for indicator in ("城乡居民电子健康档案建档率", "家庭医生签约率(常住人口)", "家庭医生有偿签约率"):
        found = findings(result, "340000", indicator)
        assert list(found) == ["implied_base_agrees"]
        assert found["implied_base_agrees"]["status"] == "needs_review"


def test_paid_contracts_imply_22_times_the_patients(result: Assessment) -> None:
    found = findings(result, "340000", "高血压患者有偿签约率")["implied_base_agrees"]
    assert round(float(found["fold"])) == 22
    assert findings(result, "340000", "高血压患者规范管理率")["implied_base_agrees"]["fold"] == found["fold"]


def test_one_county_has_two_populations_1_4_percent_apart(result: Assessment) -> None:
    for indicator in ("严重精神障碍患者报告患病率", "电子健康档案建档率"):
        assert round(float(findings(result, "340000-X", indicator)["implied_base_agrees"]["fold"]), 3) == 1.014


def test_22_units_are_not_21(result: Assessment) -> None:
    found = findings(result, "431202", "基层医疗卫生单位数")
    assert list(found) == ["parts_sum"]
    assert (found["parts_sum"]["sum"], found["parts_sum"]["total"]) == ("22", "21")


@pytest.mark.parametrize(
    ("unit", "indicator"),
    [
        ("340000", "省级特色专科总数"),
        ("341500", "定向培养协议人数(两年)"),
        ("340000-X", "引进人才总数"),
        ("340000-X", "培育人才总数"),
    ],
)
def test_parts_that_sum(result: Assessment, unit: str, indicator: str) -> None:
    assert figure(result, unit, indicator)["verdict"] == "parts_agree"
    assert findings(result, unit, indicator) == {}


@pytest.mark.parametrize(
    ("indicator", "rate"),
    [("新增牙椅任务完成率", "144.4"), ("新增托位任务完成率", "110"), ("长期医疗护理床位增长率", "29.20")],
)
def test_what_may_pass_100_percent_is_never_flagged(result: Assessment, indicator: str, rate: str) -> None:
    row = figure(result, "340000-X", indicator)
    assert (row["rate"], row["verdict"]) == (rate, "legal")
    assert findings(result, "340000-X", indicator) == {}


def test_28_of_a_target_of_35_is_progress_of_80_percent(result: Assessment) -> None:
    assert figure(result, "431202", "家庭医生签约率")["progress"] == pytest.approx(0.8)
    rated = result.tables["indicators"]
    row = rated.filter((pl.col("unit") == "431202") & (pl.col("indicator") == "家庭医生签约率")).row(0, named=True)
    assert (row["raw"], row["target"], row["progress"]) == (0.28, 0.35, pytest.approx(0.8))


def test_an_asterisk_is_suppressed_neither_zero_nor_missing(result: Assessment) -> None:
    row = figure(result, "XXXXXX", "居民电子建档率")
    assert (row["numerator"], row["rate"], row["verdict"]) == ("*", "*", "suppressed")
    rated = result.tables["indicators"].filter(pl.col("unit") == "XXXXXX").row(0, named=True)
    assert (rated["status"], rated["reason"], rated["raw"], rated["scored"]) == (
        "not_applicable",
        "suppressed",
        None,
        None,
    )
    assert result.tables["rejects"].is_empty()


def test_exactly_three_published_rates_are_called_impossible(result: Assessment) -> None:
    above = result.tables["findings"].filter(pl.col("reason") == "above_ceiling")
    assert set(above["subject"]) == {"居民健康档案建档率", "高血压管理率", "糖尿病管理率"}
    assert set(above["unit"]) == {"431202"}


def test_faults_are_these_and_no_others(result: Assessment) -> None:
    faults = result.tables["findings"].filter(pl.col("status") == "fail")
    assert set(faults["subject"]) == {
        "居民健康档案建档率",
        "高血压管理率",
        "糖尿病管理率",
        "病历书写规范率",
        "发热诊室占比",
        "基层医疗卫生单位数",
    }
