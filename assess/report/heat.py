"""The heat table of the index: indicators by group, every cell with its figures."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from assess.report.format import count, rate
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word

# Shades of one colour, lightest first.
SHADES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One rate of one group: how it is printed, its counts, and how dark it is shaded."""

    text: str
    counts: str
    shade: int | None
    above: bool
    reason: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One indicator over all groups."""

    id: str
    title: str
    kind: str
    target: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """The whole table; `groups` are the heads of its columns, the last of them all units together."""

    groups: tuple[str, ...]
    rows: tuple[HeatRow, ...]


def heat(assessment: Assessment) -> Heat | None:
    """Indicators by first level, or None where there is neither a level nor an indicator that is counted."""
    _ = assessment.language.gettext
    level = assessment.levels[0] if assessment.levels else None
    frame = assessment.level_indicators
    if not assessment.indicators or frame.is_empty():
        return None
    grouped = frame.filter(pl.col("level") == level) if level else frame.clear()
    groups = sorted(set(grouped["unit"].to_list()))
    cells = {(row["indicator"], row["unit"]): row for row in grouped.rows(named=True)}
    rows = []
    for indicator in assessment.indicators:
        own = [cells.get((indicator, group)) for group in groups] + [assessment.overall.get(indicator)]
        if any(own):
            rows.append(_row(indicator, own, assessment))
    return Heat((*groups, _("All units")), tuple(rows)) if rows else None


def _row(indicator: str, own: list[Row | None], assessment: Assessment) -> HeatRow:
    spec = assessment.indicators[indicator]
    kind = str(spec.get("kind", ""))
    values = [_value(row) for row in own[:-1]]
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    target = (spec.get("target") or {}).get("value")
    return HeatRow(
        id=anchor("indicator", indicator),
        title=assessment.indicator_title(indicator),
        kind=word(assessment.wording.kinds, kind),
        target=rate(target, kind) if target is not None else "",
        cells=tuple(
            _cell(row, kind, assessment, shade)
            for row, shade in zip(own, [*(_shade(value, low, high) for value in values), None], strict=True)
        ),
    )


def _value(row: Row | None) -> float | None:
    if row is None:
        return None
    value = row["raw"] if row["above_ceiling"] else row["verified"]
    return float(value) if value is not None else None


def _shade(value: float | None, low: float, high: float) -> int | None:
    """From the lowest group of the row to the highest; all alike stand in the middle."""
    if value is None:
        return None
    return SHADES // 2 if high == low else min(SHADES - 1, int((value - low) / (high - low) * SHADES))


def _cell(row: Row | None, kind: str, assessment: Assessment, shade: int | None) -> Cell:
    _ = assessment.language.gettext
    if row is None:
        return Cell("", "", None, above=False, reason="")
    counts = ""
    if row["numerator_verified"] is not None and row["denominator"] is not None:
        counts = f"{count(row['numerator_verified'])} / {count(row['denominator'])}"
    above = row["above_ceiling"] and (row["raw"] or 0) > (row["ceiling"] or 0)
    if above:
        counts = f"{count(row['numerator'])} / {count(row['denominator'])}"
    reason = assessment.wording.indicator_reasons.get(row["reason"] or "", "") if _value(row) is None else ""
    return Cell(rate(_value(row), kind), counts, shade, above=above, reason=reason)
