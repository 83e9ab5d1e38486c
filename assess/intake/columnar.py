"""Reading Parquet, whose columns keep their types."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from assess.intake.header import clean
from assess.intake.raw import Raw, UnreadableError, bounded, positions, readable
from assess.tables import LINE


def read_parquet(path: Path) -> Raw:
    """Read a Parquet file; its line is the number of its row, from 1."""
    try:
        frame = pl.scan_parquet(readable(path), glob=False)
        schema = frame.collect_schema()
        lines = int(frame.select(pl.len()).collect().item())
    except PolarsError as error:
        raise UnreadableError("not_parquet", str(error).splitlines()[0]) from None
    odd = (pl.Object, pl.Binary, pl.Duration, pl.Time)
    nested = [name for name, dtype in schema.items() if dtype.is_nested() or dtype in odd]
    if nested:
        raise UnreadableError("nested_columns", ", ".join(nested))
    header = bounded(clean(schema.names()))
    names = positions(len(header))
    renamed = frame.select(pl.col(old).alias(new) for old, new in zip(schema.names(), names, strict=True))
    return Raw(renamed.with_row_index(LINE, offset=1), header, lines, 0)
