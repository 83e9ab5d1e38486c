"""Groups of few people are not shown, and no sum of what is shown gives them away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assess.report.small_cells import SmallCells, few_text

COUNTIES = {"north": ["a", "b", "c"], "south": ["d", "e"], "west": ["f"]}
PARTS = {
    **{("prefecture", name): [("county", county) for county in below] for name, below in COUNTIES.items()},
    ("all", "all"): [("prefecture", name) for name in COUNTIES],
}


def cell(numerator: float, denominator: float = 1000, kind: str = "coverage") -> dict[str, object]:
    return {"kind": kind, "numerator": numerator, "numerator_verified": numerator, "denominator": denominator,
            "denominator_verified": denominator}  # fmt: skip


def cells(numerators: dict[str, int], kind: str = "coverage") -> dict[tuple[str, str], dict[str, dict[str, object]]]:
    found = {("county", county): {"X": cell(amount, kind=kind)} for county, amount in numerators.items()}
    for name, below in COUNTIES.items():
        found["prefecture", name] = {"X": cell(sum(numerators[county] for county in below), kind=kind)}
    found["all", "all"] = {"X": cell(sum(numerators.values()), kind=kind)}
    return found


@given(st.lists(st.integers(0, 12), min_size=6, max_size=6), st.integers(2, 8))
def test_no_subtraction_gives_a_hidden_count_away(amounts: list[int], least: int) -> None:
    numerators = dict(zip("abcdef", amounts, strict=True))
    small = SmallCells(cells(numerators), PARTS, least)

    def hidden(level: str, name: str) -> bool:
        return small.hides(level, name, "X")

    totals = {("county", county): amount for county, amount in numerators.items()}
    totals |= {("prefecture", name): sum(numerators[c] for c in below) for name, below in COUNTIES.items()}
    totals["all", "all"] = sum(amounts)
    for key, amount in totals.items():
        assert hidden(*key) or not 0 < amount < least
    for total, parts in PARTS.items():
        gone = [part for part in parts if hidden(*part)]
        if hidden(*total):
            assert gone or all(totals[part] == 0 for part in parts)
        else:
            assert len(gone) != 1


@given(st.lists(st.sampled_from([0, 5, 9, 400]), min_size=6, max_size=6))
def test_nothing_is_hidden_without_need(amounts: list[int]) -> None:
    numerators = dict(zip("abcdef", amounts, strict=True))
    small = SmallCells(cells(numerators), PARTS, 5)
    assert not any(small.hides(level, name, "X") for level, name in cells(numerators))


def test_what_is_no_count_of_people_is_shown() -> None:
    numerators = dict.fromkeys("abcdef", 1)
    small = SmallCells(cells(numerators, kind="completion"), PARTS, 5)
    assert not any(small.hides(level, name, "X") for level, name in cells(numerators))


def test_a_least_of_one_hides_nothing() -> None:
    numerators = dict.fromkeys("abcdef", 1)
    assert not SmallCells(cells(numerators), PARTS, 1).hides("county", "a", "X")


def test_a_small_denominator_is_hidden_as_well() -> None:
    small = SmallCells({("county", "a"): {"X": cell(0, 3)}}, {}, 5)
    assert small.hides("county", "a", "X")


def test_what_stands_in_its_place_says_why() -> None:
    small = SmallCells({}, {}, 5)
    assert small.text(cell(3), "withheld") == few_text(5)
    assert small.text(cell(300), "withheld") == "withheld"


def test_the_smallest_of_the_others_goes_first() -> None:
    small = SmallCells(cells({"a": 2, "b": 30, "c": 20, "d": 50, "e": 60, "f": 70}), PARTS, 5)
    hidden = [county for below in COUNTIES.values() for county in below if small.hides("county", county, "X")]
    assert hidden == ["a", "c"]
