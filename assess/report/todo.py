"""What a unit would regain by putting records right: a list by points and money, and what the page adds up from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.report.format import brief, count, minor, points
from assess.report.model import ALL, Assessment, Row, anchor, read_list
from assess.report.whatif import combinations


@dataclass(frozen=True, slots=True)
class Task:
    """One rule to mend: what it brings alone, and a link to its records; `place` is its number in the page."""

    rule: str
    title: str
    table: str
    href: str
    records: str
    points: str
    money: str
    grade: str
    indicators: str
    brings: bool
    place: int


@dataclass(frozen=True, slots=True)
class Todo:
    """Every rule to mend, the one that brings most first, and all of them together.

    `data` is what the page adds combinations up from, as JSON; empty where there is nothing to combine.
    """

    tasks: tuple[Task, ...]
    total: Task
    score: str
    full: str
    data: str


def todo(unit: str, findings: Sequence[Row], parts: Sequence[Row], assessment: Assessment) -> Todo | None:
    """The list of one unit; none where mending brings nothing or there is no score."""
    rows, score = assessment.of_unit("remedies", unit), assessment.scores.get(unit)
    single = [row for row in rows if row["rule"] != ALL]
    if not single or score is None or score["score"] is None:
        return None
    single.sort(key=lambda row: (-row["points"], -(row["amount_minor"] or 0), -row["records"], row["rule"]))
    links = {finding["source"]: anchor("finding", finding["finding"]) for finding in reversed(findings)}
    whole = next((row for row in rows if row["rule"] == ALL), single[0])
    tasks = [_task(row, place, links, assessment) for place, row in enumerate(single)]
    return Todo(
        tasks=tuple(tasks),
        total=_task(whole, len(tasks), links, assessment),
        score=points(score["score"], 2),
        full=points(score["max"], 2),
        data=combinations(unit, single, whole, parts, assessment),
    )


def _task(row: Row, place: int, links: Mapping[str, str], assessment: Assessment) -> Task:
    language, rule = assessment.language, row["rule"]
    named = [assessment.indicator_title(name) for name in read_list(row["indicators"])]
    more = len(named) - 3
    told = language.listed(named[:3])
    if more > 0:
        told += language.gettext(" and {number} more").format(number=more)
    gained = row["amount_minor"]
    return Task(
        rule=rule,
        title=assessment.rule_title(rule),
        table=assessment.table_title(str(assessment.rules.get(rule, {}).get("table") or "")),
        href="#" + links.get(rule, anchor("rule", rule)),
        records=count(row["records"]),
        points=_gained(row["points"]),
        money=f"+{minor(gained, assessment.currency)}" if gained else "" if gained is None else "0",
        grade=assessment.grade_title(row["grade"]),
        indicators=told,
        brings=bool(row["points"] or gained),
        place=place,
    )


def _gained(amount: Decimal) -> str:
    """Points with a sign, or a plain zero."""
    return f"+{brief(amount)}" if amount else "0"
