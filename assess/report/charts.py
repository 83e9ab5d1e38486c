"""Geometry of the two charts of a report: bullet bars and the waterfall. Bars start at zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BULLET_WIDTH = 140
WATERFALL_WIDTH = 360
# A bar ends here, in multiples of its ceiling or target, with a mark that it goes on.
_LONGEST = 2.0


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target and ceiling, in pixels of BULLET_WIDTH; None where there is no such mark."""

    raw: float
    scored: float
    over: float
    ceiling: float | None
    target: float | None
    cut: bool


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
    )


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
