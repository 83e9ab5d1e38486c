"""What a view gives: found out by running it on tables without rows, and run in the same way on tables with rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from assess.ruleset.spec import View
from assess.tables import BOOKKEEPING, FILE, LINE, REJECTED, ROW, ColumnSpec, ColumnType, Table

# What a base table shows to a view beyond its declared columns, when the SQL mentions it.
DISQUALIFIED = "disqualified"
_EXTRAS: dict[str, pl.DataType] = {DISQUALIFIED: pl.Boolean(), FILE: pl.UInt32(), LINE: pl.UInt32()}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True)
class Shape:
    """What is known of a view: the table it amounts to, the declared tables it rests on, what it asks of them.

    `traced` says whether its rows keep the file and line of the record that they are made of.
    """

    view: View
    table: Table
    bases: tuple[str, ...]
    extras: frozenset[str]
    traced: bool = False

    @property
    def judged(self) -> bool:
        """Whether its SQL itself asks which records are disqualified."""
        return DISQUALIFIED in self.extras


class ViewError(ValueError):
    """A view that cannot be used; `code` and `field` say what is wrong and which key of the view it is about."""

    def __init__(self, code: str, field: str, message: str):
        self.code, self.field = code, field
        super().__init__(message)


def shapes(tables: Mapping[str, Table], views: Mapping[str, View], unit_key: str) -> dict[str, Shape]:
    """Every view's shape; a view may use the tables and the views before it. Raises ViewError for the first bad one."""
    found: dict[str, Shape] = {}
    for name, view in views.items():
        found[name] = shape(view, tables, found, unit_key)
    return found


def shape(view: View, tables: Mapping[str, Table], earlier: Mapping[str, Shape], unit_key: str) -> Shape:
    """The shape of one view, by a run on nothing. Raises ViewError when it cannot be used, KeyError for no table."""
    named = [earlier[name] if name in earlier else tables[name] for name in view.sql.tables]
    extras = frozenset(_EXTRAS) & view.sql.words
    for table in named:
        declared = table.columns if isinstance(table, Table) else table.table.columns
        if DISQUALIFIED in extras and DISQUALIFIED in declared:
            raise ViewError("RS015", "sql", f"{DISQUALIFIED!r} names a column and the outcome of disqualifying rules")
    frames = {
        name: pl.LazyFrame(schema=_visible(table if isinstance(table, Table) else table.table, extras))
        for name, table in zip(view.sql.tables, named, strict=True)
    }
    try:
        schema = execute(view, frames).collect().schema
    except (PolarsError, ValueError, TypeError) as error:
        raise ViewError("RS020", "sql", f"does not run: {_first_line(error)}") from None
    columns = {name: dtype for name, dtype in schema.items() if name not in (FILE, LINE)}
    namesakes: dict[str, list[ColumnSpec]] = {name: [] for name in columns}
    for table in named:
        for column, spec in (table if isinstance(table, Table) else table.table).columns.items():
            if column in namesakes:
                namesakes[column].append(spec)
    specs = {name: _spec(name, dtype, namesakes[name], view, unit_key) for name, dtype in columns.items()}
    for key, field in ((unit_key, "sql"), (view.per, "per")):
        if key not in specs:
            code = "RS016" if field == "sql" else "RS011"
            raise ViewError(code, field, f"the view gives no column {key!r}; it gives {', '.join(specs)}")
    for name in view.columns:
        if name not in specs:
            raise ViewError("RS011", "columns", f"the view gives no column {name!r}; it gives {', '.join(specs)}")
    if specs[unit_key].type not in ("text", "code"):
        raise ViewError("RS005", "sql", f"{unit_key!r} names the unit and should be text, not {specs[unit_key].type}")
    bases = [base for table, name in zip(named, view.sql.tables, strict=True) for base in _bases(table, name)]
    if not any(view.per in (table if isinstance(table, Table) else table.table).columns for table in named):
        raise ViewError("RS011", "per", f"no table that the view reads has a column {view.per!r} to be split by")
    table = Table(columns=specs, title=view.title, required=False)
    return Shape(view, table, tuple(dict.fromkeys(bases)), extras, traced={FILE, LINE} <= set(schema))


def _bases(table: Table | Shape, name: str) -> tuple[str, ...]:
    return (name,) if isinstance(table, Table) else table.bases


def _visible(table: Table, extras: frozenset[str]) -> dict[str, pl.DataType]:
    declared = {name: dtype for name, dtype in table.dtypes.items() if name not in BOOKKEEPING}
    return {**declared, **{name: dtype for name, dtype in _EXTRAS.items() if name in extras}}


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _type(name: str, dtype: pl.DataType, namesakes: list[ColumnSpec]) -> ColumnType:
    if dtype == pl.String:
        return next((spec.type for spec in namesakes if spec.type in ("code", "decimal")), "text")
    if dtype.is_integer():
        return "integer"
    if dtype.is_float() or isinstance(dtype, pl.Decimal):
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype == pl.Date:
        return "date"
    raise ViewError("RS020", "sql", f"column {name!r} comes out as {dtype}: cast it to a type that tables can have")


def _spec(name: str, dtype: pl.DataType, namesakes: list[ColumnSpec], view: View, unit_key: str) -> ColumnSpec:
    if not _NAME.fullmatch(name):
        raise ViewError("RS005", "sql", f"gives a column {name!r}; name it with AS, in letters, digits and _")
    said = view.columns.get(name)
    personal = said.personal if said is not None else None
    if personal is None:
        # Where a text comes from cannot be seen: unless its name is known to be harmless, it is taken for private.
        unknown = dtype == pl.String and not namesakes and name != unit_key
        personal = unknown or any(spec.personal for spec in namesakes)
    title = said.title if said is not None and said.title is not None else None
    title = title or next((spec.title for spec in namesakes if spec.title is not None), None)
    return ColumnSpec(type=_type(name, dtype, namesakes), personal=personal, title=title)


def execute(view: View, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The view's statement over `frames`; no other name means anything to it."""
    with pl.SQLContext(frames=dict(frames), register_globals=False, eager=False) as context:
        result = context.execute(view.sql.bound)
    assert isinstance(result, pl.LazyFrame)  # noqa: S101 - that is what `eager=False` asks for
    return result


def rows(shape: Shape, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The view as a table: declared types, bookkeeping columns, and rows in an order that the same rows always have.

    `frames` are the tables it names, as `visible` shows them. A row of a view stands in no file, unless the SQL selects
    `_file` and `_line` itself.
    """
    result = execute(shape.view, frames)
    dtypes = shape.table.dtypes
    typed = result.select(
        *[pl.col(name).cast(dtypes[name]) for name in shape.table.columns],
        pl.col(FILE).cast(pl.UInt32) if shape.traced else pl.lit(None, dtype=pl.UInt32).alias(FILE),
        pl.col(LINE).cast(pl.UInt32) if shape.traced else pl.lit(0, dtype=pl.UInt32).alias(LINE),
    )
    return numbered(shape, typed)


def numbered(shape: Shape, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of a view in the order that the same rows always have, with their numbers."""
    ordered = rows.select(*shape.table.columns, FILE, LINE).sort([*shape.table.columns, FILE, LINE])
    counted = ordered.with_row_index(ROW).with_columns(
        pl.col(ROW).cast(pl.UInt32), pl.lit(None, dtype=pl.String).alias(REJECTED)
    )
    return counted.select(list(shape.table.dtypes))


def visible(shape: Shape, table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    """A base table as the view sees it: declared columns, and of the others those that its SQL mentions."""
    return rows.select(list(_visible(table, shape.extras)))
