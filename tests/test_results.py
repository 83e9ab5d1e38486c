"""The assessment directory is there whole or not at all, and never in the place of something else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from pandera.errors import SchemaError, SchemaErrors

from assess.errors import AssessError, NotAssessedError, UsageError
from assess.results import (
    MANIFEST,
    TABLES,
    Directory,
    Staging,
    check_replaceable,
    conform,
    empty,
    page_name,
    schema_of,
)

UNITS = pl.DataFrame({"unit": ["A"], "name": ["Ay"], "group": [None], "peers": [None], "levels": ["{}"]})
MEASURED = pl.DataFrame(
    {"unit": ["A"], "rule": ["R"], "table": ["t"], "applicable": [3], "violated": [1], "status": ["fail"]}
)


def fill(directory: Path, note: str = "") -> None:
    Directory(directory).write({"units": UNITS, "measurements": MEASURED}, {"ruleset": "r"}, {"note": note})


def end_early(out: Path, stop: type[BaseException]) -> None:
    with Staging(out) as staging:
        fill(staging.path, "second")
        raise stop


@pytest.fixture
def out(tmp_path: Path) -> Path:
    with Staging(tmp_path / "out") as staging:
        fill(staging.path, "first")
    return tmp_path / "out"


# ---- written whole or not at all -------------------------------------------------------------------------------------


def test_what_was_written_can_be_read(out: Path) -> None:
    directory = Directory.open(out)
    assert directory.read("measurements").rows() == [("A", "R", "t", 3, 1, "fail")]
    assert directory.manifest["note"] == "first"
    assert directory.ruleset == {"ruleset": "r"}
    assert {path.stem for path in directory.tables.iterdir()} == set(TABLES) == set(directory.manifest["tables"])
    assert directory.read("awards").is_empty()


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_run_that_ends_early_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    with pytest.raises(stop):
        end_early(tmp_path / "out", stop)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_ends_early_leaves_the_former_results(tmp_path: Path, out: Path) -> None:
    with pytest.raises(RuntimeError):
        end_early(out, RuntimeError)
    assert Directory.open(out).manifest["note"] == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_results_take_the_place_of_former_ones_and_of_nothing(tmp_path: Path, out: Path) -> None:
    (out / "old-page.html").touch()
    (tmp_path / "empty").mkdir()
    for place in (out, tmp_path / "empty", tmp_path / "deep" / "er"):
        with Staging(place) as staging:
            fill(staging.path, "second")
        assert Directory.open(place).manifest["note"] == "second"
    assert not (out / "old-page.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty", "out"]


def test_while_it_is_written_it_bears_a_name_that_says_so(tmp_path: Path) -> None:
    with Staging(tmp_path / "out") as staging:
        assert not (tmp_path / "out").exists()
        assert ".partial" in staging.path.name
        fill(staging.path)


def test_behind_a_link_the_directory_is_replaced_and_the_link_stays(tmp_path: Path, out: Path) -> None:
    (tmp_path / "latest").symlink_to(out)
    with Staging(tmp_path / "latest") as staging:
        fill(staging.path, "second")
    assert (tmp_path / "latest").is_symlink()
    assert Directory.open(out).manifest["note"] == "second"


def test_an_empty_working_directory_can_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with Staging(Path()) as staging:
        fill(staging.path)
    assert Directory.open(tmp_path / "here").manifest["note"] == ""


# ---- never in the place of something else ----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["a directory with other things", "a file", "below a file"])
def test_what_is_no_assessment_directory_is_refused_and_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "mine"
    if what == "a directory with other things":
        place.mkdir()
        (place / "thesis.txt").write_text("years of work")
    else:
        place.write_text("years of work")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match="AD003"):
        Staging(place / "below" if what == "below a file" else place)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_directory_that_holds_what_is_read_is_refused(tmp_path: Path, out: Path) -> None:
    (out / "data").mkdir()
    for inside in (out / "data", out, out / "rules.yaml"):
        with pytest.raises(UsageError, match="AD003 holds"):
            check_replaceable(out, [tmp_path / "elsewhere", inside])
    check_replaceable(out, [tmp_path, tmp_path / "outside"])


# ---- read with suspicion ---------------------------------------------------------------------------------------------


def test_another_directory_is_no_assessment_directory(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match="AD001 is not an assessment directory"):
            Directory.open(place)


@pytest.mark.parametrize("text", ["", "{", "[]", "\0", '{"format": 99}', "{}"])
def test_a_damaged_provenance_file_is_said_to_be(out: Path, text: str) -> None:
    (out / MANIFEST).write_text(text)
    with pytest.raises(NotAssessedError, match="AD002"):
        Directory.open(out)


@pytest.mark.parametrize("content", [b"", b"PAR1", None])
def test_a_damaged_table_is_said_to_be(out: Path, content: bytes | None) -> None:
    table = out / "tables" / "measurements.parquet"
    table.unlink()
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(NotAssessedError, match="AD002") as refused:
        Directory.open(out).read("measurements")
    assert "measurements.parquet" in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_table_of_another_form_is_refused(out: Path) -> None:
    UNITS.write_parquet(out / "tables" / "measurements.parquet")
    with pytest.raises(AssessError, match="AD002"):
        Directory.open(out).read("measurements")


@pytest.mark.parametrize(
    "wrong",
    [{"violated": [4]}, {"violated": [-1]}, {"status": ["good"]}, {"unit": [None]}, {"applicable": [None]}],
    ids=str,
)
def test_a_table_that_cannot_be_true_is_not_written(tmp_path: Path, wrong: dict[str, list[object]]) -> None:
    ((column, value),) = wrong.items()
    frame = MEASURED.with_columns(pl.Series(column, value, dtype=MEASURED.schema[column]))
    with pytest.raises((SchemaError, SchemaErrors)):
        Directory(tmp_path / "out").write({"measurements": frame}, {}, {})
    assert not (tmp_path / "out" / MANIFEST).exists()


def test_every_row_of_a_file_is_accounted_for_or_the_receipt_is_refused() -> None:
    line = {"file": "a.csv", "format": "csv", "digest": "", "rows_in": 3, "rows_kept": 2, "rows_rejected": 1,
            "cells_rejected": 0, "status": "read", "table": "t", "unit": None, "encoding": None, "reason": None,
            "sheet": None, "header_line": 1, "cells_narrowed": 0, "damage": None, "detail": None}  # fmt: skip
    assert conform("receipt", pl.DataFrame([line], schema_overrides=schema_of("receipt"))).height == 1
    with pytest.raises(Exception, match="every_row_is_accounted_for"):
        conform("receipt", pl.DataFrame([line | {"rows_kept": 1}], schema_overrides=schema_of("receipt")))


@pytest.mark.parametrize("table", TABLES)
def test_no_rows_are_a_table_too(table: str) -> None:
    assert conform(table, empty(table)).schema == pl.Schema(schema_of(table))


def test_the_provenance_names_the_digest_of_every_table(out: Path) -> None:
    for name, said in json.loads((out / MANIFEST).read_text())["tables"].items():
        content = (out / "tables" / f"{name}.parquet").read_bytes()
        assert said["sha256"] == hashlib.sha256(content).hexdigest()


# ---- names of pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["A", "340000", "county-7_b", "a" * 64])
def test_a_harmless_key_is_the_name_of_its_page(key: str) -> None:
    assert page_name(key) == key


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "a/b", "", ".", "a b", "青山镇", "a\n", "-rf", "a" * 65, "x.html", "\0"]
)
def test_any_other_key_is_never_part_of_a_path(key: str) -> None:
    assert page_name(key).startswith("u-")
    assert page_name(key).replace("-", "").isalnum()
    assert page_name(key) != page_name(key + "x")


def test_what_a_killed_run_left_is_removed_by_the_next_and_a_running_one_is_left_alone(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    abandoned, going_on = tmp_path / f".out.partial-{ended.pid}", tmp_path / f".out.partial-{os.getppid()}"
    for left in (abandoned, going_on):
        left.mkdir()
        (left / "half").write_text("x", encoding="utf-8")
    with Staging(tmp_path / "out"):
        pass
    assert not abandoned.exists()
    assert going_on.exists()
