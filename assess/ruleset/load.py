"""From a YAML file to a ruleset, or to the list of everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from assess.allocation import Allocation
from assess.checks import REGISTRY
from assess.checks.conformance import Parses
from assess.errors import Problem, RulesetError, did_you_mean
from assess.indicators import Indicator, Period
from assess.ruleset import located as yaml
from assess.ruleset.lint import Parts, cross_references
from assess.ruleset.located import Located, Path_
from assess.ruleset.spec import Reported, Rule, Ruleset, Unit
from assess.scores import AnyPart, Grade, Veto
from assess.tables import Table
from assess.texts import Text

_CELLS_TITLE = Text(zh="单元格内容无法识别", en="A cell cannot be read")
_CELLS_FIX = Text(
    zh="按列的类型重新填写该单元格，例如日期写作 2024-06-30，数字不带单位。",
    en="Fill the cell in the form its column asks for, for example dates as 2024-06-30 and numbers without units.",
)


@dataclass(frozen=True)
class Loaded:
    """A ruleset, the file it came from, and where everything stands in it."""

    ruleset: Ruleset
    located: Located
    path: Path
    digest: str


def load(path: Path, name: str | None = None) -> Loaded:
    """Read a ruleset; raises RulesetError with every problem, each at its line and column."""
    located = yaml.read(path, name)
    data = located.data
    problems = list(located.problems)
    context = {"parameters": _parameters(data)}
    if ("version",) in located.written:
        data["version"] = located.written[("version",)]  # 2024.10 is a version, not the number 2024.1
    ruleset = None
    try:
        ruleset = Ruleset.model_validate(data, context=context)
    except ValidationError as error:
        # A list whose entries all failed is reported as too short as well; that is no mistake of the author's.
        problems += [
            _problem(located, details)
            for details in error.errors(include_url=False)
            if not (details["type"] == "too_short" and details["input"])
        ]
    problems += [
        located.problem(issue.path, issue.code, issue.message, issue.hint, key=issue.key)
        for issue in cross_references(_parts(data, context))
    ]
    problems = sorted(set(problems))
    if ruleset is None or problems:
        raise RulesetError(problems)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Loaded(_with_cell_rules(ruleset), located, path, digest)


def _parameters(data: dict[str, Any]) -> dict[str, Any]:
    declared = data.get("parameters")
    values = {
        name: value
        for name, value in (declared if isinstance(declared, dict) else {}).items()
        if isinstance(value, bool | int | float | str | dt.date)
    }
    try:
        period = Period.model_validate(data.get("period"))
    except ValidationError:
        return values
    return {**values, "period_start": period.start, "period_end": period.end, "as_of": period.until}


def _with_cell_rules(ruleset: Ruleset) -> Ruleset:
    covered = {rule.table for rule in ruleset.checks if isinstance(rule.check, Parses) and rule.check.where is None}
    added = [
        Rule.model_validate(
            {
                "id": f"{table}-CELLS",
                "table": table,
                "title": _CELLS_TITLE,
                "fix": _CELLS_FIX,
                "severity": "major",
                "effect": "disqualify",
                "check": "parses",
            }
        )
        for table in ruleset.tables
        if table not in covered
    ]
    return ruleset.model_copy(update={"checks": (*ruleset.checks, *added)})


def _attempt(kind: Any, data: Any, context: dict[str, Any]) -> Any:
    try:
        return TypeAdapter(kind).validate_python(data, context=context)
    except ValidationError:
        return None


def _parts(data: dict[str, Any], context: dict[str, Any]) -> Parts:
    """Whatever validates by itself, so that one mistake does not hide another one behind it."""

    def each(kind: Any, *path: str) -> Iterator[tuple[Path_, Any]]:
        inner: Any = data
        for key in path:
            inner = inner.get(key) if isinstance(inner, dict) else None
        pairs = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for step, value in pairs:
            model = _attempt(kind, value, context)
            if model is not None:
                yield (*path, step), model

    def one(kind: Any, step: str) -> Any:
        return _attempt(kind, data[step], context) if step in data else None

    tables = {str(path[-1]): table for path, table in each(Table, "tables")}
    declared = data.get("tables")
    return Parts(
        tables=tables,
        table_names=tuple(declared) if isinstance(declared, dict) else (),
        unit=one(Unit, "unit"),
        rules=list(each(Rule, "checks")),
        rule_ids=_ids(data.get("checks")) | {f"{table}-CELLS" for table in tables},
        indicators=list(each(Indicator, "indicators")),
        indicator_ids=_ids(data.get("indicators")),
        reported=one(Reported, "reported"),
        score_parts=list(each(AnyPart, "score", "parts")),
        vetoes=list(each(Veto, "score", "veto")),
        grades=list(each(Grade, "score", "grades")),
        allocation=one(Allocation, "allocation"),
        has_score=isinstance(data.get("score"), dict),
    )


def _ids(entries: Any) -> set[str]:
    return {str(e["id"]) for e in entries if isinstance(e, dict) and "id" in e} if isinstance(entries, list) else set()


_CODE_OF = {
    "extra_forbidden": "RS003",
    "missing": "RS004",
    "union_tag_not_found": "RS006",
    "union_tag_invalid": "RS006",
    "sql": "RS007",
}


def _problem(located: Located, details: ErrorDetails) -> Problem:
    """One validation error in words, at the place in the file where it stands."""
    kind, loc = details["type"], details["loc"]
    code = _CODE_OF.get(kind, "RS005")
    path = _yaml_path(located.data, loc)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(loc[-1]), sorted(_fields_at(Ruleset, loc[:-1])))
        return located.problem(path, code, f"unknown key {loc[-1]!r}", hint, key=True)
    if kind == "missing":
        inside = f" in {'.'.join(map(str, path))}" if path else ""
        return located.problem(path, code, f"key {loc[-1]!r} is missing{inside}")
    if kind == "union_tag_not_found":
        what = details.get("ctx", {}).get("discriminator", "check").strip("'")
        what = "check" if "(" in what else what
        return located.problem(path, "RS004", f"key {what!r} is missing: it says which kind this is")
    if kind == "union_tag_invalid":
        context = details.get("ctx", {})
        tag = str(context.get("tag"))
        known = [word.strip(" '") for word in str(context.get("expected_tags")).split(",")]
        key = "check" if set(known) == set(REGISTRY) else str(context.get("discriminator", "")).strip("'")
        return located.problem((*path, key), code, f"there is no kind {tag!r}", did_you_mean(tag, known))
    message = details["msg"].removeprefix("Value error, ").replace("Input should", "should")
    subject = f"{path[-1]!r} " if path and isinstance(path[-1], str) else ""
    given = details["input"]
    shown = (
        f", not {given!r}"
        if isinstance(given, str | int | float | bool) and code == "RS005" and "should" in message
        else ""
    )
    hint = ""
    if kind == "literal_error":
        hint = did_you_mean(
            str(given), [w.strip(" '") for w in str(details["ctx"]["expected"]).replace(" or ", ",").split(",")]
        )
    return located.problem(path, code, f"{subject}{message[0].lower() + message[1:]}{shown}", hint)


def _yaml_path(data: Any, loc: tuple[str | int, ...]) -> Path_:
    """The path in the file: what pydantic names but the file does not hold (the kind of a union) is passed over."""
    path: list[str | int] = []
    if loc[:1] == ("checks",) and loc[2:3] == ("check",):
        loc = (*loc[:2], *(loc[4:] if len(loc) > 3 and loc[3] in REGISTRY else loc[3:]))
    for step in loc:
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Every model that can stand where `annotation` is asked for."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if (
        get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list, dict)
        or get_origin(annotation) is not None
    ):
        return [model for part in get_args(annotation) for model in _models(part)]
    return []


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> set[str]:
    """The keys that are known at `loc`."""
    candidates = [model]
    for step in loc:
        named = [m for m in candidates if step in _keys(m)]
        if named:
            candidates = [c for m in named for c in _models(m.model_fields[_keys(m)[str(step)]].annotation)]
        else:
            candidates = [m for m in candidates if step in _tags(m)] or candidates
    keys = {key for candidate in candidates for key in _keys(candidate)}
    # The fields of a kind stand beside those of the rule.
    if len(loc) >= 3 and loc[0] == "checks":
        keys |= set(_keys(Rule))
    return keys - {"check"} if "check" not in _keys(model) else keys


def _keys(model: type[BaseModel]) -> dict[str, str]:
    return {info.alias or name: name for name, info in model.model_fields.items()}


def _tags(model: type[BaseModel]) -> set[str]:
    tags = {getattr(model, "kind", "")}
    method = model.model_fields.get("method")
    if method is not None and get_origin(method.annotation) is Literal:
        tags |= set(get_args(method.annotation))
    return tags
