"""The tree of a score made ready for many units: effective points by what is left out, and aggregates of shares."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce

import numpy as np
import polars as pl

from assess.apportion import apportion
from assess.ratio import Mask, Places, Ratio, Whole
from assess.scores.exact import ONE, SCALE, ZERO, exact, shown, shown_points, ten_thousandths
from assess.scores.inputs import Subject
from assess.scores.part import Policy
from assess.scores.spec import Aggregate, AnyPart, Group, Node, Score
from assess.written import either, text

# The digits of a geometric mean: computed with more, so that those which are kept are the same on every machine.
_CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
_KEPT = decimal.Decimal(1).scaleb(-24)


@dataclass(frozen=True)
class Leaf:
    """A part where it stands: `path` names the groups above it, `key` is its name with its method."""

    position: int
    part: AnyPart
    policy: Policy
    path: str
    subject: str
    key: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class Inner:
    """A group, or the score itself: its children in order with their weights.

    `shared`: its exact share is asked for, because it or a node above takes more than the sum of points.
    """

    position: int
    name: str
    path: str
    aggregate: Aggregate
    policy: Policy
    children: tuple[Leaf | Inner, ...]
    weights: tuple[Fraction, ...]
    shared: bool

    @property
    def adds_up(self) -> bool:
        """Whether the points of the children sum to its own: not so under min and geometric."""
        return self.aggregate in ("sum", "mean")


@dataclass(frozen=True)
class Layout:
    """Effective points when some leaves are left out, in ten-thousandths, by position of leaf and of inner node.

    `out` and `inner_out` say what is left out in the end: a group that may not be left out keeps its parts, at zero.
    `kept` are the children of each inner node that are not left out, with their weights.
    """

    possible: tuple[int, ...]
    inner: tuple[int, ...]
    out: tuple[bool, ...]
    inner_out: tuple[bool, ...]
    kept: tuple[tuple[tuple[Leaf | Inner, Fraction], ...], ...]
    stop: str


class Tree:
    """The parts of a score with their effective points."""

    def __init__(self, score: Score):
        self.full = ten_thousandths(score.max)
        self.leaves: list[Leaf] = []
        # From the leaves up: whatever stands in a group comes before it.
        self.inner: list[Inner] = []
        self.root = self._inner("score", "", score.parts, score.aggregate, score.not_applicable)
        self.adds_up = all(node.adds_up for node in self.inner)
        self._layouts: dict[tuple[bool, ...], Layout] = {}
        self.nominal = self.layout((False,) * len(self.leaves))

    def _inner(
        self, name: str, path: str, parts: tuple[Node, ...], aggregate: Aggregate, policy: Policy, above: bool = False
    ) -> Inner:  # fmt: skip
        shared = above or aggregate in ("min", "geometric")
        children: list[Leaf | Inner] = []
        for node in parts:
            own = node.not_applicable or policy
            if isinstance(node, Group):
                within = f"{path}/{node.group}" if path else node.group
                children.append(self._inner(node.group, within, node.parts, node.aggregate or aggregate, own, shared))
            else:
                key = f"{node.method}:{node.subject}"
                self.leaves.append(Leaf(len(self.leaves), node, own, path, node.subject, key, node.subjects))
                children.append(self.leaves[-1])
        by_points = aggregate == "sum"
        weights = tuple(_points(node, aggregate) if by_points else exact(node.weight or 1) for node in parts)
        made = Inner(len(self.inner), name, path, aggregate, policy, tuple(children), weights, shared)
        self.inner.append(made)
        return made

    def layout(self, out: tuple[bool, ...]) -> Layout:
        """The effective points when the leaves that `out` marks, by position, are left out by their policy."""
        found = self._layouts.get(out)
        if found is None:
            found = self._layouts[out] = _laid_out(self, out)
        return found

    def layouts(self, out: Mask) -> tuple[list[Layout], Places]:
        """The layouts of units, each once, and which of them is that of each unit; `out` has a row for each leaf."""
        keys = [row.tobytes() for row in np.packbits(out.T, axis=1)]
        places: dict[bytes, int] = {}
        which = [places.setdefault(key, len(places)) for key in keys]
        each = (np.unpackbits(np.frombuffer(key, dtype=np.uint8), count=len(out)) for key in places)
        return [self.layout(tuple(pattern.astype(bool).tolist())) for pattern in each], np.array(which, dtype=np.intp)

    def shares(self, layout: Layout, shares: Sequence[Ratio]) -> list[Ratio]:
        """The exact shares of every inner node that is `shared`, by position, from those of the leaves; of others 0."""
        found: list[Ratio] = []
        for node in self.inner:
            left = layout.kept[node.position] if node.shared else ()
            each = [((shares if isinstance(c, Leaf) else found)[c.position], weight) for c, weight in left]
            found.append(aggregated(node.aggregate, each) if each else Ratio.each(0, len(shares[0])))
        return found

    def points(
        self, layouts: Sequence[Layout], which: Places, shares: Sequence[Ratio], given: Whole, scored: Mask
    ) -> tuple[Whole, Whole]:
        """The points of every inner node of every unit, and what those that do not add up take from their parts.

        `given` and `shares` are those of the leaves; `scored` says which units have a score, without which nothing is
        taken.
        """
        points, taken = np.zeros((2, len(self.inner), len(which)), dtype=np.int64)
        exactly: dict[int, list[tuple[Places, Whole]]] = {}
        for number, layout in enumerate(() if self.adds_up else layouts):
            units = np.flatnonzero((which == number) & scored)
            found = self.shares(layout, [share.take(units) for share in shares])
            for node in self.inner:
                if not node.adds_up and not layout.inner_out[node.position]:
                    own = found[node.position].of_points(np.array([layout.inner[node.position]]))
                    exactly.setdefault(node.position, []).append((units, own))
        for node in self.inner:
            at = node.position
            points[at] = sum((given if isinstance(c, Leaf) else points)[c.position] for c in node.children)
            for units, own in exactly.get(at, ()):
                # Rounding part by part may fall short of rounding the whole: nothing is ever added.
                taken[at, units] = np.minimum(0, own - points[at, units])
            points[at] += taken[at]
        return points, taken


def aggregated(aggregate: Aggregate, shares: Sequence[tuple[Ratio, Fraction]]) -> Ratio:
    """The shares of a node from those of its children, at least one, with their weights.

    sum and mean: the weighted mean. min: the smallest. geometric: the product of share^weight, to the power of one by
    the sum of weights, kept to 24 decimals.
    """
    if aggregate == "min":
        return reduce(Ratio.at_most, (share for share, _ in shares))
    whole = sum((weight for _, weight in shares), ZERO)
    if aggregate != "geometric":
        return reduce(Ratio.__add__, (share * weight for share, weight in shares)) / whole
    powers = [_decimal(weight / whole) for _, weight in shares]
    # A logarithm is no fraction, so here, and only here, units are reckoned one by one.
    rows = zip(*(share.fractions() for share, _ in shares), strict=True)
    return Ratio.of([_geometric(row, powers) for row in rows])


def _geometric(shares: Sequence[Fraction], powers: Sequence[decimal.Decimal]) -> Fraction:
    if not all(shares):
        return ZERO
    with decimal.localcontext(_CONTEXT):
        each = (power * _logarithm(share) for share, power in zip(shares, powers, strict=True))
        return min(ONE, Fraction(sum(each, decimal.Decimal(0)).exp().quantize(_KEPT)))


def working(
    node: Inner, possible: int, shares: Sequence[tuple[Ratio, Fraction]], total: Whole, taken: Whole
) -> pl.Expr:
    """What a node that does not add up takes from the points of its parts, as arithmetic."""
    each = [share.shown() for share, _ in shares]
    if node.aggregate == "min":
        inside = text("min(", *_between(", ", each), ")")
    else:
        whole = sum((weight for _, weight in shares), ZERO)
        powers = ["" if weight == 1 else f"^{shown(weight)}" for _, weight in shares]
        factors = [text(share, power) for share, power in zip(each, powers, strict=True)]
        inside = text("(", *_between(" × ", factors), f")^(1 ÷ {shown(whole)})")
    given = Ratio(total + taken, np.ones_like(total))
    sign = either((aggregated(node.aggregate, shares) * possible).equals(given), " = ", " ≈ ")
    points = shown(Fraction(possible, SCALE))
    return text(f"{points} × ", inside, " − ", shown_points(total), sign, shown_points(taken))


def _between(sign: str, texts: Sequence[pl.Expr]) -> list[str | pl.Expr]:
    return [piece for each in texts for piece in (sign, each)][1:]


@lru_cache(maxsize=8192)
def _logarithm(share: Fraction) -> decimal.Decimal:
    with decimal.localcontext(_CONTEXT):
        return _decimal(share).ln()


def _decimal(number: Fraction) -> decimal.Decimal:
    return decimal.Decimal(number.numerator) / decimal.Decimal(number.denominator)


def _points(node: Node, above: Aggregate) -> Fraction:
    """The points of a child of a sum: its own, or of a group that adds up those of its parts."""
    if node.points is not None:
        return exact(node.points)
    if isinstance(node, Group):
        return sum((_points(inner, node.aggregate or above) for inner in node.parts), ZERO)
    raise ValueError(f"part {node.subject!r} states no points")


def _laid_out(tree: Tree, out: tuple[bool, ...]) -> Layout:
    gone, inner_gone = list(out), [False] * len(tree.inner)
    stop = ""

    def back(node: Leaf | Inner) -> None:
        if isinstance(node, Leaf):
            gone[node.position] = False
        else:
            inner_gone[node.position] = False
            for child in node.children:
                back(child)

    for node in tree.inner:
        if not all((gone if isinstance(c, Leaf) else inner_gone)[c.position] for c in node.children):
            continue
        if node is tree.root:
            stop = stop or "nothing_applicable"
        elif node.policy == "exclude":
            inner_gone[node.position] = True
        else:
            back(node)
            stop = "not_applicable" if node.policy == "fail" else stop
    possible, inner = [0] * len(tree.leaves), [0] * len(tree.inner)
    inner[tree.root.position] = 0 if stop == "nothing_applicable" else tree.full
    kept = tuple(
        tuple(
            (child, weight)
            for child, weight in zip(node.children, node.weights, strict=True)
            if not (gone if isinstance(child, Leaf) else inner_gone)[child.position]
        )
        for node in tree.inner
    )
    for node in reversed(tree.inner):
        left = kept[node.position]
        if left and not inner_gone[node.position]:
            for (child, _), points in zip(left, apportion(inner[node.position], [w for _, w in left]), strict=True):
                (possible if isinstance(child, Leaf) else inner)[child.position] = points
    return Layout(tuple(possible), tuple(inner), tuple(gone), tuple(inner_gone), kept, stop)
