"""`assess lint`: every problem of a ruleset, in the form that a person, a program or a pull request reads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from assess.engine.trial import everything
from assess.errors import Problem, RulesetError
from assess.examples import warnings
from assess.ruleset.builtin import find
from assess.ruleset.settings import parse


def lint(ruleset: str, assignments: tuple[str, ...] = ()) -> tuple[list[Problem], str]:
    """Every problem of a ruleset, and one line about it when it can be used. Raises UsageError for a bad setting."""
    settings, path = parse(assignments), find(ruleset)
    try:
        examined = everything(path, ruleset, settings)
    except RulesetError as error:
        return list(error.problems), ""
    problems = list(examined.problems)
    if examined.errors:
        return problems, ""
    loaded = examined.loaded(path, settings)
    problems = sorted({*problems, *warnings(loaded)})
    spec = loaded.ruleset
    counted = f"{len(problems)} warnings" if len(problems) > 1 else "1 warning" if problems else "no problems"
    return problems, f"{ruleset}: {len(spec.checks)} rules, {len(spec.indicators)} indicators, {counted}"


def fails(problems: Sequence[Problem], *, strict: bool) -> bool:
    """Whether the command ends with an error: warnings count only when asked for."""
    return any(strict or problem.level == "error" for problem in problems)


def shown(problems: Sequence[Problem], form: str) -> Iterator[str]:
    """The problems as lines: `text`, `json` (one document) or `github` (workflow commands)."""
    if form == "json":
        yield json.dumps([_record(problem) for problem in problems], ensure_ascii=False, indent=2)
    else:
        for problem in problems:
            yield str(problem) if form == "text" else _command(problem)


def _record(problem: Problem) -> dict[str, str | int]:
    return {
        "code": problem.code,
        "level": problem.level,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def _command(problem: Problem) -> str:
    """One workflow command; what would end it or start another is escaped, as GitHub asks."""
    places = [("file", problem.file), ("line", problem.line), ("col", problem.column), ("title", problem.code)]
    said = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in places if value)
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"::{problem.level} {said}::{_escaped(problem.message + hint)}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in f"%\r\n{more}" else c for c in text)
