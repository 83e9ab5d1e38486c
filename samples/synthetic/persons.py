"""Faults about who somebody is: numbers, births, deaths, people entered twice or nowhere."""

from __future__ import annotations

import datetime as dt

import polars as pl

from synthetic.ledger import Ledger
from synthetic.people import SENIOR_BORN_BY, with_check_digit
from synthetic.trail import copy_visits, lose_visits, rename_visits, visits_of
from synthetic.visits import CONDITIONS

_ALIVE = {
    "hypertension": "HTN-ALIVE", "diabetes": "DM-ALIVE", "elderly": "ELD-ALIVE", "contracts": "CON-ALIVE",
    "children": "CHD-ALIVE", "mental": "MEN-ALIVE",
}  # fmt: skip
# Everything that is done for a person stands in one of these, and visits and doses only beside one of them.
_SERVICES = (*_ALIVE, "maternal", "tuberculosis")
PREFIX = {"hypertension": "HTN", "diabetes": "DM", "elderly": "ELD", "contracts": "CON"}
# Another check character for each: the number stays as long, and no two numbers become one.
_LIFTED = dict(zip("0123456789X", "56789012344", strict=True))
_LAST = pl.col("person_id").str.slice(17)
MISTYPED = pl.col("person_id").str.slice(0, 17) + _LAST.replace_strict(_LIFTED, default="0")
PLAIN = pl.col("person_id").str.contains(r"^[1-7][0-9]{16}[0-9X]$")
IN_FORCE = pl.col("status") == "有效"


def crowd_adds(step: int) -> int:
    """How many rows a crowd of size `step` adds to those of the unit's true patients."""
    return 3 * step


def served(book: Ledger, *tables: str) -> pl.Expr:
    """People who are in at least one of the tables."""
    return pl.col("_p").is_in(pl.concat([book.tables[table]["_p"] for table in tables]).unique().to_list())


def reached(book: Ledger) -> pl.Expr:
    """People who are served as if they were alive, and whose record can bear an earlier death."""
    bearable = ~pl.col("_dead") & (pl.col("filed_on") < dt.date(2021, 1, 1))
    return served(book, *PREFIX) & ~served(book, "maternal", "tuberculosis") & bearable


def alone(book: Ledger) -> pl.Expr:
    """People who are in no other table."""
    return ~served(book, *_SERVICES) & ~pl.col("temporary")


def deceased(book: Ledger, rows: pl.DataFrame) -> None:
    """They died before the period and are still served: wherever they are in force, that is false."""
    book.change(
        "residents", rows,
        death_date=pl.lit(dt.date(2022, 1, 5)).dt.offset_by("1d") + pl.duration(days=(pl.col("_draw") * 350).floor()),
        active=pl.lit(value=False),
        last_updated=pl.col("filed_on"),
    )  # fmt: skip
    for table, rule in _ALIVE.items():
        theirs = book.tables[table].filter(pl.col("_p").is_in(rows["_p"].to_list()))
        if table == "contracts":
            theirs = theirs.filter(IN_FORCE)
        book.flag(table, theirs, "deceased", rule)
    # All visits are of 2023 and 2024.
    for table in CONDITIONS:
        book.flag("visits", visits_of(book, table, rows), "deceased", "VIS-DEAD")


