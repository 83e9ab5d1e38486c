"""What can be read of a ruleset that has mistakes, so that one of them does not hide the others."""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from assess.allocation import Allocation, Pool
from assess.errors import did_you_mean
from assess.indicators import Indicator, Period
from assess.ruleset.lint import Issue, Parts
from assess.ruleset.located import Path_
from assess.ruleset.spec import Reported, Rule, Ruleset, Unit, View
from assess.ruleset.views import Shape, ViewError, shape
from assess.scores import AnyPart, Grade, Marks, Ranking, Veto, shape_faults, walk
from assess.tables import Table
from assess.texts import Text

# Stands for a required value that is missing or wrong; none of these is ever looked up.
_STAND_INS: dict[str, Any] = {
    "id": "unnamed",
    "title": "-",
    "type": "text",
    "kind": "count",
    "points": 1,
    "cap": 0,
    "min": 0,
    "check": "parses",
    "method": "proportional",
    "every": 1,
    "costs": 1,
    "each": 1,
    "bands": [{"from": 0, "share": 1}],
}
# The same for allocations and their pools, where the same keys mean something else.
_OF_POOLS: dict[str, Any] = {
    "id": "unnamed",
    "pool": 1,
    "basis": {"sum": 0},
    "coefficient": {"method": "none"},
    "method": "none",
    "prepaid": {"sum": 0},
    "negative": "carry",
}
# What cannot be left out of its mapping without a mistake of its own: the mapping goes with it.
_ONE_OF = frozenset(("sum", "indicator", "score", "amount", "share"))
_ROUNDS = 6


def parameters(data: dict[str, Any]) -> dict[str, Any]:
    """What expressions may refer to; a value that cannot be used is stood in for, for its name is declared."""
    declared = data.get("parameters")
    values = {
        name: value if isinstance(value, bool | int | str | dt.date) or _finite(value) else 1
        for name, value in (declared if isinstance(declared, dict) else {}).items()
    }
    if "period" not in data:
        return values
    try:
        period = Period.model_validate(data["period"])
    except ValidationError:
        period = Period(start=dt.date.min, end=dt.date.max)
    return {**values, "period_start": period.start, "period_end": period.end, "as_of": period.until}


def _finite(value: Any) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def parts(data: dict[str, Any], context: dict[str, Any], whole: Ruleset | None = None) -> Parts:
    """Every part of the ruleset that validates, if need be without what is wrong in it.

    Where the ruleset validated as a `whole`, the parts are taken from it.
    """

    uncovered: list[ErrorDetails] = []

    def model_of(kind: Any, entry: Any, at: Path_) -> Any:
        if whole is not None:
            return _part_at(whole, at)
        model, hidden = _salvaged(kind, entry, context)
        uncovered.extend({**fault, "loc": (*at, *fault["loc"])} for fault in hidden)
        return model

    def each(kind: Any, *path: str) -> Iterator[tuple[Path_, Any]]:
        inner: Any = data
        for key in path:
            inner = inner.get(key) if isinstance(inner, dict) else None
        pairs = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
        for step, value in pairs:
            if (model := model_of(kind, value, (*path, step))) is not None:
                yield (*path, step), model

    def one(kind: Any, *path: str) -> Any:
        within: Any = data
        for key in path:
            within = within.get(key) if isinstance(within, dict) else None
        if within is None:
            return None
        return _part_at(whole, path) if whole is not None else _salvaged(kind, within, context)[0]

    score = _inside(data, "score")

    def scored() -> Iterator[tuple[Path_, Any]]:
        for below, entry in walk(score.get("parts")):
            at: Path_ = ("score", *below)
            if "group" not in entry and (model := model_of(AnyPart, entry, at)) is not None:
                yield at, model

    tables = data.get("tables")
    declared = data.get("parameters")
    models: dict[str, Table] = {str(path[-1]): table for path, table in each(Table, "tables")}
    unit = one(Unit, "unit")
    views: dict[str, View] = {str(path[-1]): view for path, view in each(View, "views")}
    seen, faults, judged = _views(_inside(data, "views"), views, models, unit)
    if whole is not None:
        allocation, pools = whole.allocation, _placed(whole.allocation)
    else:
        allocation, pools, hidden = _allocation(data.get("allocation"), context)
        uncovered += hidden
    left = Parts(
        tables=models,
        views=views,
        view_columns=seen,
        view_faults=tuple(faults),
        judged_views=frozenset(judged),
        columns={name: tuple(_inside(table, "columns")) for name, table in tables.items()}
        if isinstance(tables, dict)
        else None,
        unit=unit,
        given=tuple(name for name in ("period_start", "period_end", "as_of") if name in _inside(data, "parameters"))
        if isinstance(declared, dict) and "period" in data
        else (),
        rules=list(each(Rule, "checks")),
        rule_ids=_ids("checks", data.get("checks")),
        indicators=list(each(Indicator, "indicators")),
        indicator_ids=_ids("indicators", data.get("indicators")),
        reported=one(Reported, "reported"),
        has_reported=data.get("reported") is not None,
        score_parts=list(scored()),
        part_names=_part_names(score),
        shape=tuple((("score", *fault.path), fault) for fault in shape_faults(score)),
        grades=list(each(Grade, "score", "grades")),
        ranking=one(Ranking, "score", "ranking"),
        marks=one(Marks, "score", "marks"),
        has_marks=score.get("marks") is not None,
        vetoes=list(each(Veto, "score", "veto")),
        veto_ids=_ids("score", "veto", score.get("veto")),
        grade_ids=_ids("score", "grades", score.get("grades")),
        allocation=allocation,
        has_score=data.get("score") is not None,
        pools=pools,
        pool_ids=_ids("allocation", "pools", _inside(data, "allocation").get("pools")),
        head=_head(context),
    )
    return replace(left, uncovered=tuple(uncovered))


