"""What a supplier's file of schemas is made of: functions that are copied into it, and need nothing of this package.

Each gives true where a record is sound, false where it is not and null where nothing can be said, which passes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandera.polars as pa
import polars as pl

SCHEMAS: dict[str, pa.DataFrameSchema] = {}


def rule(name: str, title: str, sound: pl.Expr) -> pa.Check:
    """A rule over whole records."""
    return pa.Check(lambda data: data.lazyframe.select(sound), name=name, error=f"{name}: {title}")


def only_where(condition: str, sound: pl.Expr) -> pl.Expr:
    """A rule for those records alone for which a condition is true."""
    return pl.when(pl.sql_expr(condition)).then(sound)


def at_most(most: int, keys: list[pl.Expr], condition: str = "TRUE") -> pl.Expr:
    """No more than so many records have the same keys; only those are counted for which the condition is true."""
    counted = pl.all_horizontal([key.is_not_null() for key in keys]) & pl.sql_expr(condition).fill_null(value=False)
    return pl.when(counted).then(counted.sum().over(keys) <= most)


def contained(columns: list[str]) -> pl.Expr:
    """Each column is not above any of those after it; true counts as 1."""
    sets = [pl.col(column).cast(pl.Float64) for column in columns]
    return pl.min_horizontal([small <= large for i, small in enumerate(sets) for large in sets[i + 1 :]])


def dated(column: str, formats: list[str]) -> pl.Expr:
    """The text is a day of the calendar, written exactly in one of the formats."""
    text = pl.col(column)
    days = [(text.str.to_date(form, strict=False).dt.strftime(form) == text).fill_null(value=False) for form in formats]
    return pl.when(text.is_not_null()).then(pl.any_horizontal(days))


def resident_id(
    column: str,
    forms: list[str],
    verify: list[str],
    sex: tuple[str, list[str] | list[int], list[str] | list[int]] | None = None,
    born: str | None = None,
    born_by: str | None = None,
    temporary: str | None = None,
) -> pl.Expr:
    """A sound identity number (GB 11643-1999): form, date, sequence, check digit (ISO 7064 MOD 11-2), sex and birth."""
    text = pl.col(column)
    full, old = text.str.contains(r"\A[1-9][0-9]{16}[0-9Xx]\z"), text.str.contains(r"\A[1-9][0-9]{14}\z")
    permit, foreign = text.str.contains(r"\A8[123]0000"), text.str.contains(r"\A9")
    kinds = {"resident": full & ~permit & ~foreign, "permit": full & permit, "foreign": full & foreign, "legacy": old}
    form = pl.any_horizontal([kinds[name] for name in forms])
    day = pl.when(full).then(text.str.slice(6, 8)).otherwise("19" + text.str.slice(6, 6))
    date = day.str.to_date("%Y%m%d", strict=False)
    possible = (date.dt.year() >= 1850).fill_null(value=False)
    order = pl.when(full).then(text.str.slice(14, 3)).otherwise(text.str.slice(12, 3)).cast(pl.Int32, strict=False)
    digits = [
        text.str.slice(i, 1).replace("x", "10").replace("X", "10").cast(pl.Int32, strict=False) for i in range(18)
    ]
    total = pl.sum_horizontal([digit * (2 ** (17 - i) % 11) for i, digit in enumerate(digits)])
    aspects = {
        "form": form,
        "date": pl.when(form).then(possible if born_by is None else possible & (date <= pl.sql_expr(born_by))),
        "sequence": pl.when(form).then(order != 0),
        "check_digit": pl.when(form & full).then(total % 11 == 1),
    }
    if sex is not None:
        name, male, female = sex
        is_male, is_female = pl.col(name).is_in(male), pl.col(name).is_in(female)
        aspects["sex"] = pl.when(form & (is_male | is_female)).then((order % 2 == 1) == is_male)
    if born is not None:
        aspects["birth_date"] = pl.when(form & possible).then(date == pl.col(born))
    sound = pl.min_horizontal([aspect for name, aspect in aspects.items() if name in verify])
    if temporary is None or born is None or born_by is None:
        return sound
    last = pl.sql_expr(born_by)
    young = text.str.contains(rf"\A(?:{temporary})\z") & pl.col(born).is_between(last.dt.offset_by("-1y"), last)
    return pl.when(young.fill_null(value=False)).then(statement=True).otherwise(sound)


def organisation_code(column: str, pattern: str, alphabet: str) -> pl.Expr:
    """A code in one of the forms of a pattern; a unified social credit code has a check character (GB 32100-2015)."""
    text = pl.col(column)
    form = text.str.contains(rf"\A(?:{pattern})\z")
    places = {character: place for place, character in enumerate(alphabet)}
    values = [text.str.slice(i, 1).replace_strict(places, default=None, return_dtype=pl.Int32) for i in range(18)]
    total = pl.sum_horizontal([value * (3**i % 31 if i < 17 else 1) for i, value in enumerate(values)])
    return pl.when(form & (text.str.len_bytes() == 18)).then(total % 31 == 0).otherwise(form)


def read(path: Path, schema: pa.DataFrameSchema) -> tuple[pl.DataFrame, list[str]]:
    """A file (CSV in UTF-8, XLSX or Parquet) with the columns and types of a schema, and what could not be read."""
    if path.suffix == ".csv":
        frame = pl.read_csv(path, infer_schema=False)
    else:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_excel(path, infer_schema_length=0)
    names = {label: name for name, column in schema.columns.items() for label in column.metadata["aliases"]}
    frame = frame.rename({old.strip(): names.get(old.strip(), old.strip()) for old in frame.columns}, strict=False)
    problems = []
    for name, column in schema.columns.items():
        if name not in frame.columns:
            continue
        dtype = column.dtype.type
        if frame[name].dtype == pl.String:
            text = frame[name].str.strip_chars().replace("", None)
            typed = typed_values(text, dtype)
            bad = (text.is_not_null() & typed.is_null()).arg_true().to_list()
            problems += [f"line {row + 2}: {name} is {text[row]!r}, which is no {dtype}" for row in bad]
            frame = frame.with_columns(typed.alias(name))
        else:
            frame = frame.with_columns(pl.col(name).cast(dtype))
    return frame, problems


def typed_values(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Text as values of a type, null where it is none; days are written 2024-06-30."""
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d", strict=False)
    if dtype == pl.Boolean:
        words = {"true": True, "1": True, "是": True, "y": True, "false": False, "0": False, "否": False, "n": False}
        return text.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
    return text.cast(dtype, strict=False)


