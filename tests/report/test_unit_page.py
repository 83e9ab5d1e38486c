"""The page of a unit: what it says of scores, indicators, corrections and money follows from the tables and adds up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import golden
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.report import problems, scoring, unit_page
from assess.report.award_lines import award_lines, grouped
from assess.report.chain import Chain, chain
from assess.report.finding_rows import FindingRows
from assess.report.html import Pages, render
from assess.report.language import Language
from assess.report.model import Assessment
from assess.report.sheets import Sheet, sheets
from assess.report.statements import Statements
from assess.report.todo import todo
from assess.results import page_name


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden.write(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module", params=["zh", "en"])
def assessment(request: pytest.FixtureRequest, directory: Path) -> Assessment:
    return Assessment(directory, Language(request.param))


@pytest.fixture(scope="module")
def english(directory: Path) -> Assessment:
    return Assessment(directory, Language("en"))


def text_of(unit: str, assessment: Assessment) -> str:
    row = next(row for row in assessment.units if row["unit"] == unit)
    return Pages(assessment).unit(unit_page.view(row, assessment, Statements(assessment)))


def exact(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.\-]", "", text.replace("−", "-")) or 0)


def sheet(assessment: Assessment, unit: str, indicator: str) -> Sheet:
    parts = assessment.of_unit("score_parts", unit)
    return next(s for _, each in sheets(unit, parts, assessment) for s in each if s.declared.name == indicator)


# --- score


@pytest.mark.parametrize("unit", golden.KEYS)
def test_items_of_a_group_add_up_to_its_line_and_the_lines_to_the_score(assessment: Assessment, unit: str) -> None:
    score = assessment.scores[unit]
    falls = scoring.waterfall(score, assessment.of_unit("score_parts", unit), assessment)
    assert sum(exact(fall.text) for fall in falls[:-1] if not fall.part) == score["score"] == exact(falls[-1].text)
    inside: dict[str, Decimal] = {}
    title = ""
    for fall in falls:
        if fall.kind == "group":
            title = fall.title
            inside[title] = exact(fall.text)
        elif fall.part:
            inside[title] -= exact(fall.text)
    assert set(inside.values()) <= {Decimal(0)}


def test_what_an_aggregate_and_a_veto_take_are_lines_of_the_waterfall(assessment: Assessment) -> None:
    falls = scoring.waterfall(assessment.scores["A01"], assessment.of_unit("score_parts", "A01"), assessment)
    kinds = [fall.kind for fall in falls]
    assert kinds[0] == "full"
    assert kinds[-2:] == ["veto", "score"]  # what is taken from the whole comes after what items lost
    assert [fall.part for fall in falls if fall.kind == "aggregate"] == [True]


def test_every_line_of_the_score_shows_its_arithmetic(assessment: Assessment) -> None:
    page = text_of("A01", assessment)
    formulas = [part["formula"] for part in assessment.of_unit("score_parts", "A01")]
    assert len(formulas) == 9
    for formula in formulas:
        assert formula.replace("<", "&lt;").replace(">", "&gt;") in page


def test_the_subtotals_of_groups_and_the_rest_add_up(assessment: Assessment) -> None:
    made: Any = scoring.parts(assessment.of_unit("score_parts", "A01"), assessment)
    for name in ("points", "possible", "given", "lost"):
        assert sum(exact(row[name]) for block in made["blocks"] for row in block["rows"]) == exact(made["total"][name])
        for block in made["blocks"]:
            if block["total"]:
                assert sum(exact(row[name]) for row in block["rows"]) == exact(block["total"][name])
    assert exact(made["total"]["given"]) == assessment.scores["A01"]["score"]


def test_a_mark_says_who_gave_it(assessment: Assessment) -> None:
    assert "评审组一 2024-06-20" in text_of("A01", assessment)


def test_the_head_says_how_far_the_next_grade_is(english: Assessment) -> None:
    heads = {unit: scoring.header(score, english) for unit, score in english.scores.items()}
    assert heads["A01"].distance == "15.00 points short of Fair, which begins at 60."
    assert heads["B01"].distance == ""  # the best grade


# --- indicators


def test_progress_is_told_apart_from_completion(english: Assessment) -> None:
    found = sheet(english, "A01", "DM")
    # 0.961856 over 0.6 x 182/366, and over 0.6
    assert (found.progress, found.completion) == ("322.38\u202f%", "160.31\u202f%")
    assert (found.target_now, found.target) == ("29.84\u202f%", "60.00\u202f%")


def test_exclusions_are_shown_both_ways(english: Assessment) -> None:
    found = sheet(english, "B01", "DM")
    assert (found.excluded, found.everybody, found.denominator) == ("200", "2,000", "1,800")
    assert found.exceptions == "10.00\u202f%"  # 200 of 2,000
    assert found.verified == "61.11\u202f%"  # 1,100 of those who are left
    assert found.receiving == "55.00\u202f%"  # 1,100 of everybody


def test_a_rate_stands_beside_its_peers_and_the_previous_period(english: Assessment) -> None:
    found = sheet(english, "A01", "DM")
    assert found.place is not None
    assert found.place.percentile == "P92"  # the highest of six: (6 - 0.5) / 6
    assert (found.previous, found.change) == ("120.00\u202f%", "−23.81 points")
    assert sheet(english, "B02", "DM").previous == ""


def test_an_indicator_names_its_clause_and_edition(assessment: Assessment) -> None:
    page = text_of("A01", assessment)
    for words in assessment.indicators["DM"]["source"], assessment.indicators["DM"]["edition"]:
        assert assessment.language.text(words) in page


# --- from the reported rate to the scored one


def adds_up(made: Chain) -> None:
    at = exact(made.links[0].rate)
    for link in made.links[1:]:
        at += exact(link.change)
        assert at == exact(link.rate), link.title


def test_the_steps_to_the_scored_rate_add_up_as_printed(assessment: Assessment) -> None:
    made = [
        row.chain
        for unit in golden.KEYS
        for _, each in sheets(unit, assessment.of_unit("score_parts", unit), assessment)
        for row in each
        if row.chain is not None
    ]
    assert len(made) >= 5
    for each in made:
        adds_up(each)


def test_each_rule_takes_what_it_alone_keeps_out_and_the_rest_is_one_line(english: Assessment) -> None:
    made = sheet(english, "A01", "DM").chain
    assert made is not None
    assert [(link.title, link.people, link.change) for link in made.links] == [
        ("as counted", "", ""),
        ("Invalid resident identity number", "−500", "−25.00"),
        ("The same patient twice", "−150", "−7.50"),
        ("several rules together, or records that can only be taken out", "−124", "−6.19"),
        ("verified", "", ""),
    ]
    named = {"Invalid resident identity number": 774, "The same patient twice": 212, "The patient has died": 62}
    assert made.links[3].note == ", ".join(f"{title} {records}" for title, records in named.items())


def test_a_difference_to_the_reported_rate_is_the_first_step(english: Assessment) -> None:
    made = sheet(english, "B01", "HTN").chain
    assert made is not None
    assert [(link.title, link.change) for link in made.links[:3]] == [
        ("as reported", ""),
        ("difference to the records", "−7.00"),
        ("as counted", ""),
    ]


amounts = st.integers(0, 3000)


@given(
    kept=amounts, alone=st.lists(st.integers(-20, 400), max_size=4), together=amounts, of=st.integers(1, 2500),
    excluded=st.integers(0, 40), reported=st.none() | st.floats(0, 3), kind=st.sampled_from(["coverage", "per_mille"]),
)  # fmt: skip
def test_whatever_was_counted_the_steps_add_up(
    english: Assessment,
    kept: int,
    alone: list[int],
    together: int,
    of: int,
    excluded: int,
    reported: float | None,
    kind: str,
) -> None:
    counted = max(kept, kept + sum(alone) + together)
    verified = kept / (of + excluded)
    row: Mapping[str, Any] = {
        "indicator": "DM", "kind": kind, "numerator": float(counted), "numerator_verified": float(kept),
        "denominator": float(of), "denominator_verified": float(of + excluded), "raw": counted / of,
        "verified": verified, "scored": min(1.0, verified), "reported": reported, "differs": reported is not None,
        "ceiling": 1.0,
    }  # fmt: skip
    lines = [{"rules": f'["R{i}"]', "amount": float(amount)} for i, amount in enumerate(alone)]
    made = chain(dict(row), lines, {}, english)
    if made is not None:
        adds_up(made)


# --- corrections


def test_what_brings_most_stands_first_and_all_together_last(assessment: Assessment) -> None:
    made = todo("A01", assessment.of_unit("findings", "A01"), assessment.of_unit("score_parts", "A01"), assessment)
    assert made is not None
    gained = [exact(task.points) for task in made.tasks]
    assert gained == sorted(gained, reverse=True)
    assert [task.rule for task in made.tasks] == ["DM-ID", "DM-DUP", "DM-GLU"]
    remedies = {row["rule"]: row for row in assessment.of_unit("remedies", "A01")}
    assert exact(made.total.points) == remedies["*"]["points"].quantize(Decimal("0.01"))
    assert exact(made.total.money) * 100 == remedies["*"]["amount_minor"]


def test_a_unit_with_nothing_to_mend_has_no_list(assessment: Assessment) -> None:
    assert todo("B01", [], assessment.of_unit("score_parts", "B01"), assessment) is None
    assert 'id="todo"' not in text_of("B01", assessment)


def test_the_list_reads_without_a_script(assessment: Assessment) -> None:
    page = text_of("A01", assessment)
    section = page[page.index('id="todo"') : page.index('id="problems"')]
    # Boxes and sums are shown by the script alone: nothing that does nothing is offered.
    for control in re.findall(r"<(?:th|td|div)[^>]*(?:tick|outcome)[^>]*>", section):
        assert control.endswith("hidden>"), control


# --- findings


def test_where_many_rules_found_something_each_shows_fewer_records(english: Assessment) -> None:
    statements = Statements(english)
    finding = next(row for row in english.of_unit("findings", "A01") if row["source"] == "DM-ID")
    sample = english.of_unit("evidence", "A01")
    assert len(sample) == 5

    def shown(rules: int) -> list[int]:
        findings = [finding | {"finding": f"G{i}", "source": f"R{i}"} for i in range(rules)]
        evidence = [row | {"rule": f"R{i}"} for i in range(rules) for row in sample]
        found = problems.by_status(findings, evidence, statements)
        return [len(problem.sample.rows) for _, each in found for problem in each if problem.sample]

    assert shown(2) == [5, 5]
    assert shown(25) == [4] * 25
    assert shown(300) == [3] * 300


def test_a_rule_is_told_once_however_many_figures_violate_it(english: Assessment) -> None:
    statements = Statements(english)
    figure = next(row for row in english.frames["findings"].rows(named=True) if statements.is_figure(row))
    others = [figure | {"finding": f"{figure['finding']}-{i}"} for i in range(3)]
    [(_status, [problem])] = problems.by_status([figure, *others], [], statements)
    assert problem.number == 4
    page = FindingRows(english).problems([problem], frozenset())
    assert page.count("<details") == page.count("<dt>Severity</dt>") == 1
    for said in problem.said:
        assert f'id="{said.id}"' in page


# --- money


@pytest.mark.parametrize("unit", golden.KEYS)
def test_the_steps_of_every_pool_add_up_to_its_award_and_the_pools_to_the_settlement(
    assessment: Assessment, unit: str
) -> None:
    made, award = award_lines(unit, assessment), assessment.awards[unit]
    assert made is not None
    assert [pool.title for pool in made.pools] == [assessment.pool_title("basic"), assessment.pool_title("bonus")]
    for pool in made.pools:
        assert sum(Decimal(line.value) for line in pool.lines) == exact(pool.total)
        for line in pool.lines:
            whole, beyond = exact(line.amount), line.beyond
            sign = -1 if line.amount.startswith("−") else 1
            assert whole + sign * Decimal(f"0.00{beyond or 0}") == Decimal(line.value)
    assert sum(exact(pool.total) for pool in made.pools) == award["amount"] == exact(made.total)
    assert sum(Decimal(line.value) for line in made.settlement) == award["settlement"] == exact(made.settled)
    assert made.claim == (award["settlement"] < 0)


def test_a_basis_is_shown_with_the_figures_it_was_made_of(english: Assessment) -> None:
    made = award_lines("A01", english)
    assert made is not None
    assert made.pools[0].basis == "population × @per_capita (Population 10,000, @per_capita 94) = 940,000"
    assert made.pools[1].basis == "the score: 45"


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("564000.00 × 48504 ÷ 987470", "564,000.00 × 48,504 ÷ 987,470"),
        ("≈27703.379343 × (0.920006 − 1)", "≈27,703.379343 × (0.920006 − 1)"),
    ],
)
def test_formulas_have_thousands_separators(plain: str, shown: str) -> None:
    assert grouped(plain) == shown


# --- links


def test_every_indicator_finding_and_rule_has_a_link_of_its_own(assessment: Assessment) -> None:
    page = text_of("A01", assessment)
    for anchor, sign in (("indicator-DM", "¶"), ("finding-F001", "¶"), ("rule-DM-ID", "DM-ID")):
        assert f'id="{anchor}"' in page
        assert re.search(rf'<a class="perma( code)?" href="#{anchor}"[^>]*>{sign}</a>', page), anchor


def test_a_unit_leads_to_its_groups_and_back(directory: Path) -> None:
    render(directory, "zh")
    page = (directory / "units" / "A01.html").read_text(encoding="utf-8")
    for name in (page_name("county-东县"), page_name("prefecture-北市")):
        assert f'href="../groups/{name}.html"' in page
        assert 'href="../units/A01.html"' in (directory / "groups" / f"{name}.html").read_text(encoding="utf-8")
