"""Results in the forms that pipelines read: cases, JUnit, annotations, exit codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from assessed import FAULTY, HOSTILE, SAMPLES, run
from conftest import HEADER, VISITS

from assess.assessment import Assessment
from assess.pipeline import assess
from assess.ruleset.load import load
from assess.summary.cases import cases
from assess.summary.github import MOST, github
from assess.summary.junit import junit

ROOT = Path(__file__).parent.parent
Write = Callable[..., Path]
Lay = Callable[..., Path]


@pytest.fixture
def faulty(ruleset_file: Write, lay: Lay) -> Assessment:
    return assess(load(ruleset_file()), lay({"visits.csv": FAULTY}))


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Assessment:
    return assess(load(ROOT / f"rulesets/{request.param}.yaml"), ROOT / "samples" / SAMPLES[request.param])


# ---- cases -----------------------------------------------------------------------------------------------------------


def test_every_finding_is_told_in_one_case(sample: Assessment) -> None:
    told = cases(sample.tables, sample.ruleset)
    assert sum(len(case.lines) for case in told) == sample.findings.height
    names = [(case.suite, case.name) for case in told]
    assert len(names) == len(set(names))
    assert {rule["id"] for rule in sample.ruleset["checks"]} <= {name for _, name in names}


# ---- JUnit -----------------------------------------------------------------------------------------------------------

# What the schema of Ant (JUnit.xsd) and that of Jenkins (junit-10.xsd) both allow: attributes, and children in order.
ALLOWED: dict[str, tuple[set[str], str]] = {
    "testsuites": (set(), r"(testsuite )*"),
    "testsuite": (
        {"id", "package", "name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        r"properties (testcase )*system-out system-err ",
    ),
    "testcase": ({"name", "classname", "time"}, r"(skipped |error |failure )?"),
    "failure": ({"message", "type"}, ""),
    "error": ({"message", "type"}, ""),
    "skipped": ({"message"}, ""),
    **dict.fromkeys(("properties", "system-out", "system-err"), (set(), "")),
}  # fmt: skip


def suites(text: str) -> ElementTree.Element:
    """The document, when it is one that either schema allows, and counts right."""
    root = ElementTree.fromstring(text)  # noqa: S314 - made here
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes, element.tag
        assert re.fullmatch(children, "".join(f"{child.tag} " for child in element)), element.tag
    for number, suite in enumerate(root):
        assert suite.get("id") == str(number)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(name) == str(len(list(suite.iter(tag)))), name
    return root


def kinds(root: ElementTree.Element) -> dict[str, str]:
    """Case to what became of it, where that is not a pass."""
    return {case.attrib["name"].split()[0]: case[0].tag for case in root.iter("testcase") if len(case)}


def document(made: Assessment, *fails: str) -> ElementTree.Element:
    return suites(junit(made.tables, made.ruleset, made.manifest, fails))


def test_every_sample_is_a_report_that_both_schemas_allow(sample: Assessment) -> None:
    root = document(sample, "critical", "major")
    assert [suite.attrib["name"].partition(".")[2] for suite in root][-2:] == ["indicators", "intake"]
    assert ("failure" in kinds(root).values()) is (sample.worst() in ("critical", "major"))


@pytest.mark.parametrize(
    ("fails", "red"),
    [((), set()), (("critical",), {"V-SBP"}), (("critical", "major", "minor"), {"V-SBP", "V-DAY", "V-DONE"})],
)
def test_a_case_fails_where_a_fault_is_grave_enough(faulty: Assessment, fails: tuple[str, ...], red: set[str]) -> None:
    root = document(faulty, *fails)
    assert {name for name, kind in kinds(root).items() if kind == "failure"} & {"V-SBP", "V-DAY", "V-DONE"} == red
    noted = "".join(each.text or "" for each in root.iter("system-out"))
    for rule in {"V-SBP", "V-DAY", "V-DONE"} - red:
        assert f"{rule}: " in noted


def test_a_failure_names_unit_counts_and_the_first_place(faulty: Assessment) -> None:
    (failure,) = [
        case[0] for case in document(faulty, "critical").iter("testcase") if case.get("name", "").startswith("V-SBP")
    ]
    assert failure.attrib == {"message": "1 record of 1 unit", "type": "critical"}
    assert failure.text is not None
    assert re.fullmatch(r"critical fail: A.*: 1 of 2 records violate it \(visits\.csv:2\)", failure.text)


def test_a_rule_that_did_not_run_is_an_error_whatever_fails(ruleset_file: Write, lay: Lay) -> None:
    made = assess(load(ruleset_file(("valid: day <= @as_of", "valid: person > 3"))), lay({"visits.csv": VISITS}))
    assert kinds(document(made))["V-DAY"] == "error"


def test_a_rule_that_had_nothing_to_look_at_is_skipped(ruleset_file: Write, lay: Lay) -> None:
    made = assess(load(ruleset_file()), lay({"visits.csv": HEADER + "A,p1,,,1\n"}))
    assert kinds(document(made))["V-SBP"] == "skipped"


def test_text_of_others_stays_text(ruleset_file: Write, lay: Lay) -> None:
    hostile = f'{HOSTILE}]]>&"\x00\x0b\ud800\ufffe\n'
    made = assess(load(ruleset_file(("A tiny ruleset", "<b>"))), lay({"visits.csv": FAULTY}))
    names = made.units.with_columns(name=pl.lit(hostile.replace("\ud800", "")))
    tables = {**made.tables, "units": names}
    text = junit(tables, made.ruleset, made.manifest, {"critical"})
    said = "".join(suites(text).itertext())
    assert "<script>alert(1)</script>" in said
    assert ']]>&"\ufffd\ufffd' in said
    lines = list(github(tables, made.ruleset, {"critical"}))
    assert all(line.startswith("::") and line.isprintable() for line in lines)


# ---- GitHub ----------------------------------------------------------------------------------------------------------


def test_annotations_stand_at_the_first_record_with_the_level_of_the_fault(faulty: Assessment) -> None:
    lines = list(github(faulty.tables, faulty.ruleset, {"critical"}, "data/"))
    assert (
        lines[0]
        == "::error file=data/visits.csv,line=2,title=V-SBP Out of range::1 record of 1 unit. "
        + (lines[0].partition("1 unit. ")[2])
    )
    assert any(
        line.startswith("::warning file=data/visits.csv,line=4,title=V-DAY After the period::") for line in lines
    )
    assert not any(line.startswith("::error") for line in github(faulty.tables, faulty.ruleset, ()))


def test_what_would_end_a_command_is_escaped(faulty: Assessment) -> None:
    title = {"zh": "a", "en": "50%: a, b\r\n::error::x"}
    ruleset = {**faulty.ruleset, "checks": [{**rule, "title": title} for rule in faulty.ruleset["checks"]]}
    line = next(github(faulty.tables, ruleset, {"critical"}))
    assert "title=V-SBP 50%25%3A a%2C b%0D%0A%3A%3Aerror%3A%3Ax::" in line


def test_there_are_no_more_annotations_than_are_shown_and_a_note_of_the_rest(faulty: Assessment) -> None:
    rule = faulty.findings.filter(source="V-SBP")
    many = pl.concat([rule.with_columns(source=pl.lit(f"R{i}"), finding=pl.lit(f"F{i}")) for i in range(25)])
    lines = list(github({**faulty.tables, "findings": many}, faulty.ruleset, {"critical"}))
    assert [line.split()[0] for line in lines] == ["::error"] * MOST + ["::notice"]
    assert lines[-1] == "::notice title=assess::15 more of level error: the report lists all of them"


def test_no_level_has_more_than_ten_with_the_note(sample: Assessment) -> None:
    levels = [line.split()[0] for line in github(sample.tables, sample.ruleset, {"critical"})]
    assert all(levels.count(level) <= MOST for level in levels)


# ---- the commands ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fail_on", ["critical", "major", "minor", "never"])
def test_results_end_as_the_run_did(ruleset_file: Write, lay: Lay, tmp_path: Path, fail_on: str) -> None:
    options = ["--ruleset", ruleset_file(), "--data", lay({"visits.csv": FAULTY}), "--out", tmp_path / "out"]
    ended = run("run", *options, "--fail-on", fail_on)
    again = run("results", tmp_path / "out", "--fail-on", fail_on)
    assert (again.exit_code, again.stdout) == (ended.exit_code, ended.stdout)


@pytest.mark.parametrize("form", ["json", "junit", "github"])
def test_a_run_and_its_directory_tell_the_same(ruleset_file: Write, lay: Lay, tmp_path: Path, form: str) -> None:
    data = lay({"visits.csv": FAULTY})
    options = ["--ruleset", ruleset_file(), "--data", data, "--out", tmp_path / "out", "--lang", "en"]
    said = run("run", *options, "--format", form)
    again = run("results", tmp_path / "out", "--format", form, "--data", data, "--lang", "en")
    assert said.stdout == again.stdout
    to_file = run(
        "results", tmp_path / "out", "--format", form, "--data", data, "--lang", "en", "--output", tmp_path / "f"
    )
    assert (tmp_path / "f").read_text(encoding="utf-8") == said.stdout
    assert "rows in =" in to_file.stdout
    if form == "json":
        assert said.stdout == (tmp_path / "out" / "summary.json").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_said_before_anything_is_done(
    ruleset_file: Write, lay: Lay, tmp_path: Path
) -> None:
    options = ["--ruleset", ruleset_file(), "--data", lay(), "--out", tmp_path / "out"]
    for words, said in (
        (["--format", "junit", "--output", tmp_path / "none" / "f.xml"], "OU001 lies in a folder that does not exist"),
        (["--format", "junit", "--output", tmp_path], "OU001 is a directory"),
        (["--output", tmp_path / "f.txt"], "--output is for --format json, junit or github"),
    ):
        ended = run("run", *options, *words)
        assert ended.exit_code == 2
        assert said in ended.stderr
    assert not (tmp_path / "out").exists()
