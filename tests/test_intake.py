"""Whatever is handed in: every row and every cell is accounted for, and one bad file never stops the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from conftest import HEADER, VISITS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.errors import AssessError
from assess.intake import Intake

Lay = Callable[..., Path]
Take = Callable[[Path], Intake]


def file(intake: Intake, name: str = "visits.csv") -> dict[str, Any]:
    return intake.receipt().row(by_predicate=pl.col("file") == name, named=True)


def verdict(intake: Intake, name: str = "visits.csv") -> tuple[str, str | None]:
    return file(intake, name)["status"], file(intake, name)["reason"]


def persons(intake: Intake) -> list[str]:
    return intake.scan("visits").collect()["person"].to_list()


def rejects(intake: Intake) -> list[tuple[Any, ...]]:
    return intake.rejects().select("line", "scope", "column", "reason", "raw").rows()


def reasons(intake: Intake) -> list[tuple[int, str]]:
    return [(line, reason) for line, _, _, reason, _ in rejects(intake)]


# ---- CSV -------------------------------------------------------------------------------------------------------------

SAME = {
    "UTF-8": VISITS.encode(),
    "UTF-8 with a byte order mark": b"\xef\xbb\xbf" + VISITS.encode(),
    "GB18030": VISITS.encode("gb18030"),
    "CRLF": VISITS.replace("\n", "\r\n").encode(),
    "old Mac line ends": VISITS.replace("\n", "\r").encode(),
    "no line end at the end": VISITS.rstrip("\n").encode(),
    "semicolons": VISITS.replace(",", ";").encode(),
    "tabs": VISITS.replace(",", "\t").encode(),
    "quotes": ('"unit","person",sbp,day,done,weight\n' + VISITS.split("\n", 1)[1].replace("p1", '"p1"')).encode(),
    "other names": VISITS.replace("unit,person,sbp", "机构编码,身份证号,收缩压").encode(),
    "other case and blanks": VISITS.replace("unit,person", " Unit ,\u3000PERSON").encode(),
    "empty lines": VISITS.replace("\n", "\n\n").encode(),
    "lines of blanks": VISITS.replace("\n", "\n   \n , , ,,,\n", 3).encode(),
    "blanks around values": VISITS.replace("A,p1,120,2024-03-01", " A ,\u3000p1 , 120\u00a0,2024-03-01 ").encode(),
}


@pytest.mark.parametrize("content", SAME.values(), ids=SAME)
def test_the_same_records_however_they_are_written(lay: Lay, taken: Take, content: bytes) -> None:
    intake = taken(lay({"visits.csv": content}))
    assert intake.scan("visits").drop("_file", "_row", "_line").collect().rows() == [
        ("A", "p1", 120, dt.date(2024, 3, 1), True, 60.5, None),
        ("A", "p2", 130, dt.date(2024, 3, 2), True, None, None),
        ("B", "p3", 110, dt.date(2024, 3, 3), True, 71.0, None),
        ("C", "p4", None, dt.date(2024, 3, 4), False, None, None),
    ]
    assert (file(intake)["rows_in"], file(intake)["rows_rejected"], file(intake)["status"]) == (4, 0, "read")


def test_a_quoted_cell_may_hold_commas_lines_and_quotes(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits.csv": 'unit,person\nA,"a,b"\nB,"c\nd\r\ne"\nB,"say ""x"""\nC,z\n'}))
    assert persons(intake) == ["a,b", "c\nd\r\ne", 'say "x"', "z"]
    assert intake.scan("visits").collect()["_line"].to_list() == [2, 3, 6, 7]


