"""What a rule says in the words of the other engine, and what has to be known to say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assess.checks import Check
from assess.crosscheck.beside import Beside
from assess.crosscheck.conditions import ALWAYS, Truth, truth, written
from assess.sql import Sql

# native: on submitted columns alone; derived: on a column that pandas works out; predicate: on verdicts of Python.
How = Literal["native", "derived", "predicate"]


@dataclass(frozen=True)
class Said:
    """An expectation by the name of its class, with what it is given.

    `applies` is where the rule applies. Columns under `present` say that it is wherever they are there: for that every
    engine of Great Expectations has words. Where `counts_rows` the row condition is where the rule is violated, and the
    expectation that there are no such rows. A rule that `compares` records needs all of them, of all units.
    """

    how: How
    expectation: str
    given: Mapping[str, Any]
    applies: str
    violated: str | None = None
    beside: tuple[Beside, ...] = ()
    compares: bool = False
    present: tuple[str, ...] = ()

    @property
    def counts_rows(self) -> bool:
        """Whether it counts the violating records by a condition, rather than naming them."""
        return self.violated is not None

    @property
    def row_condition(self) -> str | None:
        """The row condition of the expectation, in the syntax of pandas."""
        return written(self.applies if self.violated is None else self.violated)


@dataclass(frozen=True)
class On:
    """The table a rule is on, and those that it may look into: column name to declared type, by table."""

    rule: str
    types: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def where(self, check: Check) -> str:
        """The records that `where` selects."""
        return ALWAYS if check.where is None else self.truth(check.where).true

    def truth(self, sql: Sql) -> Truth:
        """A condition over the table."""
        return truth(sql.bound, self.types)

    def name(self, what: str) -> str:
        """The name of a column beside the submitted ones, which begin with a letter."""
        return f"_{what}_{re.sub(r'[^0-9A-Za-z]', '_', self.rule)}"

    def is_text(self, column: str) -> bool:
        """Whether numbers in it would be kept as text."""
        return self.types.get(column) in ("text", "code", "decimal")
