"""Text of a submission that would be a tag, a formula, a path or an order stays text, wherever it is shown."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

import fastexcel
import pytest
from click.testing import CliRunner
from conftest import RULESET

from assess.cli import main
from assess.results import Directory

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent / "report"))

from browsers import open_chromium
from closed import Closed

LONG = "长name" * 2_000
TEXTS = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x")',
    "../../x",
    "..\\..\\x",
    "\u202egnp.exe\u2066\u200f",
    LONG,
    "\"' onmouseover=alert(1) x='\"",
    "</td></table></style></script><!--<img src=x onerror=alert(1)>",
    "a\x01\x07\x1b[31mb\x7f\u2028c\ufffe",
    "two\nlines\tand a tab",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "{units} {0} %(name)s %s {{ 7*7 }} {% raw %}",
    "javascript:alert(1)",
)
# The tiny ruleset with a remark on each unit, a level more, figures that units report, and marks given on site.
TINY = (
    RULESET.replace("levels: [county]", "levels: [county, region]")
    .replace("      county: {type: text}\n", "      county: {type: text}\n      region: {type: text}\n")
    .replace("      weight: {type: number}\n", """\
      weight: {type: number}
      note: {type: text}
  figures:
    listed: true
    columns:
      unit: {type: code, required: true}
      indicator: {type: text, required: true}
      kind: {type: text}
      numerator: {type: decimal, suppressed: ["*"]}
      denominator: {type: decimal, suppressed: ["*"]}
      rate: {type: decimal, suppressed: ["*"]}
      scale: {type: text}
      remark: {type: text}
  marks:
    columns:
      unit: {type: code, required: true}
      item: {type: text, required: true}
      points: {type: number}
      marker: {type: text}
      day: {type: date}
      note: {type: text}
reported: {table: figures, indicator: indicator, numerator: numerator, denominator: denominator, rate: rate,
           scale: scale, kind: kind}
""")
    .replace("checks:\n", """\
checks:
  - id: F-CEILING
    table: figures
    check: within_ceiling
    of: kind
    severity: critical
    title: {zh: 大于整体, en: Larger than the whole}
  - id: V-NOTE
    table: visits
    check: in_set
    column: note
    values: [good]
    severity: minor
    title: {zh: 备注不规范, en: Not a known note}
""")
    .replace("  parts:\n", """\
  marks: {table: marks, item: item, points: points, marker: marker, on: day, note: note}
  parts:
    - {item: tidy, points: 10, method: manual, title: Tidy}
