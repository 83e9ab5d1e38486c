"""The language of allocations in a ruleset: mistakes at their place, what extends what, and the schema for editors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import RULESET
from jsonschema import Draft202012Validator
from test_schema import as_an_editor_sees_it

from assess.engine.trial import everything
from assess.errors import Problem, RulesetError
from assess.ruleset.load import load
from assess.ruleset.schema import json_schema

Write = Callable[..., Path]
ONE = RULESET[RULESET.index("allocation:\n") :]
SEVERAL = """\
allocation:
  pools:
    - id: basic
      title: {zh: 基本, en: Basic}
      pool: 1000.00
      basis: {sum: people * @per_capita}
      coefficient: {method: bands, decimals: 4, bands: [{from: 0.9, coefficient: 1.0}, {from: 0.6, coefficient: 0.8}]}
      floor: {amount: 10.00}
      cap: {share: 1.2}
      redistribute_to: [GOOD]
    - id: points
      pool: 500.00
      basis: {indicator: VISITED}
      coefficient: {method: cliff, full_from: 0.85, decimals: 4}
      withheld: carry
    - {id: best, pool: 100.00, basis: {score: true}, coefficient: {method: none}}
  prepaid: {sum: people * 2}
  negative: clawback
"""


def with_pools(*changes: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return ((ONE, SEVERAL), *changes)


def problems_of(path: Path) -> tuple[Problem, ...]:
    try:
        return everything(path, "rules.yaml").problems
    except RulesetError as error:
        return error.problems


def test_several_pools_are_sound_and_an_indicator_that_money_rests_on_is_used(ruleset_file: Write) -> None:
    assert problems_of(ruleset_file(*with_pools())) == ()
    spare = ("indicators:\n", "indicators:\n  - {id: WORK, title: W, kind: count, numerator: {table: visits}}\n")
    assert [problem.code for problem in problems_of(ruleset_file(*with_pools(spare)))] == ["RS032"]
    used = ("indicator: VISITED}\n      coefficient", "indicator: WORK}\n      coefficient")
    assert problems_of(ruleset_file(*with_pools(spare, used))) == ()


class Mistake(NamedTuple):
    """A text of the pools, what it is replaced by, and what must be said at the first `at` in the new text."""

    code: str
    old: str
    new: str
    at: str
    says: str


MISTAKES = [
    Mistake("RS005", "  pools:\n", "  pool: 5.00\n  pools:\n", "5.00", "'pool' stands beside `pools`"),
    Mistake("RS005", "  pools:\n", "  floor: {share: 0.8}\n  pools:\n", "{share: 0.8}", "'floor' stands beside"),
    Mistake("RS004", "  negative: clawback\n", "", "pools:", "'negative' is missing in allocation"),
    Mistake("RS005", "  prepaid: {sum: people * 2}\n", "", "clawback", "means nothing without `prepaid`"),
    Mistake("RS005", "negative: clawback", "negative: claw", "claw", "'clawback', 'carry' or 'waive'"),
    Mistake("RS013", "{indicator: VISITED}\n      c", "{indicator: VISITD}\n      c", "VISITD", "mean 'VISITED'?"),
    Mistake("RS013", "[GOOD]", "[GODO]", "GODO", "there is no grade 'GODO' (did you mean 'GOOD'?)"),
    Mistake("RS005", "pool: 500.00", "pool: 500.001", "500.001", "more than two decimals"),
    Mistake("RS005", "amount: 10.00", "amount: 10.001", "10.001", "more than two decimals"),
    Mistake("RS005", "{score: true}", "{score: true, sum: people}", "{score: true, sum", "sum and score, but rests on"),
    Mistake("RS005", "{score: true}", "{}", "{}, coefficient", "nothing, but rests on one of"),
    Mistake("RS005", "{share: 1.2}", "{share: 1.2, amount: 5}", "{share: 1.2, amount", "either an amount or a share"),
    Mistake("RS005", "cap: {share: 1.2}", "cap: {amount: 5}", "{amount: 10.00}", "amount 10.00 above that of the cap"),
    Mistake("RS005", "withheld: carry", "withheld: carry\n      redistribute_to: [A]", "[A]", "keeps it"),
    Mistake("RS005", "withheld: carry", "withheld: burn", "burn", "'redistribute', 'carry' or 'return'"),
    Mistake("RS005", "coefficient: 0.8", "coefficient: 1.8", "[{from: 0.9", "a better score must never be worth less"),
    Mistake("RS005", "from: 0.6", "from: 0.9", "[{from: 0.9", "two bands from 0.9"),
    Mistake("RS005", "bands, decimals: 4", "bands, decimals: four", "four", "'decimals' should be a whole number"),
    Mistake("RS003", "bands, decimals: 4", "bands, decimal: 4", "decimal: 4", "did you mean 'decimals'?"),
    Mistake("RS003", "from: 0.9, coeff", "from: 0.9, coef: 1, coeff", "coef: 1", "known: coefficient, from"),
    Mistake("RS004", "from: 0.6, ", "", "{coefficient: 0.8", "'from' is missing"),
    Mistake("RS006", "method: cliff", "method: clif", "clif", "did you mean 'cliff'?"),
    Mistake("RS004", "      pool: 500.00\n", "", "id: points", "'pool' is missing in allocation.pools.1"),
    Mistake("RS012", "id: points", "id: basic", "basic\n      pool: 500", "another pool"),
    Mistake("RS011", "sum: people *", "sum: peopel *", "peopel", "did you mean 'people'?"),
    Mistake("RS011", "people * 2", "peopel * 2", "peopel", "did you mean 'people'?"),
    Mistake("RS005", "{indicator: VISITED}\n      c", "{indicator: 3}\n      c", "3}\n", "should be text"),
    Mistake("RS005", "share: 1.2", "share: lots", "lots", "'share' should be a number"),
    Mistake("RS007", "people * @per_capita", "MAX(people) * @per_capita", "MAX", "more than one record"),
    Mistake("RS007", "people * 2", "people * @tow", "people * @tow", "@tow is not declared"),
    Mistake("RS020", "people * 2", "people || county * 2", "people ||", "'allocation' does not run (prepaid)"),
    Mistake("RS020", "people * @", "county - @", "county - @", "'allocation' does not run (basis basic)"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.code} {mistake.new.strip()[:30]}")
def test_a_mistake_is_found_where_it_is_with_what_to_do(mistake: Mistake, ruleset_file: Write) -> None:
    assert mistake.old in SEVERAL
    allocation = SEVERAL.replace(mistake.old, mistake.new, 1)
    path = ruleset_file((ONE, allocation))
    text = path.read_text(encoding="utf-8")
    before = text[: text.index(mistake.at, text.index("allocation:"))]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    found = problems_of(path)
    here = [problem for problem in found if problem.code == mistake.code and mistake.says in str(problem)]
    assert [(problem.line, problem.column) for problem in here] == [(line, column)], "\n".join(map(str, found))
    assert len(found) == 1, "\n".join(map(str, found))


NO_SCORE = RULESET[RULESET.index("score:\n") : RULESET.index("allocation:\n")]


def test_without_a_score_only_pools_that_do_not_look_at_it_can_be_split(ruleset_file: Write) -> None:
    found = problems_of(ruleset_file(*with_pools((NO_SCORE, ""))))
    said = [(p.line, p.column) for p in found if "splits by score" in p.message]
    text = (RULESET.replace(NO_SCORE, "").replace(ONE, SEVERAL)).splitlines()
    lines = [
        next(n for n, line in enumerate(text, 1) if word in line) for word in ("id: basic", "id: points", "id: best")
    ]
    assert [line for line, _ in said] == lines
    assert text[lines[-1] - 1][said[-1][1] - 1 :].startswith("score: true")
    blind = ("coefficient: {method: linear}", "coefficient: {method: none}")
    assert not [p for p in problems_of(ruleset_file((NO_SCORE, ""), blind)) if p.level == "error"]


def test_mistakes_in_several_pools_do_not_hide_each_other(ruleset_file: Write) -> None:
    path = ruleset_file(*with_pools(
        ("pool: 1000.00", "pool: all"), ("people * @per", "peopel * @per"), ("method: cliff", "method: clif"),
        ("[GOOD]", "[GODO]"), ("{indicator: VISITED}\n      c", "{indicator: VISITD}\n      c"),
        ("  negative: clawback\n", ""), ("people * 2", "poeple * 2"),
    ))  # fmt: skip
    assert sorted(problem.code for problem in problems_of(path)) == [
        "RS004", "RS005", "RS006", "RS011", "RS011", "RS013", "RS013"
    ]  # fmt: skip


def test_one_pool_lacks_what_it_lacks(ruleset_file: Write) -> None:
    found = problems_of(ruleset_file(("  basis: {sum: people * @per_capita}\n", "")))
    assert [str(p) for p in found if p.level == "error"] == [
        "rules.yaml:69:3: RS004 key 'basis' is missing in allocation"
    ]


# ---- rulesets on top of others ---------------------------------------------------------------------------------------

HEAD = "ruleset: own\nversion: 2\nextends: base.yaml\n"


def extended(folder: Path, own: str, base: str = RULESET.replace(ONE, SEVERAL)) -> Any:
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "own.yaml").write_text(HEAD + own, encoding="utf-8")
    return load(folder / "own.yaml").ruleset.allocation


def test_pools_are_changed_added_and_dropped_by_id(tmp_path: Path) -> None:
    own = (
        "drop: {pools: [best]}\nallocation:\n  pools:\n    - {id: points, pool: 700.00, basis: {sum: people}}\n"
        "    - {id: new, pool: 1.00, basis: {sum: people}, coefficient: {method: linear}}\n"
        "    - {id: basic, floor: {share: 0.5}, coefficient: {method: linear}, redistribute_to: null}\n"
    )
    basic, points, new = extended(tmp_path, own).each
    assert (basic.id, basic.pool_minor, basic.floor.share, basic.floor.amount) == ("basic", 100000, 0.5, None)
    assert (basic.coefficient.model_dump(), basic.redistribute_to) == ({"decimals": None, "method": "linear"}, None)
    assert (points.id, points.pool_minor, points.basis.indicator) == ("points", 70000, None)
    assert points.coefficient.full_from == 0.85
    assert (new.id, new.withheld) == ("new", None)


def test_the_form_of_the_file_on_top_is_the_one_in_effect(tmp_path: Path) -> None:
    one = "allocation: {pool: 5.00, basis: {sum: people}, coefficient: {method: linear}}\n"
    assert [pool.id for pool in extended(tmp_path, one).each] == ["pool"]
    several = "allocation:\n  pools:\n    - {id: a, pool: 5.00, basis: {sum: people}, coefficient: {method: linear}}\n"
    assert [pool.id for pool in extended(tmp_path, several, RULESET).each] == ["a"]


def test_a_basis_and_a_bound_are_changed_as_a_whole(tmp_path: Path) -> None:
    base = RULESET.replace("pool: 1000.00\n", "pool: 1000.00\n  floor: {amount: 1.00}\n")
    changed = extended(tmp_path, "allocation: {basis: {indicator: VISITED}, floor: {share: 0.5}}\n", base).each[0]
    assert (changed.basis.sum, changed.basis.indicator, changed.floor.amount) == (None, "VISITED", None)


# ---- the schema ------------------------------------------------------------------------------------------------------

VALIDATOR = Draft202012Validator(json_schema())


def faults(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_an_editor_sees_it(text))]


@pytest.mark.parametrize("allocation", [
    SEVERAL, ONE, ONE + "  floor: {amount: 1.00}\n  cap: {share: 2}\n  withheld: return\n",
    ONE + "  prepaid: {sum: people}\n  negative: waive\n",
])  # fmt: skip
def test_the_schema_accepts_what_reading_accepts(allocation: str) -> None:
    assert faults(RULESET.replace(ONE, allocation)) == []


@pytest.mark.parametrize("own", [
    "allocation: {pool: 5.00}\n", "allocation: null\n", "allocation:\n  pools:\n    - {id: basic, pool: 5.00}\n",
    "allocation: {negative: waive}\n", "allocation: {basis: {indicator: VISITED}}\n",
])  # fmt: skip
def test_the_schema_accepts_what_a_file_changes_in_another(own: str) -> None:
    assert faults(HEAD + own) == []


SCHEMA_KNOWS_NOT = {"RS011", "RS012", "RS013", "RS007", "RS020"}
ONLY_READING_FINDS = ("more than two decimals", "above that of the cap", "keeps it", "never be worth less", "two bands")


@pytest.mark.parametrize(
    "mistake",
    [m for m in MISTAKES if m.code not in SCHEMA_KNOWS_NOT and not any(word in m.says for word in ONLY_READING_FINDS)],
    ids=lambda mistake: mistake.new.strip()[:30],
)
def test_the_schema_refuses_mistakes_of_form(mistake: Mistake) -> None:
    assert faults(RULESET.replace(ONE, SEVERAL.replace(mistake.old, mistake.new, 1)))


@pytest.mark.parametrize("own", ["allocation: {pol: 5.00}\n", "allocation: {withheld: burn}\n",
                                 "allocation:\n  pools:\n    - {id: basic, floor: {share: much}}\n"])  # fmt: skip
def test_the_schema_refuses_mistakes_in_a_file_that_changes_another(own: str) -> None:
    assert faults(HEAD + own)
