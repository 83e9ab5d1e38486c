"""Columns of text: decimals, pieces one after another, one text or another, and names as their places in a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import numpy.typing as npt  # takes a while


def text(*pieces: str | pl.Expr) -> pl.Expr:
    """The pieces of each row one after another; a piece that is one text stands in every row."""
    return pl.concat_str([_piece(piece) for piece in pieces])


def either(chosen: npt.NDArray[np.bool_], one: str | pl.Expr, other: str | pl.Expr) -> pl.Expr:
    """One text where it is chosen, and the other elsewhere."""
    if chosen.all() or not chosen.any():
        return _piece(one if chosen.all() else other)
    return pl.when(pl.lit(pl.Series(chosen))).then(_piece(one)).otherwise(_piece(other))


def decimals(scaled: npt.NDArray[Any], digits: int) -> pl.Expr:
    """Whole numbers, none below 0, of the last of so many decimals, without needless zeros.

    Where all are the same it is one text, which stands in every row of the frame it is put into.
    """
    if len(scaled) > 1 and (scaled == scaled[0]).all():
        return decimals(scaled[:1], digits).first()
    whole, places = (_digits(part) for part in (scaled // 10**digits, scaled % 10**digits))
    return whole + ("." + places.str.zfill(digits)).str.strip_chars_end("0").str.strip_chars_end(".")


def place_of(column: str, names: Sequence[str] | pl.Series) -> pl.Expr:
    """The place of each name among `names`, null of one that is not there: places compare faster than names do."""
    places = pl.Series(range(len(names)), dtype=pl.Int64)
    return pl.col(column).replace_strict(pl.Series(names, dtype=pl.String), places, default=None, return_dtype=pl.Int64)


def _digits(numbers: npt.NDArray[Any]) -> pl.Expr:
    if numbers.dtype == object:
        return pl.lit(pl.Series([str(number) for number in numbers], dtype=pl.String))
    return pl.lit(pl.Series(numbers)).cast(pl.String)


def _piece(piece: str | pl.Expr) -> pl.Expr:
    return pl.lit(piece) if isinstance(piece, str) else piece
