"""Reading a ruleset: every mistake at its place, all at once, and nothing taken for what it is not."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from assess.engine.trial import everything
from assess.errors import Problem, RulesetError
from assess.ruleset import builtin
from assess.ruleset.codes import CODES
from assess.ruleset.extend import read_chain
from assess.ruleset.load import load
from assess.ruleset.salvage import parameters, parts

Write = Callable[..., Path]


def problems_of(path: Path) -> tuple[Problem, ...]:
    try:
        return everything(path, "rules.yaml").problems
    except RulesetError as error:
        return error.problems


class Mistake(NamedTuple):
    """A text of the ruleset, what it is replaced by, and what must come of it at the first `at` in the new text."""

    code: str
    old: str
    new: str
    at: str
    says: str


MISTAKES = [
    Mistake("RS001", "min: 60", "min: !!binary NjA=", "!!binary", "tag"),
    Mistake("RS001", "per_capita: 94", "per_capita: [94", "tables:", "is not YAML"),
    Mistake("RS002", "    min: 60\n", "    min: 60\n    column: day\n", "column: day", "first in line 33"),
    Mistake("RS003", "max: 300", "maximum: 300", "maximum", "did you mean 'max'?"),
    Mistake("RS003", "severity: critical", "sevrity: critical", "sevrity", "did you mean 'severity'?"),
    Mistake("RS003", "aggregate: sum", "agregate: sum", "agregate", "did you mean 'aggregate'?"),
    Mistake("RS003", "required: true, aliases", "requird: true, aliases", "requird", "did you mean 'required'?"),
    Mistake("RS003", "lower: 0.2,", "lower: 0.2, lowest: 1,", "lowest", "did you mean 'lower'?"),
    Mistake("RS004", "\n  not_applicable: exclude", "", "max: 100", "'not_applicable' is missing"),
    Mistake("RS004", "    check: in_range\n", "", "id: V-SBP", "'check' is missing"),
    Mistake("RS004", "method: linear", "# nothing", "coefficient: {# nothing", "is not YAML"),
    Mistake("RS005", "severity: critical", "severity: grave", "grave", "'critical', 'major', 'minor' or 'info'"),
    Mistake("RS005", "min: 60", "min: sixty", "sixty", "'min' should be a number, not 'sixty'"),
    Mistake("RS005", "min: 60", "min: 400", "id: V-SBP", "min 400 is above max 300"),
    Mistake("RS005", "lower: 0.2", "lower: 0.8", "{rule: V-DAY", "lower 0.8 not below upper 0.8"),
    Mistake("RS005", "points: 60", "points: 50", "max: 100", "parts of 90 points in all, but max is 100"),
    Mistake("RS005", "{value: 0.5}", "{value: 62}", "id: VISITED", "target above its ceiling of 100%"),
    Mistake("RS005", "end: 2024-12-31", "end: 2023-12-31", "{start", "ends before it starts"),
    Mistake("RS005", "pool: 1000.00", "pool: 1000.001", "1000.001", "more than two decimals"),
    Mistake("RS005", "per_capita: 94", "per_capita: {a: 1}", "{a: 1}", "should be true or false, a whole number"),
    Mistake("RS005", "per_capita: 94", "per_capita: 94\n  as_of: 2024-06-30", "as_of", "given by `period` already"),
    Mistake("RS005", "per_capita: 94", "per_capita: .inf", ".inf", "'per_capita' should be"),
    Mistake("RS005", "unit: {type: code,", "unit: {type: integer,", "integer", "should be code or text"),
    Mistake("RS006", "in_range", "in_rnge", "in_rnge", "did you mean 'in_range'?"),
    Mistake("RS006", "threshold", "treshold", "treshold", "did you mean 'threshold'?"),
    Mistake("RS006", "method: linear", "method: liner", "liner", "did you mean 'linear'?"),
    Mistake("RS007", "day <= @as_of", "day <= @asof", "day <= @asof", "@asof is not declared"),
    Mistake("RS007", "day <= @as_of", "day <=", "day <=", "not a SQL expression"),
    Mistake("RS007", "where: done", "where: MAX(sbp) > 1", "MAX(sbp)", "more than one record"),
    Mistake("RS010", "table: visits\n    check: in", "table: vists\n    check: in", "vists", "did you mean 'visits'?"),
    Mistake("RS010", "denominator: {table: units", "denominator: {table: unit", "unit, sum", "did you mean 'units'?"),
    Mistake("RS011", "column: sbp", "column: spb", "spb", "did you mean 'sbp'?"),
    Mistake("RS011", "day <= @as_of", "dya <= @as_of", "dya", "did you mean 'day'?"),
    Mistake("RS011", "people * @", "peopel * @", "peopel", "did you mean 'people'?"),
    Mistake("RS011", "[county]", "[conty]", "conty", "did you mean 'county'?"),
    Mistake("RS011", "key: unit\n", "key: unti\n", "unti", "did you mean 'unit'?"),
    Mistake("RS012", "id: V-DONE", "id: V-SBP", "V-SBP\n    table: visits\n    check: not", "another rule"),
    Mistake("RS012", "id: V-DONE", "id: visits-CELLS", "visits-CELLS", "added to every table"),
    Mistake("RS012", "id: V-DONE", "id: VISITED", "VISITED\n    title", "that of a rule"),
    Mistake("RS013", "rule: V-DAY,", "rule: V-DYA,", "V-DYA", "did you mean 'V-DAY'?"),
    Mistake("RS013", "indicator: VISITED,", "indicator: VISITD,", "VISITD", "did you mean 'VISITED'?"),
    Mistake("RS013", "title: Made up, rule: V-SBP", "title: Made up, rule: XXX", "XXX", "known: V-DAY, "),
    Mistake("RS015", "[随访]", "[随访, 机构]", "visits:", "'机构' names both 'units' and 'visits'"),
    Mistake("RS015", "aliases: [收缩压]", "aliases: [DAY]", "day:", "'day' names both"),
    Mistake("RS016", "columns:\n      unit: {type: code, required: true, aliases: [机构编码]}\n      name",
            "columns:\n      name", "units:", "lacks the unit's key column 'unit'"),
    Mistake("RS017", "{rule: V-DAY, points: 40, method: threshold, lower: 0.2, upper: 0.8}",
            "{indicator: VISITED, points: 40, method: pass_fail}", "{indicator: VISITED, points: 60", "scored 2 times"),
    Mistake("RS003", "parameters:\n", "drop: {}\nparameters:\n", "drop", "extends no other file"),
    Mistake("RS008", "version: 2024.10\n", "version: 2024.10\nextends: ../national.yaml\n", "../national", "out of the folder"),
    Mistake("RS018", "checks:\n", "views:\n  v: {per: person, sql: 'SELECT unit, person FROM visits WHERE NOT disqualified'}\n"
            "checks:\n  - {id: R, table: visits, check: references, columns: [person], to: v, effect: disqualify, title: t}\n",
            "v, effect", "which records are disqualified"),
    Mistake("RS019", "severity: major\n    title: {zh: 日期", "effect: review\n    title: {zh: 日期", "V-DAY, points", "is a signal"),
    Mistake("RS022", "checks:\n", "views:\n  v: {per: person, sql: \"SELECT * FROM read_csv('/etc/passwd')\"}\nchecks:\n",
            '"SELECT', "reads declared tables only"),
    Mistake("RS031", "    check: expression\n    valid: day <= @as_of", "    check: not_null\n    column: done", "V-DONE",
            "what 'V-DAY' checks"),
    Mistake("RS032", "indicators:\n", "indicators:\n  - {id: X, title: X, kind: count, numerator: {table: visits}}\n",
            "X, title", "no part of the score"),
    Mistake("RS033", "    table: visits\n    check: in_range\n    column: sbp", "    table: units\n    check: in_range\n"
            "    column: people", "disqualify", "which no numerator counts"),
    Mistake("RS034", "per_capita: 94\n", "per_capita: 94\n  limit: 140\n", "limit", "used nowhere"),
    Mistake("RS035", "where: done", "where: 1 = 1", "1 = 1", "names no column"),
    Mistake("RS036", "checks:\n", "views:\n  v: {per: person, sql: 'SELECT unit, person FROM visits'}\nchecks:\n", "v:",
            "used nowhere"),
    Mistake("RS020", "day <= @as_of", "person + 1 > sbp * day", "id: V-DAY", "does not run"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.code} {mistake.new[:30]}")
def test_a_mistake_is_found_where_it_is_with_what_to_do(mistake: Mistake, ruleset_file: Write) -> None:
    base = ("  max: 100\n", "  max: 100\n  aggregate: sum\n")
    path = ruleset_file(base, (mistake.old, mistake.new))
    text = path.read_text(encoding="utf-8")
    before = text[: text.index(mistake.at)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    found = problems_of(path)
    if mistake.says == "is not YAML":
        assert [problem.code for problem in found] == ["RS001"]
        return
    here = [problem for problem in found if problem.code == mistake.code and mistake.says in str(problem)]
    assert here, [str(problem) for problem in found]
    assert here[0].line == line
    if mistake.code not in ("RS004", "RS017"):
        assert here[0].column == column
    assert str(here[0]).startswith(f"rules.yaml:{line}:")
    assert len(str(here[0]).splitlines()) == 1


def test_every_code_is_shown_by_a_mistake() -> None:
    # What a rule's examples show is found by `assess test`: tests/test_examples.py.
    assert {mistake.code for mistake in MISTAKES} == set(CODES) - {"RS021", "RS030"}


PLANTED = [
    ("version: 2024.10", "vresion: 2024.10", "vresion"),
    ("county]", "conty]", "conty"),
    ("per_capita: 94", "per_capita: 94\n  unused: 1", "unused"),
    ("people: {type: integer}", "people: {type: int}", "int}"),
    ("sbp: {type: integer, aliases: [收缩压]}", "sbp: {type: integer, aliases: [收缩压, day]}", "day: {type: date}"),
    ("    check: in_range\n    column: sbp\n    min: 60\n    max: 300\n    severity: critical",
     "    check: in_range\n    column: spb\n    min: 600\n    max: 300\n    severity: grave\n    colour: red",
     "spb", "id: V-SBP", "grave", "colour"),
    ("valid: day <= @as_of", "valid: day + done > person", "id: V-DAY"),
    ("    severity: major\n", "    severity: major\n    severity: minor\n", "severity: minor"),
    ("    check: not_null\n    column: done", "    check: not_nul\n    column: done", "not_nul\n"),
    ("kind: coverage", "kind: covrage", "covrage"),
    ("denominator: {table: units, sum: people}", "denominator: {table: unitz, sum: people}", "unitz"),
    ("points: 60, method: proportional", "points: 50, method: proportional, extra: 1", "extra", "max: 100"),
    ("lower: 0.2, upper: 0.8", "lower: 0.9, upper: 0.8", "{rule: V-DAY"),
    ("rule: V-SBP, above", "rule: V-SPB, above", "V-SPB"),
    ("sum: people * @per_capita", "sum: people * @per_capta", "people * @per_capta"),
    ("method: linear", "method: liner", "liner"),
]  # fmt: skip


def test_twenty_planted_mistakes_are_twenty_problems_each_at_its_line_and_column(ruleset_file: Write) -> None:
    path = ruleset_file(*[(old, new) for old, new, *_ in PLANTED])
    text = path.read_text(encoding="utf-8")
    expected = []
    for place in (place for _, _, *places in PLANTED for place in places):
        before = text[: text.index(place)]
        expected.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
    found = problems_of(path)
    assert len(expected) == 20
    assert sorted((p.line, p.column) for p in found) == sorted(expected), "\n".join(map(str, found))


def test_the_tiny_ruleset_itself_is_sound(ruleset_file: Write) -> None:
    assert problems_of(ruleset_file()) == ()


def lines_and_codes(path: Path) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in problems_of(path)]


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_three_mistakes_of_three_sorts_are_three_problems_on_three_lines(ruleset_file: Write) -> None:
    path = ruleset_file(("column: sbp", "colum: sbp"), ("day <= @as_of", "dy <= @as_of"), ("rule: V-DAY", "rule: V-D"))
    assert lines_and_codes(path) == [
        (line_of(path, "colum:"), "RS003"), (line_of(path, "dy <="), "RS011"), (line_of(path, "rule: V-D,"), "RS013")
    ]  # fmt: skip


def test_mistakes_inside_one_rule_do_not_hide_each_other(ruleset_file: Write) -> None:
    path = ruleset_file(
        ("    column: sbp\n    min: 60\n    max: 300\n    severity: critical",
         "    colour: red\n    column: spb\n    min: sixty\n    where: SUM(sbp) > 1\n    severity: grave"),
        ("    table: visits\n    check: in_range", "    table: visits\n    check: in_range\n    id: AGAIN"),
    )  # fmt: skip
    assert [code for _, code in lines_and_codes(path)] == ["RS002", "RS003", "RS011", "RS005", "RS007", "RS005"]


def test_values_that_contradict_each_other_do_not_hide_an_unknown_column(ruleset_file: Write) -> None:
    path = ruleset_file(("column: sbp\n    min: 60", "column: spb\n    min: 600"))
    assert {code for _, code in lines_and_codes(path)} == {"RS005", "RS011"}


def test_mistakes_in_every_section_are_listed_together(ruleset_file: Write) -> None:
    path = ruleset_file(
        ("levels: [county]", "levels: county"), ("sbp: {type: integer", "sbp: {type: int"), ("in_range", "in_rang"),
        ("kind: coverage", "kind: covrage"), ("{rule: V-DAY", "{rule: V-DAYS"), ("cap: 50", "cap: -1"),
        ("method: linear", "method: lin"), ("pool: 1000.00", "pool: all"),
    )  # fmt: skip
    assert [code for _, code in lines_and_codes(path)] == [
        "RS005", "RS005", "RS006", "RS005", "RS013", "RS005", "RS005", "RS006"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("end: 2024-12-31", "end: yesterday", "RS005"), ("per_capita: 94", "per_capita: null", "RS005"),
     ("tables:\n", "tables: 3\nnotes:\n", "RS005"), ("id: V-DAY\n    table", "table", "RS004"),
     ("checks:\n", "checks: 3\nremarks:\n", "RS005"), ("key: unit\n", "key: units\n", "RS011"),
     ("      sbp:", "      2sbp:", "RS005")],
)  # fmt: skip
def test_one_mistake_is_not_followed_by_those_it_only_causes(
    ruleset_file: Write, old: str, new: str, code: str
) -> None:
    codes = [found for _, found in lines_and_codes(ruleset_file((old, new)))]
    assert codes.count(code) == 1
    assert not set(codes) & {"RS007", "RS010", "RS013", "RS016"}


def test_an_alternative_of_types_is_one_problem(ruleset_file: Write) -> None:
    path = ruleset_file(("check: in_range\n    column: sbp\n    min: 60\n    max: 300",
                         "check: in_set\n    column: sbp\n    values: [[1], null, 2]"))  # fmt: skip
    assert [str(problem).split(" ", 2)[2] for problem in problems_of(path)] == [
        "should be text, a whole number, a number or true or false"
    ] * 2


# ---- what comes of it ------------------------------------------------------------------------------------------------


def test_every_table_gets_a_rule_for_cells_that_cannot_be_read_unless_it_has_one(ruleset_file: Write) -> None:
    assert [rule.id for rule in load(ruleset_file()).ruleset.checks][-2:] == ["units-CELLS", "visits-CELLS"]
    own = ("check: not_null\n    column: done", "check: parses")
    assert [rule.id for rule in load(ruleset_file(own)).ruleset.checks][-2:] == ["V-DONE", "units-CELLS"]


def test_the_digest_is_that_of_the_text_that_was_read(ruleset_file: Write) -> None:
    first, again = load(ruleset_file()).digest, load(ruleset_file()).digest
    assert first == again
    assert first != load(ruleset_file(("94", "95"))).digest


def test_the_period_gives_parameters(ruleset_file: Write) -> None:
    path = ruleset_file(("end: 2024-12-31", "end: 2024-12-31, as_of: 2024-06-30"))
    assert "2024-06-30" in str(load(path).ruleset.checks[1].check.outcome)


@pytest.mark.parametrize("name", builtin.names())
def test_a_shipped_ruleset_is_found_by_its_name_and_has_no_problems(name: str) -> None:
    assert problems_of(builtin.find(name)) == ()


def test_a_file_comes_before_a_shipped_ruleset_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = builtin.names()[0]
    monkeypatch.chdir(tmp_path)
    assert builtin.find(name).parent == builtin.folder()
    (tmp_path / name).touch()
    assert builtin.find(name) == Path(name)
    assert builtin.find("no-such-ruleset") == Path("no-such-ruleset")


@pytest.mark.parametrize("name", builtin.names())
def test_parts_of_a_sound_ruleset_are_those_that_would_be_salvaged(name: str) -> None:
    path = builtin.find(name)
    located, _ = read_chain(path, None)
    whole, context = load(path).ruleset, {"parameters": parameters(located.data)}
    checks = [rule for rule in whole.checks if not rule.id.endswith("-CELLS")]
    whole = whole.model_copy(update={"checks": tuple(checks)})
    assert parts(located.data, context, whole) == parts(located.data, context)
