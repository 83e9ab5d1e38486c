"""The JSON Schema of the ruleset language, generated from its models."""

from __future__ import annotations

from typing import Any

from assess.checks import REGISTRY
from assess.ruleset.spec import Ruleset

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) by which editors complete and validate rulesets.

    In the models a rule holds its check; in YAML the check's fields stand beside the rule's. So each kind becomes one
    alternative that has both.
    """
    schema = Ruleset.model_json_schema(by_alias=True, mode="validation")
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
    return {"$schema": DIALECT, **schema}
