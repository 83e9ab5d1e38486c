"""What differs between two rulesets, one thing at a time, so that each can be tried by itself."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assess.ruleset.spec import Ruleset
from assess.ruleset.stored import from_data, to_data
from assess.scores import Scorer

Data = dict[str, Any]
Place = tuple[str, ...]
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
    batch: list[Place] = []
    for place in dict.fromkeys([*after, *before]):
        if now.get(place) == after.get(place):
            continue
        made = _put(now, before, after, place, batch)
        if made is None:
            continue  # it holds only together with what comes next
        yield _step(batch, before, after, made)
        batch = []
    if batch:
        yield _step(batch, before, after, new)


def parted(old: Ruleset, new: Ruleset, possible: Callable[[Ruleset], bool]) -> tuple[list[Step], tuple[str, ...]]:
    """As `steps`, as far as every ruleset on the way is `possible`; and what the changes that are left out say.

    The last step gives the ruleset with everything but what is left out.
    """
    before, after = _entities(to_data(old)), _entities(to_data(new))
    now, good = dict(before), dict(before)
    found: list[Step] = []
    batch: list[Place] = []
    left: list[Place] = []
    for place in dict.fromkeys([*after, *before]):
        if now.get(place) == after.get(place):
            continue
        made = _put(now, before, after, place, batch)
        if made is None:
            continue
        if possible(made):
            found.append(_step(batch, before, after, made))
            good = dict(now)
        else:
            left += batch
            now = dict(good)
        batch = []
    for place in batch:  # together they come to nothing; some may hold alone
        now, own = dict(good), list[Place]()
        made = _put(now, before, after, place, own)
        if made is not None and possible(made):
            found.append(_step(own, before, after, made))
            good = now
        elif now != good and place not in left:
            left.append(place)
    return found, tuple(line for place in left for line in _said(place, before, after))


def _put(
    now: dict[Place, Any], before: Mapping[Place, Any], after: Mapping[Place, Any], place: Place, batch: list[Place]
) -> Ruleset | None:  # fmt: skip
    """Change one place, with the rules and indicators that it newly asks for; none: it does not hold by itself."""
    order = [*after, *before]
    _change(now, after, place)
    batch.append(place)
    made = _ruleset(now, order)
    if made is None:
        return None
    lacking = list(_lacking(made))
    if not lacking:
        return made
    for each in lacking:
        if each not in after:
            return None
        _change(now, after, each)
        batch.append(each)
    made = _ruleset(now, order)
    return None if made is None or any(_lacking(made)) else made


def _change(now: dict[Place, Any], after: Mapping[Place, Any], place: Place) -> None:
    if place in after:
        now[place] = after[place]
    else:
        now.pop(place, None)


def _ruleset(entities: Mapping[Place, Any], order: list[Place]) -> Ruleset | None:
    try:
        made = from_data(_assembled(entities, order))
        if made.score is not None:
            Scorer(made.score)
    except ValueError:
        return None
    return made


def _lacking(ruleset: Ruleset) -> Iterator[Place]:
    """Rules and indicators that score and money ask for, and that the ruleset does not have."""
    known = {("rule", rule.id) for rule in ruleset.checks} | {("indicator", each.id) for each in ruleset.indicators}
    asked = list(Scorer(ruleset.score).subjects) if ruleset.score is not None else []
    pools = ruleset.allocation.each if ruleset.allocation is not None else ()
    asked += [("indicator", pool.basis.indicator) for pool in pools if pool.basis.indicator is not None]
    sections = {"rule": "checks", "indicator": "indicators"}
    return ((sections[kind], name) for kind, name in asked if kind in sections and (kind, name) not in known)


def _step(
    places: list[tuple[str, ...]], before: Mapping[tuple[str, ...], Any], after: Mapping[tuple[str, ...], Any],
    ruleset: Ruleset,
) -> Step:  # fmt: skip
    said = tuple(line for place in places for line in _said(place, before, after))
    return Step(tuple(" ".join(place) for place in places), said, ruleset)


def _said(
    place: tuple[str, ...], before: Mapping[tuple[str, ...], Any], after: Mapping[tuple[str, ...], Any]
) -> Iterator[str]:
    for path, mine, theirs in _leaves(before.get(place), after.get(place)):
        yield f"{' '.join(place)}{path}: {_short(mine)} → {_short(theirs)}"


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
