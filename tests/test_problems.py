"""What was not taken is said in words, whatever the reason."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from assess.intake.problems import problems
from assess.results import empty

INTAKE = Path(__file__).parent.parent / "assess" / "intake"
RAISED = re.compile(
    r"""UnreadableError\(\s*"([a-z_]+)"|reason="([a-z_]+)"|lit\("((?:no|other|unknown)_unit|unit_twice)"\)|"(unknown_[a-z]+)\""""
)
REASONS = sorted(
    {
        name
        for path in INTAKE.glob("*.py")
        for found in RAISED.findall(path.read_text(encoding="utf-8"))
        for name in found
        if name
    }
    | {"not_xlsx", "not_xls", "not_parquet", "ragged_row", "broken_quotes"}
)


def receipt(**fields: object) -> pl.DataFrame:
    row: dict[str, object] = {"file": "f.csv", "format": "csv", "status": "rejected", **fields}
    columns = {name: [row.get(name)] for name in empty("receipt").columns}
    return pl.DataFrame(columns, schema=empty("receipt").schema)


def test_there_are_reasons_to_look_for() -> None:
    assert len(REASONS) > 20


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_said_in_words_with_what_to_do(reason: str) -> None:
    (problem,) = problems(receipt(reason=reason), empty("rejects"))
    assert problem.code == "IN004"
    assert reason not in problem.message
    assert problem.hint


def test_damaged_numbers_and_old_workbooks_are_warned_of() -> None:
    read = {"status": "read", "reason": None}
    (damaged,) = problems(receipt(**read, damage='{"person": {"zeros": 9}}'), empty("rejects"))
    (old,) = problems(receipt(**read, format="xls"), empty("rejects"))
    assert [(problem.code, problem.level) for problem in (damaged, old)] == [("IN008", "warning"), ("IN009", "warning")]
    assert not list(problems(receipt(**read, format="xlsx"), empty("rejects")))
