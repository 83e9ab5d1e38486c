"""What another ruleset would change for whom, and which of its changes does it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assess.replay.changes import steps
from assess.replay.kept import Kept
from assess.replay.rescore import Rescored, rescore
from assess.ruleset.spec import Ruleset


@dataclass(frozen=True)
class Standing:
    """What a unit has under one ruleset: score, grade, rank, and money in minor units."""

    score: Decimal | None
    grade: str | None
    rank: int | None
    amount_minor: int | None


@dataclass(frozen=True)
class Cause:
    """What one step of the way from the old ruleset to the new does to a unit; points and minor units add up."""

    step: int
    points: Decimal | None
    amount_minor: int | None
    grade: tuple[str | None, str | None]


@dataclass(frozen=True)
class Affected:
    """A unit that stands otherwise under the new ruleset, and by which steps."""

    unit: str
    name: str
    before: Standing
    after: Standing
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Changed:
    """One step: what it changes in the ruleset, for how many units, and how much it moves in all."""

    names: tuple[str, ...]
    said: tuple[str, ...]
    units: int
    grades: int
    moved_minor: int


@dataclass(frozen=True)
class Impact:
    """Everything that differs between two rulesets on the same counts."""

    steps: tuple[Changed, ...]
    units: tuple[Affected, ...]
    of: int

    def data(self) -> dict[str, Any]:
        """As plain data, points as text."""
        return {
            "units": self.of,
            "changed": len(self.units),
            "steps": [
                {"changes": list(step.said or step.names), "units": step.units, "grades": step.grades,
                 "moved_minor": step.moved_minor}
                for step in self.steps
            ],
            "affected": [
                {
                    "unit": each.unit,
                    "name": each.name,
                    "before": _data(each.before),
                    "after": _data(each.after),
                    "causes": [
                        {"step": cause.step, "points": _text(cause.points), "amount_minor": cause.amount_minor,
                         "grade": list(cause.grade)}
                        for cause in each.causes
                    ],
                }
                for each in self.units
            ],
        }  # fmt: skip


def impact(kept: Kept, old: Ruleset, new: Ruleset) -> Impact:
    """The way from `old` to `new` in steps, each scored on what `kept` counted.

    The steps follow on each other, so that what they do to a unit adds up to what changes for it; the same change may
    do more or less at another place of the order.
    """
    way = list(steps(old, new))
    stands = [_standings(rescore(kept, ruleset)) for ruleset in (old, *(step.ruleset for step in way))]
    names = dict(kept.tables["units"].select("unit", "name").iter_rows())
    changed = [_changed(step.names, step.said, *stands[place : place + 2]) for place, step in enumerate(way)]
    affected = [
        Affected(unit, names.get(unit, unit), before, stands[-1][unit], tuple(_causes(unit, stands)))
        for unit, before in stands[0].items()
        if before != stands[-1][unit]
    ]
    order = sorted(affected, key=lambda each: (-abs(_money(each.after) - _money(each.before)), each.unit))
    return Impact(tuple(changed), tuple(order), len(stands[0]))


def _standings(made: Rescored) -> dict[str, Standing]:
    scores = {row["unit"]: row for row in made.tables["scores"].iter_rows(named=True)}
    minor = made.concluded.awarding.minor if made.concluded.awarding is not None else {}
    found = {}
    for unit in made.tables["units"]["unit"]:
        row = scores.get(unit, {"score": None, "grade": None, "rank": None})
        found[unit] = Standing(row["score"], row["grade"], row["rank"], minor.get(unit))
    return found


def _changed(
    names: tuple[str, ...], said: tuple[str, ...], before: dict[str, Standing], after: dict[str, Standing]
) -> Changed:
    units = [unit for unit in before if before[unit] != after[unit]]
    grades = sum(before[unit].grade != after[unit].grade for unit in units)
    moved = sum(max(0, _money(after[unit]) - _money(before[unit])) for unit in units)
    return Changed(names, said, len(units), grades, moved)


def _causes(unit: str, stands: Sequence[dict[str, Standing]]) -> list[Cause]:
    found = []
    for number, (before, after) in enumerate(itertools.pairwise(stands), start=1):
        one, two = before[unit], after[unit]
        if one == two:
            continue
        moved = _money(two) - _money(one) if two.amount_minor is not None else None
        gained = None if one.score is None or two.score is None else two.score - one.score
        found.append(Cause(number, gained, moved, (one.grade, two.grade)))
    return found


def _money(standing: Standing) -> int:
    return standing.amount_minor or 0


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _data(standing: Standing) -> dict[str, Any]:
    return {"score": _text(standing.score), "grade": standing.grade, "rank": standing.rank,
            "amount_minor": standing.amount_minor}  # fmt: skip
