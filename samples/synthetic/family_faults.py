"""Faults in the tables of children, of their vaccinations, and of mothers."""

from __future__ import annotations

import datetime as dt

import polars as pl

from synthetic.entries import later
from synthetic.ledger import Ledger
from synthetic.people import AS_OF, PERIOD_START, with_check_digit
from synthetic.persons import MISTYPED, PLAIN, alone, deceased, reached, served, twice


def nobody_s_numbers(book: Ledger, rows: pl.DataFrame) -> pl.DataFrame:
    """Sound numbers that no resident has, for people of `rows`: `_p` and `number`. Who can get none is left out."""
    number = pl.col("person_id")
    # The sequence stays odd or even, so that the number stays that of a man or of a woman.
    other = ((number.str.slice(14, 3).cast(pl.Int64) + 502) % 1000).cast(pl.String).str.zfill(3)
    rows = rows.with_columns(_head=number.str.slice(0, 14) + other).filter(other != "000")
    rows = rows.with_columns(number=with_check_digit(rows["_head"])).unique("number", keep="first", maintain_order=True)
    taken = book.tables["residents"].select(number="person_id")
    return rows.join(taken, on="number", how="anti", maintain_order="left").select("_p", "number")


def renumber(book: Ledger, table: str, numbers: pl.DataFrame) -> pl.DataFrame:
    """Give people of a table their `number`; returns their rows."""
    book.tables[table] = (
        book.tables[table]
        .join(numbers, on="_p", how="left", maintain_order="left")
        .with_columns(person_id=pl.coalesce("number", "person_id"))
        .drop("number")
    )
    return book.tables[table].filter(pl.col("_p").is_in(numbers["_p"].to_list()))


def children(book: Ledger) -> None:
    """Faults in the table of that name; a number that changes here and not there leaves doses without a child."""
    table, some = "children", book.several("children", 0.005)
    before = pl.col("birth_date") < PERIOD_START
    rows = book.pick(table, some, PLAIN)
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", "CHD-ID", "CHD-ALIVE")
    doses = book.tables["vaccinations"].filter(pl.col("_p").is_in(rows["_p"].to_list()))
    book.flag("vaccinations", doses, "child_not_found", "VAC-CHILD")

    middle = pl.col("birth_date").is_between(dt.date(2017, 8, 1), dt.date(2023, 12, 1))
    rows = book.pick(table, some, ~pl.col("temporary") & middle)
    book.change(table, rows, birth_date=pl.col("birth_date").dt.offset_by("-7d"))
    book.flag(table, rows, "birth_date", "CHD-ID")

    for abroad in (True, False):
        twice(book, table, book.pick(table, some, before), "CHD-DUP", abroad)

    rows = book.pick(table, some, PLAIN)
    numbers = nobody_s_numbers(book, rows)
    book.flag(table, renumber(book, table, numbers), "no_record", "CHD-ALIVE")
    renumber(book, "vaccinations", numbers)

    deceased(book, book.pick("residents", some, reached(book) & served(book, table)))

    older = pl.col("birth_date").is_between(dt.date(2014, 1, 1), dt.date(2017, 6, 1))
    who = book.pick("residents", some, alone(book) & older & ~pl.col("_dead"))
    sound = ~pl.col("_p").is_in(book.used) & pl.col("newborn_visit_on").is_not_null()
    like = book.tables[table].filter(sound).head(who.height)
    who = who.head(like.height)
    rows = like.with_columns(who["_p"], who["_u"], who["person_id"], who["birth_date"], tcm=pl.lit(value=False))
    rows = book.add(table, rows.with_columns(newborn_visit_on=pl.col("birth_date").dt.offset_by("5d")))
    book.flag(table, rows, "seven_or_older", "CHD-AGE")

    visited = pl.col("newborn_visit_on").is_not_null()
    rows = book.pick(table, some, visited)
    book.change(table, rows, newborn_visit_on=pl.col("birth_date").dt.offset_by("-6d"))
    book.flag(table, rows, "visit_before_birth", "CHD-VISITED")
    rows = book.pick(table, some, visited)
    book.change(table, rows, newborn_visit_on=later(4))
    book.flag(table, rows, "visit_later", "CHD-VISITED")

    rows = book.pick(table, some, pl.col("followed_up") > 0)
    book.change(table, rows, followed_up=pl.lit(60, dtype=pl.Int64))
    book.flag(table, rows, "too_many", "CHD-TIMES")

    book.spoil(table, book.pick(table, some), "按期", "3次")
    book.reject(table, book.pick(table, 2, ~served(book, "vaccinations")))


