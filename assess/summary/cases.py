"""What was looked at, case by case: each rule and indicator, and what intake tells; with the findings of each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from assess.results import SEVERITIES
from assess.summary.made import FAULTS, Tables

INDICATORS, INTAKE = "indicators", "intake"
# What findings without a rule or an indicator may tell; each is a case, so that there is one for what did not happen.
_TOLD = {
    "file_rejected": "files that cannot be read",
    "rows_rejected": "rows that belong nowhere",
    "numbers_damaged": "numbers that a spreadsheet damaged",
    "table_not_submitted": "required tables that were not submitted",
    "no_score": "units without a score",
    "allocation_refused": "the allocation",
}
_SUPPORTED = ("zh", "en")


@dataclass(frozen=True)
class Line:
    """One finding: whose, what it says, and the first place in the submissions where it can be seen."""

    unit: str
    text: str
    status: str
    severity: str
    records: int
    file: str = ""
    line: int = 0

    @property
    def fault(self) -> bool:
        """Whether it is a fault, and no question and no note."""
        return self.status in FAULTS


@dataclass(frozen=True)
class Case:
    """A rule, an indicator, or something that intake tells; `looked` is false where there was nothing to look at."""

    suite: str
    name: str
    title: str
    lines: tuple[Line, ...]
    looked: bool

    def failing(self, severities: Collection[str]) -> bool:
        """Whether it has a fault of one of these severities."""
        return any(line.fault and line.severity in severities for line in self.lines)


def cases(tables: Tables, ruleset: Mapping[str, Any], lang: str = "en") -> list[Case]:
    """Every case: the rules by table, the indicators, and intake; in the order of the ruleset."""
    lines = _lines(tables)
    checks, indicators = ruleset["checks"], ruleset["indicators"]
    idle = pl.col("status").is_in(["not_applicable", "not_submitted"])
    judged = dict(tables["measurements"].group_by("rule").agg((~idle).any()).iter_rows())
    rated = dict(tables["indicators"].group_by("indicator").agg(pl.col("verified").is_not_null().any()).iter_rows())
    found = []
    for table in dict.fromkeys(rule["table"] for rule in checks):
        for rule in checks:
            if rule["table"] == table:
                name, title = rule["id"], _text(rule["title"], lang)
                found.append(Case(table, name, title, tuple(lines.pop(name, ())), judged.get(name, False)))
    declared = {indicator["id"]: _text(indicator["title"], lang) for indicator in indicators}
    for name in dict.fromkeys([*declared, *(name for name in lines if not name.startswith(f"{INTAKE}:"))]):
        own = tuple(lines.pop(name, ()))
        found.append(Case(INDICATORS, name, declared.get(name, ""), own, rated.get(name, False)))
    for name in dict.fromkeys([*(f"{INTAKE}:{reason}" for reason in _TOLD), *lines]):
        reason = name.removeprefix(f"{INTAKE}:")
        found.append(Case(INTAKE, reason, _TOLD.get(reason, ""), tuple(lines.pop(name, ())), looked=True))
    return found


def _lines(tables: Tables) -> dict[str, list[Line]]:
    """The findings by rule, indicator, or `intake:` and the reason; the gravest first."""
    names = dict(tables["units"].select("unit", "name").iter_rows())
    first = tables["evidence"].filter(pl.col("file") != "").group_by("rule", "unit", maintain_order=True).agg(
        pl.col("file", "line").first()
    )  # fmt: skip
    places = {(rule, unit): (file, line) for rule, unit, file, line in first.iter_rows()}
    found: dict[str, list[Line]] = defaultdict(list)
    for row in tables["findings"].iter_rows(named=True):
        numbers = json.loads(row["numbers"])
        name = f"{INTAKE}:{row['reason']}" if row["source"] == INTAKE else row["source"]
        file, line = numbers.get("file"), numbers.get("line")
        if file is None:
            file, line = places.get((row["source"], row["unit"]), ("", 0))
        unit = row["unit"] or ""
        whose = f"{unit} {names[unit]}" if names.get(unit, unit) != unit else unit
        found[name].append(
            Line(whose, _said(row, numbers), row["status"], row["severity"], row["records"], file, int(line or 0))
        )
    return found


def _said(row: Mapping[str, Any], numbers: Mapping[str, Any]) -> str:
    """What a finding says, in a line."""
    about = f"{row['subject']}: " if row["subject"] else ""
    if "applicable" in numbers:
        return f"{about}{int(numbers['violated']):,} of {int(numbers['applicable']):,} records violate it"
    shown = ("message", "table", "column", "numerator", "denominator", "rate", "raw", "reported", "detail", "reason")
    figures = [f"{name} {numbers[name]}" for name in shown if numbers.get(name) not in (None, "", row["reason"])]
    return about + str(row["reason"]).replace("_", " ") + (f" ({', '.join(figures)})" if figures else "")


def _text(title: Mapping[str, str] | str, lang: str) -> str:
    return title if isinstance(title, str) else title[lang if lang in _SUPPORTED else "en"]


def gravity(line: Line) -> tuple[bool, int, int]:
    """The order of lines: faults first, the gravest first, then those with most records."""
    return not line.fault, SEVERITIES.index(line.severity), -line.records
