"""The steps of an award, which anyone can add up: each with its amount and the arithmetic behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
import polars as pl

from assess.allocation.coefficients import Unweighted, decimal_of
from assess.allocation.errors import money
from assess.allocation.solve import Solved
from assess.ratio import Places, Ratio, Whole, times, whole
from assess.written import decimals, either, text

_PLACES = 6
# Millionths of the currency unit in one minor unit.
_MILLIONTHS = 10_000


@dataclass(frozen=True)
class Step:
    """One step of an award: the pool (empty: over all of them), a stable name, and its amount in the currency.

    `amount` has six decimals. `note` holds the figures of the step as text, among them `formula`, arithmetic without
    words whose result is the amount; a figure cut to six decimals is marked with ≈.
    """

    pool: str
    name: str
    amount: Decimal
    note: Mapping[str, str] = field(default_factory=dict)


def amount(millionths: int) -> Decimal:
    """Millionths of the currency unit as a decimal of six places."""
    return Decimal(millionths).scaleb(-_PLACES)


def minor_units(minor: int) -> Decimal:
    """Minor units as a decimal of six places."""
    return amount(minor * _MILLIONTHS)


class Steps:
    """The steps of all units in one pool, in columns: made once, when they are asked for."""

    def __init__(self, solved: Solved):
        self._solved = solved

    @cached_property
    def lines(self) -> pl.DataFrame:
        """One line for each unit and step: `place` of the unit, `step`, `millionths` and the `note` as JSON.

        The steps of a unit add up to its award exactly, the last one rounding it. Always `entitlement`; `quality` where
        scores are looked at; then, where they change something, `redistributed`, `moved` (by the bounds of others),
        `floor` or `cap`, and `rounding`.
        """
        return pl.concat(_steps(self._solved)).sort("place", maintain_order=True)

    def of(self, place: int) -> tuple[Step, ...]:
        """The steps of one unit."""
        pool, lines = self._solved.inputs.pool.id, self.lines.filter(pl.col("place") == place)
        rows = lines.select("step", "millionths", "note").iter_rows()
        return tuple(Step(pool, name, amount(int(millionths)), json.loads(note)) for name, millionths, note in rows)


def _steps(solved: Solved) -> Iterator[pl.DataFrame]:
    inputs, pool, units = solved.inputs, solved.inputs.pool, len(solved.inputs.units)
    total, every = whole([pool.pool_minor]), np.arange(units)
    parts, weights, minor = whole(inputs.parts), whole(solved.weights), whole(solved.minor)
    one = np.ones(units, dtype=np.int64)
    entitled = Ratio(times(total, parts), times(one, whole([solved.bases])))
    earned = Ratio(times(total, weights), times(one, whole([solved.bases * inputs.factor_of])))
    before = Ratio(whole(solved.parts), times(one, whole([solved.part_of])))
    at = np.array([bound or "" for bound in solved.bound], dtype=object)
    free = Ratio(times(whole([solved.rest]), before.n), times(one, whole([solved.whole])))
    after = free.where(at == "", Ratio(minor, one))
    # Each step leads from one rounded total to the next, so that nothing adds up but the rounding at the end.
    reached = [np.zeros(units, dtype=np.int64), *(_nearest(each) for each in (entitled, earned, before, after))]
    first, quality, redistributed, bounded = (then - now for now, then in pairwise(reached))

    yield _line(every, "entitlement", first, _entitlement(solved))
    if not isinstance(pool.coefficient, Unweighted):
        yield _line(every, "quality", quality, _quality(solved, entitled))
    rows = np.flatnonzero(~before.equals(earned))
    if len(rows):
        yield _line(rows, "redistributed", redistributed[rows], _redistributed(solved, rows))
    yield from _bounded(solved, at, before, after, bounded)
    last, tied = times(minor, whole([_MILLIONTHS])) - reached[-1], np.array(solved.tied, dtype=np.bool_)
    rows = np.flatnonzero((last != 0) | tied)
    if len(rows):
        award = {"exact": _currency(after.take(rows)), "award": _money(minor[rows])}
        note = either(tied[rows], _note(award | {"tied": "yes"}), _note(award))
        yield _line(rows, "rounding", last[rows], note)


def _entitlement(solved: Solved) -> pl.Expr:
    inputs, pool = solved.inputs, money(solved.inputs.pool.pool_minor)
    bases = Ratio.of([Fraction(solved.bases, inputs.part_of)])
    own = Ratio.of(inputs.bases)
    basis, all_bases = _number(own), pl.select(_number(bases)).item()
    note: dict[str, str | pl.Expr] = {"pool": pool, "basis": basis, "bases": all_bases}
    formula = text(f"{pool} × ", basis, f" ÷ {all_bases}")
    return either(own.n > 0, _note(note | {"formula": formula}), _note(note | {"why": "no_basis"}))


def _quality(solved: Solved, entitled: Ratio) -> pl.Expr:
    inputs, pool = solved.inputs, solved.inputs.pool
    quality = Ratio.of(inputs.qualities)
    factor = _number(Ratio(whole(inputs.factors), whole([inputs.factor_of]).repeat(len(quality))))
    note: dict[str, str | pl.Expr] = {
        "method": pool.coefficient.method, "coefficient": factor,
        "formula": text(_currency(entitled), " × (", factor, " − 1)"),
    }  # fmt: skip
    kept: dict[str, str | pl.Expr] = {"kept": pool.kept} if pool.kept else {}
    scored = note | {"quality": _number(quality.otherwise(0))} | kept
    return either(quality.known, _note(scored), _note(note | {"why": "no_score"} | kept))


def _redistributed(solved: Solved, rows: Places) -> pl.Expr:
    inputs = solved.inputs
    over = inputs.part_of * inputs.factor_of
    withheld = pl.select(_currency(Ratio.of([solved.gap]))).item()
    weights = pl.select(_number(Ratio.of([Fraction(solved.named_weight, over)]))).item()
    weight = _number(Ratio(whole(solved.weights)[rows], whole([over]).repeat(len(rows))))
    note: dict[str, str | pl.Expr] = {
        "withheld": withheld, "weight": weight, "weights": weights,
        "formula": text(f"{withheld} × ", weight, f" ÷ {weights}"),
    }  # fmt: skip
    to = inputs.pool.redistribute_to
    return _note(note | ({"grades": ", ".join(to)} if to else {}))


def _bounded(solved: Solved, at: Whole, before: Ratio, after: Ratio, millionths: Whole) -> Iterator[pl.DataFrame]:
    """What bounds move. A unit that the bounds of others moved as far as its own was moved by them."""
    changed = ~after.equals(before)
    rows = np.flatnonzero((at == "") & changed)
    if len(rows):
        then = before.take(rows)
        factor = _number(after.take(rows) / then)
        note = _note({"factor": factor, "formula": text(_currency(then), " × (", factor, " − 1)")})
        yield _line(rows, "moved", millionths[rows], note)
    pool, minor = solved.inputs.pool, whole(solved.minor)
    for name, stated in (("floor", pool.floor), ("cap", pool.cap)):
        rows = np.flatnonzero((at == name) & changed)
        if not len(rows):
            continue
        limit, own = _money(minor[rows]), (after > before if name == "floor" else after < before)[rows]
        said: dict[str, str | pl.Expr] = {"limit": limit, "formula": text(limit, " − ", _currency(before.take(rows)))}
        if stated is not None and stated.share is not None:
            said["share"] = pl.select(_number(Ratio.of([decimal_of(stated.share)]))).item()
        note = either(own, _note(said), _note(said | {"until": name}))
        yield _line(rows, either(own, name, "moved"), millionths[rows], note)


def _line(rows: Places, step: str | pl.Expr, millionths: Whole, note: pl.Expr) -> pl.DataFrame:
    name = pl.lit(step) if isinstance(step, str) else step
    exactly = pl.Series(millionths.tolist(), dtype=pl.Int128)
    return pl.DataFrame({"place": rows}).with_columns(step=name, millionths=exactly, note=note)


def _note(figures: Mapping[str, str | pl.Expr]) -> pl.Expr:
    """Figures as a JSON object of texts; those in columns are digits and signs."""
    pieces: list[str | pl.Expr] = []
    for name, figure in figures.items():
        pieces.append((", " if pieces else "{") + json.dumps(name) + ": ")
        pieces += ['"', figure, '"'] if isinstance(figure, pl.Expr) else [json.dumps(figure, ensure_ascii=False)]
    return text(*pieces, "}")


def _nearest(minor: Ratio) -> Whole:
    """Millionths of the currency, half up."""
    return (minor * _MILLIONTHS + Fraction(1, 2)).floor().n


def _number(figure: Ratio) -> pl.Expr:
    """A figure as a decimal without needless zeros, at most six places and marked ≈ where that cuts it."""
    magnitude = times(np.abs(figure.n), whole([10**_PLACES]))
    scaled = magnitude // figure.d
    rest = magnitude - scaled * figure.d
    near = scaled + (times(rest, whole([2])) >= figure.d)
    return text(either(rest > 0, "≈", ""), either((figure.n < 0) & (near > 0), "-", ""), decimals(near, _PLACES))


def _currency(minor: Ratio) -> pl.Expr:
    return _number(minor / 100)


def _money(minor: Whole) -> pl.Expr:
    """Minor units, none below 0, as an amount with two decimals."""
    units, cents = (pl.Series(each.tolist(), dtype=pl.Int128).cast(pl.String) for each in (minor // 100, minor % 100))
    return text(pl.lit(units), ".", pl.lit(cents).str.zfill(2))
