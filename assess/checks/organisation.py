"""Codes of organisations, and telephone numbers: forms that an authority lays down."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from assess.checks.base import Check, Hold, all_of, column_field

Code = Literal["credit", "digits_22", "digits_15", "digits_12"]
Line = Literal["mobile", "landline", "local", "service"]

# GB 32100-2015, table of characters: digits and capital letters without I, O, S, V, Z, standing for 0 to 30.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTU"

FORMS: dict[Code, str] = {
    "credit": rf"[{ALPHABET}]{{2}}[1-9][0-9]{{5}}[{ALPHABET}]{{10}}",
    "digits_22": r"[0-9A-Z]{8}[0-9X][1-9][0-9]{5}[0-9]{2}[0-9A-Z][0-9]{3}[0-9]",
    "digits_15": r"[1-9][0-9]{5}[0-9]{9}",
    "digits_12": r"[1-9][0-9]{11}",
}


class OrganisationCode(Check, kind="organisation_code", dimension="conformance"):
    """The text is the code of an organisation in one of the accepted forms, and its check character is right.

    Only `credit`, the unified social credit code, has a check character over the whole: the sum of value x 3^i over the
    first 17 characters, i from 0, and the value of the last is a multiple of 31 (GB 32100-2015). The others are held to
    their form: `digits_22` is an organisation of 9, a division of 6, a type of 2, a class of 4 (which may begin with a
    letter) and a digit; `digits_15` is a division of 6 and 9 digits; `digits_12` is a division of 6 and 6 digits. Small
    letters are refused. Null is not applicable.
    """

    column: str = column_field(description="The column that holds the code, as text.")
    forms: tuple[Code, ...] = Field(("credit",), min_length=1, description="Accepted forms.")

    def _aspects(self) -> dict[str, pl.Expr]:
        text = pl.col(self.column)
        pattern = "|".join(FORMS[form] for form in self.forms)
        form = text.str.contains(rf"\A(?:{pattern})\z")
        credit = form & (text.str.len_bytes() == 18)
        # Written in the digits of base 31 that Polars reads.
        plain = text.str.replace_many(list(ALPHABET), list(_PLAIN))
        values = [plain.str.slice(i, 1).str.to_integer(base=31, strict=False) * (3**i % 31) for i in range(17)]
        check = plain.str.slice(17, 1).str.to_integer(base=31, strict=False)
        sound = (pl.sum_horizontal(values) + check) % 31 == 0
        return {"form": form, "check_digit": pl.when(credit).then(sound)}

    def valid(self) -> pl.Expr:
        return all_of(list(self._aspects().values()))

    def reasons(self) -> dict[str, pl.Expr]:
        return {name: aspect.not_() for name, aspect in self._aspects().items()}


LINES: dict[Line, str] = {
    "mobile": r"1[3-9][0-9]{9}",
    "landline": r"0(?:10|2[0-9]|[3-9][0-9]{2})-?[2-9][0-9]{6,7}(?:-[0-9]{1,6})?",
    "local": r"[2-9][0-9]{6,7}",
    "service": r"[48]00-?[0-9]{3}-?[0-9]{4}",
}
# What may stand before a number when a country code is allowed.
COUNTRY = r"(?:(?:\+|00)?86[- ]?)?"


class Phone(Check, kind="phone", dimension="conformance"):
    """The text is a telephone number of the mainland of China, in one of the accepted forms. Null is not applicable.

    `mobile` is 11 digits that begin with 13 to 19; `landline` is an area code (010, 02x, or four digits from 03xx to
    09xx), 7 or 8 digits and perhaps an extension after a hyphen; `local` is the same without area code; `service` is
    400 or 800 and 7 digits. Form is all that is tested: whether anybody answers is not in the data.
    """

    column: str = column_field(description="The column that holds the number, as text.")
    forms: tuple[Line, ...] = Field(("mobile", "landline"), min_length=1, description="Accepted forms.")
    country_code: bool = Field(
        False, description="Whether +86, 0086 or 86 may stand before it, with a hyphen or blank."
    )

    def valid(self) -> pl.Expr:
        text = pl.col(self.column)
        if self.forms == ("mobile",) and not self.country_code:
            # Eleven bytes that are an integer from 13000000000 on are eleven digits, and no pattern is needed.
            number = text.cast(pl.Int64, strict=False)
            mobile = (number >= 13 * 10**9) & (number < 20 * 10**9)
            return pl.when(text.is_not_null()).then((text.str.len_bytes() == 11) & mobile.fill_null(value=False))
        pattern = "|".join(LINES[form] for form in self.forms)
        prefix = COUNTRY if self.country_code else ""
        return text.str.contains(rf"\A{prefix}(?:{pattern})\z")

    def applies(self, hold: Hold) -> pl.Expr | None:  # noqa: ARG002
        return pl.col(self.column).is_not_null()
