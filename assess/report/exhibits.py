"""What must be looked at first: figures that cannot be true, contradictions, and what is to be verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assess.report.format import number, size
from assess.report.model import Assessment, Row, anchor, read_json
from assess.report.small_cells import OF_PEOPLE
from assess.report.statements import ABOVE, Statement, Statements
from assess.results import SEVERITIES

_ORDER = {severity: place for place, severity in enumerate(SEVERITIES)}
IMPOSSIBLE, CONTRADICTED, REVIEW = "impossible", "contradicted", "review"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One figure of one unit with everything that is said against it, the gravest first."""

    unit: str
    title: str
    group: str
    value: str
    tone: str
    texts: tuple[str, ...]
    cause: str
    href: str


def about_figures(findings: Iterable[Row], statements: Statements) -> list[Row]:
    """The findings that are about a figure, not about records or files."""
    rules = statements.assessment.rules
    return [
        finding
        for finding in findings
        if finding["reason"] != "broken_rule"
        and finding["source"] != "intake"
        and (statements.is_figure(finding) or statements.is_profile(finding) or finding["source"] not in rules)
    ]


def group_of(finding: Row, statements: Statements) -> str | None:
    """Which exhibit a finding belongs to, or none: it is then no doubt about a figure."""
    if finding["status"] == "needs_review":
        return REVIEW
    if finding["reason"] in ABOVE:
        return IMPOSSIBLE
    return CONTRADICTED if statements.contradicts(finding) else None


def by_title(entries: Sequence[Exhibit]) -> list[tuple[str, int]]:
    """How many exhibits there are of each figure, the most frequent first."""
    return sorted(Counter(entry.title for entry in entries).items(), key=lambda entry: (-entry[1], entry[0]))


def of_few(finding: Row, statements: Statements) -> bool:
    """Whether an indicator's finding rests on so few people that a page of many units must not say how many."""
    assessment = statements.assessment
    spec = assessment.indicators.get(finding["source"], {})
    if statements.is_figure(finding) or spec.get("kind") not in OF_PEOPLE:
        return False
    numbers = read_json(finding["numbers"])
    counts = (number(numbers.get(name)) for name in ("numerator", "numerator_verified", "denominator"))
    return any(0 < amount < assessment.min_cell for amount in counts if amount is not None)


def exhibits(findings: Iterable[Row], statements: Statements) -> dict[str, list[Exhibit]]:
    """Exhibits by group. All findings about one figure come together under the gravest of them."""
    order = [IMPOSSIBLE, CONTRADICTED, REVIEW]
    figures: dict[tuple[str, str], list[tuple[int, int, int, Row]]] = {}
    for finding in about_figures(findings, statements):
        group = group_of(finding, statements)
        if group is not None:
            # An indicator knows what was counted, so it speaks before the rule on the printed figure.
            entry = (order.index(group), _ORDER[finding["severity"]], int(statements.is_figure(finding)), finding)
            figures.setdefault(statements.key(finding), []).append(entry)
    found: dict[str, list[tuple[float, Exhibit]]] = {group: [] for group in order}
    for (unit, _name), entries in figures.items():
        entries.sort(key=lambda entry: (*entry[:3], entry[3]["finding"]))
        said = [statements.of(finding) for *_ignored, finding in entries]
        first = entries[0][3]
        if any(of_few(finding, statements) for *_ignored, finding in entries):
            said = [_withheld(said[0], statements.assessment)]
        exhibit = Exhibit(
            unit=unit,
            title=statements.title(first),
            group=order[entries[0][0]],
            value=next((statement.value for statement in said if statement.value), ""),
            tone="review" if order[entries[0][0]] == REVIEW else "fail",
            texts=tuple(dict.fromkeys(statement.text for statement in _without_echo(said, entries))),
            cause=next((statement.cause for statement in said if statement.cause), ""),
            href=f"{statements.assessment.page(unit)}#{anchor('finding', first['finding'])}" if unit else "",
        )
        found[exhibit.group].append((size(exhibit.value), exhibit))
    return {
        group: [
            exhibit for _place, exhibit in sorted(entries, key=lambda entry: (-entry[0], entry[1].unit, entry[1].title))
        ]
        for group, entries in found.items()
    }


def _withheld(statement: Statement, assessment: Assessment) -> Statement:
    """A statement without its figures, which the unit's own page has."""
    text = assessment.language.gettext("Fewer than {least} people stand behind it: the figures are on the unit's page.")
    return replace(statement, value="", text=text.format(least=assessment.min_cell))


def _without_echo(said: list[Statement], entries: list[tuple[int, int, int, Row]]) -> list[Statement]:
    """The findings of an indicator and of the rule on its reported figure repeat each other: one is enough."""
    kept, above = [], False
    for statement, (*_place, finding) in zip(said, entries, strict=False):
        if above and finding["reason"] in (*ABOVE, "reported_differs"):
            continue
        above = above or finding["reason"] in ABOVE
        kept.append(statement)
    return kept
