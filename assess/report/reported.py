"""The figures that units report about themselves, each line with its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.report.charts import Bullet, bullet
from assess.report.format import number, printed, rate
from assess.report.model import Assessment, Row, anchor, read_json
from assess.report.statements import Statements
from assess.report.wording import word

_CAPPED = ("coverage", "share", "per_mille")
_FACTOR = {"percent": 100, "per_mille": 1000, "ratio": 1}
# Verdicts that speak against a figure.
DOUBTS = ("implausible", "disagrees", "infeasible", "parts_differ", "base_disagrees")


@dataclass(frozen=True, slots=True)
class Line:
    """One reported figure as printed, the verdict on it in words, and why."""

    id: str
    title: str
    kind: str
    numerator: str
    denominator: str
    rate: str
    bullet: Bullet | None
    verdict: str
    word: str
    tone: str
    icon: str
    texts: tuple[str, ...]
    cause: str
    where: str


def lines(figures: Sequence[Row], findings: Sequence[Row], statements: Statements) -> list[Line]:
    """The lines of one unit, in the order they were submitted."""
    found: dict[str, list[Row]] = {}
    for finding in findings:
        if statements.is_figure(finding) and finding["reason"] != "broken_rule":
            found.setdefault(finding["subject"], []).append(finding)
    return [_line(row, found.get(row["indicator"] or "", []), statements) for row in figures]


def _line(row: Row, findings: Sequence[Row], statements: Statements) -> Line:
    assessment = statements.assessment
    _ = assessment.language.gettext
    wording = assessment.wording
    verdict, tone, icon = wording.verdicts.get(row["verdict"], (row["verdict"], "plain", "·"))
    outcomes = read_json(row["outcomes"])
    scale = row["scale"] or "percent"
    said = [
        statements.of(finding)
        for finding in findings
        # A name may stand in two lines: a finding belongs to the line that violates its rule.
        if outcomes.get(finding["source"]) is not True
        and str(read_json(finding["numbers"]).get("line", row["line"])) == str(row["line"])
    ]
    if tone == "fail" and said and all(statement.tone == "review" for statement in said):
        # The ruleset takes this contradiction as a question, not as a fault.
        tone, icon = "review", "?"
    texts = [statement.text for statement in said]
    note = wording.verdict_notes.get(row["verdict"], "")
    if note and (not texts or row["verdict"] == "legal"):
        texts.append(note)
    if row["progress"] is not None:
        target = printed(row["target"], scale)
        texts.append(
            _("{progress} of the target of {target} is reached.").format(progress=rate(row["progress"]), target=target)
        )
    return Line(
        id=anchor("figure", row["table"], str(row["row"])),
        title=row["indicator"] or "",
        kind=word(wording.kinds, row["kind"] or ""),
        numerator=statements.figures.numerator(row["numerator"], read_json(row["record"])),
        denominator=printed(row["denominator"]),
        rate=printed(row["rate"], scale),
        bullet=_bullet(row, scale),
        verdict=row["verdict"],
        word=verdict,
        tone=tone,
        icon=icon,
        texts=tuple(dict.fromkeys(texts)),
        cause=next((statement.cause for statement in said if statement.cause), ""),
        where=f"{row['file']}:{row['line']}",
    )


def _bullet(row: Row, scale: str) -> Bullet | None:
    value, factor = number(row["rate"]), _FACTOR.get(scale)
    if value is None or factor is None or scale == "per_mille":
        return None
    target = number(row["target"])
    ceiling = 1.0 if row["kind"] in _CAPPED else None
    ratio = float(value) / factor
    # Without a ceiling the whole task is the mark that the bar is read against.
    aim = float(target) / factor if target else (1.0 if row["kind"] == "completion" else None)
    return bullet(ratio, min(ratio, 1.0) if ceiling else ratio, aim, ceiling)


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one unit, with a link to its page."""

    unit: str
    name: str
    href: str
    lines: tuple[Line, ...]
    gravity: tuple[int, int]


def blocks(assessment: Assessment, statements: Statements) -> list[Block]:
    """The figures of all units, the unit with the gravest first."""
    shown: list[Block] = []
    for unit in assessment.names:
        rows = assessment.of_unit("figures", unit)
        verdicts = [row["verdict"] for row in rows]
        gravity = (verdicts.count("implausible"), sum(verdict in DOUBTS for verdict in verdicts))
        if rows:
            made = lines(rows, assessment.of_unit("findings", unit), statements)
            shown.append(Block(unit, assessment.names[unit], assessment.page(unit), tuple(made), gravity))
    return sorted(shown, key=lambda block: block.gravity, reverse=True)
