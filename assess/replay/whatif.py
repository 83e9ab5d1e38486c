"""What one unit would gain if the records that violate some rules were put right, and everybody else stayed as now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assess.allocation import allocate
from assess.conclude.remedies import Mending
from assess.conclude.scored import points
from assess.errors import Problem, UsageError, did_you_mean
from assess.replay.kept import Kept
from assess.replay.rescore import rescore
from assess.scores import Scored


@dataclass(frozen=True)
class Change:
    """One part of the score, before and after: points, and the rate where it has one."""

    part: str
    subject: str
    rate: tuple[float | None, float | None]
    given: tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Prospect:
    """A unit now and after: score, grade and money in minor units; `parts` are those that change."""

    unit: str
    rules: tuple[str, ...]
    records: int
    score: tuple[Decimal | None, Decimal | None]
    grade: tuple[str | None, str | None]
    amount_minor: tuple[int | None, int | None]
    parts: tuple[Change, ...]

    def data(self) -> dict[str, Any]:
        """As plain data, points as text."""
        return {
            "unit": self.unit,
            "rules": list(self.rules),
            "records": self.records,
            "score": [None if each is None else str(each) for each in self.score],
            "grade": list(self.grade),
            "amount_minor": list(self.amount_minor),
            "parts": [
                {"part": change.part, "subject": change.subject, "rate": list(change.rate),
                 "given": [None if each is None else str(each) for each in change.given]}
                for change in self.parts
            ],
        }  # fmt: skip


def whatif(kept: Kept, unit: str, rules: Sequence[str]) -> Prospect:
    """The prospect of `unit` if `rules` were mended (none named: all of them); pools are split anew, exactly.

    Raises UsageError for a unit or rule that is not there, and where nothing is scored.
    """
    again = rescore(kept, kept.ruleset)
    scoring, awarding = again.concluded.scoring, again.concluded.awarding
    if scoring is None:
        raise UsageError(Problem(str(kept.path), 0, 0, "RP002", "the ruleset gives no score to be changed"))
    units = scoring.units["unit"].to_list()
    if unit not in units:
        raise UsageError(
            Problem(str(kept.path), 0, 0, "RP002", f"there is no unit {unit!r}", did_you_mean(unit, units))
        )
    mending = Mending(again.tables, scoring)
    checked = [rule.id for rule in kept.ruleset.checks]
    if unknown := [rule for rule in rules if rule not in checked]:
        raise UsageError(
            [Problem(str(kept.path), 0, 0, "RP002", f"there is no rule {rule!r}", did_you_mean(rule, checked))
             for rule in unknown]
        )  # fmt: skip
    case = mending.of_unit(unit, rules or None)
    now = scoring.of(unit)
    after = mending.scored(case) if not case.is_empty() else now
    money: tuple[int | None, int | None] = (None, None)
    if awarding is not None:
        claims = {**awarding.claims, unit: awarding.claim(unit, after)}
        made = allocate(awarding.spec, list(claims.values()))
        money = (awarding.minor[unit], next(award.minor for award in made.awards if award.unit == unit))
    return Prospect(
        unit=unit,
        rules=tuple(rules) or tuple(case["rule"]),
        records=int(case["violated"].sum()),
        score=(points(now.score), points(after.score)),
        grade=(now.grade, after.grade),
        amount_minor=money,
        parts=tuple(_changes(now, after)),
    )


def _changes(now: Scored, after: Scored) -> list[Change]:
    before = {part.part: part for part in now.parts}
    later = {part.part: part for part in after.parts}
    return [
        Change(
            name,
            (later.get(name) or before[name]).subject,
            (before[name].rate if name in before else None, later[name].rate if name in later else None),
            (
                points(before[name].given) if name in before else None,
                points(later[name].given) if name in later else None,
            ),
        )
        for name in dict.fromkeys([*before, *later])
        if before.get(name) != later.get(name)
    ]
