"""The language of scores in a ruleset: mistakes at their places, what extends it, and what `assess explain` shows."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from conftest import RULESET
from jsonschema import Draft202012Validator
from test_schema import as_an_editor_sees_it

from assess.effective import effective, listing
from assess.engine.trial import everything
from assess.errors import Problem, RulesetError
from assess.ruleset import located
from assess.ruleset.load import Loaded, load
from assess.ruleset.schema import json_schema
from assess.scores import AnyPart, Group, Node, Score, Scorer

SCORE = RULESET[RULESET.index("score:\n") : RULESET.index("allocation:\n")]
NESTED = """\
score:
  max: 100
  not_applicable: exclude
  ranking: {ties: dense, then: [VISITED]}
  marks: {table: marks, item: item, points: points, marker: marker, on: day}
  parts:
    - {indicator: VISITED, points: 30, method: proportional}
    - group: records
      title: {zh: 记录, en: Records}
      points: 50
      aggregate: min
      parts:
        - {rule: V-DAY, method: threshold, lower: 0.2, upper: 0.8}
        - group: inner
          title: Inner
          weight: 2
          aggregate: mean
          not_applicable: zero
          parts:
            - {rules: [V-DONE, V-SBP], method: deduct_per_finding, each: 0.5, out_of: 10}
            - {item: M-02, method: manual, out_of: 10, weight: 3}
    - group: site
      title: {zh: 现场, en: On site}
      parts:
        - {item: M-01, points: 20, method: manual}
  veto:
    - {id: FRAUD, title: Made up, item: M-03, cap: 50, grade: FAIR}
  grades:
    - {id: GOOD, title: Good, min: 80, requires: [{part: records, at_least: 0.9}]}
    - {id: FAIR, title: Fair, min: 0}
"""
MARKS = """\
  marks:
    columns:
      unit: {type: code, required: true}
      item: {type: code, required: true}
      points: {type: number}
      marker: {type: text}
      day: {type: date}
