"""Places of units by score, with ties by a stated rule."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from assess.scores.spec import Ranking


class Standing(NamedTuple):
    """What a unit is ranked by: its score in ten-thousandths, or none, and the rates that decide between equals."""

    unit: str
    score: int | None
    then: tuple[Fraction | None, ...] = ()


def ranks(rows: Iterable[Standing], ranking: Ranking) -> dict[str, int]:
    """The place of every unit that has a score, 1 for the best; the order of the rows does not matter.

    Equal scores are told apart by the rates of `ranking.then`, higher first, a rate that is missing last. Those still
    equal share a place: competition leaves out the places after it (1, 1, 3), dense leaves out none (1, 1, 2), modified
    gives the worst place of those that they fill (2, 2, 3).
    """
    placed = sorted((_key(row), row.unit) for row in rows if row.score is not None)
    found: dict[str, int] = {}
    for number, (_, equals) in enumerate(groupby(placed, key=lambda pair: pair[0]), start=1):
        units = [unit for _, unit in equals]
        place = {
            "competition": len(found) + 1,
            "dense": number,
            "modified": len(found) + len(units),
        }[ranking.ties]
        found.update(dict.fromkeys(units, place))
    return found


def _key(row: Standing) -> tuple[tuple[bool, Fraction | int], ...]:
    amounts = (row.score or 0, *row.then)
    return tuple((amount is None, -amount if amount is not None else 0) for amount in amounts)
