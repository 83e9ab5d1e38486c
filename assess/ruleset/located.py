"""YAML 1.2 as plain data, with the line and column of every key and value."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from assess.errors import Problem, RulesetError

Path_ = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


# A ruleset is a text that a person wrote. The bounds keep a hostile file from costing more than a moment.
MAX_BYTES = 1_000_000
MAX_NODES = 200_000
MAX_DEPTH = 40

_TAG = "tag:yaml.org,2002:"
_OTHER_VERSION = re.compile(r"%YAML\s+(?!1\.2\s)(\S+)")


def _integer(text: str) -> int:
    return int(text.replace("_", ""), 0 if re.match(r"[-+]?0[xo]", text) else 10)


def _float(text: str) -> float:
    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))


def _date(text: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": _integer,
    "float": _float,
    "bool": lambda text: text.lower() == "true",
    "null": lambda _: None,
    "timestamp": _date,
}


@dataclass
class Located:
    """The data of one file, or of several that build on each other, and where each part of it stands."""

    file: str
    data: Any = None
    digest: str = ""
    keys: dict[Path_, Mark] = field(default_factory=dict)
    values: dict[Path_, Mark] = field(default_factory=dict)
    written: dict[Path_, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self, path: Path_, code: str, message: str, hint: str = "", *, key: bool = False, level: str = "error"
    ) -> Problem:
        """A problem at the value (or the key) of `path`, or of its nearest ancestor that stands in the file."""
        marks = self.keys if key else self.values
        while path and path not in marks:
            path, marks = path[:-1], self.keys if path[:-1] in self.keys else self.values
        return Problem(*marks.get(path, Mark(self.file, 1, 1)), code, message, hint, level)


def read(path: Path, name: str | None = None) -> Located:
    """Read one YAML file; raises RulesetError when it is no YAML that a ruleset may use."""
    located = Located(name or str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise RulesetError(Problem(located.file, 0, 0, "RS001", f"is larger than {MAX_BYTES:,} bytes"))
        text = content.decode("utf-8-sig")
        located.digest = hashlib.sha256(content).hexdigest()
    except OSError as error:
        reason = (
            "does not exist" if isinstance(error, FileNotFoundError) else (error.strerror or "cannot be read").lower()
        )
        raise RulesetError(Problem(located.file, 0, 0, "RS001", f"ruleset {reason}")) from None
    except UnicodeDecodeError as error:
        raise RulesetError(Problem(located.file, 0, 0, "RS001", f"is not UTF-8 (byte {error.start:,})")) from None
    return parse(text, located)


def parse(text: str, located: Located) -> Located:
    """Parse YAML text into `located`."""
    if other := _OTHER_VERSION.match(text):
        # In YAML 1.1 `no` is false and 010 is 8: what the author sees would not be what is read.
        raise RulesetError(Problem(located.file, 1, 1, "RS001", f"is YAML {other[1]}; rulesets are YAML 1.2"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise RulesetError(Problem(located.file, line, column, "RS001", f"is not YAML: {error.problem}")) from None
    except RecursionError:
        raise RulesetError(Problem(located.file, 0, 0, "RS001", "is nested beyond all measure")) from None
    except (YAMLError, ValueError) as error:
        raise RulesetError(Problem(located.file, 0, 0, "RS001", f"is not YAML: {str(error).splitlines()[0]}")) from None
    if not isinstance(node, MappingNode):
        raise RulesetError(Problem(located.file, 1, 1, "RS001", "is not a mapping of keys to values"))
    _Builder(located).run(node)
    return located


class _Builder:
    def __init__(self, located: Located):
        self.located = located
        self.nodes = 0

    def mark(self, node: Node) -> Mark:
        return Mark(self.located.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def run(self, node: Node) -> None:
        self.located.data = self.build(node, ())

    def build(self, node: Node, path: Path_) -> Any:
        self.nodes += 1
        mark = self.mark(node)
        # Aliases share a node, so it is visits that are counted: an alias bomb is many visits to few nodes.
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise RulesetError(Problem(*mark, "RS001", "is nested or repeated beyond all measure"))
        self.located.values[path] = mark
        if isinstance(node, MappingNode | SequenceNode) and str(node.tag) not in (f"{_TAG}map", f"{_TAG}seq"):
            self.foreign(mark, str(node.tag))
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*path, i)) for i, child in enumerate(node.value)]
        return self.scalar(path, mark, str(node.tag), str(node.value))

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            mark = self.mark(key)
            name = str(key.value) if isinstance(key, ScalarNode) else None
            if name is None:
                self.located.problems.append(Problem(*mark, "RS001", "a key must be plain text"))
                continue
            if name in data:
                first = self.located.keys[(*path, name)].line
                self.located.problems.append(
                    Problem(*mark, "RS002", f"key {name!r} stands here twice", f"first in line {first}")
                )
                continue
            self.located.keys[(*path, name)] = mark
            data[name] = self.build(value, (*path, name))
            if isinstance(value, ScalarNode) and not value.value and not value.style:
                self.located.values[(*path, name)] = mark  # nothing stands there: the next token is elsewhere
        return data

    def scalar(self, path: Path_, mark: Mark, tag: str, text: str) -> Any:
        kind = tag.removeprefix(_TAG)
        if not tag.startswith(_TAG) or kind not in _SCALARS:
            return self.foreign(mark, tag)
        self.located.written[path] = text
        try:
            return _SCALARS[kind](text)
        except (ValueError, OverflowError):
            return text

    def foreign(self, mark: Mark, tag: str) -> None:
        self.located.problems.append(Problem(*mark, "RS001", f"tag {tag} has no meaning here"))