def test_a_separator_inside_a_quoted_header_is_none(lay: Lay, taken: Take) -> None:
    assert persons(taken(lay({"visits.csv": 'unit,person,"a;b;c;d"\nA,p1,x\n'}))) == ["p1"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_with_too_few_or_too_many_fields_are_rejected_with_their_line(lay: Lay, taken: Take, quote: str) -> None:
    text = f"unit,sbp,person\n{quote}A{quote},1,p1\nA,2\n\nB,3,p2,extra\nB,4,p3\n"
    intake = taken(lay({"visits.csv": text}))
    assert persons(intake) == ["p1", "p3"]
    assert intake.scan("visits").collect()["_line"].to_list() == [2, 6]
    assert reasons(intake) == [(3, "ragged_row:2/3"), (5, "ragged_row:4/3")]
    assert (file(intake)["rows_in"], file(intake)["rows_kept"], file(intake)["rows_rejected"]) == (4, 2, 2)


@pytest.mark.parametrize(
    ("broken", "line"), [('A,"p2', 3), ('A,"p2"x', 3), ('"A,p2', 3), ('A,"p2,1,2', 3)], ids=lambda value: str(value)
)
def test_an_open_quote_swallows_no_other_row(lay: Lay, taken: Take, broken: str, line: int) -> None:
    text = f'unit,person\nA,p1\n{broken}\nB,p3\nB,"p4"\nC,p5\n'
    intake = taken(lay({"visits.csv": text}))
    assert persons(intake) == ["p1", "p3", "p4", "p5"]
    assert reasons(intake) == [(line, "broken_quotes")]
    assert file(intake)["rows_in"] == 5


UNREADABLE = {
    "empty": (b"", "empty_file"),
    "a line end and no more": (b"\n\n", "no_header"),
    "a byte order mark and no more": (b"\xef\xbb\xbf", "no_header"),
    "quotes open in the header": (b'unit,"person\nA,p\n', "no_header"),
    "NUL": (VISITS.encode().replace(b"p3", b"p\0"), "nul_bytes"),
    "UTF-16": (VISITS.encode("utf-16"), "nul_bytes"),
    "bytes of no encoding": (VISITS.encode().replace(b"p3", b"p\xff\xff"), "encoding"),
    "no column for the person": (b"unit,sbp\nA,1\n", "missing_columns"),
    "the same column twice": ("unit,person,身份证号\nA,p,q\n".encode(), "ambiguous_columns"),
    "a spreadsheet": (b"PK\x03\x04\x14\0\x06\0", "nul_bytes"),
}


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_says_why_and_stops_no_other(
    lay: Lay, taken: Take, content: bytes, reason: str
) -> None:
    intake = taken(lay({"visits.csv": content, "visits-2.csv": "unit,person\nB,good\n"}))
    assert verdict(intake) == ("rejected", reason)
    assert file(intake)["rows_in"] == 0
    assert persons(intake) == ["good"]


def test_a_missing_column_is_named_with_the_header_that_comes_near(lay: Lay, taken: Take) -> None:
    assert file(taken(lay({"visits.csv": "unit,persn,sbp\nA,p,1\n"})))["detail"] == ("'person' (did you mean 'persn'?)")


def test_a_header_alone_is_a_submission_of_nothing(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"A/visits.csv": HEADER}))
    assert (file(intake, "A/visits.csv")["status"], file(intake, "A/visits.csv")["rows_in"]) == ("read", 0)
    assert ("A", "visits") in intake.submitted()


def test_columns_that_nobody_asked_for_are_left_out_and_named(lay: Lay, taken: Take) -> None:
    intake = taken(lay({"visits.csv": "unit,note,person,,mood\nA,x,p1,,y\n"}))
    assert file(intake)["detail"] == "columns left out: note, mood"
    assert "note" not in intake.scan("visits").collect_schema()


def test_a_cell_that_cannot_be_read_keeps_its_text_its_line_and_its_column(lay: Lay, taken: Take) -> None:
    text = HEADER + "A,p1,高,2024-02-30,maybe,1e999\nA,p2,12.5,24-01-05,否,nan\nB,p3,1.0,20240105,0,-.5\n"
    intake = taken(lay({"visits.csv": text}))
    assert sorted(rejects(intake)) == [
        (2, "cell", "day", "not_date", "2024-02-30"), (2, "cell", "done", "not_boolean", "maybe"),
        (2, "cell", "sbp", "not_integer", "高"), (2, "cell", "weight", "not_number", "1e999"),
        (3, "cell", "day", "not_date", "24-01-05"), (3, "cell", "sbp", "not_integer", "12.5"),
        (3, "cell", "weight", "not_number", "nan"),
    ]  # fmt: skip
    assert intake.scan("visits").collect()["_rejected"].to_list() == ["sbp,day,done,weight", "sbp,day,weight", None]
    assert (file(intake)["rows_kept"], file(intake)["cells_rejected"]) == (3, 7)


