"""What is no mistake of grammar but cannot be meant: rules said twice, figures nobody looks at, effects on nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from assess.ruleset.lint import Issue, Parts
from assess.ruleset.located import Path_
from assess.ruleset.spec import Rule
from assess.scores import walk
from assess.sql import Sql, parameters_in

_OWN = frozenset(Rule.model_fields) - {"check", "table"}
_WORDS = frozenset(("title", "description", "fix", "source", "zh", "en"))


def advice(data: dict[str, Any], parts: Parts) -> Iterator[Issue]:
    """Every warning about a ruleset, also about one with mistakes; what only follows from a mistake is not said."""
    yield from _same_rules(data)
    yield from _unscored(data, parts)
    yield from _without_effect(parts)
    yield from _unused(data, parts)
    yield from _constant(parts)


def _warning(path: Path_, code: str, message: str, hint: str = "", *, key: bool = False) -> Issue:
    return Issue(path, code, message, hint, key=key, level="warning")


def _entries(data: Any, *path: str) -> list[tuple[Path_, dict[str, Any]]]:
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    if not isinstance(data, list):
        return []
    return [((*path, i), entry) for i, entry in enumerate(data) if isinstance(entry, dict)]


def _same_rules(data: dict[str, Any]) -> Iterator[Issue]:
    first: dict[str, str] = {}
    for path, entry in _entries(data, "checks"):
        if "check" not in entry or "table" not in entry:
            continue
        does = json.dumps({k: v for k, v in entry.items() if k not in _OWN}, sort_keys=True, default=str)
        name = str(entry.get("id"))
        if does in first:
            yield _warning((*path, "id"), "RS031", f"rule {name!r} checks exactly what {first[does]!r} checks")
        first.setdefault(does, name)


def _unscored(data: dict[str, Any], parts: Parts) -> Iterator[Issue]:
    score: dict[str, Any] = data["score"] if isinstance(data.get("score"), dict) else {}
    scored = [entry.get("indicator") for _, entry in walk(score.get("parts"))]
    if scored:
        scored += [entry.get("indicator") for _, entry in _entries(score, "veto")]
        then = score["ranking"].get("then") if isinstance(score.get("ranking"), dict) else None
        scored += [name for name in then if isinstance(name, str)] if isinstance(then, list) else []
    known = parts.indicator_ids
    if not scored or known is None or {name for name in scored if isinstance(name, str)} - {name for _, name in known}:
        return  # an indicator that is misspelt in the score is named there already
    bases = {pool.basis.indicator for _, pool in parts.pools}
    for path, name in known:
        if name not in scored and name not in bases:
            yield _warning(
                (*path, "id"), "RS032", f"indicator {name!r} is counted, but no part of the score looks at it"
            )


def _without_effect(parts: Parts) -> Iterator[Issue]:
    counted = {i.numerator.table for _, i in parts.indicators if i.numerator is not None}
    known = {*(parts.columns or ()), *parts.view_columns}
    if not counted or counted - known or len(parts.indicators) != len(parts.indicator_ids or ()):
        return
    for name in reversed(list(parts.views)):  # a view counts what its tables hold; earlier views come under later ones
        if name in counted:
            counted |= set(parts.views[name].sql.tables)
    for path, rule in parts.rules:
        if rule.effect == "disqualify" and rule.table in known and rule.table not in counted:
            message = f"rule {rule.id!r} disqualifies records of {rule.table!r}, which no numerator counts"
            yield _warning((*path, "effect"), "RS033", message, "without a numerator the effect is that of report")


def _unused(data: dict[str, Any], parts: Parts) -> Iterator[Issue]:
    declared = data.get("parameters")
    used = set(_mentioned({key: value for key, value in data.items() if key != "parameters"}))
    declared = declared if isinstance(declared, dict) else {}
    misspelt = sorted(used - set(declared))
    for name in declared:
        if name not in used and name not in parts.given and not get_close_matches(name, misspelt):
            yield _warning(("parameters", name), "RS034", f"parameter {name!r} is used nowhere", key=True)
    named = {rule.table for _, rule in parts.rules} | {
        lookup.table for _, rule in parts.rules for lookup in rule.check.lookups()
    }
    named |= {m.table for _, i in parts.indicators for m in (i.numerator, i.denominator) if m is not None}
    named |= {table for view in parts.views.values() for table in view.sql.tables}
    known = {*(parts.columns or ()), *parts.view_columns}
    complete = parts.rule_ids is not None and len(parts.rules) == len(parts.rule_ids)
    complete &= parts.indicator_ids is not None and len(parts.indicators) == len(parts.indicator_ids)
    if complete and not named - known:
        for name in parts.view_columns:
            if name not in named:
                yield _warning(("views", name), "RS036", f"view {name!r} is used nowhere", key=True)


def _mentioned(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _WORDS:
                yield from _mentioned(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mentioned(inner)
    elif isinstance(value, str):
        yield from parameters_in(value)


def _constant(parts: Parts) -> Iterator[Issue]:
    conditions: list[tuple[Path_, Any]] = []
    for path, rule in parts.rules:
        conditions += [((*path, name), getattr(rule.check, name, None)) for name in ("where", "having")]
        conditions.append(((*path, "valid"), getattr(rule.check, "valid_", None)))
    for path, indicator in parts.indicators:
        conditions += [((*path, side, "where"), m.where) for side in ("numerator", "denominator")
                       if (m := getattr(indicator, side)) is not None]  # fmt: skip
    for path, sql in conditions:
        if isinstance(sql, Sql) and not sql.columns:
            yield _warning(
                path, "RS035", f"the condition {sql.text!r} names no column, so it says the same of every record"
            )
