"""Does a ruleset agree with itself? Names that refer to something, and what they refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import ErrorDetails

from assess.allocation import Allocation, Pool
from assess.errors import did_you_mean
from assess.indicators import Indicator, Measure
from assess.ruleset.located import Path_
from assess.ruleset.spec import Reported, Rule, Ruleset, Unit, View
from assess.scores import AnyPart, Fault, Grade, Marks, Ranking, Veto
from assess.sql import Sql
from assess.tables import Table


@dataclass(frozen=True)
class Issue:
    """Something that refers to nothing: where in the ruleset, and what to do."""

    path: Path_
    code: str
    message: str
    hint: str = ""
    key: bool = False
    level: str = "error"


@dataclass(frozen=True)
class Parts:
    """The parts of a ruleset that could be read, each with its path; a part that could not is left out.

    `columns` names the declared columns of each declared table, also of those that could not be read; it is none, as
    are lists of ids, when not even the names are known. `view_columns` names those of each view, none where not
    known. `given` are parameters that author and period give. `shape` are faults of points and weights with their
    places; `part_names` where each rule, indicator, item and group stands in the score. `uncovered` are contradictions
    that other mistakes hid.
    """

    tables: Mapping[str, Table]
    columns: Mapping[str, tuple[str, ...]] | None
    views: Mapping[str, View]
    view_columns: Mapping[str, tuple[str, ...] | None]
    given: tuple[str, ...]
    unit: Unit | None
    rules: list[tuple[Path_, Rule]]
    rule_ids: list[tuple[Path_, str]] | None
    indicators: list[tuple[Path_, Indicator]]
    indicator_ids: list[tuple[Path_, str]] | None
    reported: Reported | None
    has_reported: bool
    score_parts: list[tuple[Path_, AnyPart]]
    vetoes: list[tuple[Path_, Veto]]
    veto_ids: list[tuple[Path_, str]] | None
    grade_ids: list[tuple[Path_, str]] | None
    allocation: Allocation | None
    has_score: bool
    pools: list[tuple[Path_, Pool]]
    pool_ids: list[tuple[Path_, str]] | None
    part_names: list[tuple[Path_, str]] | None = None
    shape: tuple[tuple[Path_, Fault], ...] = ()
    grades: Sequence[tuple[Path_, Grade]] = ()
    ranking: Ranking | None = None
    marks: Marks | None = None
    has_marks: bool = False
    view_faults: tuple[Issue, ...] = ()
    judged_views: frozenset[str] = frozenset()
    uncovered: tuple[ErrorDetails, ...] = ()
    head: Mapping[str, Any] = field(default_factory=dict)

    def goes_in_a_circle(self, rule: Rule) -> bool:
        """Whether a rule decides who is disqualified by a view that asks who is."""
        return rule.effect == "disqualify" and any(look.table in self.judged_views for look in rule.check.lookups())

    def ruleset(self) -> Ruleset | None:
        """What is left as one ruleset, to be tried on empty tables; none without tables or unit."""
        if self.unit is None or not self.tables or self.unit.table not in self.tables:
            return None
        return Ruleset.model_construct(
            **self.head,
            unit=self.unit,
            tables=dict(self.tables),
            views={name: view for name, view in self.views.items() if self.view_columns.get(name) is not None},
            checks=tuple(rule for _, rule in self.rules if not self.goes_in_a_circle(rule)),
            reported=self.reported,
            indicators=tuple(indicator for _, indicator in self.indicators),
            score=None,
            allocation=self.allocation,
        )


def cross_references(parts: Parts) -> Iterator[Issue]:
    """Every name in the ruleset that refers to nothing, or to more than one thing."""
    for name in parts.given:
        yield Issue(("parameters", name), "RS005", f"parameter {name!r} is given by `period` already", key=True)
    yield from _tables(parts)
    yield from _unit(parts)
    yield from _views(parts)
    for path, rule in parts.rules:
        yield from _rule(parts, path, rule)
    yield from _ids(parts)
    for path, indicator in parts.indicators:
        for side in ("numerator", "denominator", "exclusions"):
            measure = getattr(indicator, side)
            if measure is not None:
                yield from _measure(parts, (*path, side), measure)
        yield from _stages(parts, path, indicator)
        if indicator.reported and not parts.has_reported:
            yield Issue((*path, "reported"), "RS013", "refers to a reported table, but the ruleset declares none")
    yield from _reported(parts)
    yield from _score(parts)
    yield from _allocation(parts)


def _tables(parts: Parts) -> Iterator[Issue]:
    owners: dict[str, str] = {}
    for name, table in parts.tables.items():
        for label in (name, *table.aliases):
            if owners.setdefault(label.casefold(), name) != name:
                yield Issue(
                    ("tables", name),
                    "RS015",
                    f"{label!r} names both {owners[label.casefold()]!r} and {name!r}",
                    key=True,
                )
        headers: dict[str, str] = {}
        for column, spec in table.columns.items():
            for header in (column, *spec.aliases):
                if headers.setdefault(header.casefold(), column) != column:
                    yield Issue(
                        ("tables", name, "columns", column),
                        "RS015",
                        f"{header!r} names both {headers[header.casefold()]!r} and {column!r}",
                        key=True,
                    )


def _unit(parts: Parts) -> Iterator[Issue]:
    unit = parts.unit
    if unit is None:
        return
    yield from _known_table(parts, ("unit", "table"), unit.table)
    yield from _submitted(parts, ("unit", "table"), unit.table)
    columns = parts.columns or {}
    if columns and not any(unit.key in names for names in columns.values()):
        known = sorted({name for names in columns.values() for name in names})
        hint = did_you_mean(unit.key, known)
        yield Issue(("unit", "key"), "RS011", f"no table has a column {unit.key!r}", hint)
    else:
        for name in columns:
            if unit.key not in columns[name]:
                yield Issue(("tables", name), "RS016", f"table {name!r} lacks the unit's key column {unit.key!r}",
                            key=True)  # fmt: skip
    for name, table in parts.tables.items():
        key = table.columns.get(unit.key)
        if key is not None and key.type not in ("text", "code"):
            path = ("tables", name, "columns", unit.key, "type")
            yield Issue(path, "RS005", f"{unit.key!r} names the unit and should be code or text, not {key.type}")
    yield from _columns(parts, ("unit", "name"), unit.table, [unit.name] if unit.name else [])
    for i, level in enumerate(unit.levels):
        yield from _columns(parts, ("unit", "levels", i), unit.table, [level])


def _views(parts: Parts) -> Iterator[Issue]:
    yield from parts.view_faults
    for name in parts.view_columns:
        if name in (parts.columns or ()):
            yield Issue(("views", name), "RS015", f"{name!r} is the name of a table and of a view", key=True)


def _rule(parts: Parts, path: Path_, rule: Rule) -> Iterator[Issue]:
    yield from _known_table(parts, (*path, "table"), rule.table)
    for read, column in rule.check.reads():
        name = type(rule.check).model_fields[read].alias or read
        # The automatic columns of intake are no business of a ruleset, save of the kind that is made for them.
        yield from _columns(parts, (*path, name), rule.table, [column])
    yield from _left_by(parts, path, rule)
    if parts.goes_in_a_circle(rule):
        message = "the view asks which records are disqualified, and this rule is to decide it"
        yield Issue((*path, "to"), "RS018", message)
    for table in dict.fromkeys(table for _, table, _ in rule.check.refers()):
        yield from _known_table(parts, (*path, "to"), table)
    for key, table, columns in rule.check.refers():
        yield from _columns(parts, (*path, key), table, columns)


def _left_by(parts: Parts, path: Path_, rule: Rule) -> Iterator[Issue]:
    """The indicators that a rule names must be counted on its own table: only there its records leave anything."""
    counted = {i.id: {side.table for side in (i.numerator, i.exclusions) if side} for _, i in parts.indicators}
    known = _known(parts.indicator_ids)
    for place, name in enumerate(rule.indicators):
        if known is not None and name not in known:
            message = f"there is no indicator {name!r}"
            yield Issue((*path, "indicators", place), "RS013", message, did_you_mean(name, sorted(known)))
        elif name in counted and rule.table not in counted[name]:
            message = f"indicator {name!r} is not counted on {rule.table!r}, so no record of it leaves its numerator"
            yield Issue((*path, "indicators", place), "RS005", message)


def _stages(parts: Parts, path: Path_, indicator: Indicator) -> Iterator[Issue]:
    stages = indicator.target.stages if indicator.target is not None else ()
    given = parts.head.get("parameters", {})
    start, end = given.get("period_start"), given.get("period_end")
    for place, stage in enumerate(stages):
        at = (*path, "target", "stages", place, "by")
        if start is None or end is None:
            yield Issue(at, "RS005", "a stage needs a period, and the ruleset states none")
        elif not start <= stage.by <= end:
            yield Issue(at, "RS005", f"{stage.by} lies outside of the period, {start} to {end}")


def _measure(parts: Parts, path: Path_, measure: Measure) -> Iterator[Issue]:
    yield from _known_table(parts, (*path, "table"), measure.table)
    for name in ("where", "sum"):
        sql = getattr(measure, name)
        if sql is not None:
            yield from _sql(parts, (*path, name), measure.table, sql)


def _reported(parts: Parts) -> Iterator[Issue]:
    reported = parts.reported
    if reported is None:
        return
    yield from _known_table(parts, ("reported", "table"), reported.table)
    yield from _submitted(parts, ("reported", "table"), reported.table)
    for name in ("indicator", "numerator", "denominator", "rate", "scale", "kind", "target"):
        column = getattr(reported, name)
        if column is not None:
            yield from _columns(parts, ("reported", name), reported.table, [column])


def _score(parts: Parts) -> Iterator[Issue]:
    rules = _known(parts.rule_ids)
    if rules is not None and parts.columns is not None:
        rules |= {cells_rule(table) for table in parts.columns}
    known = {"indicator": _known(parts.indicator_ids), "rule": rules, "item": None}
    signals = {rule.id for _, rule in parts.rules if rule.effect == "review"}
    for path, part in parts.score_parts:
        several = getattr(part, "rules", None)
        for n, (kind, name) in enumerate(part.subjects):
            at = (*path, "rules", n) if several else (*path, kind)
            yield from _looks(parts, at, kind, name, known[kind], signals)
    for path, veto in parts.vetoes:
        kind, name = veto.subject
        yield from _looks(parts, (*path, kind), kind, name, known[kind], signals)
        yield from _id(path, "grade", veto.grade, _known(parts.grade_ids))
    for n, name in enumerate(parts.ranking.then if parts.ranking is not None else ()):
        yield from _refers(("score", "ranking", "then", n), "indicator", name, known["indicator"])
    for path, grade in parts.grades:
        for n, asked in enumerate(grade.requires):
            yield from _refers((*path, "requires", n, "part"), "part or group", asked.part, _known(parts.part_names))
    yield from _marks(parts)
    for path, fault in parts.shape:
        if fault.missing:
            yield Issue(path, "RS004", f"key {path[-1]!r} is missing in {'.'.join(map(str, path[:-1]))}")
        else:
            subject = f"{path[-1]!r} " if isinstance(path[-1], str) else ""
            yield Issue(path, "RS005", subject + fault.message)
    named = dict.fromkeys(parts.part_names or ())
    counted = Counter(name for _, name in named)
    for path, name in named:
        if counted[name] > 1:
            yield Issue(path, "RS017", f"{name!r} is scored {counted[name]} times",
                        "to move it to another group, drop it first")  # fmt: skip


def _looks(
    parts: Parts, path: Path_, kind: str, name: str, known: set[str] | None, signals: set[str]
) -> Iterator[Issue]:  # fmt: skip
    """What a part or a veto looks at: it is there, it is no signal, and an item has a table to be found in."""
    yield from _refers(path, kind, name, known)
    if kind == "rule" and name in signals:
        message = f"rule {name!r} is a signal (`effect: review`), and a signal changes no score"
        yield Issue(path, "RS019", message, "confirm it and give a mark for it, or score a rule of another effect")
    if kind == "item" and not parts.has_marks:
        yield Issue(path, "RS013", f"item {name!r} is marked on site, but the score has no `marks`")


def _refers(path: Path_, what: str, name: str, known: set[str] | None) -> Iterator[Issue]:
    if known is not None and name not in known:
        yield Issue(path, "RS013", f"there is no {what} {name!r}", did_you_mean(name, sorted(known)))


def _marks(parts: Parts) -> Iterator[Issue]:
    marks = parts.marks
    if marks is None:
        return
    at: Path_ = ("score", "marks")
    yield from _known_table(parts, (*at, "table"), marks.table)
    yield from _submitted(parts, (*at, "table"), marks.table)
    for name in ("item", "points", "marker", "on", "note"):
        column = getattr(marks, name)
        if column is not None:
            yield from _columns(parts, (*at, name), marks.table, [column])
    table = parts.tables.get(marks.table)
    points = table.columns.get(marks.points) if table is not None else None
    if points is not None and points.type not in ("integer", "number", "decimal"):
        message = f"column {marks.points!r} is {points.type}: marks are integer, number or decimal"
        yield Issue((*at, "points"), "RS005", message)


def _allocation(parts: Parts) -> Iterator[Issue]:
    """Whatever pools rest on: a score, the columns of the register, indicators and grades."""
    for path, pool in parts.pools:
        if pool.needs_score and not parts.has_score:
            at: Path_ = (*path, "basis", "score") if pool.basis.score else path
            message = "splits by score, but the ruleset has no `score`"
            yield Issue(at, "RS013", message, key=isinstance(at[-1], str))
        yield from _id((*path, "basis"), "indicator", pool.basis.indicator, _known(parts.indicator_ids))
        grades = _known(parts.grade_ids) if parts.has_score else None
        for i, grade in enumerate(pool.redistribute_to or ()):
            for issue in _id(path, "grade", grade, grades):
                yield replace(issue, path=(*path, "redistribute_to", i))
        if pool.basis.sum is not None and parts.unit is not None:
            yield from _sql(parts, (*path, "basis", "sum"), parts.unit.table, pool.basis.sum)
    prepaid = parts.allocation.prepaid if parts.allocation is not None else None
    if prepaid is not None and parts.unit is not None:
        yield from _sql(parts, ("allocation", "prepaid", "sum"), parts.unit.table, prepaid.sum)


def cells_rule(table: str) -> str:
    """The id of the rule that is added to every table: its cells can be read."""
    return f"{table}-CELLS"


def _known(ids: list[tuple[Path_, str]] | None) -> set[str] | None:
    return None if ids is None else {name for _, name in ids}


def _id(path: Path_, field: str, value: str | None, known: set[str] | None) -> Iterator[Issue]:
    if value is not None and known is not None and value not in known:
        yield Issue((*path, field), "RS013", f"there is no {field} {value!r}", did_you_mean(value, sorted(known)))


def _ids(parts: Parts) -> Iterator[Issue]:
    """Ids that stand for two things. Findings name rules and indicators alike, so these share one space of names."""
    cells = {path for path, rule in parts.rules if rule.check.kind == "parses"}
    rules = [(path, name) for path, name in parts.rule_ids or () if path not in cells]
    taken = {cells_rule(table): "the rule that is added to every table" for table in parts.columns or ()}
    taken |= dict.fromkeys(("intake", "allocation"), "a part of the product")
    spaces: tuple[tuple[str, list[tuple[Path_, str]], dict[str, str]], ...] = (
        ("rule", rules, dict(taken)),
        ("indicator", parts.indicator_ids or [], taken | {name: "a rule" for _, name in parts.rule_ids or ()}),
        ("veto", parts.veto_ids or [], {}),
        ("grade", parts.grade_ids or [], {}),
        ("pool", parts.pool_ids or [], {}),
    )
    for what, entries, names in spaces:
        for path, name in entries:
            if name in names:
                yield Issue((*path, "id"), "RS012", f"{what} id {name!r} is that of {names[name]}")
            names.setdefault(name, f"another {what}")


def _known_table(parts: Parts, path: Path_, table: str) -> Iterator[Issue]:
    if parts.columns is not None and table not in parts.columns and table not in parts.view_columns:
        known = [*parts.columns, *parts.view_columns]
        yield Issue(path, "RS010", f"there is no table {table!r}", did_you_mean(table, known))


def _submitted(parts: Parts, path: Path_, table: str) -> Iterator[Issue]:
    if table in parts.view_columns and table not in (parts.columns or ()):
        yield Issue(path, "RS010", f"{table!r} is a view; this table must be submitted")


def _columns(parts: Parts, path: Path_, table: str, columns: Iterable[str]) -> Iterator[Issue]:
    known = (parts.columns or {}).get(table) or parts.view_columns.get(table)
    for column in columns:
        if known is not None and column not in known:
            yield Issue(path, "RS011", f"table {table!r} has no column {column!r}", did_you_mean(column, known))


def _sql(parts: Parts, path: Path_, table: str, sql: Sql) -> Iterator[Issue]:
    yield from _columns(parts, path, table, sql.columns)
