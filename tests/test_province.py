"""The synthetic province: every planted defect is found, nothing else is, and everything adds up."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.checks import Profile
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).parent.parent
DATA = ROOT / "samples" / "province"

with (DATA / "_truth.csv").open(encoding="utf-8", newline="") as _file:
    TRUTH = list(csv.DictReader(_file))
RULESET = load(ROOT / "rulesets" / "bphs-2024.yaml").ruleset
# Rules that judge an institution have no evidence of records; their truth stands on its line of the register.
ON_UNITS = {rule.id: rule.check for rule in RULESET.checks if isinstance(rule.check, Profile)}
# Without an earlier assessment these say nothing.
SINCE = {rule for rule, check in ON_UNITS.items() if check.compares}
RULES = {rule.id for rule in RULESET.checks} - set(ON_UNITS)
INDICATORS = {indicator.id for indicator in RULESET.indicators}
# What follows from other defects, or from the size of an institution, is no defect of its own.
CONSEQUENCES = ["records_disqualified", "small_denominator", "zero_denominator"]


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets" / "bphs-2024.yaml"), DATA)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_precision_and_recall_are_1(result: Assessment, rule: str) -> None:
    found = result.tables["evidence"].filter(pl.col("rule") == rule).select("file", "line").rows()
    planted = {(row["file"], int(row["line"])) for row in TRUTH if row["rule"] == rule}
    assert set(found) == planted
    assert len(found) == len(planted)


@pytest.mark.parametrize("rule", sorted(ON_UNITS))
def test_the_institutions_that_are_to_be_verified_are_the_planted_ones(result: Assessment, rule: str) -> None:
    measured = result.tables["measurements"].filter(pl.col("rule") == rule)
    found = measured.filter(pl.col("violated") > 0)
    assert set(found["unit"]) == {row["institution_id"] for row in TRUTH if row["rule"] == rule}
    assert set(found["status"]) <= {"needs_review"}
    assert (measured["applicable"].sum() > 0) == (rule not in SINCE)


def test_every_rule_has_something_to_find() -> None:
    assert {row["rule"] for row in TRUTH} >= RULES | (set(ON_UNITS) - SINCE)


def test_measurements_count_the_evidence(result: Assessment) -> None:
    measured = result.tables["measurements"].filter(pl.col("rule").is_in(sorted(RULES)))
    measured = measured.group_by("rule").agg(pl.col("violated").sum())
    counted = dict.fromkeys(RULES, 0) | {
        rule: sum(1 for row in TRUTH if row["rule"] == rule) for rule in {row["rule"] for row in TRUTH} & RULES
    }
    assert dict(measured.rows()) == counted


def test_facts_about_indicators_are_the_planted_ones(result: Assessment) -> None:
    planted = {(row["institution_id"], row["rule"], row["reason"]) for row in TRUTH if row["rule"] in INDICATORS}
    rated = result.tables["indicators"].filter(
        (pl.col("level") == "unit") & pl.col("indicator").is_in(sorted(INDICATORS))
    )
    facts = rated.filter(pl.col("reason").is_not_null() & ~pl.col("reason").is_in(CONSEQUENCES))
    assert set(facts.select("unit", "indicator", "reason").rows()) == planted
    found = result.tables["findings"].select("unit", "source", "reason").rows()
    assert planted <= set(found)


def test_rejected_rows_are_the_planted_ones(result: Assessment) -> None:
    rejects = result.tables["rejects"].filter(pl.col("scope") == "row").select("file", "line").rows()
    assert set(rejects) == {(row["file"], int(row["line"])) for row in TRUTH if row["rule"] == "intake"}


def test_134_88_percent_is_caught(result: Assessment) -> None:
    rated = result.tables["indicators"].filter((pl.col("level") == "unit") & (pl.col("indicator") == "DM-MGMT"))
    (caught,) = rated.filter(pl.col("above_ceiling")).to_dicts()
    assert [f"{caught[name]:.2%}" for name in ("reported", "raw")] == ["134.88%", "134.88%"]
    assert caught["scored"] == caught["verified"] < 1 < caught["raw"], "what is scored is what could be verified"


def test_rates_roll_up_over_county_and_prefecture(result: Assessment) -> None:
    rated = result.tables["indicators"].filter(pl.col("indicator") == "VAC-RATE")
    whole = {
        level: found.select(pl.col("numerator", "denominator").sum()).row(0)
        for (level,), found in rated.group_by("level")
    }
    assert set(whole) == {"unit", "county", "prefecture", "all"}
    assert len(set(whole.values())) == 1


def test_every_row_is_accounted_for(result: Assessment) -> None:
    receipt = result.tables["receipt"]
    assert (receipt["rows_in"] == receipt["rows_kept"] + receipt["rows_rejected"]).all()
    rejected = result.tables["rejects"].filter(pl.col("scope") == "row").height
    assert receipt["rows_rejected"].sum() == rejected


def test_parts_sum_to_scores_and_awards_to_the_pool(result: Assessment) -> None:
    parts = result.tables["score_parts"].group_by("unit").agg(pl.col("given").sum())
    scores = result.tables["scores"].select("unit", "score").sort("unit")
    assert parts.sort("unit").rows() == scores.rows()
    assert RULESET.allocation is not None
    assert result.tables["awards"]["amount_minor"].sum() == RULESET.allocation.pool_minor
    # Exact shares are shown to the millionth, so their roundings cancel out to that.
    assert abs(result.tables["pool_awards"]["rounding"].sum()) < Decimal("0.00001")


def test_nothing_personal_is_left_unmasked(result: Assessment) -> None:
    raw = pl.read_csv(DATA / "residents.csv", infer_schema=False)
    numbers = {
        value for name in raw.columns for value in raw[name].drop_nulls() if len(value) == 18 and value[:17].isdigit()
    }
    assert len(numbers) > 1000
    for name in ("evidence", "rejects", "findings", "figures"):
        frame = result.tables[name]
        text = "\n".join(frame.write_csv().splitlines())
        assert not [number for number in numbers if number in text], name
