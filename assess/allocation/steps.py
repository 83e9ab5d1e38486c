"""The steps of an award, which anyone can add up: each with its amount and the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from assess.allocation.coefficients import Unweighted, decimal_of
from assess.allocation.errors import money
from assess.allocation.solve import Solved

_PLACES = 6
# Millionths of the currency unit in one minor unit.
_MILLIONTHS = 10_000


@dataclass(frozen=True)
class Step:
    """One step of an award: the pool (empty: over all of them), a stable name, and its amount in the currency.

    `amount` has six decimals. `note` holds the figures of the step as text, among them `formula`, arithmetic without
    words whose result is the amount; a figure cut to six decimals is marked with ≈.
    """

    pool: str
    name: str
    amount: Decimal
    note: Mapping[str, str] = field(default_factory=dict)


def number(value: Fraction) -> str:
    """A figure as a decimal without needless zeros, at most six places and marked ≈ where that cuts it."""
    scaled, rest = divmod(abs(value.numerator) * 10**_PLACES, value.denominator)
    scaled += 2 * rest >= value.denominator
    whole, places = divmod(scaled, 10**_PLACES)
    text = f"{whole}.{places:0{_PLACES}}".rstrip("0").rstrip(".") if places else str(whole)
    return ("≈" if rest else "") + ("-" if value < 0 and scaled else "") + text


def amount(millionths: int) -> Decimal:
    """Millionths of the currency unit as a decimal of six places."""
    return Decimal(millionths).scaleb(-_PLACES)


def whole(minor: int) -> Decimal:
    """Minor units as a decimal of six places."""
    return amount(minor * _MILLIONTHS)


def steps_of(solved: Solved, i: int) -> tuple[Step, ...]:
    """The steps of one unit in one pool; their amounts add up to its award exactly, the last one rounding it.

    Always `entitlement`; `quality` where scores are looked at; then, where they change something, `redistributed`,
    `moved` (by the bounds of others), `floor` or `cap`, and `rounding`.
    """
    pool = solved.inputs.pool.id
    steps: list[Step] = []
    exact, reached = Fraction(0), 0
    for name, minor, note in _exact(solved, i):
        # Each step leads from one rounded total to the next, so that nothing adds up but the rounding at the end.
        exact += minor
        total = _nearest(exact * _MILLIONTHS)
        steps.append(Step(pool, name, amount(total - reached), note))
        reached = total
    last = solved.minor[i] * _MILLIONTHS - reached
    if last or solved.tied[i]:
        note = {"exact": _currency(solved.exact(i)), "award": money(solved.minor[i])}
        steps.append(Step(pool, "rounding", amount(last), {**note, "tied": "yes"} if solved.tied[i] else note))
    return tuple(steps)


def _nearest(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _currency(minor: Fraction) -> str:
    return number(minor / 100)


def _exact(solved: Solved, i: int) -> Iterator[tuple[str, Fraction, dict[str, str]]]:
    """Name, exact amount in minor units, and figures of every step before rounding."""
    inputs, pool = solved.inputs, solved.inputs.pool
    basis, bases = inputs.bases[i], Fraction(solved.bases, inputs.part_of)
    entitled, earned, before = solved.entitlement(i), solved.earned(i), solved.before(i)
    note = {"pool": money(pool.pool_minor), "basis": number(basis), "bases": number(bases)}
    if basis > 0:
        note["formula"] = f"{note['pool']} × {note['basis']} ÷ {note['bases']}"
    else:
        note["why"] = "no_basis"
    yield "entitlement", entitled, note
    if not isinstance(pool.coefficient, Unweighted):
        quality = inputs.qualities[i]
        factor = number(Fraction(inputs.factors[i], inputs.factor_of))
        note = {"method": pool.coefficient.method, "coefficient": factor,
                "formula": f"{_currency(entitled)} × ({factor} − 1)"}  # fmt: skip
        note |= {"why": "no_score"} if quality is None else {"quality": number(quality)}
        yield "quality", earned - entitled, note | ({"kept": pool.kept} if pool.kept else {})
    if before != earned:
        withheld, weight = _currency(solved.gap), number(solved.weight(i))
        weights = number(Fraction(solved.named_weight, inputs.part_of * inputs.factor_of))
        note = {"withheld": withheld, "weight": weight, "weights": weights,
                "formula": f"{withheld} × {weight} ÷ {weights}"}  # fmt: skip
        yield (
            "redistributed",
            before - earned,
            note | ({"grades": ", ".join(pool.redistribute_to)} if pool.redistribute_to else {}),
        )
    yield from _bounded(solved, i, before)


def _bounded(solved: Solved, i: int, before: Fraction) -> Iterator[tuple[str, Fraction, dict[str, str]]]:
    at, after = solved.bound[i], solved.exact(i)
    if at is None:
        if after != before:
            factor = number(after / before)
            yield "moved", after - before, {"factor": factor, "formula": f"{_currency(before)} × ({factor} − 1)"}
        return
    stated = solved.inputs.pool.floor if at == "floor" else solved.inputs.pool.cap
    limit = money(solved.minor[i])
    note = {"limit": limit, "formula": f"{limit} − {_currency(before)}"}
    if stated is not None and stated.share is not None:
        note["share"] = number(decimal_of(stated.share))
    # A unit that the bounds of others moved as far as its own was moved by them, and its own only stopped it.
    if after > before if at == "floor" else after < before:
        yield at, after - before, note
    elif after != before:
        yield "moved", after - before, note | {"until": at}
