"""The faults of a system in use, one test each: what it does, and what is done here instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import HEADER, RULESET, UNITS

from assess.apportion import apportion
from assess.assessment import Assessment
from assess.engine.trial import everything
from assess.errors import RulesetError
from assess.indicators import evaluate
from assess.indicators.spec import Indicator, Period
from assess.pipeline import assess
from assess.results import empty as no_rows
from assess.results import schema_of
from assess.ruleset.load import load

Write = Callable[..., Path]
ROOT = Path(__file__).parent.parent
MANY = "".join(f"A,p{i},120,2024-03-01,是,60\n" for i in range(6))  # six visits among four people


def assessed(ruleset: Path, lay: Write, rows: str, units: str = UNITS) -> Assessment:
    return assess(load(ruleset), lay({"visits.csv": HEADER + rows}, units=units))


def rate(assessment: Assessment, unit: str = "A") -> dict[str, Any]:
    found = assessment.tables["indicators"].filter(level="unit", unit=unit, indicator="VISITED")
    return found.row(0, named=True)


def part(assessment: Assessment, unit: str = "A") -> dict[str, Any]:
    return assessment.tables["score_parts"].filter(unit=unit, subject="VISITED").row(0, named=True)


def test_a_rate_above_100_percent_is_shown_as_it_is(ruleset_file: Write, lay: Write) -> None:
    """There, any rate above 1 prints as "100 %", so nobody sees what cannot be."""
    row = rate(assessed(ruleset_file(), lay, MANY))
    assert (row["raw"], row["scored"]) == (1.5, 1.0)
    assert (row["status"], row["reason"]) == ("fail", "above_ceiling")


@pytest.mark.parametrize("people", ["0", "", "-4"])
def test_a_denominator_of_zero_scores_nothing(ruleset_file: Write, lay: Write, people: str) -> None:
    """There, it becomes infinity, which is above every target."""
    units = UNITS.replace("A,Ay,east,4", f"A,Ay,east,{people}")
    assessment = assessed(ruleset_file(), lay, MANY, units)
    assert (rate(assessment)["raw"], rate(assessment)["scored"]) == (None, None)
    assert (part(assessment)["given"], part(assessment)["possible"]) == (0, 0), "left out by its policy, not earned"


def test_an_item_without_a_method_is_refused(ruleset_file: Write) -> None:
    """There, an item without a formula scores full marks."""
    with pytest.raises(RulesetError, match=r"RS00[46]"):
        load(ruleset_file((", method: proportional", "")))


RULESETS = sorted((ROOT / "rulesets").glob("*.yaml"))


@pytest.mark.parametrize("path", RULESETS, ids=lambda path: path.stem)
def test_every_indicator_is_judged_by_its_own_denominator(path: Path) -> None:
    """There, the label and the gate of one indicator name the denominator of another."""
    indicators = [each for each in load(path).ruleset.indicators if each.denominator is not None]
    own = {each.id: 10_000.0 + place for place, each in enumerate(indicators)}
    assert judged(indicators, own) == {name: (below, True) for name, below in own.items()}
    for each in indicators:
        empty = own | {each.id: 0.0}
        assert judged(indicators, empty) == {name: (below, name != each.id) for name, below in empty.items()}


def judged(indicators: list[Indicator], denominators: Mapping[str, float]) -> dict[str, tuple[float, bool]]:
    """Of each indicator the denominator that is shown, and whether there is a rate to be scored."""
    counts = [
        {"unit": "A", "indicator": name, "numerator": 5_000.0, "numerator_verified": 5_000.0, "denominator": below,
         "excluded": 0.0, "excluded_verified": 0.0, "submitted": True, "broken": False}
        for name, below in denominators.items()
    ]  # fmt: skip
    units = pl.DataFrame({"unit": ["A"], "peers": [None]}, schema={"unit": pl.String, "peers": pl.String})
    told = evaluate(
        indicators, pl.DataFrame(counts, schema=schema_of("counts")), no_rows("reported"), units, [],
        Period(start=dt.date(2024, 1, 1), end=dt.date(2024, 12, 31)),
    ).indicators.filter(level="unit")  # fmt: skip
    rows = told.select("indicator", "denominator", pl.col("scored").is_not_null()).iter_rows()
    return {name: (below, scored) for name, below, scored in rows}


def test_shares_sum_to_the_pool() -> None:
    """There, shares are rounded one by one: three thirds of 100.00 are 99.99."""
    assert sum(round(Decimal(100) / 3, 2) for _ in range(3)) == Decimal("99.99")
    assert sum(apportion(10_000, [Fraction(1)] * 3)) == 10_000


LATEST = """\
views:
  latest:
    per: person
    sql: >-
      SELECT unit, person, sbp FROM visits QUALIFY ROW_NUMBER() OVER (PARTITION BY person ORDER BY day DESC) = 1
checks:
"""


def test_the_latest_visit_decides_and_not_any(ruleset_file: Write, lay: Write) -> None:
    """There, "controlled at the latest visit" picks any visit that was controlled."""
    text = RULESET.replace("checks:\n", LATEST, 1)
    text = text.replace("{table: visits, where: done}", "{table: latest, where: sbp < 140}")
    rows = (
        "A,p1,120,2024-03-01,是,60\nA,p1,180,2024-05-01,是,60\nA,p2,180,2024-03-01,是,60\nA,p2,120,2024-05-01,是,60\n"
    )
    assert rate(assessed(ruleset_file(text=text), lay, rows))["numerator"] == 1


def test_numbers_are_compared_as_numbers(ruleset_file: Write, lay: Write) -> None:
    """There, 95 is above 140, because they are compared as text."""
    rows = "A,p1,95,2024-03-01,是,60\nA,p2,150,2024-03-01,是,60\n"
    path = ruleset_file(("{table: visits, where: done}", "{table: visits, where: sbp < 140}"))
    assert rate(assessed(path, lay, rows))["numerator"] == 1


@pytest.mark.parametrize(
    "condition",
    ["person < 140", "person < 140.5", "person BETWEEN 90.5 AND 140.5", "sbp < '140'",
     "CASE WHEN person > 1.5 THEN done END", "person > weight * 1.5", "done AND NOT (COALESCE(person, 1.5) > 1.2)"],
)  # fmt: skip
def test_a_text_is_never_compared_with_a_number(ruleset_file: Write, condition: str) -> None:
    """What only looks like a number is refused before anything runs; Polars itself compares it with 1.5 as text."""
    found = everything(ruleset_file(("{table: visits, where: done}", f'{{table: visits, where: "{condition}"}}')))
    assert [problem.code for problem in found.problems if problem.level == "error"] == ["RS020"]
    rule = f'expression\n    valid: "{condition}"\n    where: done'
    found = everything(ruleset_file(("expression\n    valid: day <= @as_of", rule)))
    assert [problem.code for problem in found.problems if problem.level == "error"] == ["RS020"]


def test_the_published_samples_keep_their_impossible_rates() -> None:
    """134.88 % stays 134.88 % in every table it appears in."""
    loaded = load(ROOT / "rulesets" / "reported-figures.yaml")
    found = assess(loaded, ROOT / "samples" / "reported-figures").tables["indicators"]
    assert 1.3488 in found.filter(pl.col("above_ceiling"))["reported"].to_list()