def _part_at(whole: Ruleset, path: Path_) -> Any:
    """What stands at a path of a ruleset that validated."""
    found: Any = whole
    for step in path:
        found = getattr(found, str(step)) if isinstance(found, BaseModel) else found[step]
    return found


def _placed(allocation: Allocation | None) -> list[tuple[Path_, Pool]]:
    """The pools with their paths."""
    return [(("allocation", *place), pool) for place, pool in allocation.placed] if allocation is not None else []


def _allocation(
    entry: Any, context: dict[str, Any]
) -> tuple[Allocation | None, list[tuple[Path_, Pool]], list[ErrorDetails]]:
    """What is left of the allocation, its pools with their paths, and contradictions that other mistakes hid."""
    if not isinstance(entry, dict):
        return None, [], []
    if not isinstance(entry.get("pools"), list):
        found, hidden = _salvaged(Allocation, entry, context)
        return found, _placed(found), [{**fault, "loc": ("allocation", *fault["loc"])} for fault in hidden]
    pools: list[tuple[Path_, Pool]] = []
    hidden = []
    for i, each in enumerate(entry["pools"]):
        pool, faults = _salvaged(Pool, each, context)
        hidden += [{**fault, "loc": ("allocation", "pools", i, *fault["loc"])} for fault in faults]
        if pool is not None:
            pools.append((("allocation", "pools", i), pool))
    whole = {**entry, "pools": [pool for _, pool in pools]}
    try:
        TypeAdapter(Allocation).validate_python(whole, context=context)
    except ValidationError as error:
        faults = [fault for fault in error.errors(include_url=False) if _is_own(Allocation, fault)]
        hidden += [{**fault, "loc": ("allocation", *fault["loc"])} for fault in faults]
    return _salvaged(Allocation, whole, context)[0], pools, hidden


def _head(context: dict[str, Any]) -> dict[str, Any]:
    """What a ruleset needs beside its parts to be tried."""
    given = {"ruleset": "unnamed", "version": "0", "title": Text(zh="-", en="-"), "description": None, "period": None}
    return {**given, "parameters": dict(context["parameters"])}


def _part_names(score: dict[str, Any]) -> list[tuple[Path_, str]] | None:
    """Where each rule, indicator, item and group stands in the score; none when one of the entries names nothing."""
    found: list[tuple[Path_, str]] = []
    for path, entry in walk(score.get("parts")):
        named = [entry.get(key) for key in ("group", "indicator", "rule", "item")]
        rules = entry.get("rules")
        names = [name for name in (*named, *(rules if isinstance(rules, list) else ())) if isinstance(name, str)]
        if not names:
            return None
        found += [(("score", *path), name) for name in names]
        if len(names) > 1:
            found.append((("score", *path), "+".join(names)))
    return found


