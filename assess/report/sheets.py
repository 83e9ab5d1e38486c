"""The indicators of one unit: a line in the table, and a sheet with everything that is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from assess.report.chain import Chain, chain
from assess.report.charts import BULLET_WIDTH, Bullet, Strip, bullet, strip
from assess.report.declared import Declared
from assess.report.format import NONE, brief, count, rate, scale_of
from assess.report.model import Assessment, Row, anchor
from assess.report.scoring import OF_THE_WHOLE
from assess.report.wording import Status, word


@dataclass(frozen=True, slots=True)
class Place:
    """A unit among its peers."""

    percentile: str
    median: str
    quartiles: str
    ends: str
    units: str


@dataclass(frozen=True, slots=True)
class Points:
    """What one line of the score gave an indicator; `counts`: it was not left out."""

    counts: bool
    given: str
    possible: str
    lost: str
    method: str
    why: str
    href: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One indicator; figures as text, bars as geometry. `told` says that there is something to explain."""

    declared: Declared
    status: Status
    reason: str
    above: bool
    numerator: str
    denominator: str
    everybody: str
    estimated: bool
    removed: str
    excluded: str
    receiving: str
    exceptions: str
    reported: str
    raw: str
    verified: str
    interval: str
    scored: str
    target: str
    target_now: str
    progress: str
    completion: str
    bars: Markup
    place: Place | None
    overall: str
    previous: str
    change: str
    risen: bool
    points: Points | None
    more_points: tuple[Points, ...]
    chain: Chain | None
    told: bool


def sheets(unit: str, parts: Sequence[Row], assessment: Assessment) -> list[tuple[str, list[Sheet]]]:
    """The declared indicators of a unit by category, in the order of the ruleset."""
    scored: dict[str, list[Row]] = {}
    for part in parts:
        if part["method"] not in OF_THE_WHOLE:
            scored.setdefault(part["subject"], []).append(part)
    kept: dict[str, list[Row]] = {}
    for line in assessment.of_unit("mendable", unit):
        if line["side"] == "numerator":
            kept.setdefault(line["indicator"], []).append(line)
    violated = {row["rule"]: row["violated"] for row in assessment.of_unit("measurements", unit)}
    rows = {row["indicator"]: row for row in assessment.of_unit("indicators", unit)}
    found: dict[str, list[Sheet]] = {}
    # Figures that no indicator declares stand among the reported figures, with their verdicts.
    for name, declared in assessment.declared.items():
        if name in rows:
            made = _sheet(rows[name], declared, scored.get(name, ()), kept.get(name, ()), violated, assessment)
            found.setdefault(declared.category, []).append(made)
    return list(found.items())


def _sheet(
    row: Row, declared: Declared, parts: Sequence[Row], mendable: Sequence[Row], violated: Mapping[str, int],
    assessment: Assessment,
) -> Sheet:  # fmt: skip
    kind, wording = row["kind"], assessment.wording
    gone = (row["numerator"] or 0) - (row["numerator_verified"] or 0) if row["numerator_verified"] is not None else 0
    spread = _spread(row, assessment)
    bar = bar_of(row)
    change = row["change"]
    given = [_points(part, assessment) for part in parts]
    overall = assessment.overall.get(row["indicator"])
    steps = chain(row, mendable, violated, assessment)
    excluded = row["excluded_verified"]
    return Sheet(
        declared=declared,
        status=wording.status(row["status"]),
        reason=word(wording.indicator_reasons, row["reason"] or ""),
        above=row["above_ceiling"],
        numerator=count(row["numerator_verified"] if row["numerator_verified"] is not None else row["numerator"]),
        denominator=count(_denominator(row)),
        everybody=count(_denominator(row) + excluded) if excluded and _denominator(row) is not None else "",
        estimated=row["estimated"],
        removed=count(gone) if gone > 0 else "",
        excluded=count(excluded) if excluded else "",
        receiving=rate(row["receiving"], kind) if row["receiving"] is not None else "",
        exceptions=rate(row["exception_rate"]) if row["exception_rate"] is not None else "",
        reported=rate(row["reported"], kind),
        raw=rate(row["raw"], kind),
        verified=rate(row["verified"], kind),
        interval=f"{rate(row['low'], kind)} – {rate(row['high'], kind)}" if row["low"] is not None else "",
        scored=rate(row["scored"], kind),
        target=rate(row["target"], kind) if row["target"] is not None else "",
        target_now=rate(row["target_now"], kind) if row["target_now"] not in (None, row["target"]) else "",
        progress=rate(row["progress"]) if row["progress"] is not None else "",
        completion=rate(row["completion"]) if row["completion"] is not None else "",
        bars=drawn(bar, strip_of(row, spread, bar)),
        place=_place(row, spread, assessment),
        overall=rate(overall["verified"], kind) if overall else "",
        previous=rate(row["previous"], kind) if row["previous"] is not None else "",
        change=change_of(change, kind, assessment) if change is not None else "",
        risen=bool(change and change > 0),
        points=given[0] if given else None,
        more_points=tuple(given[1:]),
        chain=steps,
        told=row["status"] not in ("pass", "not_applicable") or any(part["lost"] for part in parts),
    )  # fmt: skip


def _denominator(row: Row) -> float | None:
    found = row["denominator_verified"] if row["denominator_verified"] is not None else row["denominator"]
    return None if found is None else float(found)


