"""Pointblank: counts, and the failing rows as extracts; counts per institution from them."""

from __future__ import annotations

import expressions as bad
import pointblank as pb
import polars as pl
from workload import CHECKS, COLUMNS, ID_FORM, PHONE_FORM, Found, report


def work(path: str) -> Found:
    frame = pl.read_parquet(path, columns=COLUMNS)
    validation = (
        pb.Validate(frame)
        .col_vals_not_null("id_number")
        .col_vals_regex("id_number", f"^{ID_FORM}$", na_pass=True)
        .col_vals_expr(~bad.BAD_DAY)
        .col_vals_expr(~bad.BAD_CHECK_DIGIT)
        .col_vals_expr(~bad.BAD_SEX)
        .col_vals_regex("phone", f"^{PHONE_FORM}$", na_pass=True)
        .col_vals_between("sbp", 60, 300, na_pass=True)
        .col_vals_between("dbp", 30, 200, na_pass=True)
        .col_vals_lt("dbp", pb.col("sbp"), na_pass=True)
        .col_vals_ge("last_followup_date", pb.col("diagnosis_date"), na_pass=True)
        .col_vals_ge("death_date", pb.col("last_followup_date"), na_pass=True)
        .rows_distinct(columns_subset="id_number", pre=lambda rows: rows.filter(pl.col("id_number").is_not_null()))
        .interrogate(collect_extracts=True, extract_limit=10**9)
    )
    failed = validation.n_failed()
    return Found([failed[number] for number, _ in enumerate(CHECKS, start=1)])


if __name__ == "__main__":
    report(work)
