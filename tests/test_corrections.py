"""`assess intake`: what an institution is told before it submits, and the workbook it is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import pytest
from click.testing import CliRunner, Result
from conftest import HEADER, VISITS

from assess.cli import main

Lay = Callable[..., Path]
HOSTILE = '=HYPERLINK("http://evil")'
MINE = HEADER + f"A,110105194912310021,500,2024-13-01,是,60\nA,p2,{HOSTILE.replace(',', ' ')!s},,是,1\nA,short\n"


@pytest.fixture
def check(lay: Lay, ruleset_file: Callable[..., Path], tmp_path: Path) -> Callable[..., Result]:
    def run(files: dict[str, Any], *more: str, out: str | None = "out") -> Result:
        where = ["--out", str(tmp_path / out)] if out else []
        command = ["intake", "--ruleset", str(ruleset_file()), "--data", str(lay(files)), *where, *more]
        return CliRunner().invoke(main, command)

    return run


def rows(path: Path) -> list[tuple[str | None, ...]]:
    book = fastexcel.read_excel(path)
    return [row for sheet in book.sheet_names for row in
            book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()]  # fmt: skip


def test_sound_files_have_nothing_to_correct(check: Callable[..., Result], tmp_path: Path) -> None:
    result = check({"visits.csv": VISITS}, "--lang", "en", "--fail-on", "minor")
    assert result.exit_code == 0
    assert "visits.csv: 4 rows in = 4 checked + 0 rejected" in result.output
    assert not list((tmp_path / "out").glob("*.xlsx"))


def test_every_problem_is_in_the_workbook_of_its_unit_in_words(check: Callable[..., Result], tmp_path: Path) -> None:
    result = check({"A/visits.csv": MINE, "B/visits.csv": HEADER + "B,p9,400,,是,1\n"})
    assert result.exit_code == 1
    assert "A/visits.csv: 收到 3 行 = 检查 2 行 + 退回 1 行; 无法读取的单元格：2" in result.output
    assert sorted(path.name for path in (tmp_path / "out").glob("*")) == ["A.xlsx", "B.xlsx", "corrections.json"]
    mine = rows(tmp_path / "out" / "A.xlsx")
    assert mine[0] == ("文件", "行", "严重程度", "列", "问题", "如何改正", "原始内容")
    told = [(row[0], row[1], row[3], row[4], row[6]) for row in mine[1:]]
    assert ("A/visits.csv", "2", "day", "不是日期", "2024-13-01") in told
    assert ("A/visits.csv", "3", "sbp", "不是整数", HOSTILE) in told
    assert [row for row in told if row[1] == "2" and "V-SBP 收缩压超出范围" in row[3]]
    assert [row for row in told if row[1] == "4" and row[2] is None]
    yours = rows(tmp_path / "out" / "B.xlsx")
    assert {row[0] for row in yours[1:]} == {"B/visits.csv"}
    assert "194912310" not in str(mine)


def test_text_in_the_workbook_is_no_formula(check: Callable[..., Result], tmp_path: Path) -> None:
    import zipfile

    check({"A/visits.csv": MINE})
    with zipfile.ZipFile(tmp_path / "out" / "A.xlsx") as book:
        sheets = b"".join(book.read(name) for name in book.namelist() if "worksheets" in name)
    assert b"<f>" not in sheets
    assert b"hyperlink" not in sheets
    assert b"<autoFilter" in sheets
    assert b'state="frozen"' in sheets


def test_what_belongs_to_nobody_is_apart(check: Callable[..., Result], tmp_path: Path) -> None:
    check({"visits.csv": "unit,person\nZ,p1\n"})
    assert [path.name for path in (tmp_path / "out").glob("*.xlsx")] == ["_unassigned.xlsx"]


def test_a_later_check_takes_the_place_of_an_earlier_one_and_of_nothing_else(
    check: Callable[..., Result], tmp_path: Path
) -> None:
    check({"A/visits.csv": MINE})
    check({"A/visits.csv": HEADER + "A,p1,120,,是,1\n"})
    assert not list((tmp_path / "out").glob("A.xlsx"))
    (tmp_path / "out" / "letter.txt").write_text("mine")
    result = check({"A/visits.csv": MINE})
    assert result.exit_code == 2
    assert "holds other things" in result.stderr


def test_the_same_files_give_the_same_workbook(check: Callable[..., Result], tmp_path: Path) -> None:
    check({"A/visits.csv": MINE})
    check({"A/visits.csv": MINE}, out="again")
    assert (tmp_path / "out" / "A.xlsx").read_bytes() == (tmp_path / "again" / "A.xlsx").read_bytes()


@pytest.mark.parametrize(("more", "code"), [((), 1), (("--fail-on", "never"), 0)])
def test_exit_codes_are_those_of_run(check: Callable[..., Result], more: tuple[str, ...], code: int) -> None:
    assert check({"A/visits.csv": MINE}, *more, out=None).exit_code == code


def test_nothing_to_read_is_a_usage_error(check: Callable[..., Result]) -> None:
    assert check({}, "--data", "/nowhere/at/all", out=None).exit_code == 2
