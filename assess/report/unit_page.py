"""What stands on the page of one unit: its score, indicators, findings, figures and money."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from assess.report import problems, reported, scoring
from assess.report.charts import Bullet, bullet
from assess.report.format import count, digest, points, rate
from assess.report.looks import looks
from assess.report.model import Assessment, Row, anchor, read_json
from assess.report.statements import Statements
from assess.report.wording import Status, word

FIRST = 5
_REJECTS = 20


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One line of the indicator table; figures as text, the bar as geometry."""

    id: str
    title: str
    kind: str
    numerator: str
    denominator: str
    estimated: bool
    removed: str
    reported: str
    raw: str
    verified: str
    scored: str
    above: bool
    target: str
    target_now: str
    bullet: Bullet | None
    overall: str
    given: str
    possible: str
    lost: str
    status: Status
    reason: str


def view(row: Row, assessment: Assessment, statements: Statements) -> dict[str, Any]:
    """The data of one unit's page, everything formatted; the template only arranges it."""
    unit = row["unit"]
    findings = [*assessment.of_unit("findings", unit), *assessment.broken]
    parts = assessment.of_unit("score_parts", unit)
    score = assessment.scores.get(unit)
    first = looks(findings, parts, statements)
    rejects = assessment.of_unit("rejects", unit)
    return {
        "unit": unit,
        "name": row["name"],
        "group": row["group"],
        "levels": _levels(row, assessment),
        "score": scoring.header(score, assessment) if score else None,
        "tally": [] if score else _tally(findings, assessment),
        "award": scoring.award(unit, assessment),
        "sentence": scoring.sentence(score, parts, first, assessment),
        "looks": first[:FIRST],
        "looks_left": max(0, len(first) - FIRST),
        "waterfall": scoring.waterfall(score, parts, assessment),
        "parts": scoring.parts(parts, assessment),
        "indicators": _indicators(unit, parts, assessment),
        "problems": problems.by_status(findings, assessment.of_unit("evidence", unit), statements),
        "passed": problems.passed(assessment.of_unit("measurements", unit), assessment),
        "lines": reported.lines(assessment.of_unit("figures", unit), findings, statements),
        "steps": scoring.allocation_steps(unit, assessment),
        "receipt": [_receipt(file, assessment) for file in assessment.of_unit("receipt", unit)],
        "rejects": [_reject(reject, assessment) for reject in rejects[:_REJECTS]],
        "rejects_left": max(0, len(rejects) - _REJECTS),
    }


def _tally(findings: list[Row], assessment: Assessment) -> list[tuple[str, str, str]]:
    """Findings by status, for the head of a page that has no score to show."""
    counts = Counter(finding["status"] for finding in findings)
    tones = {"fail": "fail", "needs_review": "review"}
    return [
        (status.word, count(counts[status.code]), tones.get(status.code, ""))
        for status in assessment.wording.statuses.values()
        if counts[status.code]
    ]


def _levels(row: Row, assessment: Assessment) -> list[tuple[str, str]]:
    from_json = read_json(row["levels"])
    register = assessment.ruleset.get("unit", {}).get("table", "")
    return [(assessment.column_title(register, level), str(value)) for level, value in from_json.items() if value]


def _indicators(unit: str, parts: list[Row], assessment: Assessment) -> list[IndicatorRow]:
    by_subject = {part["subject"]: part for part in parts if part["method"] != "veto"}
    rows = {row["indicator"]: row for row in assessment.of_unit("indicators", unit)}
    declared = [indicator for indicator in assessment.indicators if indicator in rows]
    # Figures that no indicator declares stand among the reported figures, with their verdicts.
    return [_indicator(rows[name], by_subject.get(name), assessment) for name in declared]


def _indicator(row: Row, part: Row | None, assessment: Assessment) -> IndicatorRow:
    kind = row["kind"]
    gone = (row["numerator"] or 0) - (row["numerator_verified"] or 0) if row["numerator_verified"] is not None else 0
    overall = assessment.overall.get(row["indicator"])
    shown = row["raw"] if row["raw"] is not None else row["reported"]
    largest = max((value for value in (row["raw"], row["reported"]) if value is not None), default=None)
    return IndicatorRow(
        id=anchor("indicator", row["indicator"]),
        title=assessment.indicator_title(row["indicator"]),
        kind=word(assessment.wording.kinds, kind),
        numerator=count(row["numerator"]),
        denominator=count(row["denominator"]),
        estimated=row["estimated"],
        removed=count(gone) if gone > 0 else "",
        reported=rate(row["reported"], kind),
        raw=rate(row["raw"], kind),
        verified=rate(row["verified"], kind),
        scored=rate(row["scored"], kind),
        above=row["above_ceiling"],
        target=rate(row["target"], kind) if row["target"] is not None else "",
        target_now=rate(row["target_now"], kind) if row["target_now"] not in (None, row["target"]) else "",
        bullet=bullet(
            largest if row["above_ceiling"] else shown, row["scored"], row["target_now"], row["ceiling"], row["target"]
        )
        if kind != "per_mille"
        else None,
        overall=rate(overall["verified"], kind) if overall else "",
        given=points(part["given"], 2) if part else "",
        possible=points(part["possible"], 2) if part else "",
        lost=points(-part["lost"], 2) if part and part["lost"] else "",
        status=assessment.wording.status(row["status"]),
        reason=word(assessment.wording.indicator_reasons, row["reason"] or ""),
    )


def _receipt(row: Row, assessment: Assessment) -> dict[str, Any]:
    return {
        "id": anchor("file", row["file"]),
        "file": row["file"],
        "table": assessment.table_title(row["table"]) if row["table"] else "",
        "rows_in": count(row["rows_in"]),
        "kept": count(row["rows_kept"]),
        "rejected": count(row["rows_rejected"]),
        "cells": count(row["cells_rejected"]),
        "status": word(assessment.wording.receipt_statuses, row["status"]),
        "taken": row["status"] == "read",
        "why": assessment.wording.receipt(row["reason"], row["detail"]),
        "digest": digest(row["digest"]),
    }


def _reject(row: Row, assessment: Assessment) -> dict[str, str]:
    _ = assessment.language.gettext
    return {
        "where": f"{row['file']}:{row['line']}",
        "what": assessment.column_title(row["table"], row["column"]) if row["column"] else _("whole row"),
        "why": assessment.wording.receipt(row["reason"]),
        "raw": row["raw"] or "",
    }
