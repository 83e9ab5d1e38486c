"""A ruleset as suites of Great Expectations, one for each submitted table, and what has no place in one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assess.checks.conformance import Parses
from assess.crosscheck.engine import condition_of, expectation, quietly
from assess.crosscheck.errors import InexpressibleError
from assess.crosscheck.translation import translated
from assess.crosscheck.words import Said
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Rule, Ruleset

NOT_MAPPED = "not_mapped.json"
# Great Expectations knows three; what a rule itself says stands in its meta.
_SEVERITIES = {"critical": "critical", "major": "warning", "minor": "warning", "info": "info"}
_WITHOUT_MOSTLY = ("ExpectTableRowCountToEqual",)


@dataclass(frozen=True)
class NotMapped:
    """A rule, or what it says beyond the expectation that stands for it, and why that has no place in a suite."""

    rule: str
    table: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Suites:
    """The suites as plain data, by table, and what is in none of them."""

    by_table: dict[str, dict[str, Any]]
    not_mapped: tuple[NotMapped, ...]

    @property
    def expectations(self) -> int:
        """How many rules have their expectation."""
        return sum(len(suite["expectations"]) for suite in self.by_table.values())

    def reasons(self) -> list[tuple[str, list[str]]]:
        """Why rules have no place, each reason once, with the rules."""
        found: dict[str, list[str]] = {}
        for each in self.not_mapped:
            found.setdefault(each.reason, []).append(each.rule)
        return list(found.items())


def suites(loaded: Loaded, lang: str = "zh") -> Suites:
    """The suites of a ruleset; `lang` is the language of the notes."""
    mapped: dict[str, list[tuple[Rule, Said]]] = {}
    missing: list[NotMapped] = []
    for rule in loaded.ruleset.checks:
        try:
            said = _alone(loaded.ruleset, rule)
        except InexpressibleError as why:
            missing.append(NotMapped(rule.id, rule.table, rule.check.kind, str(why)))
            continue
        mapped.setdefault(rule.table, []).append((rule, said))
        if rule.tolerance and said.expectation in _WITHOUT_MOSTLY:
            reason = f"a condition has no tolerance: one record is enough, where the rule takes {rule.tolerance:g}"
            missing.append(NotMapped(rule.id, rule.table, rule.check.kind, reason))
    with quietly():
        return Suites({table: _suite(loaded, table, rules, lang) for table, rules in mapped.items()}, tuple(missing))


def _alone(ruleset: Ruleset, rule: Rule) -> Said:
    """What a rule says of a table that somebody submits, and of its columns alone."""
    if rule.table in ruleset.shapes:
        raise InexpressibleError("its table is a view, which nobody submits")
    if isinstance(rule.check, Parses):
        raise InexpressibleError("speaks of cells that could not be read as their type; a typed table has none")
    said = translated(ruleset, rule)
    if said.how == "predicate":
        raise InexpressibleError("is a predicate in Python, which no expectation has; assess crosscheck runs it")
    if lookups := rule.check.lookups():
        names = ", ".join(dict.fromkeys(lookup.table for lookup in lookups))
        raise InexpressibleError(f"looks into another table, {names}; an expectation sees one")
    if said.beside:
        raise InexpressibleError("looks at a column that is worked out beside the submitted ones")
    return said


def _suite(loaded: Loaded, table: str, rules: list[tuple[Rule, Said]], lang: str) -> dict[str, Any]:
    from great_expectations.core import ExpectationSuite

    ruleset = loaded.ruleset
    made = [_expectation(rule, said, lang) for rule, said in rules]
    meta = {"ruleset": ruleset.ruleset, "version": ruleset.version, "sha256": loaded.digest, "table": table}
    suite = ExpectationSuite(name=f"{ruleset.ruleset}.{table}", expectations=made, meta=meta)
    data: dict[str, Any] = suite.to_json_dict()
    return data


def _expectation(rule: Rule, said: Said, lang: str) -> Any:
    meta = {
        "rule": rule.id, "kind": rule.check.kind, "dimension": rule.check.dimension, "severity": rule.severity,
        "effect": rule.effect, "source": rule.source[lang] if rule.source else None,
        "over": "all units together" if said.compares else "each record",
    }  # fmt: skip
    notes = [text[lang] for text in (rule.title, rule.fix) if text is not None]
    mostly = {"mostly": 1 - rule.tolerance} if rule.tolerance and said.expectation not in _WITHOUT_MOSTLY else {}
    given, severity = {**said.given, **mostly}, _SEVERITIES[rule.severity]
    return expectation(said.expectation, given, condition_of(said), meta=meta, notes=notes, severity=severity)


def write(found: Suites, out: Path) -> list[Path]:
    """One file for each suite, and the list of what is in none; `out` is there."""
    return [*_written(found, out)]


def _written(found: Suites, out: Path) -> Iterator[Path]:
    listed = [vars(each) for each in found.not_mapped]
    for name, data in [*((f"{table}.json", suite) for table, suite in found.by_table.items()), (NOT_MAPPED, listed)]:
        (out / name).write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        yield out / name
