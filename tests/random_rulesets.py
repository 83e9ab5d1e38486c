"""Rulesets and small tables made by chance, for tests that hold another engine to the same counts.

`make(seed)` gives the same ruleset and tables for the same seed. Values are few and nulls are many, so that rules are
satisfied, violated and not applicable about as often.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from assess.engine.dry_run import dry_run
from assess.engine.passes import inside
from assess.engine.plan import plans
from assess.ruleset.spec import Ruleset
from assess.tables import BOOKKEEPING, DTYPES

UNITS = ("A", "B", "C", "D")
WORDS = ("red", "green", "blue", "it's", "绿", "Ab1")
PERSONS = tuple(f"p{number}" for number in range(9))
DAYS = tuple(dt.date(2024, 1, 1) + dt.timedelta(days=step) for step in (0, 1, 30, 31, 59, 60, 366, -1))
PRINTED = ("1", "1.5", "10.25", "-3.0", "0.125", "7.50")
SHARE_OF_NULLS = 0.2

COLUMNS: dict[str, dict[str, str]] = {
    "units": {"unit": "code"},
    "people": {
        "unit": "code", "person": "code", "word": "text", "other": "text", "n": "integer", "m": "integer",
        "x": "number", "y": "number", "done": "boolean", "paid": "boolean", "day": "date", "until": "date",
        "printed": "decimal",
    },
    "events": {"unit": "code", "person": "code", "word": "text", "k": "integer", "seen": "boolean", "held": "date"},
}  # fmt: skip
_VALUES: dict[str, Callable[[Random], Any]] = {
    "code": lambda chance: chance.choice(PERSONS),
    "text": lambda chance: chance.choice(WORDS),
    "integer": lambda chance: chance.randint(-3, 9),
    "number": lambda chance: chance.choice((-2.5, -1.0, 0.0, 0.1, 0.5, 1.0, 2.5, 7.0)),
    "boolean": lambda chance: chance.random() < 0.5,
    "date": lambda chance: chance.choice(DAYS),
    "decimal": lambda chance: chance.choice(PRINTED),
}


@dataclass(frozen=True)
class Made:
    """A ruleset, and the rows of each of its tables as intake would hand them on."""

    ruleset: Ruleset
    frames: dict[str, pl.DataFrame]


def make(seed: int, rules: int = 10) -> Made:
    """The ruleset and the tables of a seed; rules that would not run are left out."""
    chance = Random(seed)  # noqa: S311 - nothing here is secret
    checks = [{**_rule(chance), "id": f"R{number}", "title": "a rule"} for number in range(rules)]
    data = {
        "ruleset": "random", "version": "1", "title": "random", "unit": {"table": "units", "key": "unit"},
        "tables": {
            name: {"columns": {column: {"type": kind} for column, kind in columns.items()}}
            for name, columns in COLUMNS.items()
        },
        "checks": checks,
    }  # fmt: skip
    ruleset = Ruleset.model_validate(data)
    broken = dry_run(ruleset)
    ruleset = ruleset.model_copy(update={"checks": tuple(rule for rule in ruleset.checks if rule.id not in broken)})
    return Made(ruleset, {name: _frame(chance, name) for name in COLUMNS})


def ours(made: Made) -> dict[str, tuple[int, int]]:
    """To how many records each rule applies, and how many violate it, as the engine counts them."""
    with tempfile.TemporaryDirectory() as folder:
        frames = {name: frame.lazy() for name, frame in made.frames.items()}
        outcomes = inside(made.ruleset, plans(made.ruleset), frames.__getitem__, Path(folder))
    assert not any(outcome.broken for outcome in outcomes.values())
    return {
        rule.id: tuple(
            int(outcomes[rule.table].measured[f"{what} {rule.id}"].sum()) for what in ("applicable", "violated")
        )
        for rule in made.ruleset.checks
    }  # type: ignore[return-value]


def _frame(chance: Random, name: str) -> pl.DataFrame:
    rows = len(UNITS) if name == "units" else chance.randint(0, 40)
    columns = {}
    for column, kind in COLUMNS[name].items():
        if column == "unit":
            values: list[Any] = list(UNITS) if name == "units" else [chance.choice(UNITS) for _ in range(rows)]
        else:
            values = [None if chance.random() < SHARE_OF_NULLS else _VALUES[kind](chance) for _ in range(rows)]
        columns[column] = pl.Series(column, values, dtype=DTYPES[kind])
    kept: dict[str, list[Any]] = {
        "_row": list(range(rows)), "_file": [0] * rows, "_line": list(range(2, rows + 2)),
        "_rejected": ["m" if chance.random() < 0.1 else None for _ in range(rows)],
    }  # fmt: skip
    columns |= {column: pl.Series(column, kept[column], dtype=dtype) for column, dtype in BOOKKEEPING.items()}
    return pl.DataFrame(list(columns.values()))


def condition(chance: Random, table: str, depth: int = 2) -> str:
    """A SQL condition over the columns of a table."""
    if depth and chance.random() < 0.6:
        left, right = condition(chance, table, depth - 1), condition(chance, table, depth - 1)
        return chance.choice((f"({left}) AND ({right})", f"({left}) OR ({right})", f"NOT ({left})"))
    kind = chance.choice(sorted(set(COLUMNS[table].values()) - {"decimal", "code"}))
    column = _column(chance, table, kind)
    if kind == "boolean":
        return chance.choice((column, f"NOT {column}", f"{column} IS NOT NULL", f"{column} IS NULL"))
    if chance.random() < 0.15:
        return f"{column} IS {chance.choice(('NULL', 'NOT NULL'))}"
    sign = chance.choice(("=", "<>", "<", "<=", ">", ">="))
    if kind == "text":
        listed = ", ".join(_quoted(word) for word in chance.sample(WORDS, 2))
        return chance.choice(
            (f"{column} {chance.choice(('=', '<>'))} {_value(chance, table, kind)}",
             f"{column} {chance.choice(('IN', 'NOT IN'))} ({listed})")
        )  # fmt: skip
    if chance.random() < 0.3:
        low, high = sorted(_literals(chance, kind))
        between = chance.choice(("BETWEEN", "NOT BETWEEN"))
        return f"{column} {between} {low} AND {_value(chance, table, kind) if chance.random() < 0.3 else high}"
    if kind in ("integer", "number"):
        left = chance.choice((column, f"{column} {chance.choice('+-*')} {_value(chance, table, kind)}"))
        if chance.random() < 0.15:
            branch = f"CASE WHEN {condition(chance, table, 0)} THEN {_value(chance, table, kind)}"
            return f"{left} {sign} {branch} ELSE {_value(chance, table, kind)} END"
        return f"{left} {sign} {_value(chance, table, kind)}"
    return f"{column} {sign} {_value(chance, table, kind)}"


def _column(chance: Random, table: str, *kinds: str) -> str:
    return chance.choice([column for column, kind in COLUMNS[table].items() if kind in kinds and column != "unit"])


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _literals(chance: Random, kind: str) -> list[str]:
    if kind == "date":
        return [f"DATE '{day}'" for day in chance.sample(DAYS, 2)]
    if kind == "text":
        return [_quoted(word) for word in chance.sample(WORDS, 2)]
    return [repr(value) for value in sorted([_VALUES[kind](chance), _VALUES[kind](chance)])]


def _value(chance: Random, table: str, kind: str) -> str:
    """A column of the kind, or a literal."""
    return _column(chance, table, kind) if chance.random() < 0.4 else chance.choice(_literals(chance, kind))


def _rule(chance: Random) -> dict[str, Any]:
    table = chance.choice(("people", "people", "events"))
    kind, fields = chance.choice(KINDS)(chance, table)
    where = {"where": condition(chance, table, 1)} if chance.random() < 0.4 else {}
    return {"table": table, "check": kind, **fields, **where}


def _not_null(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "not_null", {"column": chance.choice([column for column in COLUMNS[table] if column != "unit"])}


def _required_if(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "required_if", {**_not_null(chance, table)[1], "when": condition(chance, table)}


def _in_set(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    column = chance.choice([c for c, kind in COLUMNS[table].items() if kind in ("text", "code", "integer", "number")])
    make_value = _VALUES[COLUMNS[table][column]]
    return "in_set", {"column": column, "values": [make_value(chance) for _ in range(3)]}


def _in_range(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    low, high = sorted((chance.randint(-3, 9), chance.choice((0.5, 2.0, 4.0))))
    bounds: dict[str, float] = chance.choice(({"min": low}, {"max": high}, {"min": low, "max": high}))
    return "in_range", {"column": _column(chance, table, "integer", "number"), **bounds}


def _matches(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    pattern = chance.choice(("[a-z]+", "r.d|gr.*", ".*[0-9]", "[^a-z]+", "p[0-4]", r"\w+", "(?:A|绿)b?[0-9]?"))
    return "matches", {"column": _column(chance, table, "text", "code"), "pattern": pattern}


def _expression(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "expression", {"valid": condition(chance, table, 3)}


def _lookup(chance: Random, table: str) -> dict[str, Any]:
    other = "events" if table == "people" else "people"
    keys = chance.choice((["person"], ["person", "word"], ["unit", "person"]))
    having = {"having": condition(chance, other, 1)} if chance.random() < 0.4 else {}
    return {"columns": keys, "to": other, **having}


def _references(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "references", _lookup(chance, table)


def _referenced_by(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    bounds = chance.choice(({"min": 0, "max": 0}, {"min": 1, "max": 2}, {"min": 2}, {"min": 0, "max": 1}))
    return "referenced_by", {**_lookup(chance, table), **bounds}


def _same_as(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    column, value = chance.choice((("word", "word"), ("n", "k"), ("day", "held"), ("done", "seen")))
    if table == "events":
        column, value = value, column
    return "same_as", {**_lookup(chance, table), "column": column, "value": value}


def _subset_of(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    if table == "people":
        return "subset_of", {"columns": chance.choice((["done", "paid"], ["n", "m"], ["n", "m", "x"], ["x", "n"]))}
    return "subset_of", {"columns": chance.choice((["k", "k"], ["seen", "seen"]))}


def _not_after(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    bound = {"by": _value(chance, table, "date")}
    if chance.random() < 0.6:
        bound = {"other": _column(chance, table, "date")}
    return "not_after", {"column": _column(chance, table, "date"), **bound}


def _not_future(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "not_future", {"column": _column(chance, table, "date"), "by": _value(chance, table, "date")}


def _within_days(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    bounds = chance.choice(({}, {"min": -31}, {"min": 1, "max": 60}))
    return "within_days", {"from": _column(chance, table, "date"), "to": _column(chance, table, "date"), **bounds}


def _unique(chance: Random, _table: str) -> tuple[str, dict[str, Any]]:
    return "unique", {"columns": chance.choice((["person"], ["person", "word"], ["word"], ["unit", "person"]))}


def _unique_within(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    day = _column(chance, table, "date")
    spans = [{"date": day, "per": per} for per in ("day", "month", "quarter", "year")]
    groups = chance.choice([{"within": ["unit"]}, {"within": ["word"]}, {"within": ["unit"], **spans[1]}, *spans])
    return "unique_within", {"columns": ["person"], **groups}


def _at_most(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    return "at_most", {**_unique(chance, table)[1], "max": chance.randint(1, 3)}


def _spacing(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    bounds = chance.choice(({"min": 1}, {"min": 1, "max": 31}, {"regular": 1, "times": 2}, {"regular": 30, "min": 1}))
    return "spacing", {"columns": [chance.choice(("person", "word"))], "date": _column(chance, table, "date"), **bounds}


def _precision(chance: Random, table: str) -> tuple[str, dict[str, Any]]:
    bounds = chance.choice(({"max": 1}, {"max": 0}, {"exactly": 2}, {"exactly": 0}))
    return "precision", {"column": "printed" if table == "people" else "word", **bounds}


def _parses(_chance: Random, _table: str) -> tuple[str, dict[str, Any]]:
    return "parses", {}


KINDS: tuple[Callable[[Random, str], tuple[str, dict[str, Any]]], ...] = (
    _expression, _expression, _expression, _not_null, _required_if, _in_set, _in_range, _matches, _references,
    _referenced_by, _same_as, _subset_of, _not_after, _not_future, _within_days, _unique, _unique_within, _at_most,
    _spacing, _precision, _parses,
)  # fmt: skip
