"""Numbers that a spreadsheet took for quantities: judged for the file, because one number alone tells nothing.

A spreadsheet keeps 15 digits. An 18-digit number loses its last three (they become 000), is shown as 3.40123E+17, or is
written out as the nearest binary fraction. About 0.1 % of sound numbers end in 000, and between 1/16 and 1/128 of them
(by their size) happen to be binary fractions.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from assess.tables import Table

_SCIENTIFIC = r"\A[0-9](?:\.[0-9]+)?[eE]\+?(?:1[4-9])\z"
_TAIL = r"\A[0-9]{15,18}\.[0-9]+\z"


def judged(table: Table) -> list[str]:
    """The columns whose numbers are judged: those the ruleset says so of, and codes that identify a person."""
    return [
        name
        for name, spec in table.columns.items()
        if spec.type == "code" and (spec.damage == "identity" or (spec.damage is None and spec.personal))
    ]


def counts(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """One row: for each column that is judged how many numbers there are, and how many show which damage."""
    return frame.select(pl.struct(_counts(pl.col(name))).alias(name) for name in judged(table))


def damage(seen: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Of what `counts` gave, the columns that are damaged."""
    return {name: row for name in seen.columns for row in seen[name] if _is_damaged(row)}


def _counts(text: pl.Expr) -> list[pl.Expr]:
    whole = text.cast(pl.Int64, strict=False)
    # Eighteen characters that are a number of eighteen digits are digits: a sign would have taken the place of one.
    digits = ((text.str.len_bytes() == 18) & (whole >= 10**17)).fill_null(value=False)
    number = pl.when(digits).then(whole)
    odd = text.filter(~digits)
    return [
        text.is_not_null().sum().alias("numbers"),
        digits.sum().alias("digits"),
        (number % 1000 == 0).sum().alias("zeros"),
        (number.cast(pl.Float64).cast(pl.Int64) == number).sum().alias("binary"),
        odd.str.contains(_SCIENTIFIC).sum().alias("scientific"),
        odd.str.contains(_TAIL).sum().alias("tails"),
    ]


def _is_damaged(seen: dict[str, Any]) -> bool:
    """Whether chance is out of the question: below one in 100,000 for a file of sound numbers of any size."""
    if seen["scientific"] or seen["tails"]:
        return True
    digits, zeros, binary = seen["digits"], seen["zeros"], seen["binary"]
    if (zeros >= 2 and zeros >= 0.5 * digits) or (zeros >= 5 and zeros >= 0.02 * digits):
        return True
    return bool((binary >= 4 and binary >= 0.9 * digits) or (binary >= 8 and binary >= 0.5 * digits))
