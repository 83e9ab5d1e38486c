"""The score of a unit: from inputs to points, exactly, with every part that made it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from assess.scores.exact import SCALE, ZERO, exact, half_even, ten_thousandths
from assess.scores.inputs import Input, Subject
from assess.scores.part import WITHOUT_RATE
from assess.scores.scored import Scored, Seen
from assess.scores.spec import Score, Veto
from assess.scores.tree import Layout, Leaf, Tree


class Scorer:
    """Scores units by one specification; what only hangs on the specification is worked out once."""

    def __init__(self, spec: Score):
        self.spec = spec
        self.tree = Tree(spec)
        of_parts = [subject for leaf in self.tree.leaves for subject in leaf.subjects]
        self._needed = tuple(dict.fromkeys([*of_parts, *(veto.subject for veto in spec.veto)]))
        then: list[Subject] = [("indicator", name) for name in spec.ranking.then]
        self.subjects: tuple[Subject, ...] = tuple(dict.fromkeys([*self._needed, *then]))
        self._leaves_of: dict[Subject, tuple[int, ...]] = {
            subject: tuple(leaf.position for leaf in self.tree.leaves if subject in leaf.subjects)
            for subject in self.subjects
        }
        self._caps = [None if veto.cap is None else ten_thousandths(veto.cap) for veto in spec.veto]
        self._asked = tuple(dict.fromkeys(need.part for grade in spec.grades for need in grade.requires))
        known = {leaf.subject for leaf in self.tree.leaves} | {node.name for node in self.tree.inner[:-1]}
        for name in self._asked:
            if name not in known:
                raise ValueError(f"a grade requires something of {name!r}, which is no part and no group of the score")

    def score(self, inputs: Mapping[Subject, Input]) -> Scored:
        """Score one unit from an input for each of `subjects`; raises ValueError where one is missing.

        A part in error leaves the unit without a score: its weight is never removed. A part that was not submitted gets
        no points under any policy.
        """
        for subject in self._needed:
            if subject not in inputs:
                raise ValueError(f"there is no input for {subject[0]} {subject[1]!r}")
        leaves = tuple([self._look(leaf, inputs) for leaf in self.tree.leaves])
        return self._total(dict(inputs), leaves, None, ())

    def rescore(self, scored: Scored, changed: Mapping[Subject, Input]) -> Scored:
        """The score with some inputs replaced: as from scratch, but only what they touch is worked out again."""
        inputs = {**scored.inputs, **changed}
        if scored.tree is not self.tree:
            return self.score(inputs)
        touched = {position for subject in changed for position in self._leaves_of.get(subject, ())}
        leaves = list(scored.leaves)
        for position in touched:
            leaves[position] = self._look(self.tree.leaves[position], inputs)
        return self._total(inputs, tuple(leaves), scored, touched)

    def _look(self, leaf: Leaf, inputs: Mapping[Subject, Input]) -> Seen:
        seen = leaf.part.sees([inputs[subject] for subject in leaf.subjects])
        status = seen.status
        if status not in WITHOUT_RATE:
            share = leaf.part.share(seen)
            word = "none" if share.numerator == 0 else "full" if share.numerator == share.denominator else "partly"
            return Seen(seen, share, word, False, "")
        stop = "error" if status == "error" else ""
        out = False
        if status == "not_applicable":
            out = leaf.policy == "exclude"
            stop = "not_applicable" if leaf.policy == "fail" else ""
        return Seen(seen, ZERO, seen.reason or status, out, stop)

    def _total(
        self, inputs: Mapping[Subject, Input], leaves: tuple[Seen, ...], before: Scored | None, touched: Iterable[int]
    ) -> Scored:
        tree, vetoes = self.tree, self.spec.veto
        layout = tree.layout(tuple([seen.out for seen in leaves]))
        points = list(before.given) if before is not None and before.layout is layout else [0] * len(leaves)
        for i in touched if before is not None and before.layout is layout else range(len(leaves)):
            share = leaves[i].share
            points[i] = half_even(layout.possible[i] * share.numerator, share.denominator)
        given = tuple(points)

        held = [number for number, veto in enumerate(vetoes) if holds(veto, inputs[veto.subject])]
        stops = {seen.stop for seen in leaves} | {"error" for v in vetoes if inputs[v.subject].status == "error"}
        stop = next((word for word in ("error", "not_applicable") if word in stops), layout.stop)
        if stop:
            return Scored(None, stop, (), None, tree.full, inputs, leaves, given, layout, (), (), self.spec, tree)
        total, taken = tree.given(layout, lambda i: leaves[i].share, given)
        shares = self._shares(layout, given, dict(taken)) if self._asked else {}
        vetoed: list[tuple[int, int]] = []
        for number in held:
            cap = self._caps[number]
            vetoed.append((number, 0 if cap is None else max(0, total - cap)))
            total -= vetoed[-1][1]
        grade = None
        if self.spec.grades:
            limits = tuple(limit for number in held if (limit := vetoes[number].grade) is not None)
            grade = self.spec.grade_of(Fraction(total, SCALE), shares, limits)
        return Scored(
            total, "vetoed" if held else "scored", tuple(vetoes[number].id for number in held),
            None if grade is None else grade.id, tree.full, inputs, leaves, given, layout, taken, tuple(vetoed),
            self.spec, tree,
        )  # fmt: skip

    def _shares(self, layout: Layout, given: Sequence[int], taken: Mapping[int, int]) -> dict[str, Fraction | None]:
        """The share of possible points that each part and group was given; none where it is left out."""
        found: dict[str, Fraction | None] = {}
        for leaf in self.tree.leaves:
            possible = layout.possible[leaf.position]
            found[leaf.subject] = Fraction(given[leaf.position], possible) if possible else None
        for node, amount in zip(self.tree.inner, self.tree.sums(given, taken), strict=True):
            possible = layout.inner[node.position]
            if node is not self.tree.root:
                found[node.name] = Fraction(amount, possible) if possible else None
        return found


def holds(veto: Veto, seen: Input) -> bool:
    """Whether a veto holds: what was not submitted does not escape that of a rule or indicator."""
    if seen.status in ("not_applicable", "error"):  # what is in error has no score to veto
        return False
    if veto.item is not None:
        return seen.amount is not None and seen.amount > exact(veto.above or 0)
    if seen.status == "not_submitted" or seen.rate is None:
        return True
    if veto.rule is not None:
        return 1 - seen.rate > exact(veto.above or 0)
    below = veto.below is not None and seen.rate < exact(veto.below)
    return below or (veto.above is not None and seen.rate > exact(veto.above))
