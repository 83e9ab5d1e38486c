"""Grading of capacity: evidence, marks on site, chapters by mean and by minimum, grades that ask something of each."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND, HARMED, FOURTH = "349401001", "349401002", "349401003", "349401004"
COPIER, EMPTY, MARKED_TWICE, UNMARKED = "349402001", "349402002", "349402003", "349402004"


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets/capacity-grading.yaml"), ROOT / "samples/capacity-grading")


def given(result: Assessment, unit: str, group: str) -> list[Decimal]:
    """The lines of one chapter: parts in order, then what the aggregate takes."""
    parts = result.tables["score_parts"].filter((pl.col("unit") == unit) & (pl.col("group") == group))
    return parts.sort("position")["given"].to_list()


def test_evidence_is_present_over_required(result: Assessment) -> None:
    # 25 points, basic clauses twice the weight of recommended ones: 16.6667 x 6 / 6 and 8.3333 x 1 / 3
    assert given(result, SECOND, "tasks") == [Decimal("16.6667"), Decimal("2.7778")]
    # 35 points, weights 2, 1, 1: 17.5 x 6 / 8, 8.75 x 2 / 4, 8.75 x 1.5 / 2 doctors a thousand people
    assert given(result, SECOND, "services") == [Decimal("13.1250"), Decimal("4.3750"), Decimal("6.5625")]
    # Five of six, one of them of another year
    assert given(result, SECOND, "management") == [Decimal("6.6667"), Decimal("4.0000")]


def test_safety_is_no_better_than_its_weakest_part(result: Assessment) -> None:
    lines = given(result, SECOND, "safety")  # 4 / 5, 8 / 10 and 7 / 10: the drill decides
    assert sum(lines) == Decimal("17.5000") == 25 * Decimal("0.7")
    assert lines[-1] < 0


def test_scores_and_grades(result: Assessment) -> None:
    scores = result.tables["scores"].sort("unit").select("unit", "score", "grade", "rank", "why").rows()
    assert scores == [
        (FIRST, Decimal("98.7500"), "recommended", 1, "scored"),  # 25 + 35 + 25 x 0.95 + 15
        (SECOND, Decimal("71.6737"), "basic", 4, "scored"),  # 19.4445 + 24.0625 + 17.5 + 10.6667
        (HARMED, Decimal("95.3125"), "below", 3, "vetoed"),  # 25 + 32.8125 + 22.5 + 15, and an accident
        (FOURTH, Decimal("38.3612"), "below", 6, "scored"),  # 8.3334 + 13.0278 + 10 + 7
        (COPIER, Decimal("98.7500"), "recommended", 1, "scored"),
        (EMPTY, Decimal("59.9000"), "below", 5, "vetoed"),  # 11.1111 + 32.8125 + 22.5 + 15 without the veto
        (MARKED_TWICE, None, None, None, "error"),
        (UNMARKED, None, None, None, "not_applicable"),
    ]


def test_an_accident_caps_the_grade_and_takes_no_points(result: Assessment) -> None:
    veto = result.tables["score_parts"].filter((pl.col("unit") == HARMED) & (pl.col("method") == "veto"))
    row = veto.row(0, named=True)
    assert (row["part"], row["amount"], row["given"]) == ("veto:ACCIDENT", 1.0, Decimal("0.0000"))
    assert "Ⅱ级" in row["note"]


def test_evidence_without_a_file_caps_the_score(result: Assessment) -> None:
    veto = result.tables["score_parts"].filter((pl.col("unit") == EMPTY) & (pl.col("method") == "veto"))
    assert veto["given"].to_list() == [Decimal("-21.5236")]  # 81.4236 to 59.9; 4 of 30 are 13.3 %


def test_a_high_score_is_not_enough_for_a_grade(result: Assessment) -> None:
    # Without its veto the sixth would have 81 points, and yet no basic grade: 11.1 of 25 points for its tasks.
    assert sum(given(result, EMPTY, "tasks")) < Decimal("0.6") * 25


def test_two_marks_that_differ_and_no_mark_leave_no_score(result: Assessment) -> None:
    parts = result.tables["score_parts"].filter(pl.col("subject") == "患者安全")
    why = dict(parts.select("unit", "why").iter_rows())
    assert (why[MARKED_TWICE], why[UNMARKED]) == ("marked_twice", "not_marked")


def test_marks_name_who_gave_them(result: Assessment) -> None:
    parts = result.tables["score_parts"].filter((pl.col("unit") == FIRST) & (pl.col("method") == "manual"))
    assert all(note.startswith("赵敏 2024-11-0") for note in parts["note"])


def test_equal_institutions_share_a_place_and_the_next_is_left_out(result: Assessment) -> None:
    ranks = sorted(rank for rank in result.tables["scores"]["rank"] if rank is not None)
    assert ranks == [1, 1, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("county", "basic", "recommended"),
    [("长岭县", (2, 4), (1, 4)), ("滨湖区", (1, 4), (1, 4))],
)
def test_the_share_of_a_countys_institutions_that_reach_each_standard(
    result: Assessment, county: str, basic: tuple[int, int], recommended: tuple[int, int]
) -> None:
    rated = result.tables["indicators"].filter((pl.col("level") == "county") & (pl.col("unit") == county))
    rows = {
        name: (up, down) for name, up, down in rated.select("indicator", "numerator_verified", "denominator").rows()
    }
    assert (rows["CG-BASIC"], rows["CG-RECOMMENDED"]) == (basic, recommended)


def test_what_counties_reach_agrees_with_the_grades_of_their_institutions(result: Assessment) -> None:
    groups = result.tables["units"].select("unit", "group").join(result.tables["scores"], on="unit")
    grades = Counter(groups.select("group", "grade").iter_rows())
    rated = result.tables["indicators"].filter(pl.col("level") == "county")
    for county, name, reached in rated.select("unit", "indicator", "numerator_verified").iter_rows():
        if name == "CG-RECOMMENDED":
            assert reached == grades[county, "recommended"]
        if name == "CG-BASIC":
            assert reached == grades[county, "basic"] + grades[county, "recommended"]


def test_a_file_of_another_institution_is_to_be_verified_and_costs_nothing(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("source") == "CG-COPIED").select("unit", "status").rows()
    assert set(found) == {(FIRST, "needs_review"), (COPIER, "needs_review")}
    scores = dict(result.tables["scores"].select("unit", "score").iter_rows())
    assert scores[FIRST] == scores[COPIER]
