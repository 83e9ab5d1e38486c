"""A small assessment directory, written by hand, that holds one of everything a report has to show."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assess.results import Directory

HOSTILE = "<script>alert(1)</script>"
POOL = Decimal("1000000.00")

UNITS = [
    ("A01", "青山镇卫生院", "东县"),
    ("A02", "白水镇卫生院", "东县"),
    ("A03", f"红岩乡{HOSTILE}\"院'", "东县"),
    ("B01", "石桥镇卫生院", "西县"),
    ("B02", "柳林乡卫生院", "西县"),
    ("坏/key <b>", "河口乡卫生院", "西县"),
]
KEYS = [unit for unit, _name, _group in UNITS]

# indicator: zh, en, kind, target, points, method, (lower, upper)
INDICATORS = [
    ("REC", "电子健康档案建档率", "Electronic records", "coverage", 0.90, 20),
    ("DM", "糖尿病管理率", "Diabetes management", "coverage", 0.60, 20),
    ("HTN", "高血压规范管理率", "Hypertension to standard", "share", 0.62, 20),
    ("ELD", "老年人健康管理率", "Health management of the elderly", "coverage", 0.70, 20),
    ("SMD", "严重精神障碍患病率", "Severe mental disorder", "per_mille", None, 0),
    ("TASK", "标准化建设任务完成率", "Completion of construction", "completion", 1.0, 20),
]
CEILING = {"coverage": 1.0, "share": 1.0, "per_mille": 1.0, "completion": None}

# unit: indicator: (numerator, verified, denominator, reported); None: not submitted.
COUNTS: dict[str, dict[str, tuple[float, float, float, float | None] | None]] = {
    "A01": {"REC": (9000, 8800, 10000, 0.90), "DM": (2698, 1924, 2000.3, 1.3488), "HTN": (700, 690, 1000, 0.7),
            "ELD": (650, 640, 1000, 0.65), "SMD": (62, 62, 10000, 0.0062), "TASK": (13, 13, 9, 1.444)},
    "A02": {"REC": (9999, 9999, 10000, 0.9999), "DM": (1200, 1200, 2000, 0.6), "HTN": (620, 620, 1000, 0.62),
            "ELD": None, "SMD": (40, 40, 10000, 0.004), "TASK": (9, 9, 9, 1.0)},
    "A03": {"REC": (29999, 29999, 30000, 1.0), "DM": (1, 1, 30000, 0.0), "HTN": (500, 500, 1000, 0.5),
            "ELD": (700, 700, 1000, 0.7), "SMD": (1, 1, 900000, 0.000001), "TASK": (11, 11, 10, 1.1)},
    "B01": {"REC": (9500, 9500, 10000, 0.95), "DM": (1100, 1100, 2000, 0.55), "HTN": (650, 650, 1000, 0.72),
            "ELD": (720, 720, 1000, 0.72), "SMD": (55, 55, 10000, 0.0055), "TASK": (8, 8, 8, 1.0)},
    "B02": {"REC": (8000, 8000, 10000, 0.8), "DM": (900, 900, 2000, 0.45), "HTN": (400, 400, 1000, 0.4),
            "ELD": (500, 500, 1000, 0.5), "SMD": (600, 600, 10000, 0.06), "TASK": (4, 4, 8, 0.5)},
    "坏/key <b>": {"REC": (9100, 9100, 10000, 0.91), "DM": (1250, 1250, 2000, 0.625), "HTN": (0, 0, 0, None),
                  "ELD": (690, 690, 1000, 0.69), "SMD": (50, 50, 10000, 0.005), "TASK": (8, 8, 8, 1.0)},
}  # fmt: skip

RULES: list[dict[str, Any]] = [
    {"id": "DM-ID", "table": "diabetes", "check": "resident_id", "column": "person_id", "severity": "critical",
     "effect": "disqualify", "title": {"zh": "身份证号无效", "en": "Invalid resident identity number"},
     "fix": {"zh": "核对身份证件后更正号码。", "en": "Correct the number from the document."},
     "source": {"zh": "GB 11643-1999", "en": "GB 11643-1999"}, "tolerance": 0.0,
     "examples": {"pass": ["11010519491231002X"], "fail": ["110105194912310021"], "not_applicable": [None]}},
    {"id": "DM-GLU", "table": "diabetes", "check": "in_range", "column": "glucose", "severity": "minor",
     "effect": "report", "title": {"zh": "血糖值超出范围", "en": "Glucose out of range"}, "tolerance": 0.1, "fix": None,
     "source": None, "examples": {"pass": [{"glucose": 6.1}], "fail": [{"glucose": 610}], "not_applicable": []}},
    {"id": "DM-LAST-DIGIT", "table": "diabetes", "check": "expression", "severity": "minor", "effect": "review",
     "title": {"zh": "末位数字分布异常", "en": "Unusual last digits"}, "tolerance": 0.0, "fix": None, "source": None,
     "examples": {"pass": [], "fail": [], "not_applicable": []}},
    {"id": "DM-BROKEN", "table": "diabetes", "check": "matches", "severity": "major", "effect": "report",
     "title": {"zh": "联系电话格式有误", "en": "Malformed telephone"}, "tolerance": 0.0, "fix": None, "source": None,
     "examples": {"pass": [], "fail": [], "not_applicable": []}},
    {"id": "FIG-CEILING", "table": "summary", "check": "within_ceiling", "severity": "critical", "effect": "report",
     "title": {"zh": "比率超过上限", "en": "Rate above its ceiling"}, "tolerance": 0.0, "fix": None, "source": None,
     "precision": "precision", "stated": "stated", "examples": {"pass": [], "fail": [], "not_applicable": []}},
    {"id": "FIG-RATIO", "table": "summary", "check": "ratio_agrees", "severity": "major", "effect": "report",
     "title": {"zh": "比率与计数不符", "en": "Rate does not follow"}, "tolerance": 0.0, "fix": None, "source": None,
     "examples": {"pass": [], "fail": [], "not_applicable": []}},
    {"id": "FIG-FEASIBLE", "table": "summary", "check": "rate_feasible", "missing": "denominator", "severity": "major",
     "effect": "report", "title": {"zh": "无整数分母可得", "en": "No whole denominator"}, "tolerance": 0.0, "fix": None,
     "source": None, "examples": {"pass": [], "fail": [], "not_applicable": []}},
    {"id": "FIG-BASE", "table": "summary", "check": "implied_base_agrees", "severity": "minor", "effect": "review",
     "title": {"zh": "推算基数不一致", "en": "Implied bases differ"}, "tolerance": 0.0, "fix": None, "source": None,
     "examples": {"pass": [], "fail": [], "not_applicable": []}},
]  # fmt: skip


def _column(zh: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "required": False, "aliases": [], "personal": False, "suppressed": [],
            "title": {"zh": zh, "en": zh}, **more}  # fmt: skip


def ruleset() -> dict[str, Any]:
    """The effective ruleset, as plain data."""
    return {
        "ruleset": "golden",
        "version": "2024.2",
        "title": {"zh": "绩效评价样例", "en": "Sample assessment"},
        "period": {"start": "2024-01-01", "end": "2024-12-31", "as_of": "2024-06-30"},
        "unit": {"table": "institutions", "key": "institution_id", "name": "name", "levels": ["county"]},
        "parameters": {"per_capita": 94},
        "tables": {
            "institutions": {"title": {"zh": "机构名册", "en": "Register"}, "listed": False, "required": True,
                             "columns": {"institution_id": _column("机构编码"), "county": _column("县（区）")}},
            "diabetes": {"title": {"zh": "糖尿病患者", "en": "Diabetes"}, "listed": False, "required": True,
                         "columns": {"person_id": _column("身份证号", personal=True), "glucose": _column("空腹血糖")}},
            "elderly": {"title": {"zh": "老年人", "en": "Elderly"}, "listed": False, "required": True, "columns": {}},
            "summary": {"title": {"zh": "上报汇总", "en": "Summary"}, "listed": True, "required": False, "columns": {}},
        },
        "checks": RULES,
        "reported": None,
        "indicators": [
            {"id": key, "title": {"zh": zh, "en": en}, "kind": kind, "numerator": {}, "denominator": {},
             "reported": {"indicator": zh, "tolerance": 0.0005}, "source": None, "fix": None, "band": None,
             "target": {"value": target, "schedule": "linear"} if target else None}
            for key, zh, en, kind, target, _points in INDICATORS
        ],
        "score": {
            "max": 100.0,
            "aggregate": "sum",
            "not_applicable": "exclude",
            "parts": [{"indicator": key, "rule": None, "points": points, "method": "proportional"}
                      for key, _zh, _en, _kind, _target, points in INDICATORS if points],
            "veto": [{"id": "FALSE", "title": {"zh": "档案真实性", "en": "Authentic records"}, "rule": "DM-ID",
                      "above": 0.05, "cap": 60}],
            "grades": [{"id": "good", "min": 80, "title": {"zh": "良好", "en": "Good"}},
                       {"id": "fair", "min": 60, "title": {"zh": "合格", "en": "Fair"}},
                       {"id": "poor", "min": 0, "title": {"zh": "不合格", "en": "Poor"}}],
        },
        "allocation": {"pool": str(POOL), "currency": "CNY", "basis": {"sum": "population * @per_capita"},
                       "coefficient": {"method": "linear"}},
    }  # fmt: skip


def _rate(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator else None


def _indicator(
    level: str, unit: str, key: str, counts: tuple[float, float, float, float | None] | None
) -> dict[str, Any]:
    kind, target = next((row[3], row[4]) for row in INDICATORS if row[0] == key)
    ceiling = CEILING[kind]
    numerator, verified, denominator, reported = counts or (None, None, None, None)
    raw = _rate(numerator, denominator) if counts else None
    checked = _rate(verified, denominator) if counts else None
    above = ceiling is not None and max(raw or 0, reported or 0) > ceiling
    differs = raw is not None and reported is not None and abs(raw - reported) > 0.0005
    reason = (
        "not_submitted" if counts is None else "zero_denominator" if not denominator else "above_ceiling" if above
        else "outside_band" if kind == "per_mille" and (raw or 0) > 0.05 else "reported_differs" if differs
        else "records_disqualified" if verified < numerator else None
    )  # fmt: skip
    status = {None: "pass", "not_submitted": "not_submitted", "zero_denominator": "not_applicable",
              "above_ceiling": "fail", "outside_band": "needs_review"}.get(reason, "pass_with_findings")  # fmt: skip
    return {
        "level": level, "unit": unit, "indicator": key, "kind": kind, "numerator": numerator,
        "denominator": denominator,
        "numerator_verified": verified, "raw": raw, "verified": checked,
        "scored": None if checked is None else min(checked, ceiling) if ceiling else checked, "target": target,
        "status": status, "reason": reason, "target_now": target / 2 if target else None, "ceiling": ceiling,
        "progress": None, "estimated": key == "DM", "reported_numerator": None, "reported_denominator": None,
        "reported": reported, "suppressed": False, "differs": differs, "outside_band": reason == "outside_band",
        "above_ceiling": above,
    }  # fmt: skip


def _indicators() -> list[dict[str, Any]]:
    rows = [_indicator("unit", unit, key, counts) for unit, own in COUNTS.items() for key, counts in own.items()]
    groups = {"东县": KEYS[:3], "西县": KEYS[3:], "all": KEYS}
    for group, members in groups.items():
        for key, *_more in INDICATORS:
            known = [own for unit in members if (own := COUNTS[unit][key]) is not None]
            total = tuple(sum(own[i] or 0 for own in known) for i in range(3))
            rows.append(_indicator("all" if group == "all" else "county", group, key, (*total, None)))  # type: ignore[arg-type]
    return rows


def _parts(unit: str) -> list[dict[str, Any]]:
    rows = []
    for position, (key, *_names, target, points) in enumerate(INDICATORS):
        if not points:
            continue
        row = _indicator("unit", unit, key, COUNTS[unit][key])
        possible = Decimal(points)
        if unit == KEYS[5]:
            # One item cannot be assessed, and its points go to the four others.
            possible = Decimal(0) if key == "HTN" else Decimal(25)
        share = Decimal(repr(min(1.0, (row["scored"] or 0) / (target or 1))))
        given = (possible * share).quantize(Decimal("0.0001"))
        why = (
            "excluded"
            if not possible
            else row["reason"]
            if row["scored"] is None
            else "full"
            if share == 1
            else "partly"
        )
        rows.append({"unit": unit, "position": position, "part": f"proportional:{key}", "subject": key,
                     "method": "proportional", "status": row["status"], "rate": row["scored"], "target": target,
                     "points": Decimal(points), "possible": possible, "given": given, "lost": possible - given,
                     "why": why})  # fmt: skip
    if unit == "A01":
        taken = sum((row["given"] for row in rows), Decimal(0)) - 60
        rows.append({"unit": unit, "position": 99, "part": "veto:FALSE", "subject": "DM-ID", "method": "veto",
                     "status": "fail", "rate": 0.287, "target": None, "points": Decimal(0), "possible": Decimal(0),
                     "given": -taken, "lost": taken, "why": "veto"})  # fmt: skip
    return rows


def _finding(number: int, unit: str | None, source: str, status: str, severity: str, reason: str,
             numbers: dict[str, Any], subject: str | None = None, records: int = 0) -> dict[str, Any]:  # fmt: skip
    return {"finding": f"F{number:03}", "unit": unit, "source": source, "subject": subject, "status": status,
            "severity": severity, "reason": reason, "numbers": json.dumps(numbers, ensure_ascii=False),
            "records": records}  # fmt: skip


def _figure(row: int, unit: str, name: str, kind: str, counts: tuple[str | None, str | None, str | None],
            verdict: str, outcomes: dict[str, bool | None], **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"unit": unit, "table": "summary", "row": row, "file": "summary.csv", "line": row + 2, "indicator": name,
            "kind": kind, "scale": "percent", "numerator": counts[0], "denominator": counts[1], "rate": counts[2],
            "target": None, "progress": None, "verdict": verdict, "outcomes": json.dumps(outcomes),
            "record": json.dumps({"precision": "1", "stated": "exact"}), **more}  # fmt: skip


def frames() -> dict[str, pl.DataFrame]:
    """Every table of the golden assessment."""
    parts = [row for unit in KEYS for row in _parts(unit)]
    scores: list[dict[str, Any]] = []
    for unit in KEYS:
        value = sum((row["given"] for row in parts if row["unit"] == unit), Decimal(0))
        grade = "good" if value >= 80 else "fair" if value >= 60 else "poor"
        scores.append({"unit": unit, "score": value, "max": Decimal(100), "grade": grade, "rank": 0, "group_rank": 0,
                       "why": "vetoed" if unit == "A01" else "scored",
                       "vetoes": '["FALSE"]' if unit == "A01" else "[]"})  # fmt: skip
    groups = {unit: group for unit, _name, group in UNITS}
    for row in scores:
        row["rank"] = 1 + sum(other["score"] > row["score"] for other in scores)
        peers = [other for other in scores if groups[other["unit"]] == groups[row["unit"]]]
        row["group_rank"] = 1 + sum(other["score"] > row["score"] for other in peers)
    figures = [
        _figure(0, "A01", "糖尿病管理率", "coverage", ("2698", "2000.3", "134.88"), "implausible",
                {"FIG-CEILING": False, "FIG-RATIO": True}),
        _figure(1, "A01", "签约率", "coverage", ("640000", "632500", "102"), "implausible", {"FIG-CEILING": False},
                record=json.dumps({"precision": "10000", "stated": "at_least"})),
        _figure(2, "A02", "病历书写规范率", "share", ("967535", "968457", "99.84"), "disagrees", {"FIG-RATIO": False}),
        _figure(3, "A02", "发热诊室占比", "share", ("92", None, "61.47"), "infeasible", {"FIG-FEASIBLE": False}),
        _figure(4, "A02", "建档率", "coverage", ("74608", "76674", "97.31"), "agrees", {"FIG-RATIO": True}),
        _figure(5, "B01", "新增牙椅任务完成率", "completion", ("13", None, "144.4"), "legal", {}),
        _figure(6, "B01", "有偿签约率", "share", ("2800000", None, "2"), "base_disagrees", {"FIG-BASE": False}),
        _figure(7, "B02", "家庭医生签约率", "coverage", (None, None, "28"), "unverifiable", {},
                target="35", progress=0.8),
        _figure(8, "B02", HOSTILE, "coverage", ("*", "*", "*"), "suppressed", {}),
    ]  # fmt: skip
    counts = {"numerator": 2698.0, "denominator": 2000.3, "raw": 2698 / 2000.3, "verified": 1924 / 2000.3,
              "reported": 1.3488, "ceiling": 1.0, "estimated": True}  # fmt: skip
    findings = [
        _finding(1, "A01", "DM", "fail", "critical", "above_ceiling", counts),
        _finding(2, "A01", "FIG-CEILING", "fail", "critical", "above_ceiling",
                 {"numerator": "2698", "denominator": "2000.3", "rate": "134.88", "line": "2"}, "糖尿病管理率", 1),
        _finding(3, "A01", "FIG-CEILING", "fail", "critical", "above_ceiling",
                 {"numerator": "640000", "denominator": "632500", "rate": "102", "line": "3"}, "签约率", 1),
        _finding(4, "A01", "DM-ID", "fail", "critical", "violated",
                 {"applicable": "2698", "violated": "774", "share": "0.286879"}, records=774),
        _finding(5, "A02", "ELD", "not_submitted", "major", "not_submitted", {}),
        _finding(6, "A02", "intake", "not_submitted", "major", "table_not_submitted", {"table": "elderly"}),
        _finding(7, "A02", "FIG-RATIO", "fail", "major", "disagrees",
                 {"numerator": "967535", "denominator": "968457", "rate": "99.84", "computed": "99.904797",
                  "reconciles_with": "969038", "line": "4"}, "病历书写规范率", 1),
        _finding(8, "A02", "FIG-FEASIBLE", "fail", "major", "violated",
                 {"numerator": "92", "denominator": None, "rate": "61.47", "below": "149", "below_gives": "61.745",
                  "above": "150", "above_gives": "61.3333", "line": "5"}, "发热诊室占比", 1),
        _finding(9, "B01", "FIG-BASE", "needs_review", "minor", "violated",
                 {"numerator": "2800000", "rate": "2", "implied": "140000000", "smallest": "6341775",
                  "largest": "140000000", "fold": "22.0759", "line": "8"}, "有偿签约率", 1),
        _finding(10, "B01", "HTN", "fail", "major", "reported_differs",
                 {"numerator": 650.0, "denominator": 1000.0, "raw": 0.65, "verified": 0.65, "reported": 0.72}),
        _finding(11, "B02", "SMD", "needs_review", "minor", "outside_band",
                 {"numerator": 600.0, "denominator": 10000.0, "raw": 0.06, "verified": 0.06}),
        _finding(12, "B02", "DM-LAST-DIGIT", "needs_review", "minor", "violated",
                 {"applicable": "900", "violated": "41", "share": "0.045556"}, records=41),
        _finding(13, KEYS[5], "HTN", "not_applicable", "minor", "zero_denominator",
                 {"numerator": 0.0, "denominator": 0.0}),
        _finding(14, "A03", "DM-GLU", "pass_with_findings", "minor", "violated",
                 {"applicable": "30000", "violated": "1", "share": "0.000033"}, records=1),
        _finding(15, None, "DM-BROKEN", "error", "critical", "broken_rule", {"message": f"bad pattern {HOSTILE}"}),
        _finding(16, "A03", "intake", "error", "critical", "file_rejected",
                 {"file": f"A03/{HOSTILE}.xlsx", "table": None, "reason": "not_xlsx", "detail": "no zip archive"}),
        _finding(17, "B01", "intake", "fail", "major", "rows_rejected",
                 {"file": "B01/diabetes.csv", "reason": None, "detail": None, "rows": "2"}, records=2),
    ]  # fmt: skip
    measured = {("A01", "DM-ID"): (2698, 774, "fail"), ("A03", "DM-GLU"): (30000, 1, "pass_with_findings"),
                ("B02", "DM-LAST-DIGIT"): (900, 41, "needs_review")}  # fmt: skip
    measurements = [
        {"unit": unit, "rule": rule["id"], "table": rule["table"], "applicable": seen[0], "violated": seen[1],
         "status": seen[2]}
        for unit in KEYS for rule in RULES
        for seen in [measured.get((unit, rule["id"]),
                                  (0, 0, "error") if rule["id"] == "DM-BROKEN" else (1000, 0, "pass"))]
    ]  # fmt: skip
    evidence = [
        {"rule": "DM-ID", "unit": "A01", "table": "diabetes", "row": row, "file": "A01/diabetes.csv", "line": row + 2,
         "reason": ("check_digit", "date", "form")[row % 3],
         "record": json.dumps({"person_id": f"110105********{row:03}X", "glucose": HOSTILE if row == 3 else "6.1"})}
        for row in range(25)
    ]  # fmt: skip
    receipt = [
        {"file": f"{folder}/diabetes.csv", "table": "diabetes", "unit": unit, "format": "csv", "encoding": "utf-8",
         "digest": "ab" * 32, "rows_in": 2700, "rows_kept": 2698 if unit == "B01" else 2700,
         "rows_rejected": 2 if unit == "B01" else 0, "cells_rejected": 1 if unit == "B01" else 0, "status": "read",
         "sheet": None, "header_line": 1, "cells_narrowed": 0, "damage": None,
         "reason": None, "detail": None}
        for unit, folder in zip(KEYS, ("A01", "A02", "A03", "B01", "B02", "C"), strict=True)
    ]  # fmt: skip
    receipt.append(
        {"file": f"A03/{HOSTILE}.xlsx", "table": None, "unit": "A03", "format": "xlsx", "encoding": None,
         "digest": "cd" * 32, "rows_in": 0, "rows_kept": 0, "rows_rejected": 0, "cells_rejected": 0,
         "sheet": None, "header_line": None, "cells_narrowed": 0, "damage": None, "status": "rejected",
         "reason": "not_xlsx", "detail": "no zip archive"}
    )  # fmt: skip
    rejects = [
        {"file": "B01/diabetes.csv", "line": 7, "table": "diabetes", "unit": "B01", "scope": "row", "column": None,
         "reason": "ragged_row:3/4", "raw": f"1,2,{HOSTILE}"},
        {"file": "B01/diabetes.csv", "line": 9, "table": "diabetes", "unit": "B01", "scope": "cell",
         "column": "glucose",
         "reason": "not_number", "raw": "六点一"},
    ]  # fmt: skip
    units = [
        {"unit": unit, "name": name, "group": group, "levels": json.dumps({"county": group}, ensure_ascii=False)}
        for unit, name, group in UNITS
    ]
    tables = {"units": units, "measurements": measurements, "indicators": _indicators(), "score_parts": parts,
              "scores": scores, "awards": _awards(scores), "findings": findings, "evidence": evidence,
              "figures": figures, "receipt": receipt, "rejects": rejects}  # fmt: skip
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}


def _awards(scores: list[dict[str, Any]]) -> list[dict[str, Any]]:
    basis = 940_000
    weights = {row["unit"]: basis * row["score"] / 100 for row in scores}
    whole = sum(weights.values())
    exact = {unit: POOL * weight / whole for unit, weight in weights.items()}
    minor = {unit: int(amount * 100) for unit, amount in exact.items()}
    for unit in sorted(exact, key=lambda unit: minor[unit] - exact[unit] * 100)[
        : int(POOL * 100) - sum(minor.values())
    ]:
        minor[unit] += 1
    rows = []
    for row in scores:
        unit, rounded = row["unit"], exact[row["unit"]].quantize(Decimal("0.000001"))
        amount = Decimal(minor[unit]) / 100
        rows.append({"unit": unit, "basis": float(basis), "coefficient": float(row["score"] / 100),
                     "weight": float(weights[unit]), "share": float(weights[unit] / whole), "exact": rounded,
                     "rounding": amount - rounded, "amount": amount, "amount_minor": minor[unit]})  # fmt: skip
    return rows


def manifest(started: str = "2024-07-01T08:00:00+00:00") -> dict[str, Any]:
    """The provenance; only `started` and `finished` differ from run to run."""
    return {
        "product": {"name": "assess", "version": "0.1.0"},
        "versions": {"python": "3.11", "polars": "2.1.0", "pandera": "0.35.0", "pydantic": "2.14.3"},
        "ruleset": {"id": "golden", "version": "2024.2", "title": {"zh": "绩效评价样例", "en": "Sample assessment"},
                    "file": "golden.yaml", "sha256": "0123456789abcdef" * 4},
        "period": {"start": "2024-01-01", "end": "2024-12-31", "as_of": "2024-06-30", "elapsed": 182 / 366},
        "parameters": {"per_capita": 94},
        "inputs": [],
        "inputs_sha256": "fedcba9876543210" * 4,
        "unmasked": False,
        "counts": {},
        "allocation": {"pool_minor": int(POOL * 100), "awarded_minor": int(POOL * 100), "currency": "CNY",
                       "refused": None},
        "command": f"assess run --ruleset golden.yaml --data data --out '{HOSTILE}'",
        "started": started,
        "finished": started,
    }  # fmt: skip


def write(path: Path, **changes: pl.DataFrame) -> Path:
    """The golden assessment directory at `path`; `changes` take the place of tables."""
    Directory(path).write({**frames(), **changes}, ruleset(), manifest())
    return path
