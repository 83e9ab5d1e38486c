"""Printed figures in exact fractions: what a rate, rounded or cut off, and a rounded count can mean.

As `assess.checks.figures` has it, and written independently of it: a rate R with a last printed decimal of U stands for
all from R - U/2, included, to R + U, excluded; a count known to the unit P for all from N - P/2 to N + P/2, or from N
to N + P where it is stated as a minimum. Decimals beyond the sixth are not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from assess.checks.figures import (
    Figure,
    ImpliedBaseAgrees,
    PartsSum,
    RateFeasible,
    RatioAgrees,
    RoundedHalfUp,
    WithinCeiling,
)
from assess.crosscheck.errors import InexpressibleError
from assess.crosscheck.predicates import GroupPredicate, Predicate, Verdict, no_part_fails

_PLACES = 6
_SCALES = {"percent": 100, "per_mille": 1000, "ratio": 1}


class Span(NamedTuple):
    """The smallest and the largest value that something can mean."""

    low: Fraction
    high: Fraction


class Figures(NamedTuple):
    """One figure as it stands in a record."""

    numerator: Any
    denominator: Any
    rate: Any
    scale: Any
    precision: Any
    stated: Any
    denominator_precision: Any
    of: Any


def number(printed: Any) -> Fraction | None:
    """A printed number; none where it is none."""
    if printed is None:
        return None
    read = re.fullmatch(r"\s*(-?[0-9]+)(?:\.([0-9]+))?\s*", str(printed))
    return None if read is None else Fraction(f"{read[1]}.{(read[2] or '0')[:_PLACES]}")


def of(check: Figure) -> tuple[Predicate, Sequence[str | None]]:
    """The predicate of a kind on one figure, and the columns that it is given."""
    judge = next((judge for kind, judge in _JUDGES.items() if type(check) is kind), None)
    if judge is None:
        raise InexpressibleError(f"no predicate is written for the kind {check.kind}")
    return lambda *record: judge(check, Figures(*record)), _columns(check)


def _columns(check: Figure) -> list[str | None]:
    return [check.numerator, check.denominator, check.rate, check.scale, check.precision, check.stated,
            check.denominator_precision, check.of if isinstance(check, WithinCeiling) else None]  # fmt: skip


def _factor(check: Figure, figures: Figures) -> int | None:
    return 100 if check.scale is None else _SCALES.get(figures.scale)


def _count(printed: Any, precision: Any, stated: Any) -> Span | None:
    value, step = number(printed), number(precision)
    if value is None:
        return None
    if step is None or step <= 1:
        return Span(value, value)
    return Span(value, value + step) if stated == "at_least" else Span(value - step / 2, value + step / 2)


def _counts(figures: Figures) -> tuple[Span | None, Span | None]:
    return (_count(figures.numerator, figures.precision, figures.stated),
            _count(figures.denominator, figures.denominator_precision, None))  # fmt: skip


def _last_place(rate: Any) -> Fraction:
    decimals = re.search(r"\.([0-9]+)\s*\Z", str(rate))
    return Fraction(1, 10 ** min(_PLACES, len(decimals[1]) if decimals else 0))


def _meaning(figures: Figures) -> Span | None:
    rate = number(figures.rate)
    if rate is None:
        return None
    step = _last_place(figures.rate)
    return Span(rate - step / 2, rate + step)


def _within_ceiling(check: WithinCeiling, figures: Figures) -> Verdict:
    factor, rate = _factor(check, figures), number(figures.rate)
    numerator, denominator = _counts(figures)
    above = None if rate is None or factor is None else rate > factor
    exceeds = None
    if numerator is not None and denominator is not None:
        exceeds = numerator.low > denominator.high
        exceeds = exceeds if factor is not None or not exceeds else None
    known = [verdict for verdict in (above, exceeds) if verdict is not None]
    return not any(known) if figures.of in check.capped and known else None


def _ratio_agrees(check: RatioAgrees, figures: Figures) -> Verdict:
    numerator, denominator = _counts(figures)
    meant, factor = _meaning(figures), _factor(check, figures)
    if numerator is None or denominator is None or meant is None:
        return None
    if denominator.high <= 0:
        return False
    if factor is None:
        return None
    return (numerator.high * factor >= meant.low * denominator.low
            and numerator.low * factor < meant.high * denominator.high)  # fmt: skip


def _rounded_half_up(check: RoundedHalfUp, figures: Figures) -> Verdict:
    numerator, denominator = _counts(figures)
    rate, factor = number(figures.rate), _factor(check, figures)
    if not _ratio_agrees(check, figures) or numerator is None or denominator is None or rate is None or factor is None:
        return None
    if numerator.low != numerator.high or denominator.low != denominator.high:
        return None
    return numerator.low * factor < (rate + _last_place(figures.rate) / 2) * denominator.low


def _rate_feasible(check: RateFeasible, figures: Figures) -> Verdict:
    numerator, denominator = _counts(figures)
    meant, factor, rate = _meaning(figures), _factor(check, figures), number(figures.rate)
    lacks_denominator = check.missing == "denominator"
    known, unknown = (figures.numerator, figures.denominator)[:: 1 if lacks_denominator else -1]
    known_value = number(known)
    if known_value is None or known_value <= 0 or unknown is not None:
        return None
    if meant is None or rate is None or rate <= 0 or factor is None:
        return None
    if lacks_denominator and numerator is not None:
        least = math.floor(numerator.low * factor / meant.high) + 1
        return meant.low <= 0 or least <= math.floor(numerator.high * factor / meant.low)
    if denominator is None:
        return None
    least = math.ceil(meant.low * denominator.low / factor)
    return least <= math.ceil(meant.high * denominator.high / factor) - 1


_JUDGES: dict[type[Figure], Any] = {
    WithinCeiling: _within_ceiling,
    RatioAgrees: _ratio_agrees,
    RoundedHalfUp: _rounded_half_up,
    RateFeasible: _rate_feasible,
}


def parts(check: PartsSum) -> tuple[Predicate, Sequence[str | None]]:
    """The predicate of parts that add up to a total, and the columns that it is given."""
    if isinstance(check.parts, str):
        return _parts_in_text, [check.total, check.parts]

    def columns_add_up(total: Any, *given: Any) -> Verdict:
        values = [number(total), *map(number, given)]
        known = [value for value in values if value is not None]
        return sum(known[1:]) == known[0] if len(known) == len(values) else None

    return columns_add_up, [check.total, *check.parts]


def _parts_in_text(total: Any, text: Any) -> Verdict:
    whole = number(total)
    if whole is None or text is None:
        return None
    joined = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?(\+[0-9]+(\.[0-9]+)?)*", joined):
        return False
    return sum(map(Fraction, joined.split("+"))) == whole


def bases(check: ImpliedBaseAgrees) -> tuple[GroupPredicate, Sequence[str | None]]:
    """The predicate of the bases that a group of figures implies, and the columns that it is given of each."""
    slack = 1 + Fraction(str(check.slack))

    def overlap(records: Sequence[Sequence[Any]]) -> list[Verdict]:
        found = [_base(check, Figures(*record)) for record in records]
        lows = [low for low, _ in found if low is not None]
        highs = [high for _, high in found if high is not None]
        return [
            None if low is None or len(lows) < 2
            else no_part_fails([low <= min(highs) * slack if highs else None,
                                high * slack >= max(lows) if high is not None else None])
            for low, high in found
        ]  # fmt: skip

    return overlap, _columns(check)


def _base(check: ImpliedBaseAgrees, figures: Figures) -> tuple[Fraction | None, Fraction | None]:
    """The smallest and the largest base: the printed one, or that which a numerator and its rate imply."""
    numerator, denominator = _counts(figures)
    if denominator is not None and denominator.low > 0:
        return denominator.low, denominator.high
    meant, rate, factor = _meaning(figures), number(figures.rate), _factor(check, figures)
    if numerator is None or meant is None or rate is None or factor is None:
        return None, None
    low = numerator.low * factor / meant.high if rate > 0 else None
    return low, numerator.high * factor / meant.low if meant.low > 0 else None
