"""Family-doctor contracts: rates, scores and awards of the small sample, counted by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH = (
    "349101001", "349101002", "349101003", "349102001", "349102002", "349102003",
)  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Assessment:
    return assess(load(ROOT / "rulesets/family-doctor.yaml"), ROOT / "samples/family-doctor")


def rate(result: Assessment, unit: str, indicator: str) -> dict[str, object]:
    rated = result.tables["indicators"].filter((pl.col("unit") == unit) & (pl.col("indicator") == indicator))
    return rated.row(0, named=True)


def points(result: Assessment, unit: str) -> dict[str, Decimal]:
    parts = result.tables["score_parts"].filter(pl.col("unit") == unit)
    return dict(parts.select("part", "given").iter_rows())


@pytest.mark.parametrize(
    ("unit", "indicator", "raw", "verified", "denominator"),
    [
        # 40 active contracts among 100 residents, nothing false
        (FIRST, "CON-SIGNED", 40, 40, 100),
        # 33 sound ones (17 + 16) and 7 active additions: number, no number, group, exception, expired, four years,
        # twice; those without a sound number, the expired one and the one signed twice do not count: 40 - 4
        (SECOND, "CON-SIGNED", 40, 36, 100),
        # 20 + 17 sound, one signed twice with the second, one signed again in August: 39 - 1
        (THIRD, "CON-SIGNED", 39, 38, 100),
        # 36 sound ones of which five belong to the deceased
        (FIFTH, "CON-SIGNED", 36, 31, 100),
        (FIRST, "CON-KEY", 19, 19, 20),
        (SECOND, "CON-KEY", 18, 18, 20),  # 17, and one with a group that is not agreed: a minor fault
        # fulfilled: four services, one by face; those who are away leave the denominator
        (FIRST, "CON-DONE", 38, 38, 40),
        (SECOND, "CON-DONE", 26, 26, 39),  # of 40 active ones one is away; "其他" is no exception
        (THIRD, "CON-DONE", 27, 27, 36),  # of 39 three are away
        (SECOND, "CON-KEY-DONE", 14, 14, 17),  # of 18 one is away
        # 27 fulfilled ones with two faces each, and 7 added services by face that are all false in some way; so is the
        # service that one of them repeats
        (THIRD, "CON-FACE", 61, 53, 129),
        (FIFTH, "CON-FACE", 24, 24, 120),
        (FIRST, "CON-LOAD", 156, 156, 160),  # 38 x 4 + 2 x 2 of 40 x 4
        (FIFTH, "CON-LOAD", 120, 110, 144),  # five of the deceased were served twice
        (FIRST, "CON-RENEWED", 18, 18, 21),  # of 20, one of them listed twice
        (FOURTH, "CON-PAID", 5, 5, 40),
    ],
)
def test_rates_are_those_counted_by_hand(
    result: Assessment, unit: str, indicator: str, raw: int, verified: int, denominator: int
) -> None:
    row = rate(result, unit, indicator)
    assert (row["numerator"], row["numerator_verified"], row["denominator"]) == (raw, verified, denominator)


def test_a_face_that_was_not_recognised_leaves_the_face_indicator_alone(result: Assessment) -> None:
    # Six services are no services at all (a dead person's, two of no such contract or person, one of last year, one
    # entered twice); in two more only the face is false.
    face, load_ = rate(result, THIRD, "CON-FACE"), rate(result, THIRD, "CON-LOAD")
    assert (face["numerator"], face["numerator_verified"]) == (61, 53)
    assert (load_["numerator"], load_["numerator_verified"]) == (129, 123)


def test_too_few_expired_contracts_are_shown_and_not_scored(result: Assessment) -> None:
    row = rate(result, FIFTH, "CON-RENEWED")
    assert (row["verified"], row["scored"], row["reason"]) == (0.75, None, "small_denominator")
    parts = result.tables["score_parts"].filter((pl.col("unit") == FIFTH) & (pl.col("subject") == "CON-RENEWED"))
    assert parts["why"].to_list() == ["excluded"]


def test_counties_are_summed_and_not_averaged(result: Assessment) -> None:
    row = rate(result, "青石县", "CON-SIGNED")
    assert (row["numerator_verified"], row["denominator"]) == (40 + 36 + 38, 300)


def test_the_score_of_the_second_institution(result: Assessment) -> None:
    given = points(result, SECOND)
    assert given == {
        "proportional:CON-SIGNED": Decimal("13.5000"),  # 15 x 0.36 / 0.40
        "proportional:CON-KEY": Decimal("12.5000"),  # 0.90 is above 0.80
        "threshold:CON-KEY-DONE": Decimal("12.5000"),  # 14 / 17 is above 0.80
        "rate_itself:CON-DONE": Decimal("13.3333"),  # 20 x 26 / 39, not 20 x (26 / 39) / 0.8
        "threshold:CON-FACE": Decimal("6.2069"),  # 52 / 116 = 0.44828: 10 x 0.24828 / 0.40
        "proportional:CON-LOAD": Decimal("3.6250"),  # 116 / 160
        "rate_itself:CON-RENEWED": Decimal("7.5000"),  # 9 / 12 is below 0.85
        "bands:CON-PAID": Decimal("3.0000"),  # 3 / 40 is in the band from 0.05
        "deduct_per_finding:FD-ONE+FD-DEAD+FD-CURRENT": Decimal("8.0000"),  # one signed twice, one expired
        "aggregate:key-groups": Decimal("0.0000"),
    }
    assert sum(given.values()) == Decimal("80.1652")


def test_coverage_of_key_groups_does_not_make_up_for_service(result: Assessment) -> None:
    # 12.5 and 0 of 12.5 would be a mean of 0.3125; the geometric mean with nothing is nothing.
    given = points(result, SIXTH)
    assert given["proportional:CON-KEY"] == Decimal("7.8125")  # 12.5 x 0.5 / 0.8
    assert given["aggregate:key-groups"] == Decimal("-7.8125")


def test_scores_ranks_and_grades(result: Assessment) -> None:
    scores = result.tables["scores"].sort("unit").select("unit", "score", "grade", "rank", "group_rank").rows()
    assert scores == [
        (FIRST, Decimal("99.8750"), "excellent", 1, 1),
        (SECOND, Decimal("80.1652"), "good", 4, 3),
        (THIRD, Decimal("82.4636"), "good", 3, 2),
        (FOURTH, Decimal("91.0000"), "excellent", 2, 1),
        (FIFTH, Decimal("59.9000"), "unqualified", 5, 2),
        (SIXTH, Decimal("27.3750"), "unqualified", 6, 3),
    ]


def test_deceased_people_cap_the_score_and_missing_faces_the_grade(result: Assessment) -> None:
    scores = result.tables["scores"]
    held = dict(scores.select("unit", "vetoes").iter_rows())
    assert held[FIFTH] == '["UNSEEN", "DECEASED"]'  # 20 % by face; 5 of 36 contracts are 13.9 %
    assert held[SIXTH] == '["UNSEEN"]', "submitting no services does not escape the veto"
    assert held[FOURTH] == "[]"


def test_the_capitated_fee_keeps_floor_and_cap_and_goes_to_the_excellent(result: Assessment) -> None:
    shares = result.tables["pool_awards"].filter(pl.col("pool") == "capitation").sort("unit")
    # Entitled: 24,000 x contracts / 205. Caps: 1.3 x 4,682.926829; floors: 0.6 x 3,629.268293 and 0.6 x 2,341.463415,
    # up to the next 0.01. What is left, 8,241.95, is split 36 : 38.
    assert shares.select("unit", "basis", "amount", "bound").rows() == [
        (FIRST, 40.0, Decimal("6087.80"), "cap"),
        (SECOND, 36.0, Decimal("4009.60"), None),
        (THIRD, 38.0, Decimal("4232.35"), None),
        (FOURTH, 40.0, Decimal("6087.80"), "cap"),
        (FIFTH, 31.0, Decimal("2177.57"), "floor"),
        (SIXTH, 20.0, Decimal("1404.88"), "floor"),
    ]


def test_the_reward_carries_what_scores_withhold(result: Assessment) -> None:
    shares = result.tables["pool_awards"].filter(pl.col("pool") == "reward").sort("unit")
    # 6,000 x 99.875 / 440.7788 x 0.9988 = 1,357.894; the scores sum to 440.7788.
    assert shares["amount"].to_list()[0] == Decimal("1357.89")
    (_, reward) = result.manifest["allocation"]["pools"]
    assert (reward["kept"], reward["awarded_minor"] + reward["kept_minor"]) == ("carry", 600_000)


def test_what_was_paid_too_much_in_advance_is_set_off_next_year(result: Assessment) -> None:
    row = result.tables["awards"].filter(pl.col("unit") == FIFTH).row(0, named=True)
    # 2,177.57 + 488.41 earned, 4,000 paid (written as 0.4万)
    assert (row["amount"], row["prepaid"]) == (Decimal("2665.98"), Decimal("4000.00"))
    assert (row["settlement"], row["carried"]) == (Decimal("0.00"), Decimal("1334.02"))


def test_services_crowded_into_ten_days_are_to_be_verified_and_cost_nothing(result: Assessment) -> None:
    found = result.tables["findings"].filter(pl.col("source") == "SV-RUSH")
    assert found.select("unit", "status").rows() == [(FOURTH, "needs_review")]


def test_mending_brings_back_what_was_mistyped_and_nobody_who_died(result: Assessment) -> None:
    remedies = result.tables["remedies"]
    back = {row["rule"] for row in remedies.iter_rows(named=True) if row["unit"] == SECOND and row["points"] > 0}
    assert {"FD-ID", "FD-ID-NULL", "FD-ONE", "FD-CURRENT"} <= back
    dead = remedies.filter((pl.col("unit") == FIFTH) & (pl.col("rule") == "FD-DEAD")).row(0, named=True)
    assert "CON-SIGNED" not in dead["indicators"]
