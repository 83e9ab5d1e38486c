"""Typed tables as pandas has them, with nulls that stay nulls and whole numbers that stay whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from assess.engine.views import Scan
from assess.tables import ROW

if TYPE_CHECKING:
    import pandas as pd


def pandas_frame(frame: pl.DataFrame) -> pd.DataFrame:
    """The same values: Int64 and boolean of pandas, which know null, floats, text, and days as datetime64.

    A float of pandas has one word for null and for what is no number; intake reads no cell as the latter.
    """
    import pandas as pd

    def column(series: pl.Series) -> pd.Series:
        gone = series.is_null().to_numpy()
        if series.dtype.is_integer():
            return pd.Series(pd.arrays.IntegerArray(series.cast(pl.Int64).fill_null(0).to_numpy().copy(), gone))
        if series.dtype == pl.Boolean:
            return pd.Series(pd.arrays.BooleanArray(series.fill_null(value=False).to_numpy().copy(), gone))
        if series.dtype == pl.String:
            return pd.Series(series.to_list(), dtype="str")
        return pd.Series(series.to_numpy())

    return pd.DataFrame({name: column(frame[name]) for name in frame.columns})


class Sampled:
    """The tables as the second engine sees them: whole, or only the records of the sampled units."""

    def __init__(self, scan: Scan, unit_key: str, units: Sequence[str] | None):
        self.scan, self.unit_key, self.units = scan, unit_key, units
        self._whole: dict[str, pd.DataFrame] = {}

    def whole(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """All records of a table, with the columns that are asked for."""
        wanted = tuple(dict.fromkeys(columns))
        kept = self._whole.get(table)
        missing = [name for name in wanted if kept is None or name not in kept.columns]
        if missing:
            read = pandas_frame(self.scan(table).select(missing).collect())
            self._whole[table] = kept = read if kept is None else kept.assign(**dict(read.items()))
        assert kept is not None  # noqa: S101 - a table has columns
        return kept[list(wanted)]

    def of_units(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """The records of the sampled units, with the columns that are asked for and those that name the record."""
        rows = self.scan(table)
        if self.units is not None:
            rows = rows.filter(pl.col(self.unit_key).is_in(list(self.units)))
        return pandas_frame(rows.select(list(dict.fromkeys([ROW, *columns]))).collect())

    def all_rows(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """As `of_units`, of all units."""
        return self.whole(table, [ROW, *columns])
