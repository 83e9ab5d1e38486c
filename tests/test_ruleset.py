"""Reading a ruleset: every mistake at its place, all at once, and nothing taken for what it is not."""

# ruff: noqa: E501
from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from conftest import RULESET
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess import yaml12
from assess.engine.trial import everything
from assess.errors import Problem, RulesetError
from assess.ruleset import builtin, located
from assess.ruleset.codes import CODES
from assess.ruleset.load import load

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


# ---- reading YAML ----------------------------------------------------------------------------------------------------


def test_a_version_stays_as_it_is_written(ruleset_file: Write) -> None:
    assert load(ruleset_file()).ruleset.version == "2024.10"
    assert load(ruleset_file(("2024.10", "1_0"))).ruleset.version == "1_0"
    assert load(ruleset_file(("2024.10", "2024-01-01"))).ruleset.version == "2024-01-01"


@pytest.mark.parametrize("nothing", ["version:", "version: null", "version: ~", "title:", "ruleset:", "unit:"])
def test_nothing_is_not_taken_for_a_text(ruleset_file: Write, nothing: str) -> None:
    key = nothing.split(":")[0]
    old = next(line for line in RULESET.splitlines() if line.startswith(f"{key}:"))
    path = ruleset_file((f"\n{old}\n" if key != "ruleset" else f"{old}\n", f"\n{nothing}\n"))
    found = [problem for problem in problems_of(path) if repr(key) in problem.message]
    assert [(p.line, p.code) for p in found][:1] == [(line_of(path, nothing), "RS005")] or key == "unit"


def test_null_switches_an_optional_value_off(ruleset_file: Write) -> None:
    assert load(ruleset_file(("max: 300", "max: null"))).ruleset.checks[0].check.model_dump()["max"] is None


# Plain words by the core schema of YAML 1.2, where those of YAML 1.1 are other things: `no` is text, 010 is ten.
WORDS = {
    "yes": "yes", "no": "no", "on": "on", "y": "y", "true": True, "False": False, "tRue": "tRue",
    "null": None, "~": None, "''": "", "nUll": "nUll",
    "10": 10, "-3": -3, "+3": 3, "010": 10, "0o17": 15, "0o8": "0o8", "0x1F": 31, "0b11": "0b11", "1_000": 1000,
    "12:30": "12:30", "1:2:3": "1:2:3", "'1'": "1", "١٢": "١٢", "_": "_", "-x": "-x",
    "1.5": 1.5, ".5": 0.5, "5.": 5.0, "1e5": 1e5, "-1.5E-3": -0.0015, ".5e3": 500.0, "1.2.3": "1.2.3", ".": ".",
    ".inf": math.inf, "-.INF": -math.inf, "1e": "1e", "!!float 1": 1.0, "!!str 1": "1", "!!int '7'": 7,
    "2024-06-30": dt.date(2024, 6, 30), "2024-13-45": "2024-13-45", "2024-6-30": "2024-6-30",
    "2024-06-30 10:00:00": "2024-06-30 10:00:00",
    "身份证": "身份证", "a#b": "a#b", "a #b": "a", "http://a.b/c": "http://a.b/c", "-1-": "-1-", "?x": "?x",
}  # fmt: skip
GRAMMARS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


