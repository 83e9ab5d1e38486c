"""The second opinion: Great Expectations counts the rules again, and whoever counts otherwise is found out."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from assessed import assessed
from click.testing import CliRunner, Result
from conftest import HEADER, VISITS

from assess.assessment import read
from assess.checks import REGISTRY, Profile
from assess.checks.cases import Case, cases
from assess.checks.plausibility import InRange
from assess.checks.uniqueness import Repetition
from assess.cli import main
from assess.crosscheck.beside import Beside, chosen
from assess.crosscheck.compare import sample
from assess.crosscheck.conditions import truth
from assess.crosscheck.engine import Engine, quietly
from assess.crosscheck.errors import InexpressibleError
from assess.crosscheck.frames import Sampled, pandas_frame
from assess.crosscheck.translation import say, translated
from assess.crosscheck.words import On, Said
from assess.replay.verify import verify
from assess.report.tables import write
from assess.results import Directory
from assess.ruleset.spec import Rule, Ruleset

ROOT = Path(__file__).parent.parent
PROVINCE = ROOT / "samples" / "province"
BPHS = ROOT / "rulesets" / "bphs-2024.yaml"
# What no expectation says, by the reason that is given.
BESIDE_PEERS = {"VIS-HEAPING", "VIS-SPREAD", "VAC-PUNCTUAL"}
BESIDE_EARLIER = {"RES-CHANGE"}


def crosscheck(out: Path, ruleset: Path, data: Path, *more: str) -> Result:
    command = ["crosscheck", str(out), "--ruleset", str(ruleset), "--data", str(data), *more]
    return CliRunner().invoke(main, command)


def table(out: Path) -> dict[str, dict[str, Any]]:
    return {row["rule"]: row for row in Directory.open(out).read("crosscheck").rows(named=True)}


# --- the sample province


@pytest.fixture(scope="module")
def province_checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = assessed(BPHS, PROVINCE, tmp_path_factory.mktemp("crosscheck") / "out")
    return out, crosscheck(out, BPHS, PROVINCE)


def test_on_the_province_every_expressible_rule_agrees(province_checked: tuple[Path, Result]) -> None:
    out, ended = province_checked
    assert ended.exit_code == 0, ended.output
    found = table(out)
    inexpressible = {rule for rule, row in found.items() if row["status"] == "not_expressible"}
    assert inexpressible == BESIDE_PEERS | BESIDE_EARLIER
    assert {row["status"] for rule, row in found.items() if rule not in inexpressible} == {"agrees"}
    assert all(row["reason"] for rule, row in found.items() if rule in inexpressible)
    assert sum(row["violated_there"] or 0 for row in found.values()) > 1000, "there is something to agree on"


def test_what_is_not_expressible_is_said_on_the_terminal_as_well(province_checked: tuple[Path, Result]) -> None:
    _, ended = province_checked
    said = [line for line in ended.output.splitlines() if line.startswith("not expressible: ")]
    assert {line.split(": ")[1] for line in said} == BESIDE_PEERS | BESIDE_EARLIER


def test_a_sample_is_counted_but_rules_that_compare_records_see_all(province_checked: tuple[Path, Result]) -> None:
    found = table(province_checked[0])
    assert (found["HTN-SBP"]["units"], found["HTN-DUP"]["units"]) == (20, 24)
    assert found["HTN-SBP"]["applicable"] < found["HTN-DUP"]["applicable"]


def test_what_was_counted_how_is_told_apart(province_checked: tuple[Path, Result]) -> None:
    found = table(province_checked[0])
    assert {rule: found[rule]["how"] for rule in ("HTN-SBP", "HTN-RESIDENT", "HTN-ID")} == {
        "HTN-SBP": "native", "HTN-RESIDENT": "derived", "HTN-ID": "predicate",
    }  # fmt: skip
    assert found["HTN-BP-ORDER"]["expectation"] == "ExpectTableRowCountToEqual"


def test_verify_takes_the_second_opinion_for_a_part_of_the_assessment(province_checked: tuple[Path, Result]) -> None:
    assert verify(province_checked[0]) == []


@pytest.mark.parametrize(("lang", "words"), [("zh", "140 条规则中 136 条一致"), ("en", "136 of 140 rules agree")])
def test_the_index_tells_of_it(province_checked: tuple[Path, Result], lang: str, words: str, tmp_path: Path) -> None:
    from assess.report.html import render

    out, _ = province_checked
    copy = tmp_path / "copy"
    shutil.copytree(out, copy)
    render(copy, lang)
    page = (copy / "index.html").read_text(encoding="utf-8")
    assert words in page
    assert "RES-CHANGE" in page.split(words)[1][:1000]


# --- who counts otherwise is found out

RULES = (
    "checks:\n",
    """\
