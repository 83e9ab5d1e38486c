"""Texts of a fixed number of digits, read as whole numbers: a few comparisons instead of a look at every character.

A pattern such as `1[3-9][0-9]{9}` means: eleven bytes, and a whole number from 13000000000 to 19999999999. What is read
of a column is put by, so that all rules on it read it once.
"""

from __future__ import annotations

import re
from functools import cache, reduce
from itertools import groupby
from operator import or_

import polars as pl

from assess.checks.base import Hold

# One character or one class of them, with how often; anything else is not of this sort.
_PLACE = re.compile(r"(?:\[((?:[0-9A-Za-z](?:-[0-9A-Za-z])?)+)\]|([0-9A-Za-z]))(?:\{([0-9]{1,2})\})?")
_DIGITS = frozenset(range(ord("0"), ord("9") + 1))
# A whole number of 64 bits holds any number of so many digits.
_LONGEST = 18

Places = tuple[frozenset[int], ...]


def leading(column: str, places: int, hold: Hold) -> pl.Expr:
    """The first characters of a text as a whole number; null where they are none. A sign counts as a character."""
    return hold(f"{column} first {places}", pl.col(column).str.slice(0, places).cast(pl.Int64, strict=False))


def byte(column: str, place: int, hold: Hold) -> pl.Expr:
    """The byte at a place, counted from 0; null where the text ends before it."""
    return hold(f"{column} byte {place}", pl.col(column).cast(pl.Binary).bin.get(place, null_on_oob=True))


def fixed(pattern: str) -> bool:
    """Whether a pattern is a row of digits, of which `like` can tell by comparisons."""
    places = _places(pattern)
    # Bytes that are looked at one by one cost as much as the pattern itself.
    return 2 <= _numbered(places) >= len(places) - 2


def like(column: str, pattern: str, hold: Hold) -> pl.Expr:
    """Whether a text matches the whole of a pattern that is `fixed`; false for null."""
    places = _places(pattern)
    count = _numbered(places)
    least, most = (int("".join(chr(pick(place)) for place in places[:count])) for pick in (min, max))
    if count == len(places):
        head = hold(f"{column} whole", pl.col(column).cast(pl.Int64, strict=False))
    else:
        head = leading(column, count, hold)
    # So many characters that are a number of as many digits are digits: a sign would have taken the place of one.
    fits = (pl.col(column).str.len_bytes() == len(places)) & (head >= least) & (head <= most)
    for place in range(count, len(places)):
        fits = fits & _within(byte(column, place, hold), places[place])
    return hold(f"{column} like {pattern}", fits.fill_null(value=False))


@cache
def _places(pattern: str) -> Places:
    """Which bytes may stand at each place; nothing where the pattern is not a row of such places."""
    if not re.fullmatch(f"(?:{_PLACE.pattern})+", pattern):
        return ()
    places: list[frozenset[int]] = []
    for several, one, times in _PLACE.findall(pattern):
        places += [_bytes(several or one)] * int(times or 1)
    return tuple(places) if all(places) else ()


def _bytes(several: str) -> frozenset[int]:
    ranges = re.findall(r"(.)(?:-(.))?", several)
    return frozenset(code for first, last in ranges for code in range(ord(first), ord(last or first) + 1))


def _numbered(places: Places) -> int:
    """How many places at the head are together the digits of all whole numbers from one to another."""
    free, count = False, 0
    for place in places[:_LONGEST]:
        unbroken = place <= _DIGITS and max(place) - min(place) == len(place) - 1
        if not unbroken or (free and place != _DIGITS) or (count == 0 and ord("0") in place):
            break
        free = free or len(place) > 1
        count += 1
    return count


def _within(value: pl.Expr, codes: frozenset[int]) -> pl.Expr:
    """Whether a byte is one of these: a comparison for each run of them."""
    runs = [[code for _, code in run] for _, run in groupby(enumerate(sorted(codes)), lambda at: at[1] - at[0])]
    return reduce(or_, [(value >= run[0]) & (value <= run[-1]) if run[1:] else value == run[0] for run in runs])
