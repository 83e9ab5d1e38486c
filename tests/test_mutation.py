"""Mutation testing of rules: small changes are made to each, and examples that do not notice are found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import RULESET
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.checks import REGISTRY
from assess.checks.base import Profile
from assess.checks.cases import cases
from assess.cli import main
from assess.mutation import patterns, sql
from assess.mutation.fields import mutants
from assess.mutation.score import Score, score
from assess.ruleset import builtin
from assess.ruleset.load import load
from assess.tables import Table

Write = Callable[..., Path]

HEAD = RULESET[: RULESET.index("checks:\n")] + "checks:\n"
SBP = """\
  - id: SBP
    table: visits
    check: in_range
    column: sbp
    min: 60
    max: 300
    title: t
    examples:
      pass: [60, 300]
      fail: [59, 301]
"""
DAY = """\
  - id: DAY
    table: visits
    check: expression
    where: done
    valid: day <= @as_of AND sbp < 300
    title: t
    examples:
      pass: [{done: true, day: 2024-12-31, sbp: 299}]
      fail: [{done: true, day: 2025-01-01, sbp: 299}, {done: true, day: 2024-12-31, sbp: 300}]
      not_applicable: [{done: false, day: 2025-01-01, sbp: 299}]
"""


@pytest.fixture
def tested(ruleset_file: Write) -> Callable[..., Score]:
    """The score of one rule, some of its text replaced."""
    return lambda rule, *changes: score(load(ruleset_file(*changes, text=HEAD + rule), "rules.yaml"))


Test = Callable[..., Score]


def survivors(found: Score) -> set[str]:
    return {survivor.change for survivor in found.survivors}


@pytest.mark.parametrize("rule", [SBP, DAY])
def test_strong_examples_kill_every_mutant(tested: Test, rule: str) -> None:
    found = tested(rule)
    assert not found.problems
    assert not found.survivors
    assert found.killed == found.mutants > 5
    assert found.share == 1


@pytest.mark.parametrize(
    ("rule", "old", "new", "alive"),
    [
        (SBP, "pass: [60, 300]", "pass: [61, 300]", {"min: 60 → 61"}),
        (SBP, "fail: [59, 301]", "fail: [58, 301]", {"min: 60 → 59"}),
        (SBP, "pass: [60, 300]", "pass: [60, 299]", {"max: 300 → 299"}),
        (SBP, "fail: [59, 301]", "fail: [59]", {"max: 300 → 301", "max: 300 → left out"}),
        (DAY, "pass: [{done: true, day: 2024-12-31", "pass: [{done: true, day: 2024-12-01",
         {"valid: <= → <", "valid: DATE '2024-12-31' → DATE '2024-12-30'"}),
        (DAY, "day: 2025-01-01, sbp: 299}, ", "day: 2025-01-02, sbp: 299}, ",
         {"valid: DATE '2024-12-31' → DATE '2025-01-01'"}),
        (DAY, "sbp: 300}", "sbp: 301}", {"valid: < → <=", "valid: 300 → 301"}),
        (DAY, ", {done: true, day: 2024-12-31, sbp: 300}", "",
         {"valid: sbp < 300 → TRUE", "valid: < → <=", "valid: 300 → 301"}),
        (DAY, "      not_applicable: [{done: false, day: 2025-01-01, sbp: 299}]\n", "", {"where: done → left out"}),
    ],
)  # fmt: skip
def test_a_weak_example_lets_just_those_mutants_live_that_it_cannot_see(
    tested: Test, rule: str, old: str, new: str, alive: set[str]
) -> None:
    assert survivors(tested(rule, (old, new))) == alive


def test_a_survivor_comes_with_the_example_that_would_kill_it(tested: Test) -> None:
    (survivor,) = tested(SBP, ("fail: [59, 301]", "fail: [58, 301]")).survivors
    assert survivor.hint == "add an example at sbp = 59 (violated)"
    assert survivor.where == f"rules.yaml:{(HEAD + SBP).splitlines().index('    min: 60') + 1}:10"
    hints = {s.hint for s in tested(DAY, ("sbp: 300}", "sbp: 301}")).survivors}
    assert hints == {"add an example at sbp = 300, otherwise like pass[0] (violated)"}


@pytest.mark.parametrize("weak", [("59, 301", "58, 301"), ("60, 300", "61, 300"), ("60, 300", "60, 299")])
def test_the_hint_is_true(tested: Test, weak: tuple[str, str]) -> None:
    (survivor,) = tested(SBP, weak).survivors
    value, outcome = survivor.hint.removeprefix("add an example at sbp = ").rstrip(")").split(" (")
    key = {"violated": "fail", "satisfied": "pass"}[outcome]
    stronger = SBP.replace(*weak).replace(f"{key}: [", f"{key}: [{value}, ")
    assert not tested(stronger).survivors


def test_a_rule_without_examples_kills_nothing(tested: Test) -> None:
    found = tested(SBP[: SBP.index("    examples:")])
    assert found.killed == 0
    assert len(found.survivors) == found.mutants > 5
    assert found.share == 0


def test_mutants_that_contradict_themselves_are_counted_apart(tested: Test) -> None:
    narrow = SBP.replace("max: 300", "max: 60").replace("[60, 300]", "[60]").replace("[59, 301]", "[59, 61]")
    found = tested(narrow)
    assert (found.invalid, len(found.survivors)) == (2, 0), "min 61 and max 59 would accept nothing"


def test_wrong_examples_are_not_held_against_mutants(tested: Test) -> None:
    found = tested(SBP, ("fail: [59, 301]", "fail: [60]"))
    assert [problem.code for problem in found.problems] == ["RS021"]
    assert (found.mutants, found.share) == (0, None)


def test_a_rule_that_judges_units_is_left_out(tested: Test) -> None:
    rule = "  - {id: EVEN, table: visits, check: filled_share, column: sbp, min: 0.5, effect: review, title: t}\n"
    assert tested(rule).rules[0].skipped == "judges a unit and not a record, tested by its case file"


@pytest.mark.parametrize("name", builtin.names())
def test_the_examples_of_the_built_in_rulesets_notice_small_changes(name: str) -> None:
    found = score(load(builtin.find(name)))
    assert not found.problems
    authored = [rule for rule in found.rules if rule.skipped is None]
    assert all(rule.examples for rule in authored)
    assert found.share is not None
    assert found.share >= Fraction(95, 100), [f"{s.rule} {s.change}" for s in found.survivors]


# What is changed


def changed(text: str, others: dict[str, list[str]] | None = None) -> set[str]:
    return {change.text for change in sql.changes(text, lambda name: (others or {}).get(name, []))}


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("a >= 5", {"a > 5", "a >= 4", "a >= 6"}),
        ("a < 7.0", {"a <= 7.0", "a < 6.9", "a < 7.1"}),
        ("a > 0", {"a > (-1)", "a > 1", "a >= 0"}),
        ("a = b", {"a <> b"}),
        ("a AND b", {"a OR b", "TRUE AND b", "a AND TRUE"}),
        ("a OR b AND c", {"a AND b AND c", "a OR b OR c", "FALSE OR b AND c", "a OR FALSE"}),
        ("a OR b AND c", {"a OR TRUE AND c", "a OR b AND TRUE"}),
        ("a IS NULL", {"a IS NOT NULL"}),
        ("a IS NOT NULL", {"a IS NULL"}),
        ("NOT a", {" a"}),
        ("a BETWEEN b AND c", {"(a > b AND a <= c)", "(a >= b AND a < c)"}),
        ("x OR a NOT BETWEEN 1 AND b + 1", {"x OR NOT (a > 1 AND a <= b + 1)", "x OR a NOT BETWEEN 2 AND b + 1"}),
        ("a IN ('x', 'y')", {"a IN ('x')", "a IN ('y')"}),
        ("a IN (1, 2)", {"a IN (1)", "a IN (2)", "a IN (0, 2)"}),
        ("d <= DATE '2024-12-31'", {"d < DATE '2024-12-31'", "d <= DATE '2024-12-30'", "d <= DATE '2025-01-01'"}),
        ("d - INTERVAL '65y' > e", {"d - INTERVAL '64y' > e", "d - INTERVAL '66y' > e", "d + INTERVAL '65y' > e"}),
        ("CASE WHEN a THEN 1 ELSE 2 END > b", {"CASE WHEN a THEN 0 ELSE 2 END > b"}),
    ],
)  # fmt: skip
def test_what_is_changed_in_a_condition(text: str, some: set[str]) -> None:
    assert some <= changed(text)


def test_the_and_of_between_connects_no_conditions() -> None:
    assert "a BETWEEN b OR c" not in changed("a BETWEEN b AND c")
    assert "a BETWEEN TRUE AND c" not in changed("a BETWEEN b AND c")
    nested = "a BETWEEN CASE WHEN p AND q THEN 1 ELSE 2 END AND c"
    assert "a BETWEEN CASE WHEN p OR q THEN 1 ELSE 2 END AND c" in changed(nested)
    assert "a BETWEEN CASE WHEN p AND q THEN 1 ELSE 2 END OR c" not in changed(nested)


@pytest.mark.parametrize("text", ["a = 'x >= 5 AND y'", '"b AND c" = d', "a = 'it''s > 1'"])
def test_quoted_text_is_left_alone(text: str) -> None:
    assert changed(text) == {text.replace(" = ", " <> ")}


def test_remarks_are_left_alone() -> None:
    assert changed("a /* >= 5 */ = b -- AND 1") == {"a /* >= 5 */ <> b -- AND 1"}


def test_a_column_that_is_a_bound_is_moved_by_one_step() -> None:
    units = {"d": "INTERVAL '1d'", "n": "1"}
    found = {change.text for change in sql.changes("a BETWEEN d AND n", lambda _: [], units.get)}
    assert {"a BETWEEN (d - INTERVAL '1d') AND n", "a BETWEEN d AND (n + 1)"} <= found
    assert "a < (n - 1)" in {change.text for change in sql.changes("a < n", lambda _: [], units.get)}
    assert {change.text for change in sql.changes("n = d", lambda _: [], units.get)} == {"n <> d"}
    assert "(n - 1) < a" not in {change.text for change in sql.changes("n < a", lambda _: [], units.get)}


def test_columns_are_taken_for_others() -> None:
    assert changed('a = "b c"', {"a": ["d"], "b c": ["a"]}) == {'a <> "b c"', 'd = "b c"', "a = a"}
    assert "LOWER(a) = b" in changed("LOWER(a) <> b", {"lower": ["x"]})
    assert not {text for text in changed("LOWER(a) = b", {"LOWER": ["x"]}) if "x" in text}, "a function is no column"


WORDS = [
    "a", "b", "AND", "OR", "NOT", "IS", "NULL", "BETWEEN", "IN", "CASE", "WHEN", "THEN", "ELSE", "END", "(", ")", ",",
    "=", "<=", "-", "5", "0.5", "'x'", '"q"', "DATE '2024-02-29'", "INTERVAL '0d'", "'", "--", "/*", "@", "{", "|", "?",
    "[", "]", "+", "{2,1}", "{3}", "\\",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from([" ", ""]))
@settings(max_examples=400, deadline=None)
def test_no_text_is_too_odd_to_be_changed(words: list[str], between: str) -> None:
    text = between.join(words)
    assert all(change.text != text for change in sql.changes(text, lambda _: ["c"], lambda _: "1"))
    assert all(change.text != text for change in patterns.changes(text))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a{3}", {"a{2}", "a{4}"}),
        ("a{2,3}", {"a{1,3}", "a{3,3}", "a{2,2}", "a{2,4}"}),
        ("a{2,}", {"a{1,}", "a{3,}"}),
        ("ab?", {"ab"}),
        ("a+", {"a*"}),
        ("[3-9]", {"[2-9]", "[4-9]", "[3-8]"}),
        ("[0-9]", set()),
        ("a|b", {"a", "b"}),
        ("(a|b)", set()),
        (r"\?\{2\}", set()),
        ("[?+{2}]", set()),
        ("a+?", {"a*?"}),
        ("(?:a)", set()),
    ],
)
def test_what_is_changed_in_a_pattern(pattern: str, expected: set[str]) -> None:
    assert {change.text for change in patterns.changes(pattern)} == expected


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("in_range", {"column": "a", "min": 2.0}, {"min: 2 → 1", "min: 2 → 3", "column: a → b"}),
        ("in_range", {"column": "x", "max": 33.3}, {"max: 33.3 → 33.2", "max: 33.3 → 33.4"}),
        ("in_range", {"column": "x", "min": 2.0}, {"min: 2 → 1.9", "min: 2 → 2.1"}),
        ("in_set", {"column": "t", "values": ["p", "q"]}, {"values: p in the list → left out"}),
        ("in_set", {"column": "a", "values": [1, 2]}, {"values: the list → with 0", "values: the list → with 3"}),
        ("unique", {"columns": ["a", "b"]}, {"columns: with a → without a", "columns: with b → without b"}),
        ("not_null", {"column": "t", "where": "a = 1"}, {"where: a = 1 → left out", "where: a = 1 → negated"}),
        ("matches", {"column": "t", "pattern": "[0-9]{3}"}, {"pattern: [0-9]{3} → [0-9]{2}", "column: t → s"}),
        ("resident_id", {"column": "t"}, {"forms: with foreign → without foreign"}),
        ("resident_id", {"column": "t"}, {"forms: without legacy → with legacy"}),
        ("resident_id", {"column": "t"}, {"verify: with sequence → without sequence"}),
        ("rate_feasible", {"numerator": "d", "denominator": "d", "rate": "d"}, {"missing: denominator → numerator"}),
        ("references", {"columns": ["t"], "to": "t", "having": "a > 1"}, {"having: > → >="}),
    ],
)  # fmt: skip
def test_what_is_changed_in_a_kind(kind: str, fields: dict[str, Any], expected: set[str]) -> None:
    columns = {"a": "integer", "b": "integer", "x": "number", "t": "text", "s": "text", "d": "decimal"}
    table = Table.model_validate({"columns": {name: {"type": of} for name, of in columns.items()}})
    made, _ = mutants(REGISTRY[kind].model_validate(fields), "t", {"t": table})
    found = {f"{mutant.field}: {mutant.was} → {mutant.now}" for mutant in made}
    assert expected <= found
    assert {": the rule → negated", ": the rule → never violated"} <= found


@pytest.mark.parametrize("kind", sorted(kind for kind, cls in REGISTRY.items() if not issubclass(cls, Profile)))
def test_every_kind_that_judges_records_can_be_mutated(kind: str) -> None:
    for case in cases(kind):
        check = case.build()
        names = [*dict.fromkeys(name for row in case.rows for name in row if not name.startswith("_"))] or ["any"]
        table = Table.model_validate({"columns": {name: {"type": case.types.get(name, "text")} for name in names}})
        others = {
            name: Table.model_validate({"columns": {c: {"type": case.types.get(c, "text")} for r in rows for c in r}})
            for name, rows in case.tables.items()
        }
        made, _ = mutants(check, "t", {"t": table, **others})
        said = [mutant.check.outcome.meta.serialize() for mutant in made]
        assert len(made) >= 2
        assert check.outcome.meta.serialize() not in said, "a mutant differs from its original"


# The command


def call(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["test", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_command_says_what_was_tried(ruleset_file: Write) -> None:
    code, said = call(ruleset_file(("fail: [59, 301]", "fail: [58, 301]"), text=HEAD + SBP))
    assert code == 0
    assert "tiny: 1 rules, 4 examples, 0 not as stated" in said
    assert "left out: 2 x automatic rule, tested by its case file" in said
    assert "mutants: 7 of 8 killed (87.5 %)" in said
    assert "survives: SBP, min: 60 → 59; add an example at sbp = 59 (violated)" in said


@pytest.mark.parametrize(("least", "code"), [("0.875", 0), ("0.88", 1), ("1", 1), ("0", 0)])
def test_the_share_can_be_asked_for(ruleset_file: Write, least: str, code: int) -> None:
    weak = ruleset_file(("fail: [59, 301]", "fail: [58, 301]"), text=HEAD + SBP)
    assert call(weak, "--min-killed", least)[0] == code


def test_without_examples_no_share_is_enough(ruleset_file: Write) -> None:
    path = ruleset_file(text=RULESET)
    assert call(path)[0] == 0
    assert call(path, "--min-killed", "0.01")[0] == 1


def test_examples_that_fail_end_in_findings_and_misplaced_ones_in_a_ruleset_error(ruleset_file: Write) -> None:
    code, said = call(ruleset_file(("fail: [59, 301]", "fail: [60]"), text=HEAD + SBP))
    assert (code, "RS021" in said) == (1, True)
    code, said = call(ruleset_file(("fail: [59, 301]", "fail: [{spb: 60}]"), text=HEAD + SBP))
    assert (code, "RS011" in said) == (2, True)
    assert call("no-such-file.yaml")[0] == 2


def test_a_share_that_is_not_all_is_never_printed_as_all() -> None:
    from assess.mutation.show import _percent

    assert _percent(Fraction(9999, 10000)) == " (99.9 %)"
    assert _percent(Fraction(1)) == " (100.0 %)"
    assert _percent(None) == ""


def test_the_same_as_json(ruleset_file: Write) -> None:
    code, said = call(ruleset_file(("fail: [59, 301]", "fail: [58, 301]"), text=HEAD + SBP), "--format", "json")
    found = json.loads(said)
    assert code == 0
    assert (found["mutants"], found["killed"], found["share"]) == (8, 7, 0.875)
    assert [survivor["rule"] for survivor in found["survivors"]] == ["SBP"]
    assert {rule["rule"]: rule["skipped"] for rule in found["rules"]}["SBP"] is None
