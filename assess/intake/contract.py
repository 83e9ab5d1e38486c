"""The contract of a table: which header is which column, how its text is read, and what pandera then holds to be true.

The polars backend of pandera has no parsers of its own, so the contract gives each column an expression that reads text
(or says that it cannot), and a pandera schema that every typed table must satisfy afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from assess.errors import did_you_mean
from assess.intake.readers import UnreadableError
from assess.tables import DTYPES, LINE, REJECTED, ColumnSpec, Table

_TRUE = ("true", "1", "是", "y", "yes", "t")
_FALSE = ("false", "0", "否", "n", "no", "f")
# Form and format: Polars would take the year of 24-01-05 for the year 24, and 2024105 for a day in October.
_DATES = (
    (r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\z", "%Y-%m-%d"),
    (r"\A[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}\z", "%Y/%m/%d"),
    (r"\A[0-9]{8}\z", "%Y%m%d"),
    (r"\A[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\z", "%Y年%m月%d日"),
)
_INTEGER = r"\A[+-]?[0-9]{1,18}(?:\.0+)?\z"
_NUMBER = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\z"
_DECIMAL = r"\A[+-]?[0-9]+(?:\.[0-9]+)?\z"
_BLANKS = " \t\r\n\u00a0\u3000\ufeff"


@dataclass(frozen=True)
class Contract:
    """A declared table, the column that names the unit, and the units that are known (none: this is the register).

    `registered` are units that an earlier file of the register holds already.
    """

    name: str
    table: Table
    unit_key: str
    units: tuple[str, ...] | None = None
    folder: str | None = None
    registered: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """What decides the outcome of reading a file, as SHA-256: together with the file's own it names the result."""
        said = [self.table.model_dump(mode="json"), self.unit_key, self.units, self.folder, self.registered]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    def match(self, header: Sequence[str]) -> tuple[dict[str, str], list[str]]:
        """Which position (c0, c1, ...) holds each declared column, and the headers nobody declared.

        Raises UnreadableError when a required column is missing or two headers mean the same column.
        """
        labels = {
            label.casefold(): column for column, spec in self.table.columns.items() for label in (column, *spec.aliases)
        }
        found: dict[str, str] = {}
        extra: list[str] = []
        for i, name in enumerate(header):
            column = labels.get(name.casefold())
            if column is None:
                extra.append(name)
            elif column in found:
                raise UnreadableError("ambiguous_columns", f"two headers stand for {column!r}: {name!r} is the second")
            else:
                found[column] = f"c{i}"
        missing = [column for column, spec in self.table.columns.items() if spec.required and column not in found]
        if missing:
            hints = [
                f"{name!r} ({did_you_mean(name, [n for n in extra if n]) or 'no such header'})" for name in missing
            ]
            raise UnreadableError("missing_columns", "; ".join(hints))
        return found, [name for name in extra if name]

    def parse(self, frame: pl.LazyFrame, found: dict[str, str]) -> pl.LazyFrame:
        """Typed columns, the line, and in `_rejected` the names of the cells that could not be read (null: none).

        The raw text of each column stays beside it as `raw <column>`.
        """
        schema = frame.collect_schema()
        texts, typed, bad = [], [], []
        for column, spec in self.table.columns.items():
            dtype = DTYPES[spec.type]
            position = found.get(column)
            if position is None:
                typed.append(pl.lit(None, dtype=dtype).alias(column))
                texts.append(pl.lit(None, dtype=pl.String).alias(f"raw {column}"))
            elif schema[position] == dtype and spec.type not in ("text", "code", "decimal", "number"):
                typed.append(pl.col(position).alias(column))
                texts.append(pl.lit(None, dtype=pl.String).alias(f"raw {column}"))
            else:
                text = pl.col(f"raw {column}")
                texts.append(_text(pl.col(position), schema[position]).alias(f"raw {column}"))
                value = _value(text, spec)
                typed.append(value.alias(column))
                if spec.type not in ("text", "code"):
                    withheld = text.is_in(list(spec.suppressed)) if spec.suppressed else pl.lit(value=False)
                    bad.append(pl.when(text.is_not_null() & pl.col(column).is_null() & ~withheld).then(pl.lit(column)))
        rejected = pl.concat_str(bad, separator=",", ignore_nulls=True) if bad else pl.lit(None, dtype=pl.String)
        columns = list(self.table.columns)
        return (
            frame.with_columns(texts)
            .with_columns(typed)
            .with_columns(pl.when(rejected != "").then(rejected).alias(REJECTED))
            .select(*columns, LINE, REJECTED, *[f"raw {column}" for column in columns])
        )

    def row_reason(self) -> pl.Expr:
        """Why a row belongs to nobody, or null: it names no unit, an unknown one, or another than its folder's."""
        key = pl.col(self.unit_key)
        reasons = [pl.when(key.is_null()).then(pl.lit("no_unit"))]
        if self.units is None:
            again = ~key.is_first_distinct() | key.is_in(list(self.registered))
            reasons.append(pl.when(again).then(pl.lit("unit_twice")))
        else:
            reasons.append(pl.when(~key.is_in(list(self.units))).then(pl.lit("unknown_unit")))
        if self.folder is not None:
            reasons.append(pl.when(key != self.folder).then(pl.lit("other_unit")))
        return pl.coalesce(reasons)

    def validate(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Hold a typed table to the pandera schema; a breach would be a fault of this program, not of the file."""
        columns = {
            name: pa.Column(DTYPES[spec.type], nullable=name != self.unit_key)
            for name, spec in self.table.columns.items()
        }
        schema = pa.DataFrameSchema(
            {**columns, LINE: pa.Column(pl.UInt32), REJECTED: pa.Column(pl.String, nullable=True)}, strict=True
        )
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            return schema.validate(frame)


def _text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Text without blanks around it; nothing but blanks is no value."""
    text = column.cast(pl.String)
    if dtype.is_float():
        # 100.0 in a typed file says no more than 100 does.
        text = text.str.strip_suffix(".0")
    text = text.str.strip_chars(_BLANKS)
    return pl.when(text != "").then(text)


def _value(text: pl.Expr, spec: ColumnSpec) -> pl.Expr:
    if spec.type in ("text", "code"):
        return text
    if spec.type == "integer":
        whole = text.str.replace(r"\.0+\z", "").cast(pl.Int64, strict=False)
        return pl.when(text.str.contains(_INTEGER)).then(whole)
    if spec.type == "number":
        # The pattern keeps out "nan" and "inf", which a cast would take for numbers; 1e999 would become infinite.
        value = text.cast(pl.Float64, strict=False)
        return pl.when(text.str.contains(_NUMBER) & value.is_finite()).then(value)
    if spec.type == "decimal":
        sound = text.str.contains(_DECIMAL)
        return pl.when(sound | text.is_in(list(spec.suppressed)) if spec.suppressed else sound).then(text)
    if spec.type == "boolean":
        word = text.str.to_lowercase()
        return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)
    day = text.str.replace(r"[ T]00:00(:00(\.0+)?)?\z", "")
    return pl.coalesce(
        [pl.when(day.str.contains(form)).then(day.str.to_date(said, strict=False)) for form, said in _DATES]
    )
