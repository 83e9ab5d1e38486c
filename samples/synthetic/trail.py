"""What a fault in the table of patients leaves in the table of their visits."""

from __future__ import annotations

import polars as pl

from synthetic.ledger import Ledger
from synthetic.visits import CONDITIONS


def visits_of(book: Ledger, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The visits of the people of `rows` for the disease of `table`."""
    theirs = pl.col("_p").is_in(rows["_p"].to_list()) & (pl.col("condition") == CONDITIONS[table])
    return book.tables["visits"].filter(theirs)


def rename_visits(book: Ledger, table: str, rows: pl.DataFrame, number: pl.Expr) -> None:
    """The same wrong number on the visits, which were copied from the file of the patient."""
    theirs = visits_of(book, table, rows)
    book.change("visits", theirs, person_id=number)
    book.flag("visits", theirs, "check_digit", "VIS-ID")


def lose_visits(book: Ledger, table: str, rows: pl.DataFrame) -> None:
    """The patients of `rows` cannot be found any more: their visits are those of nobody."""
    book.flag("visits", visits_of(book, table, rows), "patient_not_found", "VIS-PATIENT")


def copy_visits(book: Ledger, table: str, rows: pl.DataFrame) -> None:
    """Visits for new patients: those of the patients in `_like`, after whom they are modelled."""
    new = rows.select("person_id", "_u", _new="_p", _p="_like")
    theirs = book.tables["visits"].filter(pl.col("condition") == CONDITIONS[table]).drop("person_id", "_u")
    book.add("visits", theirs.join(new, on="_p", how="inner", maintain_order="left").with_columns(_p="_new"))
