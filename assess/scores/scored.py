"""What became of one unit: its score, and every line that makes it, each with its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from assess.scores.exact import SCALE, exact, shown, shown_points, written
from assess.scores.inputs import Input, Subject
from assess.scores.part import WITHOUT_RATE
from assess.scores.ranking import Standing
from assess.scores.spec import Score, Veto
from assess.scores.tree import Inner, Layout, Leaf, Tree, working


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


class Seen(NamedTuple):
    """What became of one leaf before points are apportioned."""

    seen: Input
    share: Fraction
    why: str
    out: bool
    stop: str


@dataclass(frozen=True)
class Scored:
    """The score of one unit in ten-thousandths, or none with the reason why.

    `full` are full marks, `vetoes` those that hold, `grade` the id of the grade. `inputs` is everything that was looked
    at. The lines that make the score are put into words when they are asked for.
    """

    score: int | None
    why: str
    vetoes: tuple[str, ...]
    grade: str | None
    full: int
    inputs: Mapping[Subject, Input] = field(repr=False, compare=False)
    leaves: tuple[Seen, ...] = field(repr=False)
    given: tuple[int, ...] = field(repr=False)
    layout: Layout = field(repr=False)
    taken: tuple[tuple[int, int], ...] = field(repr=False)
    vetoed: tuple[tuple[int, int], ...] = field(repr=False)
    spec: Score = field(repr=False, compare=False)
    tree: Tree = field(repr=False, compare=False)

    @property
    def quality(self) -> Fraction | None:
        """Score / full marks, rounded half up to four decimals, as funds are split by it; none without a score."""
        if self.score is None:
            return None
        return Fraction((2 * self.score * SCALE + self.full) // (2 * self.full), SCALE)

    @cached_property
    def parts(self) -> tuple[Given, ...]:
        """Every line of the score: the parts in order, what aggregates take, what vetoes take."""
        return tuple(_lines(self))

    @cached_property
    def groups(self) -> tuple[Subtotal, ...]:
        """Every group in the order of the ruleset, before the groups inside it."""
        return tuple(_subtotals(self))

    def standing(self, unit: str) -> Standing:
        """The unit's place in an order, as `ranks` takes it."""
        rates = (self.inputs.get(("indicator", name)) for name in self.spec.ranking.then)
        return Standing(unit, self.score, tuple(None if seen is None else seen.rate for seen in rates))


def _lines(scored: Scored) -> Iterator[Given]:
    tree, layout = scored.tree, scored.layout
    nominal = tree.nominal.possible
    for leaf, found, given in zip(tree.leaves, scored.leaves, scored.given, strict=True):
        possible, out = layout.possible[leaf.position], layout.out[leaf.position]
        yield Given(
            leaf.key, leaf.path, leaf.subject, leaf.part.method, found.seen.status, _float(found.seen.rate),
            _float(found.seen.target), _float(found.seen.amount), nominal[leaf.position], possible, given,
            "excluded" if out else found.why, _formula(leaf, found, possible, given, out=out), found.seen.note,
        )  # fmt: skip
    if scored.score is None:
        return
    taken, left = dict(scored.taken), sum(scored.given)
    sums = tree.sums(scored.given, taken)
    inner = tree.shares(layout, lambda i: scored.leaves[i].share) if taken else []
    for at, less in scored.taken:
        node = tree.inner[at]
        formula = working(node, layout, _share_of(scored, inner), sums[at] - less, less)
        key = "aggregate" if node is tree.root else f"aggregate:{node.name}"
        left += less
        yield Given(
            key, node.path, node.name, "aggregate", "pass", None, None, None, 0, 0, less, node.aggregate, formula
        )  # fmt: skip
    for number, less in scored.vetoed:
        yield _vetoed(scored.spec.veto[number], scored, left, less)
        left -= less


def _subtotals(scored: Scored) -> Iterator[Subtotal]:
    tree, layout = scored.tree, scored.layout
    nominal = tree.nominal
    sums = tree.sums(scored.given, dict(scored.taken))
    waiting = [*reversed(tree.root.children)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Inner):
            at = node.position
            yield Subtotal(
                node.path, node.aggregate, nominal.inner[at], layout.inner[at], sums[at], layout.inner_out[at]
            )
            waiting += reversed(node.children)


def _formula(leaf: Leaf, found: Seen, possible: int, given: int, *, out: bool) -> str:
    if out or found.stop:
        return ""
    unknown = found.seen.rate is None and found.seen.amount is None
    if unknown or found.seen.status in WITHOUT_RATE:
        return f"{shown_points(possible)} × 0 = 0"
    return leaf.part.formula(found.seen, found.share, possible, given)


def _vetoed(veto: Veto, scored: Scored, left: int, less: int) -> Given:
    kind, name = veto.subject
    seen = scored.inputs[veto.subject]
    rate = 1 - seen.rate if kind == "rule" and seen.rate is not None else seen.rate
    unsubmitted = seen.status == "not_submitted"
    value = rate if veto.item is None else seen.amount
    formulas = [f"{shown(value)} {_beyond(veto, value)}"] if value is not None and not unsubmitted else []
    if veto.cap is not None:
        total = shown_points(left)
        formulas.append(f"min({total}, {written(veto.cap)}) − {total} = {shown_points(-less)}")
    if veto.grade is not None:
        formulas.append(f"≤ {veto.grade}")
    return Given(
        f"veto:{veto.id}", "", name, "veto", "not_submitted" if unsubmitted else "fail", _float(rate),
        _float(seen.target), _float(seen.amount), 0, 0, -less, "not_submitted" if unsubmitted else "veto",
        " → ".join(formulas), seen.note,
    )  # fmt: skip


def _beyond(veto: Veto, value: Fraction | int) -> str:
    if veto.below is not None and value < exact(veto.below):
        return f"< {written(veto.below)}"
    return f"> {written(veto.above or 0)}"


def _share_of(scored: Scored, inner: Sequence[Fraction]) -> Callable[[Leaf | Inner], Fraction]:
    return lambda node: scored.leaves[node.position].share if isinstance(node, Leaf) else inner[node.position]


def _float(number: Fraction | int | None) -> float | None:
    return None if number is None else number.numerator / number.denominator
