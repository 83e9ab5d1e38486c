"""Two assessments held against each other: findings, and every score, rank, grade and award that changed, with why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from assess.replay.comparison import (
    Cause,
    Comparison,
    Identity,
    LevelRate,
    PoolChange,
    StageSaid,
    Standing,
    UnitChange,
    counted,
    rules_of,
)
from assess.replay.kept import Kept
from assess.replay.matched import FindingChange, matched
from assess.replay.parts import PartChange, parts_of
from assess.replay.way import Items, Way, way

Row = Mapping[str, Any]


def compare(old: Kept, new: Kept) -> Comparison:
    """Hold `new` against `old`. Units whose score changes most come first, those that are new or gone last."""
    found = matched(old, new)
    items = Items(old.tables, new.tables)
    went = way(old, new, items)
    return Comparison(
        _identity(old), _identity(new), tuple(_notes(old, new)), went.said, went.hinders,
        tuple(_stages_said(went, set(_names(old)) & set(_names(new)))), _units(old, new, items, went, found),
        rules_of(found), tuple(found), _rates(old, new),
    )  # fmt: skip


def _identity(kept: Kept) -> Identity:
    manifest = kept.manifest
    money = manifest.get("allocation") or {}
    ranked = kept.tables["scores"]["rank"].count()
    return Identity(
        kept.ruleset.ruleset, str(kept.ruleset.version), (manifest.get("period") or {}).get("as_of"),
        kept.tables["units"].height, ranked, str(manifest.get("inputs_sha256", "")),
        str((manifest.get("product") or {}).get("version", "")), money.get("currency"), money.get("pool_minor"),
        money.get("awarded_minor"), money.get("refused"),
    )  # fmt: skip


def _notes(old: Kept, new: Kept) -> Iterator[str]:
    """What a reader must know before he trusts a comparison, as codes."""
    one, two = _identity(old), _identity(new)
    if one.ruleset != two.ruleset:
        yield "other_ruleset"
    if one.as_of and two.as_of and one.as_of > two.as_of:
        yield "new_is_earlier"
    if one.inputs_sha256 == two.inputs_sha256:
        yield "same_inputs"
    if one.product != two.product:
        yield "other_version"
    if one.currency and two.currency and one.currency != two.currency:
        yield "other_currency"
    if not set(old.tables["units"]["unit"]) & set(new.tables["units"]["unit"]):
        yield "no_common_units"


def _stages_said(went: Way, both: Collection[str]) -> Iterator[StageSaid]:
    """The stages as they move the units that are in both assessments."""
    for stage in went.stages:
        points = [gained for unit, gained in stage.points.items() if unit in both]
        minor = [moved for unit, moved in stage.minor.items() if unit in both]
        units = {unit for unit in (*stage.points, *stage.minor, *(unit for unit, _ in stage.parts)) if unit in both}
        if units or stage.kind != "engine":
            moved = sum(max(0, each) for each in minor)
            yield StageSaid(stage.kind, stage.step, stage.said, len(units), sum(points, Decimal(0)), moved)


def _units(old: Kept, new: Kept, items: Items, went: Way, found: Sequence[FindingChange]) -> tuple[UnitChange, ...]:
    stands = _standings(old), _standings(new)
    lines = [_by_unit(kept, "score_parts") for kept in (old, new)]
    counts = [_by_unit(kept, "indicators") for kept in (old, new)]
    pools = [_by_unit(kept, "pool_awards") for kept in (old, new)]
    names = {**_names(old), **_names(new)}
    theirs: dict[str, list[FindingChange]] = defaultdict(list)
    for each in found:
        theirs[each.unit or ""].append(each)
    made = []
    for unit in names:
        before, after = (side.get(unit) for side in stands)
        change = "both" if before and after else "new" if after else "gone"
        gained, moved = None, None
        if before and after:
            gained = None if before.score is None or after.score is None else after.score - before.score
            if before.amount_minor is not None and after.amount_minor is not None:
                moved = after.amount_minor - before.amount_minor
        causes = tuple(_causes(unit, went, gained, moved)) if change == "both" else ()
        parts: tuple[PartChange, ...] = ()
        if change == "both":
            parts = parts_of(unit, [side.get(unit, []) for side in lines], [side.get(unit, []) for side in counts],
                             items, went)  # fmt: skip
        shares = tuple(_pools(*(side.get(unit, []) for side in pools))) if moved else ()
        made.append(
            UnitChange(unit, names[unit], change, before, after, gained, moved, causes, parts, shares,
                       counted(theirs[unit]))
        )  # fmt: skip
    return tuple(sorted(made, key=_by_weight))


def _causes(unit: str, went: Way, gained: Decimal | None, moved: int | None) -> Iterator[Cause]:
    for stage in went.stages:
        points, minor = stage.points.get(unit, Decimal(0)), stage.minor.get(unit, 0)
        if points or minor:
            yield Cause(stage.kind, stage.step, None if gained is None else points, None if moved is None else minor)


def _by_weight(each: UnitChange) -> tuple[Any, ...]:
    return each.change != "both", -abs(each.points or Decimal(0)), -abs(each.amount_minor or 0), each.unit


def _standings(kept: Kept) -> dict[str, Standing]:
    scores = {row["unit"]: row for row in kept.tables["scores"].iter_rows(named=True)}
    minor = dict(kept.tables["awards"].select("unit", "amount_minor").iter_rows())
    columns = ("score", "max", "grade", "rank", "group_rank")
    found = {}
    for unit, group in kept.tables["units"].select("unit", "group").iter_rows():
        row = scores.get(unit, {})
        score, full, grade, rank, group_rank = (row.get(name) for name in columns)
        found[unit] = Standing(group, score, full, grade, rank, group_rank, minor.get(unit), row.get("why"))
    return found


def _by_unit(kept: Kept, table: str) -> dict[str, list[dict[str, Any]]]:
    frame = kept.tables[table]
    if table == "indicators":
        frame = frame.filter(pl.col("level") == "unit").select(
            "unit", "indicator", "numerator_verified", "denominator_verified"
        )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[row["unit"]].append(row)
    return found


def _names(kept: Kept) -> dict[str, str]:
    return dict(kept.tables["units"].select("unit", "name").iter_rows())


def _pools(before: Sequence[Row], after: Sequence[Row]) -> Iterator[PoolChange]:
    one, two = ({row["pool"]: row for row in rows} for rows in (before, after))
    for pool in dict.fromkeys([*two, *one]):
        sides = [side.get(pool, {}) for side in (one, two)]
        basis, coefficient, share, minor = (
            (sides[0].get(name), sides[1].get(name)) for name in ("basis", "coefficient", "share", "amount_minor")
        )
        yield PoolChange(pool, basis, coefficient, share, minor)


def _rates(old: Kept, new: Kept) -> tuple[LevelRate, ...]:
    columns = ("level", "unit", "indicator", "verified", "target_now")
    sides = [
        {tuple(row[:3]): row[3:] for row in
         kept.tables["indicators"].filter(pl.col("level") != "unit").select(columns).iter_rows()}
        for kept in (old, new)
    ]  # fmt: skip
    none = (None, None)
    return tuple(
        LevelRate(key[0], key[1], key[2], *zip(sides[0].get(key, none), sides[1].get(key, none), strict=True))
        for key in sorted(sides[0].keys() | sides[1].keys())
    )  # fmt: skip
