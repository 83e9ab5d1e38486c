"""The findings of one unit, by status: records, what to do about them, and an example of right and wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assess.report.format import count
from assess.report.model import Assessment, Row, anchor, read_json
from assess.report.statements import Statement, Statements
from assess.report.wording import Status, word
from assess.results import SEVERITIES


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of one rule as they were submitted, masked."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...], str], ...]
    reasons: bool
    more: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding with everything a unit needs to mend it."""

    id: str
    rule: str
    title: str
    statement: Statement
    severity: str
    severity_word: str
    effect: str
    fix: str
    source: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    sample: Sample | None


def by_status(
    findings: Sequence[Row], evidence: Sequence[Row], statements: Statements
) -> list[tuple[Status, list[Problem]]]:
    """Findings grouped by status in the order of the wording, within it the gravest and most frequent first."""
    assessment = statements.assessment
    samples: dict[str, list[Row]] = {}
    for row in evidence:
        samples.setdefault(row["rule"], []).append(row)
    ordered = sorted(findings, key=lambda row: (SEVERITIES.index(row["severity"]), -row["records"], row["finding"]))
    groups: list[tuple[Status, list[Problem]]] = []
    for status in assessment.wording.statuses.values():
        own = [
            _problem(row, samples.get(row["source"], ()), statements) for row in ordered if row["status"] == status.code
        ]
        if own:
            groups.append((status, own))
    return groups


def _problem(finding: Row, evidence: Sequence[Row], statements: Statements) -> Problem:
    assessment = statements.assessment
    language, wording = assessment.language, assessment.wording
    spec = assessment.rules.get(finding["source"]) or assessment.indicators.get(finding["source"]) or {}
    examples = spec.get("examples") or {}
    title, statement = statements.title(finding), statements.of(finding)
    if statements.is_figure(finding):
        # A rule that has no more to say than its title says it once.
        if statement.text != assessment.rule_title(finding["source"]):
            title = f"{title} · {assessment.rule_title(finding['source'])}"
        # The figure itself is the sentence; the same rule may hold evidence of other figures.
        evidence = ()
    return Problem(
        id=anchor("finding", finding["finding"]),
        rule=finding["source"],
        title=title,
        statement=statement,
        severity=finding["severity"],
        severity_word=wording.severities[finding["severity"]],
        effect=wording.effects.get(spec.get("effect", ""), ""),
        fix=language.text(spec.get("fix")),
        source=language.text(spec.get("source")),
        right=_examples(examples.get("pass"), spec.get("table", ""), assessment),
        wrong=_examples(examples.get("fail"), spec.get("table", ""), assessment),
        sample=_sample(evidence, finding["records"], assessment) if evidence else None,
    )


def _examples(examples: Any, table: str, assessment: Assessment) -> tuple[str, ...]:
    """The first two examples; a record is told column by column."""
    return tuple(_told(example, table, assessment) for example in (examples or ())[:2])


def _told(example: Any, table: str, assessment: Assessment) -> str:
    if not isinstance(example, Mapping):
        return value_text(example, assessment)
    pairs = (
        f"{assessment.column_title(table, column)} {value_text(value, assessment)}" for column, value in example.items()
    )
    return assessment.language.listed(pairs)


def value_text(value: Any, assessment: Assessment) -> str:
    """A cell as text; what is empty is said to be."""
    _ = assessment.language.gettext
    if value is None or value == "":
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _sample(evidence: Sequence[Row], records: int, assessment: Assessment) -> Sample:
    table = evidence[0]["table"]
    records_shown = [read_json(row["record"]) for row in evidence]
    columns = list(dict.fromkeys(column for record in records_shown for column in record))
    rows = tuple(
        (
            f"{row['file']}:{row['line']}",
            tuple(value_text(record.get(column), assessment) for column in columns),
            word(assessment.wording.evidence_reasons, row["reason"] or ""),
        )
        for row, record in zip(evidence, records_shown, strict=True)
    )
    titles = tuple(assessment.column_title(table, column) for column in columns)
    return Sample(titles, rows, any(why for *_cells, why in rows), max(0, records - len(rows)))


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that found nothing in a unit."""

    rule: str
    title: str
    applicable: str


def passed(measurements: Sequence[Row], assessment: Assessment) -> list[Passed]:
    """The rules of a unit that applied to some record and were violated by none."""
    return [
        Passed(row["rule"], assessment.rule_title(row["rule"]), count(row["applicable"]))
        for row in measurements
        if row["status"] == "pass" and row["applicable"] and not row["violated"]
    ]
