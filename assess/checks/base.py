"""What a kind of check is, and the registry that finds it by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from assess.sql import Sql

Dimension = Literal["completeness", "conformance", "uniqueness", "consistency", "plausibility", "timeliness"]

REGISTRY: dict[str, type[Check]] = {}

# Puts an expression by under a name that says what it is of which columns, and gives what stands for it from then on.
Hold = Callable[[str, pl.Expr], pl.Expr]


def inline(name: str, expr: pl.Expr) -> pl.Expr:  # noqa: ARG001
    """Holds nothing: the expression stands for itself, wherever it is needed."""
    return expr


@dataclass(frozen=True)
class Lookup:
    """Records of another table that a check joins by key: those whose `keys` equal the record's `columns`.

    `key` is true where there is one, `count` says how many there are, and for each column that it `carries` `least` and
    `most` are the smallest and the largest value among them: the same unless the records contradict each other.
    """

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    where: Sql | None = None
    carries: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the joined column: the same for equal lookups, so that they are joined once."""
        condition = f" where {self.where.bound}" if self.where else ""
        carried = f" with {','.join(self.carries)}" if self.carries else ""
        return f"_in {self.table}({','.join(self.keys)}) by {','.join(self.columns)}{condition}{carried}"

    @property
    def count(self) -> str:
        """The name of the column with the number of records found; null where there is none."""
        return f"{self.key} count"

    def least(self, column: str) -> str:
        """The name of the column with the smallest value of a carried column."""
        return f"{self.key} least {column}"

    def most(self, column: str) -> str:
        """The name of the column with the largest value of a carried column."""
        return f"{self.key} most {column}"


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

    def shared(self, hold: Hold) -> pl.Expr:  # noqa: ARG002
        """As `valid`; what other rules on the same columns need as well is put by with `hold`, and evaluated once."""
        return self.valid()

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        """Whether the predicate is true or false rather than null, where that is known without it; before `where`.

        It is true or false itself. Rules that apply to the same records are then counted once.
        """
        return None

    def compared(self) -> tuple[pl.Expr, ...]:
        """The key that makes records be compared with each other; none: each is judged by itself.

        The outcome of a record then hangs on it and on those with an equal key alone. A record of which a part of the
        key is null is not applicable, nor is one that `where` leaves out.
        """
        return ()

    @property
    def alone(self) -> bool | None:
        """The outcome of a record whose key no other record has."""
        raise NotImplementedError

    def reasons(self) -> dict[str, pl.Expr]:
        """Why a record is violated: the first expression that is true names the reason.

        They are evaluated on the violating records alone, so they cannot compare records.
        """
        return {}

    def numbers(self) -> dict[str, pl.Expr]:
        """Figures that explain a violation to a person, each as text; for small listed tables."""
        return {}

    def hints(self, violated: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:  # noqa: ARG002
        """More figures for violated records of a listed table: `_row` and text columns; `rows` is the whole table."""
        return violated.select("_row").clear()

    def remains(self, unit: str, violated: pl.Expr) -> pl.Expr:  # noqa: ARG002
        """Which of the violated records of a unit still stand when they are put right: all, unless some repeat others.

        Evaluated on violating records in the order in which they were submitted; `unit` is the key column.
        """
        return pl.lit(value=True)

    def partition_by(self) -> tuple[str, ...]:
        """The columns whose equal values must stay together when records are split; none: any split will do."""
        return ()

    def lookups(self) -> tuple[Lookup, ...]:
        """Other tables whose keys are joined before the predicate is evaluated."""
        return ()

    def refers(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Every (field, table, columns) of another table that the check names, SQL included."""
        yield from ()

    @property
    def outcome(self) -> pl.Expr:
        """The predicate as the engine evaluates it: null wherever `where` is not true."""
        return self.judged(inline)

    def judged(self, hold: Hold) -> pl.Expr:
        """As `outcome`, with what is shared put by."""
        if self.where is None:
            return self.shared(hold)
        return pl.when(self.where.expr).then(self.shared(hold))

    def applicable(self, hold: Hold) -> pl.Expr | None:
        """As `applies`, after `where`."""
        applies = self.applies(hold)
        if applies is None or self.where is None:
            return applies
        return self.where.expr.fill_null(value=False) & applies

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


class Profile(Check):
    """A statement on a unit, not on a record: what its records amount to, alone or beside those of its peers.

    It is made of sums over the unit's records, which add like all measurements, and judged once they are whole. A kind
    that is a `signal` compares with what is usual: unusual is a question to the unit and no proof, so its rules have
    the effect `review`.
    """

    signal: ClassVar[bool] = True
    compares: ClassVar[bool] = False  # with the same rule's sums in an earlier assessment

    def amounts(self, unit: str) -> dict[str, pl.Expr]:
        """What each record adds to the sums of its unit, as integers or `exact` decimals; `unit` is the key column."""
        raise NotImplementedError

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:
        """The verdict on every unit: `unit`, `valid` (true, false or null), `reason`, and figures as text.

        `sums` has one line for each unit: `unit`, and the sums by name. `previous` has the same columns and comes from
        an earlier assessment.
        """
        raise NotImplementedError

    @property
    def chosen(self) -> pl.Expr:
        """Whether a record is among those that `where` selects."""
        return pl.lit(value=True) if self.where is None else self.where.expr.fill_null(value=False)


def numeric(value: pl.Expr) -> pl.Expr:
    """Numbers as floats. A cast would take text and dates for numbers in silence; arithmetic refuses them by type."""
    return value * 1.0


def exact(value: pl.Expr) -> pl.Expr:
    """Numbers as decimals of six places, whose sum does not hang on the order of adding; null counts as nothing."""
    return numeric(value).cast(pl.Decimal(38, 6), strict=False).fill_null(0)


def column_field(default: Any = ..., **options: Any) -> Any:
    """A field that names one column of the checked table, or several; `options` are those of pydantic's Field."""
    return Field(default, json_schema_extra={"format": "column"}, **options)


def all_of(parts: list[pl.Expr]) -> pl.Expr:
    """False if any part is false, null if every part is null, otherwise true.

    This is not SQL's AND: a part that does not apply does not hide that the others hold.
    """
    return parts[0] if len(parts) == 1 else pl.min_horizontal(parts)
