"""The rendered examples in the repository are what the samples and the rulesets beside them give, and stay small."""

from __future__ import annotations

import csv
import importlib.util
import posixpath
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"
PAGES = {path.relative_to(REPORTS).as_posix(): path.read_text(encoding="utf-8") for path in REPORTS.rglob("*.html")}
# Pages say what they were made with; another Python or Polars makes the same figures.
VERSIONS = re.compile(r"\b(python|polars|pandera|pydantic) \d[\w.+-]*")


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MAKE = imported(REPORTS / "make.py")


@pytest.fixture(scope="module", params=MAKE.SAMPLES)
def assessed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, MAKE.assessed(request.param, tmp_path_factory.mktemp("kept") / request.param)


@pytest.mark.parametrize("lang", MAKE.LANGUAGES)
def test_a_kept_report_is_made_of_what_lies_here(assessed: tuple[str, Path], lang: str) -> None:
    sample, directory = assessed
    folder = f"{sample}-{lang}/"
    made = {folder + name: VERSIONS.sub(r"\1", text) for name, text in MAKE.kept(directory, sample, lang)}
    here = {name: VERSIONS.sub(r"\1", text) for name, text in PAGES.items() if name.startswith(folder)}
    assert sorted(here) == sorted(made)
    changed = [name for name, text in made.items() if here[name] != text]
    assert not changed, "something has changed: make reports"


def test_each_sample_is_kept_in_both_languages() -> None:
    assert {path.name for path in REPORTS.iterdir() if path.is_dir() and path.name != "__pycache__"} == {
        f"{sample}-{lang}" for sample in MAKE.SAMPLES for lang in MAKE.LANGUAGES
    }
    for sample in MAKE.SAMPLES:
        for lang, tag in (("zh", "zh-CN"), ("en", "en")):
            index = PAGES[f"{sample}-{lang}/index.html"]
            assert f'<html lang="{tag}">' in index
            assert "134.88" in index


def test_kept_reports_are_small() -> None:
    assert sum(len(text.encode()) for text in PAGES.values()) < 5_000_000


class Anchors(HTMLParser):
    """The ids and links of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: set[str] = set()
        self.hrefs: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids |= {str(value) for name, value in attrs if name == "id"}
        self.hrefs += [str(value) for name, value in attrs if name == "href" and tag == "a"]


def links() -> Iterator[tuple[str, str, str]]:
    for name, text in PAGES.items():
        for href in Anchors(text).hrefs:
            path, _, fragment = href.partition("#")
            yield name, posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name, fragment


def test_every_link_of_a_kept_report_leads_somewhere() -> None:
    ids = {name: Anchors(text).ids for name, text in PAGES.items()}
    followed = list(links())
    assert len({(name, target) for name, target, _ in followed if name != target}) > 50
    lost = [link for link in followed if link[1] not in PAGES or (link[2] and link[2] not in ids[link[1]])]
    assert lost == []


@pytest.mark.parametrize("lang", MAKE.LANGUAGES)
def test_the_telling_units_tell(lang: str) -> None:
    """They are reached from the index, which says that no others are kept."""
    units = MAKE.TELLING["province", lang]
    index = PAGES[f"province-{lang}/index.html"]
    assert {f"units/{unit}.html" for unit in units} <= set(Anchors(index).hrefs)
    assert ("、" if lang == "zh" else ", ").join(units) in index
    assert "134.88" in PAGES[f"province-{lang}/units/{units[0]}.html"]
    assert {"zh": "一票否决", "en": "eto"}[lang] in PAGES[f"province-{lang}/units/{units[1]}.html"]


def test_kept_reports_name_no_place_of_the_machine_they_were_made_on() -> None:
    for text in PAGES.values():
        assert "/home/" not in text
        assert "/tmp/" not in text  # noqa: S108 - looked for, not used


def test_kept_reports_show_no_number_of_a_person() -> None:
    with (ROOT / "samples" / "province" / "residents.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = {cell for row in csv.reader(file) for cell in row if re.fullmatch(r"\d{17}[\dX]", cell)}
    assert len(numbers) > 5_000
    for name, text in PAGES.items():
        assert not numbers & set(re.findall(r"\d{17}[\dX]", text)), name


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_leads_to_every_kept_report(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((reports/[^)]+\.html)\)", text))
    lang = "zh" if "zh" in readme else "en"
    assert {f"reports/{sample}-{lang}/index.html" for sample in MAKE.SAMPLES} <= linked
    assert {f"reports/province-{lang}/units/{unit}.html" for unit in MAKE.TELLING["province", lang]} <= linked


PICTURES = ROOT / "docs" / "images"
KINDS = ("index", "unit", "whatif", "bulletin")


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_every_picture_of_its_language_the_first_after_the_two_commands(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    lang = "zh" if "zh" in readme else "en"
    shown = re.findall(r"!\[[^\]]+\]\(docs/images/([^)]+)\)", text)
    assert shown == [f"{kind}-{lang}.png" for kind in KINDS]
    assert text.index("make demo") < text.index("`make test`") < text.index("![")


def test_pictures_are_sharp_and_small() -> None:
    assert {path.name for path in PICTURES.glob("*.png")} == {
        f"{kind}-{lang}.png" for kind in KINDS for lang in ("zh", "en")
    }
    for path in PICTURES.glob("*.png"):
        picture = path.read_bytes()
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        wide, high = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
        assert wide == 1280
        assert 600 <= high <= 1000
        assert len(picture) < 300_000
