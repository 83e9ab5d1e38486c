"""A DuckDB with the tables of a ruleset, for tests that hold exported SQL to the engine."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from assess.exports.dialect import DIALECTS
from assess.tables import Table

DUCKDB = DIALECTS["duckdb"]


def filled(tables: Mapping[str, Table], frames: Mapping[str, pl.DataFrame]) -> duckdb.DuckDBPyConnection:
    """A database whose tables are made by the exported statements, with the rows of `frames`."""
    database = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, table) in enumerate(tables.items()):
            database.execute(DUCKDB.written(DUCKDB.table(name, table)))
            rows = Path(folder) / f"{number}.parquet"
            frames[name].select(list(table.columns)).write_parquet(rows)
            database.execute(f'INSERT INTO "{name}" SELECT * FROM read_parquet(?)', [str(rows)])  # noqa: S608
    return database


def counted(rows: list[tuple[str, ...]]) -> dict[str, int]:
    """How many rows there are of each unit, which stands in the first column."""
    units = sorted((row[0] for row in rows), key=str)
    return {unit: len(list(group)) for unit, group in itertools.groupby(units)}
