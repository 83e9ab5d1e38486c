"""The pages of the sample province in a browser: silent, alone, readable by everyone, on every screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import province_pages
import pytest
from browsers import open_chromium
from province_pages import KINDS, LANGUAGES, UNFOLD, opened, page_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
every_page = pytest.mark.parametrize("kind", KINDS)
both = pytest.mark.parametrize("lang", LANGUAGES)
# What takes long is done on one page of every kind; ASSESS_EVERY_PAGE=1 does it on all of them.
ALL_PAGES = [(kind, lang) for kind in KINDS for lang in LANGUAGES]
SOME_PAGES = [("index", "zh"), ("group", "en"), ("vetoed", "zh"), ("comparison", "en"), ("bulletin", "zh")]
some_pages = pytest.mark.parametrize(("kind", "lang"), ALL_PAGES if os.environ.get("ASSESS_EVERY_PAGE") else SOME_PAGES)

# Text that is not shown, by what hides it; text within a fold that is shut does not count.
HIDDEN = """() => [...new Set([...document.querySelectorAll("body *:not(script, option)")]
  .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((each) => !each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((each) => !each.closest(".tools[hidden], .tick[hidden], .outcome[hidden]"))
  .map((each) => each.outerHTML.slice(0, 200)))]"""
# What stands there to be read; the tools that only a script can work are taken away first.
READ = """() => {
  for (const each of document.querySelectorAll(".tools, .tick, .outcome")) each.remove();
  return document.body.innerText.replace(/\\s+/g, " ");
}"""
# Whatever a keyboard has to reach, in the order of the page.
REACHABLE = """() => {
  window.reachable = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }));
  return window.reachable.length;
}"""
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    place: window.reachable.indexOf(at),
    what: at.outerHTML.slice(0, 160),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inSight: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    shut: at.tagName === "SUMMARY" && !at.parentElement.open,
  };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


@both
@every_page
def test_a_page_is_silent_and_asks_for_nothing(
    browser: Browser, province: dict[str, Path], lang: str, kind: str
) -> None:
    path = page_of(province[lang], kind)
    with opened(browser, path) as (page, watched):
        page.evaluate(UNFOLD)
        for control in page.locator("thead button").all():
            control.click()
        for box in page.locator("input[type=checkbox]").all():
            box.check()
        page.emulate_media(media="print")
        page.wait_for_load_state("networkidle")
        assert watched.said == []
        assert watched.asked == [path.as_uri()]


def test_what_a_page_would_ask_for_is_counted_and_refused(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "other.png").write_bytes(b"")
    path = tmp_path / "asking.html"
    path.write_text(
        '<img src="https://example.org/a.png"><img src="other.png"><script>fetch("https://example.org/b")</script>'
    )
    with opened(browser, path) as (page, watched):
        page.wait_for_load_state("networkidle")
        assert {url.rpartition("/")[2] for url in watched.refused} == {"a.png", "other.png", "b"}
        assert watched.said


@some_pages
def test_nobody_is_shut_out(browser: Browser, province: dict[str, Path], lang: str, kind: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = {}
    with opened(browser, page_of(province[lang], kind)) as (page, _):
        page.evaluate(UNFOLD)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            options = {"resultTypes": ["violations"]}
            # In the dark other colours stand in the same page, so that nothing else has to be looked at again.
            said = axe.run(
                page, options=options if scheme == "light" else {**options, "runOnly": ["color-contrast"]}
            ).response
            for each in said["violations"]:
                if each["impact"] in ("serious", "critical"):
                    found[scheme, each["id"]] = [node["html"][:200] for node in each["nodes"][:3]]
            assert said["passes"], "axe looked at nothing"
    assert found == {}


@both
@every_page
def test_a_page_fits_a_telephone_a_screen_and_a_sheet(
    browser: Browser, province: dict[str, Path], lang: str, kind: str
) -> None:
    widths = {}
    with opened(browser, page_of(province[lang], kind)) as (page, _):
        page.evaluate(UNFOLD)
        for width, media in ((360, "screen"), (1280, "screen"), (province_pages.A4, "print")):
            page.emulate_media(media=media)
            page.set_viewport_size({"width": width, "height": 900})
            widths[width] = page.evaluate("document.documentElement.scrollWidth")
    assert {width: wide for width, wide in widths.items() if wide > width} == {}


@both
@every_page
def test_a_page_reads_the_same_without_scripts(
    browser: Browser, province: dict[str, Path], lang: str, kind: str
) -> None:
    path = page_of(province[lang], kind)
    texts = []
    for scripts in (True, False):
        with opened(browser, path, java_script_enabled=scripts) as (page, watched):
            assert page.locator(".tools:visible, .tick:visible, .outcome:visible").count() == 0 or scripts
            page.evaluate(UNFOLD)
            assert page.evaluate(HIDDEN) == []
            texts.append(page.evaluate(READ))
            assert watched.said == []
    assert len(texts[0]) > 500
    assert texts[1] == texts[0]


@some_pages
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    browser: Browser, province: dict[str, Path], lang: str, kind: str
) -> None:
    with opened(browser, page_of(province[lang], kind)) as (page, _):
        number = page.evaluate(REACHABLE)
        reached: list[int] = []
        while True:
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUSED)
            if at["place"] < 0:
                break
            assert at["ring"], at["what"]
            assert at["inSight"], at["what"]
            reached.append(at["place"])
            if at["shut"]:  # what is folded is opened by the keyboard too
                page.keyboard.press("Enter")
                more = page.evaluate(REACHABLE)
                assert more >= number, at["what"]
                number = more
            assert len(reached) <= number, at["what"]
        left = page.evaluate(
            "(seen) => window.reachable.filter((_, i) => !seen.includes(i)).map((e) => e.outerHTML.slice(0, 160))",
            reached,
        )
        assert left == []
        assert reached == sorted(reached)
