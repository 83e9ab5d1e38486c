"""A small assessment directory that holds one of everything a report has to show.

What was counted and found is written by hand; rates, scores, awards and remedies are what follows from it.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from golden_found import HOSTILE, evidence, figures, findings, receipt, rejects

from assess.conclude import Concluded, Measured, conclude
from assess.results import Directory, empty
from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import from_data, to_data
from assess.yaml12 import load

POOL = Decimal("1000000.00")
RULESET = from_data(load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8")))

UNITS = [
    ("A01", "青山镇卫生院", "东县"),
    ("A02", "白水镇卫生院", "东县"),
    ("A03", f"红岩乡{HOSTILE}\"院'", "东县"),
    ("B01", "石桥镇卫生院", "西县"),
    ("B02", "柳林乡卫生院", "西县"),
    ("坏/key <b>", "河口乡卫生院", "西县"),
]
KEYS = [unit for unit, _name, _group in UNITS]
COUNTIES = {"东县": "北市", "西县": "南市"}

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
# People who cannot be asked for what DM counts.
EXCLUDED = {"B01": 200.0, "B02": 900.0}
# What disqualification alone keeps out of DM of A01: 774 are gone, 62 of which no correction brings back.
MENDABLE = [
    ("A01", ["DM-ID"], "DM", "numerator", 500.0),
    ("A01", ["DM-DUP"], "DM", "numerator", 150.0),
    ("A01", ["DM-ID", "DM-DUP"], "DM", "numerator", 62.0),
    ("A01", ["DM-ID"], "REC", "numerator", 150.0),
    ("A01", ["DM-GLU"], "REC", "numerator", 20.0),
    ("A01", ["DM-ID", "DM-GLU"], "REC", "numerator", 12.0),
    ("A01", ["DM-ID"], "HTN", "numerator", 6.0),
    ("A01", ["DM-DUP", "DM-GLU"], "HTN", "numerator", 4.0),
    ("B02", ["DM-DUP"], "ELD", "numerator", 3.0),
]
MARKS = {"A01": 8.5, "A02": 10.0, "A03": 9.0, "B01": 10.0, "B02": 7.0, "坏/key <b>": 6.0}
PREVIOUS = {"A01": 1.20, "A02": 0.6, "B01": 0.50}


@cache
def ruleset() -> dict[str, Any]:
    """The effective ruleset, as plain data."""
    return to_data(RULESET)


def _counted() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    counts, reported = [], []
    kinds = {indicator.id: indicator.kind for indicator in RULESET.indicators}
    for unit, own in COUNTS.items():
        for name, found in own.items():
            numerator, verified, denominator, stated = found or (None, None, None, None)
            excluded = EXCLUDED.get(unit, 0.0) if name == "DM" else None
            counts.append({"unit": unit, "indicator": name, "numerator": numerator, "numerator_verified": verified,
                           "denominator": denominator, "excluded": excluded, "excluded_verified": excluded,
                           "submitted": found is not None, "broken": False})  # fmt: skip
            if stated is not None:
                reported.append({"unit": unit, "indicator": name, "kind": kinds[name], "reported_numerator": None,
                                 "reported_denominator": None, "reported": stated, "reported_step": 0.0001,
                                 "stated_target": None, "suppressed": False})  # fmt: skip
    return counts, reported


MEASURED = {("A01", "DM-ID"): (2698, 774, "fail"), ("A01", "DM-DUP"): (2698, 212, "fail"),
            ("A01", "DM-DEAD"): (2698, 62, "fail"), ("A01", "DM-GLU"): (2698, 31, "pass_with_findings"),
            ("A03", "DM-GLU"): (30000, 1, "pass_with_findings"),
            ("B02", "DM-DUP"): (900, 3, "fail"), ("B02", "DM-GLU"): (900, 90, "fail"),
            ("B02", "DM-LAST-DIGIT"): (900, 41, "needs_review")}  # fmt: skip


def _measurements() -> list[dict[str, Any]]:
    return [
        {"unit": unit, "rule": rule.id, "table": rule.table, "applicable": seen[0], "violated": seen[1],
         "status": seen[2]}
        for unit in KEYS for rule in RULESET.checks
        for seen in [MEASURED.get((unit, rule.id), (0, 0, "error") if rule.id == "DM-BROKEN" else (1000, 0, "pass"))]
    ]  # fmt: skip


def _frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=empty(table).schema) if rows else empty(table)


def concluded(ruleset: Ruleset = RULESET) -> tuple[dict[str, pl.DataFrame], Concluded]:
    """All tables under a ruleset that counts the same, and the scores and awards behind them."""
    counts, reported = _counted()
    units = [
        {"unit": unit, "name": name, "group": county, "peers": "all",
         "levels": json.dumps({"county": county, "prefecture": COUNTIES[county]}, ensure_ascii=False)}
        for unit, name, county in UNITS
    ]  # fmt: skip
    registered = [
        {"unit": unit, "column": column, "value": value}
        for place, (unit, name, county) in enumerate(UNITS)
        for column, value in {"institution_id": unit, "name": name, "county": county, "prefecture": COUNTIES[county],
                              "population": "10000", "prepaid": f"{100_000 + 20_000 * place}.00"}.items()
    ]  # fmt: skip
    marks = [
        {"unit": unit, "item": "环境", "points": Decimal(str(points)), "marker": "评审组一",
         "marked_on": dt.date(2024, 6, 20), "note": f"现场 {HOSTILE}", "file": "marks.csv", "line": line}
        for line, (unit, points) in enumerate(MARKS.items(), start=2)
    ]  # fmt: skip
    mendable = [
        {"unit": unit, "rules": json.dumps(rules), "indicator": indicator, "side": side, "amount": amount}
        for unit, rules, indicator, side, amount in MENDABLE
    ]
    made: dict[str, list[dict[str, Any]]] = {
        "units": units, "register": registered, "measurements": _measurements(), "counts": counts,
        "reported": reported, "marks": marks, "mendable": mendable, "evidence": evidence(), "figures": figures(),
        "receipt": receipt(), "rejects": rejects(),
    }  # fmt: skip
    tables = {name: _frame(name, rows) for name, rows in made.items()} | {"profiles": empty("profiles")}
    previous = pl.DataFrame(
        [("unit", unit, "DM", rate) for unit, rate in PREVIOUS.items()],
        schema=["level", "unit", "indicator", "previous"], orient="row",
    )  # fmt: skip
    broken = {"DM-BROKEN": f"bad pattern {HOSTILE}"}
    made_of = conclude(ruleset, Measured(tables, broken, _frame("findings", findings()), previous))
    return {**tables, **made_of.tables, "findings": _frame("findings", findings())}, made_of


@cache
def _concluded() -> tuple[dict[str, pl.DataFrame], Concluded]:
    return concluded()


def frames() -> dict[str, pl.DataFrame]:
    """Every table of the golden assessment."""
    return dict(_concluded()[0])


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
        "allocation": _concluded()[1].money,
        "command": f"assess run --ruleset golden.yaml --data data --out '{HOSTILE}'",
        "started": started,
        "finished": started,
    }  # fmt: skip


def write(path: Path, **changes: pl.DataFrame) -> Path:
    """The golden assessment directory at `path`; `changes` take the place of tables."""
    Directory(path).write({**frames(), **changes}, ruleset(), manifest())
    return path
