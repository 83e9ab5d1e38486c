"""Columns of exact numbers: whole numerators over whole denominators, in 64 bits for as long as they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import polars as pl

from assess.written import decimals, either, text

# Whole numbers: 64 bits wide, or of Python's own, which have no end, where 64 bits would not do.
# As numpy.typing has them, which takes a while to import.
Whole = np.ndarray[tuple[Any, ...], np.dtype[Any]]
Mask = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]
Places = np.ndarray[tuple[Any, ...], np.dtype[np.intp]]
Floats = np.ndarray[tuple[Any, ...], np.dtype[np.float64]]

_MOST = 2**63 - 1
# Whole numbers up to here are floats exactly, so that their quotient is rounded once.
_FLOAT = 2**53
_SHOWN = 10**6


def reach(numbers: Whole) -> int:
    """The largest magnitude in a column; 0 of none."""
    return max(int(numbers.max()), -int(numbers.min())) if numbers.size else 0


def times(a: Whole, b: Whole) -> Whole:
    """a x b. Where a product might pass 64 bits the column is one of Python's numbers from here on."""
    if a.dtype != object and b.dtype != object and reach(a) * reach(b) > _MOST:
        a = a.astype(object)
    return np.asarray(a * b)


def plus(a: Whole, b: Whole) -> Whole:
    """a + b, as wide as `times` would have it."""
    if a.dtype != object and b.dtype != object and reach(a) + reach(b) > _MOST:
        a = a.astype(object)
    return np.asarray(a + b)


def whole(numbers: Iterable[int]) -> Whole:
    """A column of these numbers."""
    made = np.array(list(numbers), dtype=object)
    return made.astype(np.int64) if reach(made) <= _MOST else made


