"""What became of many units: columns of shares, points and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assess.ratio import Mask, Places, Ratio, Whole, plus, times
from assess.scores.exact import SCALE
from assess.scores.inputs import Inputs, Subject, Texts
from assess.scores.ranking import Standing
from assess.scores.spec import Score
from assess.scores.tree import Layout, Tree


class Looked(NamedTuple):
    """What became of one leaf of every unit before points are apportioned.

    `out`: its own policy leaves it out; `failed`: its policy leaves the unit without a score, and `wrong`: an error.
    """

    share: Ratio
    out: Mask
    failed: Mask
    wrong: Mask

    def take(self, rows: Places) -> Looked:
        """Those of these units."""
        return Looked(self.share.take(rows), self.out[rows], self.failed[rows], self.wrong[rows])

    def put(self, rows: Places, other: Looked) -> Looked:
        """With those of these units replaced."""
        out, failed, wrong = (mask.copy() for mask in self[1:])
        out[rows], failed[rows], wrong[rows] = other[1:]
        return Looked(self.share.put(rows, other.share), out, failed, wrong)

    def counts_as(self, other: Looked) -> bool:
        """Whether the same units are left out, failed and wrong."""
        return all(np.array_equal(*pair) for pair in zip(self[1:], other[1:], strict=True))


@dataclass(frozen=True, eq=False)
class Totals:
    """What many units were given; matrices have a row for each leaf, inner node or veto and a column for each unit.

    Points are in ten-thousandths. `score` is 0 where a unit is not `scored`, and `why` says why. `grade` is the place
    of the grade in the ruleset, or -1. `stop` is why the parts alone leave a unit without a score. `held` says which
    vetoes would hold of a score and `doubtful` which of them look at an error; `vetoed` is what they take.
    """

    layouts: Sequence[Layout]
    which: Places
    given: Whole
    points: Whole
    taken: Whole
    stop: Texts
    held: Mask
    doubtful: Mask
    vetoed: Whole
    scored: Mask
    score: Whole
    why: Texts
    grade: Places

    @property
    def holding(self) -> Mask:
        """Which vetoes hold of a unit that has a score."""
        return self.held & self.scored

    def take(self, rows: Places) -> Totals:
        """Those of these units."""
        return Totals(
            self.layouts, self.which[rows], self.given[:, rows],
            self.points[:, rows], self.taken[:, rows], self.stop[rows], self.held[:, rows], self.doubtful[:, rows],
            self.vetoed[:, rows], self.scored[rows], self.score[rows], self.why[rows], self.grade[rows],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of many units, with everything that was looked at: `seen` is what each leaf sees of `inputs`."""

    spec: Score
    tree: Tree
    inputs: Mapping[Subject, Inputs]
    seen: tuple[Inputs, ...]
    looked: tuple[Looked, ...]
    totals: Totals

    @property
    def quality(self) -> Whole:
        """Scores as shares of full marks, in ten-thousandths rounded half up, as funds are split by them; 0 of none."""
        full = self.tree.full
        return np.asarray(plus(times(self.totals.score, np.array([2 * SCALE])), np.array([full])) // (2 * full))

    def take(self, rows: Places) -> Scores:
        """Those of these units."""
        inputs = {subject: seen.take(rows) for subject, seen in self.inputs.items()}
        seen = tuple([each.take(rows) for each in self.seen])
        looked = tuple([each.take(rows) for each in self.looked])
        return Scores(self.spec, self.tree, inputs, seen, looked, self.totals.take(rows))

    def standings(self, units: Sequence[str]) -> list[Standing]:
        """The units' places in an order, as `ranks` takes them; `units` are the keys of all units."""
        then = [self.inputs.get(("indicator", name)) for name in self.spec.ranking.then]
        rates = [[None] * len(units) if seen is None else seen.rate.fractions() for seen in then]
        scores = [score if scored else None for score, scored in
                  zip(self.totals.score.tolist(), self.totals.scored.tolist(), strict=True)]  # fmt: skip
        rows = zip(*rates, strict=True) if rates else [()] * len(units)
        return [Standing(*row) for row in zip(units, scores, rows, strict=True)]
