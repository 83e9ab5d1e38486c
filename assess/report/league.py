"""The tables of the index on units and rules: grades, ranking, violations and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from assess.report import scoring
from assess.report.format import NONE, count, minor, points, share
from assess.report.model import ALL, Assessment, Row, anchor
from assess.report.wording import word

# Statuses that speak against a unit.
_AGAINST = ("fail", "error", "needs_review", "not_submitted")
# Units named for each rule, those with most violations.
_WORST = 3


def grades(assessment: Assessment) -> list[tuple[str, str, str, float]]:
    """How many units reached each grade, the highest first, and those without one."""
    _ = assessment.language.gettext
    declared = (assessment.ruleset.get("score") or {}).get("grades") or ()
    counts = dict(assessment.frames["scores"].group_by("grade").len().rows())
    most, total = max(counts.values(), default=0), sum(counts.values())
    rows = [
        (grade["id"], assessment.grade_title(grade["id"]))
        for grade in sorted(declared, key=lambda grade: -grade["min"])
    ]
    if None in counts and rows:
        rows.append((None, _("Without a grade")))
    return [
        (
            title,
            count(counts.get(grade, 0)),
            share(counts.get(grade, 0), total),
            round(160 * counts.get(grade, 0) / most, 1),
        )
        for grade, title in rows
        if most
    ]


def ranking(assessment: Assessment) -> list[dict[str, Any]]:
    """All units by rank; without scores, by what was found."""
    worst: dict[str, Row] = {}
    lines = assessment.frames["score_parts"].filter((pl.col("lost") > 0) & (pl.col("method") != "aggregate"))
    for part in lines.sort("position").select("unit", "part", "group", "subject", "method", "lost").rows(named=True):
        known = worst.get(part["unit"])
        # A veto is the reason whatever it took; otherwise the item that cost most.
        if known is None or (part["method"] == "veto", part["lost"]) > (known["method"] == "veto", known["lost"]):
            worst[part["unit"]] = part
    found = _findings(assessment)
    gain = {
        row["unit"]: row["points"]
        for row in assessment.frames["remedies"].select("unit", "rule", "points").rows(named=True)
        if row["rule"] == ALL
    }
    above = assessment.levels[1] if len(assessment.levels) > 1 else ""
    rows = []
    for unit in assessment.units:
        key = unit["unit"]
        score = assessment.scores.get(key)
        head = scoring.header(score, assessment) if score else None
        value = (score or {}).get("score")
        rows.append(
            {
                "unit": key,
                "name": unit["name"],
                "href": assessment.page(key),
                "group": unit["group"] or "",
                "above": str(assessment.unit_levels[key].get(above) or "") if above else "",
                "rank": head.rank if head else "",
                "rank_key": (score or {}).get("rank") or 10**9,
                "score": head.value if head else NONE,
                "score_key": f"{value:f}" if value is not None else "-1",
                "grade": head.grade if head else "",
                "award": scoring.award(key, assessment),
                "award_key": (assessment.awards.get(key) or {}).get("amount_minor", -1),
                "gain": f"+{points(gain[key], 2)}" if gain.get(key) else "",
                "gain_key": f"{gain[key]:f}" if gain.get(key) else "0",
                "reason": _reason(worst.get(key), score, assessment),
                "veto": bool(worst.get(key) and worst[key]["method"] == "veto"),
                "findings": sum(found.get(key, {}).values()),
                "has": " ".join(status for status in _AGAINST if found.get(key, {}).get(status)),
            }
        )
    return sorted(
        rows, key=lambda row: (row["rank_key"], -row["findings"] if not assessment.scores else 0, row["unit"])
    )


def _findings(assessment: Assessment) -> dict[str, dict[str, int]]:
    """Unit to status to number of findings, of those that speak against a unit."""
    counted = assessment.frames["findings"].filter(pl.col("status").is_in(_AGAINST)).group_by("unit", "status").len()
    found: dict[str, dict[str, int]] = {}
    for unit, status, number in counted.rows():
        found.setdefault(unit, {})[status] = number
    return found


def against(assessment: Assessment) -> list[tuple[str, str]]:
    """The statuses that the ranking can be narrowed by, with their words; only those that occur."""
    seen = set(assessment.frames["findings"].filter(pl.col("unit").is_not_null())["status"])
    return [(code, status.word) for code, status in assessment.wording.statuses.items() if code in seen & {*_AGAINST}]


def _reason(part: Row | None, score: Row | None, assessment: Assessment) -> str:
    if score is not None and score["score"] is None:
        return word(assessment.wording.score_reasons, score["why"])
    if part is None:
        return ""
    title = scoring.part_title(part, assessment)
    return title if part["method"] == "veto" else f"{title} {points(-part['lost'], 2)}"


def rules(assessment: Assessment) -> dict[str, Any]:
    """Every rule with what it found over all units, most violations first, broken ones on top; and what found nothing.

    `points` and `money` are what units would regain if each mended that rule alone, summed over the units.
    """
    sums = (
        assessment.frames["measurements"]
        .group_by("rule")
        .agg(
            pl.col("applicable", "violated").sum(),
            units=(pl.col("violated") > 0).sum(),
            broken=(pl.col("status") == "error").any(),
        )
    )
    by_rule = {row["rule"]: row for row in sums.rows(named=True)}
    stakes = _stakes(assessment)
    worst = _worst(assessment)
    zero = {"applicable": 0, "violated": 0, "units": 0, "broken": False}
    rows, silent = [], []
    for rule, spec in assessment.rules.items():
        found = by_rule.get(rule, zero)
        if not found["violated"] and not found["broken"]:
            silent.append((anchor("rule", rule), assessment.rule_title(rule), rule, count(found["applicable"])))
            continue
        stake = stakes.get(rule)
        severity = spec.get("severity", "major")
        rows.append(
            {
                "id": anchor("rule", rule),
                "rule": rule,
                "title": assessment.rule_title(rule),
                "table": assessment.table_title(spec.get("table", "")),
                "severity": severity,
                "severity_word": assessment.wording.severities.get(severity, ""),
                "effect": assessment.wording.effects.get(spec.get("effect", "report"), ""),
                "applicable": count(found["applicable"]),
                "violated": count(found["violated"]),
                "violated_key": found["violated"],
                "share": share(found["violated"], found["applicable"]),
                "share_key": f"{found['violated'] / found['applicable']:.9f}" if found["applicable"] else "-1",
                "units": count(found["units"]),
                "units_key": found["units"],
                "broken": found["broken"],
                "points": f"+{points(stake[0], 2)}" if stake and stake[0] else "",
                "points_key": f"{stake[0]:f}" if stake else "0",
                "money": minor(stake[1], assessment.currency) if stake and stake[1] else "",
                "money_key": stake[1] if stake else 0,
                "worst": worst.get(rule, ()),
            }
        )
    rows.sort(key=lambda row: (not row["broken"], -row["violated_key"], row["rule"]))
    return {"rows": rows, "silent": silent, "stakes": bool(stakes), **_together(assessment)}


def _stakes(assessment: Assessment) -> Mapping[str, tuple[Decimal, int]]:
    single = assessment.frames["remedies"].filter(pl.col("rule") != ALL)
    # A cent is what rounding gives or takes where nothing else changes.
    gained = pl.col("amount_minor").filter(pl.col("amount_minor") > 1).sum()
    summed = single.group_by("rule").agg(pl.col("points").sum(), gained)
    return {rule: (more, money) for rule, more, money in summed.rows()}


def _together(assessment: Assessment) -> dict[str, str]:
    """What all units would regain in points if each mended all of its rules, where any would."""
    # A unit with one rule to mend has no line for all of them together.
    best = (
        assessment.frames["remedies"]
        .group_by("unit")
        .agg(pl.col("points").filter(pl.col("rule") == ALL).first(), alone=pl.col("points").max())
    )
    total = best.select(pl.coalesce("points", "alone").sum()).item() if best.height else None
    units = best.filter(pl.coalesce("points", "alone") > 0).height
    return {"regained": points(total, 2) if total else "", "regaining": count(units)}


def _worst(assessment: Assessment) -> dict[str, list[tuple[str, str, str]]]:
    """The units with most violations of each rule: name, link to the finding, how many."""
    most = (
        assessment.frames["measurements"]
        .filter(pl.col("violated") > 0)
        .sort("violated", "unit", descending=[True, False])
        .group_by("rule", maintain_order=True)
        .head(_WORST)
    )
    links = {
        (row["unit"], row["source"]): row["finding"]
        for row in assessment.frames["findings"].select("unit", "source", "finding").rows(named=True)
    }
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in most.rows(named=True):
        unit, rule = row["unit"], row["rule"]
        finding = links.get((unit, rule))
        href = assessment.page(unit) + (f"#{anchor('finding', finding)}" if finding else "")
        found.setdefault(rule, []).append((assessment.names.get(unit, unit), href, count(row["violated"])))
    return found
