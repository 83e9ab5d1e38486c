"""The tables of what was found: findings, the records behind them, and what became of every file."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from assess.results.form import SEVERITIES, STATUSES, Form, field


class Findings(Form):
    """What an assessor must see, one row for each finding, the gravest first."""

    finding: str = field("id, the same from one run to the next: it is made of what the finding is about", unique=True)
    unit: str = field("key of the unit; null where it is about none", nullable=True)
    source: str = field("id of a rule or an indicator, or `intake`")
    subject: str = field("the indicator that a line of a listed table states", nullable=True)
    status: str = field("fault, question or note", isin=STATUSES)
    severity: str = field("how grave it is", isin=SEVERITIES)
    reason: str = field("why, in a word that reports translate")
    numbers: str = field("the figures behind it, as text", unit="JSON")
    records: int = field("records it is about; 0 where it is about none", unit="records", ge=0)


class Evidence(Form):
    """Rule x violating record: where it was submitted, why it violates the rule, and the columns that matter."""

    rule: str = field("id of the rule")
    unit: str = field("key of the unit")
    table: str = field("table or view")
    row: int = field("row of the table, over all of its files", unit="number", ge=0)
    file: str = field("the file where it was submitted; empty for a row of a view")
    line: int = field("and its line there", unit="line", ge=0)
    reason: str = field("why, where the kind of check tells reasons apart", nullable=True)
    record: str = field("what identifies the record and what the rule read, masked where personal", unit="JSON")

    key: ClassVar = ("rule", "table", "row")


class Figures(Form):
    """Every line of the listed tables, as printed, with its verdict."""

    unit: str = field("key of the unit")
    table: str = field("the listed table")
    row: int = field("row of the table, over all of its files", unit="number", ge=0)
    file: str = field("the file where it was submitted")
    line: int = field("and its line there", unit="line", ge=0)
    indicator: str = field("which figure it is, as stated", nullable=True)
    kind: str = field("kind of figure, as stated", nullable=True)
    scale: str = field("scale of the rate, as stated", nullable=True)
    numerator: str = field("as printed", nullable=True)
    denominator: str = field("as printed", nullable=True)
    rate: str = field("as printed", nullable=True)
    target: str = field("as printed", nullable=True)
    progress: float = field("rate over target", unit="ratio", nullable=True)
    verdict: str = field("what is wrong or right with the line, in a word that reports translate")
    outcomes: str = field("rule → true, false or null", unit="JSON")
    record: str = field("the whole line, masked where personal", unit="JSON")

    key: ClassVar = ("table", "row")


class Receipt(Form):
    """What became of every file that was found, one row for each."""

    file: str = field("name below the data directory", unique=True)
    table: str = field("the declared table it holds", nullable=True)
    unit: str = field("the unit in whose folder it lies", nullable=True)
    format: str = field("format, and how it was packed")
    encoding: str = field("encoding of its text", nullable=True)
    sheet: str = field("sheet of the workbook", nullable=True)
    header_line: int = field("where the header stands; 0 where it has no line", unit="line", ge=0, nullable=True)
    digest: str = field("SHA-256 of its content")
    rows_in: int = field("rows in it", unit="rows", ge=0)
    rows_kept: int = field("of them, rows that were checked", unit="rows", ge=0)
    rows_rejected: int = field("of them, rows that belong nowhere", unit="rows", ge=0)
    cells_rejected: int = field("cells that cannot be read as their type", unit="cells", ge=0)
    cells_narrowed: int = field("cells with full-width characters that are read as what they stand for", unit="cells",
                                ge=0)  # fmt: skip
    damage: str = field("column → counts of numbers that a spreadsheet damaged", unit="JSON", nullable=True)
    status: str = field("what became of it", isin=("read", "rejected", "ignored"))
    reason: str = field("why it was not read", nullable=True)
    detail: str = field("more about it, for people", nullable=True)

    always: ClassVar = {
        "every_row_is_accounted_for": pl.col("rows_in") == pl.col("rows_kept") + pl.col("rows_rejected"),
        "what_is_not_read_has_no_rows": (pl.col("status") == "read") | (pl.col("rows_in") == 0),
        "what_is_not_read_has_a_reason": (pl.col("status") == "read") | pl.col("reason").is_not_null(),
    }


class Rejects(Form):
    """Every row and every cell that was not taken."""

    file: str = field("the file where it stands")
    line: int = field("and its line there", unit="line", ge=0)
    table: str = field("the declared table that the file holds")
    unit: str = field("the unit it names, or in whose folder it lies", nullable=True)
    scope: str = field("whether the row was rejected, or a cell of it", isin=("row", "cell"))
    column: str = field("the column of the cell", nullable=True)
    reason: str = field("why, in a word that reports translate")
    raw: str = field("the text as it was submitted, masked where personal", nullable=True)

    always: ClassVar = {"a_cell_has_a_column": (pl.col("scope") == "cell") == pl.col("column").is_not_null()}


class Crosscheck(Form):
    """Rule x what a second engine counted of it, `_there`, beside what was measured of the same units.

    There only where `assess crosscheck` was run. `how`: on submitted columns (native), on columns worked out beside
    them (derived), on verdicts of a second predicate (predicate). Rules that compare records are counted in all units.
    """

    rule: str = field("the rule", unique=True)
    table: str = field("the table that it checks")
    status: str = field(
        "whether both counted alike; failed: the second could not",
        isin=("agrees", "differs", "not_expressible", "failed"),
    )
    how: str = field("on what the second engine counted", isin=("native", "derived", "predicate"), nullable=True)
    expectation: str = field("what the second engine calls it", nullable=True)
    units: int = field("in how many units both counted", unit="units", ge=0)
    applicable: int = field("records that the rule looks at", unit="records", ge=0)
    violated: int = field("records that violate it", unit="records", ge=0)
    applicable_there: int = field("the same as the second engine counts", unit="records", ge=0, nullable=True)
    violated_there: int = field("the same as the second engine counts", unit="records", ge=0, nullable=True)
    reason: str = field("why it differs, failed or cannot be expressed", nullable=True)

    always: ClassVar = {
        "who_agrees_counts_alike": (pl.col("status") != "agrees")
        | pl.col("applicable").eq_missing(pl.col("applicable_there"))
        & pl.col("violated").eq_missing(pl.col("violated_there"))
    }
