"""What a kind of check is, and the registry that finds it by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from assess.sql import Sql

Dimension = Literal["completeness", "conformance", "uniqueness", "consistency", "plausibility", "timeliness"]

REGISTRY: dict[str, type[Check]] = {}


@dataclass(frozen=True)
class Lookup:
    """Keys of another table that a check joins: `key` is true where the record's `columns` are found there."""

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    where: Sql | None = None

    @property
    def key(self) -> str:
        """The name of the joined column: the same for equal lookups, so that they are joined once."""
        condition = f" where {self.where.bound}" if self.where else ""
        return f"_in {self.table}({','.join(self.keys)}) by {','.join(self.columns)}{condition}"


class Check(BaseModel):
    """A predicate on records: true is satisfied, false is violated, null is not applicable."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: ClassVar[str] = ""
    dimension: ClassVar[Dimension]

    where: Sql | None = Field(None, description="Only records for which this SQL condition is true are checked.")

    def __init_subclass__(cls, kind: str = "", dimension: Dimension | None = None, **kwargs: Any) -> None:
        """Register the class under its kind; a family of kinds may share a base that has none."""
        super().__init_subclass__(**kwargs)
        if not kind:
            return
        if kind in REGISTRY:
            raise TypeError(f"kind {kind!r} is registered twice")
        if dimension is None:
            raise TypeError(f"kind {kind!r} has no dimension")
        cls.kind = kind
        cls.dimension = dimension
        REGISTRY[kind] = cls

    def valid(self) -> pl.Expr:
        """The predicate, before `where` is applied."""
        raise NotImplementedError

    def reasons(self) -> dict[str, pl.Expr]:
        """Why a record is violated: the first expression that is true names the reason."""
        return {}

    def numbers(self) -> dict[str, pl.Expr]:
        """Figures that explain a violation to a person, each as text; for small listed tables."""
        return {}

    def hints(self, violated: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:  # noqa: ARG002
        """More figures for violated records of a listed table: `_row` and text columns; `rows` is the whole table."""
        return violated.select("_row").clear()

    def partition_by(self) -> tuple[str, ...]:
        """The columns whose equal values must stay together when records are split; none: any split will do."""
        return ()

    def lookups(self) -> tuple[Lookup, ...]:
        """Other tables whose keys are joined before the predicate is evaluated."""
        return ()

    @property
    def outcome(self) -> pl.Expr:
        """The predicate as the engine evaluates it: null wherever `where` is not true."""
        if self.where is None:
            return self.valid()
        return pl.when(self.where.expr).then(self.valid())

    def reads(self) -> Iterator[tuple[str, str]]:
        """Every (field, column) of the checked table that the check names, SQL included."""
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            extra = info.json_schema_extra
            columns: Iterable[str] = ()
            if isinstance(extra, Mapping) and extra.get("format") == "column":
                columns = [value] if isinstance(value, str) else value or ()
            elif isinstance(value, Sql) and name not in self.foreign_sql():
                columns = value.columns
            for column in columns:
                yield name, column

    def foreign_sql(self) -> frozenset[str]:
        """Fields whose SQL is over another table than the checked one."""
        return frozenset()


def column_field(default: Any = ..., **options: Any) -> Any:
    """A field that names one column of the checked table, or several; `options` are those of pydantic's Field."""
    return Field(default, json_schema_extra={"format": "column"}, **options)


def all_of(parts: list[pl.Expr]) -> pl.Expr:
    """False if any part is false, null if every part is null, otherwise true.

    This is not SQL's AND: a part that does not apply does not hide that the others hold.
    """
    violated = pl.any_horizontal([part.not_().fill_null(value=False) for part in parts])
    applies = pl.any_horizontal([part.is_not_null() for part in parts])
    return pl.when(violated).then(statement=False).when(applies).then(statement=True)
