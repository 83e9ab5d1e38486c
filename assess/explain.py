"""The registry as text: what a kind of check means, what it takes, what it says of some records; what a code means."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from assess.checks import REGISTRY, Check
from assess.checks.cases import TIMES, Case, cases
from assess.errors import Problem, UsageError, did_you_mean
from assess.ruleset.builtin import find
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
        return "\n".join(_code(subject.upper()))
    known = sorted([*REGISTRY, *CODES])
    raise UsageError(Problem("", 0, 0, "EX001", f"nothing is called {subject!r}", did_you_mean(subject, known)))


def is_ruleset(subject: str) -> bool:
    """Whether the word names a ruleset: a built-in one, or a file."""
    return find(subject).suffix in (".yaml", ".yml") or Path(subject).is_file()


def pages() -> dict[str, str]:
    """The manual of problem codes as Markdown: file name to text, README.md being the list."""
    made = "Made by `assess explain --all --out docs/rules`. A problem reads `file:line:column: CODE message (hint)`."
    lines = ["# Problems of rulesets", "", made, "", "| code | level | |", "|---|---|---|"]
    lines += [f"| [{name}]({name}.md) | {code.level} | {code.title} |" for name, code in CODES.items()]
    found = {"README.md": "\n".join([*lines, ""])}
    for name, code in CODES.items():
        page = [f"# {name}: {code.title}", "", f"Level: {code.level}.", "", code.explanation, ""]
        for word, text in (("Wrong", code.wrong), ("Right", code.right)):
            page += [f"{word}:", "", "```yaml", *text.splitlines(), "```", ""] if text else []
        found[f"{name}.md"] = "\n".join(page)
    return found


def write_pages(folder: Path) -> list[Path]:
    """Write the manual of problem codes into a folder; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        written.append(folder / name)
    return written


def _code(name: str) -> Iterator[str]:
    code = CODES[name]
    yield f"{name}: {code.title}\n\n{code.explanation}"
    for word, text in (("Wrong", code.wrong), ("Right", code.right)):
        if text:
            yield f"\n{word}:"
            yield from (f"  {line}" for line in text.splitlines())


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
    if isinstance(case.expect, dict):
        for unit, sums in (case.previous or {}).items():
            yield f"    {'before':<14}  unit = {unit}, {_record(sums)}"
        for row in case.rows:
            times = row.get(TIMES, 1)
            more = f" ({times} records)" if times > 1 else ""
            yield f"    {'':<14}  {_record({k: v for k, v in row.items() if k != TIMES})}{more}"
        for unit, expected in case.expect.items():
            yield f"    {_WORDS[expected]:<14}  unit {unit}"
        return
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
