"""Tables for other tools, and the documents that say how to read them: every example runs."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import fastexcel
import polars as pl
import pytest
from assessed import FAULTY, HOSTILE, assessed, run

from assess.assessment import read
from assess.cli import main
from assess.pipeline import assess
from assess.report.titles import visible
from assess.results import TABLES, Directory, schema_of
from assess.ruleset.load import load
from assess.summary import json_schema

ROOT = Path(__file__).parent.parent
Write = Callable[..., Path]
Lay = Callable[..., Path]


@pytest.fixture
def out(ruleset_file: Write, lay: Lay, tmp_path: Path) -> Path:
    return assessed(ruleset_file(), lay({"visits.csv": FAULTY}), tmp_path / "out")


# ---- tables for other tools ------------------------------------------------------------------------------------------


@pytest.fixture
def hostile(out: Path) -> Path:
    """An assessment directory in which the name of a unit is a formula."""
    units = Directory.open(out).read("units").with_columns(name=pl.lit(HOSTILE))
    units.write_parquet(out / "tables" / "units.parquet")
    return out


def test_csv_holds_every_row_and_no_formula(hostile: Path, tmp_path: Path) -> None:
    ended = run("tables", hostile, "--out", tmp_path / "csv")
    assert ended.stdout == f"{len(TABLES)} files in {tmp_path / 'csv'}\n"
    for name in TABLES:
        frame = Directory.open(hostile).read(name)
        with (tmp_path / "csv" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file)
        assert head == frame.columns
        assert len(rows) == frame.height
        texts = [place for place, dtype in enumerate(schema_of(name).values()) if dtype == pl.String]
        assert not any(row[place].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for place in texts)
    with (tmp_path / "csv" / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["name"] for row in csv.DictReader(file)} == {"'" + HOSTILE}


def test_a_workbook_holds_a_sheet_for_each_table_and_text_as_text(hostile: Path, tmp_path: Path) -> None:
    assert run("tables", hostile, "--out", tmp_path / "x", "--format", "xlsx").exit_code == 0
    path = tmp_path / "x" / "tables.xlsx"
    book = fastexcel.read_excel(path)
    assert book.sheet_names == list(TABLES)
    for name in TABLES:
        frame, sheet = Directory.open(hostile).read(name), book.load_sheet(name)
        assert ([column.name for column in sheet.available_columns()], sheet.height) == (frame.columns, frame.height)
    assert set(book.load_sheet("units").to_polars()["name"]) == {visible(HOSTILE)}
    scores = Directory.open(hostile).read("scores")["score"].cast(pl.Float64)
    assert book.load_sheet("scores").to_polars()["score"].equals(scores)
    with zipfile.ZipFile(path) as packed:
        assert not [name for name in packed.namelist() if b"<f>" in packed.read(name)]
    one, two = tmp_path / "x" / "tables.xlsx", tmp_path / "y" / "tables.xlsx"
    run("tables", hostile, "--out", tmp_path / "y", "--format", "xlsx")
    assert one.read_bytes() == two.read_bytes()


def test_some_tables_alone_and_an_earlier_export_is_replaced(out: Path, tmp_path: Path) -> None:
    place = tmp_path / "some"
    run("tables", out, "--out", place)
    assert run("tables", out, "--out", place, "--table", "scores", "--table", "units").stdout == f"2 files in {place}\n"
    assert {path.name for path in place.iterdir()} == {"scores.csv", "units.csv", "tables.json"}
    wrong = run("tables", out, "--out", place, "--table", "score", "--table", "unit")
    assert wrong.exit_code == 2
    assert ["TB001" in line for line in wrong.stderr.splitlines()] == [True, True]
    assert "did you mean 'scores'?" in wrong.stderr
    (place / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert "AD003 holds other things" in run("tables", out, "--out", place).stderr


# ---- the documents ---------------------------------------------------------------------------------------------------


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_tables", ROOT / "docs/make_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_the_tables_is_made_of_their_declarations() -> None:
    page, made = (ROOT / "docs/tables.md").read_text(encoding="utf-8"), maker()
    assert page == made.page(), "python docs/make_tables.py"
    assert (ROOT / "docs/summary.schema.json").read_text(encoding="utf-8") == made.schema()
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert all(column.name in rows for form in TABLES.values() for column in form.columns())


RESULTS = (ROOT / "docs/results.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", RESULTS, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `out` is the assessment of the sample province."""
    folder = tmp_path_factory.mktemp("province")
    assess(load(ROOT / "rulesets/bphs-2024.yaml"), ROOT / "samples/province").write(folder / "out")
    return folder


@pytest.mark.parametrize("query", examples("sql"))
def test_the_queries_for_duckdb_find_something(query: str, province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(province)
    assert duckdb.connect().execute(query).fetchall()


def test_the_steps_of_an_award_add_up_in_duckdb(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(province)
    (query,) = [each for each in examples("sql") if "so_far" in each]
    last = {(unit, pool): so_far for unit, pool, *_, so_far in duckdb.connect().execute(query).fetchall()}
    awards = read("out").pool_awards.select("unit", "pool", "amount").rows()
    assert last == {(unit, pool): amount for unit, pool, amount in awards}


@pytest.mark.parametrize("code", examples("python"), ids=["pandas", "polars"])
def test_the_examples_in_python_give_rates_of_every_unit(
    code: str, province: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "pandas" in code:
        pytest.importorskip("pyarrow", reason="pandas reads Parquet with pyarrow")
    monkeypatch.chdir(province)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - an example of the documents
    units = read("out").units.height
    rates = names["rates"]
    assert (rates["unit"].n_unique() if isinstance(rates, pl.DataFrame) else len(rates)) == units


def test_the_examples_for_power_query_name_columns_that_are_there() -> None:
    (code,) = examples("m")
    tables = {name: set(schema_of(name)) for name in re.findall(r"(\w+)\.parquet", code)}
    named = {word for words in re.findall(r"\{([^{}]*)\}", code) for word in re.findall(r'"(\w+)"', words)}
    assert set(tables) == {"scores", "units"}
    assert named <= set.union(*tables.values())


def test_the_example_of_the_summary_fits_its_schema() -> None:
    (text,) = examples("json")
    shown, properties = json.loads(text), json_schema()["properties"]
    assert set(shown) <= set(properties)
    made = assess(load(ROOT / "rulesets/reported-figures.yaml"), ROOT / "samples/reported-figures").summary
    said = made.model_dump(mode="json")
    assert shown["implausible"][0] in said["implausible"]
    assert shown["findings"].items() <= said["findings"].items()


def test_the_commands_of_the_page_exist() -> None:
    for line in re.findall(r"assess (\w+) [^`\n]*--", RESULTS):
        assert line in main.commands
    for command, option in re.findall(r"`assess (\w+)[^`]*? (--[a-z-]+)", RESULTS):
        assert option in {name for each in main.commands[command].params for name in each.opts}
