"""The command line: exit codes, one clear line for each problem, and results that are whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from conftest import HEADER, UNITS, VISITS

from assess.cli import main
from assess.report import html
from assess.results import Directory

ROOT = Path(__file__).parent.parent
Lay = Callable[..., Path]
Write = Callable[..., Path]


def call(*arguments: object) -> Result:
    """Run the command in this process; what is no error of the command is raised."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines(result: Result) -> list[str]:
    assert "Traceback" not in result.output
    return result.stderr.splitlines()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def run(ruleset_file: Write, lay: Lay, out: Path) -> Callable[..., Result]:
    """`assess run` on the tiny ruleset with some changes, and on some files."""

    def go(*changes: tuple[str, str], files: Any = None, units: Any = UNITS, options: tuple[str, ...] = ()) -> Result:
        data = lay({"visits.csv": VISITS} if files is None else files, units=units)
        return call("run", "--ruleset", ruleset_file(*changes), "--data", data, "--out", out, *options)

    return go


def table(out: Path, name: str) -> pl.DataFrame:
    return Directory.open(out).read(name)


# ---- exit codes ------------------------------------------------------------------------------------------------------


def test_a_sound_submission_ends_with_0_and_leaves_everything(run: Callable[..., Result], out: Path) -> None:
    result = run(options=("--fail-on", "major"))
    assert (result.exit_code, lines(result)) == (0, [])
    assert "3 units, 2 files: 7 rows in = 7 checked + 0 rejected" in result.stdout
    assert f"report: {out / 'index.html'}" in result.stdout
    for name in ("assessment.json", "index.html", "units/A.html", "units/C.html"):
        assert (out / name).is_file(), name
    assert table(out, "awards")["amount_minor"].sum() == 100_000
    given = table(out, "score_parts").group_by("unit").agg(pl.col("given").sum()).sort("unit")
    assert given["given"].to_list() == table(out, "scores").sort("unit")["score"].to_list()


FAULTY = {
    "critical": VISITS.replace("A,p1,120", "A,p1,999"),
    "major": VISITS.replace("B,p3,110,2024-03-03", "B,p3,110,2025-03-03"),
    "minor": VISITS.replace("2024-03-03,是", "2024-03-03,"),
}


@pytest.mark.parametrize("fail_on", ["critical", "major", "minor", "never"])
@pytest.mark.parametrize("severity", FAULTY)
def test_faults_at_or_above_the_bound_end_with_1(run: Callable[..., Result], severity: str, fail_on: str) -> None:
    order = ["critical", "major", "minor"]
    expected = fail_on in order and order.index(severity) <= order.index(fail_on)
    result = run(files={"visits.csv": FAULTY[severity]}, options=("--fail-on", fail_on))
    assert (result.exit_code, lines(result)) == (int(expected), [])


def test_what_is_to_be_verified_is_no_fault(run: Callable[..., Result]) -> None:
    review = ("severity: critical\n    effect: disqualify", "severity: critical\n    effect: review")
    veto = ("rule: V-SBP, above", "rule: V-DONE, above")  # a signal may not veto
    assert run(review, veto, files={"visits.csv": FAULTY["critical"]}).exit_code == 0


USAGE = {
    "no such data": ({"data": "none"}, "data directory does not exist"),
    "a file as data": ({"data": "rules.yaml"}, "data directory is not a directory"),
    "an empty folder": ({"data": "empty"}, "holds no file of any declared table"),
    "no such ruleset": ({"ruleset": "none"}, "RS001 ruleset does not exist"),
    "a directory as ruleset": ({"ruleset": "data"}, "RS001 ruleset is a directory"),
    "an unknown column": ({"ruleset": "wrong.yaml"}, "did you mean 'sbp'?"),
    "other things in the way": ({"out": "mine"}, "exists and is not an assessment directory"),
    "a file in the way": ({"out": "rules.yaml"}, "exists and is not an assessment directory"),
    "results below a file": ({"out": "rules.yaml/x"}, "cannot be made"),
}


