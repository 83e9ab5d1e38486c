"""The contract of a table: which header is which column, how its text is read, and what pandera then holds to be true.

The polars backend of pandera has no parsers of its own, so the contract gives each column an expression that reads text
(or says that it cannot), and a pandera schema that every typed table must satisfy afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assess.errors import did_you_mean
from assess.intake.header import Wanted, key
from assess.intake.raw import Raw, UnreadableError, positions
from assess.intake.values import WIDE, WIDE_CODE, narrowed, text_of, value_of
from assess.tables import DTYPES, LINE, REJECTED, Table


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

    @property
    def wanted(self) -> Wanted:
        """What a reader looks for in a file: the headers, and the sheet of a workbook."""
        labels = {
            key(label): column for column, spec in self.table.columns.items() for label in (column, *spec.aliases)
        }
        required = frozenset(column for column, spec in self.table.columns.items() if spec.required)
        return Wanted(labels, required, self.table.sheet)

    def match(self, header: Sequence[str]) -> tuple[dict[str, str], list[str]]:
        """Which position (c0, c1, ...) holds each declared column, and the headers nobody declared.

        Raises UnreadableError when a required column is missing or two headers mean the same column.
        """
        labels = self.wanted.labels
        found: dict[str, str] = {}
        extra: list[str] = []
        for i, name in enumerate(header):
            column = labels.get(key(name))
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

    def parse(self, raw: Raw, found: dict[str, str]) -> pl.LazyFrame:
        """Typed columns, the line, and in `_rejected` the names of the cells that could not be read (null: none).

        The raw text of each column stays beside it as `raw <column>`. Rows that are empty throughout are left out.
        """
        schema = raw.frame.collect_schema()
        texts, typed, bad = [], [], dict[str, pl.Expr]()
        absent = []
        for column, spec in self.table.columns.items():
            dtype = DTYPES[spec.type]
            position = found.get(column)
            if position is None:
                typed.append(pl.lit(None, dtype=dtype).alias(column))
                texts.append(pl.lit(None, dtype=pl.String).alias(f"raw {column}"))
            elif schema[position] == dtype and spec.type not in ("text", "code", "decimal", "number"):
                typed.append(pl.col(position).alias(column))
                texts.append(pl.lit(None, dtype=pl.String).alias(f"raw {column}"))
                absent.append(pl.col(position).is_null())
            else:
                absent.append(pl.col(f"raw {column}").is_null())
                text = pl.col(f"raw {column}")
                texts.append(text_of(pl.col(position), schema[position], blanks=raw.blanks).alias(f"raw {column}"))
                value = value_of(narrowed(text, spec) if raw.wide else text, spec, raw.serials)
                typed.append(value.alias(column))
                if spec.type not in ("text", "code"):
                    withheld = text.is_in(list(spec.suppressed)) if spec.suppressed else pl.lit(value=False)
                    bad[column] = text.is_not_null() & pl.col(column).is_null() & ~withheld
        columns = list(self.table.columns)
        undeclared = [position for position in positions(len(raw.header)) if position not in found.values()]
        # A row that is empty throughout is no row.
        empty = pl.all_horizontal([*absent, *[raw.empty(position) for position in undeclared]])
        return (
            raw.frame.with_columns(texts)
            .filter(~empty)
            .with_columns(typed)
            .with_columns(_named(bad).alias(REJECTED))
            .select(*columns, LINE, REJECTED, *[f"raw {column}" for column in columns])
        )

    def wide_cells(self, raw: Raw, found: dict[str, str]) -> pl.LazyFrame:
        """One number: how many cells hold full-width characters that are read as what they stand for."""
        schema = raw.frame.collect_schema()
        counts = [
            pl.col(position).str.contains(WIDE_CODE if spec.type == "code" else WIDE).sum()
            for column, spec in self.table.columns.items()
            if spec.type != "text" and (position := found.get(column)) and schema[position] == pl.String
        ]
        return raw.frame.select(pl.sum_horizontal(counts) if counts else pl.lit(0))

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

    def validate(self, path: Path) -> None:
        """Hold a typed file to the pandera schema; a breach would be a fault of this program, not of the file.

        Of its data pandera looks at what must not be null: no row may be without its unit. Of lazy frames it would not
        look at data at all, unless it is told to.
        """
        import pandera.polars as pa  # takes most of a second, which who reads no new file goes without
        from pandera.config import ValidationDepth, config_context

        columns = {
            name: pa.Column(DTYPES[spec.type], nullable=name != self.unit_key)
            for name, spec in self.table.columns.items()
        }
        columns |= {LINE: pa.Column(pl.UInt32), REJECTED: pa.Column(pl.String, nullable=True)}
        with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            pa.DataFrameSchema(columns, strict=True).validate(pl.scan_parquet(path, glob=False))


def _named(bad: dict[str, pl.Expr]) -> pl.Expr:
    """The names of the cells of a row that are bad, joined by commas; null where none is.

    Names are written only in batches that have a bad cell, for text is slow to make and most batches have none.
    """
    if not bad:
        return pl.lit(None, dtype=pl.String)

    def batch(cells: Sequence[pl.Series]) -> pl.Series:
        if not any(each.any() for each in cells):
            return pl.repeat(None, len(cells[0]), dtype=pl.String, eager=True)
        frame = pl.DataFrame(dict(zip(bad, cells, strict=True)))
        said = [pl.when(name).then(pl.lit(name)) for name in bad]
        joined = pl.concat_str(said, separator=",", ignore_nulls=True)
        return frame.select(pl.when(joined != "").then(joined)).to_series()

    return pl.map_batches(list(bad.values()), batch, return_dtype=pl.String, is_elementwise=True)
