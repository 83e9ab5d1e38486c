"""The index of a province: verdict, heat tables, distributions, ranking, rules, money, receipts, provenance."""

from __future__ import annotations

import importlib.util
import json
import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from types import ModuleType

import golden
import polars as pl
import pytest

from assess.errors import UsageError
from assess.report import heat, league, money, overview, receipts, spread
from assess.report.exhibits import IMPOSSIBLE, exhibits
from assess.report.format import SPACE
from assess.report.html import Pages, render
from assess.report.language import Language
from assess.report.model import ALL, Assessment
from assess.report.statements import Statements
from assess.results import MANIFEST, TABLES

ROOT = Path(__file__).parent.parent.parent


def multiplied(source: Path, out: Path, units: int) -> int:
    """The assessment many times over, as bench/report.py makes it."""
    return int(_bench().multiply(source, out, units))


def _bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_report", ROOT / "bench" / "report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden.write(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def assessment(directory: Path) -> Assessment:
    return Assessment(directory, Language("en"))


@pytest.fixture(scope="module")
def many(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden assessment sixty times over."""
    out = tmp_path_factory.mktemp("many")
    assert multiplied(directory, out, 360) == 360
    return out


def index(directory: Path, lang: str = "en", theme: str = "screen", min_cell: int = 5) -> str:
    """The text of the index alone."""
    assessment = Assessment(directory, Language(lang), min_cell)
    return Pages(assessment, theme).index(overview.view(assessment, Statements(assessment)))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)).replace(SPACE, " "))


def section(text: str, name: str) -> str:
    start = text.index(f'<section id="{name}"')
    return text[start : text.index("</section>", start)]


def amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d.−]", "", text).replace("−", "-") or "0")


# Heat


def test_levels_that_fit_stand_beside_each_other_with_indicators_by_category(assessment: Assessment) -> None:
    (made,) = heat.heats(assessment)
    assert made.spans == (("County", 2), ("Prefecture", 2))
    assert [name for name, _page in made.heads] == ["东县", "西县", "北市", "南市", "All units"]
    assert [block.title for block in made.blocks] == ["Health records", "Chronic diseases", ""]
    assert all(len(row.cells) == 5 for block in made.blocks for row in block.rows)


def test_a_cell_shows_rate_and_counts_and_says_by_sign_what_colour_says(assessment: Assessment) -> None:
    cells = {row.title: row.cells for block in heat.heats(assessment)[0].blocks for row in block.rows}
    east, west = cells["Hypertension to standard"][:2]
    assert (east.text.replace(SPACE, " "), east.counts, east.tone) == ("60.33 %", "1,810 / 3,000", "h4 below")
    assert (west.text.replace(SPACE, " "), west.tone) == ("52.50 %", "h0 below")
    assert "below" not in cells["Electronic records"][0].tone


def test_a_figure_above_its_ceiling_is_shown_as_counted(tmp_path: Path) -> None:
    rows = golden.frames()["indicators"].with_columns(
        pl.when((pl.col("level") == "county") & (pl.col("unit") == "东县") & (pl.col("indicator") == "ELD"))
        .then(pl.struct(raw=1.2, numerator=2400.0, denominator=2000.0, above_ceiling=True))
        .otherwise(pl.struct("raw", "numerator", "denominator", "above_ceiling"))
        .struct.unnest()
    )
    changed = Assessment(golden.write(tmp_path / "a", indicators=rows), Language("en"))
    cells = {row.title: row.cells for block in heat.heats(changed)[0].blocks for row in block.rows}
    cell = cells["Health management of the elderly"][0]
    assert (cell.text.replace(SPACE, " "), cell.counts, cell.tone) == ("120.00 %", "2,400 / 2,000", "above")


def test_many_groups_have_a_line_each_and_a_table_for_each_category(many: Path) -> None:
    prefectures, counties = heat.heats(Assessment(many, Language("en")))
    assert (prefectures.level, counties.level) == ("Prefecture", "County")
    assert not prefectures.tall
    assert counties.tall
    assert len(counties.heads) == 61
    text = section(index(many), "heat")
    assert text.count('<table class="heat groups">') == 3


def test_small_groups_are_withheld_on_the_index_and_another_with_them(tmp_path: Path) -> None:
    few = pl.col("indicator").eq("HTN") & pl.col("unit").is_in(["东县", "北市"])
    rows = golden.frames()["indicators"].with_columns(
        pl.when(few).then(3.0).otherwise(pl.col(name)).alias(name) for name in ("numerator", "numerator_verified")
    )
    small = golden.write(tmp_path / "a", indicators=rows)
    found = {
        row.title: row.cells for block in heat.heats(Assessment(small, Language("en")))[0].blocks for row in block.rows
    }
    assert [cell.text.replace(SPACE, " ") for cell in found["Hypertension to standard"]] == [
        "< 5", "withheld", "< 5", "withheld", "57.20 %"
    ]  # fmt: skip
    assert [cell.counts for cell in found["Hypertension to standard"]][:4] == [""] * 4
    shown = {
        row.title: row.cells
        for block in heat.heats(Assessment(small, Language("en"), 1))[0].blocks
        for row in block.rows
    }
    assert shown["Hypertension to standard"][0].counts == "3 / 3,000"


# Distributions


def test_every_doubt_about_a_figure_is_an_exhibit(assessment: Assessment) -> None:
    statements = Statements(assessment)
    passed = pl.col("status").is_in(("pass_with_findings", "not_applicable"))
    every = exhibits(assessment.frames["findings"].filter(~passed).rows(named=True), statements)
    shown = overview.view(assessment, statements)
    for group, entries in every.items():
        assert entries[: len(shown["exhibits"][group])] == shown["exhibits"][group]
        assert len(entries) == len(shown["exhibits"][group]) + shown["exhibits_left"][group]
    assert sum(len(entries) for entries in every.values()) > 5


def test_every_indicator_has_its_distribution_with_the_units_that_reach_the_target(assessment: Assessment) -> None:
    rows = {row.title: row for block in spread.spreads(assessment) for row in block.rows}
    assert set(rows) == {assessment.indicator_title(name) for name in assessment.indicators}
    records = rows["Electronic records"]
    assert (records.reached, records.compared) == ("4", "6")
    assert records.chart is not None
    assert records.chart.target is not None
    assert rows["Hypertension to standard"].compared == "5"  # one has nobody to count
    assert rows["Severe mental disorder"].target == ""


def test_the_distribution_is_made_of_the_units_that_the_table_counts(assessment: Assessment) -> None:
    rows = {row.title: row for block in spread.spreads(assessment) for row in block.rows}
    for indicator in assessment.indicators:
        told = assessment.spread["all", "all", indicator]["units"]
        assert rows[assessment.indicator_title(indicator)].compared == str(told)


# Ranking and rules


def test_units_stand_by_rank_with_what_filters_need(assessment: Assessment) -> None:
    rows = league.ranking(assessment)
    assert [row["rank_key"] for row in rows] == sorted(row["rank_key"] for row in rows)
    by_unit = {row["unit"]: row for row in rows}
    assert by_unit["A01"]["veto"]
    assert "fail" in by_unit["A01"]["has"].split()
    assert "not_submitted" in by_unit["A02"]["has"].split()
    assert {row["above"] for row in rows} == {"北市", "南市"}
    gain = assessment.frames["remedies"].filter((pl.col("unit") == "A01") & (pl.col("rule") == ALL))["points"].item()
    assert Decimal(by_unit["A01"]["gain_key"]) == gain > 0


def test_what_is_at_stake_is_the_sum_over_units_and_comes_with_its_caveat(
    assessment: Assessment, directory: Path
) -> None:
    rules = league.rules(assessment)
    rows = {row["rule"]: row for row in rules["rows"]}
    remedies = assessment.frames["remedies"].filter(pl.col("rule") == "DM-ID")
    assert rows["DM-ID"]["money_key"] == remedies["amount_minor"].sum() > 0
    assert Decimal(rows["DM-ID"]["points_key"]) == remedies["points"].sum()
    assert rows["DM-BROKEN"]["broken"]
    assert rules["rows"][0]["rule"] == "DM-BROKEN"
    assert "must not be added up" in section(index(directory), "rules")


def test_a_rule_names_the_units_that_violate_it_most(assessment: Assessment) -> None:
    rows = {row["rule"]: row for row in league.rules(assessment)["rows"]}
    name, href, number = rows["DM-ID"]["worst"][0]
    assert (name, number) == ("青山镇卫生院", "774")
    assert href.startswith("units/A01.html#finding-")


def test_rules_that_found_nothing_are_folded_but_there(directory: Path, assessment: Assessment) -> None:
    silent = {rule for _id, _title, rule, _applicable in league.rules(assessment)["silent"]}
    assert silent
    assert all(f'id="rule-{rule}"' in index(directory) for rule in silent)


def test_exceptions_name_the_units_with_most_of_them(directory: Path) -> None:
    text = plain(section(index(directory), "exceptions"))
    assert "柳林乡卫生院" in text
    assert text.index("柳林乡卫生院") < text.index("石桥镇卫生院")
    assert "45.00 %" in text  # 900 of 2,000


# Money


def test_every_column_of_steps_adds_up_to_its_pool_as_printed(directory: Path) -> None:
    text = section(index(directory), "allocation")
    table = text[text.index('id="steps"') : text.index("</table>")]
    rows = [
        (plain(head).strip(), [amount(cell) for cell in re.findall(r"<data [^>]*>([^<]+)</data>", row)])
        for head, row in re.findall(r'<th scope="row">([^<]+)</th>(.*)', table)
    ]
    found = dict(rows)
    steps = [cells for name, cells in rows if name not in ("Sum of awards", "Pool", "Difference", "Not paid out")]
    assert len(steps) >= 4
    for place in range(3):
        assert sum(cells[place] for cells in steps) == found["Sum of awards"][place] == found["Pool"][place]
        assert found["Difference"][place] == 0
    assert found["Pool"] == [Decimal("800000.00"), Decimal("200000.00"), golden.POOL]


def test_awards_by_group_add_up_as_printed(assessment: Assessment) -> None:
    made = money.allocation(assessment)
    assert made is not None
    assert len(made["levels"]) == 2
    for level in made["levels"]:
        for place in range(3):
            assert sum(amount(line["amounts"][place]) for line in level["lines"]) == amount(level["total"][place])
        assert amount(level["total"][0]) == golden.POOL


def test_settlements_follow_from_awards_and_advances(assessment: Assessment) -> None:
    made = money.allocation(assessment)
    assert made is not None
    told = dict(made["settlement"])
    assert amount(told["Sum of awards"]) + amount(told["Paid in advance"]) == amount(told["To be settled"])


def test_a_pool_names_its_terms_and_whom_a_bound_holds(assessment: Assessment) -> None:
    made = money.allocation(assessment)
    assert made is not None
    basic, bonus = made["pools"]
    assert ("Basis", "population * @per_capita", True) in basic.terms
    assert ("Cap", f"¥{SPACE}39,000.00", False) in bonus.terms
    held = {name: [title for title, _href in links] for name, links, _left in bonus.bounds}
    capped = assessment.frames["pool_awards"].filter(pl.col("bound") == "cap")["unit"].to_list()
    assert held == {"Held at the cap": [assessment.names[unit] for unit in capped]}
    assert capped


def test_a_refused_allocation_says_why(tmp_path: Path) -> None:
    refused = golden.write(tmp_path / "a", awards=golden.frames()["awards"].clear())
    manifest = json.loads((refused / MANIFEST).read_text(encoding="utf-8"))
    manifest["allocation"] |= {"refused": "infeasible: pool 'bonus': floors of 9 units ask for too much", "pools": []}
    (refused / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    text = plain(section(index(refused), "allocation"))
    assert "The pool was not split. Reason: floors and caps cannot all hold" in text


# Receipts and provenance


def test_what_was_not_submitted_rejected_or_broken_is_named(assessment: Assessment, directory: Path) -> None:
    (owed,) = receipts.not_submitted(assessment)
    assert (owed["table"], owed["units"], owed["links"]) == ("Elderly", "1", [("白水镇卫生院", "units/A02.html")])
    intake = receipts.intake(assessment)
    assert intake["files"][0]["tone"] == "fail"
    assert sum(int(number) for *_words, number in intake["reasons"]) == assessment.frames["rejects"].height
    assert "Malformed telephone · The rule could not be run" in plain(section(index(directory), "intake"))


def test_the_provenance_lists_every_table_and_how_to_make_the_pages_again(directory: Path) -> None:
    text = section(index(directory, "zh", min_cell=7), "provenance")
    digests = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["tables"]
    assert set(digests) == set(TABLES)
    unspaced = re.sub(r"\s", "", plain(text))
    assert all(told["sha256"] in unspaced for told in digests.values())
    assert "--lang zh --min-cell 7" in plain(text)


def test_what_was_compared_with_and_scored_again_is_told(tmp_path: Path) -> None:
    directory = golden.write(tmp_path / "a")
    manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    manifest["previous"] = {"ruleset": {"id": "golden", "version": "2023.1"}, "inputs_sha256": "cd" * 32}
    manifest["rescored"] = {"ruleset": {"id": "golden", "version": "2024.1"}, "tables_sha256": "ef" * 32}
    (directory / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    text = plain(section(index(directory), "provenance"))
    assert "golden 2023.1, digest of all inputs cdcdcdcd" in text
    assert "scored again from the counts of golden 2024.1, digest of its tables efefefef" in text


# Exhibits


def test_a_finding_on_few_people_tells_no_figure_on_the_index(tmp_path: Path) -> None:
    numbers = json.dumps({"numerator": 3.0, "denominator": 2.0, "raw": 1.5, "ceiling": 1.0})
    found = golden.frames()["findings"].filter(pl.col("reason") == "above_ceiling", pl.col("source") == "DM")
    few = found.with_columns(finding=pl.lit("F999"), unit=pl.lit("B02"), source=pl.lit("ELD"), numbers=pl.lit(numbers))
    made = Assessment(golden.write(tmp_path / "a", findings=few), Language("en"))
    (exhibit,) = exhibits(few.rows(named=True), Statements(made))[IMPOSSIBLE]
    assert exhibit.value == ""
    assert exhibit.texts == ("Fewer than 5 people stand behind it: the figures are on the unit's page.",)
    shown = Assessment(tmp_path / "a", Language("en"), 1)
    assert exhibits(few.rows(named=True), Statements(shown))[IMPOSSIBLE][0].value == f"150.00{SPACE}%"


def test_more_exhibits_than_are_shown_are_counted_by_figure(many: Path) -> None:
    text = plain(section(index(many), "contradicted"))
    assert "more, on the pages of the units. All of them by figure:" in text
    assert re.search(r"病历书写规范率 60\b", text)


# Themes


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paper_has_nothing_to_click_and_everything_open(directory: Path, lang: str) -> None:
    for path in render(directory, lang, "print"):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "script-src &#39;none&#39;" in text
        assert "prefers-color-scheme: dark" not in text
        assert re.findall(r"<details(?![^>]*\bopen\b)", text) == []
        assert re.findall(r"<details[^>]*open[^>]*open", text) == []
        assert '<meta name="color-scheme" content="light">' in text
    render(directory, lang)


def test_an_unknown_theme_is_refused(directory: Path) -> None:
    with pytest.raises(UsageError, match="no report for 'paper'"):
        render(directory, "zh", "paper")


# Size


def test_the_index_of_a_province_is_small_enough(many: Path) -> None:
    # The golden province has few indicators; bench/report.py measures the sample's at 1,500 units.
    assert len(index(many, "zh").encode()) < 1_000_000
