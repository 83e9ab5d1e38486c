"""What a reader does with the pages of the sample province: search, sort, follow links, tick, and print."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl
import pytest
from browsers import eventually, open_chromium
from closed import Closed
from province_pages import FLAGSHIP, KINDS, LANGUAGES, UNITS, groups_of, opened, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
both = pytest.mark.parametrize("lang", LANGUAGES)
ROW = "#ranking-table tbody tr:visible"
NAME = {"zh": "机构", "en": "Unit"}
# What its reader can take in. The page of a unit is read line by line and signed in one sitting: a dozen sheets, and
# half as many again for the unit with most findings of all. A group is gone through at a meeting, its bulletin hangs on
# a wall. The index and the comparison are for those who keep the files. English takes a third more room for the same.
SHEETS = {"index": 20, "group": 6, "flagship": 18, "vetoed": 12, "no contracts": 12, "comparison": 18, "bulletin": 1}
ROOM = {"zh": 3, "en": 4}
# The texts that a sheet of paper has to show, and the heads of the tables with their rows.
PRINTED = """() => {
  const spoken = (each) => each && (getComputedStyle(each).clipPath !== "none" || spoken(each.parentElement));
  const shown = (of) => of.checkVisibility({ visibilityProperty: true }) && !spoken(of);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) {
    const { data, parentElement: of } = walk.currentNode;
    if (data.trim() && shown(of) && !of.closest("script, style, .skip, caption")) texts.push(data);
  }
  const tables = [...document.querySelectorAll("table")].filter((each) => each.tHead && each.checkVisibility())
    .map((each) => [each.tHead.innerText, [...each.tBodies].flatMap((body) => [...body.rows])
      .filter((row) => row.checkVisibility()).map((row) => row.innerText)]);
  return { texts, tables };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


def scores(directory: Path) -> dict[str, Decimal]:
    return dict(pl.read_parquet(directory / "tables" / "scores.parquet").select("unit", "score").rows())


def shown_units(page: Page) -> list[str]:
    links = page.locator(f"{ROW} th a").evaluate_all("(all) => all.map((each) => each.getAttribute('href'))")
    return [Path(link).stem for link in links]


@both
def test_the_ranking_is_searched_narrowed_and_sorted(browser: Browser, province: dict[str, Path], lang: str) -> None:
    of = scores(province[lang])
    with opened(browser, page_of(province[lang], "index")) as (page, _):
        best_first = sorted(of, key=lambda unit: -of[unit])
        assert shown_units(page) == best_first
        head = page.locator("#ranking-table thead th[data-sort=number]:not([data-rising])").first.locator("button")
        head.click()
        assert shown_units(page) == best_first
        head.click()
        assert shown_units(page) == best_first[::-1]
        name = page.locator(f"{ROW} th a", has_text="").nth(3).inner_text()
        page.fill("#ranking input[type=search]", name)
        eventually(page, f"document.querySelectorAll('#ranking-table tbody tr:not([hidden])').length < {len(of)}")
        assert page.locator(f"{ROW} th a").all_inner_texts() == [name]
        page.fill("#ranking input[type=search]", "")
        eventually(page, f"document.querySelectorAll('#ranking-table tbody tr:not([hidden])').length === {len(of)}")
        choice = page.locator("#ranking select[data-by=grade]")
        grade = choice.locator("option").nth(1).inner_text()
        choice.select_option(grade)
        cells = page.locator(f"{ROW} td[data-by=grade]").all_inner_texts()
        assert set(cells) == {grade}
        assert 0 < len(cells) < len(of)


@both
def test_links_lead_from_the_index_over_a_group_to_a_unit_and_back(
    browser: Browser, province: dict[str, Path], lang: str
) -> None:
    directory = province[lang]
    group, unit = groups_of(directory)[0], page_of(directory, "flagship")
    with opened(browser, page_of(directory, "index")) as (page, watched):
        for link, path in ((group, directory / group), (f"../units/{FLAGSHIP}.html", unit)):
            page.locator(f"a[href='{link}']:visible").first.click()
            page.wait_for_url(path.as_uri())
        title = page.locator("h1").inner_text()
        page.locator(".eyebrow a").click()
        page.wait_for_url((directory / "index.html").as_uri())
        page.go_back()
        assert page.locator("h1").inner_text() == title
        assert watched.refused == watched.said == []


