"""The assessment directory is there whole or not at all, and never in the place of something else."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaError, SchemaErrors

from assess.errors import AssessError, NotAssessedError, UsageError
from assess.results import (
    FORMS,
    MANIFEST,
    TABLES,
    Directory,
    Staging,
    check_replaceable,
    conform,
    contract,
    declared,
    empty,
    page_name,
    schema_of,
)
from assess.results.form import UNITS as UNITS_OF_COLUMNS
from assess.results.form import Form
from assess.results.models import accepted

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


# Where the first word and the smallest number of each column do not go together.
GO_TOGETHER: dict[str, dict[str, object]] = {"Measurements": {"applicable": 3}, "Rejects": {"column": None}}


def sound_row(form: type[Form]) -> pl.DataFrame:
    """One row of which everything holds that the form declares."""
    values = {pl.String: "x", pl.Boolean: True, pl.Date: dt.date(2024, 6, 30)}
    row = {
        column.name: column.holds.isin[0] if column.holds.isin else values.get(type(column.dtype), column.holds.ge or 0)
        for column in form.columns()
    } | GO_TOGETHER.get(form.__name__, {})
    return pl.DataFrame([row], schema=form.schema(), strict=False)


def broken_rows(form: type[Form]) -> Iterator[pl.DataFrame]:
    """That row with one thing broken that the form declares, each in turn."""
    sound = sound_row(form)
    for column in form.columns():
        holds = column.holds
        values: list[object] = [] if holds.nullable else [None]
        values += [holds.ge - 1] if holds.ge is not None else []
        values += [holds.le + 1] if holds.le is not None else []
        values += ["no such word"] if holds.isin is not None else []
        for value in values:
            yield sound.with_columns(pl.Series(column.name, [value], dtype=column.dtype, strict=False))
        if holds.unique:
            yield pl.concat([sound, sound])
    if form.key:
        yield pl.concat([sound, sound])


@pytest.mark.parametrize("table", TABLES)
def test_what_may_not_be_written_is_not_read(table: str) -> None:
    form = TABLES[table]
    assert accepted(table, sound_row(form)).equals(conform(table, sound_row(form)))
    for rows in broken_rows(form):
        with pytest.raises((SchemaError, SchemaErrors)):
            conform(table, rows)
        with pytest.raises(ValueError, match="it is not so that"):
            accepted(table, rows)


# A row that breaks each statement and no other.
STATEMENTS: dict[tuple[str, str], dict[str, object]] = {
    ("measurements", "violated_are_applicable"): {"violated": 2, "applicable": 1, "status": "fail"},
    ("measurements", "a_pass_violates_nothing"): {"violated": 1, "applicable": 1, "status": "pass"},
    ("measurements", "where_nothing_applied_the_status_says_so"): {"applicable": 0, "status": "pass"},
    ("crosscheck", "who_agrees_counts_alike"): {"status": "agrees", "violated": 1, "violated_there": 0},
    ("indicators", "scored_within_ceiling"): {"scored": 0.9, "ceiling": 0.8},
    ("indicators", "left_out_are_units"): {"units": 1, "left_out": 2},
    ("indicators", "the_interval_holds_the_rate"): {"low": 0.2, "verified": 0.1, "high": 0.3},
    ("distributions", "quartiles_rise"): {"minimum": 0, "q1": 0.2, "median": 0.1, "q3": 0.3, "maximum": 0.4},
    ("score_parts", "lost_is_not_given"): {"possible": 3, "given": 2, "lost": 0},
    ("scores", "score_within_full_marks"): {"score": 101, "max": 100},
    ("scores", "quality_is_of_a_score"): {"quality": None},
    ("scores", "no_rank_without_a_score"): {"score": None, "quality": None, "rank": 1},
    ("awards", "settled"): {"settlement": 1, "amount": 3, "amount_minor": 300, "prepaid": 1},
    ("awards", "amounts_agree"): {"settlement": 3, "amount": 3, "amount_minor": 3},
    ("pool_awards", "rounded_from_exact"): {"amount": 3, "amount_minor": 300, "exact": 3.004, "rounding": 0.004},
    ("pool_awards", "amounts_agree"): {"amount": 3, "amount_minor": 3, "exact": 3},
    ("receipt", "every_row_is_accounted_for"): {"rows_in": 3, "rows_kept": 1, "rows_rejected": 1},
    ("receipt", "what_is_not_read_has_no_rows"): {"status": "ignored", "rows_in": 1, "rows_kept": 1},
    ("receipt", "what_is_not_read_has_a_reason"): {"status": "rejected", "reason": None},
    ("rejects", "a_cell_has_a_column"): {"scope": "cell", "column": None},
}


def test_every_statement_has_a_row_that_breaks_it() -> None:
    assert set(STATEMENTS) == {(name, statement) for name, form in FORMS.items() for statement in form.always}


@pytest.mark.parametrize(("table", "statement"), STATEMENTS, ids="-".join)
def test_a_statement_on_rows_holds_when_a_table_is_read_too(table: str, statement: str, out: Path) -> None:
    form = FORMS[table]
    wrong = sound_row(form).with_columns(
        pl.lit(value).cast(form.schema()[name]).alias(name) for name, value in STATEMENTS[table, statement].items()
    )
    assert form.breaches(wrong) == [statement]
    with pytest.raises((SchemaError, SchemaErrors), match=statement):
        conform(table, wrong)
    wrong.write_parquet(out / "tables" / f"{table}.parquet")
    with pytest.raises(NotAssessedError, match=f"AD002.*{statement}"):
        Directory.open(out).read(table)


# ---- the forms for others --------------------------------------------------------------------------------------------


def test_every_column_says_what_it_is_and_counts_in_a_unit_that_is_explained() -> None:
    for name, form in FORMS.items():
        for column in form.columns():
            assert column.holds.said, f"{name}.{column.name}"
            assert column.holds.unit in {"", *UNITS_OF_COLUMNS}, f"{name}.{column.name}"


@pytest.mark.parametrize("table", FORMS)
def test_a_model_of_pandera_holds_others_to_the_same(table: str) -> None:
    form, model = FORMS[table], contract.model(table)
    assert issubclass(model, pa.DataFrameModel)
    assert getattr(contract, form.__name__) is model
    columns = model.to_schema().columns
    assert {
        name: (column.description, (column.metadata or {}).get("unit", "")) for name, column in columns.items()
    } == {column.name: (column.holds.said, column.holds.unit) for column in form.columns()}
    model.validate(sound_row(form))
    with pytest.raises((SchemaError, SchemaErrors)):
        model.validate(sound_row(form).with_columns(more=pl.lit(1)))


def test_there_is_no_model_of_another_name() -> None:
    with pytest.raises(AttributeError, match="Grades"):
        contract.Grades  # noqa: B018
    assert {form.__name__ for form in FORMS.values()} <= set(dir(contract))


def test_a_table_may_be_validated_by_its_declaration_alone(tmp_path: Path) -> None:
    directory = Directory(tmp_path / "sound")
    directory.write({"units": UNITS, "measurements": MEASURED}, {}, {}, declared)
    assert directory.read("measurements").height == 1
    unsound = MEASURED.with_columns(violated=pl.lit(4))
    with pytest.raises(ValueError, match=r"'measurements': .*violated_are_applicable"):
        Directory(tmp_path / "unsound").write({"units": UNITS, "measurements": unsound}, {}, {}, declared)
    assert not (tmp_path / "unsound" / MANIFEST).exists()


def test_a_table_may_be_taken_over_as_a_file(tmp_path: Path) -> None:
    before, after = Directory(tmp_path / "before"), Directory(tmp_path / "after")
    before.write({"units": UNITS, "measurements": MEASURED}, {}, {})
    after.write(
        {"units": UNITS, "measurements": MEASURED}, {}, {}, carried={"measurements": before.file("measurements")}
    )
    assert after.file("measurements").read_bytes() == before.file("measurements").read_bytes()
    assert after.manifest["tables"] == before.manifest["tables"]


def test_a_file_with_other_columns_is_no_table(out: Path) -> None:
    directory = Directory.open(out)
    for other in (
        UNITS.with_columns(more=1),
        UNITS.select(reversed(UNITS.columns)),
        UNITS.with_columns(pl.lit(1).alias("name")),
    ):
        other.write_parquet(directory.file("units"))
        with pytest.raises(NotAssessedError, match=r"AD002.*columns"):
            directory.read("units")


def test_every_row_of_a_file_is_accounted_for_or_the_receipt_is_refused() -> None:
    line = {"file": "a.csv", "format": "csv", "digest": "", "rows_in": 3, "rows_kept": 2, "rows_rejected": 1,
            "cells_rejected": 0, "status": "read", "table": "t", "unit": None, "encoding": None, "reason": None,
            "sheet": None, "header_line": 1, "cells_narrowed": 0, "damage": None, "detail": None}  # fmt: skip
    assert conform("receipt", pl.DataFrame([line], schema_overrides=schema_of("receipt"))).height == 1
    with pytest.raises(Exception, match="every_row_is_accounted_for"):
        conform("receipt", pl.DataFrame([line | {"rows_kept": 1}], schema_overrides=schema_of("receipt")))


@pytest.mark.parametrize("table", FORMS)
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
