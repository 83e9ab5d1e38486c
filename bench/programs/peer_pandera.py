"""pandera on Polars: counts, and the failing rows as it gives them."""

from __future__ import annotations

import expressions as bad
import pandera.polars as pa
import polars as pl
from workload import CHECKS, COLUMNS, ID_FORM, PHONE_FORM, Found, report


def frame_check(name: str, expr: pl.Expr) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(~expr), name=name, error=name)


SCHEMA = pa.DataFrameSchema(
    {
        "id_number": pa.Column(str, pa.Check.str_matches(f"^{ID_FORM}$", error="id_form"), nullable=False, unique=True),
        "phone": pa.Column(str, pa.Check.str_matches(f"^{PHONE_FORM}$", error="phone"), nullable=True),
        "sbp": pa.Column(pl.Int64, pa.Check.in_range(60, 300, error="sbp"), nullable=True),
        "dbp": pa.Column(pl.Int64, pa.Check.in_range(30, 200, error="dbp"), nullable=True),
    },
    checks=[
        frame_check("id_day", bad.BAD_DAY),
        frame_check("id_check_digit", bad.BAD_CHECK_DIGIT),
        frame_check("id_sex", bad.BAD_SEX),
        frame_check("dbp_below_sbp", bad.BELOW),
        frame_check("visit_after_diagnosis", bad.VISITED_BEFORE),
        frame_check("death_after_visit", bad.DIED_BEFORE),
    ],
)
OWN_WORDS = {"not_nullable": "id_present", "field_uniqueness": "id_once"}


def work(path: str) -> Found:
    frame = pl.read_parquet(path, columns=COLUMNS)
    try:
        SCHEMA.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    # Two that are null count as repeated to it.
    cases = cases.filter((pl.col("check") != "field_uniqueness") | pl.col("failure_case").is_not_null())
    counts = {OWN_WORDS.get(check, check): count for check, count in cases["check"].value_counts().iter_rows()}
    return Found([counts[check] for check in CHECKS])


if __name__ == "__main__":
    report(work)
