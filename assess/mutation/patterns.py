"""Small changes to a regular expression: how often, within which range, and which alternative."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.mutation.change import Change

# An escape, a character class, a quantifier, or one other character. Classes and escapes are stepped over whole.
_TOKEN = re.compile(
    r"""(?P<escape>\\(?:[pPx]\{[^}]*\}|.))
    |(?P<set>\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\])
    |(?P<times>\{[0-9]+(?:,[0-9]*)?\})
    |(?P<group>\(\?[^)]*?[:>])
    |(?P<few>[?*+])
    |(?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
_RANGE = re.compile(r"(?<!\\)([0-9A-Za-z])-([0-9A-Za-z])")
# Ranges that mean "any digit" or "any letter": their ends are no bounds that somebody chose.
_WHOLE = {"0-9", "a-z", "A-Z"}


def changes(pattern: str) -> Iterator[Change]:
    """Every quantifier and chosen range moved by one, every alternative left out."""
    tokens = list(_TOKEN.finditer(pattern))
    previous = before = ""
    for token in tokens:
        kind, text = str(token.lastgroup), token.group()
        options: list[str] = []
        if kind == "times":
            options = _times(text)
        elif kind == "few" and previous not in ("few", "times", ""):
            options = {"?": [""], "*": ["+"], "+": ["*"]}[text]
        elif kind == "set":
            options = _ranges(text)
        for option in options:
            now = pattern[: token.start()] + option + pattern[token.end() :]
            said = before if kind in ("times", "few") else ""
            yield Change(said + text, said + option, now, "add texts just inside and just outside of this form")
        previous, before = kind, text
    yield from _alternatives(pattern, tokens)


def _times(text: str) -> list[str]:
    low, comma, high = text[1:-1].partition(",")
    least = int(low)
    if not comma:
        return [f"{{{n}}}" for n in (least - 1, least + 1) if n >= 0]
    pairs = [(least - 1, high), (least + 1, high)]
    if high:
        pairs += [(least, str(int(high) - 1)), (least, str(int(high) + 1))]
    return [f"{{{a},{b}}}" for a, b in pairs if a >= 0 and (not b or a <= int(b))]


def _ranges(text: str) -> list[str]:
    found = []
    for match in _RANGE.finditer(text):
        if match.group() in _WHOLE:
            continue
        low, high = match.groups()
        for a, b in ((_next(low, -1), high), (_next(low, 1), high), (low, _next(high, -1)), (low, _next(high, 1))):
            if a and b and a <= b:
                found.append(f"{text[: match.start()]}{a}-{b}{text[match.end() :]}")
    return found


def _next(letter: str, step: int) -> str:
    """The neighbour of a digit or letter, or nothing where it would be of another sort."""
    other = chr(ord(letter) + step)
    same = (letter.isdigit() and other.isdigit()) or (letter.isalpha() and other.isalpha() and other.isascii())
    return other if same else ""


def _alternatives(pattern: str, tokens: list[re.Match[str]]) -> Iterator[Change]:
    depth, cuts = 0, [0]
    for token in tokens:
        if token.lastgroup == "group" or token.group() == "(":
            depth += 1
        elif token.group() == ")":
            depth -= 1
        elif token.group() == "|" and depth == 0:
            cuts.append(token.end())
    if len(cuts) == 1:
        return
    branches = [pattern[a : b - 1] for a, b in zip(cuts, [*cuts[1:], len(pattern) + 1], strict=True)]
    for i, branch in enumerate(branches):
        rest = "|".join(branches[:i] + branches[i + 1 :])
        yield Change(branch, "no such alternative", rest, f"add a passing example of the form {branch}")