checks:
  - {id: V-ONCE, table: visits, check: unique, columns: [person, day], title: once}
""",
)
EDGES = f"{HEADER}A,p1,60,2024-03-01,是,60.5\nA,p1,60,2024-03-01,是,\nB,p3,300,2024-03-03,是,71\nC,p4,,2024-03-04,否,\n"


def _excludes_the_bounds(check: InRange) -> pl.Expr:
    return pl.col(check.column).is_between(check.min, check.max, closed="none")


def _takes_one_for_the_true_one(check: Repetition) -> pl.Expr:
    return pl.struct(check.columns_).is_first_distinct()


@pytest.mark.parametrize(
    ("kind", "wrong", "rule"),
    [(InRange, _excludes_the_bounds, "V-SBP"), (Repetition, _takes_one_for_the_true_one, "V-ONCE")],
)
def test_a_wrong_comparison_in_a_kind_makes_it_fail(
    kind: Any, wrong: Any, rule: str, ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ruleset, data = ruleset_file(RULES), lay({"visits.csv": EDGES})
    right = assessed(ruleset, data, tmp_path / "right")
    assert crosscheck(right, ruleset, data).exit_code == 0
    # The fault stays in while the other engine counts: it must not run our predicate.
    monkeypatch.setattr(kind, "valid", wrong)
    monkeypatch.setattr(kind, "compared", lambda _: ())
    out = assessed(ruleset, data, tmp_path / "wrong")
    ended = crosscheck(out, ruleset, data)
    assert ended.exit_code == 1
    found = table(out)
    assert {each for each, row in found.items() if row["status"] == "differs"} == {rule}
    assert f"differs: {rule}: {found[rule]['violated']} of {found[rule]['applicable']}" in ended.output
    assert "visits.csv:" in ended.output, "it says which record"


def _column_that_is_not_there(ruleset: Ruleset, rule: Rule) -> Said:
    said = translated(ruleset, rule)
    return replace(said, given={**said.given, "column": "nowhere"}) if rule.id == "V-SBP" else said


def _column_that_cannot_be_made(ruleset: Ruleset, rule: Rule) -> Said:
    def made(*_: Any) -> Any:
        raise ValueError("cannot be made")

    said = translated(ruleset, rule)
    return replace(said, beside=(Beside(("_x",), made),)) if rule.id == "V-SBP" else said


@pytest.mark.parametrize(
    ("breaks", "reason"), [(_column_that_is_not_there, "nowhere"), (_column_that_cannot_be_made, "cannot be made")]
)
def test_where_the_other_engine_breaks_nothing_is_agreed_and_the_rest_goes_on(
    breaks: Any, reason: str, ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    monkeypatch.setattr("assess.crosscheck.engine.translated", breaks)
    ended = crosscheck(out, ruleset, data)
    assert ended.exit_code == 3
    found = table(out)
    assert {rule for rule, row in found.items() if row["status"] == "failed"} == {"V-SBP"}
    assert {row["status"] for rule, row in found.items() if rule != "V-SBP"} == {"agrees"}
    assert reason in found["V-SBP"]["reason"]
    assert "failed: V-SBP: " in ended.output


def test_equal_counts_of_other_records_differ(
    ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS.replace("120", "20")})
    out = assessed(ruleset, data, tmp_path / "out")
    directory = Directory.open(out)
    evidence = directory.read("evidence").with_columns(row=pl.col("row") + 1)
    evidence.write_parquet(directory.tables / "evidence.parquet")
    ended = crosscheck(out, ruleset, data)
    assert ended.exit_code == 1
    assert table(out)["V-SBP"]["reason"] == (
        "1 only in the assessment: visits.csv:3; 1 only in Great Expectations: visits.csv:2"
    )


# --- which units, and of which assessment


def test_the_sample_hangs_on_the_seed_alone_and_grows() -> None:
    units = [f"u{number}" for number in range(50)]
    assert sample(units, 5, 1) == sample(reversed(units), 5, 1) != sample(units, 5, 2)
    assert set(sample(units, 5, 1)) < set(sample(units, 20, 1))
    assert sample(units, 100, 1) == sorted(units)


def test_another_ruleset_or_other_submissions_are_refused(
    ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (data / "visits.csv").write_text(VISITS.replace("120", "121"), encoding="utf-8")
    ended = crosscheck(out, ruleset, data)
    assert ended.exit_code == 2
    assert "AD006 does not hold the submissions" in ended.output
    assert "visits.csv: AD006 has another digest" in ended.output
    ended = crosscheck(out, ruleset_file(("max: 300", "max: 301")), data)
    assert ended.exit_code == 2
    assert "AD006 is not the ruleset" in ended.output
    ended = crosscheck(out, ruleset_file(), data, "--set", "per_capita=95")
    assert ended.exit_code == 2
    assert "other values of parameters" in ended.output
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_rule_that_did_not_run_is_not_expressible_and_not_agreed(
    ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset, data = ruleset_file(("valid: day <= @as_of", "valid: day + 1 > 'x'")), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    assert crosscheck(out, ruleset, data).exit_code == 0
    assert table(out)["V-DAY"]["reason"].startswith("the rule did not run: ")


def test_a_second_opinion_is_kept_and_handed_on_like_any_table(
    ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    assert "crosscheck" not in read(out).tables
    assert crosscheck(out, ruleset, data, "--units", "2").exit_code == 0
    again = read(out)
    again.write(tmp_path / "again")
    assert read(tmp_path / "again").tables["crosscheck"].equals(again.tables["crosscheck"])
    assert verify(tmp_path / "again") == []
    assert [path.name for path in write(out, tmp_path / "csv", "csv", ["crosscheck"])] == ["crosscheck.csv"]


def test_a_second_opinion_that_was_changed_is_found_by_verify(
    ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path
) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    assert crosscheck(out, ruleset, data, "--units", "2").exit_code == 0
    assert verify(out) == []
    directory = Directory.open(out)
    told, said = directory.read("crosscheck"), directory.manifest["crosscheck"]
    lower = told.with_columns(pl.col("applicable", "applicable_there") + 1)
    lower.write_parquet(directory.tables / "crosscheck.parquet")
    assert {problem.code for problem in verify(out)} == {"AD004", "AD005"}
    directory.add("crosscheck", lower, said)
    assert {problem.code for problem in verify(out)} == {"AD005"}
    directory.add("crosscheck", told, {**said, "agrees": 0, "differs": 1})
    assert "crosscheck.agrees" in " ".join(problem.message for problem in verify(out))


def test_nothing_is_sent_anywhere(ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    code = (
        "import socket\n"
        "def refuse(*_, **__): raise SystemExit('the network was asked for')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
        "from assess.cli import main\n"
        f"main(['crosscheck', {str(out)!r}, '--ruleset', {str(ruleset)!r}, '--data', {str(data)!r}])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    assert len(ended.stdout.splitlines()) == 1, "no bars, no greetings"


# --- the cases of each kind, which are its specification, hold for the other engine as well


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with quietly():
        yield Engine()


CASES = [case for kind, cls in REGISTRY.items() if not issubclass(cls, Profile) for case in cases(kind)]


def _outcomes(case: Case) -> list[bool | None]:
    """What is expected of both: pandas has one word for null and for what is no number, so that NaN is null there."""
    numbers = [[value for value in row.values() if isinstance(value, float)] for row in case.rows]
    return [None if any(map(math.isnan, row)) else outcome
            for row, outcome in zip(numbers, case.expected(), strict=True)]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.name}")
def test_the_cases_of_a_kind_hold_for_both(case: Case, engine: Engine) -> None:
    frames = {"checked": case.frame(), **{name: case.table(name) for name in case.tables}}
    types = {name: {column: case.types.get(column, "text") for column in frame.columns if column[0] != "_"}
             for name, frame in frames.items()}  # fmt: skip
    check = case.build()
    said = say(check, On("CASE", types["checked"], types))
    rule = Rule.model_construct(id="CASE", table="checked", check=check)
    tables = Sampled(lambda name: frames[name].lazy(), "unit", None)
    with quietly():
        counted = engine.counted("checked", [(rule, said)], tables, whole=True)["CASE"]
    expected = _outcomes(case)
    assert counted.failed is None
    assert counted.applicable == sum(outcome is not None for outcome in expected)
    assert counted.rows == {row for row, outcome in enumerate(expected) if outcome is False}


# --- conditions


@pytest.mark.parametrize(
    "sql",
    ["a LIKE 'x%'", "a > (SELECT 1)", "day + INTERVAL '1d' > day", "n / m > 1", "done IS TRUE", "n % 2 = 0",
     "a > n", "TRY_CAST(a AS DOUBLE) > 1", "missing = 1", "n", "f(n) = 1", "a ==== 1"],
)  # fmt: skip
def test_what_a_condition_cannot_say_is_named_and_not_guessed(sql: str) -> None:
    with pytest.raises(InexpressibleError) as why:
        truth(sql, {"a": "text", "n": "integer", "m": "integer", "day": "date", "done": "boolean"})
    assert len(str(why.value)) > 5


# Texts that mean something to pandas, and names that mean something to Python.
TEXTS = ["a`b", "a@b", "a\\b", "\"'", "#", "\n", "@x", "`", "{0}", "绿", "nan", "None", ""]
NAMES = ["class", "in", "index", "ilevel", "None_", "sum", "T", "values", "True_", "lambda"]


@pytest.mark.parametrize("name", NAMES)
def test_names_and_texts_of_a_ruleset_are_data(name: str) -> None:
    frame = pl.DataFrame({name: [*TEXTS, None]})
    for text in TEXTS:
        said = truth(f"\"{name}\" = '{text.replace(chr(39), chr(39) * 2)}'", {name: "text"})
        both = [chosen(pandas_frame(frame), condition)[name].tolist() for condition in (said.true, said.false)]
        assert both == [[text], [other for other in TEXTS if other != text]]


def test_a_list_of_values_may_be_long() -> None:
    said = truth(f"n IN ({', '.join(map(str, range(800)))})", {"n": "integer"})
    frame = pandas_frame(pl.DataFrame({"n": [0, 799, 800, None]}))
    assert chosen(frame, said.true)["n"].tolist() == [0, 799]
    assert chosen(frame, said.false)["n"].tolist() == [800]


def test_whole_numbers_stay_whole() -> None:
    large = 2**53 + 1
    frame = pandas_frame(pl.DataFrame({"n": [large, large - 1, None]}))
    assert chosen(frame, truth(f"n = {large}", {"n": "integer"}).true)["n"].tolist() == [large]


def test_a_condition_without_columns_selects_all_or_none() -> None:
    frame = pandas_frame(pl.DataFrame({"n": [1, None]}))
    always, never = truth("TRUE OR n > 1", {"n": "integer"}), truth("FALSE AND n > 1", {"n": "integer"})
    assert [len(chosen(frame, text)) for text in (always.true, always.false, never.true, never.false)] == [2, 0, 0, 2]


def test_json_holds_every_rule(ruleset_file: Callable[..., Path], lay: Callable[..., Path], tmp_path: Path) -> None:
    ruleset, data = ruleset_file(), lay({"visits.csv": VISITS})
    out = assessed(ruleset, data, tmp_path / "out")
    ended = crosscheck(out, ruleset, data, "--format", "json")
    said = json.loads(ended.stdout)
    assert [row["rule"] for row in said["rules"]] == list(table(out))
    assert said["agrees"] == len(said["rules"])
