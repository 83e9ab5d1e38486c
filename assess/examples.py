"""A rule's own examples: small tables, typed as submissions are, run through the engine and held to what is stated.

All examples of a rule stand in one table, so that a kind that compares records sees them together: two failing examples
of `unique` repeat each other. A column that an example does not state is null. Another table that the rule looks into
holds the records of `given`; where `given` does not name it, it holds the keys of the passing examples alone. Records
that `given` adds to the rule's own table stand beside the examples and have no outcome of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from assess.checks.base import Check, Profile
from assess.engine.plan import FILE, LINE, ROW, TablePlan, flag_of, plans
from assess.errors import Problem, did_you_mean
from assess.ruleset.lint import cells_rule
from assess.ruleset.load import Loaded
from assess.ruleset.located import Path_
from assess.ruleset.spec import Rule
from assess.tables import DTYPES, REJECTED, Table

Outcome = bool | None
STATED: tuple[tuple[str, str, Outcome], ...] = (
    ("pass", "passing", True),
    ("fail", "failing", False),
    ("not_applicable", "not_applicable", None),
)
WORDS: dict[Outcome, str] = {True: "satisfied", False: "violated", None: "not applicable"}


@dataclass(frozen=True)
class Example:
    """One record of a rule's examples: where it stands, what the rule says of it, its columns."""

    path: Path_
    stated: Outcome
    record: Mapping[str, Any]


@dataclass(frozen=True)
class Bench:
    """A rule's examples as the engine sees them: its plan, its typed rows, and the tables it looks into."""

    rule: Rule
    plan: TablePlan
    examples: tuple[Example, ...]
    rows: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]

    @property
    def stated(self) -> list[Outcome]:
        """What the rule says of each example."""
        return [example.stated for example in self.examples]

    def outcomes(self, checks: Sequence[Check], rows: pl.DataFrame | None = None) -> list[list[Outcome] | str]:
        """Of each check the outcome of every row, or what Polars says of a check that does not run."""
        rows = self.rows if rows is None else rows
        if not checks:
            return []
        try:
            return list(self._together(checks, rows))
        except (PolarsError, ValueError, TypeError) as error:
            if len(checks) == 1:
                return [str(error).splitlines()[0] if str(error) else type(error).__name__]
        # One that breaks takes the others with it; halving finds it in a few tries.
        half = len(checks) // 2
        return self.outcomes(checks[:half], rows) + self.outcomes(checks[half:], rows)

    def _together(self, checks: Sequence[Check], rows: pl.DataFrame) -> Iterator[list[Outcome]]:
        rules = tuple(
            self.rule.model_copy(update={"id": f"{self.rule.id} {i}", "check": check}) for i, check in enumerate(checks)
        )
        plan = replace(self.plan, rules=rules, counts=())
        flags = [flag_of(rule.id) for rule in rules]
        flagged = plan.flagged(rows.lazy(), lambda name: self.tables[name].lazy()).sort(ROW).select(flags).collect()
        for flag in flags:
            if flagged[flag].dtype not in (pl.Boolean, pl.Null):
                raise TypeError(f"gives {flagged[flag].dtype}, not true or false")
            yield flagged[flag].to_list()


def skipped(rule: Rule, loaded: Loaded) -> str | None:
    """Why a rule has no examples of its own to run, or null when it is to have some."""
    if rule.check.kind == "parses" and rule.id == cells_rule(rule.table):
        return "automatic rule, tested by its case file"
    if isinstance(rule.check, Profile):
        return "judges a unit and not a record, tested by its case file"
    if rule.table not in tables_of(loaded):
        return f"{rule.table!r} has no columns of declared types"
    return None


def tables_of(loaded: Loaded) -> Mapping[str, Table]:
    """Every table that a rule can be put to, with the types of its columns."""
    return {**loaded.ruleset.tables, **{name: shape.table for name, shape in loaded.ruleset.shapes.items()}}


