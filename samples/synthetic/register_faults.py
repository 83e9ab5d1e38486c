"""Faults in the small tables: mental disorders, tuberculosis, infections, and health education."""

from __future__ import annotations

import datetime as dt

import polars as pl

from synthetic.entries import later
from synthetic.family_faults import nobody_s_numbers, renumber
from synthetic.ledger import Ledger
from synthetic.people import AS_OF
from synthetic.persons import MISTYPED, PLAIN, deceased, reached, served, twice

_OTHER_NAMES = {"印刷资料": "宣传单", "宣传栏": "板报", "健康讲座": "讲座", "咨询活动": "义诊"}


def mental(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "mental", book.several("mental", 0.006, 1)
    rows = book.pick(table, some, PLAIN)
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", "MEN-ID", "MEN-ALIVE")

    for abroad in (True, False):
        twice(book, table, book.pick(table, some), "MEN-DUP", abroad)

    deceased(book, book.pick("residents", some, reached(book) & served(book, table)))

    rows = book.pick(table, some)
    book.change(table, rows, risk=pl.lit(9, dtype=pl.Int64))
    book.flag(table, rows, "unknown_level", "MEN-RISK")
    rows = book.pick(table, some)
    book.change(table, rows, registered_on=later(3))
    book.flag(table, rows, "registered_later", "MEN-DATE")
    rows = book.pick(table, some, ~pl.col("seen"))
    book.change(table, rows, standardised=pl.lit(value=True))
    book.flag(table, rows, "to_standard_unseen", "MEN-NEST")

    book.spoil(table, book.pick(table, some), "二级", "高")


def tuberculosis(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "tuberculosis", book.several("tuberculosis", 0.01, 1)
    ended = pl.col("treatment_ended_on").is_not_null()
    rows = book.pick(table, some, PLAIN)
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", "TB-ID", "TB-RESIDENT")

    rows = book.pick(table, some, PLAIN)
    numbers = nobody_s_numbers(book, rows)
    book.flag(table, renumber(book, table, numbers), "no_record", "TB-RESIDENT")

    twice(book, table, book.pick(table, some), "TB-DUP", abroad=False)

    rows = book.pick(table, some, ~ended)
    book.change(table, rows, notified_on=later(2))
    book.flag(table, rows, "notified_later", "TB-DATE")
    rows = book.pick(table, some, ended)
    book.change(table, rows, treatment_ended_on=pl.col("notified_on").dt.offset_by("-20d"))
    book.flag(table, rows, "ended_before_notified", "TB-ENDED")
    rows = book.pick(table, some, pl.col("doses_due").is_not_null())
    book.change(table, rows, doses_taken=pl.col("doses_due") + 25)
    book.flag(table, rows, "more_than_due", "TB-DOSES")

    book.spoil(table, book.pick(table, some), "全程", "不详")


def infections(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "infections", book.several("infections", 0.01, 2)
    told = pl.col("reported_on").is_not_null()
    for abroad in (True, False):
        twice(book, table, book.pick(table, some), "INF-DUP", abroad)

    rows = book.pick(table, some)
    book.change(table, rows, category=pl.col("category").str.slice(0, 1))
    book.flag(table, rows, "other_name", "INF-CATEGORY")

    rows = book.pick(table, some, ~told)
    book.change(table, rows, registered_on=later(2))
    book.flag(table, rows, "registered_later", "INF-DATE")
    rows = book.pick(table, some, told)
    book.change(table, rows, reported_on=pl.col("registered_on").dt.offset_by("-4d"))
    book.flag(table, rows, "reported_before", "INF-REPORTED")
    rows = book.pick(table, some, told)
    book.change(table, rows, reported_on=pl.lit(AS_OF).dt.offset_by("7d"))
    book.flag(table, rows, "reported_later", "INF-REPORTED")

    book.spoil(table, book.pick(table, some, told), "当日", "已报")
    book.reject(table, book.pick(table, 1))


def education(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "education", book.several("education", 0.008)
    people = pl.col("activity").is_in(["健康讲座", "咨询活动"])
    rows = book.pick(table, some)
    book.change(table, rows, activity=pl.col("activity").replace(_OTHER_NAMES))
    book.flag(table, rows, "other_name", "EDU-KIND")

    rows = book.pick(table, some)
    book.change(table, rows, held_on=pl.lit(dt.date(2023, 11, 1)) + pl.duration(days=(pl.col("_draw") * 50).floor()))
    book.flag(table, rows, "last_year", "EDU-DATE")
    rows = book.pick(table, some)
    book.change(table, rows, held_on=later(2))
    book.flag(table, rows, "held_later", "EDU-DATE")

    twice(book, table, book.pick(table, some), "EDU-DUP", abroad=False)

    rows = book.pick(table, some, people)
    book.change(table, rows, participants=pl.lit(0, dtype=pl.Int64))
    book.flag(table, rows, "nobody_came", "EDU-NOBODY")

    book.spoil(table, book.pick(table, some, people), "若干", "约40人")
