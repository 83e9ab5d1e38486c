"""Identity numbers of natural persons (GB 11643-1999)."""

from __future__ import annotations

from typing import Literal, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from assess.checks.base import Check, all_of, column_field
from assess.sql import Sql

Form = Literal["resident", "permit", "foreign", "legacy"]
Aspect = Literal["form", "date", "sequence", "check_digit", "sex", "birth_date"]

# Divisions of the residence permits for people of Hong Kong, Macao and Taiwan, at the head of the number.
PERMIT_DIVISIONS = ("810000", "820000", "830000")
# Nobody who was alive when the numbers were introduced (1984) was born before this year.
EARLIEST_YEAR = 1850


def _check_sum(digits: pl.Expr) -> pl.Expr:
    """The sum of digit x 2^i over 17 digits, i counting from the right: ISO 7064 MOD 11-2 without the last digit.

    With q_i = digits // 10^i it equals digits - 8 x (sum of q_i x 2^(i-1), i >= 1): one division a digit and no text.
    """
    return digits - 8 * pl.sum_horizontal([(digits // 10**i) * 2 ** (i - 1) for i in range(1, 17)])


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
    male: tuple[str, ...] = Field(("男", "1", "M"), description="Values of that column that mean male.")
    female: tuple[str, ...] = Field(("女", "2", "F"), description="Values of that column that mean female.")
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

    def _aspects(self) -> dict[Aspect, pl.Expr]:
        text = pl.col(self.column)
        head = text.str.slice(0, 17)
        digits = head.cast(pl.Int64, strict=False)
        last = text.str.slice(17)
        full = (
            (text.str.len_bytes() == 18) & head.str.contains(r"\A[1-9][0-9]{16}\z") & last.is_in(list("0123456789Xx"))
        )
        old = (text.str.len_bytes() == 15) & text.str.contains(r"\A[1-9][0-9]{14}\z")
        division = text.str.slice(0, 6)
        permit = division.is_in(list(PERMIT_DIVISIONS))
        foreign = text.str.starts_with("9")
        accepted = {
            "resident": full & ~permit & ~foreign,
            "permit": full & permit,
            "foreign": full & foreign,
            "legacy": old,
        }
        form = pl.any_horizontal([accepted[name] for name in self.forms])
        written = pl.when(full).then(text.str.slice(6, 8)).when(old).then(pl.lit("19") + text.str.slice(6, 6))
        born = written.str.to_date("%Y%m%d", strict=False)
        possible = born.is_not_null() & (born.dt.year() >= EARLIEST_YEAR)
        if self.born_by is not None:
            possible = possible & (born <= self.born_by.expr)
        order = pl.when(full).then(text.str.slice(14, 3)).otherwise(text.str.slice(12, 3))
        check = pl.when(last.is_in(["X", "x"])).then(10).otherwise(last.cast(pl.Int64, strict=False))
        odd = order.cast(pl.Int64, strict=False) % 2 == 1
        aspects: dict[Aspect, pl.Expr] = {
            "form": form,
            "date": pl.when(form).then(possible),
            "sequence": pl.when(form).then(order != "000"),
            "check_digit": pl.when(form & full).then((2 * _check_sum(digits) + check) % 11 == 1),
        }
        if self.sex is not None:
            sex = pl.col(self.sex)
            male = (
                pl.when(sex.is_in(list(self.male)))
                .then(statement=True)
                .when(sex.is_in(list(self.female)))
                .then(statement=False)
            )
            aspects["sex"] = pl.when(form).then(odd == male)
        if self.birth_date is not None:
            aspects["birth_date"] = pl.when(form & born.is_not_null()).then(born == pl.col(self.birth_date))
        return {name: aspect for name, aspect in aspects.items() if name in self.verify}

    def valid(self) -> pl.Expr:
        valid = all_of(list(self._aspects().values()))
        if self.temporary is None or self.born_by is None:
            return valid
        young = pl.col(self.birth_date or "").is_between(self.born_by.expr.dt.offset_by("-1y"), self.born_by.expr)
        temporary = pl.col(self.column).str.contains(rf"\A(?:{self.temporary})\z") & young
        return pl.when(temporary.fill_null(value=False)).then(statement=True).otherwise(valid)

    def reasons(self) -> dict[str, pl.Expr]:
        return {name: aspect.not_() for name, aspect in self._aspects().items()}
