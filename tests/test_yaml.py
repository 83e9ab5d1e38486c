"""Reading the YAML of a ruleset: what a word is, where it stands, and what it may not be."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import RULESET
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_ruleset import line_of, problems_of

from assess import yaml12
from assess.errors import RulesetError
from assess.ruleset import builtin, located
from assess.ruleset.codes import CODES
from assess.ruleset.load import load

Write = Callable[..., Path]


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
