"""The tables on the page of one group: its units, its indicators, and the rules that found something."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from assess.report import scoring
from assess.report.format import AMOUNTS, NONE, count, minor, points, rate, share
from assess.report.group_sums import GroupSums
from assess.report.heat import by_category
from assess.report.model import Assessment, Group, Row, anchor
from assess.report.sheets import bar_of, change_of, drawn, strip_of
from assess.report.wording import Status, word

_GRAVE = ("fail", "error")
# What says which line of the score cost most.
_OF_LOSS = ("lost", "method", "position", "part", "group", "subject")


@dataclass(frozen=True, slots=True)
class Member:
    """One unit of the group."""

    rank: str
    overall: str
    name: str
    href: str
    score: str
    exact: str
    grade: str
    award: str
    findings: str
    missing: str
    reason: str
    veto: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of the group, beside the level above and the quartiles of its units; `hidden`: too few people."""

    id: str
    title: str
    kind: str
    counts: str
    left_out: str
    rate: str
    above: bool
    higher: str
    difference: str
    target: str
    target_now: str
    bars: Markup
    median: str
    quartiles: str
    previous: str
    change: str
    status: Status
    reason: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule found in the group."""

    id: str
    rule: str
    title: str
    severity: str
    units: str
    violated: str
    applicable: str
    share: str
    points: str
    money: str
    broken: bool


def members(group: Group, assessment: Assessment) -> list[Member]:
    """The units, the best first; equal ranks of the assessment stay equal here."""
    rows = [(assessment.scores.get(unit) or {"rank": None}, unit) for unit in group.units]
    rows.sort(key=lambda entry: (entry[0]["rank"] is None, entry[0]["rank"] or 0, entry[1]))
    ranks = [score["rank"] for score, _unit in rows]
    first = group.level == assessment.levels[0]
    made = []
    for score, unit in rows:
        findings = list(assessment.cells("findings", unit, "status", "reason"))
        lines = assessment.cells("score_parts", unit, *_OF_LOSS)
        worst = scoring.main_loss([dict(zip(_OF_LOSS, line, strict=True)) for line in lines if line[0] > 0])
        veto = bool(score.get("vetoes") not in (None, "[]"))
        head = scoring.header(score, assessment) if score["rank"] is not None or "score" in score else None
        own = (score["group_rank"] if first else ranks.index(score["rank"]) + 1) if score["rank"] is not None else None
        reason = scoring.part_title(worst, assessment) if worst else ""
        if head is not None and veto:
            reason = head.why
        missing = sum(why == "table_not_submitted" for _status, why in findings)
        made.append(
            Member(
                rank=count(own) if own is not None else NONE,
                overall=head.rank if head else "",
                name=assessment.names[unit],
                href="../" + assessment.page(unit),
                score=head.value if head else NONE,
                exact=head.exact if head else "",
                grade=head.grade if head else "",
                award=scoring.award(unit, assessment),
                findings=count(sum(status in _GRAVE for status, _why in findings)),
                missing=count(missing) if missing else "",
                reason=reason,
                veto=veto,
            )
        )
    return made


def indicators(group: Group, higher: Group | None, assessment: Assessment) -> list[tuple[str, list[Line]]]:
    """The indicators of the group by category, beside those of the group above it, or else of all units."""
    own = assessment.of_level.get((group.level, group.name), {})
    above_key = (higher.level, higher.name) if higher else ("all", "all")
    above = assessment.of_level.get(above_key, {})
    shown = [name for name in assessment.indicators if name in own]
    return [
        (category, [_line(own[name], above.get(name), group, above_key, assessment) for name in names])
        for category, names in by_category(assessment, shown)
        if names
    ]


def _line(row: Row, above: Row | None, group: Group, above_key: tuple[str, str], assessment: Assessment) -> Line:
    name, kind, wording = row["indicator"], row["kind"], assessment.wording
    hidden = assessment.is_hidden(group.level, group.name, name)
    spread = assessment.spread.get((group.level, group.name, name))
    if above is not None and (assessment.is_hidden(*above_key, name) or kind in AMOUNTS):
        above = None
    value = row["raw"] if row["above_ceiling"] and (row["raw"] or 0) > (row["ceiling"] or 0) else row["verified"]
    counts = count(row["numerator_verified"])
    if row["denominator_verified"] is not None and kind not in AMOUNTS:
        counts += f" / {count(row['denominator_verified'])}"
    difference = None
    if above is not None and row["verified"] is not None and above["verified"] is not None:
        difference = row["verified"] - above["verified"]
    bar = None if hidden else bar_of(row)
    if hidden:
        spread = None
    peers = strip_of(row, spread, bar, own=False) if kind not in AMOUNTS else None
    compare = not hidden and row["change"] is not None
    return Line(
        id=anchor("indicator", name),
        title=assessment.indicator_title(name),
        kind=word(wording.kinds, kind),
        counts=assessment.hidden_text(row) if hidden else counts,
        left_out=count(row["left_out"]) if row["left_out"] else "",
        rate=NONE if hidden else rate(value, kind),
        above=not hidden and row["above_ceiling"] and value == row["raw"],
        higher=rate(above["verified"], kind) if above is not None else "",
        difference=change_of(difference, kind, assessment) if difference is not None and not hidden else "",
        target=rate(row["target"], kind) if row["target"] is not None and kind not in AMOUNTS else "",
        target_now=rate(row["target_now"], kind)
        if row["target_now"] not in (None, row["target"]) and kind not in AMOUNTS else "",
        bars=drawn(bar if kind not in AMOUNTS else None, peers),
        median=rate(spread["median"], kind) if spread else NONE,
        quartiles=f"{rate(spread['q1'], kind)} – {rate(spread['q3'], kind)}" if spread else "",
        previous=rate(row["previous"], kind) if compare else "",
        change=change_of(row["change"], kind, assessment) if compare else "",
        status=wording.status(row["status"]),
        reason=word(wording.indicator_reasons, row["reason"] or ""),
        hidden=hidden,
    )  # fmt: skip


def rules(group: Group, assessment: Assessment, sums: GroupSums) -> list[RuleLine]:
    """The rules that found something, most points at stake first."""
    key = (group.level, group.name)
    stakes, small = sums.stakes.get(key, {}), sums.small
    rows = []
    for rule, row in sums.rules.get(key, {}).items():
        if not row["violated"] and not row["broken"]:
            continue
        stake = stakes.get(rule)
        gained = stake["points"] if stake else Decimal(0)
        hidden = small.hides(*key, rule)
        cell = {"kind": "share", "numerator": row["violated"], "numerator_verified": row["violated"],
                "denominator": None, "denominator_verified": None}  # fmt: skip
        spec = assessment.rules.get(rule, {})
        line = RuleLine(
            id=anchor("rule", rule),
            rule=rule,
            title=assessment.rule_title(rule),
            severity=word(assessment.wording.severities, spec.get("severity", "major")),
            units=count(row["units"]),
            violated=assessment.hidden_text(cell) if hidden else count(row["violated"]),
            applicable="" if hidden else count(row["applicable"]),
            share="" if hidden else share(row["violated"], row["applicable"]),
            points=f"+{points(gained, 2)}" if gained else "",
            money=minor(stake["amount_minor"], assessment.currency) if stake and stake["amount_minor"] else "",
            broken=row["broken"],
        )
        rows.append((not row["broken"], -gained, -row["units"], -(0 if hidden else row["violated"]), rule, line))
    return [row[-1] for row in sorted(rows, key=lambda row: row[:-1])]
