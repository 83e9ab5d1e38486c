"""Which of the first rows of a file names its columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assess.intake.raw import BLANKS

# Title rows stand above the header; further down than this nobody looks for it.
HEADER_ROWS = 20

Cells = Sequence[str | None]


def clean(cells: Iterable[str | None]) -> tuple[str, ...]:
    """Headers without the blanks around them."""
    return tuple((cell or "").strip().strip(BLANKS).strip() for cell in cells)


def key(label: str) -> str:
    """Headers that differ in case or in the width of their characters alone are the same header."""
    return unicodedata.normalize("NFKC", label).casefold()


@dataclass(frozen=True)
class Wanted:
    """What a file is searched for: the columns its headers may stand for, those it must have, and a sheet by name."""

    labels: Mapping[str, str]
    required: frozenset[str]
    sheet: str | None = None

    def rank(self, cells: Cells | None) -> tuple[bool, int]:
        """How well a row serves as header: whether no required column is missing, and how many are named."""
        named = {self.labels[key(cell)] for cell in clean(cells or ()) if key(cell) in self.labels}
        return bool(named) and self.required <= named, len(named)

    def header(self, rows: Sequence[Cells | None]) -> int | None:
        """The position of the header among the first rows: the best one, of equals the first.

        Where no row names any column it is the first that is not empty, so that the complaint is about that one; a row
        that is none could not be told apart into cells.
        """
        ranks = [self.rank(row) for row in rows]
        best = max(ranks, default=(False, 0))
        if best[1]:
            return ranks.index(best)
        return next((i for i, row in enumerate(rows) if row is None or any(clean(row))), None)
