"""The JSON Schema of the ruleset language, generated from its models."""

from __future__ import annotations

from typing import Any

from assess.checks import REGISTRY
from assess.ruleset.spec import File

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) by which editors complete and validate rulesets.

    In the models a rule holds its check; in YAML the check's fields stand beside the rule's. So each kind becomes one
    alternative that has both.
    """
    schema = File.model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = schema["$defs"]
    rule = definitions["Rule"]
    own = {name: field for name, field in rule["properties"].items() if name != "check"}
    required = [name for name in rule["required"] if name != "check"]
    alternatives = []
    for kind, cls in sorted(REGISTRY.items()):
        fields = definitions.pop(cls.__name__)
        alternatives.append(
            {
                "title": kind,
                "description": cls.__doc__,
                "type": "object",
                "properties": {**own, "check": {"const": kind, "description": cls.__doc__}, **fields["properties"]},
                "required": [*required, "check", *fields.get("required", [])],
                "additionalProperties": False,
            }
        )
    definitions["Rule"] = {"title": "Rule", "description": rule["description"], "oneOf": alternatives}
    # A text in two languages may be written as one plain string.
    text = definitions["Text"]
    definitions["Text"] = {"anyOf": [{"type": "string"}, text]}
    # What extends another ruleset states only what it changes.
    whole = {"required": schema.pop("required")}
    whole["properties"] = schema.pop("properties")
    partial: dict[str, Any] = {"properties": {name: _partly(field) for name, field in whole["properties"].items()}}
    partial["required"] = ["extends", "ruleset", "version"]
    for name in list(definitions):
        definitions[f"{name}Changed"] = _partly(definitions[name])
    alternatives = definitions["RuleChanged"]["anyOf"]
    definitions["RuleChanged"]["anyOf"] = [{**entry, "required": ["id"]} for entry in alternatives]
    definitions["TextChanged"] = definitions["Text"]
    shut = {"additionalProperties": False}
    schema.pop("additionalProperties", None)
    return {"$schema": DIALECT, **schema, "if": {"required": ["extends"]}, "then": {**partial, **shut},
            "else": {**whole, **shut}}  # fmt: skip


_NAMES = ("id", "group", "indicator", "rule", "item")
_OF_A_WHOLE = ("minProperties", "discriminator", "dependentRequired")


def _partly(node: Any) -> Any:
    """A part of the schema for a file that changes another: nothing but the name of an entry must be stated."""
    if isinstance(node, list):
        return [_partly(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _partly(value) for key, value in node.items() if key not in _OF_A_WHOLE}
    if isinstance(found.get("$ref"), str):
        found["$ref"] += "Changed"
    if isinstance(found.get("required"), list):
        found["required"] = [name for name in found["required"] if name in _NAMES]
    if "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    return found