""")
    .replace("points: 60, method: proportional}", "points: 50, method: proportional}")
)  # fmt: skip
VALID: Mapping[str, Mapping[str, str]] = {
    "visits": {"person": "p", "sbp": "120", "day": "2024-03-01", "done": "是", "weight": "60", "note": "good"},
    "figures": {"indicator": "rate", "kind": "coverage", "numerator": "2698", "denominator": "2000", "rate": "134.88",
                "scale": "percent", "remark": ""},
    "marks": {"item": "tidy", "points": "5", "marker": "m", "day": "2024-11-01", "note": ""},
}  # fmt: skip
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}")
# Signs that turn the direction of a text or do not show.
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe]")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def poisoned(table_name: str, units: Sequence[str]) -> str:
    """A table in which every text stands once in every column, each time in a row that is valid but for it."""
    valid = VALID[table_name]
    rows = [["A", *valid.values()]]
    for place, text in enumerate(TEXTS):
        rows += [[units[place % len(units)], *({**valid, column: text}.values())] for column in valid]
    return table(["unit", *valid], rows)


def submission(data: Path) -> Path:
    """Every text as key, name and level of a unit, in every column of every table, and as the name of files."""
    data.mkdir()
    units = [["A", "Ay", "east", "north", "40"]]
    for place, text in enumerate(TEXTS):
        units.append([text, f"name {text}", TEXTS[place - 1], TEXTS[place // 7], "4"])
        units.append([f"N{place}", text, text, "north", "4"])
    (data / "units.csv").write_text(table(["unit", "name", "county", "region", "people"], units), encoding="utf-8")
    keys = [row[0] for row in units]
    for name in VALID:
        (data / f"{name}.csv").write_text(poisoned(name, keys[1:] + keys[2::2]), encoding="utf-8")
    # Files that are rejected or left out are shown by their names; a folder named like a unit is the unit's.
    for folder, name in (
        ("<script>alert(1)<", "script>.csv"),
        ("A", "<img src=x onerror=alert(1)>.csv"),
        ("A", '=HYPERLINK("http:x").csv'),
        ("A", "\u202evsc.exe"),
        ("A", "\x1b[31m\x07\n.csv"),
        ("A", "x" * 240 + ".csv"),
        ("javascript:alert(1)", "visits.csv"),
        ("..\\..\\x", "visits-2.csv"),
    ):
        (data / folder).mkdir(exist_ok=True)
        (data / folder / name).write_text(table(["unit", *VALID["visits"]], []), encoding="utf-8")
    with zipfile.ZipFile(data / "A" / "more.zip", "w") as archive:
        for name in ("../../../x/visits.csv", "/tmp/x/visits.csv", "<script>alert(1)</script>.csv", "visits-3.csv"):  # noqa: S108
            archive.writestr(name, table(["unit", *VALID["visits"]], [["A", *VALID["visits"].values()]]))
    return data


class Made(NamedTuple):
    """What the commands left, and all they said."""

    root: Path
    pages: list[Path]
    books: list[Path]
    said: str


@pytest.fixture(scope="module", params=["zh", "en"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    lang = request.param
    # Deep enough for a path that climbs to be seen where it arrives.
    root = tmp_path_factory.mktemp("hostile") / "a" / "b" / "c"
    root.mkdir(parents=True)
    rules, data = root / "rules.yaml", submission(root / "data")
    rules.write_text(TINY, encoding="utf-8")
    (root / "mild.yaml").write_text(TINY.replace("target: {value: 0.5}", "target: {value: 0.9}"), encoding="utf-8")
    said = []

    def call(*arguments: object) -> None:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert done.exit_code in (0, 1), done.output
        said.append(done.output)

    out, old = root / "out", root / "old"
    call("run", "--ruleset", root / "mild.yaml", "--data", data, "--out", old, "--lang", lang)
    wrong = table(["unit", *VALID["visits"]], [[text, *VALID["visits"].values()] for text in TEXTS])
    (data / "visits.csv").write_text(wrong, encoding="utf-8")
    call("run", "--ruleset", rules, "--data", data, "--out", out, "--lang", lang, "--previous", old)
    shutil.copytree(old, root / "print")
    call("report", root / "print", "--lang", lang, "--theme", "print")
    call("bulletin", out, "--previous", old, "--out", root / "bulletin", "--lang", lang)
    call("compare", old, out, "--out", root / "compare.html", "--lang", lang)
    call("workbooks", old, "--out", root / "books", "--lang", lang)
    call("intake", "--ruleset", rules, "--data", data, "--out", root / "intake", "--lang", lang)
    return Made(root, sorted(root.rglob("*.html")), sorted(root.rglob("*.xlsx")), "".join(said))


def test_every_text_reached_the_tables(made: Made) -> None:
    """Otherwise the tests below would look for something that was rejected at the door."""
    source = Directory.open(made.root / "old")
    units = source.read("units")
    assert set(TEXTS) - set(units["unit"]) <= {TEXTS[9]}, "only line breaks and tabs may be refused in a key"
    assert len(set(TEXTS) & set(units["name"])) >= len(TEXTS) - 2
    assert len(set(TEXTS) & set(source.read("figures")["indicator"])) >= len(TEXTS) - 2
    text = str([source.read(name).rows() for name in ("evidence", "rejects", "receipt")])
    assert "<script>alert(1)</script>" in text
    assert "<img src=x onerror=alert(1)>.csv" in text


def test_there_is_a_page_for_each_unit_and_of_each_kind(made: Made) -> None:
    names = {path.relative_to(made.root).parts[0] for path in made.pages}
    assert names == {"old", "out", "print", "bulletin", "compare.html"}
    for run in ("old", "out", "print"):
        assert len(list((made.root / run / "units").iterdir())) == Directory.open(made.root / run).read("units").height
        assert len(list((made.root / run / "groups").iterdir())) >= len(TEXTS) - 2
    assert len(made.books) >= len(TEXTS)


def test_no_text_becomes_a_tag_or_an_attribute(made: Made) -> None:
    for path in made.pages:
        text = path.read_text(encoding="utf-8")
        page = Closed(text)
        assert page.scripts == (0 if path.is_relative_to(made.root / "print") else 1), path
        assert not re.search(r"<script(?!>)|<script>alert|<img|onerror=alert\(1\)>(?!;)", text), path
        assert "<!--" not in text, path


def test_hostile_text_is_shown_as_it_was_written(made: Made) -> None:
    for run in ("old", "print"):
        index = Closed((made.root / run / "index.html").read_text(encoding="utf-8")).text
        for text in (TEXTS[0], TEXTS[1], TEXTS[2], TEXTS[12]):
            assert text in index


def test_no_sign_that_turns_the_direction_or_does_not_show_is_in_a_page(made: Made) -> None:
    for path in made.pages:
        found = UNSEEN.search(path.read_text(encoding="utf-8"))
        assert found is None, (path, found)


def test_links_stay_within_the_report_and_lead_somewhere(made: Made) -> None:
    ids = {path: set(Closed(path.read_text(encoding="utf-8")).ids) for path in made.pages}
    for path in made.pages:
        for href in Closed(path.read_text(encoding="utf-8")).hrefs:
            place, _, fragment = href.partition("#")
            assert ":" not in place
            target = (path.parent / unquote(place)).resolve() if place else path
            assert target in ids, (path, href)
            assert not fragment or unquote(fragment) in ids[target], (path, href)


def test_a_very_long_name_makes_no_very_long_page(made: Made) -> None:
    for path in made.pages:
        assert path.stat().st_size < (3_000_000 if path.name == "index.html" else 500_000), path
        assert "长name" * 200 not in path.read_text(encoding="utf-8"), path


def test_no_path_leaves_the_directory_and_every_name_is_harmless(made: Made) -> None:
    beside = {"rules.yaml", "mild.yaml", "data"}
    results = {"old", "out", "print", "bulletin", "compare.html", "books", "intake"}
    assert {path.name for path in made.root.iterdir()} == beside | results
    for above, only in zip((made.root.parents[0], made.root.parents[1], made.root.parents[2]), "cba", strict=True):
        assert [path.name for path in above.iterdir()] == [only]
    for result in results:
        for path in (made.root / result).rglob("*"):
            assert SAFE_NAME.fullmatch(path.name), path
    assert not Path("x").exists()


def parts(path: Path) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            yield name, book.read(name).decode("utf-8")


def test_workbooks_hold_no_formula_no_link_and_nothing_unseen(made: Made) -> None:
    for path in made.books:
        for name, text in parts(path):
            assert not re.search(r"<f[ >]|<hyperlink|/hyperlink|<ddeLink|externalLink", text), (path, name)
            assert UNSEEN.search(text.replace("\r\n", "\n")) is None, (path, name)
        book = fastexcel.read_excel(path)
        for sheet in book.sheet_names:
            book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()


def test_workbooks_quote_what_begins_like_a_formula(made: Made) -> None:
    """So that a cell that is edited does not become one."""
    quoted = 0
    for path in made.books:
        book = dict(parts(path))
        forms = re.findall(r"<xf [^>]*>", book["xl/styles.xml"].split("<cellXfs")[1])
        for name, sheet in book.items():
            if name.startswith("xl/worksheets/"):
                for style, cell in re.findall(r'<c r="[A-Z]+\d+" s="(\d+)" t="\w+">(.*?)</c>', sheet, re.DOTALL):
                    text = re.sub(r"<[^>]+>", "", cell)
                    if text.startswith(("=", "+", "@", "-")):
                        assert 'quotePrefix="1"' in forms[int(style)], (path, text)
                        quoted += 1
    assert quoted > 0


def test_nothing_said_moves_the_cursor_of_a_terminal(made: Made) -> None:
    assert UNSEEN.search(made.said) is None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_chromium()


@pytest.mark.browser
def test_the_pages_open_silently_and_fit_a_telephone(browser: Browser, made: Made) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    for path in made.pages:
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, (path.relative_to(made.root), wide)
    page.close()
    assert said == []
    assert asked == [path.as_uri() for path in made.pages]
