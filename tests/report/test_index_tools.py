"""The ranking and the rules can be searched, narrowed and sorted, by mouse and by keyboard, however long they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from browsers import eventually, open_chromium
from test_index import index, multiplied

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
UNIT = "#ranking-table tbody tr:visible"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = golden.write(tmp_path_factory.mktemp("few"))
    (directory / "index.html").write_text(index(directory, "zh"), encoding="utf-8")
    return directory / "index.html"


@pytest.fixture(scope="module")
def long(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of 600 units."""
    out = tmp_path_factory.mktemp("long")
    multiplied(few.parent, out, 600)
    (out / "index.html").write_text(index(out, "en"), encoding="utf-8")
    return out / "index.html"


def opened(browser: Browser, path: Path, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    return page


def column(page: Page, head: str) -> list[str]:
    """The keys of a column of the ranking, as shown."""
    return list(page.evaluate(
        """head => {
          const table = document.getElementById("ranking-table");
          const place = [...table.querySelectorAll("thead th")].findIndex((each) => each.textContent.trim() === head);
          return [...table.tBodies[0].rows].map((row) => row.cells[place].dataset.key ?? row.cells[place].textContent);
        }""", head))  # fmt: skip


def test_a_search_narrows_the_ranking_and_says_to_how_many(browser: Browser, few: Path) -> None:
    page = opened(browser, few)
    page.fill("input[type=search]", "白水 东县")
    eventually(page, "document.querySelector('output').textContent.includes('1 / 6')")
    assert page.locator(UNIT).count() == 1
    assert page.locator("output").get_attribute("aria-live") == "polite"


@pytest.mark.parametrize(
    ("by", "value", "left"),
    [("group", "东县", 3), ("above", "南市", 3), ("has", "not_submitted", 1), ("has", "none", 1)],
)
def test_filters_narrow_the_ranking(browser: Browser, few: Path, by: str, value: str, left: int) -> None:
    page = opened(browser, few)
    page.select_option(f"select[data-by={by}]", value)
    assert page.locator(UNIT).count() == left
    page.select_option(f"select[data-by={by}]", "")
    assert page.locator(UNIT).count() == 6


def test_filters_hold_together(browser: Browser, few: Path) -> None:
    page = opened(browser, few)
    page.select_option("select[data-by=group]", "东县")
    page.select_option("select[data-by=has]", "not_submitted")
    assert page.locator(UNIT).all_inner_texts()[0].split("\t")[1] == "白水镇卫生院"


def test_figures_sort_from_the_largest_and_back_and_the_head_says_so(browser: Browser, few: Path) -> None:
    page = opened(browser, few)
    head = page.locator("#ranking-table thead th", has_text="得分").first
    assert page.locator("#ranking-table thead th").first.get_attribute("aria-sort") == "ascending"
    for order, falling in (("descending", True), ("ascending", False)):
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == order
        scores = [float(key) for key in column(page, "得分")]
        assert scores == sorted(scores, reverse=falling)
    assert page.locator("#ranking-table th[aria-sort]").count() == 1


def test_the_keyboard_reaches_and_sorts(browser: Browser, few: Path) -> None:
    page = opened(browser, few)
    page.locator("#ranking-table thead button").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.locator("#ranking-table thead th").nth(1).get_attribute("aria-sort") == "ascending"


def test_rules_sort_by_money_at_stake(browser: Browser, few: Path) -> None:
    page = opened(browser, few)
    page.locator("#rules-table thead button", has_text="可挽回金额").click()
    assert "DM-" in page.locator("#rules-table tbody tr").first.inner_text()


def test_a_long_ranking_shows_more_as_it_is_scrolled_and_finds_what_is_not_yet_shown(
    browser: Browser, long: Path
) -> None:
    page = opened(browser, long)
    assert page.locator("output").inner_text() == "600 of 600 units shown"
    assert page.locator(UNIT).count() == 150
    page.evaluate("document.querySelector('#ranking .tall').scrollTop = 1e6")
    eventually(page, "[...document.querySelectorAll('#ranking-table tbody tr')].filter((r) => !r.hidden).length > 300")
    last = page.locator("#ranking-table tbody tr").last.locator("a").inner_text()
    page.fill("input[type=search]", last)
    eventually(page, "document.querySelector('output').textContent.startsWith('1 of')")
    assert page.locator(UNIT).inner_text().split("\t")[1] == last


def test_a_long_ranking_is_printed_whole(browser: Browser, long: Path) -> None:
    page = opened(browser, long)
    page.emulate_media(media="print")
    assert page.locator("#ranking-table tbody tr:visible").count() == 600


def test_sorting_a_long_ranking_lays_out_only_what_is_shown(browser: Browser, long: Path) -> None:
    page = opened(browser, long)
    page.locator("#ranking-table thead button").nth(2).click()
    assert page.locator(UNIT).count() == 150
    assert len(column(page, "Award")) == 600


def test_tabbing_past_the_last_row_shown_shows_more(browser: Browser, long: Path) -> None:
    page = opened(browser, long)
    page.locator("#ranking-table tbody tr").nth(149).locator("a").focus()
    assert page.locator(UNIT).count() == 450


def test_without_a_script_everything_is_there(browser: Browser, few: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(few.as_uri())
    assert page.locator("#ranking-table tbody tr").count() == 6
    assert not page.locator(".tools").is_visible()
    assert page.locator("#ranking-table thead button").count() == 0
