"""Faults between patients and their visits: what a table says of its patients, and what the visits say of them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from synthetic.entries import later
from synthetic.ledger import Ledger
from synthetic.people import AS_OF, PERIOD_START
from synthetic.persons import alone, served, twice
from synthetic.trail import visits_of
from synthetic.visits import CONDITIONS, ONE_DAY

PREFIX = {"hypertension": "HTN", "diabetes": "DM"}
_ALIVE = pl.col("death_date").is_null()
# Units with fewer patients could pass for one that excepts too many.
_ENOUGH = 25


def patients(book: Ledger, table: str) -> None:
    """What a table of patients says against the visits, and patients who are excepted without a reason."""
    prefix, some = PREFIX[table], book.several(table, 0.005)
    settled = (pl.col("diagnosed_on") < dt.date(2023, 12, 1)) & _ALIVE
    open_units = ~pl.col("_u").is_in(book.closed.get("visits", []))

    rows = book.pick(table, some, pl.col("standardised") & settled)
    book.change("visits", visits_of(book, table, rows), face_to_face=pl.lit(value=False))
    book.flag(table, rows, "by_telephone", f"{prefix}-FACE")

    rows = book.pick(table, some, pl.col("managed"))
    book.change(table, rows, visits=pl.col("visits") + 2)
    book.flag(table, rows, "more_than_there_are", f"{prefix}-VISITS-FOUND")

    rows = book.pick(table, some, pl.col("_seen") & settled)
    book.change(table, rows, last_visit=pl.col("last_visit").dt.offset_by("-3d"))
    book.flag(table, rows, "another_day", f"{prefix}-LATEST")

    rows = book.pick(table, some, pl.col("_seen") & pl.col("controlled") & open_units)
    last = visits_of(book, table, rows).filter("_latest")
    high = {"glucose": pl.lit(11.8)} if table == "diabetes" else {"sbp": pl.lit(172), "dbp": pl.lit(96)}
    book.change("visits", last, **high)
    book.flag(table, rows, "visit_says_otherwise", f"{prefix}-CTRL-VISIT")

    free = pl.col("managed") & ~pl.col("standardised") & pl.col("exception").is_null()
    rows = book.pick(table, some, free)
    book.change(table, rows, exception=pl.lit("外出"))
    book.flag(table, rows, "unknown_reason", f"{prefix}-EXCEPTION")

    many = book.tables[table].filter("managed").group_by("_u").len().filter(pl.col("len") >= _ENOUGH)["_u"]
    recent = pl.col("last_visit").is_between(dt.date(2024, 4, 5), AS_OF)
    rows = book.pick(table, some, free & recent & pl.col("_u").is_in(many.to_list()))
    book.change(table, rows, exception=pl.lit("失访"))
    book.flag(table, rows, "seen_lately", f"{prefix}-LOST")


def visits(book: Ledger) -> None:
    """Faults in the table of that name, most of them in visits before the period, on which no count rests."""
    table, some = "visits", book.several("visits", 0.001, 4)
    living = ~pl.col("_died")
    before = pl.col("_before") & living
    pressure, glucose = pl.col("condition") == CONDITIONS["hypertension"], pl.col("condition") == CONDITIONS["diabetes"]
    earlier = living & ~pl.col("_latest")

    rows = book.pick(table, some, before)
    book.change(table, rows, condition=pl.col("condition") + "病")
    book.flag(table, rows, "other_name", "VIS-CONDITION", "VIS-PATIENT")

    rows = book.pick(table, some, before)
    book.change(table, rows, visited_on=later(3))
    book.flag(table, rows, "visit_later", "VIS-DATE")

    for abroad in (True, False):
        twice(book, table, book.pick(table, some, before), "VIS-DUP", abroad)
    _counted_twice(book, some)
    _of_nobody(book, some)
    _after_death(book, some)
    _every_90_days(book, some)

    rows = book.pick(table, some, earlier & pressure)
    book.change(table, rows, sbp=pl.lit(14, dtype=pl.Int64))
    book.flag(table, rows, "one_digit_lost", "VIS-BP")
    rows = book.pick(table, some, earlier & pressure)
    book.change(table, rows, sbp=pl.col("dbp"), dbp=pl.col("sbp").clip(upper_bound=150))
    book.flag(table, rows, "swapped", "VIS-BP")
    rows = book.pick(table, some, earlier & pressure)
    book.change(table, rows, sbp=pl.lit(None, dtype=pl.Int64))
    book.flag(table, rows, "no_reading", "VIS-NULL")
    rows = book.pick(table, some, earlier & glucose)
    book.change(table, rows, glucose=(pl.col("glucose") * 18).round(0))
    book.flag(table, rows, "milligrams", "VIS-GLUCOSE")

    book.spoil(table, book.pick(table, some, before), "十一月", "2023-11", "待补")
    book.reject(table, book.pick(table, 3, before))


def _counted_twice(book: Ledger, some: int) -> None:
    """A visit of the period entered twice: the patient's table then states fewer visits than there are."""
    latest = pl.col("_latest") & ~pl.col("_died") & (pl.col("visited_on") >= PERIOD_START)
    rows = book.pick("visits", some, latest)
    twice(book, "visits", rows, "VIS-DUP", abroad=False)
    for table, condition in CONDITIONS.items():
        theirs = rows.filter(pl.col("condition") == condition)["_p"].to_list()
        told = book.tables[table].filter(pl.col("_p").is_in(theirs))
        book.flag(table, told, "fewer_than_there_are", f"{PREFIX[table]}-VISITS-FOUND")


