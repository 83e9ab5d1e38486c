"""The package from Python: the same assessment as on the command line, typed, with every problem in its exceptions."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import polars as pl
import pytest
from click.testing import CliRunner
from conftest import UNITS, VISITS
from nbclient import NotebookClient
from polars.testing import assert_frame_equal

import assess
from assess.assessment import _Table
from assess.cli import main
from assess.results import TABLES, Directory

ROOT = Path(__file__).parent.parent
Write = Callable[..., Path]
Lay = Callable[..., Path]


@pytest.fixture
def made(ruleset_file: Write, lay: Lay) -> assess.Assessment:
    return assess.run(ruleset_file(), lay({"visits.csv": VISITS}), command="assess run")


def frames(visits: str = VISITS) -> dict[str, pl.DataFrame]:
    """The submissions as text in frames, as a program that read CSV by itself would have them."""
    texts = {"units": UNITS, "visits": visits}
    return {name: pl.read_csv(io.StringIO(text), infer_schema=False) for name, text in texts.items()}


# ---- what there is ---------------------------------------------------------------------------------------------------


def test_every_table_is_an_attribute(made: assess.Assessment) -> None:
    assert {name for name, what in vars(assess.Assessment).items() if isinstance(what, _Table)} == set(TABLES)
    assert all(getattr(made, name) is made.tables[name] for name in TABLES)


def test_every_name_of_the_package_is_there_and_others_are_not() -> None:
    assert all(getattr(assess, name) is not None for name in assess.__all__)
    assert set(assess.__all__) <= set(dir(assess))
    with pytest.raises(AttributeError, match="rum"):
        assess.rum  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, assess; print('polars' in sys.modules, 'assess.api' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False", "False"]


def test_types_are_there_for_who_checks_them(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(
        "import assess\n"
        "made = assess.run('rules.yaml', 'data', parameters={'share': 0.5})\n"
        "reveal_type(made.scores)\n"
        "reveal_type(made.summary.units[0].score)\n"
        "made.score\n"
        "assess.run('rules.yaml', 3)\n",
        encoding="utf-8",
    )
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--follow-imports", "silent", "theirs.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"MYPYPATH": str(ROOT), "PATH": "", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert 'theirs.py:3: note: Revealed type is "polars.dataframe.frame.DataFrame"' in ended.stdout, ended.stdout
    assert 'theirs.py:4: note: Revealed type is "float | None"' in ended.stdout
    assert 'theirs.py:5: error: "Assessment" has no attribute "score"' in ended.stdout
    assert "theirs.py:6: error" in ended.stdout
    assert "Found 2 errors" in ended.stdout


# ---- the same as on the command line ---------------------------------------------------------------------------------


def digests(out: Path) -> Any:
    return {name: table["sha256"] for name, table in Directory.open(out).manifest["tables"].items()}


def test_it_makes_the_tables_of_the_command_line_byte_for_byte(ruleset_file: Write, lay: Lay, tmp_path: Path) -> None:
    rules, data = ruleset_file(), lay({"visits.csv": VISITS})
    options = ["--ruleset", str(rules), "--data", str(data), "--out", str(tmp_path / "a"), "--lang", "en"]
    assert CliRunner().invoke(main, ["run", *options, "--set", "per_capita=7"]).exit_code == 0
    made = assess.run(str(rules), str(data), parameters={"per_capita": 7})
    assert made.report(tmp_path / "b", "en") == tmp_path / "b" / "index.html"
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert made.manifest["parameters"] == {"per_capita": 7}
    assert (tmp_path / "a" / "summary.json").read_bytes() == (tmp_path / "b" / "summary.json").read_bytes()
    names = [{path.name for path in (tmp_path / side).rglob("*")} for side in "ab"]
    assert names[0] == names[1]


def test_a_ruleset_may_be_a_built_in_name() -> None:
    made = assess.run("reported-figures", ROOT / "samples/reported-figures")
    assert made.worst() == "critical"
    assert repr(made) == "<Assessment by reported-figures 2024.1: 8 units, 73 rows, 8 faults>"


def test_the_example_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    exec(code, {})  # noqa: S102 - an example of the documents
    assert (tmp_path / "out" / "index.html").is_file()


def test_what_is_written_is_read_back(made: assess.Assessment, tmp_path: Path) -> None:
    assert made.write(tmp_path / "out") == tmp_path / "out"
    again = assess.read(tmp_path / "out")
    assert list(again.tables) == list(TABLES)
    assert len(again.tables) == len(TABLES)
    for name in TABLES:
        assert_frame_equal(again.tables[name], made.tables[name].select(again.tables[name].columns), check_dtypes=False)
    assert again.summary == made.summary
    assert again.problems() == made.problems()
    assert again.scores is again.scores
    with pytest.raises(KeyError):
        again.tables["grades"]


def test_a_report_beside_its_tables_leaves_them_alone(made: assess.Assessment, tmp_path: Path) -> None:
    made.write(tmp_path / "out")
    (tmp_path / "out" / "note.txt").write_text("mine", encoding="utf-8")
    before = (tmp_path / "out" / "assessment.json").read_bytes()
    assess.read(tmp_path / "out").report(tmp_path / "out", "en", theme="print")
    assert (tmp_path / "out" / "index.html").is_file()
    assert (tmp_path / "out" / "note.txt").is_file()
    assert (tmp_path / "out" / "assessment.json").read_bytes() == before
    assess.read(tmp_path / "out").report(tmp_path / "copy")
    assert digests(tmp_path / "copy") == digests(tmp_path / "out")


def test_an_earlier_assessment_is_compared_with(made: assess.Assessment, ruleset_file: Write, tmp_path: Path) -> None:
    made.write(tmp_path / "before")
    later = assess.run(ruleset_file(), tmp_path / "data", previous=tmp_path / "before", store=str(tmp_path / "store"))
    assert later.indicators["change"].drop_nulls().to_list() == [0.0] * later.indicators.height
    assert list((tmp_path / "store").iterdir())


# ---- frames as submissions -------------------------------------------------------------------------------------------


def test_frames_are_assessed_as_files_are(ruleset_file: Write, lay: Lay) -> None:
    visits = VISITS.replace("2024-03-03", "soon")
    by_files = assess.run(ruleset_file(), lay({"visits.csv": visits}))
    by_frames = assess.run(ruleset_file(), frames(visits))
    where = ["receipt", "rejects", "evidence"]  # name the files
    for name in set(TABLES) - {*where, "findings", "marks"}:
        assert_frame_equal(by_frames.tables[name], by_files.tables[name])
    assert by_frames.rejects.select("table", "unit", "column", "reason", "raw").equals(
        by_files.rejects.select("table", "unit", "column", "reason", "raw")
    )
    assert by_frames.receipt.select("table", "rows_in", "rows_kept", "status").sort("table").equals(
        by_files.receipt.select("table", "rows_in", "rows_kept", "status").sort("table")
    )  # fmt: skip


def test_types_of_a_frame_are_kept_and_what_has_none_is_rejected(ruleset_file: Write) -> None:
    given = frames()
    typed = given["visits"].with_columns(pl.col("sbp").cast(pl.Int32), pl.col("day").str.to_date())
    made = assess.run(ruleset_file(), given | {"visits": typed})
    assert made.measurements.equals(assess.run(ruleset_file(), given).measurements)
    nested = assess.run(ruleset_file(), given | {"visits": typed.with_columns(sbp=pl.concat_list("sbp"))})
    assert nested.receipt.filter(table="visits").select("status", "reason").row(0) == ("rejected", "nested_columns")


# ---- what cannot be done ---------------------------------------------------------------------------------------------


def test_what_is_no_submission_is_refused_all_at_once(ruleset_file: Write) -> None:
    given: dict[str, Any] = frames()
    objects = pl.DataFrame({"unit": ["A"], "people": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(assess.UsageError) as refused:
        assess.run(ruleset_file(), {"visit": given["visits"], "visits": given["visits"].lazy(), "units": objects})
    said = [(problem.code, problem.message, problem.hint) for problem in refused.value.problems]
    assert said == [
        ("PY002", "data: the ruleset declares no table 'visit'", "did you mean 'visits'?"),
        ("PY003", "data: 'visits' is a LazyFrame and no polars DataFrame",
         "collect() a LazyFrame; pl.from_pandas() takes another"),
        ("PY003", "data: column 'people' of 'units' holds Python objects", "give it a type of Polars"),
    ]  # fmt: skip


def test_every_mistake_of_a_ruleset_is_in_the_exception(ruleset_file: Write, lay: Lay) -> None:
    with pytest.raises(assess.RulesetError) as refused:
        assess.run(ruleset_file(("column: sbp", "column: spb"), ("min: 60", "mni: 60")), lay())
    assert {problem.code for problem in refused.value.problems} == {"RS003", "RS011"}


@pytest.mark.parametrize("value", ["many", dt.date(2024, 1, 1), True])
def test_a_parameter_is_of_its_type(ruleset_file: Write, value: Any) -> None:
    with pytest.raises(assess.UsageError, match="ST002"):
        assess.load(ruleset_file(), {"per_capita": value})


def test_a_loaded_ruleset_has_its_parameters(ruleset_file: Write, lay: Lay) -> None:
    loaded = assess.load(ruleset_file(), {"per_capita": 7})
    assert assess.run(loaded, lay()).manifest["parameters"] == {"per_capita": 7}
    with pytest.raises(assess.UsageError, match="PY001"):
        assess.run(loaded, lay(), parameters={"per_capita": 8})


def test_without_units_nobody_is_assessed(ruleset_file: Write) -> None:
    with pytest.raises(assess.NotAssessedError, match="IN003"):
        assess.run(ruleset_file(), frames() | {"units": pl.DataFrame({"unit": [], "people": []})})


def test_what_is_no_assessment_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(assess.UsageError, match="AD001"):
        assess.read(tmp_path)


# ---- the notebook ----------------------------------------------------------------------------------------------------


def test_the_notebook_runs_and_holds_no_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / "docs/api.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    here = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, kernel_name="python3", timeout=120, resources=here).execute()
    said = json.dumps([cell.outputs for cell in cells])
    assert "<Assessment by visits 1: 2 units, 8 rows, 3 faults>" in said
    assert "PY002 data: the ruleset declares no table" in said
    assert (tmp_path / "out" / "index.html").is_file()
