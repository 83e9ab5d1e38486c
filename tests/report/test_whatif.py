"""Whatever rules are ticked, the page comes to what the assessment would: exactly, or it says "about"."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import golden
import numpy as np
import pytest
from browsers import open_chromium

from assess.conclude.remedies import Mending
from assess.report import unit_page
from assess.report.html import Pages
from assess.report.language import Language
from assess.report.model import Assessment
from assess.report.statements import Statements
from assess.results import Directory
from assess.ruleset.stored import from_data, to_data
from assess.yaml12 import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# What is scored of A01, one method or aggregate at a time; the veto holds in all of them but where it is left out.
SCORES = load("""\
the golden one: {}
proportional:
  parts:
    - {indicator: DM, method: proportional, points: 60}
    - {rule: DM-ID, method: proportional, points: 40}
rate itself:
  parts:
    - {indicator: REC, method: rate_itself, points: 60}
    - {indicator: HTN, method: rate_itself, points: 40}
bands of the rate:
  parts:
    - indicator: REC
      method: bands
      points: 100
      bands: [{from: 0.885, points: 70}, {from: 0.5, points: 20}, {from: 0.9, points: 90}]
bands of the target:
  parts:
    - indicator: REC
      method: bands
      of: target
      points: 100
      bands: [{from: 0.98, share: 0.5}, {from: 0.99, share: 1}]
whole steps:
  parts:
    - {indicator: REC, method: step_deduction, points: 100, start: 0.95, every: 0.01, costs: 7, at_most: 45}
started steps:
  parts:
    - {indicator: REC, method: step_deduction, points: 100, every: 0.004, costs: 11, counts: started}
evidence and passing:
  parts:
    - {indicator: HTN, method: evidence, points: 50}
    - {indicator: REC, method: pass_fail, points: 50, at_least: 0.895}
findings:
  parts:
    - {rules: [DM-ID, DM-DUP, DM-GLU], method: deduct_per_finding, points: 100, each: 0.07, at_most: 66}
an aggregate:
  aggregate: geometric
  parts:
    - {indicator: REC, method: proportional}
    - {indicator: HTN, method: rate_itself, weight: 2}
    - {rule: DM-DUP, method: proportional}
""")
RULES = ["DM-ID", "DM-DUP", "DM-GLU"]
CENT = Decimal("0.01")
AGGREGATED = ("the golden one", "an aggregate")
CHOICES = [rules for n in range(4) for rules in itertools.combinations(RULES, n)]
TITLES = {
    "DM-ID": "Invalid resident identity number",
    "DM-DUP": "The same patient twice",
    "DM-GLU": "Glucose out of range",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


def ruleset(changes: dict[str, Any], *, veto: bool) -> Any:
    data = to_data(golden.RULESET)
    score = {**data["score"], **changes}
    if not veto:
        score["veto"] = []
    pool = {"pool": "1000000.00", "basis": {"sum": "population * @per_capita"}, "coefficient": {"method": "linear"}}
    allocation = {"currency": "CNY", **pool}
    return from_data({**data, "score": score, "allocation": allocation})


def page_of(folder: Path, changed: Any) -> tuple[Path, Any]:
    """The page of A01 under a ruleset, and what its score would be for any choice of rules."""
    tables, made = golden.concluded(changed)
    manifest = {**golden.manifest(), "allocation": made.money}
    Directory(folder).write(tables, to_data(changed), manifest)
    assessment = Assessment(folder, Language("en"))
    text = Pages(assessment).unit(unit_page.view(assessment.units[0], assessment, Statements(assessment)))
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    scoring, awarding = made.scoring, made.awarding
    assert scoring is not None
    assert awarding is not None
    mending, row = Mending(tables, scoring), np.array([golden.KEYS.index("A01")])

    def after(rules: tuple[str, ...]) -> tuple[Decimal, int | None]:
        changed = mending.changed(mending.of_unit("A01", rules))
        scored = scoring.scorer.instead(scoring.scores, row, changed)
        (gained,) = awarding.gains(scoring, row, scored)
        return Decimal(int(scored.score[0])) / 10_000, gained

    return path, after


def chosen(page: Any, rules: tuple[str, ...]) -> tuple[str, str]:
    """The score, and what is gained, that the page says when exactly these rules are ticked."""
    score, points, money = page.evaluate(
        """(titles) => {
            for (const box of document.querySelectorAll("input[data-rule]")) {
                box.checked = titles.includes(box.ariaLabel);
                box.dispatchEvent(new Event("change"));
            }
            return ["score", "points", "money"].map((name) => document.querySelector(`[data-out=${name}]`).innerText);
        }""",
        [TITLES[rule] for rule in rules],
    )
    return score, points + money


@pytest.mark.browser
@pytest.mark.parametrize("veto", [False, True])
@pytest.mark.parametrize("name", [name for name in SCORES if name not in AGGREGATED])
def test_every_choice_comes_to_what_the_assessment_would(
    browser: Browser, tmp_path: Path, name: str, veto: bool
) -> None:
    path, after = page_of(tmp_path / "a", ruleset(SCORES[name], veto=veto))
    page = browser.new_page()
    page.goto(path.as_uri())
    outcomes = set()
    for rules in CHOICES:
        score, gained = chosen(page, rules)
        expected, money = after(rules)
        outcomes.add(expected)
        assert score == f"{expected:.2f}", rules
        assert "about" not in gained
        shown = gained.partition("¥")[2].replace("\u202f", "").replace(",", "")
        assert abs(Decimal(shown) * 100 - money) <= 1, rules
    assert len(outcomes) > 1
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", AGGREGATED)
def test_a_choice_that_the_page_cannot_work_out_says_about_and_lies_within(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    path, after = page_of(tmp_path / "a", ruleset(SCORES[name], veto=False))
    page = browser.new_page()
    page.goto(path.as_uri())
    everything = after(tuple(RULES))[0]
    for rules in CHOICES:
        score, gained = chosen(page, rules)
        if len(rules) in (0, 1, 3):  # what the assessment says itself
            assert score == f"{after(rules)[0]:.2f}", rules
            assert "about" not in gained
        else:
            assert gained.startswith("about ")
            assert max(after((rule,))[0] for rule in rules) <= Decimal(score) + CENT <= everything + 2 * CENT
    page.close()


@pytest.mark.browser
def test_one_box_ticks_everything(browser: Browser, tmp_path: Path) -> None:
    path, after = page_of(tmp_path / "a", golden.RULESET)
    page = browser.new_page()
    page.goto(path.as_uri())
    page.check("input[data-all]")
    assert page.locator("input[data-rule]:checked").count() == 3
    assert page.inner_text("[data-out=score]") == f"{after(tuple(RULES))[0]:.2f}"
    assert page.inner_text("[data-out=grade]") == "Good"
    page.close()