def test_what_identifies_a_person_is_masked_among_what_was_rejected(lay: Lay, taken: Take) -> None:
    number = "11010519491231002X"
    intake = taken(lay({"visits.csv": f'unit,person,sbp\nZ,{number},1\nA,{number}\nA,"{number}\n'}))
    assert len(rejects(intake)) == 3
    assert not [raw for *_, raw in rejects(intake) if number[6:14] in raw]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_in_are_rows_kept_and_rows_rejected_whatever_was_done_to_the_file(
    lay: Lay, taken: Take, data: st.DataObject
) -> None:
    content = bytearray(VISITS.encode(data.draw(st.sampled_from(["utf-8", "gb18030"]))))
    noise = st.sampled_from([b'"', b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xe6", b" ", b"A,p9\n", b'""', b";"])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(noise)
    try:
        intake = taken(lay({"visits.csv": bytes(content), "A/visits.csv": bytes(content)}))
    except AssessError:
        return
    for row in intake.receipt().iter_rows(named=True):
        assert row["rows_in"] == row["rows_kept"] + row["rows_rejected"]
    receipt = intake.receipt()
    lines = intake.rejects().group_by("file", "scope").len()
    for scope, column in (("row", "rows_rejected"), ("cell", "cells_rejected")):
        assert lines.filter(scope=scope)["len"].sum() == receipt[column].sum()
    assert intake.scan("visits").collect().height == receipt.filter(table="visits")["rows_kept"].sum()


# ---- XLSX and Parquet ------------------------------------------------------------------------------------------------


def workbook(*rows: list[Any], top: int = 0, left: int = 0) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with xlsxwriter.Workbook(path) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            sheet = book.add_worksheet()
            for y, row in enumerate(rows):
                for x, value in enumerate(row):
                    if isinstance(value, dt.date):
                        sheet.write_datetime(top + y, left + x, value, day)
                    elif isinstance(value, str) and value.startswith("#"):
                        sheet.write_formula(top + y, left + x, "=1/0", None, value)
                    else:
                        sheet.write(top + y, left + x, value)

    return write


def test_a_spreadsheet_gives_what_its_cells_show(lay: Lay, taken: Take) -> None:
    sheet = workbook(
        ["机构编码", "身份证号", "收缩压", "day", "done", "weight"],
        ["A", "00123", 120, dt.date(2024, 3, 1), True, 60.5],
        [],
        ["B", 4711, 130.0, "2024/3/2", "否", 71],
    )
    intake = taken(lay({"visits.xlsx": sheet}))
    assert intake.scan("visits").drop("_file", "_row", "_rejected").collect().rows() == [
        ("A", "00123", 120, dt.date(2024, 3, 1), True, 60.5, 2),
        ("B", "4711", 130, dt.date(2024, 3, 2), False, 71.0, 4),
    ]
    assert rejects(intake) == []


@pytest.mark.parametrize("left", [0, 1, 27])
def test_an_error_value_of_a_spreadsheet_is_no_empty_cell(lay: Lay, taken: Take, left: int) -> None:
    rows = [["unit", "person", "sbp"], ["A", "p1", "#DIV/0!"], ["A", "p2", 120], ["B", "p3", "#N/A"]]
    intake = taken(lay({"visits.xlsx": workbook(*rows, left=left)}))
    assert [(line, column, raw) for line, _, column, _, raw in rejects(intake)] == [
        (2, "sbp", "#DIV/0!"), (4, "sbp", "#N/A")
    ]  # fmt: skip
    assert persons(intake) == ["p1", "p2", "p3"]


def damaged(path: Path) -> None:
    workbook(["unit", "person"], ["A", "p1"])(path)
    content = bytearray(path.read_bytes())
    content[600:1200] = bytes(byte ^ 0x5A for byte in content[600:1200])
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [("unit,person\nA,p\n", "not_xlsx"), (b"PK\x03\x04", "not_xlsx"), (b"", "empty_file"), (damaged, "not_xlsx"),
     (workbook(), "empty_file"), (workbook(["unit", "person"], top=25), "no_header")],
    ids=["text", "head of an archive", "empty", "damaged", "empty sheet", "header too far down"],
)  # fmt: skip
def test_what_is_no_spreadsheet_is_rejected(lay: Lay, taken: Take, content: Any, reason: str) -> None:
    intake = taken(lay({"visits.xlsx": content, "visits-2.csv": "unit,person\nB,good\n"}))
    assert verdict(intake, "visits.xlsx") == ("rejected", reason)
    assert persons(intake) == ["good"]


def test_a_parquet_file_keeps_its_types_and_its_reasons(lay: Lay, taken: Take) -> None:
    frame = pl.DataFrame(
        {"unit": ["A", "B", "Z", None], "person": [1.0, 2.0, 3.0, None],
         "sbp": pl.Series([120, None, 1, None], dtype=pl.Int16),
         "day": [dt.date(2024, 3, 1), dt.date(2024, 3, 2), None, None], "done": [True, False, None, None],
         "weight": [float("nan"), 70.0, 1.0, None]}
    )  # fmt: skip
    intake = taken(lay({"visits.parquet": frame.write_parquet}))
    assert intake.scan("visits").drop("_file", "_row").collect().rows() == [
        ("A", "1", 120, dt.date(2024, 3, 1), True, None, 1, "weight"),
        ("B", "2", None, dt.date(2024, 3, 2), False, 70.0, 2, None),
    ]
    assert rejects(intake) == [
        (1, "cell", "weight", "not_number", "NaN"), (3, "row", None, "unknown_unit", "Z,3**,1,1")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [(pl.DataFrame({"unit": ["A"], "person": [["p"]]}).write_parquet, "nested_columns"),
     (pl.DataFrame({"unit": ["A"]}).write_parquet, "missing_columns"),
     (b"PAR1 not really PAR1", "not_parquet"), ("unit,person\nA,p\n", "not_parquet"), (b"", "empty_file")],
)  # fmt: skip
def test_what_is_no_parquet_table_is_rejected(lay: Lay, taken: Take, content: Any, reason: str) -> None:
    assert verdict(taken(lay({"visits.parquet": content})), "visits.parquet") == ("rejected", reason)
