"""Python as a formatter leaves it: literals, and calls that stand in one line where they fit and are opened up else."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

WIDTH, STEP = 120, 4


@dataclass(frozen=True)
class Call:
    """Something with parts between brackets: a call, a list, a dictionary; `name` is what stands before them.

    `opened` is never written in one line.
    """

    name: str
    parts: tuple[Node, ...]
    brackets: str = "()"
    opened: bool = False

    def __str__(self) -> str:
        return f"{self.name}{self.brackets[0]}{', '.join(map(str, self.parts))}{self.brackets[1]}"

    def lines(self, indent: int, end: str = "") -> list[str]:
        """The lines of it; `end` is what follows in its last one."""
        blank = " " * indent
        one = f"{blank}{self}{end}"
        if not (self.must_open or _width(one) > WIDTH) or not self.parts:
            return [one]
        lines = [f"{blank}{self.name}{self.brackets[0]}"]
        for part in self.parts:
            lines += part.lines(indent + STEP, ",") if isinstance(part, Call) else [f"{blank}{' ' * STEP}{part},"]
        return [*lines, f"{blank}{self.brackets[1]}{end}"]

    @property
    def must_open(self) -> bool:
        """Whether it, or something in it, is not to be written in one line."""
        return self.opened or any(isinstance(part, Call) and part.must_open for part in self.parts)


Node = Call | str


def _width(line: str) -> int:
    """How wide a line is: a Chinese character takes the place of two letters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def text(value: str) -> str:
    """A text as a literal, in the quotes that a formatter leaves."""
    if '"' in value and "'" not in value and "\\" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def pattern(value: str) -> str:
    """A regular expression as a literal, raw where that can be."""
    if "\\" in value and '"' not in value and not value.endswith("\\") and value.isprintable():
        return f'r"{value}"'
    return text(value)


def literal(value: Any, name: str = "") -> Node:
    """A value as a literal; `name` is the argument that it is passed as."""
    if isinstance(value, list | tuple):
        return Call(name, tuple(literal(each) for each in value), "[]")
    return name + (text(value) if isinstance(value, str) else repr(value))
