"""Nearly 250 malformed files: every one ends as a person said it has to, and none with a traceback."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from corpus.make import CASES, COLUMNS, lay, outcome

with (Path(__file__).parent / "corpus" / "outcomes.csv").open(encoding="utf-8", newline="") as _file:
    EXPECTED = {row.pop("case"): row for row in csv.DictReader(_file)}


def test_every_case_has_an_expected_outcome() -> None:
    assert list(EXPECTED) == list(CASES)
    assert len(CASES) >= 120


@pytest.mark.parametrize("name", CASES)
def test_a_malformed_file_ends_as_it_has_to(name: str, tmp_path: Path) -> None:
    said = outcome(tmp_path / "data", lay(name, tmp_path / "data"), tmp_path / "store")
    assert {column: said[column] for column in COLUMNS} == EXPECTED[name]
    assert {path.name for path in tmp_path.iterdir()} == {"data", "store"}
    assert not list((tmp_path / "store").glob(".scratch-*"))