def place(loaded: Loaded, rule: Rule) -> Path_:
    """The path of a rule in its file."""
    return ("checks", loaded.ruleset.checks.index(rule))


def records(loaded: Loaded, rule: Rule) -> list[Example]:
    """The examples of a rule in the order of `pass`, `fail`, `not_applicable`.

    An entry that is no mapping is the value of the one column that the rule's kind reads.
    """
    found = []
    for key, field, stated in STATED:
        for i, entry in enumerate(getattr(rule.examples, field)):
            path = (*place(loaded, rule), "examples", key, i)
            if isinstance(entry, Mapping):
                record = dict(entry)
            else:
                column = _one_column(rule.check)
                record = {column: entry} if column is not None else {}
            found.append(Example(path, stated, record))
    return found


def _one_column(check: Check) -> str | None:
    column = getattr(check, "column", None)
    return column if isinstance(column, str) else None


def misplaced(loaded: Loaded) -> list[Problem]:
    """What is wrong with examples before they run: unknown tables (RS010) and columns (RS011), odd forms (RS005)."""
    problems = []
    for rule in loaded.ruleset.checks:
        if skipped(rule, loaded) is None:
            problems += list(_misplaced(loaded, rule))
    return sorted(set(problems))


def _misplaced(loaded: Loaded, rule: Rule) -> Iterator[Problem]:
    tables = tables_of(loaded)
    for key, field, _ in STATED:
        for i, entry in enumerate(getattr(rule.examples, field)):
            path: Path_ = (*place(loaded, rule), "examples", key, i)
            if isinstance(entry, Mapping):
                yield from _unknown(loaded, path, rule.table, tables[rule.table], entry)
            elif _one_column(rule.check) is None:
                yield loaded.located.problem(
                    path, "RS005", f"kind {rule.check.kind!r} has no single column, so an example names its columns",
                    f"write {{column: {entry}}}",
                )  # fmt: skip
    for name, given in rule.examples.given.items():
        path = (*place(loaded, rule), "examples", "given", name)
        if name not in tables:
            hint = did_you_mean(name, list(tables))
            yield loaded.located.problem(path, "RS010", f"there is no table {name!r}", hint, key=True)
            continue
        for i, entry in enumerate(given):
            yield from _unknown(loaded, (*path, i), name, tables[name], entry)


def _unknown(loaded: Loaded, path: Path_, name: str, table: Table, entry: Mapping[str, Any]) -> Iterator[Problem]:
    known = list(table.columns)
    for column in entry:
        if column not in known:
            message = f"table {name!r} has no column {column!r}"
            yield loaded.located.problem((*path, column), "RS011", message, did_you_mean(column, known), key=True)


def warnings(loaded: Loaded) -> list[Problem]:
    """One RS030 for each rule without a failing example."""
    return sorted(
        loaded.located.problem(
            (*place(loaded, rule), "id"), "RS030", f"rule {rule.id!r} has no failing example",
            "add one under `examples: {fail: [...]}`, so that it is known to find what it is for", level="warning",
        )
        for rule in loaded.ruleset.checks
        if skipped(rule, loaded) is None and not rule.examples.failing
    )  # fmt: skip


def bench(loaded: Loaded, rule: Rule) -> tuple[Bench, list[Problem]]:
    """The examples of a rule, typed, and an RS005 for every cell that cannot be read as its column's type."""
    tables = tables_of(loaded)
    examples = tuple(records(loaded, rule))
    problems: list[Problem] = []
    own = rule.examples.given.get(rule.table, ())
    rows = _typed(loaded, rule.table, [*(dict(example.record) for example in examples), *map(dict, own)])
    places = [(example.path, example.record) for example in examples]
    given = {rule.table: rows}
    for name, entries in rule.examples.given.items():
        path = (*place(loaded, rule), "examples", "given", name)
        if name != rule.table:
            given[name] = _typed(loaded, name, [dict(entry) for entry in entries])
            problems += _unread(loaded, name, given[name], [((*path, i), entry) for i, entry in enumerate(entries)])
        else:
            places += [((*path, i), entry) for i, entry in enumerate(entries)]
    if rule.check.kind != "parses":
        problems += _unread(loaded, rule.table, rows, places)
    for name in {lookup.table for lookup in rule.check.lookups()} - set(given):
        given[name] = _typed(loaded, name, _looked_up(rule, name, examples))
    return Bench(rule, plans(loaded.ruleset)[rule.table], examples, rows, given | _empty(tables, given)), problems