@pytest.fixture(params=GRAMMARS, ids=lambda grammar: grammar.__name__)
def grammar(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser in C, and the one that stands in for it where there is none."""
    monkeypatch.setattr(yaml12, "_GRAMMAR", request.param)


@pytest.mark.usefixtures("grammar")
@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_what_it_is_in_yaml_1_2(word: str) -> None:
    value = WORDS[word]
    for text in (f"a: {word}\n", f"a:\n  {word}\n", *([] if set("#?:") & set(word) else [f"{{a: {word}}}\n"])):
        data = located.parse(text, located.Located("f")).data
        assert data == {"a": value}
        assert type(data["a"]) is type(value)
        assert yaml12.load(text) == data


@pytest.mark.usefixtures("grammar")
@pytest.mark.parametrize("name", builtin.names())
def test_every_key_and_value_knows_its_place(name: str) -> None:
    """What stands at the mark of a key is the key; what stands at that of a value of one word is the word."""
    text = builtin.find(name).read_text(encoding="utf-8")
    found, lines = located.parse(text, located.Located("f")), text.splitlines()
    for path, mark in found.keys.items():
        assert lines[mark.line - 1][mark.column - 1 :].lstrip("\"'").startswith(str(path[-1]))
    words = {path: said for path, said in found.written.items() if said and not set(" \n\\") & set(said)}
    for path, said in words.items():
        mark = found.values[path]
        assert lines[mark.line - 1][mark.column - 1 :].lstrip("\"'").startswith(said)
    assert len(words) > 100


@pytest.mark.skipif(len(GRAMMARS) < 2, reason="PyYAML was built without libyaml")
@pytest.mark.parametrize("name", builtin.names())
def test_both_parsers_read_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = builtin.find(name).read_text(encoding="utf-8")
    found = []
    for parser in GRAMMARS:
        monkeypatch.setattr(yaml12, "_GRAMMAR", parser)
        found.append(located.parse(text, located.Located("f")))
    assert found[0] == found[1]


FORMS = {
    "anchors may be stated again": ("a: &x 1\nb: *x\nc: &x 2\nd: *x\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
    "keys may be aliases": ("a: &x k\n*x : 1\n", {"a": "k", "k": 1}),
    "keys may be quoted or long": (f"'a': 1\n? {'k' * 2000}\n: 2\n", {"a": 1, "k" * 2000: 2}),
    "a key need not have a value": ("a:\nb: {c, d: }\n", {"a": None, "b": {"c": None, "d": None}}),
    "texts over lines": ("a: |\n  x\n   y\nb: >-\n  x\n  y\n\n  z\n", {"a": "x\n y\n", "b": "x y\nz"}),
    "tabs between words": ("a:\tb\nc: [1,\t2]\n", {"a": "b", "c": [1, 2]}),
    "lines end as they like": ("a: 1\r\nb: 2\rc: 3\n", {"a": 1, "b": 2, "c": 3}),
    "a colon within a word of brackets": ("a: [b:c, http://d]\n", {"a": ["b:c", "http://d"]}),
    "version 1.2 may be stated": ("%YAML 1.2\n---\na: no\n", {"a": "no"}),
}


@pytest.mark.parametrize(("text", "data"), FORMS.values(), ids=FORMS)
def test_the_forms_of_yaml_are_read(text: str, data: object) -> None:
    assert located.parse(text, located.Located("f")).data == data


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029", "\ufeff"])
def test_characters_that_nobody_sees_are_named(char: str) -> None:
    with pytest.raises(RulesetError, match=rf"f:2:5: RS001 holds the invisible character U\+{ord(char):04X} \(leave"):
        located.parse(f"a: 1\nb: x{char}y\n", located.Located("f"))
    assert located.parse(f'a: "x\\u{ord(char):04x}"', located.Located("f")).data == {"a": f"x{char}"}


def test_chinese_text_keeps_its_column(ruleset_file: Write) -> None:
    path = ruleset_file(("title: {zh: 收缩压超出范围, en: Out of range}", "title: {zh: 收缩压超出范围, eng: x}"))
    (problem, *_) = [p for p in problems_of(path) if p.code == "RS003"]
    assert problem.column == "    title: {zh: 收缩压超出范围, eng".index("eng") + 1


NOT_YAML = {
    "empty": "",
    "remark only": "# nothing\n",
    "list": "- a\n- b\n",
    "scalar": "hello",
    "two documents": RULESET + "---\nb: 2\n",
    "tab": "ruleset: a\nunit:\n\tkey: b\n",
    "open bracket": "a: [1, 2\nb: 3\n",
    "unknown alias": "a: *b\n",
    "YAML 1.1": "%YAML 1.1\n---\nruleset: no\n",
    "control character": "a: \x07\n",
    "NUL": "a: \0\n",
    "code": "a: !!python/object/apply:os.system [id]\n",
    "own tag": "a: !include other.yaml\n",
    "set": "a: !!set {b}\n",
    "list as key": "? [a, b]\n: 1\n",
    "loop": "a: &a [*a]\n",
    "loop of mappings": "a: &a {b: *a}\n",
    "bomb": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)),
    "deep brackets": "a: " + "[" * 2000,
    "deep mappings": "\n".join(" " * i + "a:" for i in range(500)),
    "a value without a key": ": 1\n",
    "long brackets": "a: [" + "1," * 300_000,
    "fifty levels": "".join("{a: " for _ in range(50)) + "1" + "}" * 50,
}


@pytest.mark.usefixtures("grammar")
@pytest.mark.parametrize("text", NOT_YAML.values(), ids=NOT_YAML)
def test_what_a_ruleset_may_not_be_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(text.encode())
    found = [problem for problem in problems_of(path) if problem.code == "RS001"]
    assert len(found) == 1
    assert len(str(found[0]).splitlines()) == 1


def test_an_anchor_that_is_used_with_measure_is_welcome(ruleset_file: Write) -> None:
    path = ruleset_file(("severity: critical", "severity: &grave critical"), ("severity: major", "severity: *grave"))
    assert [rule.severity for rule in load(path).ruleset.checks[:2]] == ["critical", "critical"]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe\x00a", "not UTF-8"), ("标题: 甲".encode("gb18030"), "not UTF-8"), (b"#" * 1_000_001, "larger than")],
)
def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(content)
    with pytest.raises(RulesetError, match=says):
        load(path)


def test_a_missing_file_and_a_directory_are_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(RulesetError, match="RS001 ruleset does not exist"):
        load(tmp_path / "none.yaml")
    with pytest.raises(RulesetError, match="RS001 ruleset is a directory"):
        load(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(ruleset_file: Write) -> None:
    path = ruleset_file()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path).ruleset.ruleset == "tiny"


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_to_a_ruleset_gets_past_as_another_exception(tmp_path: Path, data: st.DataObject) -> None:
    lines = RULESET.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        piece = data.draw(st.sampled_from(["", "  x: 1", "- ", "null", "a: [", "{}", '"', ": ", "!!x", "*a", "  - {}"]))
        lines[at : at + data.draw(st.integers(0, 2))] = [piece + data.draw(st.sampled_from(["", lines[at], " #"]))]
    path = tmp_path / "rules.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    for problem in problems_of(path):
        assert problem.code in CODES
        assert problem.line <= len(lines) + 1


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
