"""Predicates on one record in plain Python, by the published standards: what no expectation of the other engine says.

Each is written a second time here, on purpose, and shares nothing with the Polars expression of its kind. None stands
for null: in a record a value that is not there, in a verdict a record that the rule does not apply to.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from assess.checks.conformance import DateFormat, Precision
from assess.checks.identity import ResidentId
from assess.checks.organisation import OrganisationCode
from assess.crosscheck.errors import InexpressibleError

Verdict = bool | None
Predicate = Callable[..., Verdict]
# Of all records of a group at once.
GroupPredicate = Callable[[Sequence[Sequence[Any]]], list[Verdict]]

# GB 11643-1999: the weight of each of the first 17 digits, and the character that stands for each remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FIRST_YEAR = 1850
# GB 32100-2015: characters in the order of their values, and the weights 3^i mod 31.
_CREDIT = {character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DIRECTIVES = {"%Y": "(?P<Y>[0-9]{4})", "%m": "(?P<m>[0-9]{2})", "%d": "(?P<d>[0-9]{2})",
               "%-m": "(?P<m>[1-9][0-9]?)", "%-d": "(?P<d>[1-9][0-9]?)"}  # fmt: skip


def all_hold(verdicts: Iterable[Verdict]) -> Verdict:
    """False if any is false, none if all are none, otherwise true."""
    known = [verdict for verdict in verdicts if verdict is not None]
    return all(known) if known else None


def no_part_fails(verdicts: Sequence[Verdict]) -> Verdict:
    """The AND of SQL: false if any is false, none if any is none, otherwise true."""
    if False in verdicts:
        return False
    return None if None in verdicts else True


def resident_id(check: ResidentId, born_by: dt.date | None) -> Predicate:
    """Of an identity number, sex and date of birth, in this order (GB 11643-1999)."""
    temporary = re.compile(check.temporary) if check.temporary is not None else None

    def sound(number: str | None, sex: Any, birth: dt.date | None) -> Verdict:
        if temporary and number and birth and born_by and temporary.fullmatch(number):
            try:
                year_before = born_by.replace(year=born_by.year - 1)
            except ValueError:
                year_before = born_by.replace(year=born_by.year - 1, day=28)
            if year_before <= birth <= born_by:
                return True
        form = number is not None and _form(number) in check.forms
        aspects: dict[str, Verdict] = {"form": None if number is None else form}
        if number is not None and form:
            full = len(number) == 18
            born = _day(number[6:14] if full else "19" + number[6:12])
            order = int(number[14:17] if full else number[12:15])
            in_time = born is not None and (born_by is None or born <= born_by)
            aspects |= {"date": in_time, "sequence": order > 0}
            if full:
                rest = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
                aspects["check_digit"] = number[17].upper() == _CHECKS[rest]
            if sex is not None and (sex in check.male or sex in check.female):
                aspects["sex"] = (order % 2 == 1) == (sex in check.male)
            if check.birth_date is not None and born is not None and birth is not None:
                aspects["birth_date"] = born == birth
        return all_hold(verdict for aspect, verdict in aspects.items() if aspect in check.verify)

    return sound


def _form(number: str) -> str | None:
    """Which form a number has, or none."""
    if re.fullmatch("[1-9][0-9]{14}", number):
        return "legacy"
    if not re.fullmatch("[1-9][0-9]{16}[0-9Xx]", number):
        return None
    if number[:6] in ("810000", "820000", "830000"):
        return "permit"
    return "foreign" if number[0] == "9" else "resident"


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None


def organisation_code(check: OrganisationCode) -> Predicate:
    """Of the code of an organisation (GB 32100-2015)."""
    forms = {
        "digits_22": re.compile("[0-9A-Z]{8}[0-9X][1-9][0-9]{7}[0-9A-Z][0-9]{4}"),
        "digits_15": re.compile("[1-9][0-9]{14}"),
        "digits_12": re.compile("[1-9][0-9]{11}"),
    }

    def sound(code: str | None) -> Verdict:
        if code is None:
            return None
        if "credit" in check.forms and len(code) == 18 and all(character in _CREDIT for character in code):
            total = sum(_CREDIT[character] * weight for character, weight in zip(code, _CREDIT_WEIGHTS, strict=True))
            return re.fullmatch("[1-9][0-9]{5}", code[2:8]) is not None and total % 31 == 0
        return any(forms[form].fullmatch(code) for form in check.forms if form in forms)

    return sound


def precision(check: Precision) -> Predicate:
    """Of a number as it was printed."""

    def sound(printed: Any) -> Verdict:
        if printed is None:
            return None
        text = str(printed).strip()
        if not _NUMBER.fullmatch(text):
            return False
        decimals = max(0, -int(Decimal(text).as_tuple().exponent))
        if check.max is None:
            return decimals == check.exactly
        return decimals <= check.max or re.fullmatch(r"[+-]?[0-9]+\.0", text) is not None

    return sound


def date_format(check: DateFormat) -> Predicate:
    """Of a date that was written in one of the stated formats."""
    forms = [re.compile(_pattern(written)) for written in check.formats]

    def sound(text: str | None) -> Verdict:
        if text is None:
            return None
        return any(_is_day(found) for form in forms if (found := form.fullmatch(text)))

    return sound


def _pattern(written: str) -> str:
    parts = re.split("(%-?.)", written)
    strange = [part for part in parts[1::2] if part not in _DIRECTIVES]
    if strange:
        raise InexpressibleError(f"the format {written!r}: {', '.join(strange)}")
    return "".join(_DIRECTIVES.get(part, re.escape(part)) for part in parts)


def _is_day(found: re.Match[str]) -> bool:
    try:
        dt.date(int(found["Y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        return False
    return True


def nested(*values: Any) -> Verdict:
    """Numbers that are kept as text: none is above a later one."""
    numbers = [None if value is None else float(value) for value in values]
    pairs = itertools.combinations(numbers, 2)
    return all_hold(None if small is None or large is None else small <= large for small, large in pairs)