def _looked_up(rule: Rule, table: str, examples: Sequence[Example]) -> list[dict[str, Any]]:
    """The keys of the passing examples, as the records of a table that the rule looks into."""
    return [
        {key: example.record.get(column) for column, key in zip(lookup.columns, lookup.keys, strict=True)}
        for lookup in rule.check.lookups()
        if lookup.table == table
        for example in examples
        if example.stated
    ]


def _empty(tables: Mapping[str, Table], given: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {name: pl.DataFrame(schema=table.dtypes) for name, table in tables.items() if name not in given}


def _typed(loaded: Loaded, name: str, entries: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Records as text, read as a submitted cell would be; a record that is null throughout stays a record."""
    from assess.intake.values import narrowed, text_of, value_of  # intake takes a while; `assess lint` needs none of it

    table = tables_of(loaded)[name]
    count = len(entries)
    raw = pl.DataFrame(
        {
            column: pl.Series([_text(entry.get(column)) for entry in entries], dtype=pl.String)
            for column in table.columns
        }
    )
    typed, unread = [], []
    for column, spec in table.columns.items():
        text = narrowed(text_of(pl.col(column), pl.String()), spec)
        value = value_of(text, spec)
        lost = text.is_not_null() & value.is_null() & ~text.is_in(list(spec.suppressed))
        typed.append(value.cast(DTYPES[spec.type]).alias(column))
        unread.append(pl.when(lost).then(pl.lit(column)))
    rejected = pl.concat_str(unread, separator=",", ignore_nulls=True)
    rows = pl.int_range(count, dtype=pl.UInt32, eager=True)
    return raw.select(
        *typed,
        rows.alias(ROW),
        pl.Series(FILE, [0] * count, dtype=pl.UInt32),
        (rows + 1).cast(pl.UInt32).alias(LINE),
        pl.when(rejected != "").then(rejected).alias(REJECTED),
    ).select(list(table.dtypes))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unread(
    loaded: Loaded, name: str, rows: pl.DataFrame, places: Sequence[tuple[Path_, Mapping[str, Any]]]
) -> list[Problem]:
    columns = tables_of(loaded)[name].columns
    return [
        loaded.located.problem(
            (*path, column), "RS005", f"{entry[column]!r} cannot be read as {columns[column].type}",
            "an example is read as a submitted cell would be",
        )
        for (path, entry), rejected in zip(places, rows[REJECTED].to_list(), strict=True)
        if rejected
        for column in rejected.split(",")
    ]  # fmt: skip


def mismatches(loaded: Loaded, made: Bench) -> list[Problem]:
    """One RS021 for each example whose outcome is not the one that the rule states for it."""
    (outcomes,) = made.outcomes([made.rule.check])
    if isinstance(outcomes, str):
        message = f"the examples of {made.rule.id!r} do not run: {outcomes}"
        return [loaded.located.problem((*place(loaded, made.rule), "examples"), "RS021", message, key=True)]
    tables = sorted({lookup.table for lookup in made.rule.check.lookups()} - set(made.rule.examples.given))
    hint = f"state the records of {tables[0]!r} under `given`" if tables else ""
    return [
        loaded.located.problem(
            example.path, "RS021",
            f"{made.rule.id!r} states that this example is {WORDS[example.stated]}, but it is {WORDS[outcome]}", hint,
        )
        for example, outcome in zip(made.examples, outcomes, strict=False)
        if outcome is not example.stated
    ]  # fmt: skip
