"""`assess workbooks`: what a unit has to correct, and the figures of all units, as text and numbers that do nothing."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from assessed import HOSTILE, assessed
from click.testing import CliRunner, Result
from conftest import HEADER

from assess.cli import main
from assess.errors import UsageError
from assess.report.book import Book, Column
from assess.report.workbooks import write
from assess.results import Directory

QUOTED = '"' + HOSTILE.replace('"', '""') + '"'
UNITS = f"unit,name,county,people\nA,{QUOTED},=1+1,4\nB,Bee,east,4\n../../C,See,west,4\n"
FILES = {
    "A/visits.csv": f"{HEADER}A,110105194912310021,500,2024-13-01,是,60\nA,@SUM(1),{QUOTED},2024-02-01,是,1\nA,short\n",
    "B/visits.csv": f"{HEADER}B,110105194912310099,400,2024-01-01,是,1\n",
}


@pytest.fixture
def directory(tmp_path: Path, lay: Callable[..., Path], ruleset_file: Callable[..., Path]) -> Path:
    return assessed(ruleset_file(), lay(FILES, units=UNITS), tmp_path / "assessed")


def rows(path: Path, sheet: str | int = 0) -> list[tuple[str | None, ...]]:
    return (
        fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
    )


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as book:
        return {name: book.read(name) for name in book.namelist()}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["workbooks", *map(str, arguments)])


def test_there_is_one_for_each_unit_with_something_to_correct_and_one_of_all(directory: Path, tmp_path: Path) -> None:
    written = write(directory, tmp_path / "out", "en")
    assert [path.name for path in written] == ["A.xlsx", "B.xlsx", "_all.xlsx"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "A.xlsx",
        "B.xlsx",
        "_all.xlsx",
        "workbooks.json",
    ]


def test_a_unit_sees_what_is_wrong_where_and_how_much_it_would_regain(directory: Path, tmp_path: Path) -> None:
    write(directory, tmp_path / "out", "en")
    book = fastexcel.read_excel(tmp_path / "out" / "A.xlsx")
    assert book.sheet_names == ["About", "To do", "visits"]
    to_do = rows(tmp_path / "out" / "A.xlsx", "To do")
    remedies = {row["rule"]: row for row in Directory.open(directory).read("remedies").filter(unit="A").to_dicts()}
    own = {row[0]: row for row in to_do[1:]}
    assert Decimal(own["V-SBP"][6] or 0) == remedies["V-SBP"]["points"]
    told = [(row[0], row[1], row[4]) for row in rows(tmp_path / "out" / "A.xlsx", "visits")[1:]]
    assert ("A/visits.csv", "2", "V-SBP Out of range") in told
    assert ("A/visits.csv", "2", "not a date") in told
    assert [row for row in told if row[1] == "4" and "not as many fields" in (row[2] or "")]


def test_a_workbook_holds_no_record_of_another_unit(directory: Path, tmp_path: Path) -> None:
    write(directory, tmp_path / "out", "en")
    for mine, other in (("A", "B"), ("B", "A")):
        text = b"".join(parts(tmp_path / "out" / f"{mine}.xlsx").values()).decode("utf-8")
        assert f"{mine}/visits.csv" in text
        assert f"{other}/visits.csv" not in text
        assert {"A": "Bee", "B": "HYPERLINK"}[mine] not in text


def test_personal_values_are_masked_in_every_workbook(directory: Path, tmp_path: Path) -> None:
    for path in write(directory, tmp_path / "out", "en"):
        text = b"".join(parts(path).values()).decode("utf-8")
        assert "194912310" not in text
        assert "@SUM(1)" not in text


def test_text_is_no_formula_no_link_and_turns_no_direction(directory: Path, tmp_path: Path) -> None:
    for path in write(directory, tmp_path / "out", "en"):
        for name, content in parts(path).items():
            assert b"<f>" not in content, name
            assert b"<f " not in content, name
            assert b"<hyperlink" not in content, name
            assert b"/hyperlink" not in content, name
            assert "\u202e".encode() not in content, name
        assert "[U+202E]" in str(rows(path, "About")) + str(rows(path, 1)) or path.name == "B.xlsx"


def test_what_begins_like_a_formula_is_quoted_so_that_editing_makes_none(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx") as book:
        book.table("t", [Column("a", 10)], [("=1+1",), ("plain",), ("-5",), ("@x",)])
    made = parts(tmp_path / "a.xlsx")
    styles = {int(number) for number in re.findall(rb'<c r="A[235-9]+" s="(\d+)"', made["xl/worksheets/sheet1.xml"])}
    formats = re.findall(rb"<xf [^>]*>", made["xl/styles.xml"].split(b"<cellXfs")[1])
    quoted = {place for place, form in enumerate(formats) if b'quotePrefix="1"' in form}
    cells = dict(re.findall(rb'<c r="(A\d)" s="(\d+)"', made["xl/worksheets/sheet1.xml"]))
    assert styles
    assert {int(cells[cell]) for cell in (b"A2", b"A4", b"A5")} <= quoted
    assert int(cells[b"A3"]) not in quoted


def test_heads_stay_in_sight_and_every_table_can_be_filtered(directory: Path, tmp_path: Path) -> None:
    for path in write(directory, tmp_path / "out", "zh"):
        sheets = [content for name, content in parts(path).items() if name.startswith("xl/worksheets/sheet")]
        for sheet in sheets[1:]:
            assert b'state="frozen"' in sheet
            assert b"<autoFilter" in sheet


@pytest.mark.parametrize("hostile", ["\x00\x01\x1b", "\ufffe\uffff", "\u202e\u2066", "_x0041_", "a\nb", "é" * 40_000])
def test_any_text_makes_a_workbook_that_opens(tmp_path: Path, hostile: str) -> None:
    with Book(tmp_path / "a.xlsx") as book:
        book.table(f"[{hostile[:10]}]:*?/\\'", [Column("a", 10)], [(f"x{hostile}",)])
        book.table("history", [Column("a", 10)], [("y",)])
    found = rows(tmp_path / "a.xlsx")[1][0]
    assert found is not None
    assert found.startswith("x")
    assert len(found) <= 32_767
    if hostile == "_x0041_":
        assert found == "x_x0041_"


def test_a_workbook_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def lines() -> object:
        yield ("a",)
        raise RuntimeError

    with pytest.raises(RuntimeError), Book(tmp_path / "a.xlsx") as book:
        book.table("t", [Column("a", 10)], lines())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_workbook_of_all_holds_the_tables_exactly(directory: Path, tmp_path: Path) -> None:
    path = write(directory, tmp_path / "out", "en")[-1]
    source = Directory.open(directory)
    names = fastexcel.read_excel(path).sheet_names
    assert names == ["About", "Ranking", "Indicators", "Indicators by level", "Items of the score", "Awards",
                     "Awards by pool", "Steps of the award", "Findings by rule",
                     "Submissions"]  # fmt: skip
    ranking = rows(path, "Ranking")
    scores = {row["unit"]: row for row in source.read("scores").to_dicts()}
    assert {row[1]: Decimal(row[4] or 0) for row in ranking[1:]} == {key: row["score"] for key, row in scores.items()}
    awards = rows(path, "Awards")
    assert sum(Decimal(row[3] or 0) for row in awards[1:]) == Decimal("1000.00")
    given: dict[str | None, Decimal] = {}
    head, *lines = rows(path, "Items of the score")
    for row in lines:
        given[row[0]] = given.get(row[0], Decimal(0)) + Decimal(row[head.index("Points given")] or 0)
    assert given == {key: row["score"] for key, row in scores.items()}
    rules = {row[0]: row for row in rows(path, "Findings by rule")[1:]}
    measured = source.read("measurements").group_by("rule").agg(pl.col("violated").sum())
    assert {rule: int(row[6] or 0) for rule, row in rules.items()} == dict(measured.iter_rows())


def test_named_units_get_theirs_alone_and_unknown_ones_are_refused(directory: Path, tmp_path: Path) -> None:
    done = run(directory, "--out", tmp_path / "out", "--units", "B", "--lang", "en")
    assert (done.exit_code, done.output) == (0, f"1 workbooks in {tmp_path / 'out'}\n")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.xlsx")) == ["B.xlsx"]
    refused = run(directory, "--out", tmp_path / "other", "--units", "Q")
    assert refused.exit_code == 2
    assert "there is no unit 'Q'" in refused.stderr


def test_later_workbooks_take_the_place_of_earlier_ones_and_of_nothing_else(directory: Path, tmp_path: Path) -> None:
    write(directory, tmp_path / "out", "en")
    write(directory, tmp_path / "out", "en", ["A"])
    assert sorted(path.name for path in (tmp_path / "out").glob("*.xlsx")) == ["A.xlsx"]
    (tmp_path / "out" / "mine.xlsx").write_bytes(b"")
    with pytest.raises(UsageError, match="holds other things"):
        write(directory, tmp_path / "out", "en")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="is not a directory"):
        write(directory, tmp_path / "file", "en")


def test_a_key_that_is_a_path_leads_nowhere(directory: Path, tmp_path: Path) -> None:
    units = directory / "tables" / "units.parquet"
    assert "../../C" in pl.read_parquet(units)["unit"].to_list()
    before = sorted(tmp_path.iterdir())
    write(directory, tmp_path / "out", "en")
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "out"])


def test_the_same_tables_give_the_same_bytes(directory: Path, tmp_path: Path) -> None:
    one, two = (write(directory, tmp_path / name, "zh") for name in ("a", "b"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    shutil.rmtree(tmp_path / "b")
