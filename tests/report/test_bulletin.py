"""Bulletins: who stands where, against the one before; one sheet of A4 for each group, harmless and the same again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from assessed import HOSTILE, assessed, compared
from click.testing import CliRunner
from closed import Closed
from conftest import HEADER, RULESET, VISITS

from assess.cli import main
from assess.errors import UsageError
from assess.report.bulletin import write
from assess.report.standings import groups_of, members_of, moved
from assess.results import Directory

QUOTED = '"' + HOSTILE.replace('"', '""') + '"'
UNITS = "unit,name,county,people\nA,Ay,east,4\nB,Bee,east,4\nC,See,west,4\n"
HOSTILE_UNITS = f"unit,name,county,people\nA,{'x' * 10_000},east,4\nB,{QUOTED},{QUOTED},4\nC,See,../../west,4\n"
WRONG = VISITS.replace("A,p1,120", "A,p1,500")
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path, lay: Callable[..., Path], ruleset_file: Callable[..., Path]) -> Make:
    def run(name: str, visits: str = VISITS, *changes: tuple[str, str], units: str = UNITS) -> Path:
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        return assessed(ruleset_file(*changes), lay({"visits.csv": visits}, units=units), tmp_path / name)

    return run


def pages(directory: Path, out: Path, previous: Path | None = None, lang: str = "en", **more: int) -> dict[str, Closed]:
    data = compared(previous, directory).data() if previous else None
    written = write(directory, data, out, lang, **more)
    return {path.name: Closed(path.read_text(encoding="utf-8")) for path in written}


def test_there_is_an_index_a_page_of_all_and_one_for_each_group(make: Make, tmp_path: Path) -> None:
    made = pages(make("new"), tmp_path / "out")
    assert sorted(made) == ["_all.html", "g-east.html", "g-west.html", "index.html"]
    assert set(made["index.html"].hrefs) >= {"_all.html", "g-east.html", "g-west.html"}
    assert all({"signatures", "rules"} & set(page.ids) for name, page in made.items() if name != "index.html")


def test_a_first_bulletin_shows_no_changes(make: Make, tmp_path: Path) -> None:
    made = pages(make("new", WRONG), tmp_path / "out")
    for page in made.values():
        assert not re.search("[▲▼]|higher than before|Resolved|Up or down", page.text)
    assert "Problems" in made["g-east.html"].text


def test_ranks_scores_and_problems_are_held_against_the_bulletin_before(make: Make, tmp_path: Path) -> None:
    both = WRONG.replace("A,p2,130", "A,p2,500")
    made = pages(make("new", both), tmp_path / "out", make("old"))
    row = made["g-east.html"].row("Ay")
    place, change, name, score, gained = row[:5]
    assert (place, change, name) == ("2", "▼ 1", "Ay")
    assert (score, gained) == ("40.00", "−60.00")
    assert row[-3:] == ["1", "", ""], "new, persisting, resolved"


def test_what_is_resolved_and_what_persists_is_counted(make: Make, tmp_path: Path) -> None:
    late = WRONG.replace("B,p3,110", "B,p3,999")
    made = pages(make("new", late.replace("A,p1,500", "A,p1,120")), tmp_path / "out", make("old", late))
    east = made["g-east.html"]
    assert east.row("Ay")[-1] == "1"
    assert east.row("Bee")[-2] == "1"


def test_groups_stand_by_the_mean_of_scores_and_equal_means_share_a_place(make: Make) -> None:
    directory = make("new", HEADER + "".join(f"{u},{u}{n},120,2024-03-01,是,1\n" for u in "ABC" for n in (1, 2)))
    source = Directory.open(directory)
    tables = {name: source.read(name) for name in ("units", "scores", "awards")}
    found = groups_of(members_of(tables, None))
    assert {group: (each.rank, each.mean) for group, each in found.items()} == {"east": (1, 100), "west": (1, 100)}


def test_a_unit_that_moved_counts_where_it_stood_then_and_where_it_stands_now(make: Make) -> None:
    other = UNITS.replace("B,Bee,east", "B,Bee,west")
    old, new = make("old"), make("new", units=other)
    source = Directory.open(new)
    tables = {name: source.read(name) for name in ("units", "scores", "awards")}
    data = compared(old, new).data()
    found = groups_of(members_of(tables, data))
    assert (found["east"].ranked, found["west"].ranked) == (1, 2)
    before = {each["unit"]: float(each["before"]["score"]) for each in data["units"]}
    assert float(found["east"].mean_before or 0) == pytest.approx((before["A"] + before["B"]) / 2)


@pytest.mark.parametrize(("before", "after", "said"), [(3, 1, "▲ 2"), (1, 4, "▼ 3"), (2, 2, "–"), (None, 2, "—")])
def test_a_smaller_rank_is_a_rise(before: int | None, after: int, said: str) -> None:
    assert moved(before, after) == said


def test_rates_of_few_records_are_not_published(make: Make, tmp_path: Path) -> None:
    directory = make("new", WRONG)
    assert "25.00" not in pages(directory, tmp_path / "a")["g-east.html"].text.replace("\u202f", "")
    hidden = pages(directory, tmp_path / "a", min_cell=5)["g-east.html"]
    assert "Fewer than 5 records" in hidden.text
    assert hidden.row("Visited")[1] == "*"
    assert pages(directory, tmp_path / "a", min_cell=0)["g-east.html"].row("Visited")[1] != "*"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text_and_make_no_paths(make: Make, tmp_path: Path, lang: str) -> None:
    old, new = make("old", units=HOSTILE_UNITS), make("new", WRONG, units=HOSTILE_UNITS)
    made = pages(new, tmp_path / "out", old, lang)
    assert all(page.scripts == 1 for page in made.values())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([*made, "bulletin.json"])
    assert all(re.fullmatch(r"(index|_all|g-[A-Za-z0-9_-]+)\.html", name) for name in made)
    for path in (tmp_path / "out").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "\u202e" not in text
        assert "x" * 100 not in text
        assert "<script>alert" not in text


def test_groups_named_like_other_pages_take_no_page_away(make: Make, tmp_path: Path) -> None:
    units = "unit,name,county,people\nA,Ay,index,4\nB,Bee,_all,4\nC,See,all,4\n"
    assert len(pages(make("new", units=units), tmp_path / "out")) == 5


def test_the_same_tables_give_the_same_pages(make: Make, tmp_path: Path) -> None:
    old, new = make("old"), make("new", WRONG)
    for name in ("a", "b"):
        pages(new, tmp_path / name, old)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_later_bulletin_takes_the_place_of_an_earlier_one_and_of_nothing_else(make: Make, tmp_path: Path) -> None:
    pages(make("old"), tmp_path / "out")
    pages(make("new", units=UNITS.replace("west", "north")), tmp_path / "out")
    assert not (tmp_path / "out" / "g-west.html").exists()
    (tmp_path / "out" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds other things"):
        pages(make("new"), tmp_path / "out")


def test_without_levels_all_units_stand_on_one_page(make: Make, tmp_path: Path) -> None:
    made = pages(make("new", VISITS, ("  levels: [county]\n", "")), tmp_path / "out", make("old"))
    assert sorted(made) == ["_all.html", "index.html"]
    assert made["_all.html"].row("Bee")[0] == "2"


def test_without_a_score_there_is_no_order_of_merit(make: Make, tmp_path: Path) -> None:
    score = RULESET[RULESET.index("score:\n") :]
    made = pages(make("new", WRONG, (score, "")), tmp_path / "out")
    assert "there is no order of merit" in made["_all.html"].text
    assert "Rank" not in made["g-east.html"].text


def test_the_command_writes_into_the_assessment_unless_told(make: Make) -> None:
    old, new = make("old"), make("new", WRONG)
    done = CliRunner().invoke(main, ["bulletin", str(new), "--previous", str(old)], catch_exceptions=False)
    assert done.exit_code == 0
    assert (new / "bulletin" / "index.html").is_file()
    assert "4 pages" in done.output
    bad = CliRunner().invoke(main, ["bulletin", str(new / "tables")])
    assert bad.exit_code == 2


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_bulletin_prints_on_one_sheet_with_head_and_number(make: Make, tmp_path: Path, lang: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        assert not os.environ.get("CI"), "the browser tests are never skipped in CI"
        pytest.skip("no Chromium on this machine")
    sync = pytest.importorskip("playwright.sync_api")
    people = [f"U{number},Unit {number},east,4" for number in range(18)]
    units = "unit,name,county,people\n" + "\n".join(people) + "\nC,See,west,4\n"
    old, new = make("old", units=units), make("new", units=units)
    pages(new, tmp_path / "out", old, lang)
    with sync.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        paths = sorted((tmp_path / "out").glob("*.html"))
        for path in paths:
            page.goto(path.as_uri())
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, path.name
            page.set_viewport_size({"width": 360, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, path.name
        browser.close()
    assert said == []
    assert asked == [path.as_uri() for path in paths]
    if pdftotext := shutil.which("pdftotext"):
        (tmp_path / "a.pdf").write_bytes(printed)
        text = subprocess.run([pdftotext, str(tmp_path / "a.pdf"), "-"], capture_output=True, text=True, check=True)
        assert {"zh": "第 1 页，共 1 页", "en": "page 1 of 1"}[lang] in text.stdout
