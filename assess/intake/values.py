"""Text to typed values: which forms each type of column reads, as Polars expressions.

Full-width forms are brought back to ASCII one by one and not by Unicode normalisation (NFKC), which would also make 102
of 10².
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

import polars as pl

from assess.intake.raw import BLANKS
from assess.tables import DTYPES, ColumnSpec

_TRUE = ("true", "1", "是", "y", "yes", "t")
_FALSE = ("false", "0", "否", "n", "no", "f")
# Form and format: Polars would take the year of 24-01-05 for the year 24, and 2024105 for a day in October.
_DATES = (
    (r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\z", "%Y-%m-%d"),
    (r"\A[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}\z", "%Y/%m/%d"),
    (r"\A[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}\z", "%Y.%m.%d"),
    (r"\A[0-9]{8}\z", "%Y%m%d"),
    (r"\A[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\z", "%Y年%m月%d日"),
)
_USUAL_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?\z"
_TIME = r"[ T]+[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z?\z"
# Five digits: 1927-05-18 to 2173-10-13. Four digits are rather a year than a day before that.
_SERIAL = r"\A[1-9][0-9]{4}(?:\.0+)?\z"
# A spreadsheet counts 1900-02-29, which never was, so that from March 1900 on day 0 is 1899-12-30.
_DAY_ZERO = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
_INTEGER = r"\A[+-]?[0-9]{1,19}(?:\.0+)?\z"
_NUMBER = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\z"
_DECIMAL = r"\A[+-]?[0-9]+(?:\.[0-9]+)?\z"
_THOUSANDS = r"\A[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?\z"
_LARGE = r"\A([+-]?[0-9]{1,12}(?:\.[0-9]{1,8})?) ?([万亿])\z"
_TEN = {"万": 10**4, "亿": 10**8}

# In a code only digits, letters and the hyphen are brought back: other signs may be meant.
_FULL = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {"\u3000": " "}
_FULL_CODE = {wide: narrow for wide, narrow in _FULL.items() if narrow.isalnum() or narrow == "-"}
WIDE = "[\uff01-\uff5e\u3000]"
WIDE_CODE = f"[{''.join(_FULL_CODE)}]"


def text_of(column: pl.Expr, dtype: pl.DataType, *, blanks: bool = True) -> pl.Expr:
    """Text without blanks around it; nothing but blanks is no value. Without `blanks` there is nothing to take away."""
    if not blanks and dtype == pl.String:
        return column
    text = column.cast(pl.String)
    if dtype.is_float():
        # 100.0 in a typed file says no more than 100 does.
        text = text.str.strip_suffix(".0")
    text = text.str.strip_chars(BLANKS)
    return pl.when(text != "").then(text)


def narrowed(text: pl.Expr, spec: ColumnSpec) -> pl.Expr:
    """Full-width characters as what they stand for; text for people keeps them."""
    if spec.type == "text":
        return text
    forms = _FULL_CODE if spec.type == "code" else _FULL
    return text.str.replace_many(forms).str.strip_chars(BLANKS)


def value_of(text: pl.Expr, spec: ColumnSpec, serials: Literal[1900, 1904] | None = None) -> pl.Expr:
    """The value of a column's text, null where it has none of the forms its contract allows."""
    if spec.type in ("text", "code"):
        return text
    if spec.type == "boolean":
        word = text.str.to_lowercase()
        return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)
    if spec.type == "date":
        return _quickly(text, _usual, lambda text: _date(text, spec, serials), DTYPES["date"])
    number = _plain(text, spec)
    if spec.type == "decimal":
        sound = number.str.contains(_DECIMAL)
        kept = pl.when(sound).then(number)
        return pl.when(text.is_in(list(spec.suppressed))).then(text).otherwise(kept) if spec.suppressed else kept
    dtype = DTYPES[spec.type]
    value = _quickly(number, lambda batch: _cast(batch, dtype), _integer if spec.type == "integer" else _number, dtype)
    return pl.coalesce([value, _large(number, spec)]) if "wan" in spec.forms else value


def _integer(text: pl.Expr) -> pl.Expr:
    whole = text.str.replace(r"\.0+\z", "").cast(pl.Int64, strict=False)
    return pl.when(text.str.contains(_INTEGER)).then(whole)


def _number(text: pl.Expr) -> pl.Expr:
    # The pattern keeps out "nan" and "inf", which a cast would take for numbers; 1e999 would become infinite.
    real = text.cast(pl.Float64, strict=False)
    return pl.when(text.str.contains(_NUMBER) & real.is_finite()).then(real)


def _cast(batch: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The numbers that a cast alone takes; the pattern is asked about what it calls infinite or no number."""
    cast = batch.cast(dtype, strict=False)
    return cast.set(~cast.is_finite(), None) if dtype.is_float() else cast


def _usual(batch: pl.Series) -> pl.Series:
    """The dates that are written in the usual form."""
    return batch.set(~batch.str.contains(_USUAL_DATE), None).str.to_date("%Y-%m-%d", strict=False)


def _quickly(
    text: pl.Expr, quick: Callable[[pl.Series], pl.Series], thorough: Callable[[pl.Expr], pl.Expr], dtype: pl.DataType
) -> pl.Expr:
    """The same as `thorough`, which is asked only about those values that `quick` does not take.

    Most values are plain digits or days in one form, and the patterns would take most of the time.
    """

    def batch(series: pl.Series) -> pl.Series:
        taken = quick(series)
        if taken.null_count() == series.null_count():
            return taken
        left = (taken.is_null() & series.is_not_null()).arg_true()
        rest = series.gather(left).to_frame().select(thorough(pl.col(series.name))).to_series()
        return taken.scatter(left, rest)

    return text.map_batches(batch, return_dtype=dtype, is_elementwise=True)


def _plain(text: pl.Expr, spec: ColumnSpec) -> pl.Expr:
    """The digits of a number without the signs that the contract allows beside them."""
    if "percent" in spec.forms:
        text = text.str.replace(r"([0-9]) ?%\z", "${1}")
    if "thousands" in spec.forms:
        text = pl.when(text.str.contains(_THOUSANDS)).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    return text


def _large(text: pl.Expr, spec: ColumnSpec) -> pl.Expr:
    """1.2万 is 12000: moved by whole places, so that no digit comes from a binary fraction."""
    digits = text.str.extract(_LARGE, 1).cast(pl.Decimal(38, 8), strict=False)
    value = digits * text.str.extract(_LARGE, 2).replace_strict(_TEN, default=None, return_dtype=pl.Int64)
    if spec.type == "number":
        return value.cast(pl.Float64)
    whole = value.cast(pl.Int64, strict=False)
    return pl.when(whole.cast(pl.Decimal(38, 8)) == value).then(whole)


def _date(text: pl.Expr, spec: ColumnSpec, serials: Literal[1900, 1904] | None) -> pl.Expr:
    day = text.str.replace(_TIME if "timestamp" in spec.forms else _MIDNIGHT, "")
    said: list[pl.Expr] = [
        pl.when(day.str.contains(form)).then(day.str.to_date(said, strict=False)) for form, said in _DATES
    ]
    if serials is not None:
        number = pl.when(text.str.contains(_SERIAL)).then(text.str.extract(r"\A([0-9]+)", 1)).cast(pl.Int32)
        said.append(pl.lit(_DAY_ZERO[serials]) + pl.duration(days=number))
    return pl.coalesce(said)