@both
def test_every_link_of_every_page_leads_somewhere(province: dict[str, Path], lang: str) -> None:
    pages = {path: Closed(path.read_text(encoding="utf-8")) for path in province[lang].rglob("*.html")}
    dead = [
        f"{path.name}: {href}"
        for path, page in pages.items()
        for href in page.hrefs
        for file, _, anchor in [href.partition("#")]
        for target in [(path.parent / unquote(file)).resolve() if file else path]
        if target not in pages or (anchor and unquote(anchor) not in pages[target].ids)
    ]
    assert len(pages) > 30
    assert dead == []


@pytest.mark.parametrize("kind", ["index", "flagship"])
def test_every_anchor_is_in_sight_once_followed(browser: Browser, province: dict[str, Path], kind: str) -> None:
    with opened(browser, page_of(province["zh"], kind)) as (page, _):
        hidden = page.evaluate("""async () => {
          const lost = [];
          const hashes = [...document.querySelectorAll("a[href^='#']")].map((link) => link.getAttribute("href"));
          for (const hash of new Set(hashes)) {
            location.hash = hash;
            await new Promise((done) => setTimeout(done));
            if (!document.getElementById(decodeURIComponent(hash.slice(1)))?.checkVisibility()) lost.push(hash);
          }
          return lost;
        }""")
        assert hidden == []


@both
@pytest.mark.parametrize("kind", UNITS)
def test_what_is_ticked_comes_to_what_the_remedies_say(
    browser: Browser, province: dict[str, Path], lang: str, kind: str
) -> None:
    remedies = pl.read_parquet(province[lang] / "tables" / "remedies.parquet").filter(pl.col("unit") == UNITS[kind])
    after = {str(row["rule"]): row for row in remedies.iter_rows(named=True)}
    now = scores(province[lang])[UNITS[kind]]
    with opened(browser, page_of(province[lang], kind)) as (page, _):

        def said(name: str) -> Decimal:
            text = page.inner_text(f"[data-out={name}]")
            assert not re.search(r"约|about", text), text
            return Decimal(re.sub(r"[^\d.]", "", text))

        def holds(remedy: dict[str, object]) -> None:
            assert abs(said("score") - Decimal(str(remedy["score"]))) <= Decimal("0.005")
            assert abs(said("points") - Decimal(str(remedy["points"]))) <= Decimal("0.005")
            assert said("money") * 100 == Decimal(str(remedy["amount_minor"]))

        assert said("score") == now.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        boxes = page.locator("input[data-rule]")
        alone = [row for rule, row in after.items() if rule != "*"]
        assert boxes.count() == len(alone)
        told = set()
        for box in boxes.all():
            box.check()
            told.add((said("score"), said("money")))
            box.uncheck()
        expected = {
            (row["score"].quantize(Decimal("0.01"), ROUND_HALF_EVEN), Decimal(row["amount_minor"]) / 100)
            for row in alone
        }
        assert told == expected
        page.check("input[data-all]")
        holds(after["*"])
        assert after["*"]["points"] > 0
        page.uncheck("input[data-all]")
        assert said("points") == 0
        assert said("score") == now.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def plain(text: str) -> str:
    """Text without room between its signs, and with one sign for those that fonts draw alike."""
    return re.sub(r"[\s\u200b\u00ad]", "", unicodedata.normalize("NFKC", text))


def stands(text: str, sheets: list[str]) -> bool:
    """Whether a text stands on one sheet, or begins on one and ends on the next."""
    return any(text in sheet for sheet in sheets) or any(
        text[:cut] in first and text[cut:] in second
        for first, second in itertools.pairwise(sheets)
        for cut in range(1, len(text))
    )


@both
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_prints_whole_on_a_sane_number_of_sheets(
    browser: Browser, province: dict[str, Path], tmp_path: Path, lang: str, kind: str
) -> None:
    with opened(browser, page_of(province[lang], kind)) as (page, watched):
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        expected = page.evaluate(PRINTED)
        paper = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        assert watched.said == []
    number = len(re.findall(rb"/Type\s*/Page\b", paper))
    assert 1 <= number <= max(1, SHEETS[kind] * ROOM[lang] // 3)
    if shutil.which("pdftotext") is None:
        return  # the number of sheets is all that can be seen without it
    text = subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", str(tmp_path / "page.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode("utf-8")
    sheets = [plain(sheet) for sheet in text.split("\f")[:number]]
    assert min(len(sheet) for sheet in sheets) > 150, "a sheet is blank but for its head and foot"
    assert [each for each in expected["texts"] if not stands(plain(each), sheets)] == []
    for head, rows in expected["tables"]:
        on = [
            i for i, sheet in enumerate(sheets) if sum(plain(row) in sheet for row in rows if len(plain(row)) > 20) > 1
        ]
        assert [i + 1 for i in on if plain(head) not in sheets[i]] == [], head
