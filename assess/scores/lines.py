"""Every line that makes a score, each with its arithmetic: what parts give, what aggregates and vetoes take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from assess.ratio import Mask, Places, Ratio, Whole
from assess.scores.exact import exact, shown_points, written
from assess.scores.inputs import NOT_SUBMITTED, STATUSES, Inputs, Texts
from assess.scores.totals import Looked, Scores
from assess.scores.tree import Leaf, working
from assess.written import either, text

_LINE: dict[str, pl.DataType] = {
    "row": pl.Int64(), "place": pl.Int64(), "part": pl.String(), "group": pl.String(), "subject": pl.String(),
    "method": pl.String(), "status": pl.String(), "rate": pl.Float64(), "target": pl.Float64(), "amount": pl.Float64(),
    "points": pl.Int64(), "possible": pl.Int64(), "given": pl.Int64(), "why": pl.String(), "formula": pl.String(),
    "note": pl.String(),
}  # fmt: skip


def lines_of(scores: Scores) -> pl.DataFrame:
    """All lines of all units, in the order of the units and of the ruleset; points in ten-thousandths.

    `row` is the place of the unit, and the other columns are as `Given` has them.
    """
    return pl.concat([_parts(scores), *_aggregates(scores), *_vetoes(scores)]).sort("row", "place")


def _lines(rows: Places, place: int, **columns: Any) -> pl.DataFrame:
    """Lines of one kind, one for each unit of `rows`; what is no column stands in every line."""
    made = {name: _column(value, _LINE[name]) for name, value in ({"place": place} | columns).items()}
    lines = pl.DataFrame({"row": rows}).with_columns(**made)
    return lines.select(pl.col(name).cast(dtype) for name, dtype in _LINE.items())


def _column(value: Any, dtype: pl.DataType) -> pl.Expr:
    if isinstance(value, list | np.ndarray):
        return pl.lit(pl.Series(value, dtype=dtype, nan_to_null=True))
    return value if isinstance(value, pl.Expr) else pl.lit(value)


def _parts(scores: Scores) -> pl.DataFrame:
    """The lines of all parts, those of one part together."""
    tree, totals, units = scores.tree, scores.totals, len(scores.totals.which)
    each = list(zip(tree.leaves, scores.seen, scores.looked, totals.given, strict=True))
    possible = np.array([layout.possible for layout in totals.layouts])[totals.which].T
    out = np.array([layout.out for layout in totals.layouts])[totals.which].T
    # All formulas in one go: each for itself would cost more than its arithmetic.
    formulas = pl.select(row=pl.int_range(units)).with_columns(
        _formula(leaf, seen, looked.share, possible[at], given, silent=out[at] | looked.failed | looked.wrong).alias(
            leaf.key
        )
        for at, (leaf, seen, looked, given) in enumerate(each)
    )
    names = pl.DataFrame(
        [(leaf.key, leaf.path, leaf.subject, leaf.part.method) for leaf in tree.leaves],
        schema=["part", "group", "subject", "method"], orient="row",
    )  # fmt: skip
    place = np.arange(len(each)).repeat(units)
    return pl.DataFrame(
        {
            "row": np.tile(np.arange(units), len(each)),
            "place": place,
            **names[place].to_dict(),
            "status": pl.Series(STATUSES).gather(np.concatenate([seen.status for seen in scores.seen])),
            **{
                name: pl.Series(
                    np.concatenate([getattr(seen, name).floats() for seen in scores.seen]), nan_to_null=True
                )
                for name in ("rate", "target", "amount")
            },
            "points": np.array(tree.nominal.possible).repeat(units),
            "possible": possible.ravel(),
            "given": totals.given.ravel(),
            "why": np.concatenate(
                [_why(seen, looked, out[at]) for at, (_, seen, looked, _) in enumerate(each)]
            ).tolist(),
            "formula": pl.concat(formulas.get_columns()[1:]),
            "note": np.concatenate([seen.note for seen in scores.seen]).tolist(),
        },
        schema_overrides=_LINE,
    )


def _why(seen: Inputs, looked: Looked, out: Mask) -> Texts:
    """Why a part gave what it gave, in a word."""
    share = looked.share
    earned = np.where(share.n == 0, "none", np.where(share.n == share.d, "full", "partly")).astype(object)
    unscored = np.where(seen.reason == "", np.array(STATUSES, dtype=object)[seen.status], seen.reason)
    return np.where(out, "excluded", np.where(seen.judged, earned, unscored))


def _formula(leaf: Leaf, seen: Inputs, share: Ratio, possible: Whole, given: Whole, silent: Mask) -> pl.Expr:
    """What is left out, or stops the score, has no formula; what is not known is multiplied by nothing."""
    known = seen.judged & (seen.rate.known | seen.amount.known)
    made = leaf.part.formula(seen, share, possible, given)
    if not known.all():
        made = either(known, made, text(shown_points(possible), " × 0 = 0"))
    return either(silent, "", made)


def _aggregates(scores: Scores) -> Iterator[pl.DataFrame]:
    tree, totals = scores.tree, scores.totals
    shares = [each.share for each in scores.looked]
    for number, layout in enumerate(() if tree.adds_up else totals.layouts):
        rows = np.flatnonzero(totals.scored & (totals.which == number))
        own = [share.take(rows) for share in shares]
        inner = tree.shares(layout, own)
        for node in tree.inner:
            at = node.position
            if node.adds_up or layout.inner_out[at] or not len(rows):
                continue
            taken = totals.taken[at, rows]
            each = [((own if isinstance(c, Leaf) else inner)[c.position], weight) for c, weight in layout.kept[at]]
            formula = working(node, layout.inner[at], each, totals.points[at, rows] - taken, taken)
            key = "aggregate" if node is tree.root else f"aggregate:{node.name}"
            yield _lines(
                rows, len(shares) + at, part=key, group=node.path, subject=node.name, method="aggregate", status="pass",
                rate=None, target=None, amount=None, points=0, possible=0, given=taken, why=node.aggregate,
                formula=formula, note="",
            )  # fmt: skip


def _vetoes(scores: Scores) -> Iterator[pl.DataFrame]:
    totals = scores.totals
    left, first = totals.points[-1].copy(), len(scores.tree.leaves) + len(scores.tree.inner)
    for number, veto in enumerate(scores.spec.veto):
        rows = np.flatnonzero(totals.holding[number])
        if not len(rows):
            continue
        kind, name = veto.subject
        seen, less, before = scores.inputs[veto.subject].take(rows), totals.vetoed[number, rows], left[rows]
        left[rows] -= less
        absent = seen.status == NOT_SUBMITTED
        rate = seen.rate
        if kind == "rule":
            rate = (1 - rate.otherwise(0)).where(rate.known, None)
        value = rate if veto.item is None else seen.amount
        shown, bound = value.otherwise(0), f" > {written(veto.above or 0)}"
        beyond = pl.lit(bound)
        if veto.below is not None:
            beyond = either(shown < exact(veto.below), f" < {written(veto.below)}", beyond)
        formula = either(value.known & ~absent, text(shown.shown(), beyond), "")
        taken = []
        if veto.cap is not None:
            total = shown_points(before)
            taken.append(text("min(", total, f", {written(veto.cap)}) − ", total, " = ", shown_points(-less)))
        if veto.grade is not None:
            taken.append(pl.lit(f"≤ {veto.grade}"))
        for each in taken:
            formula = text(formula, pl.when(formula == "").then(pl.lit("")).otherwise(pl.lit(" → ")), each)
        word = either(absent, "not_submitted", "fail")
        yield _lines(
            rows, first + number, part=f"veto:{veto.id}", group="", subject=name, method="veto", status=word,
            rate=rate.floats(), target=seen.target.floats(), amount=seen.amount.floats(), points=0, possible=0,
            given=-less, why=either(absent, "not_submitted", "veto"), formula=formula, note=seen.note.tolist(),
        )  # fmt: skip
