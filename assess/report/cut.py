"""A table that is read unit by unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

# A column whose texts come so often on average is kept with one object for each text.
_FEW = 4


class Cut:
    """A table, sorted once by unit; only the rows that are asked for become Python objects."""

    def __init__(self, frame: pl.DataFrame):
        self._frame = frame.sort("unit", maintain_order=True)
        self._columns: tuple[Sequence[Any], ...] | None = None
        self._order = {name: place for place, name in enumerate(frame.columns)}
        runs = self._frame["unit"].rle().struct.unnest()
        self._last: tuple[str | None, list[dict[str, Any]]] | None = None
        self._places: dict[str | None, tuple[int, int]] = {}
        start = 0
        for length, unit in runs.select("len", "value").iter_rows():
            self._places[unit] = (start, start + length)
            start += length

    def detach(self) -> None:
        """Keep the table as plain lists, so that from now on no row is asked of Polars."""
        self._columns = tuple(_listed(column) for column in self._frame)

    def of(self, unit: str | None) -> list[dict[str, Any]]:
        """The rows of one unit, in the order of the table; those of the last one are at hand."""
        if self._last is None or self._last[0] != unit:
            self._last = (unit, self._rows(unit))
        return self._last[1]

    def cells(self, unit: str | None, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Some columns of the rows of one unit."""
        start, end = self._places.get(unit, (0, 0))
        if self._columns is None:
            return iter(self._frame.slice(start, end - start).select(names).rows())
        return zip(*(self._columns[self._order[name]][start:end] for name in names), strict=True)

    def _rows(self, unit: str | None) -> list[dict[str, Any]]:
        start, end = self._places.get(unit, (0, 0))
        if start == end:
            return []
        if self._columns is None:
            return self._frame.slice(start, end - start).rows(named=True)
        cut = (column[start:end] for column in self._columns)
        return [dict(zip(self._order, row, strict=True)) for row in zip(*cut, strict=True)]


def _listed(column: pl.Series) -> Sequence[Any]:
    """A column as a list; where few texts make up all of it, each is one object."""
    if column.dtype != pl.String or column.n_unique() > column.len() // _FEW:
        return column.to_list()
    texts: dict[str, str] = {}
    return [text and texts.setdefault(text, text) for text in column.to_list()]
