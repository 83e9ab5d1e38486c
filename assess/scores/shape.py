"""Does a score add up? Points and weights over the tree of parts, told of each place where they do not.

It works on plain data, also of a score that has other mistakes: what is no number is passed over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NamedTuple

from assess.scores.exact import exact

Path = tuple[str | int, ...]
# Methods that count in points of their own, which a part without points has to state.
_COUNTED = ("step_deduction", "manual", "deduct_per_finding")
_BEYOND = 1e12


class Fault(NamedTuple):
    """Something that does not add up: the path below the score; `missing` names a key that should be there."""

    path: Path
    message: str
    missing: bool = False


def shape_faults(score: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault of the shape of a score, given as plain data."""
    parts, aggregate = score.get("parts"), _aggregate(score, "sum")
    if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
        return
    yield from _children(parts, ("parts",), aggregate)
    full = _number(score.get("max"))
    total = _total(parts, aggregate) if aggregate == "sum" else None
    if full is not None and total is not None and total != full:
        yield Fault((), f"has parts of {float(total):g} points in all, but max is {float(full):g}")


def walk(parts: Any, path: Path = ("parts",)) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every entry of a tree of parts as plain data, groups before what stands in them, with its path."""
    if isinstance(parts, list | tuple):
        for i, entry in enumerate(parts):
            if isinstance(entry, Mapping):
                yield (*path, i), entry
                if "group" in entry:
                    yield from walk(entry.get("parts"), (*path, i, "parts"))


def _children(parts: Sequence[Any], path: Path, aggregate: Any) -> Iterator[Fault]:
    for i, entry in enumerate(parts):
        if not isinstance(entry, Mapping):
            continue
        at = (*path, i)
        if aggregate == "sum":
            if entry.get("weight") is not None:
                yield Fault((*at, "weight"), "means nothing under `aggregate: sum`, where parts state points")
            if entry.get("points") is None and not _is_sum(entry, aggregate) and not _misspelt(entry, "points"):
                yield Fault((*at, "points"), "", missing=True)
        elif aggregate in ("mean", "min", "geometric"):
            if entry.get("points") is not None:
                message = f"means nothing under `aggregate: {aggregate}`, where parts have weights"
                yield Fault((*at, "points"), message)
            elif "group" not in entry:
                yield from _without_points(entry, at)
        if "group" in entry:
            yield from _group(entry, at, aggregate)
        else:
            yield from _beyond(entry, at)


def _is_sum(entry: Mapping[str, Any], above: Any) -> bool:
    """Whether an entry is a group that adds up; without an aggregate of its own it has that from above."""
    return "group" in entry and _aggregate(entry, above) == "sum"


def _aggregate(entry: Mapping[str, Any], above: Any) -> Any:
    """The aggregate of a node; none, which is judged by nothing, where the key seems to be there misspelt."""
    return entry.get("aggregate") or (None if _misspelt(entry, "aggregate") else above)


def _misspelt(entry: Mapping[str, Any], key: str) -> bool:
    return key not in entry and bool(get_close_matches(key, [str(name) for name in entry], cutoff=0.75))


def _group(entry: Mapping[str, Any], at: Path, above: Any) -> Iterator[Fault]:
    parts, aggregate = entry.get("parts"), _aggregate(entry, above)
    if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
        return
    yield from _children(parts, (*at, "parts"), aggregate)
    stated, total = _number(entry.get("points")), _total(parts, aggregate) if aggregate == "sum" else None
    if stated is not None and total is not None and total != stated and above == "sum":
        name = entry.get("group")
        message = f"group {name!r} has parts of {float(total):g} points in all, but {float(stated):g} points itself"
        yield Fault(at, message)


def _total(parts: Sequence[Any], aggregate: Any) -> Fraction | None:
    """The points of the children of a node that adds up; none where one of them is not known."""
    total = Fraction(0)
    for entry in parts:
        if not isinstance(entry, Mapping):
            return None
        points = _number(entry.get("points"))
        if points is None and entry.get("points") is None and _is_sum(entry, aggregate):
            inner = entry.get("parts")
            points = _total(inner, "sum") if isinstance(inner, Sequence) and not isinstance(inner, str) else None
        if points is None:
            return None
        total += points
    return total


def _without_points(entry: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    if entry.get("method") in _COUNTED and entry.get("out_of") is None and not _misspelt(entry, "out_of"):
        yield Fault((*at, "out_of"), "", missing=True)
    bands = entry.get("bands")
    for i, band in enumerate(bands if isinstance(bands, Sequence) and not isinstance(bands, str) else ()):
        if isinstance(band, Mapping) and band.get("points") is not None:
            yield Fault((*at, "bands", i, "points"), "means nothing in a part without points: state a share")


def _beyond(entry: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    """Points of a method that are more than there are."""
    own = _number(entry.get("points"))
    full = _number(entry.get("out_of")) or own
    most = _number(entry.get("at_most"))
    if full is not None and most is not None and most > full:
        yield Fault((*at, "at_most"), f"{float(most):g} is more than the {float(full):g} points there are")
    bands = entry.get("bands")
    for i, band in enumerate(bands if isinstance(bands, Sequence) and not isinstance(bands, str) else ()):
        points = _number(band.get("points")) if isinstance(band, Mapping) else None
        if own is not None and points is not None and points > own:
            yield Fault(
                (*at, "bands", i, "points"), f"{float(points):g} is more than the {float(own):g} points there are"
            )


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _BEYOND:
        return None
    return exact(value) if math.isfinite(value) else None