@dataclass(frozen=True, slots=True, eq=False)
class Ratio:
    """A column of numbers n / d, not in lowest terms. Where d is 0 there is no number; else it is above 0.

    Arithmetic and order are those of fractions, and asked only of numbers that are there. A column of one number goes
    with every other.
    """

    n: Whole
    d: Whole

    @classmethod
    def of(cls, numbers: Sequence[Fraction | int | None]) -> Ratio:
        """The column of these numbers."""
        return cls(
            whole(0 if number is None else number.numerator for number in numbers),
            whole(0 if number is None else number.denominator for number in numbers),
        )

    @classmethod
    def each(cls, number: Fraction | int | None, rows: int) -> Ratio:
        """The same number, or none, in every row."""
        one = cls.of([number])
        return cls(one.n.repeat(rows), one.d.repeat(rows))

    def __len__(self) -> int:
        return len(self.n)

    @property
    def known(self) -> Mask:
        """Where there is a number."""
        return np.asarray(self.d != 0, dtype=np.bool_)

    def otherwise(self, number: Fraction | int) -> Ratio:
        """With this number where there is none."""
        return self.where(self.known, number)

    def where(self, chosen: Mask, other: Ratio | Fraction | int | None) -> Ratio:
        """These numbers where they are chosen, and the other ones elsewhere."""
        two = other if isinstance(other, Ratio) else Ratio.of([other])
        return Ratio(np.where(chosen, self.n, two.n), np.where(chosen, self.d, two.d))

    def take(self, rows: Places) -> Ratio:
        """The numbers of these rows."""
        return Ratio(self.n[rows], self.d[rows])

    def put(self, rows: Places, other: Ratio) -> Ratio:
        """With the numbers of these rows replaced."""
        return Ratio(_put(self.n, rows, other.n), _put(self.d, rows, other.d))

    def fractions(self) -> list[Fraction | None]:
        """One by one, in lowest terms."""
        return [Fraction(n, d) if d else None for n, d in zip(self.n.tolist(), self.d.tolist(), strict=True)]

    def numbers(self) -> list[Fraction]:
        """As `fractions`, where every number is there."""
        return [Fraction(n, d) for n, d in zip(self.n.tolist(), self.d.tolist(), strict=True)]

    def __add__(self, other: Ratio | Fraction | int) -> Ratio:
        two = _lifted(other)
        if len(two) == len(self) and self.d.dtype == two.d.dtype and (self.d == two.d).all():
            return Ratio(plus(self.n, two.n), self.d)
        return Ratio(plus(times(self.n, two.d), times(two.n, self.d)), times(self.d, two.d))

    def __neg__(self) -> Ratio:
        return Ratio(-self.n, self.d)

    def __sub__(self, other: Ratio | Fraction | int) -> Ratio:
        return self + -_lifted(other)

    def __rsub__(self, other: Fraction | int) -> Ratio:
        return -self + other

    def __mul__(self, other: Ratio | Fraction | int) -> Ratio:
        two = _lifted(other)
        return Ratio(times(self.n, two.n), times(self.d, two.d))

    def __truediv__(self, other: Ratio | Fraction | int) -> Ratio:
        """Divided by numbers above 0."""
        two = _lifted(other)
        return Ratio(times(self.n, two.d), times(self.d, two.n))

    def __ge__(self, other: Ratio | Fraction | int) -> Mask:
        return self._compared(other, np.greater_equal)

    def __gt__(self, other: Ratio | Fraction | int) -> Mask:
        return self._compared(other, np.greater)

    def __lt__(self, other: Ratio | Fraction | int) -> Mask:
        return self._compared(other, np.less)

    def _compared(self, other: Ratio | Fraction | int, sign: Callable[[Whole, Whole], Any]) -> Mask:
        two = _lifted(other)
        return np.asarray(sign(times(self.n, two.d), times(two.n, self.d)), dtype=np.bool_)

    def equals(self, other: Ratio | Fraction | int) -> Mask:
        """Where two numbers are the same."""
        return self._compared(other, np.equal)

    def at_most(self, other: Ratio | Fraction | int) -> Ratio:
        """The smaller of two numbers."""
        two = _lifted(other)
        return self.where(self < two, two)

    def clamped(self) -> Ratio:
        """Not below 0 and not above 1."""
        return Ratio(np.minimum(np.maximum(self.n, 0), self.d), self.d)

    def over(self, denominator: int) -> tuple[Whole, int]:
        """The numerators over one denominator for all, a multiple of the given one, and that denominator."""
        of = lcm(denominator, *set(self.d.tolist()))
        return times(self.n, whole([of]) // self.d), of

    def floor(self) -> Ratio:
        """Rounded down."""
        return Ratio(self.n // self.d, np.ones_like(self.d))

    def ceil(self) -> Ratio:
        """Rounded up."""
        return -(-self).floor()

    def of_points(self, points: Whole) -> Whole:
        """Points x number, to the nearest whole one, half to even; that there are no more points than 64 bits hold."""
        product = times(points, self.n)
        down = product // self.d
        twice = times(product - down * self.d, np.array([2]))
        up = (twice > self.d) | ((twice == self.d) & (down % 2 == 1))
        return np.asarray(down + up).astype(np.int64)

    def floats(self) -> Floats:
        """The nearest floats, NaN where there is no number."""
        found = np.full(len(self), np.nan)
        if max(reach(self.n), reach(self.d)) < _FLOAT:
            np.divide(self.n, self.d, out=found, where=self.known, dtype=np.float64)
            return found
        known = self.known
        found[known] = [n / d for n, d in zip(self.n[known].tolist(), self.d[known].tolist(), strict=True)]
        return found

    def shown(self) -> pl.Expr:
        """As text for people: exact decimals, or six places that are marked with the sign of approximation.

        What is no whole number never reads as one. Where there is no number the text means nothing.
        """
        magnitude, known = times(np.abs(self.n), np.array([_SHOWN])), np.maximum(self.d, 1)
        scaled = magnitude // known
        rest = magnitude - scaled * known
        near = scaled + (times(rest, np.array([2])) >= known)
        # One that would read as a whole number goes to the other side instead.
        near = np.where(near % _SHOWN == 0, 2 * scaled + 1 - near, near)
        rounded = text(either(rest > 0, "≈", ""), either(self.n < 0, "−", ""))
        return text(rounded, decimals(np.where(rest > 0, near, scaled), 6))


def _lifted(number: Ratio | Fraction | int) -> Ratio:
    return number if isinstance(number, Ratio) else Ratio.of([number])


def _put(numbers: Whole, rows: Places, other: Whole) -> Whole:
    made = numbers.astype(object if other.dtype == object else numbers.dtype)
    made[rows] = other
    return made
