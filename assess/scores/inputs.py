"""What a score looks at: an input of each unit for each indicator, rule or item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from assess.ratio import Mask, Places, Ratio
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


# The statuses that an input may have, each graver than those before it; from `not_applicable` on nothing is scored.
STATUSES = ("pass", "pass_with_findings", "needs_review", "fail", "not_applicable", "not_submitted", "error")
PASS, NOT_APPLICABLE, NOT_SUBMITTED, ERROR = (
    STATUSES.index(status) for status in ("pass", "not_applicable", "not_submitted", "error")
)
Statuses = np.ndarray[tuple[Any, ...], np.dtype[np.int8]]
Texts = np.ndarray[tuple[Any, ...], np.dtype[np.object_]]


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What many units bring for one subject: the fields of `Input` as columns, the status as its place in STATUSES."""

    status: Statuses
    rate: Ratio
    target: Ratio
    reason: Texts
    amount: Ratio
    of: Ratio
    note: Texts

    @classmethod
    def of_each(cls, inputs: Sequence[Input]) -> Inputs:
        """The inputs of these units."""
        return cls(
            np.array([STATUSES.index(seen.status) for seen in inputs], dtype=np.int8),
            Ratio.of([seen.rate for seen in inputs]),
            Ratio.of([seen.target for seen in inputs]),
            np.array([seen.reason for seen in inputs], dtype=object),
            Ratio.of([seen.amount for seen in inputs]),
            Ratio.of([seen.of for seen in inputs]),
            np.array([seen.note for seen in inputs], dtype=object),
        )

    @classmethod
    def without_numbers(cls, status: Statuses) -> Inputs:
        """Inputs of which nothing is known but the status."""
        none, nothing = Ratio.each(None, len(status)), np.full(len(status), "", dtype=object)
        return cls(status, none, none, nothing, none, none, nothing)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def judged(self) -> Mask:
        """Where there is something to score. A signal asks somebody to look; it is scored."""
        return self.status < NOT_APPLICABLE

    def take(self, rows: Places) -> Inputs:
        """The inputs of these units."""
        return Inputs(
            self.status[rows], self.rate.take(rows), self.target.take(rows), self.reason[rows], self.amount.take(rows),
            self.of.take(rows), self.note[rows],
        )  # fmt: skip

    def put(self, rows: Places, other: Inputs) -> Inputs:
        """With those of these units replaced."""
        status, reason, note = self.status.copy(), self.reason.copy(), self.note.copy()
        status[rows], reason[rows], note[rows] = other.status, other.reason, other.note
        return Inputs(
            status, self.rate.put(rows, other.rate), self.target.put(rows, other.target), reason,
            self.amount.put(rows, other.amount), self.of.put(rows, other.of), note,
        )  # fmt: skip


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
