"""Parameters that the command line sets: only declared ones, each of the type it is declared with."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from assess.errors import Problem, UsageError, did_you_mean
from assess.ruleset.located import Located, Mark

ORIGIN = "--set"


def apply(located: Located, settings: Mapping[str, str]) -> None:
    """Put `settings` in place of the declared values; raises UsageError for what is not declared or not of its type."""
    declared = located.data.get("parameters")
    declared = declared if isinstance(declared, dict) else {}
    problems = []
    for name, text in settings.items():
        if name not in declared:
            hint = did_you_mean(name, list(declared))
            problems.append(Problem("", 0, 0, "ST001", f"--set: the ruleset declares no parameter {name!r}", hint))
            continue
        try:
            declared[name] = _typed(text, declared[name])
        except ValueError as error:
            problems.append(Problem("", 0, 0, "ST002", f"--set: {name!r} should be {error}, not {text!r}"))
            continue
        located.values[("parameters", name)] = located.keys[("parameters", name)] = Mark(ORIGIN, 0, 0)
        located.written[("parameters", name)] = text
    if problems:
        raise UsageError(problems)


def _typed(text: str, declared: Any) -> Any:
    if isinstance(declared, bool):
        if text.lower() in ("true", "false"):
            return text.lower() == "true"
        raise ValueError("true or false")
    if isinstance(declared, int | float):
        return _number(text)
    if isinstance(declared, dt.date):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError("a date such as 2024-06-30") from None
    return text


def _number(text: str) -> int | float:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if text.isascii() and "_" not in text and math.isfinite(number):
            return number
    raise ValueError("a number")


def parse(pairs: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE pairs as given on the command line; raises UsageError for another form or a name given twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(Problem("", 0, 0, "ST003", f"--set: {pair!r} is not of the form NAME=VALUE"))
        if name in found:
            raise UsageError(Problem("", 0, 0, "ST004", f"--set: {name!r} is set twice"))
        found[name] = value
    return found
