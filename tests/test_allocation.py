"""Pools of money, computed by hand: coefficients, what is withheld, rounding, steps, published figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from assess.allocation import (
    ONLY,
    Allocation,
    AllocationError,
    Claim,
    Claims,
    InfeasibleError,
    Split,
    allocate,
    what_if_exact,
    what_if_minor,
)
from assess.ratio import Ratio

TERMS = {"basis": {"sum": "people"}, "coefficient": {"method": "linear"}}


def spec(pool: str = "100.00", **changes: Any) -> Allocation:
    return Allocation.model_validate({"pool": pool, **TERMS} | changes)


def pools(*terms: dict[str, Any], **changes: Any) -> Allocation:
    return Allocation.model_validate({"pools": [TERMS | each for each in terms]} | changes)


def claim(unit: str, basis: Any = 1, quality: Any = 1, grade: str | None = None, prepaid_minor: int = 0) -> Claim:
    quality = None if quality is None else Fraction(quality)
    return Claim(unit, {ONLY: Fraction(basis)}, quality, grade, prepaid_minor)


def only(allocation: Allocation, claims: Sequence[Claim]) -> Split:
    (made,) = allocate(allocation, claims).pools
    return made


def exactly(made: Split, after: Claim) -> Fraction | None:
    """What a unit would get, others as they are bound now; none where the pool could not be split."""
    bases = {pool: Ratio.of([basis]) for pool, basis in after.bases.items()}
    place = [share.unit for share in made.shares].index(after.unit)
    claims = Claims(np.array([place]), bases, Ratio.of([after.quality]), [after.grade])
    return what_if_exact(made, claims).fractions()[0]


def paid(made: Split) -> dict[str, int]:
    return {share.unit: share.minor for share in made.shares}


# ---- coefficients ----------------------------------------------------------------------------------------------------


def coefficients(terms: dict[str, Any], *qualities: Any) -> list[Fraction]:
    claims = [claim(f"U{i}", 1, Fraction(str(q)) if q is not None else None) for i, q in enumerate(qualities)]
    return [share.coefficient for share in only(spec(coefficient=terms), claims).shares]


def test_score_times_basis() -> None:
    made = only(spec("90.00"), [claim("A", 100, 1), claim("B", 100, Fraction(1, 2))])
    assert paid(made) == {"A": 6000, "B": 3000}


def test_a_cliff_pays_in_full_from_its_edge() -> None:
    found = coefficients({"method": "cliff", "full_from": 0.85}, "0.85", "0.8499")
    assert found == [1, Fraction(8499, 10000)]


def test_quality_is_rounded_half_up_before_it_is_looked_at() -> None:
    found = coefficients({"method": "cliff", "full_from": 0.85, "decimals": 4}, "0.84995", "0.84994", "0.12345")
    assert found == [1, Fraction(8499, 10000), Fraction(1235, 10000)]


def test_bands_give_the_coefficient_of_the_highest_that_is_reached() -> None:
    bands = [{"from": 0.9, "coefficient": 1.0}, {"from": 0.6, "coefficient": 0.8}]
    assert coefficients({"method": "bands", "bands": bands}, "1", "0.9", "0.89", "0.6", "0.59", None) == [
        1, 1, Fraction(4, 5), Fraction(4, 5), 0, 0
    ]  # fmt: skip


def test_a_unit_without_a_score_gets_nothing_unless_scores_are_not_looked_at() -> None:
    claims = [claim("A"), claim("B", quality=None)]
    assert paid(only(spec(floor={"amount": "10.00"}), claims)) == {"A": 10000, "B": 0}
    assert paid(only(spec(coefficient={"method": "none"}), claims)) == {"A": 5000, "B": 5000}


@pytest.mark.parametrize("basis", [0, -3])
def test_a_unit_without_a_basis_takes_no_part(basis: int) -> None:
    made = only(spec(floor={"amount": "10.00"}), [claim("A"), claim("B", basis)])
    assert paid(made) == {"A": 10000, "B": 0}
    assert made.basis_total == 1


# ---- what becomes of what is withheld --------------------------------------------------------------------------------

GRADED = [claim("A", 1, 1, "best"), claim("B", 1, Fraction(1, 2), "fair"), claim("C", 2, Fraction(3, 4), "best")]


def test_withheld_money_goes_to_all_in_proportion() -> None:
    # Weights 1, 0.5, 1.5 of 3.
    assert paid(only(spec("120.00"), GRADED)) == {"A": 4000, "B": 2000, "C": 6000}


def test_or_to_the_grades_that_are_named() -> None:
    # Entitled to 30, 30, 60; earned 30, 15, 45; the 30 withheld go to A and C as 1 to 1.5.
    made = only(spec("120.00", redistribute_to=["best"]), GRADED)
    assert paid(made) == {"A": 4200, "B": 1500, "C": 6300}
    assert {step.name: step.amount for step in made.shares[2].steps} == {
        "entitlement": 60, "quality": -15, "redistributed": 18
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["carry", "return"])
def test_or_is_kept(kind: str) -> None:
    made = only(spec("120.00", withheld=kind), GRADED)
    assert paid(made) == {"A": 3000, "B": 1500, "C": 4500}
    assert (made.kept, made.kept_minor) == (kind, 3000)


def test_what_is_left_of_a_minor_unit_is_kept_too() -> None:
    # Three times 0.33 1/3, each x 1/2: 0.50 in all, of which 0.16 2/3 each.
    made = only(spec("1.00", withheld="return"), [claim(u, 1, Fraction(1, 2)) for u in "ABC"])
    assert (paid(made), made.kept_minor) == ({"A": 17, "B": 17, "C": 16}, 50)


def test_nobody_of_the_grade_is_an_error_that_says_so() -> None:
    with pytest.raises(AllocationError, match=r"pool 'pool': no unit with a weight has the grade gold") as refused:
        allocate(spec(redistribute_to=["gold"]), GRADED)
    assert refused.value.reason == "no_unit_of_grade"


@pytest.mark.parametrize("terms", [{"withheld": "carry"}, {"redistribute_to": ["best"]}])
def test_coefficients_above_1_that_ask_for_more_than_the_pool_are_an_error(terms: dict[str, Any]) -> None:
    bonus = {"method": "bands", "bands": [{"from": 0, "coefficient": 1.2}]}
    with pytest.raises(AllocationError, match=r"coefficients above 1 .* 100.00") as refused:
        allocate(spec(coefficient=bonus, **terms), GRADED)
    assert refused.value.reason == "above_pool"
    assert sum(paid(only(spec(coefficient=bonus), GRADED)).values()) == 10000


@pytest.mark.parametrize(
    "claims", [[claim("A", 0), claim("B", 0)], [claim("A", quality=0), claim("B", quality=None)], []]
)
def test_nothing_to_split_by_is_an_error(claims: list[Claim]) -> None:
    with pytest.raises(AllocationError, match="weight") as refused:
        allocate(spec(), claims)
    assert refused.value.reason == "no_weight"


def test_nobody_who_earned_anything_is_no_error_where_money_is_kept() -> None:
    made = only(spec(withheld="return"), [claim("A", quality=0)])
    assert (made.kept_minor, made.value_of_point) == (10000, None)


# ---- rounding --------------------------------------------------------------------------------------------------------


def test_equal_remainders_go_to_the_first_key_and_all_of_them_are_marked() -> None:
    made = only(spec(), [claim(unit) for unit in ("C", "A", "B")])
    assert paid(made) == {"A": 3334, "B": 3333, "C": 3333}
    assert all(share.tied for share in made.shares)
    assert made.shares[1].steps[-1].note == {"exact": "≈33.333333", "award": "33.33", "tied": "yes"}


def test_a_remainder_that_decides_by_itself_is_not_marked() -> None:
    made = only(spec("0.10"), [claim("A", 1), claim("B", 3), claim("C", 3)])  # 1 3/7, 4 2/7, 4 2/7
    assert (paid(made), [share.tied for share in made.shares]) == ({"A": 2, "B": 4, "C": 4}, [False] * 3)


def test_equal_remainders_that_all_get_their_unit_are_not_marked() -> None:
    made = only(spec("0.10"), [claim("A", 2), claim("B", 2), claim("C", 3)])  # 2 6/7, 2 6/7, 4 2/7
    assert (paid(made), [share.tied for share in made.shares]) == ({"A": 3, "B": 3, "C": 4}, [False] * 3)


# ---- steps -----------------------------------------------------------------------------------------------------------


def test_every_step_says_its_arithmetic() -> None:
    made = only(spec("100.00", floor={"share": 0.5}, cap={"amount": "60.00"}),
                [claim("A", 1, Fraction(1, 10)), claim("B", 2, 1), claim("C", 3, Fraction(1, 2))])  # fmt: skip
    a, b, c = ([(step.name, step.amount) for step in share.steps] for share in made.shares)
    # Weights 0.1, 2, 1.5 of 3.6: 2.78, 55.56, 41.67; A's floor of 8.34 takes 5.56 from B and C.
    assert a == [("entitlement", Decimal("16.666667")), ("quality", Decimal("-15.000000")),
                 ("redistributed", Decimal("1.111111")), ("floor", Decimal("5.562222"))]  # fmt: skip
    assert [name for name, _ in b] == ["entitlement", "quality", "redistributed", "moved", "rounding"]
    assert paid(made) == {"A": 834, "B": 5238, "C": 3928}
    first, quality, redistributed, floor = made.shares[0].steps
    assert first.note == {"pool": "100.00", "basis": "1", "bases": "6", "formula": "100.00 × 1 ÷ 6"}
    assert quality.note["formula"] == "≈16.666667 × (0.1 − 1)"
    assert redistributed.note["formula"] == "40 × 0.1 ÷ 3.6"
    assert floor.note == {"limit": "8.34", "formula": "8.34 − ≈2.777778", "share": "0.5"}
    assert c[-1][0] == "rounding"


def test_a_unit_that_others_move_to_its_own_floor_is_shown_as_moved() -> None:
    # Without bounds 0, 30, 70. Z's floor of 40 takes 40 in proportion: M would fall to 18 but stops at 25.
    claims = [claim("Z", 1, 0), claim("M", 3, 1), claim("R", 7, 1)]
    made = only(spec(floor={"amount": "25.00"}), claims)
    assert paid(made) == {"M": 2500, "R": 5000, "Z": 2500}
    moved = made.shares[0].steps[-1]
    assert (moved.name, moved.amount, moved.note["until"], made.shares[0].bound) == ("moved", -5, "floor", "floor")


# ---- figures that were published, or that a system in use computes ---------------------------------------------------


def test_a_system_in_use_counts_points_in_full_from_a_quality_of_85_per_cent() -> None:
    # Fund = pool x corrected points / sum of corrected points, for each item; q = score / maximum with 4 decimals.
    cliff = {"method": "cliff", "full_from": 0.85, "decimals": 4}
    allocation = pools(
        {"id": "visits", "pool": "10000.00", "coefficient": cliff, "basis": {"indicator": "VISIT-POINTS"}},
        {"id": "records", "pool": "5000.00", "coefficient": cliff, "basis": {"indicator": "RECORD-POINTS"}},
    )
    claims = [
        Claim("A", {"visits": Fraction(1200), "records": Fraction(300)}, Fraction(90, 100)),
        Claim("B", {"visits": Fraction(800), "records": Fraction(500)}, Fraction(2, 3)),  # q = 0.6667
        Claim("C", {"visits": Fraction(500)}, Fraction(85, 100)),
    ]
    result = allocate(allocation, claims)
    visits, records = result.pools
    # 1200 + 800 x 0.6667 + 500 = 2233.36 and 300 + 500 x 0.6667 = 633.35 corrected points.
    assert visits.weight_total == Fraction("2233.36")
    assert paid(visits) == {"A": 537307, "B": 238815, "C": 223878}
    assert records.weight_total == Fraction("633.35")
    assert paid(records) == {"A": 236836, "B": 263164, "C": 0}
    assert [award.minor for award in result.awards] == [774143, 501979, 223878]


def test_fault_shares_rounded_one_by_one_do_not_sum_to_the_pool_and_ours_do() -> None:
    claims = [claim(unit, basis) for unit, basis in zip("ABCDEF", (1, 1, 1, 1, 1, 1), strict=True)]
    one_by_one = sum(round(Fraction(10000, 6)) for _ in claims)
    assert one_by_one == 10002
    assert sum(paid(only(spec("100.00"), claims)).values()) == 10000


def test_money_prepaid_and_settled_within_a_year_is_the_award() -> None:
    # In units of 10,000: prepaid 2,855 and 753, in all 3,608; settled 120; paid over the year 3,728.
    allocation = spec("37280000.00", basis={"sum": "people * 87"}, coefficient={"method": "none"},
                      prepaid={"sum": "prepaid_1 + prepaid_2"}, negative="clawback")  # fmt: skip
    people = {"A": 158_600, "B": 120_400, "C": 94_000, "D": 55_500}
    first = {"A": 10_560_000, "B": 8_020_000, "C": 6_270_000, "D": 3_700_000}
    second = {"A": 2_785_000, "B": 2_115_000, "C": 1_655_000, "D": 975_000}
    assert (sum(first.values()), sum(second.values())) == (28_550_000, 7_530_000)
    claims = [claim(unit, people[unit] * 87, None, prepaid_minor=100 * (first[unit] + second[unit])) for unit in people]
    awards = allocate(allocation, claims).awards
    assert sum(award.prepaid_minor for award in awards) == 36_080_000_00
    assert sum(award.settlement_minor for award in awards) == 1_200_000_00
    assert sum(award.minor for award in awards) == 37_280_000_00
    assert [(step.name, step.amount) for step in awards[0].steps][1:] == [("prepaid", Decimal(-13_345_000))]


@pytest.mark.parametrize(
    ("counted", "value"),
    [({"A": 1_000_000, "B": 508_700, "C": 300_000}, "18.23"), ({"A": 100_000, "B": 81_550}, "181.60")],
)  # fmt: skip
def test_the_published_value_of_a_service_and_of_a_contract(counted: dict[str, int], value: str) -> None:
    # 3,297 x 10,000 over 1,808,700 services is 18.23 a service, and over 181,550 contracts 181.6 a contract.
    allocation = spec("32970000.00", basis={"indicator": "WORK-POINTS"}, coefficient={"method": "none"})
    made = only(allocation, [claim(unit, basis, None) for unit, basis in counted.items()])
    assert made.value_of_point is not None
    assert f"{float(made.value_of_point):.2f}" == value
    assert made.awarded_minor == 32_970_000_00


@pytest.mark.parametrize(
    ("negative", "settlement", "carried", "waived"),
    [("clawback", -2000, 0, 0), ("carry", 0, 2000, 0), ("waive", 0, 0, 2000)],
)  # fmt: skip
def test_what_becomes_of_a_settlement_below_zero(negative: str, settlement: int, carried: int, waived: int) -> None:
    allocation = spec(prepaid={"sum": "prepaid"}, negative=negative)
    a, b = allocate(allocation, [claim("A", prepaid_minor=7000), claim("B", prepaid_minor=1000)]).awards
    assert (a.minor, a.settlement_minor, a.carried_minor, a.waived_minor) == (5000, settlement, carried, waived)
    assert (b.settlement_minor, b.carried_minor, b.waived_minor) == (4000, 0, 0)


@pytest.mark.parametrize(
    ("claims", "says"),
    [([claim("A"), claim("A")], "A claims more than once"), ([claim("A", prepaid_minor=5)], "states no `prepaid`"),
     ([claim("A", prepaid_minor=-5)], "A -0.05 is")],
)  # fmt: skip
def test_claims_that_cannot_be_are_refused(claims: list[Claim], says: str) -> None:
    with pytest.raises(AllocationError, match=says) as refused:
        allocate(spec(), claims)
    assert refused.value.reason == "bad_claim"


def test_what_if_refuses_a_unit_that_was_not_there() -> None:
    with pytest.raises(AllocationError, match="'Z' has no share"):
        what_if_minor(only(spec(), [claim("A")]), claim("Z"))


@pytest.mark.parametrize("gone", [claim("B", 0), claim("B", quality=None)])
def test_what_if_a_unit_took_no_part_it_has_no_floor_either(gone: Claim) -> None:
    made = only(spec(floor={"amount": "10.00"}), [claim("A"), claim("B")])
    assert what_if_minor(made, gone) == 0 == exactly(made, gone)


def test_what_if_without_a_look_at_all_others_takes_their_bounds_to_stay() -> None:
    claims = [claim("A", 8), claim("B", 1), claim("C", 1)]
    made = only(spec("100.00", cap={"amount": "60.00"}), claims)
    assert paid(made) == {"A": 6000, "B": 2000, "C": 2000}
    # With a basis of 9 C would get 50 of 100, and A 44.44, which is below its cap; but 36 of the 40 that A leaves now.
    assert what_if_minor(made, claim("C", 9)) == 5000
    assert exactly(made, claim("C", 9)) == 3600
    # With a basis of 1.5 A stays at its cap.
    assert exactly(made, claim("C", Fraction(3, 2))) == 2400 == what_if_minor(made, claim("C", Fraction(3, 2)))


def test_three_pools_over_1500_units_are_split_in_a_moment() -> None:
    allocation = pools(
        {"id": "a", "pool": "36080000.00", "coefficient": {"method": "linear", "decimals": 4}},
        {"id": "b", "pool": "5000000.00", "floor": {"share": 0.6}, "cap": {"share": 1.3}},
        {"id": "c", "pool": "5000000.00", "redistribute_to": ["best"], "floor": {"amount": "100.00"}},
    )
    claims = [
        Claim(f"U{i:04}", dict.fromkeys("abc", Fraction(20_000 + i * 37 % 50_000)), Fraction(400 + i * 7 % 600, 1000),
              "best" if i % 5 == 0 else "fair")
        for i in range(1500)
    ]  # fmt: skip
    started = time.process_time()
    result = allocate(allocation, claims)
    assert time.process_time() - started < 2  # about 0.2; the rest is for slow machines
    assert [made.awarded_minor for made in result.pools] == [pool.pool_minor for pool in allocation.each]


def test_an_infeasible_pool_is_a_value_error_that_names_the_pool() -> None:
    allocation = pools({"id": "basic", "pool": "10.00"}, {"id": "extra", "pool": "10.00", "floor": {"amount": "6.00"}})
    claims = [Claim(unit, dict.fromkeys(("basic", "extra"), Fraction(1)), Fraction(1)) for unit in "AB"]
    with pytest.raises(InfeasibleError, match=r"pool 'extra': the floors add up to 12.00, but 10.00") as refused:
        allocate(allocation, claims)
    assert isinstance(refused.value, ValueError)
    assert refused.value.pool == "extra"


# ---- the language ----------------------------------------------------------------------------------------------------


def test_money_has_two_decimals() -> None:
    for change in ({"pool": "1.005"}, {"floor": {"amount": "1.005"}}):
        with pytest.raises(ValidationError, match="no smaller unit"):
            spec(**change)


@pytest.mark.parametrize("pool", ["1e40", "-1", "0", "nan", "inf"])
def test_a_pool_is_an_amount_of_money(pool: str) -> None:
    with pytest.raises(ValidationError):
        spec(pool)


def test_one_pool_stated_here_and_the_same_in_a_list_are_one_allocation() -> None:
    one, several = spec("90.00", cap={"share": 1.1}), pools({"id": ONLY, "pool": "90.00", "cap": {"share": 1.1}})
    assert one.each == several.each
    assert (one.pool_minor, list(one.sums), list(several.sums)) == (9000, ["basis pool"], ["basis pool"])
    assert [place for place, _ in one.placed] == [()]
    assert [place for place, _ in several.placed] == [("pools", 0)]


@pytest.mark.parametrize("made", [spec(floor={"amount": "1.00"}), pools({"id": "a", "pool": "1.00"})])
def test_what_is_written_out_reads_back_the_same(made: Allocation) -> None:
    assert Allocation.model_validate(made.model_dump(mode="json", by_alias=True)) == made