def _views(
    entries: dict[str, Any], views: Mapping[str, View], tables: Mapping[str, Table], unit: Unit | None
) -> tuple[dict[str, tuple[str, ...] | None], list[Issue], set[str]]:
    """The columns of each view where they are known, what is wrong with views, and which ask who is disqualified."""
    columns: dict[str, tuple[str, ...] | None] = dict.fromkeys(entries)
    found: dict[str, Shape] = {}
    faults: list[Issue] = []
    for name, view in views.items():
        path: Path_ = ("views", name, "sql")
        unknown = [table for table in view.sql.tables if table not in tables and table not in found]
        for table in unknown:
            if table in entries:
                before = list(entries).index(table) < list(entries).index(name)
                if not before:
                    faults.append(Issue(path, "RS010", f"view {table!r} comes later; a view may use those before it"))
            else:
                hint = did_you_mean(table, [*tables, *found])
                faults.append(Issue(path, "RS010", f"there is no table {table!r}", hint))
        if unknown or unit is None:
            continue
        try:
            found[name] = shape(view, tables, found, unit.key)
        except ViewError as fault:
            at = path if fault.field == "sql" or fault.field not in entries[name] else ("views", name, fault.field)
            faults.append(Issue(at, fault.code, f"view {name!r}: {fault}"))
            continue
        columns[name] = tuple(found[name].table.columns)
    judged: set[str] = set()
    for name, made in found.items():
        if made.judged or judged & set(made.view.sql.tables):
            judged.add(name)
    return columns, faults, judged


def _inside(data: Any, key: str) -> dict[str, Any]:
    inner = data.get(key) if isinstance(data, dict) else None
    return inner if isinstance(inner, dict) else {}


def _ids(*path_and_entries: Any) -> list[tuple[Path_, str]] | None:
    """Where each id stands; none when not every entry has one, because then nobody knows which ids are missing."""
    *path, entries = path_and_entries
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(e, dict) and isinstance(e.get("id"), str) for e in entries):
        return None
    return [((*path, i), entry["id"]) for i, entry in enumerate(entries)]


def _salvaged(kind: Any, entry: Any, context: dict[str, Any]) -> tuple[Any, list[ErrorDetails]]:
    """`entry` as a model of `kind`, without what is wrong in it; none when too little is left.

    Also the contradictions between its values that its other mistakes hid.
    """
    adapter, left = TypeAdapter(kind), copy.deepcopy(entry)
    hidden: list[ErrorDetails] = []
    for number in range(_ROUNDS):  # what is taken out may uncover what it hid
        try:
            return adapter.validate_python(left, context=context), hidden
        except ValidationError as error:
            faults = error.errors(include_url=False)
        if number:
            hidden += [fault for fault in faults if _is_own(kind, fault) and fault not in hidden]
        if not isinstance(left, dict) or not all(_taken_out(kind, left, fault) for fault in faults):
            break
    # Values that contradict each other: one of them may be spared.
    for key in left if isinstance(left, dict) else ():
        try:
            return adapter.validate_python({k: v for k, v in left.items() if k != key}, context=context), hidden
        except ValidationError:
            continue
    return None, hidden


def _is_own(kind: Any, fault: ErrorDetails) -> bool:
    """Whether a mistake is the author's, and not one that only taking out another has made."""
    # An allocation asks for its terms only after they could be read.
    return fault["type"] == "value_error" or (
        kind is Allocation and (fault["type"], len(fault["loc"])) == ("missing", 1)
    )


def _taken_out(kind: Any, entry: dict[str, Any], fault: ErrorDetails) -> bool:
    """Replace the cause of a validation error in `entry`, or remove it; whether that could be done."""
    loc = fault["loc"][2:] if kind is Rule and fault["loc"][:1] == ("check",) else fault["loc"]
    stand_ins = _OF_POOLS if kind in (Allocation, Pool) else _STAND_INS
    steps: list[tuple[Any, Any]] = []
    place: Any = entry
    step: Any
    inside: Any = None
    for step in loc:
        # What pydantic names but the entry does not hold is the kind of a union, which may have the name of a key.
        if place is not inside and isinstance(place, dict) and step == place.get("method"):
            inside = place
        elif (isinstance(place, dict) and step in place) or (isinstance(place, list) and isinstance(step, int)):
            steps.append((place, step))
            place = place[step]
    if fault["type"].startswith("union_tag"):
        steps.append((place, "check" if kind is Rule else "method"))
    elif fault["type"] == "missing" and loc[-1] in stand_ins:
        steps.append((place, loc[-1]))
    if not steps:
        return False
    if kind in (Allocation, Pool) and steps[-1][1] in _ONE_OF and steps[1:]:
        steps.pop()
    holder, key = steps[-1]
    if key in stand_ins and isinstance(holder, dict):
        holder[key] = stand_ins[key]
    elif isinstance(holder, dict):
        holder.pop(key, None)
    else:
        holder[key] = None
    return True
