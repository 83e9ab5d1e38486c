"""What was found in the golden assessment: findings, evidence, reported figures, files and rejects."""

from __future__ import annotations

import json
from typing import Any

HOSTILE = "<script>alert(1)</script>"
KEYS = ("A01", "A02", "A03", "B01", "B02", "坏/key <b>")
Row = dict[str, Any]


def _finding(number: int, unit: str | None, source: str, status: str, severity: str, reason: str,
             numbers: dict[str, Any], subject: str | None = None, records: int = 0) -> Row:  # fmt: skip
    return {"finding": f"F{number:03}", "unit": unit, "source": source, "subject": subject, "status": status,
            "severity": severity, "reason": reason, "numbers": json.dumps(numbers, ensure_ascii=False),
            "records": records}  # fmt: skip


def _figure(row: int, unit: str, name: str, kind: str, counts: tuple[str | None, str | None, str | None],
            verdict: str, outcomes: dict[str, bool | None], **more: Any) -> Row:  # fmt: skip
    return {"unit": unit, "table": "summary", "row": row, "file": "summary.csv", "line": row + 2, "indicator": name,
            "kind": kind, "scale": "percent", "numerator": counts[0], "denominator": counts[1], "rate": counts[2],
            "target": None, "progress": None, "verdict": verdict, "outcomes": json.dumps(outcomes),
            "record": json.dumps({"precision": "1", "stated": "exact"}), **more}  # fmt: skip


def figures() -> list[Row]:
    """Every line of the reported figures, with its verdict."""
    return [
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


def findings() -> list[Row]:
    """What an assessor must see."""
    counts = {"numerator": 2698.0, "denominator": 2000.3, "raw": 2698 / 2000.3, "verified": 1924 / 2000.3,
              "reported": 1.3488, "ceiling": 1.0, "estimated": True}  # fmt: skip
    return [
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


def evidence() -> list[Row]:
    """The records behind the findings, masked."""
    return [
        {"rule": "DM-ID", "unit": "A01", "table": "diabetes", "row": row, "file": "A01/diabetes.csv", "line": row + 2,
         "reason": ("check_digit", "date", "form")[row % 3],
         "record": json.dumps({"person_id": f"110105********{row:03}X", "glucose": HOSTILE if row == 3 else "6.1"})}
        for row in range(25)
    ]  # fmt: skip


def receipt() -> list[Row]:
    """What became of every file."""
    files = [
        {"file": f"{folder}/diabetes.csv", "table": "diabetes", "unit": unit, "format": "csv", "encoding": "utf-8",
         "digest": "ab" * 32, "rows_in": 2700, "rows_kept": 2698 if unit == "B01" else 2700,
         "rows_rejected": 2 if unit == "B01" else 0, "cells_rejected": 1 if unit == "B01" else 0, "status": "read",
         "sheet": None, "header_line": 1, "cells_narrowed": 0, "damage": None,
         "reason": None, "detail": None}
        for unit, folder in zip(KEYS, ("A01", "A02", "A03", "B01", "B02", "C"), strict=True)
    ]  # fmt: skip
    files.append(
        {"file": f"A03/{HOSTILE}.xlsx", "table": None, "unit": "A03", "format": "xlsx", "encoding": None,
         "digest": "cd" * 32, "rows_in": 0, "rows_kept": 0, "rows_rejected": 0, "cells_rejected": 0,
         "sheet": None, "header_line": None, "cells_narrowed": 0, "damage": None, "status": "rejected",
         "reason": "not_xlsx", "detail": "no zip archive"}
    )  # fmt: skip
    return files


def rejects() -> list[Row]:
    """Every row and cell that was not taken."""
    return [
        {"file": "B01/diabetes.csv", "line": 7, "table": "diabetes", "unit": "B01", "scope": "row", "column": None,
         "reason": "ragged_row:3/4", "raw": f"1,2,{HOSTILE}"},
        {"file": "B01/diabetes.csv", "line": 9, "table": "diabetes", "unit": "B01", "scope": "cell",
         "column": "glucose",
         "reason": "not_number", "raw": "六点一"},
    ]  # fmt: skip
