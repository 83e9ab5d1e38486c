"""The tables of a batch while faults are put in, and the book in which every trace of every fault is written.

Nothing here evaluates a rule. A fault is put on a person who has no other fault, so what it breaks is known from what
was done: whoever puts it in says which rules it violates, knock-on effects included.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from synthetic.columns import LOOSE
from synthetic.services import Tables

WRONG_UNIT = "999999999"


class Ledger:
    """Tables by name. Every row has `_rid` (its name for life), `_u` (unit) and `_p` (person, -1 for none)."""

    def __init__(self, tables: Tables, units: pl.DataFrame, rng: np.random.Generator):
        self.rng = rng
        self.units = units
        self.care = units["carelessness"].to_numpy()
        self.tables: Tables = {}
        self.rejected: dict[str, list[int]] = {name: [] for name in tables}
        self.truth: list[pl.DataFrame] = []
        # Units by table that no row is added to, and none of whose rows gets a fault.
        self.closed: dict[str, list[int]] = {}
        self._used: set[int] = set()
        for name, frame in tables.items():
            self.tables[name] = frame.with_row_index("_rid").with_columns(
                pl.col("_rid").cast(pl.Int64),
                _raw=pl.lit(None, dtype=pl.String),
                _draw=pl.Series(rng.random(frame.height)),
            )

    @property
    def used(self) -> list[int]:
        """People who have a fault already, or are spared one."""
        return list(self._used)

    def spare(self, persons: Iterable[int]) -> None:
        """No fault is put on these people from now on."""
        self._used.update(persons)

    def several(self, table: str, share: float, least: int = 3) -> int:
        """A share of a table, but at least a few."""
        return max(least, round(self.tables[table].height * share))

    def pick(self, table: str, many: int, where: pl.Expr | None = None, everywhere: bool = False) -> pl.DataFrame:
        """Up to `many` rows of people without a fault, careless institutions first; nobody is picked twice."""
        frame = self.tables[table].filter(
            ~pl.col("_p").is_in(self.used) & (pl.col("_p") >= 0) & ~pl.col("_u").is_in(self.closed.get(table, []))
        )
        if where is not None:
            frame = frame.filter(where)
        frame = frame.unique("_p", keep="first", maintain_order=True)
        weight = np.ones(len(self.care)) if everywhere else self.care
        rank = self.rng.random(frame.height) ** (1 / weight[frame["_u"].to_numpy()])
        chosen = frame[np.sort(np.argsort(-rank, kind="stable")[:many])]
        self._used.update(chosen["_p"])
        return chosen

    def change(self, table: str, rows: pl.DataFrame, **values: pl.Expr) -> None:
        """Put new values into rows; expressions see the row as it is."""
        hit = pl.col("_rid").is_in(rows["_rid"].to_list())
        self.tables[table] = self.tables[table].with_columns(
            **{name: pl.when(hit).then(value).otherwise(pl.col(name)) for name, value in values.items()}
        )

    def add(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Append rows that look like the table's; returns them under their new names."""
        frame = self.tables[table]
        start = int(frame["_rid"].max() or 0) + 1  # type: ignore[arg-type]
        rows = rows.select(frame.columns).with_columns(
            _rid=pl.int_range(start, start + rows.height, dtype=pl.Int64),
            _draw=pl.Series(self.rng.random(rows.height), dtype=pl.Float64),
        )
        self.tables[table] = pl.concat([frame, rows])
        return rows

    def spoil(self, table: str, rows: pl.DataFrame, *texts: str) -> None:
        """Make the loose cell of each row unreadable."""
        index = pl.int_range(pl.len()) % len(texts)
        raw = rows.select("_rid", _text=index.replace_strict(dict(enumerate(texts)), return_dtype=pl.String))
        frame = self.tables[table].join(raw, on="_rid", how="left", maintain_order="left")
        loose, spoilt = LOOSE[table], pl.col("_text").is_not_null()
        self.tables[table] = frame.with_columns(
            pl.coalesce("_text", "_raw").alias("_raw"), pl.when(~spoilt).then(loose).alias(loose)
        ).drop("_text")
        self.flag(table, rows, "unreadable_cell", f"{table}-CELLS")

    def reject(self, table: str, rows: pl.DataFrame) -> None:
        """Rows that will be submitted for an institution nobody knows."""
        self.rejected[table] += rows["_rid"].to_list()
        self.flag(table, rows, "unknown_unit", "intake")

    def elsewhere(self, table: str, rows: pl.DataFrame, avoid: int | None = None) -> pl.Series:
        """Another unit for each row, not `avoid` and none that is closed; the same one where there is no other."""
        many, own = len(self.care), rows["_u"].to_numpy()
        step = 1 + np.floor(self.rng.random(rows.height) * (many - 1)).astype(np.int64) if many > 1 else 0
        other = (own + step) % many
        shut = [-1 if avoid is None else avoid, *self.closed.get(table, [])]
        for _ in range(len(shut) + 1):
            other = np.where(np.isin(other, shut) | (other == own), (other + 1) % many, other)
        return pl.Series(other)

    def flag(self, table: str, rows: pl.DataFrame, reason: str, *rules: str) -> None:
        """Write down that these rows violate these rules."""
        for rule in rules:
            said = {"rule": pl.lit(rule), "table": pl.lit(table), "reason": pl.lit(reason)}
            self.truth.append(rows.select("_rid", **said))
