"""The tables of what was found: findings, the records behind them, and what became of every file."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import SEVERITIES, STATUSES, Form, field


class Findings(Form):
    """What an assessor must see. `source` is a rule, an indicator or `intake`; `numbers` is JSON."""

    finding: str = field(unique=True)
    unit: str = field(nullable=True)
    source: str
    subject: str = field(nullable=True)
    status: str = field(isin=STATUSES)
    severity: str = field(isin=SEVERITIES)
    reason: str
    numbers: str
    records: int = field(ge=0)


class Evidence(Form):
    """Rule x violated record: where it was submitted, why, and the columns that matter, masked, as JSON."""

    rule: str
    unit: str
    table: str
    row: int = field(ge=0)
    file: str
    line: int = field(ge=0)
    reason: str = field(nullable=True)
    record: str

    key: ClassVar = ("rule", "table", "row")


class Figures(Form):
    """Every line of the listed tables, as printed. `outcomes` is JSON: rule to true, false or null; `numbers` too."""

    unit: str
    table: str
    row: int = field(ge=0)
    file: str
    line: int = field(ge=0)
    indicator: str = field(nullable=True)
    kind: str = field(nullable=True)
    scale: str = field(nullable=True)
    numerator: str = field(nullable=True)
    denominator: str = field(nullable=True)
    rate: str = field(nullable=True)
    target: str = field(nullable=True)
    progress: float = field(nullable=True)
    verdict: str
    outcomes: str
    record: str

    key: ClassVar = ("table", "row")


class Receipt(Form):
    """One line for each file found: rows in = rows kept + rows rejected.

    `header_line` 0: the header has no line. `cells_narrowed` had full-width characters. `damage` is JSON: column to
    counts of damaged numbers.
    """

    file: str = field(unique=True)
    table: str = field(nullable=True)
    unit: str = field(nullable=True)
    format: str
    encoding: str = field(nullable=True)
    sheet: str = field(nullable=True)
    header_line: int = field(ge=0, nullable=True)
    digest: str
    rows_in: int = field(ge=0)
    rows_kept: int = field(ge=0)
    rows_rejected: int = field(ge=0)
    cells_rejected: int = field(ge=0)
    cells_narrowed: int = field(ge=0)
    damage: str = field(nullable=True)
    status: str = field(isin=("read", "rejected", "ignored"))
    reason: str = field(nullable=True)
    detail: str = field(nullable=True)

    always: ClassVar = {
        "every_row_is_accounted_for": pl.col("rows_in") == pl.col("rows_kept") + pl.col("rows_rejected")
    }


class Rejects(Form):
    """Every row and every cell that was not taken, with its raw text (masked where personal)."""

    file: str
    line: int = field(ge=0)
    table: str
    unit: str = field(nullable=True)
    scope: str = field(isin=("row", "cell"))
    column: str = field(nullable=True)
    reason: str
    raw: str = field(nullable=True)


class Crosscheck(Form):
    """Rule x what a second engine counted of it, `_there`, beside what was measured of the same units.

    There only where `assess crosscheck` was run. `how`: on submitted columns (native), on columns worked out beside
    them (derived), on verdicts of a second predicate (predicate). Rules that compare records are counted in all units.
    """

    rule: str = field(unique=True)
    table: str
    status: str = field(isin=("agrees", "differs", "not_expressible", "failed"))
    how: str = field(isin=("native", "derived", "predicate"), nullable=True)
    expectation: str = field(nullable=True)
    units: int = field(ge=0)
    applicable: int = field(ge=0)
    violated: int = field(ge=0)
    applicable_there: int = field(ge=0, nullable=True)
    violated_there: int = field(ge=0, nullable=True)
    reason: str = field(nullable=True)

    always: ClassVar = {
        "who_agrees_counts_alike": (pl.col("status") != "agrees")
        | pl.col("applicable").eq_missing(pl.col("applicable_there"))
        & pl.col("violated").eq_missing(pl.col("violated_there"))
    }
