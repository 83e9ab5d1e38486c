"""A rule's own examples: read like submitted cells, run by the engine, held to what the rule states."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import RULESET

from assess import examples
from assess.errors import Problem, RulesetError
from assess.mutation.score import score
from assess.ruleset.load import load

Write = Callable[..., Path]

HEAD = RULESET[: RULESET.index("checks:\n")] + "checks:\n"
IN_RANGE = """\
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
      not_applicable: [null]
"""
REFERENCES = """\
  - id: KNOWN
    table: visits
    check: references
    columns: [person]
    to: units
    keys: [name]
    title: t
    examples:
      pass: [{person: "1"}]
      fail: [{person: "2"}]
      not_applicable: [{sbp: 120}]
"""


@pytest.fixture
def problems(ruleset_file: Write) -> Callable[..., list[Problem]]:
    """What `assess test` finds wrong with the examples of one rule, some of its text replaced."""

    def found(rule: str, *changes: tuple[str, str]) -> list[Problem]:
        try:
            return score(load(ruleset_file(*changes, text=HEAD + rule), "rules.yaml")).problems
        except RulesetError as error:
            return list(error.problems)

    return found


Find = Callable[..., list[Problem]]


def at(rule: str, text: str) -> tuple[int, int]:
    """The line and column of a text in the ruleset."""
    before = (HEAD + rule)[: (HEAD + rule).index(text)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize("rule", [IN_RANGE, REFERENCES])
def test_examples_that_hold_are_no_problem(problems: Find, rule: str) -> None:
    assert problems(rule) == []


def test_an_example_that_does_not_hold_is_found_at_its_line_and_column(problems: Find) -> None:
    changed = IN_RANGE.replace("59, 301", "59, 300")
    (problem,) = problems(changed)
    line, column = at(changed, "300]\n      not_applicable")
    assert (problem.file, problem.line, problem.column, problem.code) == ("rules.yaml", line, column, "RS021")
    assert problem.message == "'SBP' states that this example is violated, but it is satisfied"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[60, 300]", "[60, 301]", "is satisfied, but it is violated"),
        ("[60, 300]", "[60, null]", "is satisfied, but it is not applicable"),
        ("[null]", "[60]", "is not applicable, but it is satisfied"),
    ],
)
def test_every_outcome_is_held_to(problems: Find, old: str, new: str, says: str) -> None:
    (problem,) = problems(IN_RANGE, (old, new))
    assert problem.code == "RS021"
    assert says in problem.message


def test_cells_are_read_as_a_submitted_file_would_be(problems: Find) -> None:
    done = (
        IN_RANGE.replace("min: 60\n    max: 300", "values: [true]").replace("in_range", "in_set").replace("sbp", "done")
    )
    assert problems(done, ("[60, 300]", "[是, true, Y, 1]"), ("[59, 301]", "[否, false, 0]")) == []
    assert problems(IN_RANGE, ("[60, 300]", '["60", 60.0, " 300 "]')) == []


def test_a_cell_that_cannot_be_read_is_said_and_not_taken_for_null(problems: Find) -> None:
    (problem,) = problems(IN_RANGE, ("[null]", "[abc]"))
    assert problem.code == "RS005"
    assert problem.message == "'abc' cannot be read as integer"


def test_a_rule_about_cells_that_cannot_be_read_may_show_some(problems: Find) -> None:
    rule = "  - {id: R, table: visits, check: parses, title: t, examples: {pass: [{sbp: 1}], fail: [{sbp: abc}]}}\n"
    assert problems(rule) == []


def test_an_unknown_column_is_found_at_its_place(problems: Find) -> None:
    changed = IN_RANGE.replace("[59, 301]", "[{sbp: 59}, {spb: 301}]")
    (problem,) = problems(changed)
    assert (problem.code, problem.line, problem.column) == ("RS011", *at(changed, "spb"))
    assert problem.hint == "did you mean 'sbp'?"


def test_a_bare_value_is_refused_where_no_single_column_is_checked(problems: Find) -> None:
    (problem,) = problems(REFERENCES, ('[{person: "2"}]', '["2"]'))
    assert (problem.code, problem.hint) == ("RS005", "write {column: 2}")


def test_what_is_looked_up_is_the_keys_of_the_passing_examples(problems: Find) -> None:
    (problem,) = problems(REFERENCES, ('fail: [{person: "2"}]', 'fail: [{person: "1"}]'))
    assert problem.code == "RS021"
    assert problem.hint == "state the records of 'units' under `given`"


GIVEN = "    examples:\n      given: {units: [{name: '1', people: 5}, {name: '2', people: 4}]}\n"


def test_what_is_looked_up_can_be_given(problems: Find) -> None:
    having = ("    keys: [name]\n", "    keys: [name]\n    having: people >= 5\n")
    assert problems(REFERENCES, having, ("    examples:\n", GIVEN)) == []
    wrong = GIVEN.replace("people: 4", "people: 5")
    assert [problem.code for problem in problems(REFERENCES, having, ("    examples:\n", wrong))] == ["RS021"]


def test_given_records_are_held_to_their_table(problems: Find) -> None:
    unknown = GIVEN.replace("{units:", "{unit:")
    assert [p.code for p in problems(REFERENCES, ("    examples:\n", unknown))] == ["RS010"]
    column = GIVEN.replace("people: 4", "poeple: 4")
    assert [p.code for p in problems(REFERENCES, ("    examples:\n", column))] == ["RS011"]
    cell = GIVEN.replace("people: 4", "people: many")
    assert [p.message for p in problems(REFERENCES, ("    examples:\n", cell))] == ["'many' cannot be read as integer"]


UNIQUE = """\
  - id: ONCE
    table: visits
    check: unique
    columns: [person]
    title: t
    examples:
      given: {visits: [{person: "9"}]}
      pass: [{person: "1"}]
      fail: [{person: "2"}, {person: "2"}, {person: "9"}]
      not_applicable: [{sbp: 120}]