checks:
"""
FULL = RULESET.replace(SCORE, NESTED).replace("checks:\n", MARKS)

Lay = Callable[..., Loaded]


def problems(path: Path) -> tuple[Problem, ...]:
    try:
        return everything(path, "rules.yaml").problems
    except RulesetError as error:
        return error.problems


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def go(*changes: tuple[str, str]) -> Path:
        text = FULL
        for old, new in changes:
            assert old in text, f"{old!r} is not in the ruleset"
            text = text.replace(old, new, 1)
        path = tmp_path / "rules.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return go


def test_the_whole_language_is_sound(write: Callable[..., Path]) -> None:
    assert problems(write()) == ()


MISTAKES = [
    # code, old text, new text, where the problem is, what it says
    ("RS003", "aggregate: min", "agregate: min", "agregate", "did you mean 'aggregate'?"),
    ("RS003", "lower: 0.2,", "lowr: 0.2,", "lowr", "did you mean 'lower'?"),
    ("RS003", "out_of: 10, weight", "outof: 10, weight", "outof", "did you mean 'out_of'?"),
    ("RS003", "[{part: records", "[{prt: records", "prt", "did you mean 'part'?"),
    ("RS004", "{item: M-01, points: 20,", "{item: M-01,", "{item: M-01", "key 'points' is missing"),
    ("RS004", "each: 0.5, out_of: 10}", "each: 0.5}", "{rules:", "key 'out_of' is missing"),
    ("RS004", "      points: 50\n", "", "- group: records", "key 'points' is missing"),
    ("RS004", "          title: Inner\n", "", "- group: inner", "key 'title' is missing"),
    ("RS005", "aggregate: mean", "aggregate: average", "average", "'sum', 'mean', 'min' or 'geometric'"),
    ("RS005", "ties: dense", "ties: any", "any", "'competition', 'dense' or 'modified'"),
    ("RS005", "points: 20,", "points: 21,", "max: 100", "parts of 101 points in all, but max is 100"),
    ("RS005", "{item: M-02, method", "{item: M-02, points: 3, method", "3, method", "means nothing under `aggregate: mean`"),
    ("RS005", "{item: M-01, points", "{item: M-01, weight: 3, points", "3, points", "means nothing under `aggregate: sum`"),
    ("RS005", "each: 0.5,", "each: 0.5, at_most: 11,", "11,", "11 is more than the 10 points there are"),
    ("RS005", "lower: 0.2,", "lower: 0.9,", "{rule: V-DAY", "not below upper"),
    ("RS005", "[V-DONE, V-SBP]", "[V-DONE, V-DONE]", "{rules:", "names a rule twice"),
    ("RS005", "points: {type: number}", "points: {type: text}", "points, marker", "marks are integer, number or decimal"),
    ("RS005", "item: M-03, cap", "item: M-03, rule: V-DAY, cap", "{id: FRAUD", "one of rule, indicator and item"),
    ("RS006", "method: threshold", "method: treshold", "treshold", "did you mean 'threshold'?"),
    ("RS010", "{table: marks,", "{table: mark,", "mark,", "did you mean 'marks'?"),
    ("RS011", "item: item,", "item: itm,", "itm", "did you mean 'item'?"),
    ("RS013", "rule: V-DAY,", "rule: V-DYA,", "V-DYA", "did you mean 'V-DAY'?"),
    ("RS013", "[V-DONE, V-SBP]", "[V-DONE, V-SPB]", "V-SPB", "did you mean 'V-SBP'?"),
    ("RS013", "then: [VISITED]", "then: [VISITD]", "VISITD", "did you mean 'VISITED'?"),
    ("RS013", "part: records", "part: record", "record,", "did you mean 'records'?"),
    ("RS013", "grade: FAIR", "grade: FIAR", "FIAR", "did you mean 'FAIR'?"),
    ("RS013", "  marks: {table: marks, item: item, points: points, marker: marker, on: day}\n", "",
     "M-02, method", "the score has no `marks`"),
    ("RS017", "{item: M-01,", "{item: M-02,", "{item: M-02, method", "'M-02' is scored 2 times"),
    ("RS017", "{item: M-01,", "{item: inner,", "- group: inner", "'inner' is scored 2 times"),
    ("RS017", "[V-DONE, V-SBP]", "[V-DONE, V-DAY]", "{rules:", "'V-DAY' is scored 2 times"),
    ("RS019", "    severity: minor\n", "    severity: minor\n    effect: review\n", "V-DONE, V-SBP]", "signal"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "at", "says"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_in_a_nested_part_is_found_where_it_is(
    write: Callable[..., Path], code: str, old: str, new: str, at: str, says: str
) -> None:
    path = write((old, new))
    text = path.read_text(encoding="utf-8")
    at = at.removeprefix("- ")
    before = text[: text.index(at)]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    found = [problem for problem in problems(path) if problem.code == code and says in str(problem)]
    assert place in {(problem.line, problem.column) for problem in found}, "\n".join(map(str, problems(path)))
    assert {problem.code for problem in problems(path)} in ({code}, {code, "RS005"}), (
        "nothing is said that only follows"
    )
    assert len(found) == len({(problem.line, problem.column) for problem in found}), "nothing is said twice"


def test_mistakes_of_many_sorts_in_one_tree_do_not_hide_each_other(write: Callable[..., Path]) -> None:
    path = write(
        ("lower: 0.2,", "lower: 0.9,"), ("part: records", "part: record"), ("points: 20,", "points: 25, wight: 3,"),
        ("item: item,", "item: itm,"), ("[V-DONE, V-SBP]", "[V-DONE, V-SPB]"), ("cap: 50, grade: FAIR", "cap: -1"),
    )  # fmt: skip
    # In the order of lines: the sum, the column, the bounds, the rule, the key, the cap, the group.
    assert [problem.code for problem in problems(path)] == [
        "RS005", "RS011", "RS005", "RS013", "RS003", "RS005", "RS013"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "score",
    ["score: 3", "score: {parts: 3}", "score: {parts: [3, null, [], {group: 3}]}", "score: {parts: [{group: a, parts: {}}]}",
     "score: {parts: [{group: a, parts: [{group: a, parts: [{indicator: [x]}]}]}], max: nan, veto: [{}], marks: []}",
     "score: {max: .inf, parts: [{indicator: A, points: 1e300, method: bands, bands: 3}]}",
     "score: {max: 1e300, parts: [{rules: [[]], points: true, method: 3, bands: [{points: x}]}], ranking: {then: 3}}",
     "score: {max: 1, aggregate: [], parts: [{indicator: A, weight: {}, group: b, parts: [{rule: 1}]}], grades: [{requires: 1}]}"],
)  # fmt: skip
def test_whatever_stands_under_score_is_read_without_a_crash(tmp_path: Path, score: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULESET.replace(SCORE, score + "\n"), encoding="utf-8")
    assert problems(path)


# ---- extends ---------------------------------------------------------------------------------------------------------

HEAD = "ruleset: own\nversion: 2\nextends: base.yaml\n"


@pytest.fixture
def lay_over(tmp_path: Path) -> Lay:
    def go(own: str) -> Loaded:
        (tmp_path / "base.yaml").write_text(FULL, encoding="utf-8")
        (tmp_path / "own.yaml").write_text(HEAD + own, encoding="utf-8")
        return load(tmp_path / "own.yaml", "rules/own.yaml")

    return go


def outline(loaded: Loaded) -> str:
    """The tree as names, groups in parentheses."""

    def of(nodes: tuple[Node, ...]) -> str:
        return " ".join(f"{n.group}({of(n.parts)})" if isinstance(n, Group) else n.subject for n in nodes)

    assert loaded.ruleset.score is not None
    return of(loaded.ruleset.score.parts)


WHOLE = "VISITED records(V-DAY inner(V-DONE+V-SBP M-02)) site(M-01)"


def test_a_part_is_changed_by_its_name_wherever_it_stands(lay_over: Lay) -> None:
    loaded = lay_over("score:\n  parts:\n    - {item: M-02, weight: 5}\n    - {rules: [V-DONE, V-SBP], each: 2}\n")
    assert outline(loaded) == WHOLE
    assert loaded.ruleset.score is not None
    found = {part.subject: part for _, part in loaded.ruleset.score.walk()}
    assert (found["M-02"].weight, found["V-DONE+V-SBP"].each) == (5, 2)


def test_a_group_is_changed_by_its_id_and_takes_new_parts(lay_over: Lay) -> None:
    own = """\
