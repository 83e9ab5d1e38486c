"""What stands on the page of one unit: its score, indicators, findings, figures and money."""

from __future__ import annotations

from collections import Counter
from typing import Any

from assess.report import problems, reported, scoring
from assess.report.award_lines import award_lines
from assess.report.format import NONE, count, digest
from assess.report.looks import looks
from assess.report.model import Assessment, Row, anchor
from assess.report.sheets import sheets
from assess.report.statements import Statements
from assess.report.todo import Todo, todo
from assess.report.wording import word

FIRST = 5
_REJECTS = 20


def view(row: Row, assessment: Assessment, statements: Statements) -> dict[str, Any]:
    """The data of one unit's page, everything formatted; the template only arranges it."""
    unit = row["unit"]
    findings = [*assessment.of_unit("findings", unit), *assessment.broken]
    parts = assessment.of_unit("score_parts", unit)
    score = assessment.scores.get(unit)
    first = looks(findings, parts, statements)
    indicators = sheets(unit, parts, assessment)
    measurements = assessment.of_unit("measurements", unit)
    every = [sheet for _category, each in indicators for sheet in each]
    tasks = todo(unit, findings, parts, assessment)
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
        "gain": _gain(tasks, assessment),
        "looks": first[:FIRST],
        "looks_left": max(0, len(first) - FIRST),
        "waterfall": scoring.waterfall(score, parts, assessment),
        "parts": scoring.parts(parts, assessment),
        "indicators": indicators,
        "any_reported": any(sheet.reported != NONE for sheet in every),
        "any_previous": any(sheet.previous for sheet in every),
        "todo": tasks,
        "problems": problems.by_status(findings, assessment.of_unit("evidence", unit), statements),
        "rules": problems.rules(measurements, findings, assessment),
        "measured": frozenset(row["rule"] for row in measurements if row["rule"] in assessment.rules),
        "lines": reported.lines(assessment.of_unit("figures", unit), findings, statements),
        "steps": award_lines(unit, assessment),
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


def _gain(tasks: Todo | None, assessment: Assessment) -> str:
    """What putting everything right would bring, in one sentence; empty where it brings nothing."""
    if tasks is None or not tasks.total.brings:
        return ""
    _ = assessment.language.gettext
    said = _("Putting its records right would bring {points} points and {money}.")
    if not tasks.total.money:
        said = _("Putting its records right would bring {points} points.")
    return said.format(points=tasks.total.points.lstrip("+"), money=tasks.total.money.lstrip("+"))


def _levels(row: Row, assessment: Assessment) -> list[tuple[str, str, str]]:
    """What each level is called, the group of the unit, and the page of that group."""
    levels = assessment.unit_levels[row["unit"]]
    return [
        (assessment.level_title(level), name, "../" + assessment.level_groups[level, name].page)
        for level, value in levels.items()
        if value and (level, name := str(value)) in assessment.level_groups
    ]


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
