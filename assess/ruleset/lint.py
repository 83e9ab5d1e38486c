"""Does a ruleset agree with itself? Names that refer to something, and what they refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assess.allocation import Allocation
from assess.checks.consistency import References
from assess.errors import did_you_mean
from assess.indicators import Indicator, Measure
from assess.ruleset.located import Path_
from assess.ruleset.spec import Reported, Rule, Unit
from assess.scores import Grade, Part, Veto
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


@dataclass(frozen=True)
class Parts:
    """The parts of a ruleset that could be read, each with its path; a part that could not is left out."""

    tables: Mapping[str, Table]
    table_names: tuple[str, ...]
    unit: Unit | None
    rules: list[tuple[Path_, Rule]]
    rule_ids: set[str]
    indicators: list[tuple[Path_, Indicator]]
    indicator_ids: set[str]
    reported: Reported | None
    score_parts: list[tuple[Path_, Part]]
    vetoes: list[tuple[Path_, Veto]]
    grades: list[tuple[Path_, Grade]]
    allocation: Allocation | None
    has_score: bool


def cross_references(parts: Parts) -> Iterator[Issue]:
    """Every name in the ruleset that refers to nothing, or to more than one thing."""
    yield from _tables(parts)
    yield from _unit(parts)
    for path, rule in parts.rules:
        yield from _rule(parts, path, rule)
    yield from _repeated("rule", parts.rules)
    yield from _repeated("indicator", parts.indicators)
    for path, indicator in parts.indicators:
        for side in ("numerator", "denominator"):
            measure = getattr(indicator, side)
            if measure is not None:
                yield from _measure(parts, (*path, side), measure)
        if indicator.reported and parts.reported is None:
            yield Issue((*path, "reported"), "RS013", "refers to a reported table, but the ruleset declares none")
    yield from _reported(parts)
    yield from _score(parts)
    if parts.allocation is not None:
        if not parts.has_score:
            yield Issue(("allocation",), "RS013", "splits by score, but the ruleset has no `score`", key=True)
        if parts.unit is not None:
            yield from _sql(parts, ("allocation", "basis", "sum"), parts.unit.table, parts.allocation.basis.sum)


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
    for name, table in parts.tables.items():
        if unit.key not in table.columns:
            yield Issue(("tables", name), "RS016", f"table {name!r} lacks the unit's key column {unit.key!r}", key=True)
    yield from _columns(parts, ("unit", "name"), unit.table, [unit.name] if unit.name else [])
    for i, level in enumerate(unit.levels):
        yield from _columns(parts, ("unit", "levels", i), unit.table, [level])


def _rule(parts: Parts, path: Path_, rule: Rule) -> Iterator[Issue]:
    yield from _known_table(parts, (*path, "table"), rule.table)
    for field, column in rule.check.reads():
        name = type(rule.check).model_fields[field].alias or field
        # The automatic columns of intake are no business of a ruleset, save of the kind that is made for them.
        yield from _columns(parts, (*path, name), rule.table, [column])
    check = rule.check
    if isinstance(check, References):
        (lookup,) = check.lookups()
        yield from _known_table(parts, (*path, "to"), lookup.table)
        yield from _columns(parts, (*path, "keys" if check.keys else "columns"), lookup.table, lookup.keys)
        if check.having is not None:
            yield from _sql(parts, (*path, "having"), lookup.table, check.having)


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
    for name in ("indicator", "numerator", "denominator", "rate", "scale", "kind", "target"):
        column = getattr(reported, name)
        if column is not None:
            yield from _columns(parts, ("reported", name), reported.table, [column])


def _score(parts: Parts) -> Iterator[Issue]:
    for path, part in parts.score_parts:
        for name, known in (("indicator", parts.indicator_ids), ("rule", parts.rule_ids)):
            yield from _id(path, name, getattr(part, name), known)
    for path, veto in parts.vetoes:
        yield from _id(path, "rule", veto.rule, parts.rule_ids)
    for label, entries in (("veto", parts.vetoes), ("grade", parts.grades)):
        yield from _repeated(label, entries)
    subjects = Counter(part.subject for _, part in parts.score_parts)
    for path, part in parts.score_parts:
        if subjects[part.subject] > 1:
            yield Issue(path, "RS017", f"{part.subject!r} is scored {subjects[part.subject]} times")


def _id(path: Path_, field: str, value: str | None, known: set[str]) -> Iterator[Issue]:
    if value is not None and value not in known:
        yield Issue((*path, field), "RS013", f"there is no {field} {value!r}", did_you_mean(value, sorted(known)))


def _repeated(what: str, entries: Iterable[tuple[Path_, Rule | Indicator | Veto | Grade]]) -> Iterator[Issue]:
    seen: set[str] = set()
    for path, entry in entries:
        if entry.id in seen:
            yield Issue((*path, "id"), "RS012", f"{what} id {entry.id!r} is used before")
        seen.add(entry.id)


def _known_table(parts: Parts, path: Path_, table: str) -> Iterator[Issue]:
    if table not in parts.table_names:
        yield Issue(path, "RS010", f"there is no table {table!r}", did_you_mean(table, parts.table_names))


def _columns(parts: Parts, path: Path_, table: str, columns: Iterable[str]) -> Iterator[Issue]:
    if table not in parts.tables:
        return
    known = list(parts.tables[table].columns)
    for column in columns:
        if column not in known:
            yield Issue(path, "RS011", f"table {table!r} has no column {column!r}", did_you_mean(column, known))


def _sql(parts: Parts, path: Path_, table: str, sql: Sql) -> Iterator[Issue]:
    yield from _columns(parts, path, table, sql.columns)
