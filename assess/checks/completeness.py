"""Is what should be there there?"""

from __future__ import annotations

import polars as pl
from pydantic import Field

from assess.checks.base import Check, Hold, Profile, column_field
from assess.sql import Sql


class NotNull(Check, kind="not_null", dimension="completeness"):
    """The column has a value. Empty text counts as no value; use `where` for columns that only some records need."""

    column: str = column_field(description="The column that must be filled.")

    def valid(self) -> pl.Expr:
        return pl.col(self.column).is_not_null()

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.lit(value=True)


class RequiredIf(Check, kind="required_if", dimension="completeness"):
    """The column has a value in every record for which a condition is true. Other records are not applicable.

    A record for which the condition is null is not applicable either: whether what the condition reads is there is a
    rule of its own.
    """

    column: str = column_field(description="The column that must be filled.")
    when: Sql = Field(description="A SQL condition over the record: where it is true the column is needed.")

    def valid(self) -> pl.Expr:
        return pl.when(self.when.expr).then(pl.col(self.column).is_not_null())


class FilledShare(Profile, kind="filled_share", dimension="completeness"):
    """Among a unit's records the share that has a value in the column is at least `min`.

    It judges the unit, not the record: a column that may be empty now and then must not be empty as a rule. A unit with
    fewer than `min_records` records is not applicable.
    """

    signal = False

    column: str = column_field(description="The column that should be filled.")
    min: float = Field(gt=0, le=1, description="Smallest accepted share, 0.95 for 95 %.")
    min_records: int = Field(1, ge=1, description="Units with fewer records are not judged.")

    def amounts(self, unit: str) -> dict[str, pl.Expr]:  # noqa: ARG002
        return {
            "records": self.chosen.cast(pl.Int64),
            "filled": (self.chosen & pl.col(self.column).is_not_null()).cast(pl.Int64),
        }

    def judge(self, sums: pl.DataFrame, previous: pl.DataFrame | None = None) -> pl.DataFrame:  # noqa: ARG002
        share = pl.col("filled") / pl.col("records")
        return sums.select(
            "unit",
            valid=pl.when(pl.col("records") >= self.min_records).then(share >= self.min),
            reason=pl.lit("filled_too_rarely"),
            filled=pl.col("filled").cast(pl.String),
            records=pl.col("records").cast(pl.String),
            share=share.round(6).cast(pl.String),
            least=pl.lit(str(self.min)),
        )
