"""The lines of one unit's score before and after: what each gave, and what about it is another than it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assess.replay.way import Items, Way

Row = Mapping[str, Any]
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class PartSide:
    """One line of a score in one assessment; counts are those of its indicator, where it looks at one."""

    method: str
    status: str
    why: str
    rate: float | None
    target: float | None
    amount: float | None
    numerator: float | None
    denominator: float | None
    points: Decimal
    possible: Decimal
    given: Decimal
    formula: str


@dataclass(frozen=True)
class PartCause:
    """The points that one stage of the way gives or takes; over all stages they add up to the change of the line."""

    kind: str
    step: int | None
    points: Decimal


@dataclass(frozen=True)
class PartChange:
    """One line of a score that differs. `change` is points after less points before.

    `because` names what differs about it: `part_new`, `part_gone`, `method`, `weight` (the points that the ruleset
    states), `redistributed` (points that came from, or went to, parts that cannot be assessed), `status`, `target`,
    `rate`, `amount`.
    """

    part: str
    subject: str
    group: str
    before: PartSide | None
    after: PartSide | None
    change: Decimal
    because: tuple[str, ...]
    causes: tuple[PartCause, ...]


def parts_of(
    unit: str, lines: Sequence[Sequence[Row]], counts: Sequence[Sequence[Row]], items: Items, went: Way
) -> tuple[PartChange, ...]:
    """The lines that give other points, or the same by other rules, in the order of the score.

    `lines` and `counts` have the rows of the unit before and after.
    """
    sides, rows = [], []
    for own, counted in zip(lines, counts, strict=True):
        known = {row["indicator"]: row for row in counted}
        named = {items.name(row["part"], row["subject"], row["method"]): row for row in own}
        rows.append(named)
        sides.append({name: _side(row, known.get(row["subject"], {})) for name, row in named.items()})
    found = []
    for name in dict.fromkeys([*sides[1], *sides[0]]):
        before, after = (side.get(name) for side in sides)
        if before == after:
            continue
        change = (after.given if after else _NOTHING) - (before.given if before else _NOTHING)
        because = tuple(_because(before, after))
        causes = tuple(
            PartCause(stage.kind, stage.step, points)
            for stage in went.stages
            if (points := stage.parts.get((unit, name), _NOTHING))
        )
        if not change and not causes and not set(because) - {"rate", "amount"}:
            continue  # it gives the same for another rate
        row = rows[1].get(name) or rows[0][name]
        found.append(PartChange(row["part"], row["subject"], row["group"], before, after, change, because, causes))
    return tuple(found)


def _side(row: Row, counted: Row) -> PartSide:
    return PartSide(
        row["method"], row["status"], row["why"], row["rate"], row["target"], row["amount"],
        counted.get("numerator_verified"), counted.get("denominator_verified"), row["points"], row["possible"],
        row["given"], row["formula"],
    )  # fmt: skip


def _because(before: PartSide | None, after: PartSide | None) -> Iterator[str]:
    if before is None or after is None:
        yield "part_new" if before is None else "part_gone"
        return
    if before.method != after.method:
        yield "method"
    if before.points != after.points:
        yield "weight"
    if (before.rate is None) != (after.rate is None) and before.status != after.status:
        yield "status"
    elif before.points == after.points and before.possible != after.possible:
        yield "redistributed"
    if before.target != after.target:
        yield "target"
    if None not in (before.rate, after.rate) and before.rate != after.rate:
        yield "rate"
    if before.rate is None and after.rate is None and before.amount != after.amount:
        yield "amount"
