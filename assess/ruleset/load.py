"""From a YAML file to a ruleset, or to the list of everything that is wrong with it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assess.checks import REGISTRY
from assess.checks.conformance import Parses
from assess.errors import Problem, RulesetError, did_you_mean
from assess.ruleset.advice import advice
from assess.ruleset.extend import Source, read_chain
from assess.ruleset.lint import cells_rule, cross_references
from assess.ruleset.located import Located, Path_
from assess.ruleset.salvage import parameters, parts
from assess.ruleset.settings import apply
from assess.ruleset.spec import File, Rule, Ruleset
from assess.texts import Text

_CELLS_TITLE = Text(zh="单元格内容无法识别", en="A cell cannot be read")
_CELLS_FIX = Text(
    zh="按列的类型重新填写该单元格，例如日期写作 2024-06-30，数字不带单位。",
    en="Fill the cell in the form its column asks for, for example dates as 2024-06-30 and numbers without units.",
)


@dataclass(frozen=True)
class Loaded:
    """A ruleset, the file it came from, and where everything stands in it.

    `sources` are the files it is made of, its own first; `digest` covers them all. `settings` are parameters as the
    command line sets them. `warnings` are problems that stop nothing.
    """

    ruleset: Ruleset
    located: Located
    path: Path
    digest: str
    sources: tuple[Source, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Examined:
    """A ruleset as it was read: whole, or what is left of it without its mistakes; and every problem found."""

    ruleset: Ruleset | None
    located: Located
    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> list[Problem]:
        """The problems that make the ruleset unusable."""
        return [problem for problem in self.problems if problem.level == "error"]

    def loaded(self, path: Path, settings: Mapping[str, str] | None = None) -> Loaded:
        """The ruleset as it is put to work; raises RulesetError with every problem when it cannot be used."""
        if self.ruleset is None or self.errors:
            raise RulesetError(self.problems)
        located, settings = self.located, dict(settings or {})
        ruleset = _with_cell_rules(self.ruleset)
        return Loaded(ruleset, located, path, located.digest, self.sources, settings, self.problems)


def load(path: Path, name: str | None = None, settings: Mapping[str, str] | None = None) -> Loaded:
    """Read a ruleset; `settings` are values for declared parameters, as text.

    Raises RulesetError with every problem, each at its line and column, and UsageError for a setting that cannot be.
    """
    return examine(path, name, settings).loaded(path, settings)


def examine(path: Path, name: str | None = None, settings: Mapping[str, str] | None = None) -> Examined:
    """Read a ruleset with all that is wrong with it; raises RulesetError where nothing can be read at all.

    The ruleset is none when not even its tables and its unit can be made out.
    """
    located, sources = read_chain(path, name)
    data = located.data
    apply(located, settings or {})
    problems = list(located.problems)
    context = {"parameters": parameters(data)}
    if data.get("version") is not None and ("version",) in located.written:
        data["version"] = located.written[("version",)]  # 2024.10 is a version, not the number 2024.1
    ruleset = None
    try:
        ruleset = Ruleset.model_validate(data, context=context)
    except ValidationError as error:
        problems += _problems(located, error.errors(include_url=False))
    left = parts(data, context, ruleset)
    problems += [_problem(located, details) for details in left.uncovered]
    problems += [
        located.problem(issue.path, issue.code, issue.message, issue.hint, key=issue.key, level=issue.level)
        for issue in [*cross_references(left), *advice(data, left)]
    ]
    found = Examined(ruleset, located, sources, tuple(sorted(set(problems))))
    return replace(found, ruleset=left.ruleset()) if found.errors else found


def _with_cell_rules(ruleset: Ruleset) -> Ruleset:
    covered = {rule.table for rule in ruleset.checks if isinstance(rule.check, Parses) and rule.check.where is None}
    added = [
        Rule.model_validate(
            {
                "id": cells_rule(table),
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


def _problems(located: Located, faults: Sequence[ErrorDetails]) -> Iterator[Problem]:
    """The validation errors in words; what the members of a union say of one value is one problem."""
    seen = {(problem.file, problem.line, problem.column) for problem in located.problems}
    values: dict[Path_, list[ErrorDetails]] = {}
    unknown: dict[Path_, list[str]] = {}
    for details in faults:
        if details["type"] == "extra_forbidden":
            unknown.setdefault(_yaml_path(located.data, details["loc"][:-1]), []).append(str(details["loc"][-1]))
    for details in faults:
        if details["type"] == "too_short" and details["input"]:
            continue  # a list whose entries all failed; that is no mistake of the author's
        path = _yaml_path(located.data, details["loc"])
        if located.values.get(path) in seen:
            continue  # what stands there could not be read, and that is said already
        if details["type"] == "missing" and get_close_matches(str(details["loc"][-1]), unknown.get(path, [])):
            continue  # it is there, misspelt
        if details["type"] in _WORDS:
            values.setdefault(path, []).append(details)
        else:
            yield _problem(located, details)
    for path, alternatives in values.items():
        words = list(dict.fromkeys(_WORDS[details["type"]] for details in alternatives))
        if alternatives[0].get("ctx", {}).get("class_name") == "Text":
            words = ["text, or a mapping of zh and en to text"]
        subject = f"{path[-1]!r} " if path and isinstance(path[-1], str) else ""
        given = alternatives[0]["input"]
        shown = f", not {given!r}" if isinstance(given, str | int | float | bool) else ""
        said = " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
        yield located.problem(path, "RS005", f"{subject}should be {said}{shown}")


# What the errors of plain types come to; the types that a rule's author has to do with, in his words.
_WORDS = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing", "finite_number"), "a number"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), "a date such as 2024-06-30"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), "a mapping"),
    "string_type": "text",
}
_CODE_OF = {
    "extra_forbidden": "RS003",
    "missing": "RS004",
    "union_tag_not_found": "RS006",
    "union_tag_invalid": "RS006",
    "sql": "RS007",
    "select": "RS022",
}


def _problem(located: Located, details: ErrorDetails) -> Problem:
    """One validation error in words, at the place in the file where it stands."""
    kind, loc = details["type"], details["loc"]
    code = _CODE_OF.get(kind, "RS005")
    path = _yaml_path(located.data, loc)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(loc[-1]), sorted(_fields_at(File, loc[:-1])))
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
    inside: Any = None
    if loc[:1] == ("checks",) and loc[2:3] == ("check",):
        loc = (*loc[:2], *(loc[4:] if len(loc) > 3 and loc[3] in REGISTRY else loc[3:]))
    for step in loc:
        if data is not inside and isinstance(data, dict) and step == data.get("method"):
            inside = data  # the kind of a union, which may have the name of a key
            continue
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
        if len(candidates) > 1 and any(step in _tags(m) for m in candidates):
            candidates = [m for m in candidates if step in _tags(m)]  # a kind, which may have the name of a key
        elif named:
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
