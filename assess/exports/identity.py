"""Identity numbers, codes of organisations and telephone numbers, as SQL.

Their form and their date are one pattern; a check digit is a sum of the places of the characters in an alphabet. No
part of it casts text to a number, so that no text can make a query fail.
"""

from __future__ import annotations

from sqlglot import exp

from assess.checks.identity import EARLIEST_YEAR, PERMIT_DIVISIONS, ResidentId
from assess.checks.organisation import ALPHABET, COUNTRY, FORMS, LINES, OrganisationCode, Phone
from assess.exports import patterns
from assess.exports.dialect import (
    any_of,
    column,
    literal,
    not_,
    number,
    piece,
    place,
    present,
    text,
)
from assess.exports.predicates import Scope, Violation, says

_DIGITS = "0123456789"
_FULL, _OLD = "[1-9][0-9]{16}[0-9Xx]", "[1-9][0-9]{14}"
_PERMIT = "|".join(str(division) for division in PERMIT_DIVISIONS)
# ISO 7064 MOD 11-2: the weights of 18 characters.
_WEIGHTS = [2 ** (17 - i) % 11 for i in range(18)]


class _Number:
    """What can be asked of a column of identity numbers; of old ones, of 15 digits, only where they are accepted."""

    def __init__(self, check: ResidentId, scope: Scope):
        self.check, self.dialect = check, scope.dialect
        self.value = scope.holds(check.column, "text", "code")
        self.legacy = "legacy" in check.forms

    def matches(self, pattern: str) -> exp.Expr:
        return self.dialect.matches(self.value, pattern)

    def formed(self) -> exp.Expr:
        """Whether the number has one of the accepted forms; unknown where there is none."""
        permit, foreign = self.matches(f"(?:{_PERMIT})[0-9]+."), self.matches("9[0-9]+.")
        kinds = {"resident": exp.and_(not_(permit), not_(foreign)), "permit": permit, "foreign": foreign}
        wanted = [kind for name, kind in kinds.items() if name in self.check.forms]
        forms = [self.matches(_OLD)] if self.legacy else []
        if len(wanted) == len(kinds):
            forms.insert(0, self.matches(_FULL))
        elif wanted:
            forms.insert(0, exp.and_(self.matches(_FULL), any_of(wanted)))
        return any_of(forms)

    def _either(self, full: exp.Expr, old: exp.Expr) -> exp.Expr:
        return exp.case().when(self.matches(_FULL), full).else_(old) if self.legacy else full

    def day(self) -> exp.Expr:
        """The date of birth as eight digits, whether there is such a day or not."""
        return self._either(piece(self.value, 7, 8), exp.DPipe(this=text("19"), expression=piece(self.value, 7, 6)))

    def impossible(self) -> exp.Expr:
        """Whether nobody can have been born on that day."""
        day = self.dialect.matches(self.day(), patterns.days(lambda year, month, day: f"{year}{month}{day}"))
        early = exp.LT(this=self.day(), expression=text(f"{EARLIEST_YEAR}0000"))
        return exp.or_(not_(day), early)

    def later(self, than: exp.Expr) -> exp.Expr:
        """Whether the day is later than a date."""
        return exp.GT(this=self.day(), expression=self.dialect.compact(than))

    def sequence(self) -> exp.Expr:
        """The three digits that tell apart who was born on one day."""
        return self._either(piece(self.value, 15, 3), piece(self.value, 13, 3))

    def odd(self) -> exp.Expr:
        """Whether the number of the sequence is odd, as it is for men."""
        digit = self._either(piece(self.value, 17, 1), piece(self.value, 15, 1))
        return exp.In(this=digit, expressions=[text(each) for each in "13579"])

    def unchecked(self) -> exp.Expr:
        """Whether the last character is not the check digit of the 17 before it."""
        last = place(exp.Upper(this=piece(self.value, 18, 1)), f"{_DIGITS}X")
        places = [*[place(piece(self.value, i + 1, 1), _DIGITS) for i in range(17)], last]
        wrong = exp.NEQ(this=_modulo(places, _WEIGHTS, 11), expression=number(1))
        return exp.and_(self.matches(_FULL), wrong) if self.legacy else wrong


