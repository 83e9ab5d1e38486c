"""Two rosters held against each other, both ways: the small sample counted by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND, THIRD, FOURTH, FIFTH = "349501001", "349501002", "349501003", "349502001", "349502002"


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets/roster-reconciliation.yaml"), ROOT / "samples/roster-reconciliation")


def rate(result: Assessment, unit: str, indicator: str) -> dict[str, Any]:
    rated = result.tables["indicators"].filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    return rated.row(0, named=True)


def violated(result: Assessment, unit: str) -> dict[str, int]:
    measured = result.tables["measurements"].filter((pl.col("unit") == unit) & (pl.col("violated") > 0))
    return dict(measured.select("rule", "violated").iter_rows())


def test_who_is_here_and_not_there_and_who_is_there_and_not_here(result: Assessment) -> None:
    assert violated(result, FIRST) == {"RI-CONTRACTED": 2}
    assert violated(result, FOURTH) == {"RR-INSURED": 12, "RR-INSTITUTION": 2, "RC-DIFFERENCE": 1}


def test_one_slip_is_told_from_all_its_sides(result: Assessment) -> None:
    # Two numbers written wrongly: one is unsound, neither is known to the centre, and both people seem to have no
    # contract there; name and birth date say that they are the same people.
    assert violated(result, SECOND) == {
        "RR-ID": 1, "RR-INSURED": 2, "RR-LIKELY": 2, "RI-CONTRACTED": 5 + 2, "RR-TWICE": 2, "RR-NAME": 1, "RR-BORN": 1,
        "RR-ELSEWHERE": 1,
    }  # fmt: skip


def test_probably_one_person_is_a_question_and_no_conclusion(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("source") == "RR-LIKELY")
    assert found.select("unit", "status").rows() == [(SECOND, "needs_review")]


def test_deceased_and_moved_people_are_told_apart(result: Assessment) -> None:
    seen = violated(result, THIRD)
    assert (seen["RR-DEAD"], seen["RR-MOVED"]) == (3, 2)


@pytest.mark.parametrize(
    ("unit", "raw", "verified", "excluded", "denominator"),
    [
        (FIRST, 48, 48, 0, 48),
        # 44 contracts: 38 agree, and the copy of one; both copies are false. Two are insured elsewhere for a reason.
        (SECOND, 39, 37, 2, 42),
        # 32 contracts: 30 less five of people who died or moved; one insured elsewhere, one unknown
        (THIRD, 25, 25, 1, 31),
        # 50 contracts: 12 unknown, two counted under the neighbour
        (FOURTH, 36, 36, 0, 50),
    ],
)
def test_contracts_that_agree(
    result: Assessment, unit: str, raw: int, verified: int, excluded: int, denominator: int
) -> None:
    row = rate(result, unit, "RR-MATCHED")
    assert (row["numerator"], row["numerator_verified"], row["excluded"], row["denominator"]) == (
        raw, verified, excluded, denominator,
    )  # fmt: skip


def test_exceptions_are_shown_both_ways(result: Assessment) -> None:
    row = rate(result, SECOND, "RR-MATCHED")
    assert row["verified"] == pytest.approx(37 / 42)
    assert row["receiving"] == pytest.approx(37 / 44)
    assert row["exception_rate"] == pytest.approx(2 / 44)


def test_a_dozen_contracts_are_shown_and_not_scored(result: Assessment) -> None:
    row = rate(result, FIFTH, "RR-MATCHED")
    assert (row["verified"], row["scored"], row["reason"]) == (1.0, None, "small_denominator")


def test_more_contracts_than_insured_persons_is_a_question_and_not_impossible(result: Assessment) -> None:
    row = rate(result, FOURTH, "RR-RATIO")
    assert row["raw"] == pytest.approx(50 / 36)
    assert (row["above_ceiling"], row["reason"], row["status"]) == (False, "outside_band", "needs_review")


def test_counts_that_differ(result: Assessment) -> None:
    assert violated(result, FIFTH) == {"RI-CONTRACTED": 3, "RC-STATED": 1, "RC-DIFFERENCE": 1}
    # People whom the centre counts here, and who signed with the neighbour, have a contract: they are not missing.
    assert rate(result, FIFTH, "RR-COVERED")["denominator"] == 12 + 3 + 2


def test_the_score_of_the_second_institution(result: Assessment) -> None:
    parts = result.tables["score_parts"].filter(pl.col("unit") == SECOND)
    assert dict(parts.select("part", "given").iter_rows()) == {
        "threshold:RR-MATCHED": Decimal("17.9894"),  # 40 x (37 / 42 - 0.80) / 0.18
        "rate_itself:RR-COVERED": Decimal("16.4444"),  # 20 x 37 / 45, below 0.90
        "deduct_per_finding:RR-TWICE+RR-DEAD+RR-MOVED": Decimal("24.0000"),  # 30 x (20 - 2 x 2) / 20
        "proportional:RR-INSTITUTION": Decimal("10.0000"),
    }


def test_scores_and_grades(result: Assessment) -> None:
    scores = result.tables["scores"].sort("unit").select("unit", "score", "grade", "vetoes").rows()
    assert scores == [
        (FIRST, Decimal("100.0000"), "reconciled", "[]"),
        (SECOND, Decimal("68.4338"), "apart", "[]"),
        (THIRD, Decimal("41.5852"), "apart", "[]"),  # 1.4337 + 15.1515 + 15 + 10
        (FOURTH, Decimal("49.9000"), "apart", '["UNKNOWN"]'),  # 59.4737, and 12 of 50 unknown to the centre
        (FIFTH, Decimal("90.1961"), "mostly", '["TOO-FEW"]'),  # 12 contracts for 17 insured persons
    ]


def test_mending_a_number_regains_points_and_burying_nobody_does(result: Assessment) -> None:
    remedies = {(row["unit"], row["rule"]): row for row in result.tables["remedies"].iter_rows(named=True)}
    assert remedies[SECOND, "RR-TWICE"]["points"] > 0
    # Ending the contract of a dead person takes the deduction away, but brings nobody back into the numerator.
    assert "RR-MATCHED" not in remedies[THIRD, "RR-DEAD"]["indicators"]