score:
  parts:
    - group: inner
      aggregate: geometric
      parts:
        - {item: M-02, weight: 4}
        - {item: M-09, method: manual, out_of: 5}
    - {group: records, title: {en: Files}}
"""
    loaded = lay_over(own)
    assert outline(loaded) == "VISITED records(V-DAY inner(V-DONE+V-SBP M-02 M-09)) site(M-01)"
    assert loaded.ruleset.score is not None
    records = loaded.ruleset.score.parts[1]
    assert isinstance(records, Group)
    assert (records.title.zh, records.title.en, records.aggregate) == ("记录", "Files", "min")
    inner = records.parts[1]
    assert isinstance(inner, Group)
    assert (inner.aggregate, inner.weight, inner.parts[1].weight) == ("geometric", 2, 4)


def test_another_method_inherits_what_every_part_has_and_nothing_else(lay_over: Lay) -> None:
    loaded = lay_over(
        "score:\n  parts:\n    - {rule: V-DAY, method: pass_fail, weight: 3}\n    - {item: M-02, title: Two}\n"
    )
    assert loaded.ruleset.score is not None
    found = {part.subject: part for _, part in loaded.ruleset.score.walk()}
    stated = found["V-DAY"].model_dump(exclude_none=True)
    assert stated == {"method": "pass_fail", "rule": "V-DAY", "weight": 3.0}


@pytest.mark.parametrize(
    ("drop", "more", "left"),
    [
        ("M-02", "", "VISITED records(V-DAY inner(V-DONE+V-SBP)) site(M-01)"),
        ("V-DONE+V-SBP", "", "VISITED records(V-DAY inner(M-02)) site(M-01)"),
        ("inner", "", "VISITED records(V-DAY) site(M-01)"),
        ("site", "max: 80", "VISITED records(V-DAY inner(V-DONE+V-SBP M-02))"),
        # What moves is dropped first.
        ("M-02", "parts: [{group: site, parts: [{item: M-02, method: manual, points: 5}]}, {item: M-01, points: 15}]",
         "VISITED records(V-DAY inner(V-DONE+V-SBP)) site(M-01 M-02)"),
        ("inner", "parts: [{group: records, parts: [{item: M-02, method: manual, out_of: 1}]}]",
         "VISITED records(V-DAY M-02) site(M-01)"),
    ],
)  # fmt: skip
def test_parts_and_groups_are_dropped_wherever_they_stand(lay_over: Lay, drop: str, more: str, left: str) -> None:
    own = f"drop: {{parts: [{drop}]}}\n" + (f"score: {{{more}}}\n" if more else "")
    assert outline(lay_over(own)) == left


def test_a_part_does_not_move_into_another_group_without_a_word(lay_over: Lay) -> None:
    own = "score:\n  parts:\n    - group: site\n      parts:\n        - {item: M-02, method: manual, points: 0.5}\n"
    with pytest.raises(RulesetError) as refused:
        lay_over(own)
    found = [(p.code, p.file, p.line) for p in refused.value.problems if p.code == "RS017"]
    assert ("RS017", "rules/own.yaml", 8) in found
    assert "drop it first" in str(refused.value)


def test_a_wrong_name_to_drop_is_named_with_the_nearest(lay_over: Lay) -> None:
    with pytest.raises(RulesetError, match="did you mean 'M-02'") as refused:
        lay_over("drop: {parts: [M-2]}\n")
    assert [(p.code, p.line) for p in refused.value.problems] == [("RS013", 4)]


def test_a_mistake_in_a_merged_tree_is_named_in_the_file_where_it_stands(lay_over: Lay) -> None:
    with pytest.raises(RulesetError) as refused:
        lay_over("score:\n  parts:\n    - {item: M-02, out_of: -1}\n    - {rule: V-DAY, upper: 0.1}\n")
    assert [(p.file, p.line, p.code) for p in refused.value.problems] == [
        ("rules/own.yaml", 6, "RS005"), ("rules/own.yaml", 7, "RS005")
    ]  # fmt: skip


# ---- documents -------------------------------------------------------------------------------------------------------

DESIGN = (Path(__file__).parent.parent / "docs" / "design.md").read_text(encoding="utf-8")


def test_the_design_names_every_method_and_what_it_looks_at() -> None:
    for kind in get_args(get_args(AnyPart)[0]):
        (method,) = get_args(kind.model_fields["method"].annotation)
        looks = [name for name in ("indicator", "rule", "rules", "item") if name in kind.model_fields]
        row = rf"^\| `{method}` \| {', '.join(looks)} \|"
        assert re.search(row, DESIGN, re.MULTILINE), row


def test_the_score_in_the_design_is_sound() -> None:
    block = re.search(r"```yaml\nscore:\n(.*?)```", DESIGN, re.DOTALL)
    assert block is not None
    data = located.parse("score:\n" + block.group(1), located.Located("design")).data
    score = Score.model_validate(data["score"])
    assert Scorer(score).subjects[-1] == ("rule", "R3")


# ---- editors and explain ---------------------------------------------------------------------------------------------

VALIDATOR = Draft202012Validator(json_schema())


def test_editors_accept_the_whole_language_and_files_that_state_only_changes() -> None:
    changes = "score:\n  parts:\n    - {group: inner, parts: [{item: M-02, weight: 4}]}\ndrop: {parts: [site]}\n"
    for text in (FULL, HEAD + changes):
        assert [error.message for error in VALIDATOR.iter_errors(as_an_editor_sees_it(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("aggregate: min", "agregate: min"), ("aggregate: mean", "aggregate: average"), ("ties: dense", "ties: any"),
     ("lower: 0.2,", "lowr: 0.2,"), ("out_of: 10, weight", "out_of: 0, weight"), ("marker: marker, ", ""),
     ("at_least: 0.9", "at_least: 1.9"), ("          title: Inner\n", "")],
)  # fmt: skip
def test_editors_refuse_mistakes_in_nested_parts(old: str, new: str) -> None:
    assert old in FULL
    assert list(VALIDATOR.iter_errors(as_an_editor_sees_it(FULL.replace(old, new, 1))))


def test_the_listing_shows_the_tree(lay_over: Lay) -> None:
    text = listing(lay_over("score: {parts: [{item: M-02, weight: 5}]}\n"))
    tree = """\
