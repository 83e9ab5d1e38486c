"""What parts of a score see of indicators and rules: exact columns of what was counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import polars as pl

from assess.ratio import Floats, Ratio, whole
from assess.scores import STATUSES, Inputs, exact

# A figure that cannot be true, or of which everybody was excepted, leaves no rate; it earns nothing and weighs in full.
_WITHOUT_RATE = {"error": "error", "not_submitted": "not_submitted", "fail": "not_submitted"}
# What a rate is made of; see `rates`.
RATE = ("indicator", "status", "reason", "scored", "numerator_verified", "denominator_verified", "ceiling")


def rates(rows: pl.DataFrame) -> Iterator[tuple[str, slice, Inputs]]:
    """What a part sees of each indicator, without a target: the exact verified rate, capped by its kind, or why none.

    `rows` have the columns RATE, those of one indicator together; the slice says where they are. Where no number was
    counted the rate is the one that is stated.
    """
    none = pl.col("scored").is_null()
    status = pl.when(none).then(pl.col("status").replace_strict(_WITHOUT_RATE, default="not_applicable"))
    said = rows.select(
        status=status.otherwise("status").replace_strict(_PLACES, return_dtype=pl.Int8),
        reason=pl.when(none).then("reason").fill_null(""),
        known=~none,
    )
    statuses, reasons, known = (column.to_numpy() for column in said)
    stated, counts, bases, ceilings = (rows[name].to_numpy() for name in RATE[3:])
    for name, at in _together(rows["indicator"]):
        counted, of = exactly(counts[at]), exactly(bases[at])
        rate = counted.otherwise(0) / of.where(of.n > 0, 1)
        if not counted.known.all():
            rate = rate.where(counted.known, as_written(stated[at]))
        for ceiling in np.unique(ceilings[at][known[at] & ~np.isnan(ceilings[at])]).tolist():
            above = known[at] & (ceilings[at] == ceiling) & (rate > exact(ceiling))
            rate = rate.where(~above, exact(ceiling))
        yield name, at, Inputs(
            statuses[at], rate.where(known[at], None), Ratio.each(None, len(rate)), reasons[at],
            counted.where(known[at], None), of.where(known[at], None), np.full(len(rate), "", dtype=object),
        )  # fmt: skip


def records(rows: pl.DataFrame) -> Iterator[tuple[str, slice, Inputs]]:
    """What a part sees of each rule: the share of sound records.

    `rows` have `rule`, `status`, `applicable` and `violated`, those of one rule together; the slice says where.
    """
    status = rows["status"].replace_strict(_PLACES, return_dtype=pl.Int8).to_numpy()
    violated, applicable = rows["violated"].to_numpy(), rows["applicable"].to_numpy()
    for name, at in _together(rows["rule"]):
        found, one = Inputs.without_numbers(status[at]), np.ones_like(violated[at])
        share = Ratio(applicable[at] - violated[at], applicable[at]).where(found.judged, None)
        yield name, at, replace(found, rate=share, amount=Ratio(violated[at], one), of=Ratio(applicable[at], one))


def _together(names: pl.Series) -> Iterator[tuple[str, slice]]:
    """The names that stand together, and where."""
    first = 0
    for rows, name in names.rle().struct.unnest().iter_rows():
        yield name, slice(first, first + rows)
        first += rows


def exactly(numbers: Floats) -> Ratio:
    """Floats as the fractions that they are, most of them whole; NaN is none."""
    known = ~np.isnan(numbers)
    filled = np.where(known, numbers, 0.0)
    if (filled % 1 == 0).all() and (np.abs(filled) < 2**53).all():
        return Ratio(filled.astype(np.int64), known.astype(np.int64))
    n, d = zip(*(number.as_integer_ratio() for number in filled.tolist()), strict=True)
    return Ratio(whole(n), whole(d)).where(known, None)


def as_written(numbers: Floats) -> Ratio:
    """Floats as the decimal numbers that were written; NaN is none."""
    values, places = np.unique(numbers, return_inverse=True)
    each: list[Fraction | None] = [None if number != number else exact(number) for number in values.tolist()]
    return Ratio.of(each).take(places)


_PLACES = {status: np.int8(place) for place, status in enumerate(STATUSES)}