@says(ResidentId)
def _resident_id(check: ResidentId, scope: Scope) -> Violation:
    asked = _Number(check, scope)
    impossible = asked.impossible()
    if check.born_by is not None:
        impossible = exp.or_(impossible, asked.later(scope.said(check.born_by)))
    wrong = {
        "date": impossible,
        "sequence": exp.EQ(this=asked.sequence(), expression=text("000")),
        "check_digit": asked.unchecked(),
    }
    if check.sex is not None:
        wrong["sex"] = _other_sex(check, asked, check.sex)
    if check.birth_date is not None:
        born = scope.dialect.compact(scope.holds(check.birth_date, "date"))
        wrong["birth_date"] = exp.and_(not_(asked.impossible()), exp.NEQ(this=asked.day(), expression=born))
    said = [condition for aspect, condition in wrong.items() if aspect in check.verify]
    formed = asked.formed()
    parts = [not_(formed)] if "form" in check.verify else []
    parts += [exp.and_(formed, any_of(said))] if said else []
    violated = any_of(parts) if parts else exp.false()
    if check.temporary is None or check.born_by is None:
        return Violation(violated)
    by, born_on = scope.said(check.born_by), scope.holds(check.birth_date or "", "date")
    year = exp.Interval(this=text("1"), unit=exp.var("YEAR"))
    earliest = exp.cast(exp.Sub(this=by.copy(), expression=year), "date")
    pattern = patterns.portable(check.temporary, scope.dialect.digit)
    young = exp.and_(asked.matches(pattern), exp.Between(this=born_on, low=earliest, high=by))
    return Violation(exp.and_(not_(exp.Coalesce(this=young, expressions=[exp.false()])), violated))


def _other_sex(check: ResidentId, asked: _Number, name: str) -> exp.Expr:
    def one_of(values: tuple[str, ...] | tuple[int, ...]) -> exp.Expr:
        return exp.In(this=column(name), expressions=[literal(each) for each in values])

    male = exp.and_(one_of(check.male), not_(asked.odd()))
    female = exp.and_(one_of(check.female), not_(one_of(check.male)), asked.odd())
    return exp.or_(male, female)


def _modulo(places: list[exp.Expr], weights: list[int], by: int) -> exp.Expr:
    """The weighted sum of places, modulo a number."""
    terms = [exp.Mul(this=each, expression=number(weight)) for each, weight in zip(places, weights, strict=True)]
    total: exp.Expr = terms[0]
    for term in terms[1:]:
        total = exp.Add(this=total, expression=term)
    return exp.Mod(this=exp.paren(total, copy=False), expression=number(by))


@says(OrganisationCode)
def _organisation_code(check: OrganisationCode, scope: Scope) -> Violation:
    value = scope.holds(check.column, "text", "code")
    form = scope.dialect.matches(value, "|".join(FORMS[form] for form in check.forms))
    wrong = exp.and_(present(value), not_(form))
    if "credit" not in check.forms:
        return Violation(wrong)
    places = [place(piece(value, i + 1, 1), ALPHABET) for i in range(18)]
    sum_ = _modulo(places, [*[3**i % 31 for i in range(17)], 1], 31)
    credit = exp.EQ(this=exp.Length(this=value.copy()), expression=number(18))
    return Violation(exp.or_(wrong, exp.and_(form, credit, exp.NEQ(this=sum_, expression=number(0)))))


@says(Phone)
def _phone(check: Phone, scope: Scope) -> Violation:
    value = scope.holds(check.column, "text", "code")
    lines = "|".join(LINES[form] for form in check.forms)
    prefix = COUNTRY if check.country_code else ""
    return Violation(not_(scope.dialect.matches(value, f"{prefix}(?:{lines})")))
