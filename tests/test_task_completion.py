"""Completion of tasks: what may pass 100 %, targets by stage, step and day, deductions by steps, money sent back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent
RULESET = load(ROOT / "rulesets/task-completion.yaml")
AHEAD, SECOND, THIRD, TWIN, OTHER_TWIN, TWICE = "349201", "349202", "349203", "349301", "349302", "349303"


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(RULESET, ROOT / "samples/task-completion")


def rate(result: Assessment, unit: str, indicator: str) -> dict[str, Any]:
    rated = result.tables["indicators"].filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    return rated.row(0, named=True)


def given(result: Assessment, unit: str) -> dict[str, Decimal]:
    parts = result.tables["score_parts"].filter(pl.col("unit") == unit)
    return dict(parts.select("subject", "given").iter_rows())


@pytest.mark.parametrize(
    ("indicator", "counts", "shown"),
    [
        ("TC-CHAIRS", (13, 9), "144.4%"),
        ("TC-PLACES", (33, 30), "110.0%"),
        ("TC-BEDS", (292, 1000), "29.2%"),
    ],
)
def test_144_4_percent_110_percent_and_growth_are_legal(
    result: Assessment, indicator: str, counts: tuple[int, int], shown: str
) -> None:
    row = rate(result, AHEAD, indicator)
    assert (row["numerator"], row["denominator"]) == counts
    assert f"{row['verified']:.1%}" == shown
    assert (row["scored"], row["ceiling"], row["status"]) == (row["verified"], None, "pass")
    assert result.tables["findings"].filter(pl.col("unit") == AHEAD).is_empty()


def test_a_coverage_of_105_percent_is_not_legal(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("status") == "fail").select("unit", "source").rows()
    assert (TWICE, "TS-CEILING") in found


def test_targets_of_the_day_follow_stages_steps_and_days() -> None:
    targets = {i.id: i.target for i in RULESET.ruleset.indicators if i.target is not None}
    today = {name: target.on(RULESET.ruleset.period) for name, target in targets.items()}
    assert today["TC-PLACES"] == Fraction(3, 4)  # 0.5 at the end of June; 92 of 184 days later half of what is left
    assert today["TC-CHAIRS"] == Fraction(4, 5)  # the stage of that very day
    assert today["TC-CLINICS"] == Fraction(274, 366)  # 274 days of a leap year
    assert today["TC-ACCEPTED"] == Fraction(9, 10)


def test_the_score_of_the_second_county(result: Assessment) -> None:
    assert given(result, SECOND) == {
        "TC-PLACES": Decimal("30.0000"),  # 30 of 40 are all of the 75 % that are asked for
        "TC-CHAIRS": Decimal("18.0000"),  # 7 of 10 are 10 points below 80 %: two steps of 5
        "TC-CLINICS": Decimal("12.4672"),  # 35 x 4 / 7 x (14 / 30) / (274 / 366)
        "TC-ACCEPTED": Decimal("0.0000"),  # 24 of 33 are below 90 %
        "TC-BEDS": Decimal("7.5000"),  # 10 % of 20 %
    }


def test_ninety_percent_of_what_the_day_asks_for_is_in_the_second_band(result: Assessment) -> None:
    part = result.tables["score_parts"].filter((pl.col("unit") == THIRD) & (pl.col("subject") == "TC-PLACES"))
    row = part.row(0, named=True)
    # 27 of 40 is 67.5 %, of 75 % exactly 0.9: 24 of 30 points, of which there are 37.5 because chairs are left out
    assert (row["possible"], row["given"]) == (Decimal("37.5000"), Decimal("30.0000"))


def test_no_task_is_nothing_to_score_and_no_division(result: Assessment) -> None:
    row = rate(result, THIRD, "TC-CHAIRS")
    assert (row["raw"], row["scored"], row["reason"]) == (None, None, "zero_denominator")
    assert rate(result, TWICE, "TC-BEDS")["reason"] == "zero_denominator"


def test_the_total_of_a_county_as_one_project_does_not_count(result: Assessment) -> None:
    row = rate(result, SECOND, "TC-PLACES")
    assert (row["numerator"], row["numerator_verified"], row["above_ceiling"]) == (930, 30, False)


def test_three_counties_share_the_third_place(result: Assessment) -> None:
    scores = result.tables["scores"].sort("unit")
    assert scores.select("unit", "score", "grade", "rank").rows() == [
        (AHEAD, Decimal("100.0000"), "ahead", 3),
        (SECOND, Decimal("67.9672"), "behind", 5),
        (THIRD, Decimal("45.0274"), "behind", 6),
        (TWIN, Decimal("100.0000"), "ahead", 3),
        (OTHER_TWIN, Decimal("100.0000"), "ahead", 3),
        (TWICE, Decimal("71.3954"), "behind", 4),
    ]


def test_sites_reported_twice_cap_the_grade_and_take_no_points(result: Assessment) -> None:
    veto = result.tables["score_parts"].filter((pl.col("unit") == TWICE) & (pl.col("method") == "veto"))
    assert veto.select("part", "given").rows() == [("veto:TWICE", Decimal("0.0000"))]
    assert result.tables["scores"].filter(pl.col("unit") == TWICE)["vetoes"].to_list() == ['["TWICE"]']


def test_money_above_the_cap_and_money_withheld_goes_back(result: Assessment) -> None:
    shares = result.tables["pool_awards"].sort("unit").select("unit", "basis", "coefficient", "amount", "bound").rows()
    # 30 x 1,000 + 9 x 3,000 + 20 x 5,000 = 157,000 of 792,000 in all: 118,939.39 of 600,000, above the cap. Before
    # rounding the twins get 71,969.696970 each and the last 32,196.969697: of what is left, 0.0269, two whole 0.01 are
    # paid, to the largest remainders: the last county's, and of the twins the one whose code comes first.
    assert shares == [
        (AHEAD, 157_000.0, 1.0, Decimal("110000.00"), "cap"),
        (SECOND, 220_000.0, 0.5, Decimal("83333.33"), None),  # 166,666.67 x 0.5
        (THIRD, 140_000.0, 0.0, Decimal("0.00"), None),
        (TWIN, 95_000.0, 1.0, Decimal("71969.70"), None),
        (OTHER_TWIN, 95_000.0, 1.0, Decimal("71969.69"), None),
        (TWICE, 85_000.0, 0.5, Decimal("32196.97"), None),
    ]
    (pool,) = result.manifest["allocation"]["pools"]
    assert pool["tied"] == [TWIN, OTHER_TWIN]
    assert (pool["kept"], pool["awarded_minor"] + pool["kept_minor"]) == ("return", 60_000_000)


def test_what_was_paid_too_much_in_advance_is_waived(result: Assessment) -> None:
    row = result.tables["awards"].filter(pl.col("unit") == THIRD).row(0, named=True)
    assert (row["amount"], row["prepaid"], row["waived"], row["settlement"]) == (
        Decimal("0.00"), Decimal("100000.00"), Decimal("100000.00"), Decimal("0.00"),
    )  # fmt: skip


def test_a_stated_rate_that_does_not_follow_differs_from_what_was_counted(result: Assessment) -> None:
    row = rate(result, THIRD, "TC-PLACES")
    assert (row["reported"], row["raw"], row["reason"]) == (0.765, 0.675, "reported_differs")
