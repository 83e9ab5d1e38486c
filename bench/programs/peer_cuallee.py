"""cuallee on Polars: counts alone. What it has no check for is computed beforehand."""

from __future__ import annotations

import expressions as bad
import polars as pl
from cuallee import Check, CheckLevel
from workload import COLUMNS, ID_FORM, PHONE_FORM, Found, report


def work(path: str) -> Found:
    frame = pl.read_parquet(path, columns=COLUMNS)
    frame = frame.with_columns(day=~bad.BAD_DAY, digit=~bad.BAD_CHECK_DIGIT, right_sex=~bad.BAD_SEX)
    check = Check(CheckLevel.WARNING, "records")
    check.is_complete("id_number")
    check.satisfies("id_number", f"id_number IS NULL OR REGEXP_LIKE(id_number, '^{ID_FORM}$')")
    check.satisfies("id_number", "day")
    check.satisfies("id_number", "digit")
    check.satisfies("id_number", "right_sex")
    check.satisfies("phone", f"phone IS NULL OR REGEXP_LIKE(phone, '^{PHONE_FORM}$')")
    check.satisfies("sbp", "sbp IS NULL OR sbp BETWEEN 60 AND 300")
    check.is_between("dbp", (30, 200))
    check.satisfies("dbp", "sbp IS NULL OR dbp < sbp")
    check.satisfies("last_followup_date", "last_followup_date IS NULL OR last_followup_date >= diagnosis_date")
    check.satisfies(
        "death_date", "death_date IS NULL OR last_followup_date IS NULL OR death_date >= last_followup_date"
    )
    check.is_unique("id_number", ignore_nulls=True)
    return Found([int(count) for count in check.validate(frame)["violations"]])


if __name__ == "__main__":
    report(work)
