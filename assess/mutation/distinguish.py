"""Which example would tell a rule from its mutant: a search among records that differ from an example in one cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from assess.checks.base import Check
from assess.examples import Bench, Outcome
from assess.mutation.fields import choices_of, is_column
from assess.mutation.sql import moved, tokens
from assess.sql import Sql
from assess.tables import ROW

_SHIFTED = re.compile(r"DATE\s+'[0-9-]+'\s*[+-]\s*INTERVAL\s+'[0-9]+[a-z]+'", re.IGNORECASE)
_MOST = 3000


@dataclass(frozen=True)
class Candidate:
    """One cell changed in an example (`like` says in which), and what the rule says of the record then."""

    column: str
    value: str
    like: str
    outcome: Outcome


def distinguishing(made: Bench, changed: Sequence[Check]) -> list[Candidate | None]:
    """For each changed check a record of which the rule says something else; none where the search finds none.

    A kind that compares records is not searched: one record more would change what is said of the others.
    """
    check = made.rule.check
    if not changed or check.partition_by():
        return [None] * len(changed)
    rows = list(_candidates(made, [check, *changed]))[:_MOST]
    if not rows:
        return [None] * len(changed)
    frame = pl.DataFrame([row for row, _, _ in rows], schema=made.rows.schema, orient="row").with_columns(
        pl.Series(ROW, range(len(rows)), dtype=pl.UInt32)
    )
    original, *others = made.outcomes([check, *changed], frame)
    return [_first(rows, original, other) for other in others]


_Row = tuple[dict[str, Any], str, str]


def _first(rows: Sequence[_Row], original: list[Outcome] | str, other: list[Outcome] | str) -> Candidate | None:
    if isinstance(original, str) or isinstance(other, str):
        return None
    for (row, column, like), says, said in zip(rows, original, other, strict=True):
        if says is not said:
            value = row[column]
            shown = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            return Candidate(column, shown, like, says)
    return None


def _candidates(made: Bench, checks: Sequence[Check]) -> Iterator[_Row]:
    columns = [column for column in dict.fromkeys(name for _, name in made.rule.check.reads()) if column in made.rows]
    bases = list(zip(made.examples, made.rows.rows(named=True), strict=False))
    shown = [(row, f"{example.path[3]}[{example.path[4]}]") for example, row in bases]
    if not shown:
        shown = [(dict.fromkeys(made.rows.columns), "")]
    literals = list(dict.fromkeys(value for check in checks for value in _literals(check)))
    for column in columns:
        pool = _pool(made, column, columns, literals)
        for row, like in shown:
            for value in pool:
                if value != row[column] or type(value) is not type(row[column]):
                    yield {**row, column: value}, column, like if len(columns) > 1 else ""


def _pool(made: Bench, column: str, columns: Sequence[str], literals: Iterable[Any]) -> list[Any]:
    """Values that may tell: literals of the column's type, what it and its neighbours hold in the examples, nothing."""
    dtype = made.rows.schema[column]
    kinds = {name: spec.type for name, spec in made.plan.table.columns.items()}
    found = [value for literal in literals if (value := _as(dtype, literal)) is not None]
    if dtype == pl.Boolean:
        found += [True, False]
    like = [name for name in columns if kinds.get(name) == kinds.get(column) != "text" and name != column]
    for name in (column, *like):
        held = made.rows[name].drop_nulls().unique(maintain_order=True).to_list()
        found += held
        if dtype == pl.Date:
            found += [day + dt.timedelta(days=way) for day in held for way in (-1, 1)]
        elif dtype == pl.Int64:
            found += [number + way for number in held for way in (-1, 1)]
    return [*dict.fromkeys(found), None]


def _as(dtype: pl.DataType, value: Any) -> Any:
    """A literal as a value of a column, or null where it cannot stand there."""
    if isinstance(value, Decimal):
        if dtype == pl.Int64:
            return int(value) if value == int(value) else None
        return float(value) if dtype == pl.Float64 else str(value) if dtype == pl.String else None
    return value if dtype == (pl.Date if isinstance(value, dt.date) else pl.String) else None


def _literals(check: Check) -> Iterator[Any]:
    """The numbers, days and texts that a check names, and the numbers and days one step beside them."""
    for name, info in type(check).model_fields.items():
        value = getattr(check, name)
        if isinstance(value, Check):
            yield from _literals(value)
        elif isinstance(value, Sql):
            yield from _of_sql(value.bound)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield Decimal(str(value))
        elif isinstance(value, tuple) and not is_column(info) and not choices_of(info.annotation):
            yield from (member for member in value if isinstance(member, str))


def _of_sql(text: str) -> Iterator[Any]:
    for shifted in _SHIFTED.findall(text):
        try:
            day = pl.select(pl.sql_expr(shifted)).item()
        except PolarsError:
            continue
        yield from (_day(day) + dt.timedelta(days=way) for way in (0, -1, 1))
    for token in tokens(text):
        if token.kind == "number":
            yield from (Decimal(said.strip("()")) for said in (token.text, *moved(token)))
        elif token.kind == "date":
            yield from (dt.date.fromisoformat(said[-11:-1]) for said in (token.text, *moved(token)))
        elif token.kind == "string":
            yield token.text[1:-1].replace("''", "'")


def _day(value: Any) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value
