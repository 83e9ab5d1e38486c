"""Identity numbers of natural persons (GB 11643-1999)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from assess.checks.base import Check, Hold, all_of, column_field, inline
from assess.checks.digits import byte, leading, like
from assess.sql import Sql

Form = Literal["resident", "permit", "foreign", "legacy"]
Aspect = Literal["form", "date", "sequence", "check_digit", "sex", "birth_date"]

# Seventeen digits, the first of them not 0, and the check digit, of which X is ten.
FULL = "[1-9][0-9]{16}[0-9Xx]"
# Divisions of the residence permits for people of Hong Kong, Macao and Taiwan, at the head of the number.
PERMIT_DIVISIONS = (810_000, 820_000, 830_000)
# Nobody who was alive when the numbers were introduced (1984) was born before this year.
EARLIEST_YEAR = 1850


class Number:
    """A column of numbers read as integers: every aspect of a number is arithmetic on its digits, and shared by rules.

    `head` is the integer of the first 17 of 18 characters, `high` that of its first 8 and `low` that of its other 9:
    numbers of 32 bits without a sign are divided faster. `old` is the integer of all of 15 characters.
    """

    def __init__(self, column: str, hold: Hold):
        self.column, self.hold = column, hold
        self.head = leading(column, 17, hold)
        self.last = byte(column, 17, hold)
        self.full = like(column, FULL, hold)

    def _held(self, name: str, expr: pl.Expr) -> pl.Expr:
        return self.hold(f"{self.column} {name}", expr)

    @property
    def old(self) -> pl.Expr:
        """The integer of 15 digits of the first generation; null for everything else."""
        text = pl.col(self.column)
        digits = text.str.slice(0, 15).cast(pl.Int64, strict=False)
        fits = (text.str.len_bytes() == 15) & (digits >= 10**14) & (digits < 10**15)
        return self._held("old", pl.when(fits).then(digits))

    @property
    def high(self) -> pl.Expr:
        """The first 8 digits of 17."""
        return self._held("high", _short(self.head // 10**9))

    @property
    def low(self) -> pl.Expr:
        """The last 9 digits of 17."""
        return self._held("low", _short(self.head % 10**9))

    def _calendar(self, *, legacy: bool) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
        """Year, month and day of birth, and whether there is such a day."""
        suffix = " or old" if legacy else ""
        year, date = self.high % 100 * 100 + self.low // 10**7, self.low // 1000 % 10_000
        if legacy:
            old = self._held("old day", _short(self.old // 1000 % 10**6))
            year = pl.when(self.full).then(year).otherwise(old // 10_000 + 1900)
            date = pl.when(self.full).then(date).otherwise(old % 10_000)
        y, month_day = self._held("year" + suffix, year), self._held("month and day" + suffix, date)
        m = self._held("month" + suffix, month_day // 100)
        d = self._held("day of month" + suffix, month_day % 100)
        # By 4, and by 400 where by 100: what is left of dividing by 4 and 16 is seen in the bits, which is quicker.
        leap = ((y & 3) == 0) & ((y % 25 != 0) | ((y & 15) == 0))
        longest = 30 + (m + m // 8) % 2
        fits = (d <= 28) | ((m != 2) & (d <= longest)) | ((d == 29) & leap)
        possible = (d >= 1) & fits & (m >= 1) & (m <= 12) & (y >= EARLIEST_YEAR)
        return y, m, d, self._held("possible" + suffix, possible.fill_null(value=False))

    def possible(self, *, legacy: bool) -> pl.Expr:
        """Whether somebody can have been born on that day; false where there is no number."""
        return self._calendar(legacy=legacy)[3]

    def born(self, *, legacy: bool) -> pl.Expr:
        """The date of birth; null where there is no such day."""
        y, m, d, possible = self._calendar(legacy=legacy)
        y, m, d = y.cast(pl.Int32), m.cast(pl.Int32), d.cast(pl.Int32)
        # Days since 1970-01-01, in years that begin in March, so that the day that comes and goes is their last.
        year = y - (m <= 2).cast(pl.Int32)
        days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((m + 9) % 12) + 2) // 5 + d - 719_469
        return self._held("born or old" if legacy else "born", pl.when(possible).then(days).cast(pl.Date))

    def order(self, *, legacy: bool) -> pl.Expr:
        """The number of its sequence, odd for men."""
        full = self.low % 1000
        return full if not legacy else pl.when(self.full).then(full).otherwise(self.old % 1000)

    def odd(self, *, legacy: bool) -> pl.Expr:
        """Whether the number of its sequence is odd: it ends the digits, and they are as odd as it is."""
        digits = self.head if not legacy else pl.when(self.full).then(self.head).otherwise(self.old)
        return (digits & 1) == 1

    def checked(self) -> pl.Expr:
        """Whether the last character is the check digit of the 17 before it: ISO 7064 MOD 11-2.

        The weights are the powers of 2, and the sum is taken in two halves that fit into 32 bits.
        """
        # The last four bits of the signs 0 to 9 are what they stand for, and those of X and x are 8.
        check = (self.last & 15) + self.last // 64 * 2
        return (_weighed(self.high, 8) * 2**10 + _weighed(self.low, 9) * 2 + check.cast(pl.UInt32)) % 11 == 1


def _short(number: pl.Expr) -> pl.Expr:
    """As 32 bits without a sign. Only of what is no identity number, and never judged by it, may something be lost."""
    return number.cast(pl.UInt32, wrap_numerical=True)


def _weighed(digits: pl.Expr, places: int) -> pl.Expr:
    """The sum of digit x 2^i over so many digits, i counting from the right.

    With q_i = digits // 10^i it equals digits - 8 x (sum of q_i x 2^(i-1), i >= 1): one division a digit and no text.
    """
    quotients = digits // 10
    for i in range(2, places):
        quotients = quotients + digits // 10**i * 2 ** (i - 1)
    return digits - 8 * quotients


def _one_of(column: pl.Expr, values: Sequence[str] | Sequence[int]) -> pl.Expr:
    """Whether it is one of a few values; a comparison for each is quicker than looking them up."""
    return pl.any_horizontal([column == value for value in values])


class ResidentId(Check, kind="resident_id", dimension="conformance"):
    """The number is a sound resident identity number: its form, its date, its sequence and its check digit.

    Where columns for sex and birth date are named, the number must agree with them. The administrative division is not
    looked up: divisions are created and abolished, and a person keeps the number he was given. A 15-digit number of the
    first generation has no check digit; with `legacy` among `forms` it is accepted, which does not prove it.
    Null is not applicable. Source: GB 11643-1999; ISO 7064 MOD 11-2.
    """

    column: str = column_field(description="The column that holds the number, as text.")
    forms: tuple[Form, ...] = Field(
        ("resident", "permit", "foreign"),
        min_length=1,
        description="Accepted forms: resident, permit (divisions 81, 82, 83), foreign (18 characters that start with "
        "9), legacy (15 digits).",
    )
    verify: tuple[Aspect, ...] = Field(
        ("form", "date", "sequence", "check_digit", "sex", "birth_date"),
        min_length=1,
        description="What is verified; a rule may look at one aspect alone.",
    )
    sex: str | None = column_field(None, description="Column with the person's sex; the 17th digit is odd for men.")
    male: tuple[str, ...] | tuple[int, ...] = Field(
        ("男", "1", "M"), description="Values of that column that mean male; whole numbers for a column of such."
    )
    female: tuple[str, ...] | tuple[int, ...] = Field(
        ("女", "2", "F"), description="Values of that column that mean female."
    )
    birth_date: str | None = column_field(None, description="Column with the person's date of birth.")
    born_by: Sql | None = Field(None, description="The latest date of birth that can be, for example @as_of.")
    temporary: str | None = Field(
        None,
        description="Regular expression of temporary codes, accepted until the age of one (needs birth_date).",
        json_schema_extra={"format": "regex"},
    )

    @field_validator("verify")
    @classmethod
    def _each_once(cls, verify: tuple[Aspect, ...]) -> tuple[Aspect, ...]:
        return tuple(dict.fromkeys(verify))

    @model_validator(mode="after")
    def _temporary_needs_age(self) -> Self:
        if self.temporary is not None and (self.birth_date is None or self.born_by is None):
            raise ValueError("temporary codes depend on age: name birth_date and born_by as well")
        return self

    def _aspects(self, hold: Hold) -> dict[Aspect, pl.Expr]:
        number, legacy = Number(self.column, hold), "legacy" in self.forms
        form = self._form(number, hold)
        order, possible = number.order(legacy=legacy), number.possible(legacy=legacy)
        if self.born_by is not None:
            possible = possible & (number.born(legacy=legacy) <= self.born_by.expr)
        aspects: dict[Aspect, pl.Expr] = {
            "form": pl.when(pl.col(self.column).is_not_null()).then(form),
            "date": pl.when(form).then(possible),
            "sequence": pl.when(form).then(order != 0),
            "check_digit": pl.when(form & number.full).then(number.checked()),
        }
        if self.sex is not None:
            sex = pl.col(self.sex)
            male, female = _one_of(sex, self.male), _one_of(sex, self.female)
            aspects["sex"] = pl.when(form & (male | female)).then(number.odd(legacy=legacy) == male)
        if self.birth_date is not None:
            born = number.born(legacy=legacy)
            aspects["birth_date"] = pl.when(form & born.is_not_null()).then(born == pl.col(self.birth_date))
        return {name: aspect for name, aspect in aspects.items() if name in self.verify}

    def _form(self, number: Number, hold: Hold) -> pl.Expr:
        """Whether the number has one of the accepted forms; false where there is none."""
        division, foreign = number.head // 10**11, number.head >= 9 * 10**16
        permit = pl.any_horizontal([division == accepted for accepted in PERMIT_DIVISIONS])
        kinds = {"resident": ~permit & ~foreign, "permit": permit, "foreign": foreign}
        wanted = [kind for name, kind in kinds.items() if name in self.forms]
        if not wanted:
            return number.old.is_not_null()
        full = number.full if len(wanted) == len(kinds) else number.full & pl.any_horizontal(wanted)
        if "legacy" in self.forms:
            full = full | number.old.is_not_null()
        elif len(wanted) == len(kinds):
            return full
        return hold(f"{self.column} {'+'.join(sorted(set(self.forms)))}", full)

    def valid(self) -> pl.Expr:
        return self.shared(inline)

    def shared(self, hold: Hold) -> pl.Expr:
        valid = all_of(list(self._aspects(hold).values()))
        if self.temporary is None or self.born_by is None:
            return valid
        young = pl.col(self.birth_date or "").is_between(self.born_by.expr.dt.offset_by("-1y"), self.born_by.expr)
        temporary = pl.col(self.column).str.contains(rf"\A(?:{self.temporary})\z") & young
        return pl.when(temporary.fill_null(value=False)).then(statement=True).otherwise(valid)

    def applies(self, hold: Hold) -> pl.Expr | None:
        if "form" in self.verify:
            return pl.col(self.column).is_not_null()
        number, verified = Number(self.column, hold), set(self.verify)
        certain = self.born_by is None or not self.born_by.columns
        if self.temporary is None and ("sequence" in verified or (certain and "date" in verified)):
            return self._form(number, hold)
        if self.temporary is None and verified == {"check_digit"}:
            form = self._form(number, hold)
            return form if "legacy" not in self.forms else form & number.full
        return None

    def reasons(self) -> dict[str, pl.Expr]:
        return {name: aspect.not_() for name, aspect in self._aspects(inline).items()}
