"""The SQL of a view, checked before it runs: one SELECT over tables that are named, and nothing that reaches elsewhere.

Polars reads files in a table function (`FROM read_csv(...)`) and carries out `DROP TABLE` and `CREATE TABLE`; its
parser gives no tree to look at. So the text is taken apart into words, and what is not understood is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from assess.sql import ParameterValue, bind, clock_in, parameters_in

MAX_SELECT = 10_000

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?=\n|$))
    |(?P<remark>/\*.*?\*/)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<sign>::|<=|>=|<>|!=|\|\||[(),.*+\-/%=<>|&^~])""",
    re.VERBOSE | re.DOTALL,
)
# Words that begin or make up statements other than SELECT; as a column's name such a word is written in quotes.
_STATEMENTS = frozenset(
    [
        "insert",
        "update",
        "delete",
        "drop",
        "create",
        "alter",
        "truncate",
        "copy",
        "merge",
        "call",
        "execute",
        "explain",
        "show",
        "describe",
        "attach",
        "detach",
        "into",
        "grant",
        "revoke",
        "load",
        "unload",
        "use",
        "table",
        "pragma",
        "install",
        "set",
        "values",
        "unnest",
        "lateral",
        "recursive",
        "pivot",
        "unpivot",
        "tablesample",
    ]
)
_READERS = re.compile(r"(read|scan|sniff|glob|write|sink)_\w*|glob|query", re.IGNORECASE)
_END_OF_FROM = frozenset(
    [
        "where",
        "group",
        "having",
        "qualify",
        "order",
        "limit",
        "offset",
        "fetch",
        "window",
        "union",
        "intersect",
        "except",
    ]
)


@dataclass
class _Level:
    """What is known inside one pair of parentheses."""

    select: bool = False
    tables: bool = False  # inside a FROM clause
    awaits_table: bool = False
    ctes: bool = False
    awaits_cte: bool = False
    empty: bool = True


