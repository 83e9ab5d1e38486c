"""Rulesets that build on each other: what is added, changed and dropped, and where each field comes from."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import RULESET
from jsonschema import Draft202012Validator
from test_schema import as_an_editor_sees_it

from assess.effective import effective, listing
from assess.errors import Problem, RulesetError, UsageError
from assess.ruleset import builtin
from assess.ruleset.extend import MAX_FILES
from assess.ruleset.load import Loaded, load
from assess.ruleset.schema import json_schema
from assess.ruleset.settings import parse

Lay = Callable[..., Loaded]
HEAD = "ruleset: own\nversion: 2\nextends: base.yaml\n"


@pytest.fixture
def lay_rules(tmp_path: Path) -> Lay:
    """The tiny ruleset as base.yaml, and files on top of it; the first is loaded under the name rules/<file>."""

    def go(own: str, **others: str) -> Loaded:
        for name, text in {"own": HEAD + own, "base": RULESET, **others}.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return load(tmp_path / "own.yaml", "rules/own.yaml")

    return go


def problems(lay_rules: Lay, own: str, **others: str) -> list[Problem]:
    with pytest.raises(RulesetError) as refused:
        lay_rules(own, **others)
    return list(refused.value.problems)


def test_without_changes_it_is_the_base_under_another_name(lay_rules: Lay, tmp_path: Path) -> None:
    own, base = lay_rules("").ruleset, load(tmp_path / "base.yaml").ruleset
    assert own == base.model_copy(update={"ruleset": "own", "version": "2"})


def test_entries_are_changed_and_added_by_id_and_keep_their_place(lay_rules: Lay) -> None:
    spec = lay_rules(
        "checks:\n"
        "  - {id: NEW, table: visits, check: not_null, column: sbp, title: New}\n"
        "  - {id: V-SBP, max: 250, title: {en: Beyond}}\n"
        "score:\n  grades:\n    - {id: GOOD, min: 90}\n    - {id: FAIR, title: Fair, min: 60}\n"
    ).ruleset
    assert [rule.id for rule in spec.checks[:4]] == ["V-SBP", "V-DAY", "V-DONE", "NEW"]
    assert spec.checks[0].check.model_dump(exclude_none=True) == {"column": "sbp", "min": 60.0, "max": 250.0}
    assert (spec.checks[0].title.zh, spec.checks[0].title.en) == ("收缩压超出范围", "Beyond")
    assert spec.score is not None
    assert [(grade.id, grade.min) for grade in spec.score.grades] == [("GOOD", 90), ("FAIR", 60)]


def test_parts_are_known_by_what_they_score(lay_rules: Lay) -> None:
    spec = lay_rules(
        "score:\n  parts:\n    - {rule: V-DAY, points: 30}\n    - {indicator: VISITED, points: 70}\n"
    ).ruleset
    assert spec.score is not None
    assert [(part.subject, part.points) for part in spec.score.parts] == [("VISITED", 70), ("V-DAY", 30)]


def test_maps_merge_by_key_and_lists_without_names_are_replaced(lay_rules: Lay) -> None:
    spec = lay_rules(
        "parameters: {per_capita: 99, limit: 1}\ntables:\n  visits:\n    aliases: [复诊]\n"
        "    columns: {pulse: {type: integer}, sbp: {personal: true}}\nunit: {levels: []}\n"
    ).ruleset
    assert dict(spec.parameters) == {"per_capita": 99, "limit": 1}
    assert spec.tables["visits"].aliases == ("复诊",)
    assert list(spec.tables["visits"].columns)[-1] == "pulse"
    assert (spec.tables["visits"].columns["sbp"].type, spec.tables["visits"].columns["sbp"].personal) == (
        "integer",
        True,
    )
    assert spec.unit.levels == ()


def test_another_kind_does_not_inherit_the_fields_of_the_old_one(lay_rules: Lay) -> None:
    rule = lay_rules("checks:\n  - {id: V-SBP, check: not_null, column: sbp}\n").ruleset.checks[0]
    assert (rule.check.kind, rule.severity) == ("not_null", "critical")


def test_a_section_is_switched_off_with_null(lay_rules: Lay) -> None:
    spec = lay_rules("allocation: null\n").ruleset
    assert spec.allocation is None


def test_what_is_dropped_is_gone_and_may_be_stated_anew(lay_rules: Lay) -> None:
    spec = lay_rules(
        "allocation: null\nparameters: {}\ndrop:\n  checks: [V-SBP, V-DONE]\n  veto: [FRAUD]\n  parts: [V-DAY]\n"
        "  parameters: [per_capita]\nscore: {max: 60}\n"
        "checks:\n  - {id: V-SBP, table: visits, check: not_null, column: sbp, title: Anew}\n"
    ).ruleset
    assert [rule.id for rule in spec.checks[:2]] == ["V-DAY", "V-SBP"]
    assert spec.checks[1].severity == "major"
    assert spec.score is not None
    assert (len(spec.score.parts), spec.score.veto, dict(spec.parameters)) == (1, (), {})


def test_several_levels_and_a_built_in_base(lay_rules: Lay, tmp_path: Path) -> None:
    middle = "ruleset: middle\nversion: 1\nextends: base.yaml\nchecks:\n  - {id: V-SBP, max: 280, min: 50}\n"
    spec = lay_rules("checks:\n  - {id: V-SBP, max: 250}\n", base=RULESET, middle=middle).ruleset
    (tmp_path / "own.yaml").write_text(
        HEAD.replace("base.yaml", "middle.yaml") + "checks:\n  - {id: V-SBP, max: 250}\n", encoding="utf-8"
    )
    loaded = load(tmp_path / "own.yaml")
    spec = loaded.ruleset
    assert spec.checks[0].check.model_dump(exclude_none=True) == {"column": "sbp", "min": 50.0, "max": 250.0}
    assert [source.file for source in loaded.sources] == ["own.yaml", "middle.yaml", "base.yaml"]
    name = builtin.names()[0]
    (tmp_path / "own.yaml").write_text(HEAD.replace("base.yaml", name), encoding="utf-8")
    assert len(load(tmp_path / "own.yaml").ruleset.checks) == len(load(builtin.find(name)).ruleset.checks)


def test_a_base_in_a_folder_below_is_found_from_there(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.yaml").write_text(HEAD.replace("base.yaml", "b.yaml"), encoding="utf-8")
    (tmp_path / "sub" / "b.yaml").write_text(RULESET.replace("min: 60", "min: 600"), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(HEAD.replace("base.yaml", "sub/a.yaml"), encoding="utf-8")
    with pytest.raises(RulesetError, match=r"rules/sub/b\.yaml:\d+:\d+: RS005"):
        load(tmp_path / "own.yaml", "rules/own.yaml")


def test_the_digest_covers_every_file(lay_rules: Lay) -> None:
    digests = {
        lay_rules("").digest, lay_rules("", base=RULESET.replace("94", "95")).digest,
        lay_rules("# a remark\n").digest,
    }  # fmt: skip
    assert len(digests) == 3
    assert len({source.sha256 for source in lay_rules("").sources}) == 2


# ---- where things stand ----------------------------------------------------------------------------------------------


def test_a_mistake_is_named_in_the_file_where_the_value_stands(lay_rules: Lay) -> None:
    found = problems(
        lay_rules, "checks:\n  - id: V-SBP\n    max: 30\n    colum: x\n  - {id: V-DAY, severity: grave}\n",
        base=RULESET.replace("column: done", "column: dne"),
    )  # fmt: skip
    at = RULESET.splitlines().index("    column: done") + 1
    assert [(p.file, p.line, p.code) for p in found] == [
        ("rules/base.yaml", at, "RS011"), ("rules/own.yaml", 5, "RS005"), ("rules/own.yaml", 7, "RS003"),
        ("rules/own.yaml", 8, "RS005"),
    ]  # fmt: skip


def test_two_entries_of_one_id_in_one_file_are_still_two(lay_rules: Lay) -> None:
    found = problems(lay_rules, "checks:\n  - {id: V-SBP, max: 250}\n  - {id: V-SBP, max: 240}\n")
    assert "RS012" in {problem.code for problem in found}


@pytest.mark.parametrize(
    ("own", "code", "says"),
    [
        ("drop: {checks: [V-SPB]}", "RS013", "did you mean 'V-SBP'?"),
        ("drop: {cheks: [V-SBP]}", "RS003", "did you mean 'checks'?"),
        ("drop: {checks: V-SBP}", "RS005", "a list of names"),
        ("drop: [V-SBP]", "RS005", "a mapping"),
        ("exends: x", "RS003", "did you mean 'extends'?"),
    ],
)
def test_a_wrong_drop_is_named(lay_rules: Lay, own: str, code: str, says: str) -> None:
    (problem,) = problems(lay_rules, own + "\n")
    assert (problem.code, problem.file, problem.line) == (code, "rules/own.yaml", 4)
    assert says in str(problem)


def test_what_needs_a_dropped_rule_is_left_dangling(lay_rules: Lay) -> None:
    (problem,) = problems(lay_rules, "drop: {checks: [V-SBP]}\n")
    assert (problem.code, problem.file) == ("RS013", "rules/base.yaml")


def test_a_ruleset_that_extends_has_a_name_and_version_of_its_own(lay_rules: Lay, tmp_path: Path) -> None:
    lay_rules("")
    (tmp_path / "own.yaml").write_text("extends: base.yaml\n", encoding="utf-8")
    with pytest.raises(RulesetError) as refused:
        load(tmp_path / "own.yaml")
    assert [(problem.code, problem.file.endswith("own.yaml")) for problem in refused.value.problems] == [
        ("RS004", True)
    ] * 2


def test_drop_without_a_base_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULESET + "drop: {checks: [V-SBP]}\n", encoding="utf-8")
    with pytest.raises(RulesetError, match="extends no other file"):
        load(path)


# ---- files that may not be extended ----------------------------------------------------------------------------------

ESCAPES = [
    "/etc/passwd.yaml", "../base.yaml", "sub/../../base.yaml", "..\\base.yaml", "C:base.yaml", "out.yaml", "none.yaml",
    "folder.yaml", "loop.yaml", "no-such-ruleset", "'base.yaml\\0'", "''", "3", "[base.yaml]", "null", "~/x.yaml",
    "file:///etc/x.yaml", "own.yaml", '"a\\nb.yaml"', "outdir/base.yaml",
]  # fmt: skip


@pytest.mark.parametrize("base", ESCAPES)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, base: str) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (tmp_path / "base.yaml").write_text(RULESET, encoding="utf-8")
    (folder / "out.yaml").symlink_to(tmp_path / "base.yaml")
    (folder / "outdir").symlink_to(tmp_path)
    (folder / "folder.yaml").mkdir()
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "own.yaml").write_text(HEAD.replace("base.yaml", base), encoding="utf-8")
    with pytest.raises(RulesetError) as refused:
        load(folder / "own.yaml", "own.yaml")
    (problem,) = refused.value.problems
    assert (problem.code, problem.file, problem.line, problem.column) == ("RS008", "own.yaml", 3, 10)
    assert len(str(problem).splitlines()) == 1


def test_a_link_within_the_folder_is_welcome(lay_rules: Lay, tmp_path: Path) -> None:
    lay_rules("")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "base.yaml")
    (tmp_path / "own.yaml").write_text(HEAD.replace("base.yaml", "link.yaml"), encoding="utf-8")
    assert load(tmp_path / "own.yaml").ruleset.ruleset == "own"


def test_circles_and_long_chains_are_refused(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "b")):
        (tmp_path / f"{name}.yaml").write_text(f"ruleset: x\nversion: 1\nextends: {base}.yaml\n", encoding="utf-8")
    with pytest.raises(RulesetError, match=r"c\.yaml:3:10: RS008 extends itself"):
        load(tmp_path / "a.yaml", "a.yaml")
    for n in range(MAX_FILES + 1):
        text = f"ruleset: x\nversion: 1\nextends: n{n + 1}.yaml\n" if n < MAX_FILES else RULESET
        (tmp_path / f"n{n}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulesetError, match="RS008 builds on more than"):
        load(tmp_path / "n0.yaml")
    assert len(load(tmp_path / "n1.yaml").sources) == MAX_FILES


# ---- parameters from the command line --------------------------------------------------------------------------------


def test_a_parameter_is_set_in_the_type_it_is_declared_with(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    declared = "per_capita: 94\n  flag: true\n  day: 2024-01-01\n  word: 甲\n  share: 0.5\n"
    path.write_text(RULESET.replace("per_capita: 94\n", declared), encoding="utf-8")
    pairs = ("per_capita=99.5", "flag=False", "day=2024-02-29", "word='; DROP TABLE visits; --", "share=1")
    found = load(path, settings=parse(pairs))
    assert {name: str(value) for name, value in found.ruleset.parameters.items()} == {
        "per_capita": "99.5", "flag": "False", "day": "2024-02-29", "word": "'; DROP TABLE visits; --", "share": "1"
    }  # fmt: skip
    assert found.settings["per_capita"] == "99.5"


@pytest.mark.parametrize(
    ("pair", "says"),
    [("per_capta=1", "did you mean 'per_capita'?"), ("per_capita=many", "should be a number"), ("per_capita", "NAME=VALUE"),
     ("per_capita=inf", "should be a number"), ("per_capita=1_0", "should be a number"), ("=1", "NAME=VALUE"),
     ("as_of=2024-01-01", "declares no parameter"), ("per_capita=", "should be a number")],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(tmp_path: Path, pair: str, says: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(RULESET, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load(path, settings=parse((pair,)))
    assert says in str(refused.value)


# ---- assess explain RULESET ID ---------------------------------------------------------------------------------------


def test_the_effective_rule_shows_where_each_field_came_from(lay_rules: Lay) -> None:
    text = effective(
        lay_rules(
            "checks:\n  - id: V-SBP\n    max: 250\n    source: Clause 7\n    examples: {pass: [120], fail: [251]}\n"
        ),
        "V-SBP",
    )
    at = RULESET.splitlines().index("    min: 60") + 1
    for line in (
        "max 250.0 [rules/own.yaml:6]", f"min 60.0 [rules/base.yaml:{at}]", "tolerance 0.0 [default]",
        "Source: Clause 7 [rules/own.yaml:7]", "Evaluated by in_range (plausibility)", 'col("sbp")', "fail 251",
    ):  # fmt: skip
        assert line in re.sub(" +", " ", text), text


def test_the_effective_indicator_shows_what_it_counts(lay_rules: Lay) -> None:
    text = effective(lay_rules("indicators:\n  - {id: VISITED, target: {value: 0.7}}\n"), "VISITED")
    for line in (
        "0.7  [rules/own.yaml:5]",
        "numerator: number of records in visits where done",
        "ceiling: 100%",
        "V-SBP",
    ):
        assert line in text, text


def test_the_list_names_everything_and_a_wrong_id_is_refused(lay_rules: Lay) -> None:
    loaded = lay_rules("")
    assert all(name in listing(loaded) for name in ("V-SBP", "VISITED", "visits-CELLS", "own.yaml < base.yaml"))
    assert "added to every table" in effective(loaded, "visits-CELLS")
    with pytest.raises(UsageError, match="did you mean 'V-SBP'"):
        effective(loaded, "V-SPB")


def test_editors_accept_a_file_that_states_only_its_changes() -> None:
    validator = Draft202012Validator(json_schema())
    good = (
        HEAD + "checks:\n  - {id: V-SBP, max: 250}\nscore: {parts: [{indicator: A, points: 3}]}\ndrop: {checks: [A]}\n"
    )
    assert not [error.message for error in validator.iter_errors(as_an_editor_sees_it(good))]
    for bad in ("maximum: 250", "severity: grave"):
        assert list(validator.iter_errors(as_an_editor_sees_it(good.replace("max: 250", bad))))
