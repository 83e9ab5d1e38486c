"""The pages can be read by everyone: contrast in both modes, no overflow on a telephone, tools that work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from browsers import open_chromium

import assess.report
from assess.report.html import render

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CSS = (Path(assess.report.__file__).parent / "assets" / "report.css").read_text(encoding="utf-8")
BLOCKS = [
    dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [(ink, ground) for ink in ("ink", "soft", "blue", "red", "amber") for ground in ("paper", "wash", "amberwash")]
    + [(ink, f"h{shade}") for ink in ("ink", "soft") for shade in range(5)]
    + [("red", "redwash")],
)
def test_text_stands_out_from_its_ground(mode: int, ink: str, ground: str) -> None:
    assert contrast(BLOCKS[mode][ink], BLOCKS[mode][ground]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
def test_bars_stand_out_from_the_page(mode: int) -> None:
    colours = BLOCKS[mode]
    assert min(contrast(colours[mark], colours["paper"]) for mark in ("blue", "red", "strong")) >= 3


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_open_silently_and_fit_a_telephone(browser: Browser, tmp_path: Path, lang: str) -> None:
    paths = render(golden.write(tmp_path / "a"), lang)
    page = browser.new_page(viewport={"width": 360, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    for path in paths:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.name
    assert said == []
    assert asked == [path.as_uri() for path in paths]


@pytest.mark.browser
def test_a_link_to_a_finding_opens_it(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(render(golden.write(tmp_path / "a"), "zh")[0].as_uri())
    page.click("#review a")
    page.wait_for_load_state()
    finding = page.locator(page.evaluate("'#' + CSS.escape(location.hash.slice(1))"))
    folds = finding.locator("xpath=ancestor-or-self::details").all()
    assert folds
    assert all(fold.get_attribute("open") is not None for fold in folds)
    assert finding.is_visible()
