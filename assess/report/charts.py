"""Geometry of the charts of a report: bullet bars, the waterfall, distributions. Bars start at zero."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BULLET_WIDTH = 140
WATERFALL_WIDTH = 360
# A bar ends here, in multiples of its ceiling or target, with a mark that it goes on.
_LONGEST = 2.0


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target and ceiling, in pixels of BULLET_WIDTH; None where there is no such mark.

    `scale` is pixels for 1.
    """

    raw: float
    scored: float
    over: float
    ceiling: float | None
    target: float | None
    cut: bool
    scale: float


def bullet(
    raw: float | None, scored: float | None, target: float | None, ceiling: float | None, full: float | None = None
) -> Bullet | None:
    """A bullet bar on the scale of its ceiling, or else of the `full` target; None where there is neither."""
    unit = ceiling or full or target
    if raw is None or not unit:
        return None
    longest = unit * max(1.25, min(_LONGEST, 1.05 * raw / unit))
    step = BULLET_WIDTH / longest
    inside = min(raw, ceiling) if ceiling is not None else raw
    end = min(raw, longest)
    return Bullet(
        raw=_px(max(0.0, min(inside, longest)) * step),
        scored=_px(max(0.0, min(scored or 0.0, longest)) * step),
        over=_px(max(0.0, end - inside) * step) if ceiling is not None else 0.0,
        ceiling=_px(ceiling * step) if ceiling is not None else None,
        target=_px(target * step) if target and target <= longest else None,
        cut=raw > longest,
        scale=step,
    )


@dataclass(frozen=True, slots=True)
class Strip:
    """Where the rates of the peers lie, and the unit among them, in pixels of BULLET_WIDTH."""

    least: float
    q1: float
    median: float
    q3: float
    most: float
    own: float | None


def strip(spread: tuple[float, float, float, float, float], own: float | None, scale: float) -> Strip:
    """The place of a rate among others; `spread` is minimum, quartiles and maximum, `scale` pixels for 1."""

    def at(value: float) -> float:
        return _px(min(float(BULLET_WIDTH), max(0.0, value * scale)))

    least, q1, median, q3, most = spread
    return Strip(at(least), at(q1), at(median), at(q3), at(most), None if own is None else at(own))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: where its bar starts and how long it is, in pixels of WATERFALL_WIDTH."""

    start: float
    length: float


def waterfall(full: Decimal, losses: Sequence[Decimal]) -> list[Step]:
    """Bars for full marks, for each loss in order, and for what is left."""
    scale = WATERFALL_WIDTH / float(full)
    steps, left = [Step(0.0, float(WATERFALL_WIDTH))], full
    for loss in losses:
        left -= loss
        steps.append(Step(_px(max(0.0, float(left)) * scale), max(1.0, _px(float(loss) * scale))))
    steps.append(Step(0.0, _px(max(0.0, float(left)) * scale)))
    return steps


def _px(value: float) -> float:
    return round(value, 1)


HISTOGRAM_WIDTH, HISTOGRAM_HEIGHT = 240, 26
# Bars of a histogram of percentages are so wide; other scales have so many.
_BIN, _BINS = 0.025, 40


@dataclass(frozen=True, slots=True)
class Histogram:
    """How rates are spread, in pixels: outlines of the bars up to the ceiling and beyond it, quartiles, marks.

    `low` and `high` are the rates at the ends of the scale.
    """

    low: float
    high: float
    bars: str
    over: str
    q1: float
    median: float
    q3: float
    least: float
    most: float
    ceiling: float | None
    target: float | None


def histogram(
    rates: Sequence[float],
    quartiles: tuple[float, float, float],
    ceiling: float | None,
    target: float | None,
    *,
    percent: bool,
) -> Histogram:
    """The distribution of `rates` (at least one), from zero to their ceiling, their target or the highest of them."""
    low, highest = min(0.0, *rates), max(rates)
    step = _BIN if percent else 0.0
    least_top = 1.0 if percent else max(highest, target or 0.0) * 1.05
    top = max(least_top, highest, target or 0.0) or 1.0
    if percent:
        top = math.ceil(top / _BIN - 1e-9) * _BIN
    step = step or (top - low) / _BINS
    if (top - low) / step > 4 * _BINS:  # a far outlier would make bars that nobody sees
        step = (top - low) / (4 * _BINS)
    edge = math.inf if ceiling is None or ceiling >= top else ceiling
    counts: Counter[int] = Counter()
    for value in rates:
        place = int((value - low) / step + 1e-9)
        # What reaches the ceiling, or the end of the scale, belongs to the bar before it.
        if value == top or (value <= edge and math.isclose(value, edge)):
            place -= 1
        counts[max(0, place)] += 1
    most, scale = max(counts.values()), HISTOGRAM_WIDTH / (top - low)
    outlines: tuple[list[str], list[str]] = ([], [])
    for place, number in sorted(counts.items()):
        height = max(2.0, number / most * HISTOGRAM_HEIGHT)
        start, width = place * step * scale, max(1.5, step * scale - 1)
        beyond = low + place * step >= edge - 1e-9
        outlines[beyond].append(f"M{start:.1f} {HISTOGRAM_HEIGHT}v-{height:.1f}h{width:.1f}v{height:.1f}z")

    def at(value: float) -> float:
        return _px((value - low) * scale)

    return Histogram(
        low=low, high=top, bars="".join(outlines[0]), over="".join(outlines[1]), q1=at(quartiles[0]),
        median=at(quartiles[1]), q3=at(quartiles[2]), least=at(min(rates)), most=at(highest),
        ceiling=at(edge) if edge < top else at(top) if ceiling == top else None,
        target=at(target) if target is not None else None,
    )  # fmt: skip
