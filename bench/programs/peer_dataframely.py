"""dataframely: counts, and the failing rows with what they violate; counts per institution from them."""

from __future__ import annotations

import dataframely as dy
import expressions as bad
import polars as pl
from workload import CHECKS, COLUMNS, ID_FORM, PHONE_FORM, Found, report


class Records(dy.Schema):
    """The twelve checks."""

    institution_id = dy.String()
    id_number = dy.String(nullable=False, regex=f"^{ID_FORM}$")
    sex = dy.String(nullable=True)
    phone = dy.String(nullable=True, regex=f"^{PHONE_FORM}$")
    diagnosis_date = dy.Date(nullable=True)
    last_followup_date = dy.Date(nullable=True)
    sbp = dy.Int64(nullable=True, min=60, max=300)
    dbp = dy.Int64(nullable=True, min=30, max=200)
    death_date = dy.Date(nullable=True)

    @dy.rule()
    def id_day(cls) -> pl.Expr:
        return ~bad.BAD_DAY

    @dy.rule()
    def id_check_digit(cls) -> pl.Expr:
        return ~bad.BAD_CHECK_DIGIT

    @dy.rule()
    def id_sex(cls) -> pl.Expr:
        return ~bad.BAD_SEX

    @dy.rule()
    def dbp_below_sbp(cls) -> pl.Expr:
        return ~bad.BELOW

    @dy.rule()
    def visit_after_diagnosis(cls) -> pl.Expr:
        return ~bad.VISITED_BEFORE

    @dy.rule()
    def death_after_visit(cls) -> pl.Expr:
        return ~bad.DIED_BEFORE

    @dy.rule()
    def id_once(cls) -> pl.Expr:
        return pl.col("id_number").is_unique() | pl.col("id_number").is_null()


OWN_WORDS = {"id_number|nullability": "id_present", "id_number|regex": "id_form", "phone|regex": "phone"}


def work(path: str) -> Found:
    _, failure = Records.filter(pl.read_parquet(path, columns=COLUMNS))
    counts = dict.fromkeys(CHECKS, 0)
    for rule, count in failure.counts().items():
        counts[OWN_WORDS.get(rule, rule.split("|")[0])] += count
    rows = failure.invalid()
    return Found([counts[check] for check in CHECKS], failing=rows.height)


if __name__ == "__main__":
    report(work)