def _of_nobody(book: Ledger, some: int) -> None:
    """Visits of residents who are no patients."""
    grown = pl.col("birth_date") < dt.date(1990, 1, 1)
    open_units = ~pl.col("_u").is_in(book.closed.get("visits", []))
    who = book.pick("residents", some, alone(book) & grown & ~pl.col("_dead") & open_units)
    like = book.tables["visits"].filter("_before" & ~pl.col("_p").is_in(book.used)).head(who.height)
    who = who.head(like.height)
    rows = book.add("visits", like.with_columns(who["_p"], who["_u"], who["person_id"]))
    book.flag("visits", rows, "no_patient", "VIS-PATIENT")


def _after_death(book: Ledger, some: int) -> None:
    """They died within the period, some days before the visit."""
    seen_once = (pl.col("visits") == 1) & pl.col("_seen") & _ALIVE & (pl.col("last_visit") >= dt.date(2024, 1, 20))
    elsewhere = served(book, "diabetes", "maternal", "tuberculosis", "mental", "elderly", "contracts")
    rows = book.pick("hypertension", some, seen_once & ~elsewhere)
    died = rows.select("_p", died=pl.col("last_visit").dt.offset_by("-9d"))
    files = book.tables["residents"]
    book.tables["residents"] = (
        files.join(died, on="_p", how="left", maintain_order="left")
        .with_columns(death_date=pl.coalesce("died", "death_date"))
        .drop("died")
    )
    book.flag("visits", visits_of(book, "hypertension", rows).filter("_latest"), "after_death", "VIS-DEAD")


def _every_90_days(book: Ledger, some: int) -> None:
    """Three visits, each 90 days after the one before."""
    with_one_before = pl.col("_p").is_in(book.tables["visits"].filter("_before")["_p"].to_list())
    seen_twice = (pl.col("visits") == 2) & _ALIVE & (pl.col("diagnosed_on") < dt.date(2023, 12, 1))
    table = "diabetes"
    elsewhere = served(book, "hypertension") | (pl.col("last_visit") == ONE_DAY)
    rows = book.pick(table, some, seen_twice & with_one_before & ~elsewhere)
    shift = pl.duration(days=(pl.col("_draw") * 18).floor())
    first = rows.select("_p", first=pl.lit(dt.date(2023, 12, 10)) + shift)
    book.tables[table] = (
        book.tables[table]
        .join(first, on="_p", how="left", maintain_order="left")
        .with_columns(last_visit=pl.coalesce(pl.col("first").dt.offset_by("180d"), "last_visit"))
        .drop("first")
    )
    theirs = pl.col("first").is_not_null()
    place = pl.col("visited_on").rank("ordinal").over("_p").cast(pl.Int64) - 1
    book.tables["visits"] = (
        book.tables["visits"]
        .join(first, on="_p", how="left", maintain_order="left")
        .with_columns(
            visited_on=pl.when(theirs).then(pl.col("first") + pl.duration(days=90 * place)).otherwise("visited_on")
        )
        .drop("first")
    )
    book.flag("visits", visits_of(book, table, rows), "every_90_days", "VIS-REGULAR")
