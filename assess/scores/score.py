"""The scores of units: from inputs to points, exactly, for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from assess.ratio import Mask, Places, Ratio, Whole
from assess.scores.exact import SCALE, exact, ten_thousandths
from assess.scores.inputs import ERROR, NOT_APPLICABLE, NOT_SUBMITTED, Input, Inputs, Subject, Texts
from assess.scores.scored import Scored
from assess.scores.spec import Score, Veto
from assess.scores.totals import Looked, Scores, Totals
from assess.scores.tree import Inner, Layout, Leaf, Tree


class Scorer:
    """Scores units by one specification; what only hangs on the specification is worked out once."""

    def __init__(self, spec: Score):
        self.spec = spec
        self.tree = Tree(spec)
        of_parts = [subject for leaf in self.tree.leaves for subject in leaf.subjects]
        self._needed = tuple(dict.fromkeys([*of_parts, *(veto.subject for veto in spec.veto)]))
        then: list[Subject] = [("indicator", name) for name in spec.ranking.then]
        self.subjects: tuple[Subject, ...] = tuple(dict.fromkeys([*self._needed, *then]))
        nodes: dict[str, Leaf | Inner] = {leaf.subject: leaf for leaf in self.tree.leaves}
        nodes |= {node.name: node for node in self.tree.inner[:-1]}
        self._asked: dict[str, Leaf | Inner] = {}
        for name in (need.part for grade in spec.grades for need in grade.requires):
            if name not in nodes:
                raise ValueError(f"a grade requires something of {name!r}, which is no part and no group of the score")
            self._asked[name] = nodes[name]

    def score(self, inputs: Mapping[Subject, Input]) -> Scored:
        """The score of one unit, as `scores` has it."""
        return Scored(self.scores({subject: Inputs.of_each([seen]) for subject, seen in inputs.items()}), 0)

    def scores(self, inputs: Mapping[Subject, Inputs]) -> Scores:
        """Score units from their inputs for each of `subjects`; raises ValueError where one is missing.

        A part in error leaves a unit without a score: its weight is never removed. A part that was not submitted gets
        no points under any policy.
        """
        for subject in self._needed:
            if subject not in inputs:
                raise ValueError(f"there is no input for {subject[0]} {subject[1]!r}")
        seen = [leaf.part.sees([inputs[subject] for subject in leaf.subjects]) for leaf in self.tree.leaves]
        looked = [_looked(leaf, each) for leaf, each in zip(self.tree.leaves, seen, strict=True)]
        vetoes = self.spec.veto
        held, doubtful = np.zeros((2, len(vetoes), len(seen[0])), dtype=np.bool_)
        for number, veto in enumerate(vetoes):
            held[number] = holds(veto, inputs[veto.subject])
            doubtful[number] = inputs[veto.subject].status == ERROR
        return Scores(self.spec, self.tree, inputs, tuple(seen), tuple(looked), self._fresh(looked, held, doubtful))

    def instead(self, now: Scores, units: Places, changed: Mapping[Subject, tuple[Places, Inputs]]) -> Totals:
        """What units would be given with some inputs replaced: as from scratch, but only what these touch is seen anew.

        Each case is a unit; `changed` gives for a subject the cases that bring something else, in rising order.
        """
        anew: dict[int, tuple[Places, Looked]] = {}
        # Another share moves points; whether a leaf counts at all hardly ever changes, and then all is laid out again.
        moved = not self.tree.adds_up
        for leaf in self.tree.leaves:
            if any(subject in changed for subject in leaf.subjects):
                cases, inputs = _replaced(now.inputs, units, changed, leaf.subjects)
                looked = _looked(leaf, leaf.part.sees(inputs))
                anew[leaf.position] = cases, looked
                moved = moved or not looked.counts_as(now.looked[leaf.position].take(units[cases]))
        held, doubtful = now.totals.held[:, units], now.totals.doubtful[:, units]
        for number, veto in enumerate(self.spec.veto):
            if veto.subject in changed:
                cases, seen = changed[veto.subject]
                held[number, cases], doubtful[number, cases] = holds(veto, seen), seen.status == ERROR
        if moved:
            each = [looked.take(units) for looked in now.looked]
            return self._fresh([
                looked.put(*anew[at]) if at in anew else looked for at, looked in enumerate(each)
            ], held, doubtful)  # fmt: skip
        layouts, which, given = now.totals.layouts, now.totals.which[units], now.totals.given[:, units]
        for at, (cases, looked) in anew.items():
            possible = np.array([layout.possible[at] for layout in layouts])
            given[at, cases] = looked.share.of_points(possible[which[cases]])
        return self._totals((), layouts, which, given, now.totals.stop[units], held, doubtful)

    def _fresh(self, looked: Sequence[Looked], held: Mask, doubtful: Mask) -> Totals:
        layouts, which = self.tree.layouts(np.array([each.out for each in looked]))
        possible = np.array([layout.possible for layout in layouts]).reshape(len(layouts), len(looked)).T
        given = np.array([each.share.of_points(row[which]) for each, row in zip(looked, possible, strict=True)])
        stop = np.array([layout.stop for layout in layouts], dtype=object)[which]
        stop[np.any([each.failed for each in looked], axis=0)] = "not_applicable"
        stop[np.any([each.wrong for each in looked], axis=0)] = "error"
        return self._totals([each.share for each in looked], layouts, which, given, stop, held, doubtful)

    def _totals(
        self, shares: Sequence[Ratio], layouts: Sequence[Layout], which: Places, given: Whole, stop: Texts, held: Mask,
        doubtful: Mask,
    ) -> Totals:  # fmt: skip
        why = np.where(doubtful.any(axis=0), "error", stop)
        scored = why == ""
        holding = held & scored
        points, taken = self.tree.points(layouts, which, shares, given, scored)
        score = np.where(scored, points[-1], 0)
        vetoed = np.zeros(held.shape, dtype=np.int64)
        for number, veto in enumerate(self.spec.veto):
            if veto.cap is not None:
                vetoed[number] = np.where(holding[number], np.maximum(0, score - ten_thousandths(veto.cap)), 0)
                score -= vetoed[number]
        why[scored] = np.where(holding.any(axis=0), "vetoed", "scored")[scored]
        grade = self._grades(layouts, which, given, points, score, holding)
        return Totals(
            layouts, which, given, points, taken, stop, held, doubtful, vetoed, scored, score, why,
            np.where(scored, grade, -1),
        )  # fmt: skip

    def _grades(
        self, layouts: Sequence[Layout], which: Places, given: Whole, points: Whole, score: Whole, held: Mask
    ) -> Places:
        """The highest grade whose minimum is reached, whose requirements are met and that no veto rules out, or -1.

        A requirement asks for a share of possible points; what was left out meets every one.
        """
        grades = self.spec.grades
        found, reached = np.full(len(which), -1), np.full(len(which), fill_value=-np.inf)
        allowed = np.full(len(which), fill_value=np.inf)
        for veto, holding in zip(self.spec.veto, held, strict=True):
            limits = [grade.min for grade in grades if grade.id == veto.grade]
            allowed = np.where(holding, np.minimum(allowed, min(limits, default=np.inf)), allowed)
        for place, grade in enumerate(grades):
            least = -(-exact(grade.min) * SCALE // 1)
            fits = (score >= least) & (grade.min <= allowed) & (grade.min > reached)
            for need in grade.requires:
                node = self._asked[need.part]
                leaf = isinstance(node, Leaf)
                rows = [(layout.possible if leaf else layout.inner)[node.position] for layout in layouts]
                asked = np.array([-(-exact(need.at_least) * possible // 1) for possible in rows])[which]
                fits &= (given if leaf else points)[node.position] >= asked
            found[fits], reached[fits] = place, grade.min
        return found


def _looked(leaf: Leaf, seen: Inputs) -> Looked:
    judged = np.flatnonzero(seen.judged)
    share = leaf.part.share(seen if len(judged) == len(seen) else seen.take(judged))
    if len(judged) < len(seen):
        share = Ratio.each(0, len(seen)).put(judged, share)
    absent, never = seen.status == NOT_APPLICABLE, np.zeros(len(seen), dtype=np.bool_)
    return Looked(
        share, absent if leaf.policy == "exclude" else never, absent if leaf.policy == "fail" else never,
        seen.status == ERROR,
    )  # fmt: skip


def _replaced(
    inputs: Mapping[Subject, Inputs], units: Places, changed: Mapping[Subject, tuple[Places, Inputs]],
    subjects: Iterable[Subject],
) -> tuple[Places, list[Inputs]]:  # fmt: skip
    """The cases in which one of `subjects` is replaced, and all of their inputs."""
    cases = np.unique(np.concatenate([changed[subject][0] for subject in subjects if subject in changed]))
    found = []
    for subject in subjects:
        own, anew = changed.get(subject, (cases[:0], None))
        if anew is None:
            found.append(inputs[subject].take(units[cases]))
        elif len(own) == len(cases):
            found.append(anew)
        else:
            found.append(inputs[subject].take(units[cases]).put(np.searchsorted(cases, own), anew))
    return cases, found


def holds(veto: Veto, seen: Inputs) -> Mask:
    """Where a veto holds: what was not submitted does not escape that of a rule or indicator."""
    # What is in error has no score to veto.
    open_to_it = (seen.status != NOT_APPLICABLE) & (seen.status != ERROR)
    above = Fraction(0) if veto.above is None else exact(veto.above)
    if veto.item is not None:
        return np.asarray(open_to_it & seen.amount.known & (seen.amount.otherwise(0) > above))
    rate = seen.rate.otherwise(0)
    if veto.rule is not None:
        beyond = 1 - rate > above
    else:
        beyond = rate < exact(veto.below) if veto.below is not None else np.zeros(len(seen), dtype=np.bool_)
        beyond = beyond | (rate > above) if veto.above is not None else beyond
    return np.asarray(open_to_it & ((seen.status == NOT_SUBMITTED) | ~seen.rate.known | beyond))