@pytest.mark.parametrize(("instead", "says"), USAGE.values(), ids=USAGE)
def test_a_mistake_of_use_ends_with_2_and_one_clear_line(
    tmp_path: Path, ruleset_file: Write, lay: Lay, instead: dict[str, str], says: str
) -> None:
    lay({"visits.csv": VISITS})
    ruleset_file(("column: sbp", "column: spb")).rename(tmp_path / "wrong.yaml")
    ruleset_file()
    for name in ("empty", "mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    before = sorted(tmp_path.rglob("*"))
    places = {"ruleset": "rules.yaml", "data": "data", "out": "out", **instead}
    result = call("run", *(word for name, place in places.items() for word in (f"--{name}", tmp_path / place)))
    assert result.exit_code == 2
    assert [says in line for line in lines(result)] == [True]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["run"], "Missing option"), (["run", "--rulset", "x"], "No such option"), (["rum"], "No such command"),
     (["run", "--ruleset", "x", "--data", "x", "--out", "x", "--lang", "fr"], "'fr' is not one of"),
     (["run", "--ruleset", "x", "--data", "x", "--out", "x", "--fail-on", "info"], "'info' is not one of"),
     (["report", "nowhere"], "is not an assessment directory"), (["explain", "in_rnge"], "did you mean 'in_range'?"),
     (["lint"], "Missing argument"), (["lint", "nowhere.yaml"], "does not exist")],
)  # fmt: skip
def test_a_wrong_option_ends_with_2(arguments: list[str], says: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert says.lower() in lines(result)[-1].lower()


@pytest.mark.parametrize("units", ["", "unit,people\n", "people\n3\n", b"\xff\xfe\0", None], ids=repr)
def test_without_units_it_ends_with_3(run: Callable[..., Result], out: Path, units: Any) -> None:
    result = run(units=units)
    assert result.exit_code == 3
    assert len(lines(result)) == 1
    assert "IN003 no unit in the register 'units'" in result.stderr
    assert not out.exists()


def test_what_the_system_refuses_ends_with_3_and_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    result = run(options=("--store", str(tmp_path / "taken")))
    assert result.exit_code == 3
    assert len(lines(result)) == 1
    assert "taken" in result.stderr


def test_three_mistakes_are_three_lines(ruleset_file: Write, lay: Lay, out: Path) -> None:
    rules = ruleset_file(("column: sbp", "column: spb"), ("min: 60", "mni: 60"), ("rule: V-DAY", "rule: V-DYA"))
    for command in (["lint", rules], ["run", "--ruleset", rules, "--data", lay(), "--out", out]):
        result = call(*command)
        assert result.exit_code == 2
        assert len(lines(result)) == 3
        assert all(line.startswith(f"{rules}:") for line in lines(result))


def test_text_of_others_stays_in_its_line(run: Callable[..., Result]) -> None:
    result = run(units='unit\x1b[2J,"per\nson"\n')
    assert len(lines(result)) == 1
    assert "\x1b" not in result.stderr


# ---- one bad thing stops no other ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [("A/visits.csv", b"\xff\xff\xff"), ("A/visits.xlsx", "not a spreadsheet"), ("A/visits.parquet", b"PAR1"),
     ("A/visits.csv", "unit,sbp\nA,1\n"), ("A/visits.csv", "unit,person\nB,p9\n")],
)  # fmt: skip
def test_one_bad_file_stops_no_other_unit_and_pays_nothing(
    run: Callable[..., Result], out: Path, name: str, content: Any
) -> None:
    good = "unit,person,sbp,day,done\n{0},p,120,2024-03-01,1\n{0},q,120,2024-03-01,1\n"
    files = {name: content, "B/visits.csv": good.format("B"), "C/visits.csv": good.format("C")}
    assert run(files=files, options=("--fail-on", "major")).exit_code == 1
    scores = dict(table(out, "scores").select("unit", "score").rows())
    assert scores["B"] == scores["C"] > (scores["A"] or 0)
    measured = table(out, "measurements").filter(pl.col("rule") == "V-SBP").sort("unit")
    assert measured["status"].to_list() == ["not_submitted", "pass", "pass"]
    assert "A" in table(out, "findings").filter(pl.col("source") == "intake")["unit"].to_list()


def test_a_broken_row_costs_one_row(run: Callable[..., Result], out: Path) -> None:
    result = run(files={"visits.csv": VISITS + "A,p5\nB,p6,1,2,3,4,5,6\n"}, options=("--fail-on", "never"))
    assert "9 rows in = 7 checked + 2 rejected" in result.stdout
    assert table(out, "rejects")["line"].to_list() == [6, 7]


BROKEN = [("valid: day <= @as_of", "valid: person > 3"), ("valid: day <= @as_of", "valid: sbp + 1"),
          ("valid: day <= @as_of", "valid: CAST(person AS DATE) > day")]  # fmt: skip


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: change[1])
def test_a_rule_that_breaks_is_an_error_never_a_pass_and_nothing_is_paid(
    run: Callable[..., Result], out: Path, change: tuple[str, str]
) -> None:
    result = run(change)
    assert result.exit_code == 1
    (said,) = lines(result)
    assert "RS020 'V-DAY' did not run" in said
    assert "allocation refused" in result.stdout
    statuses = dict(table(out, "measurements").group_by("rule").agg(pl.col("status").unique().sort()).rows())
    assert statuses["V-DAY"] == ["error"]
    assert statuses["V-DONE"] == ["pass"]
    found = table(out, "findings").filter(pl.col("source") == "V-DAY").row(0, named=True)
    assert (found["status"], found["severity"], found["reason"]) == ("error", "critical", "broken_rule")
    assert table(out, "awards").is_empty()
    assert table(out, "scores")["score"].to_list() == [None] * 3


def test_a_rule_that_breaks_outside_the_score_stops_no_money(run: Callable[..., Result], out: Path) -> None:
    result = run(("check: not_null\n    column: done", "check: expression\n    valid: person > 3"))
    assert result.exit_code == 1
    assert table(out, "awards")["amount_minor"].sum() == 100_000
    assert table(out, "measurements").filter(pl.col("rule") == "V-DONE")["status"].unique().to_list() == ["error"]


