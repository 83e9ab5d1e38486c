"""All faults of records, in the order in which they are put in."""

from __future__ import annotations

import polars as pl

from synthetic import entries, family_faults, persons, register_faults, visit_faults
from synthetic.ledger import Ledger


def put_in(book: Ledger, strangers: pl.DataFrame, roles: dict[str, int], step: int) -> None:
    """Every kind of fault: the flagship gets a crowd of false diabetics, the vetoed unit a quarter of false numbers."""
    flagship, vetoed = roles.get("flagship"), roles.get("vetoed")
    book.spare(strangers["_p"])
    if flagship is not None:
        strangers = persons.crowd(book, strangers, flagship, step)
    persons.numbers_of_residents(book, vetoed)
    entries.residents(book)
    persons.deceased(book, book.pick("residents", book.several("residents", 0.004, 12), persons.reached(book)))
    closed = {"diabetes": flagship, "contracts": roles.get("no_contracts")}
    for table in persons.PREFIX:
        strangers = persons.numbers_of_patients(book, table, strangers, closed.get(table))
    entries.hypertension(book)
    entries.diabetes(book)
    entries.elderly(book)
    entries.contracts(book)
    for table in visit_faults.PREFIX:
        visit_faults.patients(book, table)
    visit_faults.visits(book)
    family_faults.children(book)
    family_faults.vaccinations(book)
    family_faults.maternal(book)
    register_faults.mental(book)
    register_faults.tuberculosis(book)
    register_faults.infections(book)
    register_faults.education(book)
