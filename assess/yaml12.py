"""YAML 1.2: the nodes of one document with their places, and what its scalars are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

# A text that a person wrote is smaller. The bounds keep a hostile one from costing more than a moment.
MAX_NODES = 200_000
MAX_DEPTH = 40
BEYOND = "is nested or repeated beyond all measure"

TAG = "tag:yaml.org,2002:"

# Of PyYAML only the grammar is used, in C where it is there: what a plain word means it decides by YAML 1.1.
_GRAMMAR = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OTHER_VERSION = re.compile(r"%YAML\s+(?!1\.2\s)(\S+)")
# Line breaks in YAML 1.1 and text in YAML 1.2, and marks of byte order: nobody sees them, and parsers disagree on them.
_INVISIBLE = re.compile("[\x85\u2028\u2029\ufeff]")


class YamlError(Exception):
    """A text that is not YAML 1.2, or too large; line and column count from 1, and are 0 where they are not known."""

    def __init__(self, line: int, column: int, message: str, hint: str = ""):
        self.line, self.column, self.message, self.hint = line, column, message, hint
        super().__init__(message)


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
# The core schema of YAML 1.2.2, section 10.3.2, with days, and with _ between digits.
_PLAIN = re.compile(
    r"(?P<null>null|Null|NULL|~|)"
    r"|(?P<bool>true|True|TRUE|false|False|FALSE)"
    r"|(?P<int>[-+]?(?:[0-9_]+|0o[0-7_]+|0x[0-9a-fA-F_]+))"
    r"|(?P<float>[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
    r"|(?P<timestamp>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"|(?P<merge><<)|(?P<value>=)"
)


def tag_of(scalar: ScalarEvent) -> str:
    """The tag of a scalar: the stated one, or what it is without quotes, or text."""
    if scalar.tag not in (None, "!"):
        return str(scalar.tag)
    plain, _ = scalar.implicit
    found = _PLAIN.fullmatch(scalar.value) if plain else None
    return f"{TAG}{found.lastgroup if found else 'str'}"


def value_of(scalar: ScalarEvent) -> Any:
    """What a scalar stands for, or its text where it only looks like a number; KeyError for a tag without a meaning."""
    read = _SCALARS[tag_of(scalar).removeprefix(TAG)]
    try:
        return read(scalar.value)
    except (ValueError, OverflowError):
        return scalar.value


class Nodes:
    """The only document of a text, as the parser's events; a node is known by the number of its first event.

    Raises YamlError. What is too deep or too long is refused where that is seen, and not read to its end.
    """

    def __init__(self, text: str):
        self.events: list[Event] = []
        self._after: dict[int, int] = {}  # of a collection: the number after its last event
        self._anchored: dict[int, int] = {}  # of an alias: the node that it stands for
        if other := _OTHER_VERSION.match(text):
            # In YAML 1.1 `no` is false and 010 is 8: what the author sees would not be what is read.
            raise YamlError(1, 1, f"is YAML {other[1]}; rulesets are YAML 1.2")
        if found := _INVISIBLE.search(text):
            name, start = f"{ord(found[0]):04X}", found.start()
            line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
            hint = f'leave it out, or write "\\u{name}" in double quotes'
            raise YamlError(line, column, f"holds the invisible character U+{name}", hint)
        try:
            self._read(text)
        except yaml.MarkedYAMLError as error:
            place = _place(error.problem_mark or error.context_mark)
            raise YamlError(*place, f"is not YAML: {error.problem}") from None
        except (yaml.YAMLError, ValueError) as error:
            raise YamlError(0, 0, f"is not YAML: {str(error).splitlines()[0]}") from None

    def _read(self, text: str) -> None:
        anchors: dict[str, int] = {}
        opened: list[int] = []
        for event in yaml.parse(text, Loader=_GRAMMAR):
            number = len(self.events)
            if isinstance(event, NodeEvent):
                self.events.append(event)
                if number > 2 * MAX_NODES or len(opened) > MAX_DEPTH:
                    raise YamlError(*self.place(number), BEYOND)
                if isinstance(event, AliasEvent):
                    if event.anchor not in anchors:
                        raise YamlError(*self.place(number), f"is not YAML: found undefined alias {event.anchor!r}")
                    self._anchored[number] = anchors[event.anchor]
                elif event.anchor is not None:
                    anchors[event.anchor] = number
                if isinstance(event, CollectionStartEvent):
                    opened.append(number)
            elif isinstance(event, CollectionEndEvent):
                self.events.append(event)
                self._after[opened.pop()] = number + 1
            elif isinstance(event, DocumentStartEvent) and self.events:
                raise YamlError(*_place(event.start_mark), "is not YAML: a second document starts")

    def place(self, node: int) -> tuple[int, int]:
        """Line and column of a node."""
        return _place(self.events[node].start_mark)

    def within(self, node: int) -> Iterator[int]:
        """The entries of a sequence; the keys and values of a mapping by turns. For an alias what it stands for."""
        child, end = node + 1, self._after[node] - 1
        while child < end:
            yield self._anchored.get(child, child)
            child = self._after.get(child, child + 1)

    def pairs(self, node: int) -> Iterator[tuple[int, int]]:
        """The keys and values of a mapping."""
        children = self.within(node)
        return zip(children, children, strict=True)


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)


def load(text: str) -> Any:
    """The data of a text, without its places; raises YamlError, and KeyError for tags without a meaning."""
    nodes = Nodes(text)

    def build(node: int) -> Any:
        event = nodes.events[node]
        if isinstance(event, ScalarEvent):
            return value_of(event)
        if isinstance(event, MappingStartEvent):
            return {build(key): build(value) for key, value in nodes.pairs(node)}
        return [build(child) for child in nodes.within(node)]

    return build(0) if nodes.events else None
