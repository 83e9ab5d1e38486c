"""Rates: kinds and ceilings, raw and verified and scored, levels by sums."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from assess.indicators import CEILINGS, COUNTS_SCHEMA, REPORTED_SCHEMA, Indicator, Period, evaluate

UNITS = pl.DataFrame({"unit": ["A", "B", "C"], "county": ["X", "X", "Y"]})


def indicator(**fields: Any) -> Indicator:
    side = {"table": "t"}
    return Indicator.model_validate(
        {"id": "I", "title": "t", "kind": "coverage", "numerator": side, "denominator": side} | fields
    )


def counts(*rows: tuple[str, float | None, float | None, float | None]) -> pl.DataFrame:
    full = [(unit, "I", n, v, d, True, False) for unit, n, v, d in rows]
    return pl.DataFrame(full, schema=COUNTS_SCHEMA, orient="row")


def reported(**fields: Any) -> pl.DataFrame:
    row = dict.fromkeys(REPORTED_SCHEMA) | {"unit": "A", "indicator": "I", "suppressed": False} | fields
    return pl.DataFrame([row], schema=REPORTED_SCHEMA)


NOTHING = pl.DataFrame(schema=REPORTED_SCHEMA)


def of(table: pl.DataFrame, unit: str = "A", level: str = "unit") -> dict[str, Any]:
    return table.filter((pl.col("unit") == unit) & (pl.col("level") == level)).row(0, named=True)


def run(spec: Indicator, data: pl.DataFrame, said: pl.DataFrame = NOTHING, elapsed: float = 1.0) -> pl.DataFrame:
    return evaluate([spec], data, said, UNITS, ["county"], elapsed)


def test_three_rates_are_kept_apart() -> None:
    row = of(run(indicator(), counts(("A", 2698, 1924, 2000))))
    assert (row["raw"], row["verified"], row["scored"]) == (1.349, 0.962, 0.962)
    assert (row["status"], row["reason"]) == ("fail", "above_ceiling")


@pytest.mark.parametrize("kind", CEILINGS)
def test_only_a_part_of_a_whole_has_a_ceiling(kind: str) -> None:
    row = of(run(indicator(kind=kind), counts(("A", 1444, 1444, 1000))))
    if kind in ("coverage", "share", "per_mille"):
        assert (row["scored"], row["status"], row["raw"]) == (1.0, "fail", 1.444)
    else:
        assert (row["scored"], row["status"]) == (1.444, "pass")


@pytest.mark.parametrize(
    ("numerator", "denominator", "reason"),
    [(5, 0, "zero_denominator"), (0, 0, "zero_denominator"), (5, None, "no_denominator"), (5, -1, "zero_denominator")],
)
def test_a_denominator_that_is_no_base_scores_nothing(numerator: float, denominator: float | None, reason: str) -> None:
    row = of(run(indicator(), counts(("A", numerator, numerator, denominator))))
    assert [row[name] for name in ("raw", "verified", "scored")] == [None, None, None]
    assert (row["status"], row["reason"]) == ("not_applicable", reason)


def test_suppressed_is_neither_zero_nor_missing() -> None:
    spec = Indicator.model_validate({"id": "I", "title": "t", "kind": "coverage", "reported": {"indicator": "x"}})
    nobody = pl.DataFrame(schema=COUNTS_SCHEMA)
    row = of(run(spec, nobody, reported(suppressed=True)))
    assert (row["status"], row["reason"], row["scored"]) == ("not_applicable", "suppressed", None)
    row = of(run(spec, nobody, reported(reported=1.3488)))
    assert (row["status"], row["reason"], row["raw"], row["scored"]) == ("fail", "above_ceiling", 1.3488, None)
    row = of(run(spec, nobody, reported(reported=0.9)))
    assert (row["reason"], row["scored"]) == ("no_counts", None)


def test_levels_sum_counts_and_never_average_rates() -> None:
    table = run(indicator(), counts(("A", 90, 90, 100), ("B", 100, 100, 900), ("C", 5, 5, 10)))
    assert of(table, "X", "county")["raw"] == 190 / 1000
    assert of(table, "all", "all")["raw"] == 195 / 1010


def test_a_reported_rate_is_compared_with_the_counted_one() -> None:
    said = reported(reported=0.9731, reported_step=0.0001)
    assert of(run(indicator(), counts(("A", 74608, 74608, 76674)), said))["differs"] is False
    row = of(run(indicator(), counts(("A", 60000, 60000, 76674)), said))
    assert (row["differs"], row["reason"]) == (True, "reported_differs")


def test_a_reported_rate_above_the_ceiling_fails_although_the_counts_do_not() -> None:
    row = of(run(indicator(), counts(("A", 90, 90, 100)), reported(reported=1.3488)))
    assert (row["status"], row["reason"], row["scored"]) == ("fail", "above_ceiling", 0.9)


def test_targets_follow_the_period() -> None:
    period = Period(start=dt.date(2024, 1, 1), end=dt.date(2024, 12, 31), as_of=dt.date(2024, 6, 30))
    assert period.elapsed == 182 / 366
    linear = indicator(target={"value": 0.62, "schedule": "linear"})
    row = of(run(linear, counts(("A", 25, 25, 100)), elapsed=0.5))
    assert (row["target"], row["target_now"]) == (0.62, 0.31)
    assert of(run(indicator(target={"value": 0.35}), counts(("A", 28, 28, 100))))["progress"] == pytest.approx(0.8)


def test_amounts_have_no_denominator() -> None:
    spec = indicator(kind="points", denominator=None)
    row = of(run(spec, counts(("A", 3297.0, 3000.0, None))))
    assert (row["raw"], row["verified"], row["scored"], row["status"]) == (3297, 3000, 3000, "pass_with_findings")


def test_a_band_is_a_question_and_not_a_fault() -> None:
    spec = indicator(kind="per_mille", band=(0.002, 0.008))
    row = of(run(spec, counts(("A", 20, 20, 1000))))
    assert (row["status"], row["scored"]) == ("needs_review", 0.02)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"numerator": None}, "neither a numerator"),
        ({"denominator": None}, "needs a denominator"),
        ({"band": (0.9, 0.1)}, "band"),
        ({"target": {"value": 1.2}}, "above its ceiling"),
    ],
)
def test_contradictions_are_refused(fields: dict[str, Any], message: str) -> None:
    if fields == {"numerator": None}:
        fields = {"numerator": None, "denominator": None}
    with pytest.raises(ValidationError, match=message):
        indicator(**fields)


def test_the_period_contains_the_day_of_assessment() -> None:
    with pytest.raises(ValidationError, match="outside"):
        Period(start=dt.date(2024, 1, 1), end=dt.date(2024, 12, 31), as_of=dt.date(2025, 1, 1))