"""


def test_records_given_for_the_rules_own_table_stand_beside_its_examples(problems: Find) -> None:
    assert problems(UNIQUE) == []
    assert [p.code for p in problems(UNIQUE, ('{person: "9"}]}', '{person: "8"}]}'))] == ["RS021"]


def test_examples_of_a_rule_that_does_not_run_do_not_hold(problems: Find) -> None:
    (problem,) = problems(IN_RANGE.replace("column: sbp", "column: person"))
    assert problem.code == "RS021"
    assert "do not run" in problem.message


def test_a_rule_without_a_failing_example_is_a_warning(ruleset_file: Write) -> None:
    changed = IN_RANGE.replace("      fail: [59, 301]\n", "")
    (warning,) = examples.warnings(load(ruleset_file(text=HEAD + changed), "rules.yaml"))
    assert (warning.code, warning.level, warning.line, warning.column) == ("RS030", "warning", *at(changed, "SBP"))
    assert examples.warnings(load(ruleset_file(text=HEAD + IN_RANGE))) == []


def test_automatic_rules_are_not_asked_for_examples(ruleset_file: Write) -> None:
    loaded = load(ruleset_file())
    assert {warning.message.split("'")[1] for warning in examples.warnings(loaded)} == {"V-SBP", "V-DAY", "V-DONE"}
    assert [rule.id for rule in loaded.ruleset.checks if examples.skipped(rule, loaded)] == [
        "units-CELLS",
        "visits-CELLS",
    ]


VIEWED = """\
  - id: OFTEN
    table: often
    check: in_range
    column: times
    max: 4
    title: t
    examples: {pass: [{person: "1", times: 4}], fail: [{person: "1", times: 5}], not_applicable: [{person: "1"}]}
"""


def test_a_rule_on_a_view_has_examples_of_the_views_records(ruleset_file: Write) -> None:
    sql = "SELECT unit, person, COUNT(*) AS times FROM visits GROUP BY unit, person"
    views = f"views:\n  often: {{per: person, sql: '{sql}'}}\n"
    text = HEAD.replace("checks:\n", views + "checks:\n") + VIEWED
    found = score(load(ruleset_file(text=text)))
    assert not found.problems
    assert found.killed == found.mutants > 3
    (problem,) = score(load(ruleset_file(("times: 5", "times: 3"), text=text))).problems
    assert problem.code == "RS021"
