"""What a comparison of two assessments holds, as data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from assess.errors import Problem, UsageError, did_you_mean
from assess.replay.matched import CHANGES, FindingChange
from assess.replay.parts import PartChange
from assess.results import SEVERITIES


@dataclass(frozen=True)
class Identity:
    """Which assessment it is: ruleset, day, and digest of what was submitted."""

    ruleset: str
    version: str
    as_of: str | None
    units: int
    ranked: int
    inputs_sha256: str
    product: str
    currency: str | None
    pool_minor: int | None
    awarded_minor: int | None
    refused: str | None


@dataclass(frozen=True)
class Standing:
    """What a unit has in one assessment. `group_rank` is that within `group`; points as the table has them."""

    group: str | None
    score: Decimal | None
    max: Decimal | None
    grade: str | None
    rank: int | None
    group_rank: int | None
    amount_minor: int | None
    why: str | None


@dataclass(frozen=True)
class Cause:
    """What one stage of the way does to a unit; over all stages points and minor units add up to the change.

    Points are none where one of the two assessments has no score for the unit.
    """

    kind: str
    step: int | None
    points: Decimal | None
    amount_minor: int | None


@dataclass(frozen=True)
class PoolChange:
    """What a unit brought to one pool and got of it, before and after; None: it had no part in it."""

    pool: str
    basis: tuple[float | None, float | None]
    coefficient: tuple[float | None, float | None]
    share: tuple[float | None, float | None]
    amount_minor: tuple[int | None, int | None]


@dataclass(frozen=True)
class UnitChange:
    """One unit before and after. `change` is `both`, `new` or `gone`; `parts` are those lines of the score that differ.

    `findings` counts what became of its findings.
    """

    unit: str
    name: str
    change: str
    before: Standing | None
    after: Standing | None
    points: Decimal | None
    amount_minor: int | None
    causes: tuple[Cause, ...]
    parts: tuple[PartChange, ...]
    pools: tuple[PoolChange, ...]
    findings: Mapping[str, int]

    @property
    def differs(self) -> bool:
        """Whether score, grade, rank or money are others than before."""
        return self.before != self.after or bool(self.parts)


@dataclass(frozen=True)
class RuleChange:
    """What became of the findings of one rule, indicator, or the intake; records are those of the findings."""

    source: str
    severity: str
    findings: Mapping[str, int]
    units: tuple[int, int]
    records: tuple[int, int]


@dataclass(frozen=True)
class StageSaid:
    """One stage of the way: the units that it moves, their points in sum, and what some of them gain of others."""

    kind: str
    step: int | None
    said: tuple[str, ...]
    units: int
    points: Decimal
    moved_minor: int


@dataclass(frozen=True)
class LevelRate:
    """The verified rate of an indicator over a level, or over all units, before and after."""

    level: str
    unit: str
    indicator: str
    verified: tuple[float | None, float | None]
    target_now: tuple[float | None, float | None]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two assessments. `notes` say what stands in the way of comparing them.

    `selected` names the units that it is limited to; none: all.
    """

    old: Identity
    new: Identity
    notes: tuple[str, ...]
    ruleset: tuple[str, ...]
    hinders: tuple[str, ...]
    stages: tuple[StageSaid, ...]
    units: tuple[UnitChange, ...]
    rules: tuple[RuleChange, ...]
    findings: tuple[FindingChange, ...]
    rates: tuple[LevelRate, ...]
    selected: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many findings are new, persist, are resolved, or were not looked at again."""
        return counted(self.findings)

    def new_faults(self) -> str | None:
        """The gravest severity among findings that are faults and were none before, or none."""
        found = {each.after.severity for each in self.findings if each.becomes_fault and each.after}
        return next((severity for severity in SEVERITIES if severity in found), None)

    def only(self, units: Collection[str]) -> Comparison:
        """The same, of these units alone; UsageError when one of them is in neither assessment."""
        known = [each.unit for each in self.units]
        if unknown := [unit for unit in units if unit not in known]:
            raise UsageError(
                Problem("", 0, 0, "RP002", f"there is no unit {unit!r}", did_you_mean(unit, known)) for unit in unknown
            )
        kept = tuple(each for each in self.findings if each.unit in units)
        own = tuple(each for each in self.units if each.unit in units)
        return replace(self, units=own, findings=kept, rules=rules_of(kept), selected=tuple(units))

    def data(self) -> dict[str, Any]:
        """As plain data, points as text."""
        return {"counts": self.counts, **_plain(self)}


def counted(found: Sequence[FindingChange]) -> dict[str, int]:
    """How many findings there are of each change."""
    counts = Counter(each.change for each in found)
    return {change: counts[change] for change in CHANGES}


def rules_of(found: Sequence[FindingChange]) -> tuple[RuleChange, ...]:
    """The findings by rule or indicator, those with most new ones first."""
    by_source: dict[str, list[FindingChange]] = defaultdict(list)
    for each in found:
        by_source[each.source].append(each)
    made = []
    for source, own in by_source.items():
        severity = min((seen.severity for each in own for seen in (each.before, each.after) if seen),
                       key=SEVERITIES.index)  # fmt: skip
        sides = [[each for each in own if each.before], [each for each in own if each.after]]
        units = tuple(len({each.unit for each in side}) for side in sides)
        records = (sum(each.before.records for each in own if each.before),
                   sum(each.after.records for each in own if each.after))  # fmt: skip
        made.append(RuleChange(source, severity, counted(own), (units[0], units[1]), records))
    return tuple(sorted(made, key=lambda rule: (-rule.findings["new"], SEVERITIES.index(rule.severity), rule.source)))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value