Score of 100 (sum):
  VISITED  30 points, proportional
  records  50 points, group, min
    V-DAY  weight 1, threshold
    inner  weight 2, group, mean
      V-DONE+V-SBP  weight 1, deduct_per_finding
      M-02  weight 5, manual
  site  the points of its parts, group, sum
    M-01  20 points, manual
  veto FRAUD  Made up"""
    assert tree in text


def test_a_part_is_explained_with_the_origin_of_each_field(lay_over: Lay) -> None:
    loaded = lay_over("score:\n  parts:\n    - {item: M-02, weight: 5}\n")
    for name, lines in {
        "M-02": ["M-02 (part of the score in records / inner, manual)", "weight  5.0  [rules/own.yaml:6]",
                 "Points given on site", "out_of  10.0  [rules/base.yaml:"],
        "inner": ["inner (group of the score in records)", "Aggregated by mean, not_applicable: zero", "M-02  weight 5"],
        "V-DAY": ["V-DAY (rule on visits)", "V-DAY (part of the score in records, threshold)", "Scored by threshold"],
        "V-SBP": ["V-DONE+V-SBP (part of the score in records / inner, deduct_per_finding)"],
        "VISITED": ["VISITED (indicator, coverage)", "VISITED (part of the score, proportional)"],
        "FRAUD": ["FRAUD (veto on the item M-03)", "cap       50.0"],
    }.items():  # fmt: skip
        text = effective(loaded, name)
        for line in lines:
            assert line in text, text
