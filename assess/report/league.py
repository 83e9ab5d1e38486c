"""The tables of the index: grades, ranking and rules."""

from __future__ import annotations

from typing import Any

import polars as pl

from assess.report import scoring
from assess.report.format import NONE, count, points, share
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word


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


def ranking(assessment: Assessment, findings: list[Row]) -> list[dict[str, Any]]:
    """All units by rank; without scores, by what was found."""
    _ = assessment.language.gettext
    worst: dict[str, Row] = {}
    for part in assessment.frames["score_parts"].filter(pl.col("lost") > 0).sort("position").rows(named=True):
        known = worst.get(part["unit"])
        # A veto is the reason whatever it took; otherwise the item that cost most.
        if known is None or (part["method"] == "veto", part["lost"]) > (known["method"] == "veto", known["lost"]):
            worst[part["unit"]] = part
    doubts = {row["unit"]: row["len"] for row in _count(findings)}
    rows = []
    for unit in assessment.units:
        key = unit["unit"]
        score = assessment.scores.get(key)
        head = scoring.header(score, assessment) if score else None
        rows.append(
            {
                "unit": key,
                "name": unit["name"],
                "href": assessment.page(key),
                "group": unit["group"] or "",
                "rank": head.rank if head else "",
                "rank_key": (score or {}).get("rank") or 10**9,
                "score": head.value if head else NONE,
                "score_key": str((score or {}).get("score") if (score or {}).get("score") is not None else -1),
                "exact": head.exact if head else "",
                "grade": head.grade if head else "",
                "award": scoring.award(key, assessment),
                "award_key": (assessment.awards.get(key) or {}).get("amount_minor", -1),
                "reason": _reason(worst.get(key), score, assessment),
                "veto": bool(worst.get(key) and worst[key]["method"] == "veto"),
                "findings": doubts.get(key, 0),
            }
        )
    return sorted(
        rows, key=lambda row: (row["rank_key"], -row["findings"] if not assessment.scores else 0, row["unit"])
    )


def _count(findings: list[Row]) -> list[dict[str, Any]]:
    counts: dict[str | None, int] = {}
    for finding in findings:
        if finding["status"] in ("fail", "error", "needs_review", "not_submitted"):
            counts[finding["unit"]] = counts.get(finding["unit"], 0) + 1
    return [{"unit": unit, "len": number} for unit, number in counts.items()]


def _reason(part: Row | None, score: Row | None, assessment: Assessment) -> str:
    _ = assessment.language.gettext
    if score is not None and score["score"] is None:
        return word(assessment.wording.score_reasons, score["why"])
    if part is None:
        return ""
    if part["method"] == "veto":
        return assessment.veto_title(part["part"].removeprefix("veto:"))
    return f"{assessment.subject_title(part['subject'])} {points(-part['lost'], 2)}"


def rules(assessment: Assessment) -> list[dict[str, Any]]:
    """Every rule with what it found over all units, most violations first; broken ones on top."""
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
    zero = {"applicable": 0, "violated": 0, "units": 0, "broken": False}
    rows = []
    for rule, spec in assessment.rules.items():
        found = by_rule.get(rule, zero)
        rows.append(
            {
                "id": anchor("rule", rule),
                "rule": rule,
                "title": assessment.rule_title(rule),
                "table": assessment.table_title(spec.get("table", "")),
                "severity": spec.get("severity", "major"),
                "severity_word": assessment.wording.severities.get(spec.get("severity", "major"), ""),
                "effect": assessment.wording.effects.get(spec.get("effect", "report"), ""),
                "applicable": count(found["applicable"]),
                "violated": count(found["violated"]),
                "violated_key": found["violated"],
                "share": share(found["violated"], found["applicable"]),
                "units": count(found["units"]),
                "broken": found["broken"],
            }
        )
    return sorted(rows, key=lambda row: (not row["broken"], -row["violated_key"], row["rule"]))
