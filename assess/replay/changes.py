"""What differs between two rulesets, one thing at a time, so that each can be tried by itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import from_data, to_data

Data = dict[str, Any]
# Lists of a ruleset whose entries have a name, by where they are.
_NAMED: dict[tuple[str, ...], str] = {
    ("checks",): "id",
    ("indicators",): "id",
    ("score", "veto"): "id",
    ("score", "grades"): "id",
    ("allocation", "pools"): "id",
}
_MAPS = ("parameters", "tables", "views", "score", "allocation")
# Of a part of a score: what it weighs, which only makes sense together with what the others weigh.
_WEIGHTS = ("points", "weight")
_SUBJECTS = ("indicator", "rule", "rules", "item", "group")
_WEIGHED = ("score", "points")


@dataclass(frozen=True)
class Step:
    """Some changes that make a ruleset together: their names, what they say in full, and the ruleset with them."""

    names: tuple[str, ...]
    said: tuple[str, ...]
    ruleset: Ruleset


def steps(old: Ruleset, new: Ruleset) -> Iterator[Step]:
    """From `old` to `new` in steps, each on top of the one before; changes that only hold together are one step.

    Points of a score change together, because they add up to its full marks.
    """
    before, after = _entities(to_data(old)), _entities(to_data(new))
    now = dict(before)
    names: list[str] = []
    said: list[str] = []
    for place in dict.fromkeys([*after, *before]):
        if before.get(place) == after.get(place):
            continue
        if place in after:
            now[place] = after[place]
        else:
            del now[place]
        names.append(" ".join(place))
        said += [f"{' '.join(place)}{path}: {_short(mine)} → {_short(theirs)}"
                 for path, mine, theirs in _leaves(before.get(place), after.get(place))]  # fmt: skip
        try:
            ruleset = from_data(_assembled(now, [*after, *before]))
        except ValueError:
            continue  # it holds only together with what comes next
        yield Step(tuple(names), tuple(said), ruleset)
        names, said = [], []
    if names:
        yield Step(tuple(names), tuple(said), new)


def _entities(data: Data) -> dict[tuple[str, ...], Any]:
    """Every thing of a ruleset that can change by itself, by its place."""
    found: dict[tuple[str, ...], Any] = {}
    data = {name: value for name, value in copy.deepcopy(data).items() if name not in ("ruleset", "version", "title",
                                                                                       "description")}  # fmt: skip
    score = data.get("score")
    if score:
        parts = score.pop("parts")
        found[_WEIGHED] = _frame(parts)
        for name, fields in _leaf_fields(parts):
            found["score", "parts", name] = fields
    for section, value in data.items():
        path = (section,)
        if path in _NAMED:
            found.update({(section, entry[_NAMED[path]]): entry for entry in value})
        elif section in _MAPS and isinstance(value, dict):
            for name, each in value.items():
                if (section, name) in _NAMED and each is not None:
                    found.update({(section, name, entry["id"]): entry for entry in each})
                else:
                    found[section, name] = each
        else:
            found[path] = value
    return found


def _assembled(entities: Mapping[tuple[str, ...], Any], order: list[tuple[str, ...]]) -> Data:
    data: Data = {"ruleset": "step", "version": "0", "title": {"zh": "-", "en": "-"}}
    parts = {place[2]: value for place, value in entities.items() if place[:2] == ("score", "parts")}
    for place in dict.fromkeys(order):
        if place not in entities or place[:2] == ("score", "parts"):
            continue
        value = copy.deepcopy(entities[place])
        if place == _WEIGHED:
            data.setdefault("score", {})["parts"] = _filled(value, parts)
        elif place[:-1] in _NAMED:
            _inside(data, place[:-2]).setdefault(place[-2], []).append(value)
        else:
            _inside(data, place[:-1])[place[-1]] = value
    return data


def _inside(data: Data, path: tuple[str, ...]) -> Data:
    for name in path:
        data = data.setdefault(name, {})
    return data


def _name(part: Mapping[str, Any]) -> str:
    for key in _SUBJECTS:
        if part.get(key):
            value = part[key]
            return "+".join(value) if isinstance(value, list) else str(value)
    return ""


def _frame(parts: list[Data]) -> list[Data]:
    """The tree of a score: names, weights and groups, without what its parts ask."""
    framed = []
    for part in parts:
        kept = {"name": _name(part), **{name: part.get(name) for name in _WEIGHTS}}
        if part.get("group"):
            rest = {name: value for name, value in part.items() if name not in (*_WEIGHTS, "parts")}
            kept |= {"fields": rest, "parts": _frame(part["parts"])}
        framed.append(kept)
    return framed


def _leaf_fields(parts: list[Data]) -> Iterator[tuple[str, Data]]:
    for part in parts:
        if part.get("group"):
            yield from _leaf_fields(part["parts"])
        else:
            yield _name(part), {name: value for name, value in part.items() if name not in _WEIGHTS}


def _filled(frame: list[Data], leaves: Mapping[str, Data]) -> list[Data]:
    parts = []
    for kept in frame:
        weights = {name: kept[name] for name in _WEIGHTS}
        if "parts" in kept:
            parts.append({**kept["fields"], **weights, "parts": _filled(kept["parts"], leaves)})
        else:
            # A part that comes later is put in with its step.
            parts.append({**leaves.get(kept["name"], {}), **weights})
    return parts


def _leaves(mine: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every value that differs, with its path."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in dict.fromkeys([*mine, *theirs]):
            if mine.get(key) != theirs.get(key):
                yield from _leaves(mine.get(key), theirs.get(key), f"{path} {key}")
    elif isinstance(mine, list) and isinstance(theirs, list) and all(isinstance(e, dict) for e in [*mine, *theirs]):
        before, after = ({_key(entry, i): entry for i, entry in enumerate(side)} for side in (mine, theirs))
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) != after.get(key):
                yield from _leaves(before.get(key), after.get(key), f"{path} {key}")
    else:
        yield path, mine, theirs


def _key(entry: Data, place: int) -> str:
    return str(entry.get("name") or entry.get("id") or entry.get("from") or place)


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict | list):
        return "stated" if value else "nothing"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
