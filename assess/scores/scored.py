"""What became of one unit: its score, and every line that makes it, each with its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from assess.scores.exact import SCALE
from assess.scores.lines import lines_of
from assess.scores.ranking import Standing
from assess.scores.totals import Scores
from assess.scores.tree import Inner


class Given(NamedTuple):
    """One line of a score: what a part, an aggregate or a veto gave one unit; points in ten-thousandths.

    The lines sum to the score. `part` is unique: method and subject, `aggregate:` and the group (`aggregate` alone for
    the score itself), or `veto:` and its id. `group` is the path of groups that the line belongs to, joined by slashes,
    empty at the top. `points` are as the ruleset states them, `possible` after exclusions. `formula` is arithmetic from
    the input to `given`.
    """

    part: str
    group: str
    subject: str
    method: str
    status: str
    rate: float | None
    target: float | None
    amount: float | None
    points: int
    possible: int
    given: int
    why: str
    formula: str
    note: str = ""


@dataclass(frozen=True)
class Subtotal:
    """What one group gave one unit; points in ten-thousandths. `out`: all its parts were left out."""

    group: str
    aggregate: str
    points: int
    possible: int
    given: int
    out: bool


class Scored:
    """The score of one unit in ten-thousandths, or none with the reason why.

    `full` are full marks, `vetoes` those that hold, `grade` the id of the grade. The lines that make the score are put
    into words when they are asked for.
    """

    def __init__(self, scores: Scores, row: int):
        totals, spec = scores.totals, scores.spec
        self._scores, self._row = scores, row
        self.full = scores.tree.full
        self.why: str = totals.why[row]
        self.score = int(totals.score[row]) if totals.scored[row] else None
        self.vetoes = tuple(v.id for v, held in zip(spec.veto, totals.holding[:, row], strict=True) if held)
        self.grade = spec.grades[totals.grade[row]].id if totals.grade[row] >= 0 else None

    @cached_property
    def _one(self) -> Scores:
        return self._scores.take(np.array([self._row]))

    @property
    def quality(self) -> Fraction | None:
        """Score / full marks, rounded half up to four decimals, as funds are split by it; none without a score."""
        return None if self.score is None else Fraction(int(self._scores.quality[self._row]), SCALE)

    @cached_property
    def parts(self) -> tuple[Given, ...]:
        """Every line of the score: the parts in order, what aggregates take, what vetoes take."""
        return tuple(Given(*line) for line in lines_of(self._one).select(Given._fields).iter_rows())

    @cached_property
    def groups(self) -> tuple[Subtotal, ...]:
        """Every group in the order of the ruleset, before the groups inside it."""
        return tuple(self._subtotals())

    def _subtotals(self) -> Iterator[Subtotal]:
        tree, totals = self._scores.tree, self._scores.totals
        layout = totals.layouts[totals.which[self._row]]
        waiting = [*reversed(tree.root.children)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Inner):
                at = node.position
                yield Subtotal(
                    node.path, node.aggregate, tree.nominal.inner[at], layout.inner[at],
                    int(totals.points[at, self._row]), layout.inner_out[at],
                )  # fmt: skip
                waiting += reversed(node.children)

    def standing(self, unit: str) -> Standing:
        """The unit's place in an order, as `ranks` takes it."""
        return self._one.standings([unit])[0]
