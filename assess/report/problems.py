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

# Records that a page shows in all, and those that each rule shows at least.
RECORDS, LEAST = 500, 5


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
    # Where many rules found something each shows fewer records, so that a page stays small.
    most = max(LEAST, RECORDS // max(1, len(samples)))
    samples = {rule: rows[:most] for rule, rows in samples.items()}
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
    right, wrong = _right_and_wrong(finding["source"], spec, statements)
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
        right=right,
        wrong=wrong,
        sample=_sample(evidence, finding["records"], assessment) if evidence else None,
    )


def _right_and_wrong(
    source: str, spec: Mapping[str, Any], statements: Statements
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = statements.examples.get(source)
    if known is None:
        examples, table = spec.get("examples") or {}, str(spec.get("table", ""))
        right, wrong = (_examples(examples.get(side), table, statements.assessment) for side in ("pass", "fail"))
        known = statements.examples[source] = (right, wrong)
    return known


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
class RuleRow:
    """What one rule did in a unit; `finding` is its finding on the page, where it has one."""

    id: str
    rule: str
    title: str
    table: str
    status: Status
    applicable: str
    violated: str
    finding: str


def rules(measurements: Sequence[Row], findings: Sequence[Row], assessment: Assessment) -> list[RuleRow]:
    """Every rule of a unit in the order of the ruleset, whether it found something or not."""
    found: dict[str, str] = {}
    for finding in findings:
        found.setdefault(finding["source"], anchor("finding", finding["finding"]))
    measured = {row["rule"]: row for row in measurements}
    return [
        RuleRow(
            anchor("rule", rule),
            rule,
            assessment.rule_title(rule),
            assessment.table_title(row["table"]),
            assessment.wording.status(row["status"]),
            count(row["applicable"]),
            count(row["violated"]) if row["violated"] else "",
            found.get(rule, ""),
        )
        for rule in assessment.rules
        if (row := measured.get(rule)) is not None
    ]
