"""Every kind of page that the sample province gets, in both languages, and how a test opens one of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assess import replay
from assess.pipeline import assess
from assess.replay.compare import compare
from assess.report import bulletin, compare_page
from assess.report.html import render
from assess.results import Directory
from assess.ruleset.load import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).parents[2]
DATA = ROOT / "samples" / "province"
LANGUAGES = ("zh", "en")
FLAGSHIP, VETOED, NO_CONTRACTS = "349001005", "349002006", "349101002"
KINDS = ("index", "group", "flagship", "vetoed", "no contracts", "comparison", "bulletin")
UNITS = {"flagship": FLAGSHIP, "vetoed": VETOED, "no contracts": NO_CONTRACTS}
# The room between the margins of a sheet of A4 (210 mm less twice 14 mm), at 96 pixels to the inch.
A4 = 688


def make(folder: Path) -> dict[str, Path]:
    """The assessment directories of the province by language, each with a comparison and a bulletin.

    They are held against a first try, in which some lines were not yet there.
    """
    ruleset = load(ROOT / "rulesets" / "bphs-2024.yaml")
    earlier, old = folder / "earlier-data", folder / "earlier"
    shutil.copytree(DATA, earlier)
    for unit, table in ((FLAGSHIP, "diabetes"), (FLAGSHIP, "visits"), (VETOED, "residents")):
        for path in earlier.glob(f"**/{unit}/{table}.csv"):
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(lines[: len(lines) * 2 // 3]))
    assess(ruleset, earlier).write(old)
    assess(ruleset, DATA).write(folder / "zh")
    shutil.copytree(folder / "zh", folder / "en")
    data = compare(replay.read(old), replay.read(folder / "zh")).data()
    for lang in LANGUAGES:
        place = folder / lang
        render(place, lang)
        compare_page.write(data, place, old, place / "compare.html", lang)
        bulletin.write(place, data, place / "bulletin", lang, earlier=Directory.open(old).ruleset)
    return {lang: folder / lang for lang in LANGUAGES}


def page_of(directory: Path, kind: str) -> Path:
    """The page of a kind; the group and the bulletin are those that the flagship belongs to."""
    if kind in UNITS:
        return directory / "units" / f"{UNITS[kind]}.html"
    group = directory / next(iter(groups_of(directory)))
    bulletins = directory / "bulletin"
    return {
        "index": directory / "index.html",
        "group": group,
        "comparison": directory / "compare.html",
        "bulletin": next(
            path for path in sorted(bulletins.glob("*.html")) if path.name not in ("index.html", "_all.html")
        ),
    }[kind]


def groups_of(directory: Path) -> list[str]:
    """The pages of the groups that the flagship belongs to, as its own page names them."""
    text = page_of(directory, "flagship").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r'href="\.\./(groups/[^"#]+)"', text)))


class Watched:
    """What a page said and asked for; whatever is not one of the files that it may open is refused."""

    def __init__(self, directory: Path):
        self._home = directory.as_uri() + "/"
        self.said: list[str] = []
        self.asked: list[str] = []
        self.refused: list[str] = []

    def listen(self, page: Page) -> None:
        page.context.route("**/*", self._judge)
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        page.on("websocket", lambda socket: self.refused.append(socket.url))

    def _judge(self, route: Route) -> None:
        request = route.request
        self.asked.append(request.url)
        if request.is_navigation_request() and request.url.startswith(self._home):
            route.continue_()
        else:
            self.refused.append(request.url)
            route.abort()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1280, **settings: Any) -> Iterator[tuple[Page, Watched]]:
    """A page in a context of its own, with what it said and asked for."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
    page = context.new_page()
    home = next((each for each in path.parents if (each / "assessment.json").exists()), path.parent)
    watched = Watched(home)
    watched.listen(page)
    page.goto(path.as_uri())
    try:
        yield page, watched
    finally:
        context.close()


UNFOLD = "for (const each of document.querySelectorAll('details')) each.open = true"
