"""The findings of one unit, by status and rule: what was found, and a few of the records; and what every rule did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assess.report.format import count
from assess.report.model import SAMPLE, Assessment, Row, anchor, read_json
from assess.report.statements import Statement, Statements
from assess.report.wording import Status, word
from assess.results import SEVERITIES

# Records that a page shows in all, and those that each rule shows at least: they are examples, all are in the workbook.
RECORDS, LEAST = 100, 3


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of one rule as they were submitted, masked: where each stands, its columns by name, and why."""

    rows: tuple[tuple[str, str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Said:
    """One finding: what it is about, where the rule does not say so, and the sentence."""

    id: str
    title: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that one rule or indicator found in a unit; `href` leads to the sheet of an indicator."""

    source: str
    title: str
    severity: str
    href: str
    said: tuple[Said, ...]
    sample: Sample | None

    @property
    def number(self) -> int:
        """How many findings there are."""
        return len(self.said)


def by_status(
    findings: Sequence[Row], evidence: Sequence[Row], statements: Statements
) -> list[tuple[Status, list[Problem]]]:
    """Findings grouped by status in the order of the wording, within it the gravest and most frequent first."""
    samples: dict[str, list[Row]] = {}
    for row in evidence:
        samples.setdefault(row["rule"], []).append(row)
    # Where many rules found something each shows fewer records, so that a page stays small.
    most = min(SAMPLE, max(LEAST, RECORDS // max(1, len(samples))))
    found: dict[str, dict[str, list[Row]]] = {}
    for row in sorted(findings, key=lambda row: (SEVERITIES.index(row["severity"]), -row["records"], row["finding"])):
        found.setdefault(row["status"], {}).setdefault(row["source"], []).append(row)
    return [
        (status, [_problem(own, samples.get(source, ())[:most], statements) for source, own in found[code].items()])
        for code, status in statements.assessment.wording.statuses.items()
        if code in found
    ]


def _problem(findings: Sequence[Row], evidence: Sequence[Row], statements: Statements) -> Problem:
    """The findings of one source with one status."""
    assessment, first = statements.assessment, findings[0]
    source = first["source"]
    if statements.is_figure(first):
        # The figure itself is the sentence; the same rule may hold evidence of other figures.
        evidence = ()
    return Problem(
        source=source,
        title=assessment.rule_title(source) if source in assessment.rules else statements.title(first),
        severity=first["severity"],
        href="#" + anchor("sheet", source) if source in assessment.indicators else "",
        said=tuple(_said(finding, statements) for finding in findings),
        sample=_sample(evidence, first["records"], assessment) if evidence else None,
    )


def _said(finding: Row, statements: Statements) -> Said:
    title = statements.title(finding) if statements.is_figure(finding) else ""
    return Said(anchor("finding", finding["finding"]), title, statements.of(finding))


def value_text(value: Any, assessment: Assessment) -> str:
    """A cell as text; what is empty is said to be."""
    if type(value) is str and value:
        return value
    _ = assessment.language.gettext
    if value is None or value == "":
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def told(record: Any, table: str, assessment: Assessment) -> str:
    """A record column by column, or a single value."""
    if not isinstance(record, Mapping):
        return value_text(record, assessment)
    pairs = (f"{assessment.column_title(table, name)} {value_text(cell, assessment)}" for name, cell in record.items())
    return assessment.language.listed(pairs)


def _sample(evidence: Sequence[Row], records: int, assessment: Assessment) -> Sample:
    rows = tuple(
        (
            f"{row['file']}:{row['line']}",
            told(read_json(row["record"]), row["table"], assessment),
            word(assessment.wording.evidence_reasons, row["reason"] or ""),
        )
        for row in evidence
    )
    return Sample(rows, max(0, records - len(rows)))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one rule did in a unit; `finding` is its finding on the page, where it has one."""

    rule: str
    applicable: str
    violated: str
    finding: str


def rules(
    measurements: Sequence[Row], findings: Sequence[Row], assessment: Assessment
) -> list[tuple[Status, str, list[RuleRow]]]:
    """Every rule of a unit by outcome and table, in the order of the ruleset."""
    found: dict[str, str] = {}
    for finding in findings:
        found.setdefault(finding["source"], anchor("finding", finding["finding"]))
    measured = {row["rule"]: row for row in measurements}
    outcomes: dict[str, dict[str, list[RuleRow]]] = {}
    for rule in assessment.rules:
        row = measured.get(rule)
        if row is not None:
            violated = count(row["violated"]) if row["violated"] else ""
            made = RuleRow(rule, count(row["applicable"]), violated, found.get(rule, ""))
            outcomes.setdefault(row["status"], {}).setdefault(row["table"], []).append(made)
    known = assessment.wording.statuses
    ordered = sorted(outcomes, key=lambda code: list(known).index(code) if code in known else len(known))
    return [
        (assessment.wording.status(code), assessment.table_title(table), each)
        for code in ordered
        for table, each in outcomes[code].items()
    ]