def check(path: Path) -> list[str]:
    """What is wrong with a file that is named after its table, a line for each rule; no lines: nothing."""
    labels = {label: name for name, schema in SCHEMAS.items() for label in (name, *schema.metadata["aliases"])}
    if path.stem not in labels:
        return [f"{path}: no table of this name; there are {', '.join(SCHEMAS)}"]
    schema = SCHEMAS[labels[path.stem]]
    frame, problems = read(path, schema)
    lines = [f"{path}: {problem}" for problem in problems]
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        for error in found.schema_errors:
            native = isinstance(error.check, pa.Check)
            what = error.check.error if native else error.schema.description or f"{error.schema.name}: {error.check}"
            lines.append(f"{path}: {what}{counted(error)}")
    return lines


def counted(error: pa.errors.SchemaError) -> str:
    """How many records fail, and on which lines the first of them stand."""
    if error.check_output is None or not isinstance(error.failure_cases, pl.DataFrame):
        return ""
    failed = error.check_output.select(pl.first().not_().arg_true()).to_series()
    shown = ", ".join(str(row + 2) for row in failed[:10]) + (", ..." if len(failed) > 10 else "")
    return f": {len(failed)} (line{'s' if len(failed) > 1 else ''} {shown})"


def main() -> None:
    """Check the files that are named on the command line; exit code 1 when something is wrong."""
    paths = [Path(name) for name in sys.argv[1:]]
    if not paths:
        sys.exit(f"usage: python {Path(sys.argv[0]).name} FILE ...")
    lines = [line for path in paths for line in check(path)]
    print(*lines or ["nothing is wrong"], sep="\n")  # noqa: T201 - it is a program of its own
    sys.exit(1 if lines else 0)
