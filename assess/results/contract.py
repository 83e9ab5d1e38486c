"""The forms of the tables as pandera DataFrameModels: `model("scores")`, or by name, `from … import Scores`.

Types, nulls, ranges, words, keys and statements are those of the forms; each column has its description, and its unit
under `metadata["unit"]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from assess.results.form import Column, Form
from assess.results.models import FORMS


def validate(form: type[Form], frame: pl.DataFrame) -> pl.DataFrame:
    """`frame`, when everything that `form` declares holds of it; raises what pandera raises."""
    # The depth is stated, because pandera looks at no data of its own accord where it can avoid it.
    with config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        return model_of(form).to_schema().validate(frame)


def model(table: str) -> type[pa.DataFrameModel]:
    """The model of one table of the assessment directory; KeyError when there is none of that name."""
    return model_of(FORMS[table])


def model_of(form: type[Form]) -> type[pa.DataFrameModel]:
    """A form as a model: its columns in their order, and no others."""
    if form not in _MODELS:
        _MODELS[form] = _made(form)
    return _MODELS[form]


_MODELS: dict[type[Form], type[pa.DataFrameModel]] = {}


def _made(form: type[Form]) -> type[pa.DataFrameModel]:
    said: dict[str, Any] = {
        "__doc__": form.__doc__,
        "__module__": __name__,
        "__annotations__": {column.name: _annotation(column.dtype) for column in form.columns()},
        "Config": type("Config", (), {"strict": True, "ordered": True, "unique": list(form.key) or None}),
        **{column.name: _field(column) for column in form.columns()},
        **{name: _statement(name, holds) for name, holds in form.always.items()},
    }
    return type(form.__name__, (pa.DataFrameModel,), said)


def _annotation(dtype: pl.DataType) -> Any:
    return Annotated[pl.Decimal, dtype.precision, dtype.scale] if isinstance(dtype, pl.Decimal) else type(dtype)


def _field(column: Column) -> Any:
    holds = column.holds
    return pa.Field(
        nullable=holds.nullable,
        unique=holds.unique,
        ge=holds.ge,
        le=holds.le,
        isin=list(holds.isin) if holds.isin is not None else None,
        description=holds.said or None,
        metadata={"unit": holds.unit} if holds.unit else None,
    )


def _statement(name: str, holds: pl.Expr) -> Callable[..., Any]:
    def check(cls: type[pa.DataFrameModel], data: pa.PolarsData) -> pl.LazyFrame:  # noqa: ARG001 - a method of the model
        return data.lazyframe.select(holds.fill_null(value=True))

    check.__name__ = name
    return pa.dataframe_check(check, name=name, error=name)


_NAMED = {form.__name__: form for form in FORMS.values()}


def __getattr__(name: str) -> type[pa.DataFrameModel]:
    if name in _NAMED:
        return model_of(_NAMED[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMED])