def _points(part: Row, assessment: Assessment) -> Points:
    return Points(
        counts=part["possible"] != 0,
        given=brief(part["given"]),
        possible=brief(part["possible"]),
        lost=brief(-part["lost"]) if part["lost"] else "",
        method=word(assessment.wording.methods, part["method"]),
        why=word(assessment.wording.part_reasons, part["why"]),
        href="#" + anchor("part", part["part"]),
    )


def _spread(row: Row, assessment: Assessment) -> Row | None:
    peers = assessment.peers.get(row["unit"])
    own = assessment.spread.get(("peers", str(peers), row["indicator"])) if peers is not None else None
    return own or assessment.spread.get(("all", "all", row["indicator"]))


def bar_of(row: Row) -> Bullet | None:
    """The bar of an indicator against its target and ceiling; none for prevalences, which have no scale to fill."""
    if row["kind"] == "per_mille":
        return None
    shown = row["raw"] if row["raw"] is not None else row["reported"]
    largest = max((value for value in (row["raw"], row["reported"]) if value is not None), default=None)
    return bullet(
        largest if row["above_ceiling"] else shown, row["scored"], row["target_now"], row["ceiling"], row["target"]
    )


def strip_of(row: Row, spread: Row | None, bar: Bullet | None, *, own: bool = True) -> Strip | None:
    """Where the rates of units lie, on the scale of the bar; with `own`, the place of the row among them."""
    if spread is None or spread["units"] < 2:
        return None
    five = tuple(spread[name] for name in ("minimum", "q1", "median", "q3", "maximum"))
    # Without a bar beside it the strip has a scale of its own, from zero to the largest.
    largest = max(*five, row["verified"] or 0.0)
    scale = bar.scale if bar is not None else BULLET_WIDTH / (largest * 1.05) if largest > 0 else 0.0
    return strip(five, row["verified"] if own and row["percentile"] is not None else None, scale)


def drawn(bar: Bullet | None, peers: Strip | None) -> Markup:
    """The bar and, under it, the place among peers, as one picture; numbers alone, so that nothing is to be escaped."""
    if bar is None and peers is None:
        return Markup()
    height = 32 if bar and peers else 18 if bar else 14
    drawn = [f'<svg width="{BULLET_WIDTH}" height="{height}" viewBox="0 0 {BULLET_WIDTH} {height}" aria-hidden="true">']
    if bar is not None:
        drawn.append(
            f'<path class="track" d="M0 0H{BULLET_WIDTH}V18H0z"/><path class="pale" d="M0 3H{bar.raw}V15H0z"/>'
        )
        drawn.append(f'<path class="bar" d="M0 6H{bar.scored}V12H0z"/>')
        if bar.over:
            drawn.append(f'<rect class="over" x="{bar.raw}" y="3" width="{bar.over}" height="12"/>')
        if bar.cut:
            drawn.append('<path class="cut" d="M134 1l6 8-6 8z"/>')
        if bar.ceiling is not None:
            drawn.append(f'<path class="ceiling" d="M{bar.ceiling} 0V18"/>')
        if bar.target is not None:
            drawn.append(f'<path class="target" d="M{bar.target} 2V16"/>')
    if peers is not None:
        y = 20 if bar is not None else 0
        drawn.append(_reach(peers.least, peers.q1, peers.median, peers.q3, peers.most, y))
        if peers.own is not None:
            drawn.append(f'<circle class="own" cx="{peers.own}" cy="{y + 6}" r="3.5"/>')
        drawn.append("</g>")
    return Markup("".join([*drawn, "</svg>"]))  # noqa: S704


@lru_cache(maxsize=4096)
def _reach(least: float, q1: float, median: float, q3: float, most: float, y: int) -> str:
    """The peers below a bar: mostly the same for all units of a group, so that it is drawn once."""
    wide, ends = max(1.0, round(q3 - q1, 1)), f"M{least} {y + 3}V{y + 9}M{most} {y + 3}V{y + 9}"
    return (
        f'<g class="strip"><path class="reach" d="M{least} {y + 6}H{most}{ends}"/>'
        f'<path class="middle" d="M{q1} {y + 2}h{wide}v8h-{wide}z"/>'
        f'<path class="median" d="M{median} {y + 1}V{y + 11}"/>'
    )


def _place(row: Row, spread: Row | None, assessment: Assessment) -> Place | None:
    if spread is None:
        return None
    own = "" if row["percentile"] is None else _ordinal(row["percentile"], assessment)
    five = (spread[name] for name in ("minimum", "q1", "median", "q3", "maximum"))
    return Place(own, *_spelt(*five, spread["units"], row["kind"]))


@lru_cache(maxsize=4096)
def _spelt(
    least: float, q1: float, median: float, q3: float, most: float, units: int, kind: str
) -> tuple[str, str, str, str]:
    """Median, quartiles, ends and number of the peers: the same for all units of a group, so they are spelt once."""
    quartiles, ends = (f"{rate(low, kind)} – {rate(high, kind)}" for low, high in ((q1, q3), (least, most)))
    return rate(median, kind), quartiles, ends, count(units)


def _ordinal(percentile: float, assessment: Assessment) -> str:
    """The percentile in words: of a hundred peers so many lie below."""
    return assessment.language.gettext("P{percentile}").format(percentile=round(percentile * 100))


def change_of(change: float, kind: str, assessment: Assessment) -> str:
    """By how much a rate differs from the earlier one, in percentage points, per mille or counts."""
    text = rate(abs(change), kind) if change else rate(0, kind)
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    if scale_of(kind) == "percent":
        _ = assessment.language.gettext
        text = _("{number} points").format(number=text.removesuffix("%").rstrip("\u202f"))
    return f"{sign}{text}" if text != NONE else ""
