"""The page of a comparison: exact, closed, the same from the same two, and without a way in for hostile text."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from assessed import HOSTILE, assessed, compared
from closed import Closed
from conftest import VISITS

from assess.errors import UsageError
from assess.report.compare_page import write

QUOTED = '"' + HOSTILE.replace('"', '""') + '"'
UNITS = f"unit,name,county,people\nA,{QUOTED},{QUOTED},4\nB,Bee,east,4\nC,See,west,4\n"
WRONG = VISITS.replace("A,p1,120", "A,p1,500")
TARGET = ("target: {value: 0.5}", "target: {value: 0.8}")


@pytest.fixture
def sides(tmp_path: Path, lay: Callable[..., Path], ruleset_file: Callable[..., Path]) -> tuple[Path, Path]:
    old = assessed(ruleset_file(), lay({"visits.csv": VISITS}, units=UNITS), tmp_path / "old")
    shutil.rmtree(tmp_path / "data")
    new = assessed(ruleset_file(TARGET), lay({"visits.csv": WRONG}, units=UNITS), tmp_path / "new")
    return old, new


def page(sides: tuple[Path, Path], out: Path, lang: str = "en") -> str:
    write(compared(*sides).data(), sides[1], sides[0], out, lang, "assess compare old new")
    return out.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(sides: tuple[Path, Path], tmp_path: Path, lang: str) -> None:
    text = page(sides, tmp_path / "page.html", lang)
    read = Closed(text)
    assert read.scripts == 1
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "[U+202E]" in read.text
    assert all(href.startswith("#") for href in read.hrefs)


def test_every_link_of_the_page_leads_somewhere(sides: tuple[Path, Path], tmp_path: Path) -> None:
    read = Closed(page(sides, tmp_path / "page.html"))
    assert read.hrefs
    assert {href.removeprefix("#") for href in read.hrefs} <= set(read.ids)


def test_printed_changes_add_up_as_printed(sides: tuple[Path, Path], tmp_path: Path) -> None:
    read = Closed(page(sides, tmp_path / "page.html"))
    tables: list[list[Decimal]] = [[]]
    for row in read.rows:
        if "Why" in row and "Points now" in row:
            tables.append([])
        elif len(row) == 7 and re.fullmatch(r"[+−±][\d.,]+", row[5]):
            tables[-1].append(Decimal(row[5].replace("−", "-").replace("±", "").replace(",", "")))
    explained = [table for table in tables if table]
    assert explained
    assert all(sum(table[:-1]) == table[-1] for table in explained)


def test_the_page_tells_the_ruleset_from_the_submissions(sides: tuple[Path, Path], tmp_path: Path) -> None:
    read = Closed(page(sides, tmp_path / "page.html"))
    assert "indicators VISITED target value: 0.5 → 0.8" in read.text
    assert "another target, another rate" in read.text
    assert read.row("Out of range V-SBP")[2:5] == ["1", "", ""], "new, persisting, resolved"


def test_the_same_two_give_the_same_page(sides: tuple[Path, Path], tmp_path: Path) -> None:
    assert page(sides, tmp_path / "a.html") == page(sides, tmp_path / "b.html")


def test_nothing_is_left_beside_the_page_and_a_directory_is_refused(sides: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "page.html"
    page(sides, out)
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
    with pytest.raises(UsageError, match="is a directory"):
        page(sides, out.parent)


def test_two_that_are_equal_have_no_sections_of_changes(sides: tuple[Path, Path], tmp_path: Path) -> None:
    read = Closed(page((sides[0], sides[0]), tmp_path / "page.html"))
    assert not {"units", "why", "ruleset"} & set(read.ids)
    assert {"notes", "rules", "provenance"} <= set(read.ids)


def test_english_pages_hold_no_chinese_words_of_ours(sides: tuple[Path, Path], tmp_path: Path) -> None:
    assert not re.search("[\u4e00-\u9fff]", Closed(page(sides, tmp_path / "page.html")).text)
