"""The forms of the tables as pandera schemas."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from assess.results.form import Column, Form


def validate(form: type[Form], frame: pl.DataFrame) -> pl.DataFrame:
    """`frame`, when everything that `form` declares holds of it; raises what pandera raises."""
    # The depth is stated, because pandera looks at no data of its own accord where it can avoid it.
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        return schema(form).validate(frame)


def schema(form: type[Form]) -> pa.DataFrameSchema:
    """The pandera schema of a form: its columns in their order, and no others."""
    return pa.DataFrameSchema(
        {column.name: _column(column) for column in form.columns()},
        checks=[_statement(name, holds) for name, holds in form.always.items()],
        unique=list(form.key) or None,
        strict=True,
        ordered=True,
    )


def _column(column: Column) -> pa.Column:
    holds, checks = column.holds, []
    if holds.ge is not None:
        checks.append(pa.Check.ge(holds.ge))
    if holds.le is not None:
        checks.append(pa.Check.le(holds.le))
    if holds.isin is not None:
        checks.append(pa.Check.isin(holds.isin))
    return pa.Column(column.dtype, checks, nullable=holds.nullable, unique=holds.unique)


def _statement(name: str, holds: pl.Expr) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(holds.fill_null(value=True)), name=name, error=name)
