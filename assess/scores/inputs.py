"""What a score looks at: one input of one unit for each indicator, rule or item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from assess.scores.exact import exact

Subject = tuple[Literal["indicator", "rule", "item"], str]
Number = int | float | str | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Input:
    """What one unit brings for one subject: a status, and numbers where there are any.

    `rate` is the scored rate of an indicator (of a count the count), the share of sound records of a rule, or the mark
    of an item as a share of its full mark. `target` is that of the day. `amount` and `of` are the counts behind it: for
    a rule violated and applicable records, for an item the mark and the full mark. `note` is for people.
    """

    status: str
    rate: Fraction | None = None
    target: Fraction | None = None
    reason: str = ""
    amount: Fraction | int | None = None
    of: Fraction | int | None = None
    note: str = ""


class Mark(NamedTuple):
    """One line of the table of marks: points that somebody gave an item of a unit on site."""

    points: Number | None
    marker: str | None = None
    on: dt.date | str | None = None
    note: str | None = None


def marks_input(points: Number | None, rows: Iterable[Mark | tuple[Number | None, ...]]) -> Input:
    """The input of one item of one unit from its lines in the table of marks; `points` is the full mark, or none.

    Without a mark it is `not_applicable` (`not_marked`). A mark below 0 or above the full mark (`mark_out_of_range`),
    or two marks that differ (`marked_twice`), are an `error`; the same mark twice is one mark.
    """
    marks = [Mark(*row) for row in rows]
    given = [mark for mark in marks if mark.points is not None]
    full = None if points is None else exact(points)
    if not given:
        return Input("not_applicable", reason="not_marked", of=full)
    note = "; ".join(sorted({_words(mark) for mark in given} - {""}))
    amounts = {exact(mark.points) for mark in given if mark.points is not None}
    if len(amounts) > 1:
        return Input("error", reason="marked_twice", of=full, note=note)
    (amount,) = amounts
    if amount < 0 or (full is not None and amount > full):
        return Input("error", reason="mark_out_of_range", amount=amount, of=full, note=note)
    return Input("pass", None if full is None else amount / full, amount=amount, of=full, note=note)


def _words(mark: Mark) -> str:
    who = " ".join(str(word) for word in (mark.marker, mark.on) if word)
    return ": ".join(word for word in (who, mark.note) if word)
