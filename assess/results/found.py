"""The tables of what was found: findings, the records behind them, and what became of every file."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from assess.results.form import SEVERITIES, STATUSES, Strict


class Findings(pa.DataFrameModel):
    """What an assessor must see. `source` is a rule, an indicator or `intake`; `numbers` is JSON."""

    finding: str = pa.Field(unique=True)
    unit: str = pa.Field(nullable=True)
    source: str
    subject: str = pa.Field(nullable=True)
    status: str = pa.Field(isin=STATUSES)
    severity: str = pa.Field(isin=SEVERITIES)
    reason: str
    numbers: str
    records: int = pa.Field(ge=0)

    class Config(Strict):
        """Columns as declared, in this order."""


class Evidence(pa.DataFrameModel):
    """Rule x violated record: where it was submitted, why, and the columns that matter, masked, as JSON."""

    rule: str
    unit: str
    table: str
    row: int = pa.Field(ge=0)
    file: str
    line: int = pa.Field(ge=0)
    reason: str = pa.Field(nullable=True)
    record: str

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("rule", "table", "row")


class Figures(pa.DataFrameModel):
    """Every line of the listed tables, as printed. `outcomes` is JSON: rule to true, false or null; `numbers` too."""

    unit: str
    table: str
    row: int = pa.Field(ge=0)
    file: str
    line: int = pa.Field(ge=0)
    indicator: str = pa.Field(nullable=True)
    kind: str = pa.Field(nullable=True)
    scale: str = pa.Field(nullable=True)
    numerator: str = pa.Field(nullable=True)
    denominator: str = pa.Field(nullable=True)
    rate: str = pa.Field(nullable=True)
    target: str = pa.Field(nullable=True)
    progress: float = pa.Field(nullable=True)
    verdict: str
    outcomes: str
    record: str

    class Config(Strict):
        """Columns as declared, in this order."""

        unique = ("table", "row")


class Receipt(pa.DataFrameModel):
    """One line for each file found: rows in = rows kept + rows rejected.

    `header_line` 0: the header has no line. `cells_narrowed` had full-width characters. `damage` is JSON: column to
    counts of damaged numbers.
    """

    file: str = pa.Field(unique=True)
    table: str = pa.Field(nullable=True)
    unit: str = pa.Field(nullable=True)
    format: str
    encoding: str = pa.Field(nullable=True)
    sheet: str = pa.Field(nullable=True)
    header_line: int = pa.Field(ge=0, nullable=True)
    digest: str
    rows_in: int = pa.Field(ge=0)
    rows_kept: int = pa.Field(ge=0)
    rows_rejected: int = pa.Field(ge=0)
    cells_rejected: int = pa.Field(ge=0)
    cells_narrowed: int = pa.Field(ge=0)
    damage: str = pa.Field(nullable=True)
    status: str = pa.Field(isin=("read", "rejected", "ignored"))
    reason: str = pa.Field(nullable=True)
    detail: str = pa.Field(nullable=True)

    @pa.dataframe_check
    @classmethod
    def every_row_is_accounted_for(cls, data: pa.PolarsData) -> pl.LazyFrame:
        """Rows in are rows kept and rows rejected."""
        return data.lazyframe.select(pl.col("rows_in") == pl.col("rows_kept") + pl.col("rows_rejected"))

    class Config(Strict):
        """Columns as declared, in this order."""


class Rejects(pa.DataFrameModel):
    """Every row and every cell that was not taken, with its raw text (masked where personal)."""

    file: str
    line: int = pa.Field(ge=0)
    table: str
    unit: str = pa.Field(nullable=True)
    scope: str = pa.Field(isin=("row", "cell"))
    column: str = pa.Field(nullable=True)
    reason: str
    raw: str = pa.Field(nullable=True)

    class Config(Strict):
        """Columns as declared, in this order."""
