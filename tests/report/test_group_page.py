"""The page of a group: its units ranked, rates from sums, what is at stake, and no count of few people."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import golden
import polars as pl
import pytest

from assess.report import group_page, group_rows
from assess.report.format import SPACE, number
from assess.report.group_sums import GroupSums
from assess.report.html import Pages
from assess.report.language import Language
from assess.report.model import Assessment


def opened(directory: Path, lang: str = "en", min_cell: int = 5) -> tuple[Assessment, GroupSums]:
    assessment = Assessment(directory, Language(lang), min_cell)
    return assessment, GroupSums(assessment)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden.write(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def english(directory: Path) -> tuple[Assessment, GroupSums]:
    return opened(directory)


def view(made: tuple[Assessment, GroupSums], level: str, name: str) -> dict[str, object]:
    assessment, sums = made
    return group_page.view(assessment.level_groups[level, name], assessment, sums)


def text(made: tuple[Assessment, GroupSums], level: str, name: str) -> str:
    return Pages(made[0]).group(view(made, level, name))


def test_units_stand_by_their_rank_within_the_group(english: tuple[Assessment, GroupSums]) -> None:
    members = view(english, "county", "西县")["members"]
    assert [(row.rank, row.overall, row.href) for row in members] == [
        ("1", "1", "../units/B01.html"),
        ("2", "2", "../" + english[0].page("坏/key <b>")),
        ("3", "3", "../units/B02.html"),
    ]


def test_rates_of_a_group_come_from_sums_and_stand_beside_those_above(english: tuple[Assessment, GroupSums]) -> None:
    blocks = view(english, "county", "西县")["indicators"]
    row = next(row for _, rows in blocks for row in rows if row.id == "indicator-REC")
    # 9,500 + 8,000 + 9,100 of 10,000 each, not the mean of the rates; the prefecture holds the same units.
    assert (row.counts, row.rate, row.higher) == ("26,600 / 30,000", f"88.67{SPACE}%", f"88.67{SPACE}%")
    assert row.median == f"91.00{SPACE}%"


def test_the_awards_of_all_groups_of_a_level_add_up(english: tuple[Assessment, GroupSums]) -> None:
    assessment, sums = english
    awarded = sum((row["amount"] for row in assessment.awards.values()), Decimal(0))
    for level in assessment.levels:
        groups = [group for (of, _), group in assessment.level_groups.items() if of == level]
        assert sum((sums.awarded(group.units) for group in groups), Decimal(0)) == awarded


def test_a_larger_group_lists_the_smaller_ones_inside(english: tuple[Assessment, GroupSums]) -> None:
    assert [child[0] for child in view(english, "prefecture", "北市")["children"]] == ["东县"]
    assert view(english, "county", "东县")["children"] == []
    assert view(english, "county", "东县")["higher"][1] == "北市"  # type: ignore[index]


def test_what_was_not_submitted_or_rejected_is_named(english: tuple[Assessment, GroupSums]) -> None:
    page = text(english, "county", "东县")
    assert "Elderly" in page
    assert golden.HOSTILE not in page
    assert "it is not an XLSX workbook" in page


# --- few people


def shown(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page)


def measured(**violated: int) -> pl.DataFrame:
    """Measurements in which DM-GLU is violated by so many people of each unit, and by nobody else."""
    return (
        golden.frames()["measurements"]
        .with_columns(
            violated=pl.when(pl.col("rule") == "DM-GLU")
            .then(pl.col("unit").replace_strict(violated, default=0, return_dtype=pl.Int64))
            .otherwise("violated"),
            applicable=pl.when(pl.col("rule") == "DM-GLU").then(1000).otherwise("applicable"),
        )
        .with_columns(
            status=pl.when((pl.col("rule") == "DM-GLU") & (pl.col("violated") > 0))
            .then(pl.lit("fail"))
            .otherwise("status")
        )
    )


def rule(directory: Path, county: str, min_cell: int = 5) -> group_rows.RuleLine:
    rules = view(opened(directory, min_cell=min_cell), "county", county)["rules"]
    return next(row for row in rules if row.rule == "DM-GLU")  # type: ignore[attr-defined]


def test_few_people_are_not_counted_on_the_page_of_a_group(tmp_path: Path) -> None:
    directory = golden.write(tmp_path / "a", measurements=measured(A01=2, A02=1))
    few = rule(directory, "东县")
    assert (few.violated, few.applicable, few.share) == (f"<{SPACE}5", "", "")
    assert "3" not in few.violated
    assert rule(directory, "东县", min_cell=1).violated == "3"


def test_a_sum_and_its_other_parts_do_not_give_few_people_away(tmp_path: Path) -> None:
    # 3 in one county and 250 in the other: with 253 in all, the 250 would say that it is 3.
    directory = golden.write(tmp_path / "a", measurements=measured(A01=2, A02=1, B01=200, B02=50))
    assert rule(directory, "西县").violated == "withheld"
    assert rule(directory, "西县").share == ""


def test_five_people_are_shown(tmp_path: Path) -> None:
    directory = golden.write(tmp_path / "a", measurements=measured(A01=5, B01=200))
    assert rule(directory, "东县").violated == "5"
    assert rule(directory, "西县").violated == "200"


def test_an_indicator_of_few_people_shows_neither_counts_nor_rates(tmp_path: Path) -> None:
    one = (pl.col("level") == "county") & (pl.col("unit") == "东县") & (pl.col("indicator") == "ELD")
    few = golden.frames()["indicators"].with_columns(
        numerator_verified=pl.when(one).then(4.0).otherwise("numerator_verified")
    )
    directory = golden.write(tmp_path / "a", indicators=few)
    blocks = view(opened(directory), "county", "东县")["indicators"]
    row = next(row for _, rows in blocks for row in rows if row.id == "indicator-ELD")
    assert row.hidden
    assert (row.rate, row.difference, row.median, str(row.bars)) == ("—", "", "—", "")
    assert number(row.counts) is None


def test_the_page_says_how_it_hides(english: tuple[Assessment, GroupSums]) -> None:
    assert "Counts of fewer than 5 people are not shown" in shown(text(english, "county", "东县"))


def test_no_record_of_anybody_stands_on_the_page_of_a_group(english: tuple[Assessment, GroupSums]) -> None:
    for level, name in english[0].level_groups:
        page = text(english, level, name)
        assert "110105" not in page
        for row in golden.frames()["evidence"]["record"].to_list():
            assert json.loads(row)["person_id"] not in page