def numbers_of_residents(book: Ledger, vetoed: int | None) -> None:
    """Unsound numbers among the residents: mistyped, of the first generation, damaged by a spreadsheet, missing."""
    lone = alone(book) & PLAIN
    some = book.several("residents", 0.0025)
    rows = book.pick("residents", 2 * some, lone)
    if vetoed is not None:
        many = round(0.26 * book.tables["residents"].filter(pl.col("_u") == vetoed).height)
        rows = pl.concat([rows, book.pick("residents", many, lone & (pl.col("_u") == vetoed))])
    book.change("residents", rows, person_id=MISTYPED)
    book.flag("residents", rows, "check_digit", "RES-ID")

    # The same slip in both tables: the number is unsound in each, but the person is found.
    others = [table for table in _SERVICES if table != "hypertension"]
    patient_only = served(book, "hypertension") & ~served(book, *others)
    rows = book.pick("residents", some, patient_only & PLAIN)
    same = book.tables["hypertension"].filter(pl.col("_p").is_in(rows["_p"].to_list()))
    book.change("residents", rows, person_id=MISTYPED)
    book.change("hypertension", same, person_id=MISTYPED)
    book.flag("residents", rows, "check_digit", "RES-ID")
    book.flag("hypertension", same, "check_digit", "HTN-ID")
    rename_visits(book, "hypertension", same, MISTYPED)

    rows = book.pick("residents", some)
    book.change("residents", rows, sex=pl.col("sex").replace({"男": "女", "女": "男"}))
    book.flag("residents", rows.filter(~pl.col("temporary")), "sex", "RES-ID")

    rows = book.pick("residents", some, ~pl.col("temporary"))
    book.change("residents", rows, birth_date=pl.col("birth_date").dt.offset_by("-3mo"))
    book.flag("residents", rows, "birth_date", "RES-ID")

    rows = book.pick("residents", some, lone & (pl.col("birth_date") < dt.date(1984, 1, 1)))
    book.change("residents", rows, person_id=pl.col("person_id").str.slice(0, 6) + pl.col("person_id").str.slice(8, 9))
    book.flag("residents", rows, "first_generation", "RES-ID")

    # A spreadsheet kept fifteen digits; where the check character was 0 the damage could pass it.
    rows = book.pick("residents", some, lone)
    fifteen = pl.col("person_id").str.slice(0, 15)
    passing = with_check_digit(rows.select(fifteen + "00").to_series()).str.slice(17) == "0"
    _renumber(book, rows.with_columns(number=fifteen + "000").filter(~passing), "spreadsheet", "RES-ID")

    rows = book.pick("residents", some, lone & (pl.col("birth_date") > dt.date(2007, 1, 1)))
    days = pl.Series((book.rng.random(rows.height) * 18 + 10).astype(int)).cast(pl.String)
    number = pl.col("person_id")
    heads = rows.select(number.str.slice(0, 6) + "202412" + days + number.str.slice(14, 3)).to_series()
    rows = rows.with_columns(with_check_digit(heads).alias("number"))
    rows = rows.with_columns(birth_date=pl.col("number").str.slice(6, 8).str.to_date("%Y%m%d"))
    _renumber(book, rows, "born_in_the_future", "RES-ID", "RES-FILED")

    rows = book.pick("residents", some, lone)
    book.change("residents", rows, person_id=pl.lit(None, dtype=pl.String))
    book.flag("residents", rows, "no_number", "RES-ID-NULL")


def _renumber(book: Ledger, rows: pl.DataFrame, reason: str, *rules: str) -> None:
    """Give residents the `number` and the birth date of `rows`, as far as nobody has the number already."""
    taken = book.tables["residents"].select(number="person_id")
    rows = rows.unique("number", keep="first", maintain_order=True).join(taken, on="number", how="anti")
    new = rows.select("_rid", "number", born="birth_date")
    book.tables["residents"] = (
        book.tables["residents"]
        .join(new, on="_rid", how="left", maintain_order="left")
        .with_columns(person_id=pl.coalesce("number", "person_id"), birth_date=pl.coalesce("born", "birth_date"))
        .drop("number", "born")
    )
    book.flag("residents", rows, reason, *rules)


def twice(book: Ledger, table: str, rows: pl.DataFrame, rule: str, abroad: bool, avoid: int | None = None) -> None:
    """Enter rows once more, in the same unit or in another; neither copy can be taken for the true one."""
    copies = book.add(table, rows.with_columns(_u=book.elsewhere(table, rows, avoid)) if abroad else rows)
    reason = "in_another_unit" if abroad else "in_the_same_unit"
    book.flag(table, rows, reason, rule)
    book.flag(table, copies, reason, rule)


