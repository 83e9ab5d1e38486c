"""Two tables of the same kind, held against each other row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

# The tables that are concluded, and what names a row of each.
KEYS: dict[str, tuple[str, ...]] = {
    "measurements": ("unit", "rule"),
    "indicators": ("level", "unit", "indicator"),
    "distributions": ("level", "group", "indicator"),
    "score_parts": ("unit", "position"),
    "scores": ("unit",),
    "pool_awards": ("unit", "pool"),
    "award_steps": ("unit", "pool", "position"),
    "awards": ("unit",),
    "remedies": ("unit", "rule"),
    "findings": ("finding",),
}


@dataclass(frozen=True)
class Difference:
    """One row that differs: its key, and each column with what is there and what it should be; none: no such row."""

    key: tuple[tuple[str, Any], ...]
    there: dict[str, Any] | None
    again: dict[str, Any] | None

    def __str__(self) -> str:
        row = ", ".join(f"{name} {value}" for name, value in self.key)
        if self.again is None:
            return f"row {row}: follows from nothing"
        if self.there is None:
            return f"row {row}: is missing"
        said = "; ".join(f"{name} is {self.there[name]}, and {value} follows" for name, value in self.again.items())
        return f"row {row}: {said}"


def differences(table: str, there: pl.DataFrame, again: pl.DataFrame) -> Iterator[Difference]:
    """Every row of a concluded table that is not as it is when it is concluded again, in the order of the keys."""
    keys = KEYS[table]
    again = again.select(there.columns).cast(dict(there.schema))  # type: ignore[arg-type]
    if there.equals(again):
        return
    mine, theirs = _by_key(there, keys), _by_key(again, keys)
    if mine == theirs:
        yield Difference((("order", "of rows"),), {"order": "changed"}, {"order": "another"})
    for key in sorted(mine.keys() | theirs.keys(), key=str):
        left, right = mine.get(key), theirs.get(key)
        if left == right:
            continue
        named = tuple(zip(keys, key, strict=True))
        if left is None or right is None:
            yield Difference(named, left, right)
            continue
        changed = [name for name in there.columns if left[name] != right[name]]
        yield Difference(named, {name: left[name] for name in changed}, {name: right[name] for name in changed})


def _by_key(frame: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[key] for key in keys): row for row in frame.iter_rows(named=True)}
