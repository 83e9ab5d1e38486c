"""The registry as text: what a kind of check means, what it takes, what it says of some records; what a code means."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from assess.checks import REGISTRY, Check
from assess.checks.cases import Case, cases
from assess.errors import Problem, UsageError, did_you_mean
from assess.ruleset.codes import CODES
from assess.sql import Sql

_WORDS = {True: "valid", False: "violated", None: "not applicable"}


def explain(subject: str | None) -> str:
    """The manual page of a kind or of a code; without a subject the list of both. UsageError for any other word."""
    if subject is None:
        return "\n".join(_index())
    if subject in REGISTRY:
        return "\n".join(_kind(REGISTRY[subject]))
    if subject.upper() in CODES:
        code = CODES[subject.upper()]
        return f"{subject.upper()}: {code.title}\n\n{code.explanation}"
    known = sorted([*REGISTRY, *CODES])
    raise UsageError(Problem("", 0, 0, "EX001", f"nothing is called {subject!r}", did_you_mean(subject, known)))


def _index() -> Iterator[str]:
    yield "Kinds of check (assess explain KIND):"
    width = max(map(len, REGISTRY))
    for dimension in sorted({cls.dimension for cls in REGISTRY.values()}):
        yield f"\n  {dimension}"
        for kind, cls in sorted(REGISTRY.items()):
            if cls.dimension == dimension:
                yield f"    {kind:<{width}}  {_summary(cls)}"
    yield "\nProblems of rulesets (assess explain CODE):\n"
    for code, entry in CODES.items():
        yield f"    {code}  {entry.title}"


def _summary(cls: type[Check]) -> str:
    return inspect.cleandoc(cls.__doc__ or "").splitlines()[0].split(": ")[0].split(". ")[0].rstrip(".")


def _kind(cls: type[Check]) -> Iterator[str]:
    yield f"{cls.kind} ({cls.dimension})\n"
    yield inspect.cleandoc(cls.__doc__ or "")
    yield "\nFields"
    for name, info in cls.model_fields.items():
        default = "required" if info.is_required() else f"default {_shown(info.default)}"
        yield f"  {info.alias or name} ({_type(info)}, {default})\n      {info.description}"
    for case in cases(cls.kind):
        yield from _case(case)


def _case(case: Case) -> Iterator[str]:
    yield f"\nExample: {case.name}"
    yield f"  check: {case.kind}"
    for name, value in case.check.items():
        yield f"  {name}: {_shown(value)}"
    for table, rows in case.tables.items():
        yield f"  where {table} holds " + "; ".join(_record(row) for row in rows)
    for row, expected in zip(case.rows, case.expect, strict=True):
        yield f"    {_WORDS[expected]:<14}  {_record(row)}"


def _record(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in row.items())


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    return str(value)


def _type(info: FieldInfo) -> str:
    extra = info.json_schema_extra
    if isinstance(extra, dict) and extra.get("format") == "column":
        return "columns" if "tuple" in str(info.annotation) else "column"
    return _name(info.annotation)


def _name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return " | ".join(map(str, get_args(annotation)))
    if origin in (Union, types.UnionType):
        return " | ".join(_name(part) for part in get_args(annotation) if part is not type(None))
    if origin is tuple:
        return f"list of {_name(get_args(annotation)[0])}"
    if annotation is Sql:
        return "SQL"
    return {"str": "text", "float": "number", "int": "integer", "bool": "true/false"}.get(
        getattr(annotation, "__name__", ""), str(annotation)
    )
