"""The heat tables of the index: indicators by group of each level, every cell with its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.report.format import AMOUNTS, NONE, count, rate
from assess.report.model import Assessment, Group, Row, anchor

# Shades of one colour, lightest first.
SHADES = 5
# More groups than these stand below each other, one table for each category, so that paper holds them.
NARROW = 12
# So many columns of groups fit beside the indicators on a screen.
_FIT = 7
# So many indicators stand beside each other where each group has a line.
_BESIDE = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """One rate of one group: how it is printed, its counts, and the classes it is coloured by."""

    text: str
    counts: str
    tone: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One indicator over all groups."""

    title: str
    href: str
    target: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The indicators of one category; without categories all of them, under no title."""

    id: str
    title: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """One or more levels: `heads` are their groups with their pages, all units last; `spans` says how many of each.

    `tall` has a line for each group; `narrow` fits a screen without scrolling sideways.
    """

    id: str
    level: str
    spans: tuple[tuple[str, int], ...]
    heads: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    tall: bool
    narrow: bool


def by_category(assessment: Assessment, indicators: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Indicators by what they belong to, in the order of the ruleset; what belongs to nothing stands last."""
    found: dict[str, list[str]] = {}
    for indicator in indicators:
        category = assessment.language.text(assessment.indicators[indicator].get("category"))
        found.setdefault(category, []).append(indicator)
    rest = found.pop("", [])
    return [*found.items(), *([("", rest)] if rest else [])]


def heats(assessment: Assessment) -> list[Heat]:
    """A table for each level, the largest groups first, or one where all levels fit beside each other.

    Empty where no level or no indicator is counted.
    """
    levels = []
    for level in assessment.levels:
        groups = [group for (of, _name), group in assessment.level_groups.items() if of == level]
        groups.sort(key=lambda group: (_above(group, assessment), group.name))
        levels += [groups] if groups else []
    known = {name for key in (("all", "all"), *assessment.level_groups) for name in assessment.of_level.get(key, {})}
    shown = [name for name in assessment.indicators if name in known]
    if not levels or not shown:
        return []
    if sum(map(len, levels)) <= _FIT:
        return [_heat(levels, shown, assessment)]
    return [_heat([groups], shown, assessment) for groups in reversed(levels)]


def _above(group: Group, assessment: Assessment) -> str:
    """The name of the larger group that a group lies in, so that neighbours stand together."""
    place = assessment.levels.index(group.level)
    if place + 1 >= len(assessment.levels):
        return ""
    return str(assessment.unit_levels[group.units[0]].get(assessment.levels[place + 1]) or "")


def _heat(levels: Sequence[Sequence[Group]], shown: Sequence[str], assessment: Assessment) -> Heat:
    _ = assessment.language.gettext
    groups = [group for level in levels for group in level]
    of = "-".join(level[0].level for level in levels)
    tall = len(groups) > NARROW
    blocks = []
    for category, names in by_category(assessment, shown):
        for first in range(0, len(names), _BESIDE if tall else len(names)):
            chosen = names[first : first + _BESIDE] if tall else names
            rows = tuple(_row(levels, name, assessment) for name in chosen)
            blocks.append(Block(anchor("heat", of, category or "other", str(first)), category, rows))
    titles = [assessment.level_title(level[0].level) for level in levels]
    return Heat(
        id=anchor("heat", of),
        level=assessment.language.listed(titles),
        spans=tuple((title, len(level)) for title, level in zip(titles, levels, strict=True)),
        heads=(*((group.name, group.page) for group in groups), (_("All units"), "")),
        blocks=tuple(blocks),
        tall=tall,
        narrow=len(groups) <= _FIT,
    )


def _row(levels: Sequence[Sequence[Group]], indicator: str, assessment: Assessment) -> HeatRow:
    kind = str(assessment.indicators[indicator].get("kind", ""))
    cells = [cell for groups in levels for cell in _cells(groups, indicator, kind, assessment)]
    everyone = assessment.overall.get(indicator)
    cells.append(_cell(everyone, kind, assessment, None, assessment.is_hidden("all", "all", indicator)))
    # An amount has a target for each unit, which no sum over a group compares with.
    target = (everyone or {}).get("target_now") if kind not in AMOUNTS else None
    return HeatRow(
        title=assessment.indicator_title(indicator),
        href="#" + anchor("indicator", indicator),
        target=rate(target, kind) if target is not None else "",
        cells=tuple(cells),
    )


def _cells(groups: Sequence[Group], indicator: str, kind: str, assessment: Assessment) -> list[Cell]:
    """The rates of the groups of one level, shaded among each other; amounts grow with a group and are not."""
    own = [assessment.of_level.get((group.level, group.name), {}).get(indicator) for group in groups]
    hidden = [assessment.is_hidden(group.level, group.name, indicator) for group in groups]
    values = [None if gone or kind in AMOUNTS else _value(row) for row, gone in zip(own, hidden, strict=True)]
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    return [
        _cell(row, kind, assessment, _shade(value, low, high), gone)
        for row, value, gone in zip(own, values, hidden, strict=True)
    ]


def _value(row: Row | None) -> float | None:
    if row is None:
        return None
    value = row["raw"] if _is_above(row) else row["verified"]
    return float(value) if value is not None else None


def _is_above(row: Row) -> bool:
    return bool(row["above_ceiling"] and (row["raw"] or 0) > (row["ceiling"] or 0))


def _shade(value: float | None, low: float, high: float) -> int | None:
    """From the lowest group of the row to the highest; all alike stand in the middle."""
    if value is None:
        return None
    return SHADES // 2 if high == low else min(SHADES - 1, int((value - low) / (high - low) * SHADES))


def _cell(row: Row | None, kind: str, assessment: Assessment, shade: int | None, hidden: bool) -> Cell:
    if row is None:
        return Cell("", "", "")
    if hidden:
        return Cell(assessment.hidden_text(row), "", "hidden")
    value, above = _value(row), _is_above(row)
    if value is None:
        return Cell(NONE, assessment.wording.indicator_reasons.get(row["reason"] or "", ""), "")
    numerator, denominator = row["numerator_verified"], row["denominator_verified"]
    if above:
        numerator, denominator = row["numerator"], row["denominator"]
    counts = "" if kind in AMOUNTS or denominator is None else f"{count(numerator)} / {count(denominator)}"
    tones = ["above" if above else f"h{shade}" if shade is not None else ""]
    if not above and kind not in AMOUNTS and row["progress"] is not None and row["progress"] < 1:
        tones.append("below")
    return Cell(rate(value, kind), counts, " ".join(tone for tone in tones if tone))
