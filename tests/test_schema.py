"""The JSON Schema for editors says of a ruleset what reading it says."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import RULESET
from jsonschema import Draft202012Validator

from assess.checks import REGISTRY
from assess.ruleset import builtin, located
from assess.ruleset.schema import DIALECT, json_schema

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def as_an_editor_sees_it(text: str) -> Any:
    """YAML as data of JSON: days are text."""
    data = located.parse(text, located.Located("f")).data

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value if value is None or isinstance(value, bool | int | float | str) else value.isoformat()

    return plain(data)


def faults(text: str) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(as_an_editor_sees_it(text))]


def test_it_is_a_schema_itself() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == DIALECT


@pytest.mark.parametrize("name", builtin.names())
def test_it_accepts_the_shipped_rulesets(name: str) -> None:
    assert faults(builtin.find(name).read_text(encoding="utf-8")) == []


def test_it_accepts_the_tiny_ruleset() -> None:
    assert faults(RULESET) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("severity: critical", "sevrity: critical"), ("max: 300", "maximum: 300"), ("min: 60", "min: sixty"),
     ("check: in_range", "check: in_rnge"), ("    check: in_range\n", ""), ("severity: critical", "severity: grave"),
     ("kind: coverage", "kind: covrage"), ("method: threshold", "method: treshold"), ("column: sbp", "column: [sbp]"),
     ("  max: 100\n", ""), ("sbp: {type: integer", "sbp: {type: int"), ("levels: [county]", "levels: county"),
     ("id: V-SBP", "id: 1 of 2"), ("points: 60", "points: 0"), ("above: 0.5", "above: 1.5"),
     ("title: {zh: 随访率, en: Visited}", "title: {fr: visites}"), ("checks:\n", "cheks:\n")],
)  # fmt: skip
def test_it_refuses_mistakes(old: str, new: str) -> None:
    assert old in RULESET
    assert faults(RULESET.replace(old, new, 1))


def test_every_kind_of_check_is_an_alternative_with_its_fields_described() -> None:
    alternatives = {entry["title"]: entry for entry in SCHEMA["$defs"]["Rule"]["oneOf"]}
    assert set(alternatives) == set(REGISTRY)
    for kind, entry in alternatives.items():
        assert entry["properties"]["check"]["const"] == kind
        assert all(field.get("description") for field in entry["properties"].values()), kind


def test_every_reference_leads_somewhere() -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(item) for item in node)) if isinstance(node, list) else set()

    assert {ref.removeprefix("#/$defs/") for ref in references(SCHEMA)} <= set(SCHEMA["$defs"])
