"""Who stands where in a league, now and in the bulletin before: units by their ranks, groups by their mean scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from assess.report.format import NONE


@dataclass(frozen=True, slots=True)
class Member:
    """A unit now and before; `gone` when it is assessed no more, and then `group` is that of before."""

    unit: str
    name: str
    group: str | None
    gone: bool
    known_before: bool
    score: Decimal | None
    score_before: Decimal | None
    group_before: str | None
    grade: str | None
    rank: int | None
    rank_before: int | None
    group_rank: int | None
    group_rank_before: int | None
    minor: int | None

    @property
    def gained(self) -> Decimal | None:
        """Points more than before."""
        return None if self.score is None or self.score_before is None else self.score - self.score_before


@dataclass(frozen=True, slots=True)
class Group:
    """The mean score of a group's units that have one, exactly, and its place; equal means share a place."""

    ranked: int
    mean: Fraction | None
    mean_before: Fraction | None
    rank: int | None
    rank_before: int | None

    @property
    def gained(self) -> Fraction | None:
        """Points more than before, on average."""
        return None if self.mean is None or self.mean_before is None else self.mean - self.mean_before


def members_of(tables: Mapping[str, pl.DataFrame], data: Mapping[str, Any] | None) -> dict[str, Member]:
    """Every unit of the assessment, and those that are gone since the one that `data` compares it with."""
    before = {each["unit"]: each for each in (data["units"] if data else ())}
    scores = {row["unit"]: row for row in tables["scores"].iter_rows(named=True)}
    minor = dict(tables["awards"].select("unit", "amount_minor").iter_rows())
    found = {}
    for unit, name, group in tables["units"].select("unit", "name", "group").iter_rows():
        was = (before.get(unit) or {}).get("before")
        found[unit] = _member(
            unit, name, group, scores.get(unit, {}), was or {}, minor.get(unit), known=was is not None
        )
    for unit, each in before.items():
        if unit not in found and each["before"]:
            found[unit] = _member(unit, each["name"], each["before"]["group"], {}, each["before"], None, known=True,
                                  gone=True)  # fmt: skip
    return found


def _member(
    unit: str, name: str, group: str | None, score: Mapping[str, Any], was: Mapping[str, Any], minor: int | None, *,
    known: bool, gone: bool = False,
) -> Member:  # fmt: skip
    before = was.get("score")
    return Member(
        unit, name, group, gone, known, score.get("score"), Decimal(before) if before is not None else None,
        was.get("group"), score.get("grade"), score.get("rank"), was.get("rank"), score.get("group_rank"),
        was.get("group_rank"), minor,
    )  # fmt: skip


def ranked(members: Iterable[Member]) -> list[Member]:
    """By rank; those without one come last."""
    return sorted(members, key=lambda member: (member.rank is None, member.rank or 0, member.unit))


def groups_of(members: Mapping[str, Member], *, whole: bool = False) -> dict[str, Group]:
    """Group to its mean score and place, now and before; `whole`: all units as one group, without a place."""
    now: dict[str, list[Decimal]] = {}
    then: dict[str, list[Decimal]] = {}
    for member in members.values():
        if not member.gone:
            own = now.setdefault("" if whole else member.group or "", [])
            if member.score is not None:
                own.append(member.score)
        if member.score_before is not None:
            then.setdefault("" if whole else member.group_before or "", []).append(member.score_before)
    means = {group: _mean(scores) for group, scores in now.items()}
    before = {group: _mean(scores) for group, scores in then.items()}
    places, earlier = ({}, {}) if whole else (_places(means), _places(before))
    return {
        group: Group(len(scores), means[group], before.get(group), places.get(group), earlier.get(group))
        for group, scores in now.items()
    }


def _mean(scores: list[Decimal]) -> Fraction | None:
    return sum((Fraction(score) for score in scores), Fraction(0)) / len(scores) if scores else None


def _places(means: Mapping[str, Fraction | None]) -> dict[str, int]:
    known = {group: mean for group, mean in means.items() if mean is not None and group}
    return {group: 1 + sum(other > mean for other in known.values()) for group, mean in known.items()}


def moved(before: int | None, after: int | None) -> str:
    """By how many places a rank rose (▲) or fell (▼)."""
    if before is None or after is None:
        return NONE
    gained = before - after
    return f"▲ {gained:,}" if gained > 0 else f"▼ {-gained:,}" if gained else "–"