def numbers_of_patients(book: Ledger, table: str, strangers: pl.DataFrame, closed: int | None) -> pl.DataFrame:
    """Numbers that are mistyped, missing, repeated, or of somebody without a record; the strangers left over.

    To the unit `closed` nothing is added: its rows are counted out to the last one, or it submits none.
    """
    prefix, some = PREFIX[table], book.several(table, 0.004)
    # Nobody who is excepted: a second one in a small unit would make its exceptions too many. Nobody who died, because
    # that is not known of another number, and more visits are due to it.
    plain = pl.col("exception").is_null() & pl.col("death_date").is_null()
    current = {"contracts": IN_FORCE, "elderly": pl.lit(value=True)}.get(table, plain)
    shut = [closed, *book.closed["visits"]] if table in CONDITIONS and "visits" in book.closed else [closed]
    steady = ~pl.col("_u").is_in([unit for unit in shut if unit is not None])
    absent = ["HTN-RESIDENT", "HTN-ALIVE"] if table == "hypertension" else [_ALIVE[table]]

    rows = book.pick(table, some, PLAIN & current)
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", f"{prefix}-ID", *absent)
    if table in CONDITIONS:
        rename_visits(book, table, rows, MISTYPED)

    if table != "contracts":
        settled = (pl.col("birth_date") < dt.date(1957, 1, 1)) | (pl.col("birth_date") > SENIOR_BORN_BY)
        rows = book.pick(table, some, settled)
        book.change(table, rows, birth_date=pl.col("birth_date").dt.offset_by("7d" if table != "elderly" else "-7d"))
        book.flag(table, rows, "birth_date", f"{prefix}-ID")

    rows = book.pick(table, some, current)
    book.change(table, rows, person_id=pl.lit(None, dtype=pl.String))
    book.flag(table, rows, "no_number", f"{prefix}-ID-NULL")
    if table in CONDITIONS:
        lose_visits(book, table, rows)

    rule = "CON-ONE" if table == "contracts" else f"{prefix}-DUP"
    for abroad in (True, False):
        rows = book.pick(table, some, steady & current)
        twice(book, table, rows, rule, abroad, avoid=closed)

    few, rest = strangers.head(some), strangers.slice(some)
    template = book.tables[table].filter(steady & current & sound_template(book, table)).head(few.height)
    few = few.head(template.height)
    born = [few["birth_date"]] if table != "contracts" else []
    rows = template.with_columns(few["_p"], few["person_id"], *born, _u=few["_u"], _like=template["_p"]).filter(steady)
    if table in CONDITIONS:
        copy_visits(book, table, rows)
    book.flag(table, book.add(table, rows), "no_record", *absent)
    return rest


def sound_template(book: Ledger, table: str) -> pl.Expr:
    """Rows without a fault, of seniors where age matters, that a stranger's row can be modelled on."""
    sound = ~pl.col("_p").is_in(book.used)
    if table in CONDITIONS:
        sound &= pl.col("death_date").is_null()
    return sound & (pl.col("birth_date") < dt.date(1957, 1, 1)) if table != "contracts" else sound


def crowd(book: Ledger, strangers: pl.DataFrame, unit: int, step: int) -> pl.DataFrame:
    """A coverage far above its ceiling: the same people twice, deceased ones, unsound numbers, nobody's numbers.

    `crowd_adds(step)` rows are added to the unit's own.
    """
    table = "diabetes"
    here = (pl.col("_u") == unit) & pl.col("managed")
    rows = book.pick(table, step, here)
    twice(book, table, rows, "DM-DUP", abroad=False)
    rows = book.pick(table, 5 * step, here & PLAIN & pl.col("death_date").is_null())
    book.change(table, rows, person_id=MISTYPED)
    book.flag(table, rows, "check_digit", "DM-ID", "DM-ALIVE")
    rename_visits(book, table, rows, MISTYPED)
    managed = book.tables[table].filter(here)["_p"]
    dead = book.pick("residents", 4 * step, reached(book) & pl.col("_p").is_in(managed.to_list()))
    deceased(book, dead)
    few = strangers.head(2 * step)
    template = book.tables[table].filter(here & sound_template(book, table)).head(few.height)
    rows = template.with_columns(few["_p"], few["person_id"], few["birth_date"], _like=template["_p"])
    copy_visits(book, table, rows)
    book.flag(table, book.add(table, rows), "no_record", "DM-ALIVE")
    return strangers.slice(2 * step)
