"""Make the pictures of this folder again: `python docs/images/make.py`, on a machine with Chromium and Chinese fonts.

They show the reports of the sample province in both languages, in light colours, 1,280 pixels wide.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("zh", "en")
PICTURES = ("index", "unit", "whatif", "bulletin")
UNIT = "349001005"
# Lines of the unit's list of corrections that are shown, and those of them that are ticked.
_LINES = 5
_TICKED = (0, 1)
_WIDTH, _HEIGHT = 1280, 800


def _assess(*arguments: object) -> None:
    command = [sys.executable, "-m", "assess.cli", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - of this package


def reports(out: Path, lang: str) -> None:
    """The assessment directory of the province with its pages, and the bulletin."""
    _assess("run", "--ruleset", "rulesets/bphs-2024.yaml", "--data", "samples/province", "--out", out, "--lang", lang,
            "--fail-on", "never")  # fmt: skip
    _assess("bulletin", out, "--lang", lang)


def _what_if(page: Page, picture: Path) -> None:
    """The list of corrections with some of them ticked, down to its total."""
    page.locator("#todo").scroll_into_view_if_needed()
    boxes = page.locator("#todo input[data-rule]")
    for place in _TICKED:
        boxes.nth(place).check()
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    top = page.locator("#todo").bounding_box()
    last = page.locator("#todo tbody tr").nth(_LINES - 1).bounding_box()
    if top is None or last is None:
        raise RuntimeError("the list of corrections is not shown")
    above = top["y"] - 16
    page.screenshot(
        path=picture, clip={"x": 0, "y": above, "width": _WIDTH, "height": last["y"] + last["height"] - above}
    )


def take(page: Page, directory: Path, lang: str, out: Path) -> None:
    """The pictures of one language."""
    unit = directory / "units" / f"{UNIT}.html"
    county = min((directory / "bulletin").glob("g-*.html"))
    for name, path in (("index", directory / "index.html"), ("unit", unit), ("bulletin", county)):
        page.goto(path.as_uri())
        page.screenshot(path=out / f"{name}-{lang}.png")
    # Higher, so that the whole list is in sight.
    page.set_viewport_size({"width": _WIDTH, "height": 2 * _HEIGHT})
    page.goto(unit.as_uri())
    _what_if(page, out / f"whatif-{lang}.png")
    page.set_viewport_size({"width": _WIDTH, "height": _HEIGHT})


def main() -> None:
    """Command line."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="where they go; by default here")
    out = parser.parse_args().out
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, color_scheme="light")
        for lang in LANGUAGES:
            directory = Path(scratch) / lang
            reports(directory, lang)
            take(page, directory, lang, out)
        browser.close()


if __name__ == "__main__":
    main()
