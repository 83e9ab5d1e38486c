"""Faults in what was entered: dates, readings, visits and marks that cannot be true or contradict each other."""

from __future__ import annotations

import datetime as dt

import polars as pl

from synthetic.ledger import Ledger
from synthetic.people import AS_OF, PERIOD_START
from synthetic.persons import IN_FORCE, alone, sound_template, twice


def later(days: int) -> pl.Expr:
    """A day after the day of assessment."""
    return pl.lit(AS_OF).dt.offset_by(f"{days}d") + pl.duration(days=(pl.col("_draw") * 60).floor())


def residents(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "residents", book.several("residents", 0.0025)
    for abroad in (True, False):
        twice(book, table, book.pick(table, some, ~pl.col("_dead")), "RES-DUP", abroad)

    rows = book.pick(table, some)
    book.change(table, rows, sex=pl.lit("未知"))
    book.flag(table, rows, "sex", "RES-SEX")

    rows = book.pick(table, book.several(table, 0.012))
    short = pl.when(pl.col("_draw") < 0.4).then(pl.col("phone").str.slice(0, 10))
    unusable = short.when(pl.col("_draw") < 0.7).then(pl.lit("无")).otherwise(pl.lit("12345678901"))
    book.change(table, rows, phone=unusable)
    book.flag(table, rows, "phone", "RES-PHONE")

    rows = book.pick(table, some, pl.col("filed_on") <= pl.col("last_updated"))
    book.change(table, rows, filed_on=pl.col("birth_date").dt.offset_by("-200d"))
    book.flag(table, rows, "filed_before_birth", "RES-FILED")

    rows = book.pick(table, some, ~pl.col("_dead"))
    book.change(table, rows, filed_on=later(5))
    book.flag(table, rows, "filed_later", "RES-FILED", "RES-UPDATED")

    rows = book.pick(table, some)
    book.change(table, rows, last_updated=later(5))
    book.flag(table, rows, "updated_later", "RES-UPDATED")

    rows = book.pick(table, some, ~pl.col("active"))
    book.change(table, rows, last_updated=pl.col("filed_on").dt.offset_by("-30d"))
    book.flag(table, rows, "updated_before_filed", "RES-UPDATED")

    quiet = ~pl.col("active") & ~pl.col("_dead") & (pl.col("last_updated") < PERIOD_START)
    rows = book.pick(table, book.several(table, 0.005), quiet)
    book.change(table, rows, active=pl.lit(value=True))
    book.flag(table, rows, "no_entry_in_the_period", "RES-ACTIVE")

    rows = book.pick(table, some, ~pl.col("_dead"))
    book.change(table, rows, death_date=later(10))
    book.flag(table, rows, "death_later", "RES-DEATH")

    rows = book.pick(table, some, alone(book) & ~pl.col("_dead") & ~pl.col("active"))
    book.change(table, rows, death_date=pl.col("birth_date").dt.offset_by("-40d"))
    book.flag(table, rows, "death_before_birth", "RES-DEATH")

    rows = book.pick(table, some, pl.col("_dead_before"))
    book.change(table, rows, active=pl.lit(value=True))
    book.flag(table, rows, "active_after_death", "RES-DEAD-ACTIVE")

    rows = book.pick(table, some, pl.col("electronic") & ~pl.col("opened"))
    book.change(table, rows, viewed=pl.lit(value=True))
    book.flag(table, rows, "viewed_unopened", "RES-NEST")

    rows = book.pick(table, some, ~pl.col("electronic"))
    book.change(table, rows, standardised=pl.lit(value=True))
    book.flag(table, rows, "not_electronic", "RES-NEST")

    book.spoil(table, book.pick(table, some), "2024-13-45", "不详", "20年5月")


def _visits(book: Ledger, table: str, prefix: str) -> None:
    """Dates and marks that hypertension and diabetes share."""
    some = book.several(table, 0.005)
    rows = book.pick(table, some, pl.col("_read"))
    book.change(table, rows, diagnosed_on=later(3))
    book.flag(table, rows, "diagnosed_later", f"{prefix}-DIAGNOSED", f"{prefix}-VISIT-DATE")

    rows = book.pick(table, some, pl.col("diagnosed_on") < dt.date(2023, 12, 1))
    book.change(table, rows, diagnosed_on=pl.col("birth_date").dt.offset_by("-90d"))
    book.flag(table, rows, "diagnosed_before_birth", f"{prefix}-DIAGNOSED")

    rows = book.pick(table, some, pl.col("_seen"))
    book.change(table, rows, last_visit=later(3))
    book.flag(table, rows, "visit_later", f"{prefix}-VISIT-DATE", f"{prefix}-LATEST")

    rows = book.pick(table, some, pl.col("_seen"))
    book.change(table, rows, last_visit=pl.col("diagnosed_on").dt.offset_by("-30d"))
    book.flag(table, rows, "visit_before_diagnosis", f"{prefix}-VISIT-DATE", f"{prefix}-LATEST")

    # Two visits are due to these.
    settled = (pl.col("diagnosed_on") < dt.date(2023, 12, 1)) & pl.col("death_date").is_null()
    rows = book.pick(table, some, pl.col("standardised") & settled)
    book.change(table, rows, visits=pl.lit(1, dtype=pl.Int64))
    book.flag(table, rows, "too_few_visits", f"{prefix}-STANDARD", f"{prefix}-VISITS-FOUND")

    without = pl.col("managed") & ~pl.col("standardised") & pl.col("exception").is_null()
    rows = book.pick(table, some, without & settled & pl.col("_read"))
    book.change(table, rows, standardised=pl.lit(value=True))
    book.flag(table, rows, "too_few_visits", f"{prefix}-STANDARD", f"{prefix}-FACE")


def hypertension(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "hypertension", book.several("hypertension", 0.004)
    uncontrolled = pl.col("_read") & pl.col("_high")
    _visits(book, table, "HTN")

    rows = book.pick(table, some, uncontrolled)
    book.change(table, rows, sbp=pl.lit(300, dtype=pl.Int64))
    book.flag(table, rows, "too_high", "HTN-SBP")
    rows = book.pick(table, some, uncontrolled)
    book.change(table, rows, sbp=pl.lit(13, dtype=pl.Int64))
    book.flag(table, rows, "one_digit_lost", "HTN-SBP", "HTN-BP-ORDER")

    rows = book.pick(table, some, uncontrolled)
    book.change(table, rows, dbp=pl.lit(8, dtype=pl.Int64))
    book.flag(table, rows, "one_digit_lost", "HTN-DBP")
    rows = book.pick(table, some, uncontrolled)
    book.change(table, rows, sbp=pl.lit(220, dtype=pl.Int64), dbp=pl.lit(180, dtype=pl.Int64))
    book.flag(table, rows, "too_high", "HTN-DBP")

    swappable = uncontrolled & (pl.col("sbp") <= 150) & (pl.col("dbp") >= 70)
    rows = book.pick(table, some, swappable)
    book.change(table, rows, sbp=pl.col("dbp"), dbp=pl.col("sbp"))
    book.flag(table, rows, "swapped", "HTN-BP-ORDER")

    rows = book.pick(table, some, uncontrolled & pl.col("standardised"))
    book.change(table, rows, sbp=pl.lit(None, dtype=pl.Int64))
    book.flag(table, rows, "no_reading", "HTN-BP-NULL")

    rows = book.pick(table, some)
    book.change(table, rows, visits=pl.lit(26, dtype=pl.Int64))
    book.flag(table, rows, "too_many", "HTN-VISITS", "HTN-VISITS-FOUND")

    rows = book.pick(table, 2 * some, uncontrolled)
    book.change(table, rows, controlled=pl.lit(value=True))
    book.flag(table, rows, "reading_says_otherwise", "HTN-CONTROLLED", "HTN-CTRL-VISIT")

    rows = book.pick(table, some)
    book.spoil(table, rows, "两次", "2次", "每季度")
    book.flag(table, rows.filter("standardised"), "unreadable_cell", "HTN-STANDARD")


def diabetes(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "diabetes", book.several("diabetes", 0.005)
    uncontrolled = pl.col("_read") & pl.col("_high")
    _visits(book, table, "DM")

    rows = book.pick(table, some, uncontrolled)
    book.change(table, rows, glucose=(pl.col("glucose") * 18).round(0))
    book.flag(table, rows, "milligrams", "DM-GLUCOSE")
    rows = book.pick(table, some, pl.col("_read"))
    book.change(table, rows, glucose=pl.lit(0.6))
    book.flag(table, rows, "one_digit_lost", "DM-GLUCOSE")

    rows = book.pick(table, 2 * some, uncontrolled)
    book.change(table, rows, controlled=pl.lit(value=True))
    book.flag(table, rows, "reading_says_otherwise", "DM-CONTROLLED", "DM-CTRL-VISIT")

    book.spoil(table, book.pick(table, some, pl.col("_read")), "6,8", "偏高", "7.2mmol/L")


def elderly(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "elderly", book.several("elderly", 0.005)
    complete = pl.col("exam_complete")
    younger = book.pick(
        "residents", some, ~pl.col("_dead") & ~pl.col("temporary")
        & pl.col("birth_date").is_between(dt.date(1959, 8, 1), dt.date(1966, 1, 1)),
    )  # fmt: skip
    template = book.tables[table].filter(complete & sound_template(book, table)).head(younger.height)
    younger = younger.head(template.height)
    rows = book.add(table, template.with_columns(*[younger[name] for name in ("_p", "_u", "person_id", "birth_date")]))
    book.flag(table, rows, "younger_than_65", "ELD-AGE")

    rows = book.pick(table, some, complete)
    book.change(table, rows, exam_on=pl.col("exam_on").dt.offset_by("-1y"))
    book.flag(table, rows, "last_year", "ELD-EXAM")
    rows = book.pick(table, some, complete)
    book.change(table, rows, exam_on=pl.lit(None, dtype=pl.Date))
    book.flag(table, rows, "no_date", "ELD-EXAM")

    rows = book.pick(table, some, complete)
    book.change(table, rows, selfcare=pl.lit(value=False))
    book.flag(table, rows, "not_assessed", "ELD-SELFCARE")

    book.spoil(table, book.pick(table, some, ~complete), "待定", "五月")
    rows = book.pick(table, some, complete)
    book.spoil(table, rows, "五月", "2024-5")
    book.flag(table, rows, "unreadable_cell", "ELD-EXAM")

    book.reject(table, book.pick(table, 2, ~complete))


def contracts(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "contracts", book.several("contracts", 0.003)
    rows = book.pick(table, some, IN_FORCE & ~pl.col("fulfilled"))
    book.change(table, rows, status=pl.lit("正常"))
    book.flag(table, rows, "status", "CON-STATUS")

    rows = book.pick(table, some, IN_FORCE)
    book.change(table, rows, signed_on=later(4), expires_on=later(370))
    book.flag(table, rows, "signed_later", "CON-TERM")
    rows = book.pick(table, some, ~IN_FORCE)
    book.change(table, rows, expires_on=pl.col("signed_on").dt.offset_by("-1d"))
    book.flag(table, rows, "expired_before_signed", "CON-TERM")

    rows = book.pick(table, some, IN_FORCE)
    a_year_ago = {name: pl.col(name).dt.offset_by("-1y") for name in ("signed_on", "expires_on")}
    book.change(table, rows, **a_year_ago)
    book.flag(table, rows, "expired", "CON-CURRENT")

    rows = book.pick(table, some, IN_FORCE & pl.col("fulfilled"))
    book.change(table, rows, services=pl.lit(0, dtype=pl.Int64))
    book.flag(table, rows, "no_service", "CON-FULFILLED")
    rows = book.pick(table, some, ~IN_FORCE)
    book.change(table, rows, fulfilled=pl.lit(value=True), services=pl.lit(2, dtype=pl.Int64))
    book.flag(table, rows, "not_in_force", "CON-FULFILLED")

    book.spoil(table, book.pick(table, some), "若干", "3次")
    book.reject(table, book.pick(table, 3, IN_FORCE))
