"""The register: who is assessed, and what it says of them."""

from __future__ import annotations

import json

import polars as pl

from assess.engine.views import Scan
from assess.ruleset.spec import Ruleset
from assess.tables import DTYPES

REGISTER: dict[str, pl.DataType] = {"unit": pl.String(), "column": pl.String(), "value": pl.String()}


def register(ruleset: Ruleset, scan: Scan) -> pl.DataFrame:
    """The lines of the register in the order of the units: `unit`, `name`, `peers`, one column for each level.

    Of a unit with several lines the first counts. The columns that are not personal follow, as typed.
    """
    unit = ruleset.unit
    kept = _kept(ruleset)
    peers = pl.col(unit.peers).cast(pl.String) if unit.peers is not None else pl.lit(None, dtype=pl.String)
    frame = scan(unit.table).select(
        pl.col(unit.key).alias("unit"),
        pl.coalesce(pl.col(unit.name or unit.key).cast(pl.String), pl.col(unit.key)).alias("name"),
        peers.alias("peers"),
        *[pl.col(level).cast(pl.String).alias(f"level {level}") for level in unit.levels],
        *[pl.col(column).alias(f"column {column}") for column in kept],
    )
    return frame.unique("unit", keep="first", maintain_order=True).sort("unit").collect()


def _kept(ruleset: Ruleset) -> list[str]:
    table = ruleset.tables[ruleset.unit.table]
    return [name for name, column in table.columns.items() if not column.personal]


def units(registered: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """The table of units: `unit`, `name`, `group` (its lowest level), `peers`, and all its `levels` as JSON."""
    names = [(level, f"level {level}") for level in ruleset.unit.levels]
    said = [
        json.dumps({level: row[name] for level, name in names}, ensure_ascii=False)
        for row in registered.iter_rows(named=True)
    ]
    group = pl.col(names[0][1]) if names else pl.lit(None, dtype=pl.String)
    return registered.select("unit", "name", group=group, peers="peers", levels=pl.Series(said, dtype=pl.String))


def stored(registered: pl.DataFrame) -> pl.DataFrame:
    """The register as one line for each unit and column, every value as text: REGISTER."""
    names = [name for name in registered.columns if name.startswith("column ")]
    return (
        registered.select("unit", pl.col(names).cast(pl.String))
        .unpivot(names, index="unit", variable_name="column")
        .with_columns(pl.col("column").str.strip_prefix("column "))
        .sort("unit", "column")
        .cast(REGISTER)  # type: ignore[arg-type]
    )


def restored(lines: pl.DataFrame, ruleset: Ruleset) -> pl.LazyFrame:
    """The register table as it was read, from what `stored` kept of it; what is personal in it is null.

    Raises KeyError with the name of a column that the ruleset declares, and that was not kept.
    """
    table = ruleset.tables[ruleset.unit.table]
    wide = lines.rename({"unit": "_of"}).pivot("column", index="_of", values="value")
    columns = []
    for name, column in table.columns.items():
        dtype = DTYPES[column.type]
        if name not in wide.columns:
            if not column.personal:
                raise KeyError(name)
            columns.append(pl.lit(None, dtype=dtype).alias(name))
        elif dtype == pl.Boolean():
            columns.append((pl.col(name) == "true").alias(name))
        else:
            columns.append(pl.col(name).cast(dtype).alias(name))
    return wide.lazy().select(columns)
