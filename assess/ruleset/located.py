"""YAML 1.2 as plain data, with the line and column of every key and value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from yaml.events import CollectionStartEvent, MappingStartEvent, ScalarEvent

from assess.errors import Problem, RulesetError
from assess.yaml12 import BEYOND, MAX_DEPTH, MAX_NODES, TAG, Nodes, YamlError, tag_of, value_of

Path_ = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


# A ruleset is a text that a person wrote.
MAX_BYTES = 1_000_000


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
    try:
        nodes = Nodes(text)
    except YamlError as error:
        problem = Problem(located.file, error.line, error.column, "RS001", error.message, error.hint)
        raise RulesetError(problem) from None
    if not nodes.events or not isinstance(nodes.events[0], MappingStartEvent):
        raise RulesetError(Problem(located.file, 1, 1, "RS001", "is not a mapping of keys to values"))
    located.data = _Builder(located, nodes).build(0, ())
    return located


class _Builder:
    def __init__(self, located: Located, nodes: Nodes):
        self.located = located
        self.nodes = nodes
        self.visits = 0

    def mark(self, node: int) -> Mark:
        return Mark(self.located.file, *self.nodes.place(node))

    def build(self, node: int, path: Path_) -> Any:
        self.visits += 1
        event, mark = self.nodes.events[node], self.mark(node)
        # Aliases share a node, so it is visits that are counted: an alias bomb is many visits to few nodes.
        if self.visits > MAX_NODES or len(path) > MAX_DEPTH:
            raise RulesetError(Problem(*mark, "RS001", BEYOND))
        self.located.values[path] = mark
        if isinstance(event, ScalarEvent):
            return self.scalar(path, mark, event)
        if isinstance(event, CollectionStartEvent) and event.tag not in (None, "!", f"{TAG}map", f"{TAG}seq"):
            self.foreign(mark, event.tag)
        if isinstance(event, MappingStartEvent):
            return self.mapping(node, path)
        return [self.build(child, (*path, i)) for i, child in enumerate(self.nodes.within(node))]

    def mapping(self, node: int, path: Path_) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in self.nodes.pairs(node):
            mark, said, event = self.mark(key), self.nodes.events[key], self.nodes.events[value]
            if not isinstance(said, ScalarEvent):
                self.located.problems.append(Problem(*mark, "RS001", "a key must be plain text"))
                continue
            name = said.value
            if name in data:
                first = self.located.keys[(*path, name)].line
                self.located.problems.append(
                    Problem(*mark, "RS002", f"key {name!r} stands here twice", f"first in line {first}")
                )
                continue
            self.located.keys[(*path, name)] = mark
            data[name] = self.build(value, (*path, name))
            if isinstance(event, ScalarEvent) and not event.value and not event.style:
                self.located.values[(*path, name)] = mark  # nothing stands there: the next token is elsewhere
        return data

    def scalar(self, path: Path_, mark: Mark, scalar: ScalarEvent) -> Any:
        try:
            value = value_of(scalar)
        except KeyError:
            return self.foreign(mark, tag_of(scalar))
        self.located.written[path] = scalar.value
        return value

    def foreign(self, mark: Mark, tag: str) -> None:
        self.located.problems.append(Problem(*mark, "RS001", f"tag {tag} has no meaning here"))
