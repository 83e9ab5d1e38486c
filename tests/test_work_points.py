"""Work points: services x tariff, pools split with a cliff, settlement; and a county's published figures reproduced."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets/work-points.yaml"), ROOT / "samples/work-points")


@pytest.fixture(scope="module")
def county() -> Assessment:
    return assess(load(ROOT / "rulesets/work-points-county.yaml"), ROOT / "samples/work-points-county")


def counted(made: Assessment, unit: str, indicator: str) -> tuple[float, float]:
    """What was counted raw and verified."""
    rated = made.tables["indicators"].filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    row = rated.row(0, named=True)
    return row["numerator"], row["numerator_verified"]


@pytest.mark.parametrize(
    ("doctor", "indicator", "raw", "verified"),
    [
        # 5 x 4 + 16 x 6 + 8 x 6 + 6 x 12, and half of 6 more for each of 4 at home
        ("C01", "WP-PUBLIC", 248, 248),
        ("C01", "WP-CONTRACT", 100, 100),
        # 24 consultations: 20 x 3, and 4 by half
        ("C01", "WP-CLINIC", 66, 66),
        ("C01", "WP-TOTAL", 414, 414),
        # 4 x 4 + 18 x 6 + 8 x 6 + 5 x 12 + 12 and a follow-up of an unsound number; that and the one claimed twice go
        ("C02", "WP-PUBLIC", 250, 238),
        # the other doctor loses what both claim as well
        ("C03", "WP-PUBLIC", 250, 244),
        # four examinations of the dead
        ("C04", "WP-PUBLIC", 248, 200),
        # a service without a tariff earns nothing
        ("C05", "WP-PUBLIC", 228, 228),
        # a contract of next January
        ("C06", "WP-CONTRACT", 130, 120),
        # 21 consultations, the last by half
        ("C07", "WP-CLINIC", 61.5, 61.5),
        # 5 x 4 + 18 x 6 x 1.5 + 11 x 6 + 6 x 12
        ("C08", "WP-PUBLIC", 320, 320),
    ],
)
def test_points_are_services_by_tariff(
    result: Assessment, doctor: str, indicator: str, raw: float, verified: float
) -> None:
    assert counted(result, doctor, indicator) == (raw, verified)


def test_points_of_an_institution_are_those_of_its_doctors(result: Assessment) -> None:
    assert counted(result, "柳湾镇卫生院", "WP-TOTAL") == (414 + 410 + 393, 414 + 398 + 387)
    assert counted(result, "白鹭区", "WP-TOTAL") == (373.5 + 480, 373.5 + 480)


def test_a_service_entered_too_early_counts_but_not_as_timely(result: Assessment) -> None:
    assert counted(result, "C07", "WP-TIMELY") == (59, 58)
    assert counted(result, "C07", "WP-SEEN") == (57, 57)


def test_the_score_of_the_fifth_doctor(result: Assessment) -> None:
    parts = result.tables["score_parts"].filter(pl.col("unit") == "C05")
    assert dict(parts.select("part", "given").iter_rows()) == {
        "proportional:WP-TIMELY": Decimal("27.2727"),  # 30 x (57 / 66) / 0.95
        "threshold:WP-COMPLETE": Decimal("6.7340"),  # 25 x (41 / 66 - 0.50) / 0.45
        "step_deduction:WP-SEEN": Decimal("23.0000"),  # 56 / 66 is 5.15 points below 0.90: two whole steps of 0.02
        "deduct_per_finding:WP-DUP+WP-DEAD+WP-DATE": Decimal("20.0000"),
    }


def test_services_after_death_cap_the_score(result: Assessment) -> None:
    row = result.tables["scores"].filter(pl.col("unit") == "C04").row(0, named=True)
    # 4 of 65 are 6.2 %; without the veto 28.6640 + 21.7949 + 24 + 12
    assert (row["score"], row["grade"], row["vetoes"]) == (Decimal("50.0000"), "unqualified", '["AFTER-DEATH"]')
    veto = result.tables["score_parts"].filter((pl.col("unit") == "C04") & (pl.col("method") == "veto"))
    assert veto["given"].to_list() == [Decimal("-36.4589")]


def test_equal_scores_are_ranked_by_points(result: Assessment) -> None:
    ranks = dict(result.tables["scores"].select("unit", "rank").iter_rows())
    # three doctors have full marks: 480, 414 and 373.5 points
    assert [ranks[unit] for unit in ("C08", "C01", "C07")] == [1, 2, 3]


def test_from_0_85_points_count_in_full_and_below_times_q(result: Assessment) -> None:
    shares = result.tables["pool_awards"].filter(pl.col("pool") == "public")
    factors = {unit: round(factor, 6) for unit, factor in shares.select("unit", "coefficient").iter_rows()}
    # 86.2479 is above the cliff; 77.0067 of 100 is 0.7701 to four decimals
    assert (factors["C03"], factors["C05"], factors["C04"]) == (1.0, 0.7701, 0.5)
    # Corrected: 248 + 238 + 244 + 200 x 0.5 + 228 x 0.7701 + 294 + 232 + 320 = 1,851.5828
    (pool,) = [each for each in result.manifest["allocation"]["pools"] if each["id"] == "public"]
    assert pool["weight_total"] == pytest.approx(1851.5828)
    assert pool["value_of_point"] == pytest.approx(40_000 / 1851.5828)
    amounts = dict(shares.select("unit", "amount").iter_rows())
    assert amounts["C01"] == Decimal("5357.58")  # 40,000 x 248 / 1,851.5828 = 5,357.578
    assert amounts["C05"] == Decimal("3793.14")  # 40,000 x 175.5828 / 1,851.5828 = 3,793.140
    assert sum(amounts.values()) == 40_000


def test_a_settlement_below_zero_is_claimed_back(result: Assessment) -> None:
    row = result.tables["awards"].filter(pl.col("unit") == "C04").row(0, named=True)
    # 2,160.31 + 857.99 + 528.26 of three pools; 4,000 was paid twice
    assert (row["amount"], row["prepaid"], row["settlement"]) == (
        Decimal("3546.56"), Decimal("8000.00"), Decimal("-4453.44"),
    )  # fmt: skip
    assert row["carried"] == row["waived"] == 0


def test_signals_are_to_be_verified_and_cost_nothing(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("status") == "needs_review")
    assert set(found.select("unit", "source").rows()) == {
        ("C05", "WP-MINUTE"), ("C06", "WP-DAY"), ("C08", "WP-REGULAR"), ("C08", "WP-HOME"),
    }  # fmt: skip
    assert result.tables["scores"].filter(pl.col("unit") == "C08")["score"].to_list() == [Decimal("100.0000")]


def test_more_days_with_services_than_days_worked_is_a_finding(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("source") == "WP-ATTENDANCE")
    assert found.select("unit", "status").rows() == [("C07", "fail")]


# ---- 3,297万 points, 180.87万 services, 2,855万 + 753万 in advance, 120万 settled ------------------------------------


def test_18_23_points_a_service_and_181_6_a_contract(county: Assessment) -> None:
    rated = county.tables["indicators"].filter(pl.col("level") == "county")
    rows = {row["indicator"]: row for row in rated.iter_rows(named=True)}
    assert rows["WT-POINTS"]["verified"] == 32_970_000
    assert rows["WT-PER-SERVICE"]["denominator"] == 1_808_700
    assert round(rows["WT-PER-SERVICE"]["verified"], 2) == 18.23
    assert round(rows["WT-PER-CONTRACT"]["verified"], 1) == 181.6
    assert rows["WT-PER-SERVICE"]["ceiling"] is None, "points have no ceiling"


def test_3608_in_advance_and_120_settled_are_3728(county: Assessment) -> None:
    awards = county.tables["awards"]
    assert awards["prepaid"].sum() == Decimal("36080000.00") == 28_550_000 + 7_530_000
    assert awards["settlement"].sum() == Decimal("1200000.00")
    assert awards["amount"].sum() == Decimal("37280000.00")
    # 3,728万 x 1,200 / 3,297 = 13,568,698.817; 13,140,000 of it was paid
    first = awards.sort("unit").row(0, named=True)
    assert (first["amount"], first["settlement"]) == (Decimal("13568698.82"), Decimal("428698.82"))


def test_the_value_of_a_point_is_what_was_paid_for_it(county: Assessment) -> None:
    (pool,) = county.manifest["allocation"]["pools"]
    assert pool["value_of_point"] == pytest.approx(37_280_000 / 32_970_000)


def test_marks_given_on_site_are_named_with_their_marker(county: Assessment) -> None:
    parts = county.tables["score_parts"].filter(pl.col("method") == "manual").sort("unit")
    assert parts["given"].to_list() == [Decimal(mark) for mark in ("88", "82", "90", "76")]
    assert all("考核一组" in note for note in parts["note"])