def vaccinations(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "vaccinations", book.several("vaccinations", 0.002)
    given = pl.col("given_on").is_not_null()
    rows = book.pick(table, some)
    book.change(table, rows, vaccine=pl.col("vaccine").str.replace("疫苗", ""))
    book.flag(table, rows, "other_name", "VAC-NAME")

    rows = book.pick(table, some, given)
    book.change(table, rows, given_on=later(2))
    book.flag(table, rows, "given_later", "VAC-DATE")

    rows = book.pick(table, some, given)
    book.change(table, rows, given_on=pl.col("due_on").dt.offset_by("-12d"))
    book.flag(table, rows, "given_too_early", "VAC-EARLY")

    for abroad in (True, False):
        twice(book, table, book.pick(table, some), "VAC-DUP", abroad)

    older = pl.col("birth_date").is_between(dt.date(2008, 1, 1), dt.date(2016, 1, 1))
    open_units = ~pl.col("_u").is_in(book.closed.get(table, []))
    who = book.pick("residents", some, alone(book) & older & ~pl.col("_dead") & open_units)
    like = book.tables[table].filter(~pl.col("_p").is_in(book.used)).head(who.height)
    who = who.head(like.height)
    rows = book.add(table, like.with_columns(who["_p"], who["_u"], who["person_id"]))
    book.flag(table, rows, "no_child", "VAC-CHILD")

    book.spoil(table, book.pick(table, some, given), "已种", "5月")
    book.reject(table, book.pick(table, 2))


def maternal(book: Ledger) -> None:
    """Faults in the table of that name."""
    table, some = "maternal", book.several("maternal", 0.008, 2)
    delivered, home = pl.col("delivered_on").is_not_null(), pl.col("discharged_on").is_not_null()
    early, visited = pl.col("weeks_at_booking") <= 12, pl.col("postpartum_visit_on").is_not_null()
    rows = book.pick(table, some, PLAIN)
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", "MAT-ID", "MAT-RESIDENT")

    rows = book.pick(table, some, PLAIN)
    numbers = nobody_s_numbers(book, rows)
    book.flag(table, renumber(book, table, numbers), "no_record", "MAT-RESIDENT")

    for abroad in (True, False):
        twice(book, table, book.pick(table, 1 if abroad else some, delivered), "MAT-DUP", abroad)

    rows = book.pick(table, some, delivered & early)
    book.change(table, rows, weeks_at_booking=pl.lit(2, dtype=pl.Int64))
    book.flag(table, rows, "too_early", "MAT-WEEKS")
    rows = book.pick(table, some, delivered & early)
    book.change(table, rows, weeks_at_booking=pl.lit(80, dtype=pl.Int64))
    book.flag(table, rows, "one_digit_added", "MAT-WEEKS", "MAT-GESTATION")

    rows = book.pick(table, some, delivered & early)
    book.change(table, rows, weeks_at_booking=pl.lit(36, dtype=pl.Int64))
    book.flag(table, rows, "weeks_do_not_fit", "MAT-GESTATION")

    rows = book.pick(table, some, delivered & early)
    book.change(table, rows, booked_on=pl.col("delivered_on").dt.offset_by("15d"))
    book.flag(table, rows, "booked_after_delivery", "MAT-DELIVERED", "MAT-GESTATION")
    rows = book.pick(table, some, ~delivered)
    term = pl.col("booked_on") + pl.duration(days=(40 - pl.col("weeks_at_booking")) * 7)
    book.change(table, rows, delivered_on=term, live_births=pl.lit(1, dtype=pl.Int64))
    book.flag(table, rows, "delivery_later", "MAT-DELIVERED")

    rows = book.pick(table, some, home)
    book.change(table, rows, discharged_on=pl.col("delivered_on").dt.offset_by("-2d"))
    book.flag(table, rows, "home_before_delivery", "MAT-DISCHARGED")
    rows = book.pick(table, some, home & visited)
    book.change(table, rows, postpartum_visit_on=pl.col("discharged_on").dt.offset_by("-1d"))
    book.flag(table, rows, "visit_before_discharge", "MAT-VISITED")
    rows = book.pick(table, some, home & ~visited)
    book.change(table, rows, postpartum_visit_on=pl.lit(AS_OF).dt.offset_by("6d"))
    book.flag(table, rows, "visit_later", "MAT-VISITED")

    book.spoil(table, book.pick(table, some), "十一周", "12+3")
    book.reject(table, book.pick(table, 1))
