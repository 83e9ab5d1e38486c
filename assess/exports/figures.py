"""Kinds about reported figures, as SQL.

The arithmetic is the engine's own (`assess/checks/figures.py`): whole numbers of millionths, wide enough for their
products. Figures are read digit by digit, because a cast would round what is printed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from assess.checks.figures import (
    ONE,
    PLACES,
    Figure,
    ImpliedBaseAgrees,
    PartsSum,
    RateFeasible,
    RatioAgrees,
    RoundedHalfUp,
    WithinCeiling,
)
from assess.exports.dialect import absent, column, not_, number, piece, present, text
from assess.exports.predicates import NUMBERS, TEXTS, Scope, Violation, says
from assess.exports.unsaid import UnsaidError

_WHOLE = r"-?[0-9]+(?:\.[0-9]+)?"


def _product(*factors: exp.Expr) -> exp.Expr:
    whole: exp.Expr = factors[0].copy()
    for factor in factors[1:]:
        whole = exp.Mul(this=whole, expression=factor.copy())
    return whole


def _sum(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Add(this=left.copy(), expression=right.copy()), copy=False)


def _less(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Sub(this=left.copy(), expression=right.copy()), copy=False)


def _printed(name: str, scope: Scope) -> exp.Expr:
    value = scope.holds(name, *sorted(NUMBERS | TEXTS))
    return exp.cast(value, "text") if scope.type(name) in NUMBERS else value


def _point(printed: exp.Expr) -> exp.Expr:
    return exp.StrPosition(this=printed.copy(), substr=text("."))


def _decimals(printed: exp.Expr) -> exp.Expr:
    """The first decimals of a number as text."""
    after = exp.Add(this=_point(printed), expression=number(1))
    return exp.Substring(this=printed.copy(), start=after, length=number(PLACES))


def fixed(name: str, scope: Scope) -> exp.Expr:
    """A column as a whole number of millionths; null where it is no number."""
    if scope.type(name) == "integer":
        return _product(exp.cast(column(name), scope.dialect.wide), number(ONE))
    printed = _printed(name, scope)
    before = exp.Substring(
        this=printed.copy(), start=number(1), length=exp.Sub(this=_point(printed), expression=number(1))
    )
    padded = piece(exp.DPipe(this=_decimals(printed), expression=text("0" * PLACES)), 1, PLACES)
    broken = exp.EQ(this=_point(printed), expression=number(0))
    digits = (
        exp.case()
        .when(not_(scope.dialect.matches(printed, _WHOLE)), exp.Null())
        .when(broken, exp.DPipe(this=printed.copy(), expression=text("0" * PLACES)))
        .else_(exp.DPipe(this=before, expression=padded))
    )
    return exp.cast(digits, scope.dialect.wide)


def _last_place(name: str, scope: Scope) -> exp.Expr:
    """One unit of the last printed decimal, in millionths."""
    printed = _printed(name, scope)
    case = exp.case().when(exp.EQ(this=_point(printed), expression=number(0)), number(ONE))
    for places in range(1, PLACES):
        length = exp.EQ(this=exp.Length(this=_decimals(printed)), expression=number(places))
        case = case.when(length, number(10 ** (PLACES - places)))
    return case.else_(number(1))


class _Figures:
    """The columns that a figure is read into, in two steps, and what they are called."""

    def __init__(self, check: Figure, scope: Scope):
        self.check, self.scope = check, scope
        self.rate, self.place, self.factor = column("_rate"), column("_place"), column("_factor")
        self.numerator, self.denominator = column("_numerator"), column("_denominator")
        self.low, self.high = column("_low"), column("_high")
        self.counted = (column("_numerator_low"), column("_numerator_high"))
        self.base = (column("_denominator_low"), column("_denominator_high"))

    @property
    def share(self) -> exp.Expr:
        """What a numerator is multiplied by to be compared with the rate, in half millionths, times a denominator."""
        return _product(number(2 * ONE), self.factor)

    def steps(self) -> tuple[Mapping[str, exp.Expr], ...]:
        check, scope = self.check, self.scope
        read = {
            "_numerator": fixed(check.numerator, scope),
            "_denominator": fixed(check.denominator, scope),
            "_rate": fixed(check.rate, scope),
            "_place": _last_place(check.rate, scope),
            "_factor": self._factor(),
            "_known_to": self._known_to(check.precision),
            "_denominator_known_to": self._known_to(check.denominator_precision),
        }
        at_least: exp.Expr = exp.false()
        if check.stated is not None:
            said = exp.EQ(this=scope.holds(check.stated, "text", "code"), expression=text("at_least"))
            at_least = exp.Coalesce(this=said, expressions=[exp.false()])
        low, high = _interval(self.numerator, column("_known_to"), at_least)
        base_low, base_high = _interval(self.denominator, column("_denominator_known_to"), exp.false())
        meant = {
            "_numerator_low": low,
            "_numerator_high": high,
            "_denominator_low": base_low,
            "_denominator_high": base_high,
            "_low": _less(_product(number(2), self.rate), self.place),
            "_high": _sum(_product(number(2), self.rate), _product(number(2), self.place)),
        }
        return read, meant

    def _factor(self) -> exp.Expr:
        if self.check.scale is None:
            return exp.cast(number(100), self.scope.dialect.wide)
        scale = self.scope.holds(self.check.scale, "text", "code")
        case = exp.case()
        for name, factor in (("percent", 100), ("per_mille", 1000), ("ratio", 1)):
            case = case.when(exp.EQ(this=scale.copy(), expression=text(name)), number(factor))
        return exp.cast(case, self.scope.dialect.wide)

    def _known_to(self, name: str | None) -> exp.Expr:
        if name is None:
            return number(ONE)
        return exp.Coalesce(this=fixed(name, self.scope), expressions=[number(ONE)])

    def agrees(self) -> exp.Expr:
        """Whether any counts within their intervals give a rate within its own."""
        above = exp.GTE(this=_product(self.counted[1], self.share), expression=_product(self.low, self.base[0]))
        below = exp.LT(this=_product(self.counted[0], self.share), expression=_product(self.high, self.base[1]))
        return exp.and_(above, below)


def _interval(value: exp.Expr, step: exp.Expr, at_least: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """The smallest and the largest count that a printed one stands for."""
    rough = exp.GT(this=step, expression=number(ONE))
    half = exp.IntDiv(this=step.copy(), expression=number(2))
    low = exp.case().when(exp.and_(rough, not_(at_least)), _less(value, half)).else_(value.copy())
    high = exp.case().when(exp.and_(rough, at_least), _sum(value, step)).when(rough.copy(), _sum(value, half))
    return low, high.else_(value.copy())


def _above(value: exp.Expr, bound: exp.Expr | int) -> exp.Expr:
    return exp.GT(this=value.copy(), expression=number(bound) if isinstance(bound, int) else bound.copy())


@says(WithinCeiling)
def _within_ceiling(check: WithinCeiling, scope: Scope) -> Violation:
    figure = _Figures(check, scope)
    kinds = exp.In(this=scope.holds(check.of, "text", "code"), expressions=[text(kind) for kind in check.capped])
    above = _above(figure.rate, _product(figure.factor, number(ONE)))
    part = exp.and_(_above(figure.counted[0], figure.base[1]), _above(figure.factor, 0))
    return Violation(exp.and_(kinds, exp.or_(above, part)), steps=figure.steps())


@says(RatioAgrees)
def _ratio_agrees(check: RatioAgrees, scope: Scope) -> Violation:
    figure = _Figures(check, scope)
    disagrees = exp.and_(_above(figure.base[1], 0), not_(figure.agrees()))
    nothing = exp.LTE(this=figure.base[1].copy(), expression=number(0))
    on_nothing = exp.and_(nothing, present(figure.counted[0], figure.low))
    return Violation(exp.or_(disagrees, on_nothing), steps=figure.steps())


@says(RoundedHalfUp)
def _rounded_half_up(check: RoundedHalfUp, scope: Scope) -> Violation:
    figure = _Figures(check, scope)
    exact = [exp.EQ(this=low.copy(), expression=high.copy()) for low, high in (figure.counted, figure.base)]
    rounded = exp.LT(
        this=_product(figure.counted[0], figure.share),
        expression=_product(_sum(_product(number(2), figure.rate), figure.place), figure.base[0]),
    )
    agrees = exp.and_(_above(figure.base[1], 0), figure.agrees())
    return Violation(exp.and_(agrees, *exact, not_(rounded)), steps=figure.steps())


def _floor(value: exp.Expr, by: exp.Expr) -> exp.Expr:
    """The quotient of whole numbers, rounded down; databases cut it off. Null where `by` is 0."""
    positive = exp.Nullif(this=by.copy(), expression=number(0))
    below = exp.IntDiv(this=_less(_less(by, number(1)), value), expression=positive.copy())
    negative = exp.LT(this=value.copy(), expression=number(0))
    whole = exp.IntDiv(this=exp.paren(value.copy(), copy=False), expression=positive)
    return exp.case().when(negative, exp.Neg(this=exp.paren(below, copy=False))).else_(whole)


@says(RateFeasible)
def _rate_feasible(check: RateFeasible, scope: Scope) -> Violation:
    figure = _Figures(check, scope)
    one, share = number(ONE), figure.share
    if check.missing == "denominator":
        known, unknown = figure.numerator, check.denominator
        least = _sum(_floor(_product(figure.counted[0], share), _product(figure.high, one)), number(1))
        largest = _floor(_product(figure.counted[1], share), _product(figure.low, one))
        most: exp.Expr = exp.case().when(_above(figure.low, 0), largest).else_(least.copy())
    else:
        known, unknown = figure.denominator, check.numerator
        whole = _product(share, one)
        up = _less(whole, number(1))
        least = _floor(_sum(_product(figure.low, figure.base[0]), up), whole)
        most = _less(_floor(_sum(_product(figure.high, figure.base[1]), up), whole), number(1))
    applies = exp.and_(_above(known, 0), absent(column(unknown)), _above(figure.rate, 0), present(figure.factor))
    bounds = {"_least": least, "_most": most}
    when = exp.and_(applies, _above(column("_least"), column("_most")))
    return Violation(when, steps=(*figure.steps(), bounds))


@says(ImpliedBaseAgrees)
def _implied_base_agrees(check: ImpliedBaseAgrees, scope: Scope) -> Violation:
    figure = _Figures(check, scope)

    def real(value: exp.Expr) -> exp.Expr:
        return exp.cast(exp.paren(value.copy(), copy=False), "double")

    def base(stated: exp.Expr, counted: exp.Expr, rate: exp.Expr, when: exp.Expr) -> exp.Expr:
        implied = exp.Div(
            this=_product(_quotient(real(counted), number(float(ONE))), real(figure.share)),
            expression=real(rate), typed=True,
        )  # fmt: skip
        return (
            exp.case().when(_above(figure.base[0], 0), _quotient(real(stated), number(float(ONE)))).when(when, implied)
        )

    bases = {
        "_base_low": base(figure.base[0], figure.counted[0], figure.high, _above(figure.rate, 0)),
        "_base_high": base(figure.base[1], figure.counted[1], figure.low, _above(figure.low, 0)),
    }
    low, high = column("_base_low"), column("_base_high")

    def among(this: exp.Expr) -> exp.Window:
        return exp.Window(this=this, partition_by=[column(name) for name in check.by])

    others = {
        "_bases": among(exp.Count(this=low.copy())),
        "_least_high": among(exp.Min(this=high.copy())),
        "_most_low": among(exp.Max(this=low.copy())),
    }
    slack = number(1.0 + check.slack)
    overlaps = exp.and_(
        exp.LTE(this=low.copy(), expression=_product(column("_least_high"), slack)),
        exp.GTE(this=_product(high, slack), expression=column("_most_low")),
    )
    when = exp.and_(_above(column("_bases"), 1), present(low), not_(overlaps))
    return Violation(when, steps=(*figure.steps(), bases, others))


def _quotient(value: exp.Expr, by: exp.Expr) -> exp.Expr:
    return exp.Div(this=value, expression=by, typed=True)


@says(PartsSum)
def _parts_sum(check: PartsSum, scope: Scope) -> Violation:
    if isinstance(check.parts, str):
        raise UnsaidError(f"column {check.parts!r} holds a sum as text, which not every database can take apart")
    total = fixed(check.parts[0], scope)
    for name in check.parts[1:]:
        total = exp.Add(this=total, expression=fixed(name, scope))
    return Violation(exp.NEQ(this=total, expression=fixed(check.total, scope)))
