"""What to look at first on a unit's page: vetoes, errors, impossible figures, what is missing; most points first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.report.format import brief, mark, rate, size
from assess.report.model import Assessment, Row, anchor
from assess.report.statements import ABOVE, Statements
from assess.results import SEVERITIES

_CAN_WAIT = 9


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at first."""

    tone: str
    icon: str
    title: str
    text: str
    cause: str
    loss: str
    href: str


def looks(findings: Sequence[Row], parts: Sequence[Row], statements: Statements) -> list[Look]:
    """Everything that cannot wait, in order; findings about one figure appear once."""
    assessment = statements.assessment
    _ = assessment.language.gettext
    found: list[tuple[tuple[int, Decimal, int, float, int], Look]] = []
    for part in parts:
        if part["method"] == "veto":
            title = assessment.veto_title(part["part"].removeprefix("veto:"))
            loss = brief(-part["lost"]) if part["lost"] else ""
            look = Look("fail", "×", title, veto_text(part, assessment), "", loss, "#waterfall")
            found.append(((0, -part["lost"], 0, 0.0, 0), look))
    lost = lost_by_subject(parts)
    seen: set[tuple[str, str]] = set()
    ordered = sorted(findings, key=lambda row: (_order(row), statements.is_figure(row), row["finding"]))
    for finding in ordered:
        order, key = _order(finding), statements.key(finding)
        if order == _CAN_WAIT or key in seen:
            continue
        seen.add(key)
        statement = statements.of(finding)
        cost = lost.get(finding["source"], Decimal(0))
        look = Look(
            tone=statement.tone,
            icon=assessment.wording.status(finding["status"]).icon,
            title=statements.title(finding),
            text=statement.text,
            cause=statement.cause,
            loss=brief(-cost) if cost else "",
            href="#" + anchor("finding", finding["finding"]),
        )
        place = (order, -cost, SEVERITIES.index(finding["severity"]), -size(statement.value), -finding["records"])
        found.append((place, look))
    return [look for _place, look in sorted(found, key=lambda entry: entry[0])]


def lost_by_subject(parts: Sequence[Row]) -> Mapping[str, Decimal]:
    """Points lost by indicator or rule; what a veto or an aggregate takes is not among them."""
    lost: dict[str, Decimal] = {}
    for part in parts:
        if part["method"] not in ("veto", "aggregate"):
            lost[part["subject"]] = lost.get(part["subject"], Decimal(0)) + part["lost"]
    return lost


def veto_text(part: Row, assessment: Assessment) -> str:
    """Why a veto holds and what it leaves."""
    _ = assessment.language.gettext
    veto = part["part"].removeprefix("veto:")
    for known in (assessment.ruleset.get("score") or {}).get("veto") or ():
        if known["id"] == veto:
            text = _("{share} of the records violate it, more than the {above} allowed; the score is capped at {cap}.")
            above = rate(known.get("above") or 0)
            return text.format(share=rate(part["rate"]), above=above, cap=mark(known["cap"]))
    return _("The veto caps the score.")


def _order(finding: Row) -> int:
    """The order in which kinds of finding are looked at."""
    if finding["reason"] in ABOVE:
        return 1
    if finding["status"] == "error":
        return 2
    if finding["status"] == "fail":
        return 3 if finding["severity"] in ("critical", "major") else 5
    if finding["status"] == "not_submitted":
        return 4
    return 6 if finding["status"] == "needs_review" else _CAN_WAIT