def test_lint_says_before_a_run_which_rule_would_break(ruleset_file: Write) -> None:
    result = call("lint", ruleset_file(BROKEN[0]))
    assert result.exit_code == 2
    assert len(lines(result)) == 1
    assert "RS020 'V-DAY' does not run" in result.stderr


# ---- the same again --------------------------------------------------------------------------------------------------


def digests(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "assessment.json"
    }


def test_two_runs_leave_the_same_bytes_and_the_times_in_one_file(run: Callable[..., Result], out: Path) -> None:
    files = {"visits.csv": FAULTY["major"] + "Z,p,1,,,\nA,p\n", "A/visits-2.csv": HEADER + "A,q,x,,,\n"}
    run(files=files)
    first = digests(out)
    provenance = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    run(files=files)
    again = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    assert digests(out) == first
    for clock in ("started", "finished"):
        assert provenance.pop(clock) <= again.pop(clock)
    assert provenance == again


def test_a_run_from_the_store_leaves_the_same_bytes(run: Callable[..., Result], out: Path, tmp_path: Path) -> None:
    run()
    first = digests(out)
    for _ in range(2):
        run(options=("--store", str(tmp_path / "kept")))
        assert digests(out) == first


def test_reports_can_be_made_again_from_the_tables_alone(run: Callable[..., Result], out: Path, lay: Lay) -> None:
    run(options=("--lang", "en"))
    english = digests(out)
    (lay() / "visits.csv").unlink()
    assert call("report", out, "--lang", "zh").exit_code == 0
    assert digests(out)["index.html"] != english["index.html"]
    assert call("report", out, "--lang", "en").exit_code == 0
    assert digests(out) == english


def test_a_damaged_directory_is_not_reported_on(run: Callable[..., Result], out: Path) -> None:
    run()
    (out / "tables" / "findings.parquet").write_bytes(b"PAR1")
    result = call("report", out)
    assert (result.exit_code, len(lines(result))) == (3, 1)
    assert "findings.parquet" in result.stderr


def test_an_interrupted_run_is_not_taken_for_one_with_findings(
    run: Callable[..., Result], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        assert list(out.parent.glob(".out.partial-*/tables"))
        raise KeyboardInterrupt

    monkeypatch.setattr(html, "render", interrupted)
    result = run()
    assert (result.exit_code, lines(result)) == (130, ["interrupted"])
    assert not list(out.parent.glob("*out*"))


# ---- as a process ----------------------------------------------------------------------------------------------------


def process(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "assess.cli", *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_killed_run_leaves_nothing_that_looks_whole_and_the_next_one_is_whole(
    ruleset_file: Write, lay: Lay, out: Path
) -> None:
    data = lay({"visits.csv": VISITS})
    arguments = ("run", "--ruleset", ruleset_file(), "--data", data, "--out", out)
    with process(*arguments) as running:
        # It is killed at the first sign of results, while they are being written.
        while running.poll() is None and not any(out.parent.glob(".out.partial-*/*")):
            os.sched_yield()
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not out.exists()
    with process(*arguments) as again:
        again.communicate()
    assert again.returncode == 0
    assert Directory.open(out).manifest["counts"]["units"] == 3


def test_errors_go_to_stderr_and_results_to_stdout(ruleset_file: Write, tmp_path: Path, out: Path) -> None:
    with process("run", "--ruleset", ruleset_file(), "--data", tmp_path / "none", "--out", out) as running:
        stdout, stderr = running.communicate()
    assert (running.returncode, stdout, stderr.count("\n")) == (2, "", 1)
    assert "Traceback" not in stderr


def test_the_schema_is_printed_as_json() -> None:
    result = call("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"].startswith("https://json-schema.org/")


def test_a_fault_of_the_program_is_one_line_and_never_looks_like_findings(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise TypeError("planted")

    monkeypatch.setattr(html, "render", faulty)
    result = run()
    assert result.exit_code == 3
    assert [line.split()[0] for line in lines(result)] == ["CL001"]
    assert "planted" in lines(result)[0]


def test_what_was_not_taken_is_said_in_one_line_each_with_its_place(run: Callable[..., Result]) -> None:
    files: dict[str, Any] = {
        "visits.csv": HEADER + "A,1,120,,,\nA,2\nA,3,many,,,\nA,4,lots,,,\nNOBODY,5,120,,,\n",
        "visits-2.xlsx": b"no workbook",
        "vizits.csv": HEADER,
    }
    result = run(files=files)
    assert [line.split(" (")[0] for line in lines(result)] == [
        "visits-2.xlsx: IN004 file rejected: this is no XLSX file",
        "vizits.csv: IN007 warning: file left out: no table of that name is declared",
        "visits.csv:3: IN005 row rejected: there are more or fewer fields than columns",
        "visits.csv:6: IN005 row rejected: the unit is not in the register",
        "visits.csv:4: IN006 cell of column 'sbp' cannot be read as integer, and in 1 more",
    ]
    assert "did you mean 'visits'" in lines(result)[1]
