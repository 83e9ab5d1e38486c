"""Indicators of the index: what all units make up, and how the rates of the units are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.report import charts
from assess.report.format import AMOUNTS, NONE, count, rate
from assess.report.heat import by_category
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """One indicator over all units; figures as text, the distribution as geometry."""

    id: str
    title: str
    kind: str
    counts: str
    estimated: bool
    excluded: str
    rate: str
    counted: str
    change: str
    previous: str
    target: str
    each: bool
    full: str
    reached: str
    compared: str
    chart: charts.Histogram | None
    ends: tuple[str, str]
    median: str
    quartiles: str
    range: str


@dataclass(frozen=True, slots=True)
class SpreadBlock:
    """The indicators of one category."""

    title: str
    rows: tuple[SpreadRow, ...]


def spreads(assessment: Assessment) -> list[SpreadBlock]:
    """Every declared indicator with its distribution over all units, by category; empty where none is declared."""
    units: dict[str, list[Row]] = {}
    columns = (
        "indicator",
        "verified",
        "progress",
        "status",
        "numerator_verified",
        "denominator_verified",
        "excluded_verified",
    )
    for row in assessment.unit_indicators.select(columns).rows(named=True):
        units.setdefault(row["indicator"], []).append(row)
    shown = [name for name in assessment.indicators if name in assessment.overall or name in units]
    return [
        SpreadBlock(category, tuple(_row(name, units.get(name, ()), assessment) for name in names))
        for category, names in by_category(assessment, shown)
    ]


def _compared(rows: Sequence[Row], least: int | None) -> list[Row]:
    """The rates that the distribution is made of: submitted, and of enough people that chance does not decide."""
    return [
        row
        for row in rows
        if row["verified"] is not None
        and row["status"] != "not_submitted"
        and not (least and _everybody(row) is not None and _everybody(row) < least)
    ]


def _everybody(row: Row) -> float:
    if row["denominator_verified"] is None:
        return float("inf")
    return float(row["denominator_verified"] + (row["excluded_verified"] or 0))


def _row(indicator: str, units: Sequence[Row], assessment: Assessment) -> SpreadRow:
    spec = assessment.indicators[indicator]
    kind = str(spec.get("kind", ""))
    all_units = assessment.overall.get(indicator) or {}
    spread = assessment.spread.get(("all", "all", indicator))
    compared = _compared(units, spec.get("minimum_denominator"))
    reached = [row for row in compared if row["progress"] is not None and row["progress"] >= 1]
    chart = None
    if spread is not None and compared:
        chart = charts.histogram(
            [row["verified"] for row in compared],
            (spread["q1"], spread["median"], spread["q3"]),
            all_units.get("ceiling"),
            all_units.get("target_now"),
            percent=kind in ("coverage", "share", "completion"),
        )
    hidden = bool(all_units) and assessment.is_hidden("all", "all", indicator)
    numerator, denominator = all_units.get("numerator_verified"), all_units.get("denominator_verified")
    counts = count(numerator) if kind in AMOUNTS else f"{count(numerator)} / {count(denominator)}"
    return SpreadRow(
        id=anchor("indicator", indicator),
        title=assessment.indicator_title(indicator),
        kind=word(assessment.wording.kinds, kind),
        counts=assessment.hidden_text(all_units) if hidden else counts,
        estimated=bool(all_units.get("estimated")),
        excluded=count(all_units.get("excluded_verified")) if all_units.get("excluded_verified") else "",
        rate=NONE if hidden else rate(all_units.get("verified"), kind),
        counted="" if hidden else _differing(all_units, kind),
        change="" if hidden else _change(all_units, kind),
        previous=rate(all_units.get("previous"), kind),
        target=rate(all_units["target_now"], kind) if all_units.get("target_now") is not None else "",
        each=kind in AMOUNTS,
        full=rate(all_units["target"], kind) if all_units.get("target") != all_units.get("target_now") else "",
        reached=count(len(reached)) if compared and all_units.get("target_now") is not None else "",
        compared=count(len(compared)),
        chart=chart,
        ends=(_end(chart.low, kind), _end(chart.high, kind)) if chart else ("", ""),
        median=rate(spread["median"], kind) if spread else NONE,
        quartiles=_between(spread["q1"], spread["q3"], kind) if spread else "",
        range=_between(spread["minimum"], spread["maximum"], kind) if spread else "",
    )


def _between(low: float, high: float, kind: str) -> str:
    return f"{rate(low, kind)} – {rate(high, kind)}"


def _end(value: float, kind: str) -> str:
    """A figure at the end of a scale, without decimals that say nothing."""
    return rate(value, kind).replace(".00", "")


def _differing(row: Row, kind: str) -> str:
    """The rate as counted, where the verified one is printed otherwise."""
    counted, verified = rate(row.get("raw"), kind), rate(row.get("verified"), kind)
    return counted if row.get("raw") is not None and counted != verified else ""


def _change(row: Row, kind: str) -> str:
    if row.get("change") is None:
        return ""
    shown = rate(row["change"], kind)
    return f"+{shown}" if row["change"] > 0 else shown
