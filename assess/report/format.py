"""Numbers as people read them. Pure: the same number gives the same text, whatever the locale of the machine."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

NONE = "—"
MINUS = "−"
SPACE = "\u202f"  # Narrow and not breaking: a figure and its sign stay on one line.
CENT = Decimal("0.01")
AMOUNTS = ("count", "points")

# A ratio of 0.62 is shown as 62 % or as 620 ‰.
_SCALES = {"percent": (100, "%"), "per_mille": (1000, "‰"), "ratio": (1, "")}
# One of the last decimal: 1, 0.1, 0.01 and so on.
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(32))
_SYMBOLS = {"CNY": "¥", "EUR": "€", "GBP": "£", "USD": "$"}


def number(value: Any) -> Decimal | None:
    """A finite number out of a column or out of text, exactly as written; None where it is none."""
    if type(value) is Decimal:
        return value if value.is_finite() else None
    if value is None or isinstance(value, bool):
        return None
    if type(value) is int:
        return Decimal(value)
    try:
        read = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def plain(value: Decimal, places: int | None = None) -> str:
    """With thousands separators and `places` decimals, rounded half up; without `places` as many as there are."""
    if places is not None:
        value = value.quantize(_STEPS[places], ROUND_HALF_UP)
    text = f"{value:,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return _signed(text) if value else text.lstrip("-")


@lru_cache(maxsize=8192, typed=True)
def count(value: Any) -> str:
    """A count; fractions (for example of an estimated population) keep at most two decimals."""
    read = number(value)
    if read is None:
        return NONE
    return plain(read.quantize(CENT, ROUND_HALF_UP) if read != read.to_integral_value() else read.to_integral_value())


def _scaled(value: Decimal, scale: str) -> str:
    factor, sign = _SCALES[scale]
    unit = f"{SPACE}{sign}" if sign else ""
    places = 2 if sign else 4
    step = _STEPS[places]
    shown = (value * factor).quantize(step, ROUND_HALF_UP)
    # Rounding must not say nothing or all where something is left.
    if shown == 0 and value != 0:
        return f"{'<' if value > 0 else '>'} {_signed(plain(step if value > 0 else -step, places))}{unit}"
    if sign and shown == factor and value != 1:
        edge = shown - step if value < 1 else shown
        return f"> {plain(edge, places)}{unit}"
    return f"{plain(shown, places)}{unit}"


def scale_of(kind: str | None) -> str:
    """percent, per_mille or count: how figures of a kind of indicator are printed."""
    return "per_mille" if kind == "per_mille" else "count" if kind in AMOUNTS else "percent"


@lru_cache(maxsize=8192, typed=True)
def rate(ratio: Any, kind: str | None = None) -> str:
    """A ratio as percent or per mille with two decimals, an amount as a count. Never 0.00 % of something."""
    read = number(ratio)
    if read is None:
        return NONE
    scale = scale_of(kind)
    return count(read) if scale == "count" else _scaled(read, scale)


def share(part: Any, whole: Any) -> str:
    """`part` of `whole` in percent; a dash where there is no whole."""
    above, below = number(part), number(whole)
    if above is None or not below:
        return NONE
    return _scaled(above / below, "percent")


def printed(value: Any, scale: str | None = None) -> str:
    """A figure as it was printed, every decimal kept, with separators and its sign; other text unchanged."""
    read = number(value)
    if read is None:
        return NONE if value is None or value == "" else str(value)
    sign = _SCALES.get(scale or "", (1, ""))[1]
    return _signed(f"{read:,f}") + (f"{SPACE}{sign}" if sign else "")


def figure(value: Decimal, places: int, scale: str | None = None) -> str:
    """A figure that was worked out, in its scale (33.5 percent is 33.5), rounded half up to `places`."""
    return printed(value.quantize(_STEPS[places], ROUND_HALF_UP), scale)


def points(value: Any, places: int | None = None) -> str:
    """Points with `places` decimals, or with as many as are needed and one at least."""
    read = number(value)
    if read is None:
        return NONE
    if places is None:
        places = max(1, decimals(read))
    return plain(read, places)


def brief(value: Any) -> str:
    """Points with two decimals, or with as many as are needed to say that there is something."""
    read = number(value)
    if read is None:
        return NONE
    return points(read) if read and abs(read) < CENT else plain(read, 2)


def mark(value: Any) -> str:
    """Points that a ruleset states, such as full marks: as many decimals as there are."""
    read = number(value)
    return NONE if read is None else plain(read)


@lru_cache(maxsize=8192)
def decimals(value: Decimal) -> int:
    """How many decimals are needed to show a number exactly."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def symbol(currency: str) -> str:
    """The sign of a currency, or its code."""
    return _SYMBOLS.get(currency, currency)


def money(value: Any, currency: str = "CNY") -> str:
    """An amount in the currency with its symbol and two decimals."""
    read = number(value)
    if read is None:
        return NONE
    return f"{MINUS if read < 0 else ''}{symbol(currency)}{SPACE}{plain(abs(read), 2)}"


def minor(value: int | None, currency: str = "CNY") -> str:
    """An amount that is given in minor units (分)."""
    return money(None if value is None else Decimal(value) / 100, currency)


def short(value: Any, lang: str) -> str:
    """A large number in 万 and 亿, or in millions, to two decimals at most. Show the exact one beside it."""
    read = number(value)
    if read is None:
        return NONE
    steps = [(10**8, "亿"), (10**4, "万")] if lang == "zh" else [(10**9, "billion"), (10**6, "million")]
    for size, word in steps:
        if abs(read) >= size:
            return f"{plain((read / size).quantize(CENT, ROUND_HALF_UP))}{SPACE}{word}"
    return count(read)


def short_money(value: Any, currency: str, lang: str) -> str:
    """An amount of money in 万 and 亿, or in millions. Show the exact one beside it."""
    return f"{_SYMBOLS.get(currency, currency)}{SPACE}{short(value, lang)}"


def size(shown: str) -> float:
    """How large a figure is as it was printed, so that the most glaring comes first; 0 where there is none."""
    found = re.search(r"[0-9][0-9,]*(\.[0-9]+)?", shown)
    return float(found[0].replace(",", "")) if found else 0.0


def digest(value: str | None) -> str:
    """A long digest in groups of eight, so that it can be compared by eye and wraps."""
    return " ".join(re.findall(".{1,8}", value)) if value else NONE
