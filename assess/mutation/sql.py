"""Small changes to a SQL condition, made on its tokens: comparisons, connectives, literals, columns, lists, ranges.

Quoted strings and quoted names are stepped over. A change need not give a valid expression: its user parses it again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.mutation.change import Change

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<interval>INTERVAL\s+'[0-9]+[a-z]+')
    |(?P<date>DATE\s+'\d{4}-\d\d-\d\d')
    |(?P<string>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<word>[^\W\d]\w*)
    |(?P<sign><=|>=|<>|!=|==|\|\||::|.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COMPARISONS = {">=": [">"], ">": [">="], "<=": ["<"], "<": ["<="], "=": ["<>"], "==": ["<>"], "<>": ["="], "!=": ["="],
                "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"]}  # fmt: skip
_BOUNDS = {">=", ">", "<=", "<"}
_BRANCHES = {"WHEN", "THEN", "ELSE", "END", "CASE"}


@dataclass(frozen=True)
class Token:
    """A word, literal or sign, and where it ends in the text; spaces are no tokens."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word in capitals, or nothing for other tokens."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> list[Token]:
    """The tokens of a SQL text."""
    found = [Token(str(m.lastgroup), m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    return [token for token in found if token.kind != "space"]


def changes(
    text: str, others: Callable[[str], Sequence[str]], step: Callable[[str], str | None] = lambda _: None
) -> Iterator[Change]:
    """Every small change to `text`.

    `others` gives the columns that may be taken for a column, none for other words; `step` the smallest step of a
    column (1, or an interval of a day), by which it is moved where it is a bound.
    """
    found = tokens(text)
    inner = _between_ands(found)

    def put(first: int, last: int, now: str, hint: str = "") -> Change:
        start, end = found[first].start, found[last].end
        return Change(text[start:end], now, text[:start] + now + text[end:], hint)

    for i, token in enumerate(found):
        before = found[i - 1].word if i else ""
        if token.kind == "sign" and not _unary(found, i):
            for now in _COMPARISONS.get(token.text, ()):
                yield put(i, i, now, "add an example at which both sides are equal")
        elif token.word in ("AND", "OR") and i not in inner:
            yield put(i, i, "OR" if token.word == "AND" else "AND")
            yield from _operands(text, found, i, inner)
        elif token.word == "IS":
            negated = found[i + 1].word == "NOT" if i + 1 < len(found) else False
            yield put(i, i + negated, "IS" if negated else "IS NOT")
        elif token.word == "NOT" and before != "IS":
            yield put(i, i, "")
        elif token.word == "BETWEEN":
            yield from _between(text, found, i, inner)
        elif token.word == "IN":
            yield from _list(text, found, i)
        elif token.kind in ("number", "date", "interval"):
            for now in moved(token):
                yield put(i, i, now, f"add examples at {token.text} and one step beside it")
        elif token.kind in ("word", "quoted") and not _is_call(found, i):
            name = token.text.strip('"')
            for other in others(name):
                yield put(i, i, other, f"add an example in which {name} and {other} differ")
            if (unit := step(name)) and (before == "BETWEEN" or i - 1 in inner or (i and found[i - 1].text in _BOUNDS)):
                for way in "-+":
                    now = f"({token.text} {way} {unit})"
                    yield put(i, i, now, f"add examples one step on either side of {name}")


def moved(token: Token) -> list[str]:
    """A literal moved by one unit of its last place, down and up; dates by a day, intervals by one of their unit."""
    if token.kind == "number":
        number = Decimal(token.text)
        step = Decimal(1).scaleb(int(number.as_tuple().exponent))
        return [f"({number + way * step})" if number + way * step < 0 else str(number + way * step) for way in (-1, 1)]
    if token.kind == "date":
        day = dt.date.fromisoformat(token.text[-11:-1])
        return [f"DATE '{day + dt.timedelta(days=way)}'" for way in (-1, 1)]
    found = re.search(r"([0-9]+)([a-z]+)'$", token.text, re.IGNORECASE)
    if found is None:
        return []
    count = int(found.group(1))
    return [f"INTERVAL '{count + way}{found.group(2)}'" for way in (-1, 1) if count + way >= 0]


def _unary(found: Sequence[Token], i: int) -> bool:
    """Whether a sign has nothing on its left to work on: a minus before a number, a star for all columns."""
    if i == 0:
        return True
    left = found[i - 1]
    return (left.kind == "sign" and left.text != ")") or left.word in {"AND", "OR", "NOT", "BETWEEN", *_BRANCHES} - {
        "END"
    }


def _is_call(found: Sequence[Token], i: int) -> bool:
    return i + 1 < len(found) and found[i + 1].text == "("


def _between_ands(found: Sequence[Token]) -> dict[int, int]:
    """The AND that belongs to a BETWEEN, with the place of that BETWEEN."""
    open_: list[tuple[int, int]] = []
    belongs: dict[int, int] = {}
    depth = 0
    for i, token in enumerate(found):
        depth += (token.text == "(" or token.word == "CASE") - (token.text == ")" or token.word == "END")
        if token.word == "BETWEEN":
            open_.append((i, depth))
        elif token.word == "AND" and open_ and open_[-1][1] == depth:
            belongs[i] = open_.pop()[0]
    return belongs


def _reach(found: Sequence[Token], i: int, way: int, stops: set[str], inner: dict[int, int]) -> int:
    """The last token, walking one way from `i`, of what stands there at the same depth before one of `stops`."""
    depth, at = 0, i + way
    opens, closes = (("(", "CASE"), (")", "END")) if way > 0 else ((")", "END"), ("(", "CASE"))
    while 0 <= at < len(found):
        token = found[at]
        if token.text == closes[0] or token.word == closes[1]:
            if depth == 0:
                break
            depth -= 1
        elif token.text == opens[0] or token.word == opens[1]:
            depth += 1
        elif depth == 0 and at not in inner and (token.word in stops or token.text == ","):
            break
        at += way
    return at - way


def _operands(text: str, found: Sequence[Token], i: int, inner: dict[int, int]) -> Iterator[Change]:
    """Each side of a connective left out: TRUE in an AND, FALSE in an OR."""
    word = found[i].word
    stops = {"OR", *_BRANCHES} | ({"AND"} if word == "AND" else set())
    left, right = _reach(found, i, -1, stops, inner), _reach(found, i, 1, stops, inner)
    for first, last in ((left, i - 1), (i + 1, right)):
        if first <= last:
            start, end = found[first].start, found[last].end
            now = "TRUE" if word == "AND" else "FALSE"
            hint = f"add an example in which only this part decides: {text[start:end]}"
            yield Change(text[start:end], now, text[:start] + now + text[end:], hint)


def _between(text: str, found: Sequence[Token], i: int, inner: dict[int, int]) -> Iterator[Change]:
    """Each end of a BETWEEN excluded."""
    middle = next((at for at, owner in inner.items() if owner == i), None)
    if middle is None or i == 0:
        return
    negated = found[i - 1].word == "NOT"
    stops = {"AND", "OR", "NOT", *_BRANCHES}
    first = _reach(found, i - negated, -1, stops, inner)
    last = _reach(found, middle, 1, stops, inner)
    if first > i - 1 - negated or last <= middle:
        return

    def cut(a: int, b: int) -> str:
        return text[found[a].start : found[b].end]

    value, low, high = cut(first, i - 1 - negated), cut(i + 1, middle - 1), cut(middle + 1, last)
    start, end = found[first].start, found[last].end
    for lower, upper, bound in ((">", "<=", low), (">=", "<", high)):
        now = f"{'NOT ' if negated else ''}({value} {lower} {low} AND {value} {upper} {high})"
        yield Change(
            f"{bound} included", "excluded", text[:start] + now + text[end:], f"add an example at {value} = {bound}"
        )


def _list(text: str, found: Sequence[Token], i: int) -> Iterator[Change]:
    """Each member of an IN list left out."""
    if not _is_call(found, i):
        return
    close = next((at for at in range(i + 2, len(found)) if found[at].text == ")"), len(found))
    members = found[i + 2 : close]
    values = [token.text for token in members if token.text != ","]
    if (
        close == len(found)
        or len(values) < 2
        or any(token.kind not in ("string", "number") and token.text != "," for token in members)
    ):
        return
    start, end = members[0].start, members[-1].end
    for k, value in enumerate(values):
        rest = ", ".join(values[:k] + values[k + 1 :])
        yield Change(
            f"{value} in the list", "left out", text[:start] + rest + text[end:], f"add an example with {value}"
        )