@dataclass(frozen=True)
class Select:
    """A SELECT statement; `tables` are the names it reads from, in order, without its own CTEs.

    `text` is what the author wrote; `bound` has the parameters put in; `words` are the names it
    mentions, in lower case.
    """

    text: str
    bound: str
    tables: tuple[str, ...]
    words: frozenset[str] = field(repr=False)

    @classmethod
    def parse(cls, text: str, parameters: Mapping[str, ParameterValue] | None = None) -> Select:
        """Bind and check `text`; raises ValueError saying what is wrong with it."""
        try:
            bound = bind(text, parameters or {})
        except KeyError as missing:
            raise ValueError(f"parameter @{missing.args[0]} is not declared under `parameters`") from None
        if len(bound) > MAX_SELECT:
            raise ValueError(f"is longer than {MAX_SELECT:,} characters")
        if clock := clock_in(bound):
            raise ValueError(f"{clock} differs from run to run; use @as_of, the day up to which is assessed")
        tokens = _tokens(bound)
        words = frozenset(_plain(piece).lower() for kind, piece in tokens if kind in ("word", "quoted"))
        return cls(text, bound, _Reader(tokens).read(), words)

    @property
    def parameters(self) -> set[str]:
        """The parameters it refers to."""
        return parameters_in(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any, info: ValidationInfo) -> Select:
            if isinstance(value, Select):
                return value
            if not isinstance(value, str) or not value.strip():
                raise PydanticCustomError("select", "should be a SQL statement: SELECT ...")
            try:
                return cls.parse(value.strip(), (info.context or {}).get("parameters"))
            except ValueError as error:
                raise PydanticCustomError("select", "{message}", {"message": str(error)}) from None

        return core_schema.with_info_plain_validator_function(
            validate, serialization=core_schema.plain_serializer_function_ser_schema(lambda select: select.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "description": "One SQL SELECT statement over declared tables."}


def _tokens(text: str) -> list[tuple[str, str]]:
    """The words, names, texts, numbers and signs of a statement; remarks and blanks are stepped over."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text[at]!r} has no place in the SQL of a view")
        kind, piece = str(match.lastgroup), match.group()
        if kind == "remark" and "/*" in piece[2:]:
            raise ValueError("has a remark within a remark")
        # E'...', N'...', X'...' and U&'...' have quotes of their own rules.
        if kind == "text" and at and (text[at - 1].isalnum() or text[at - 1] in "_&'\""):
            raise ValueError(f"a text in quotes stands directly after {text[at - 1]!r}")
        if kind == "quoted" and at and (text[at - 1].isalnum() or text[at - 1] in "_&'\""):
            raise ValueError(f"a name in quotes stands directly after {text[at - 1]!r}")
        if kind not in ("space", "remark"):
            found.append((kind, piece))
        at = match.end()
    return found


def _plain(piece: str) -> str:
    return piece[1:-1].replace('""', '"') if piece.startswith('"') else piece


class _Reader:
    """Goes over the words once and notes every name that stands where a table is named."""

    def __init__(self, tokens: list[tuple[str, str]]):
        self.tokens = tokens
        self.levels = [_Level()]
        self.named: list[str] = []
        self.ctes: list[str] = []

    def read(self) -> tuple[str, ...]:
        first = self.tokens[0][1].lower() if self.tokens else ""
        if first not in ("select", "with", "("):
            raise ValueError("is no SELECT: a view is one SELECT statement, with CTEs if need be")
        for i, (kind, piece) in enumerate(self.tokens):
            self._step(i, kind, piece)
        if len(self.levels) > 1:
            raise ValueError("has a parenthesis that is not closed")
        if self.levels[0].awaits_table:
            raise ValueError("ends where a table should be named")
        own = {name.lower() for name in self.ctes}
        if len(own) < len(self.ctes):
            raise ValueError("names two CTEs alike")
        # Polars does not look at the case of a table's name.
        found = dict.fromkeys(name for name in self.named if name.lower() not in own)
        if not found:
            raise ValueError("reads from no table")
        return tuple(found)

    def _at(self, i: int) -> tuple[str, str]:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ("", "")

    def _step(self, i: int, kind: str, piece: str) -> None:
        level, word = self.levels[-1], piece.lower() if kind == "word" else ""
        before, after = self._at(i - 1), self._at(i + 1)
        if kind in ("word", "quoted") and after[1] == "(":
            self._call(_plain(piece), level)
        if word in _STATEMENTS and before[1] != ".":
            raise ValueError(f"{piece} has no place in a view; a column of that name is written in double quotes")
        if piece == "(" and kind == "sign":
            inner = self._at(i + 1)[1].lower()
            # FROM (a JOIN b): tables are named inside; FROM (SELECT ...) and x IN (SELECT ...): a statement of its own.
            joined = level.awaits_table and inner not in ("select", "with")
            self.levels.append(_Level(tables=joined, awaits_table=joined))
            level.awaits_table = level.empty = False
            return
        if piece == ")" and kind == "sign":
            if len(self.levels) == 1:
                raise ValueError("closes a parenthesis that was not opened")
            if level.awaits_table:
                raise ValueError("has a parenthesis where a table should be named")
            self.levels.pop()
            return
        first, level.empty = level.empty, False
        if level.awaits_cte:
            if kind not in ("word", "quoted"):
                raise ValueError(f"{piece} stands where a CTE should be named")
            self.ctes.append(_plain(piece))
            level.awaits_cte = False
        elif level.awaits_table:
            if kind not in ("word", "quoted"):
                raise ValueError(f"{piece} stands where a table should be named")
            if after[1] == ".":
                raise ValueError(
                    f"{piece}. names a table of another place; tables are named as the ruleset declares them"
                )
            self.named.append(_plain(piece))
            level.awaits_table = False
        elif word == "with":
            level.ctes = level.awaits_cte = True
        elif word == "select":
            level.select, level.tables, level.ctes = True, False, False
        elif word == "from" and (level.select or first) and not self._is_distinct(i):
            level.tables = level.awaits_table = True
        elif word == "join" and level.tables:
            level.awaits_table = True
        elif word in _END_OF_FROM:
            level.tables = False
        elif piece == "," and kind == "sign" and level.tables:
            level.awaits_table = True
        elif piece == "," and kind == "sign" and level.ctes:
            level.awaits_cte = True

    def _is_distinct(self, i: int) -> bool:
        """Whether the FROM at `i` belongs to IS [NOT] DISTINCT FROM."""
        words = [self._at(j)[1].lower() for j in (i - 3, i - 2, i - 1)]
        return words[2] == "distinct" and (words[1] == "is" or words[:2] == ["is", "not"])

    def _call(self, name: str, level: _Level) -> None:
        if level.awaits_table:
            raise ValueError(f"{name}(...) stands where a table should be named; a view reads declared tables only")
        if _READERS.fullmatch(name):
            raise ValueError(f"{name}(...) reads from elsewhere; a view reads declared tables only")
