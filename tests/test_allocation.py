"""A pool of money: exact to the minor unit, and every step can be followed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assess.allocation import Allocation, Claim, allocate


def spec(pool: str = "100.00", **changes: Any) -> Allocation:
    return Allocation.model_validate(
        {"pool": pool, "basis": {"sum": "people"}, "coefficient": {"method": "linear"}} | changes
    )


CLAIMS = st.lists(
    st.tuples(st.integers(0, 10**7), st.none() | st.fractions(min_value=0, max_value=1)), min_size=1, max_size=30
)


@given(pool=st.integers(1, 10**12), rows=CLAIMS)
def test_awards_sum_to_the_pool(pool: int, rows: list[tuple[int, Fraction | None]]) -> None:
    claims = [Claim(f"U{i:02}", Fraction(basis), quality) for i, (basis, quality) in enumerate(rows)]
    allocation = spec(str(Decimal(pool) / 100))
    if not any(basis and quality for basis, quality in rows):
        with pytest.raises(ValueError, match="weights"):
            allocate(allocation, claims)
        return
    awards = allocate(allocation, claims)
    assert sum(award.minor for award in awards) == pool
    assert sum(award.exact for award in awards) == pool
    for award, claim in zip(awards, claims, strict=True):
        assert abs(award.minor - award.exact) < 1
        assert award.weight == claim.basis * award.coefficient
        assert claim.quality is not None or award.minor == 0


@given(rows=CLAIMS, seed=st.randoms())
def test_the_order_of_submission_changes_nothing(rows: list[tuple[int, Fraction | None]], seed: Any) -> None:
    claims = [
        Claim(f"U{i:02}", Fraction(basis), quality) for i, (basis, quality) in enumerate([*rows, (1, Fraction(1))])
    ]
    shuffled = list(claims)
    seed.shuffle(shuffled)
    assert allocate(spec(), claims) == allocate(spec(), shuffled)


def test_score_times_basis() -> None:
    awards = allocate(
        spec("90.00"), [Claim("A", Fraction(100), Fraction(1)), Claim("B", Fraction(100), Fraction(1, 2))]
    )
    assert [(a.unit, a.minor) for a in awards] == [("A", 6000), ("B", 3000)]


def test_a_cliff_pays_in_full_from_its_edge() -> None:
    cliff = spec(coefficient={"method": "cliff", "full_from": 0.85})
    claims = [Claim("A", Fraction(1), Fraction(85, 100)), Claim("B", Fraction(1), Fraction(8499, 10000))]
    assert [award.coefficient for award in allocate(cliff, claims)] == [1, Fraction(8499, 10000)]


def test_equal_remainders_go_to_the_first_key() -> None:
    claims = [Claim(unit, Fraction(1), Fraction(1)) for unit in ("C", "A", "B")]
    assert {award.unit: award.minor for award in allocate(spec(), claims)} == {"A": 3334, "B": 3333, "C": 3333}


def test_money_has_two_decimals() -> None:
    with pytest.raises(ValidationError, match="no smaller unit"):
        spec("1.005")


@pytest.mark.parametrize("pool", ["1e40", "-1", "0", "nan", "inf"])
def test_a_pool_is_an_amount_of_money(pool: str) -> None:
    with pytest.raises(ValidationError):
        spec(pool)
