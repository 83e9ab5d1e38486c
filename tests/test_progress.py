"""What a command shows of its work: bars on a terminal, nothing in a pipe, lines for machines, and where time went."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import VISITS

from assess.cli import main
from assess.progress import Stage, listening, stage

Lay = Callable[..., Path]
Write = Callable[..., Path]
STAGES = ["ruleset", "intake", "dry run", "checks", "regainable", "evidence", "conclusions", "tables", "reports"]


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begun(self, stage: Stage) -> None:
        self.said.append(f"{stage.name} begins, {stage.total} to do")

    def advanced(self, stage: Stage, amount: int) -> None:
        self.said.append(f"{amount} more: {stage.done} of {stage.total}, {stage.rows} rows")

    def ended(self, stage: Stage) -> None:
        self.said.append(f"{stage.name} ends")


@pytest.fixture
def job(ruleset_file: Write, lay: Lay, tmp_path: Path) -> list[str]:
    """A command that assesses the tiny submissions, and ends with 0."""
    data = lay({"visits.csv": VISITS})
    out = ["--out", str(tmp_path / "out"), "--fail-on", "never"]
    return ["run", "--ruleset", str(ruleset_file()), "--data", str(data), *out]


# ---- the mechanism ---------------------------------------------------------------------------------------------------


def test_who_listens_is_told_of_every_stage() -> None:
    told, also = Told(), Told()
    with listening(told, also), stage("reading", 3) as now:
        now.advance(1, rows=10)
        now.advance(2, rows=5, part="the rest")
    assert told.said == also.said == [
        "reading begins, 3 to do", "1 more: 1 of 3, 10 rows", "2 more: 3 of 3, 15 rows", "reading ends",
    ]  # fmt: skip
    assert [(part.name, part.rows) for part in now.parts] == [("the rest", 5)]
    assert 0 < now.parts[0].seconds < now.seconds


def test_without_anybody_a_stage_says_nothing() -> None:
    told = Told()
    with listening(told):
        pass
    with stage("reading", 1) as now:
        now.advance(1)
    assert told.said == []


def test_a_stage_that_breaks_is_over(tmp_path: Path) -> None:
    told = Told()
    with pytest.raises(FileNotFoundError), listening(told), stage("reading") as now:
        (tmp_path / "none").read_bytes()
    assert told.said == ["reading begins, 0 to do", "reading ends"]
    assert not now.complete


# ---- for machines ----------------------------------------------------------------------------------------------------


def test_lines_for_machines_are_json_one_for_each_stage(job: list[str]) -> None:
    done = CliRunner().invoke(main, [*job, "--log-format", "json"])
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    stages = [line for line in lines if "stage" in line]
    assert [line["stage"] for line in stages] == STAGES
    assert all(set(line) >= {"stage", "seconds", "rows", "peak_bytes", "complete"} for line in stages)
    intake, checks = stages[1], stages[3]
    assert intake["rows"] == sum(part["rows"] for part in checks["parts"]) == checks["rows"] > 0
    assert {part["part"] for part in checks["parts"]} == {"units", "visits"}
    assert [line["peak_bytes"] for line in stages] == sorted(line["peak_bytes"] for line in stages)
    assert "report: " in done.stdout


def test_problems_are_json_too(job: list[str], tmp_path: Path, lay: Lay) -> None:
    lay({"visits.csv": VISITS.replace("2024-03-01", "soon")})
    done = CliRunner().invoke(main, [*job, "--log-format", "json"])
    problems = [json.loads(line)["problem"] for line in done.stderr.splitlines() if '"problem"' in line]
    assert [(problem["code"], problem["file"]) for problem in problems] == [("IN006", "visits.csv")]
    refused = CliRunner().invoke(main, [*job[:4], str(tmp_path / "none"), *job[5:], "--log-format", "json"])
    assert refused.exit_code == 2
    assert json.loads(refused.stderr.splitlines()[-1])["problem"]["code"] == "IN001"


# ---- where time went -------------------------------------------------------------------------------------------------


def test_a_profile_says_where_time_went(job: list[str]) -> None:
    done = CliRunner().invoke(main, [*job, "--profile"])
    found = re.findall(r"^( *\w[\w ]*?) +([0-9.]+) s(?: +([0-9,]+) rows)?", done.stderr, re.MULTILINE)
    assert [name for name, _, _ in found] == [*STAGES[:4], "  units", "  visits", *STAGES[4:], "elsewhere", "in all"]
    seconds = {name: float(spent) for name, spent, _ in found}
    whole = seconds.pop("in all")
    stages = [spent for name, spent in seconds.items() if not name.startswith(" ")]
    assert sum(stages) == pytest.approx(whole, abs=0.01 * len(stages))
    assert CliRunner().invoke(main, job).stderr == ""


# ---- a terminal, and a pipe ------------------------------------------------------------------------------------------


def seen_on_a_terminal(command: list[str]) -> str:
    """What a command writes to a terminal of 100 columns on stderr."""
    import pty  # where there are no such terminals, this test is left out

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assess.cli", *command], stdout=subprocess.DEVNULL, stderr=theirs,
        env=os.environ | {"COLUMNS": "100", "TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        said += more
    assert process.wait() == 0
    os.close(ours)
    return said.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_on_a_terminal_every_stage_has_a_bar(job: list[str]) -> None:
    lines = [line.split("\r")[-1] for line in seen_on_a_terminal(job).splitlines()]
    bars = [line for line in lines if "100%" in line]
    names = [re.sub(r"\x1b\[[?0-9]*[a-zA-Z]", "", line).split("[")[0].strip() for line in bars]
    assert names == STAGES
    assert re.search(r"100%.* 7 rows", bars[1])


def test_in_a_pipe_there_are_no_bars(job: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", "assess.cli", *job], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "%" not in done.stdout
