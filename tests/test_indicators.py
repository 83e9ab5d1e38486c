"""Rates: kinds and ceilings, raw and verified and scored, levels by sums."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assess.indicators import (
    CEILINGS,
    COUNTS_SCHEMA,
    PREVIOUS_SCHEMA,
    REPORTED_SCHEMA,
    Compared,
    Indicator,
    Period,
    Target,
)
from assess.indicators import evaluate as evaluate_all

UNITS = pl.DataFrame({"unit": ["A", "B", "C"], "county": ["X", "X", "Y"], "peers": [None, None, None]})
YEAR = Period(start=dt.date(2024, 1, 1), end=dt.date(2024, 12, 31), as_of=dt.date(2024, 6, 30))


def indicator(**fields: Any) -> Indicator:
    side = {"table": "t"}
    return Indicator.model_validate(
        {"id": "I", "title": "t", "kind": "coverage", "numerator": side, "denominator": side} | fields
    )


def counts(*rows: tuple[str, float | None, float | None, float | None]) -> pl.DataFrame:
    full = [(unit, "I", n, v, d, 0.0, 0.0, True, False) for unit, n, v, d in rows]
    return pl.DataFrame(full, schema=COUNTS_SCHEMA, orient="row")


def reported(**fields: Any) -> pl.DataFrame:
    row = dict.fromkeys(REPORTED_SCHEMA) | {"unit": "A", "indicator": "I", "suppressed": False} | fields
    return pl.DataFrame([row], schema=REPORTED_SCHEMA)


NOTHING = pl.DataFrame(schema=REPORTED_SCHEMA)


def of(table: pl.DataFrame, unit: str = "A", level: str = "unit") -> dict[str, Any]:
    return table.filter((pl.col("unit") == unit) & (pl.col("level") == level)).row(0, named=True)


def evaluate(spec: Indicator, data: pl.DataFrame, said: pl.DataFrame = NOTHING, **more: Any) -> Compared:
    return evaluate_all([spec], data, said, more.pop("units", UNITS), ["county"], **more)


def run(spec: Indicator, data: pl.DataFrame, said: pl.DataFrame = NOTHING, **more: Any) -> pl.DataFrame:
    return evaluate(spec, data, said, **more).indicators


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


def test_progress_is_against_the_day_and_completion_against_the_target() -> None:
    assert YEAR.elapsed == Fraction(182, 366)
    linear = indicator(target={"value": 0.61, "schedule": "linear"})
    row = of(run(linear, counts(("A", 244, 244, 1000)), period=YEAR))
    assert row["target"] == 0.61
    assert row["target_now"] == pytest.approx(0.61 * 182 / 366)
    assert row["completion"] == pytest.approx(0.4)
    assert row["progress"] == pytest.approx(0.4 * 366 / 182)
    full = of(run(indicator(target={"value": 0.35}), counts(("A", 28, 28, 100)), period=YEAR))
    assert (full["progress"], full["completion"]) == (pytest.approx(0.8), pytest.approx(0.8))


STAGES = [{"by": "2024-03-31", "share": 0.2}, {"by": "2024-09-30", "share": 0.8}, {"by": "2024-12-31", "share": 1}]


@pytest.mark.parametrize(
    ("schedule", "day", "share"),
    [
        ("full", "2024-01-01", Fraction(1)),
        ("linear", "2024-06-30", Fraction(182, 366)),
        ("step", "2024-03-30", Fraction(0)),
        ("step", "2024-03-31", Fraction(1, 5)),
        ("step", "2024-09-29", Fraction(1, 5)),
        ("step", "2024-12-31", Fraction(1)),
        ("stated", "2024-03-31", Fraction(1, 5)),
        ("stated", "2024-06-30", Fraction(1, 5) + Fraction(3, 5) * Fraction(91, 183)),
        ("stated", "2024-01-01", Fraction(1, 5) * Fraction(1, 91)),
        ("stated", "2024-12-31", Fraction(1)),
    ],
)
def test_targets_follow_their_schedule_exactly(schedule: str, day: str, share: Fraction) -> None:
    stages = {"stages": STAGES} if schedule in ("step", "stated") else {}
    target = Target.model_validate({"value": 0.9, "schedule": schedule, **stages})
    period = YEAR.model_copy(update={"as_of": dt.date.fromisoformat(day)})
    assert target.on(period) == Fraction(9, 10) * share
    assert target.on(None) == Fraction(9, 10)


def test_a_target_of_nothing_yet_is_no_division() -> None:
    spec = indicator(target={"value": 0.9, "schedule": "step", "stages": STAGES})
    row = of(run(spec, counts(("A", 5, 5, 10)), period=YEAR.model_copy(update={"as_of": dt.date(2024, 1, 31)})))
    assert (row["target_now"], row["progress"], row["scored"]) == (0, None, 0.5)


EXCEPTED = {"exclusions": {"table": "t", "where": "gone"}}


def excepted(numerator: float, everybody: float, excluded: float, verified: float | None = None) -> pl.DataFrame:
    sound = excluded if verified is None else verified
    row = ("A", "I", numerator, numerator, everybody, excluded, sound, True, False)
    return pl.DataFrame([row], schema=COUNTS_SCHEMA, orient="row")


def test_exclusions_are_shown_both_ways() -> None:
    # 60 of 100 patients reached, 20 excepted: achievement 60/80, receiving 60/100, exception rate 20/100.
    row = of(run(indicator(**EXCEPTED), excepted(60, 100, 20)))
    assert (row["denominator"], row["excluded"]) == (80, 20)
    assert (row["verified"], row["receiving"], row["exception_rate"]) == (0.75, 0.6, 0.2)


def test_a_false_exception_stays_in_the_denominator() -> None:
    row = of(run(indicator(**EXCEPTED), excepted(60, 100, 20, verified=5)))
    assert (row["raw"], row["denominator_verified"]) == (0.75, 95)
    assert row["verified"] == pytest.approx(60 / 95)
    assert row["exception_rate"] == 0.05


def test_who_excepts_everybody_earns_no_rate() -> None:
    row = of(run(indicator(**EXCEPTED), excepted(0, 100, 100)))
    assert (row["status"], row["reason"], row["scored"]) == ("fail", "all_excluded", None)


def test_many_exceptions_are_a_question() -> None:
    row = of(run(indicator(**EXCEPTED, exceptions_above=0.15), excepted(60, 100, 20)))
    assert (row["status"], row["reason"], row["scored"]) == ("needs_review", "many_exceptions", 0.75)


def test_a_small_denominator_is_shown_and_not_scored_however_many_are_excepted() -> None:
    spec = indicator(**EXCEPTED, minimum_denominator=30)
    small = of(run(spec, excepted(20, 29, 0)))
    assert (small["status"], small["reason"], small["scored"]) == ("not_applicable", "small_denominator", None)
    assert small["verified"] == pytest.approx(20 / 29)
    # Excepting people makes no denominator small: that would be a way out.
    assert of(run(spec, excepted(20, 30, 9)))["scored"] == pytest.approx(20 / 21)


def test_the_interval_is_that_of_wilson() -> None:
    # Hand-computed: n = 100, p = 0.6, z = 1.959964 gives 0.502 to 0.691.
    row = of(run(indicator(), counts(("A", 60, 60, 100))))
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.5020, 0.6906)
    nothing, everything = (of(run(indicator(), counts(("A", n, n, 20)))) for n in (0, 20))
    assert (nothing["low"], everything["high"]) == (0, 1)
    assert round(nothing["high"], 4) == round(1 - everything["low"], 4) == 0.1611


@pytest.mark.parametrize("fields", [{"kind": "completion"}, {"denominator": {"table": "t", "estimated": True}}])
def test_what_is_no_counted_part_has_no_interval(fields: dict[str, Any]) -> None:
    row = of(run(indicator(**fields), counts(("A", 60, 60, 100))))
    assert (row["low"], row["high"]) == (None, None)


@given(numerator=st.integers(0, 500), more=st.integers(0, 500), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_holds_the_rate(numerator: int, more: int, confidence: float) -> None:
    data = counts(("A", numerator, numerator, numerator + more))
    row = of(run(indicator(), data, confidence=confidence))
    if numerator + more == 0:
        assert row["low"] is None
    else:
        assert 0 <= row["low"] <= row["verified"] <= row["high"] <= 1


def many(*rates: float | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = [f"U{i}" for i in range(len(rates))]
    data = counts(*[(name, r, r, 100 if r is not None else None) for name, r in zip(names, rates, strict=True)])
    return data, pl.DataFrame({"unit": names, "county": "X", "peers": ["a", "a", "a", "a", "b"][: len(names)]})


def test_places_among_peers() -> None:
    data, units = many(10, 20, 20, 40, 90)
    table = run(indicator(), data, units=units.with_columns(peers=pl.lit(None, pl.String)))
    assert [of(table, f"U{i}")["percentile"] for i in range(5)] == pytest.approx([0.1, 0.4, 0.4, 0.7, 0.9])
    alone = run(indicator(), data, units=units)
    assert [of(alone, f"U{i}")["percentile"] for i in (0, 3, 4)] == [0.125, 0.875, None]


def test_distributions_are_quartiles_of_the_rates_of_units() -> None:
    data, units = many(10, 20, 30, 40, None)
    spread = evaluate(indicator(), data, units=units).distributions
    row = spread.filter(pl.col("level") == "all").row(0, named=True)
    assert [row[name] for name in ("units", "minimum", "q1", "median", "q3", "maximum")] == pytest.approx(
        [4, 0.10, 0.175, 0.25, 0.325, 0.40]
    )
    assert spread.select("level", "group").rows() == [("all", "all"), ("county", "X"), ("peers", "a")]


def test_who_submitted_nothing_has_no_place_among_peers() -> None:
    data, units = many(10, 20, 30, 0, 40)
    data = data.with_columns(submitted=pl.col("unit") != "U3")
    compared = evaluate(indicator(), data, units=units.with_columns(peers=pl.lit(None, pl.String)))
    assert of(compared.indicators, "U3")["percentile"] is None
    assert compared.distributions.filter(pl.col("level") == "all")["minimum"].to_list() == [0.10]


def test_the_earlier_assessment_stands_beside() -> None:
    before = pl.DataFrame([("unit", "A", "I", 0.50), ("county", "X", "I", 0.4)], schema=PREVIOUS_SCHEMA, orient="row")
    table = run(indicator(), counts(("A", 60, 60, 100), ("B", 1, 1, 2)), previous=before)
    assert (of(table)["previous"], of(table)["change"]) == (0.5, pytest.approx(0.1))
    assert of(table, "X", "county")["previous"] == 0.4
    assert (of(table, "B")["previous"], of(table, "B")["change"]) == (None, None)


def test_a_unit_without_a_base_is_left_out_of_both_sums() -> None:
    row = of(run(indicator(), counts(("A", 90, 90, 100), ("B", 50, 50, None))), "X", "county")
    assert (row["numerator"], row["denominator"], row["units"], row["left_out"]) == (90, 100, 2, 1)


@given(order=st.permutations(range(4)), split=st.integers(0, 4))
def test_sums_do_not_hang_on_order_or_split(order: list[int], split: int) -> None:
    rows = [("A", 3, 2, 7), ("B", 5, 5, 9), ("C", 0, 0, 4), ("D", 8, 1, 8)]
    units = pl.DataFrame({"unit": list("ABCD"), "county": ["X", "X", "Y", "Y"], "peers": [None] * 4},
                         schema_overrides={"peers": pl.String})  # fmt: skip
    whole = run(indicator(), counts(*rows), units=units)
    mixed = [rows[i] for i in order]
    data = pl.concat([counts(*mixed[:split]), counts(*mixed[split:])])
    assert run(indicator(), data, units=units).equals(whole)


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
        ({"exceptions_above": 0.1}, "no exclusions"),
        ({"kind": "count", "denominator": None, "minimum_denominator": 5}, "no denominator"),
        ({"target": {"value": 0.9, "schedule": "step"}}, "no stages"),
        ({"target": {"value": 0.9, "stages": STAGES}}, "needs no stages"),
        ({"target": {"value": 0.9, "schedule": "stated", "stages": STAGES[::-1]}}, "days must rise"),
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
