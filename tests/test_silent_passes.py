"""What passes elsewhere without a word is loud here: each silent pass that users of the field report, by its cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from conftest import HEADER, UNITS, VISITS
from pandera.errors import SchemaError, SchemaErrors
from test_intake import file, persons, reasons, rejects, verdict

from assess.errors import RulesetError
from assess.intake import Intake
from assess.intake.contract import Contract
from assess.pipeline import assess
from assess.results import conform
from assess.ruleset.load import load
from assess.tables import LINE, REJECTED, Table

Lay = Callable[..., Path]
Take = Callable[[Path], Intake]
Write = Callable[..., Path]


def test_a_contract_looks_at_the_data_of_a_lazy_file(tmp_path: Path) -> None:
    """pandera skips data checks on a LazyFrame unless told otherwise."""
    table = Table.model_validate({"columns": {"unit": {"type": "code"}}})
    frame = pl.DataFrame({"unit": ["A", None], LINE: [1, 2], REJECTED: [None, None]})
    frame.cast({LINE: pl.UInt32, REJECTED: pl.String}).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises((SchemaError, SchemaErrors), match="unit"):
        Contract("t", table, "unit").validate(tmp_path / "rows.parquet")


def test_a_table_of_results_is_checked_with_its_data() -> None:
    row = {"unit": "A", "rule": "R", "table": "t", "applicable": 1, "violated": 2, "status": "fail"}
    with pytest.raises((SchemaError, SchemaErrors), match="violated_are_applicable"):
        conform("measurements", pl.DataFrame([row]))


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [("personal: true", "personell: true", "personell"), ("threshold, lower: 0.2", "treshold, lower: 0.2", "treshold"),
     ("required: true", "nullabel: false", "nullabel"), ("severity: minor", "severty: minor", "severty"),
     ("lower: 0.2", "treshold: 0.2", "treshold")],
)  # fmt: skip
def test_a_misspelt_key_is_an_error(ruleset_file: Write, right: str, wrong: str, said: str) -> None:
    """pandera's YAML ignores `nullabel:`; Soda passed a check with `treshold:`."""
    with pytest.raises(RulesetError, match=said):
        load(ruleset_file((right, wrong)))


def test_a_rule_that_breaks_is_an_error_and_its_weight_stays(ruleset_file: Write, lay: Lay) -> None:
    """Pointblank leaves steps that broke out of its health score."""
    broken = load(ruleset_file(("valid: day <= @as_of", "valid: CAST(person AS BIGINT) / 0 > @as_of")))
    assessment = assess(broken, lay({"visits.csv": VISITS}))
    found = assessment.tables["findings"].filter(source="V-DAY")
    assert found["status"].to_list() == ["error"]
    assert set(assessment.tables["scores"]["score"]) == {None}
    assert assessment.manifest["allocation"]["refused"] == "indicator_in_error"


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_chinese_headers_survive_their_encoding(lay: Lay, taken: Take, encoding: str) -> None:
    """`utf8-lossy` destroys Chinese headers without a word."""
    text = VISITS.replace("unit,person,sbp", "机构编码,身份证号,收缩压")
    intake = taken(lay({"visits.csv": text.encode(encoding)}))
    assert persons(intake) == ["p1", "p2", "p3", "p4"]
    assert file(intake)["encoding"] == "gb18030"


def test_a_code_keeps_its_zeros(lay: Lay, taken: Take) -> None:
    """`000123` becomes 123 where types are guessed."""
    assert persons(taken(lay({"visits.csv": "unit,person\nA,000123\n"}))) == ["000123"]


def test_a_column_of_digits_may_end_in_a_letter(lay: Lay, taken: Take) -> None:
    """A column of digits crashes at the first ...123X past the rows that types are guessed from."""
    numbers = [f"{340123198001010000 + n}" for n in range(25_000)] + ["34012319800101123X"]
    intake = taken(lay({"visits.csv": "unit,person\n" + "".join(f"A,{number}\n" for number in numbers)}))
    assert verdict(intake) == ("read", None)
    assert persons(intake) == numbers


def test_a_percent_sign_makes_no_column_text(lay: Lay, taken: Take) -> None:
    """`134.88%` turns a column into text, so that what is compared with it is text as well."""
    intake = taken(lay({"visits.csv": HEADER + "A,p1,120,,,134.88%\nB,p2,130,,,71\n"}))
    assert intake.scan("visits").collect()["weight"].to_list() == [None, 71.0]
    assert rejects(intake) == [(2, "cell", "weight", "not_number", "134.88%")]
    assert intake.scan("visits").collect()["_rejected"].to_list() == ["weight", None]


def test_a_cell_that_cannot_be_read_counts_against_the_record(ruleset_file: Write, lay: Lay) -> None:
    data = lay({"visits.csv": VISITS.replace("120", "高")})
    measured = assess(load(ruleset_file()), data).tables["measurements"]
    assert measured.filter(rule="visits-CELLS", unit="A")["violated"].to_list() == [1]


def test_nulls_are_counted_and_named(ruleset_file: Write, lay: Lay) -> None:
    """Great Expectations leaves nulls out of its percentage."""
    data = lay({"visits.csv": VISITS.replace("2024-03-03,是", "2024-03-03,")})
    measured = assess(load(ruleset_file()), data).tables["measurements"]
    presence = measured.filter(rule="V-DONE", unit="B").row(0, named=True)
    assert (presence["applicable"], presence["violated"], presence["status"]) == (1, 1, "fail")
    pressure = measured.filter(rule="V-SBP", unit="C").row(0, named=True)
    assert (pressure["applicable"], pressure["status"]) == (0, "not_applicable")


def test_a_null_violates_no_comparison(ruleset_file: Write, lay: Lay) -> None:
    """Great Expectations counts (3, null) as a violation of A > B."""
    data = lay({"visits.csv": VISITS.replace("2024-03-04", "")})
    day = assess(load(ruleset_file()), data).tables["measurements"].filter(rule="V-DAY", unit="C").row(0, named=True)
    assert (day["applicable"], day["violated"], day["status"]) == (0, 0, "not_applicable")


def test_rows_of_the_wrong_width_are_named(lay: Lay, taken: Take) -> None:
    """Readers pad short lines and cut long ones."""
    assert reasons(taken(lay({"visits.csv": "unit,person\nA\nA,p,x\n"}))) == [
        (2, "ragged_row:1/2"),
        (3, "ragged_row:3/2"),
    ]


def test_a_unit_that_submits_nothing_is_never_better_for_it(ruleset_file: Write, lay: Lay) -> None:
    tables = assess(load(ruleset_file()), lay({"visits.csv": VISITS.replace("C,p4", "B,p4")}, units=UNITS)).tables
    scores = dict(tables["scores"].select("unit", "score").rows())
    assert scores["C"] == 0
    assert tables["findings"].filter(unit="C", reason="table_not_submitted").height == 1
