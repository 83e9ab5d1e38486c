"""Regular expressions that mean the same in Rust, in RE2 (DuckDB), in PostgreSQL and in ICU (MySQL).

They agree on characters, classes, groups, alternatives and counts. What else there is, is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assess.exports.unsaid import UnsaidError

_WORDS = re.compile(
    r"(?P<escape>\\.)|(?P<group>\((?!\?)|\(\?:)|(?P<count>\{\d{1,3}(?:,\d{0,3})?\}|[?*+])|(?P<class>\[)"
    r"|(?P<sign>[|)])|(?P<any>\.)|(?P<bad>[\^$(\]{}])|(?P<plain>.)",
    re.DOTALL,
)
_CLASS = re.compile(r"(?P<escape>\\.)|(?P<end>\])|(?P<bad>\[|&&|--|~~)|(?P<plain>.)", re.DOTALL)
_SIGNS = frozenset(".^$|()[]{}*+?\\-/")
# PostgreSQL counts no further.
_MOST = 255


def portable(pattern: str, digit: str | None) -> str:
    """The pattern as databases read it; `digit` is what stands there for a decimal digit of any script.

    Raises UnsaidError naming the part that has another meaning elsewhere.
    """
    found: list[str] = []
    at = 0
    while at < len(pattern):
        match = _WORDS.match(pattern, at)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind, piece = str(match.lastgroup), match.group()
        at = match.end()
        if kind == "escape":
            found.append(_escaped(piece, digit))
        elif kind == "group":
            found.append("(?:")
        elif kind == "class":
            inside, at = _class(pattern, at, digit)
            found.append(inside)
        elif kind == "any":
            found.append(r"[^\n]")
        elif kind == "count":
            if pattern[at : at + 1] in ("?", "+"):
                raise UnsaidError(f"the pattern counts by {piece}{pattern[at]}")
            if any(int(n) > _MOST for n in re.findall(r"\d+", piece)):
                raise UnsaidError(f"the pattern counts to more than {_MOST}")
            found.append(piece)
        elif kind == "bad":
            raise UnsaidError(f"the pattern has {piece} where databases differ")
        else:
            found.append(piece)
    return "".join(found)


def _escaped(piece: str, digit: str | None) -> str:
    if piece[1] in _SIGNS:
        return piece
    if piece == r"\d" and digit is not None:
        return digit
    if piece == r"\d":
        raise UnsaidError(r"the pattern has \d, a digit of any script, which the database has no name for")
    raise UnsaidError(f"the pattern has {piece}, which means other characters elsewhere")


def _class(pattern: str, at: int, digit: str | None) -> tuple[str, int]:
    """A class in brackets from behind its opening bracket, and where it ends."""
    start = "["
    if pattern[at : at + 1] == "^":
        start, at = "[^", at + 1
    inside: list[str] = []
    while at < len(pattern):
        match = _CLASS.match(pattern, at)
        assert match is not None  # noqa: S101 - the last alternative takes any character
        kind, piece = str(match.lastgroup), match.group()
        at = match.end()
        if kind == "end" and inside:
            return f"{start}{''.join(inside)}]", at
        if kind in ("bad", "end"):
            raise UnsaidError(f"the pattern has {piece} inside brackets")
        inside.append(_escaped(piece, digit) if kind == "escape" else piece)
    raise UnsaidError("the pattern has a bracket that is not closed")


def days(written: Callable[[str, str, str], str], *, bare: bool = False) -> str:
    """A pattern of all days of the calendar, as `written` puts patterns of year, month and day in order.

    Years have four digits; `bare` months and days have no leading zero.
    """
    zero = "" if bare else "0"
    years = "[0-9]{4}"
    leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
    month_31, month_30 = f"(?:{zero}[13578]|1[02])", f"(?:{zero}[469]|11)"
    to_28 = f"(?:{zero}[1-9]|1[0-9]|2[0-8])"
    return "|".join(
        [
            written(years, f"(?:{zero}[1-9]|1[0-2])", to_28),
            written(years, f"(?:{month_31}|{month_30})", "(?:29|30)"),
            written(years, month_31, "31"),
            written(leap, f"{zero}2", "29"),
        ]
    )
