"""Rulesets that build on each other: which files, and what one file changes in the one below it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from assess.allocation import OF_A_POOL
from assess.errors import Problem, RulesetError, did_you_mean
from assess.ruleset import builtin
from assess.ruleset import located as yaml
from assess.ruleset.located import Located, Mark, Path_
from assess.ruleset.spec import Rule
from assess.scores import Part

MAX_FILES = 8

_PARTS: Path_ = ("score", "parts")

# Sections whose entries are known by a name of their own: where they are, and which keys name an entry.
LISTS: dict[Path_, tuple[str, ...]] = {
    ("checks",): ("id",),
    ("indicators",): ("id",),
    _PARTS: ("group", "indicator", "rule", "item", "rules"),
    ("score", "veto"): ("id",),
    ("score", "grades"): ("id",),
    ("allocation", "pools"): ("id",),
}
# What `drop` can name: the section, under the word an author uses for it.
DROPPED: dict[str, Path_] = {
    **{path[-1] if isinstance(path[-1], str) else "": path for path in LISTS},
    **{name: (name,) for name in ("tables", "views", "parameters")},
}
# The key that says which kind an entry is of, and the fields that entries of every kind have.
_KINDS: dict[Path_, tuple[str, frozenset[str]]] = {
    ("checks",): ("check", frozenset(Rule.model_fields)),
    _PARTS: ("method", frozenset(Part.model_fields)),
    ("allocation",): ("method", frozenset()),
}
# What is stated in one form or another and never in both, so that the one on top is whole.
_WHOLE = frozenset(("basis", "floor", "cap"))


@dataclass(frozen=True)
class Source:
    """One file of a chain."""

    file: str
    sha256: str


def read_chain(path: Path, name: str | None = None) -> tuple[Located, tuple[Source, ...]]:
    """The file at `path` with everything it extends, as one; and the files, its own first.

    Raises RulesetError when one of them is no YAML that a ruleset may use, or may not be extended.
    """
    chain: list[Located] = []
    sources: list[Source] = []
    paths: list[Path] = []
    while True:
        found = yaml.read(path, name)
        paths.append(path.resolve())
        chain.append(found)
        sources.append(Source(path.name, found.digest))
        if "extends" not in found.data:
            break
        if len(chain) == MAX_FILES:
            raise RulesetError(_refused(found, f"builds on more than {MAX_FILES - 1} others, one on top of the other"))
        path, name = _base(found, path)
        if path.resolve() in paths:
            raise RulesetError(_refused(found, "extends itself, over " + " and ".join(s.file for s in sources)))
    merged = chain.pop()
    if "drop" in merged.data:
        merged.problems.append(
            merged.problem(("drop",), "RS003", "drops something, but extends no other file", key=True)
        )
        del merged.data["drop"]
    for over in reversed(chain):
        merged = _Merger(merged, over).merged()
    if len(sources) > 1:
        lines = "".join(f"{source.sha256} {source.file}\n" for source in sources)
        merged.digest = hashlib.sha256(lines.encode()).hexdigest()
    return merged, tuple(sources)


def _refused(located: Located, message: str, hint: str = "") -> Problem:
    return located.problem(("extends",), "RS008", message, hint)


def _base(located: Located, path: Path) -> tuple[Path, str]:
    """The file that `extends` names, and what it is called in problems; it lies in the folder of this one, or below."""
    said = located.data["extends"]
    if not isinstance(said, str) or not said.strip():
        raise RulesetError(_refused(located, "should be the name of a file, or of a built-in ruleset"))
    if not said.endswith((".yaml", ".yml")):
        if said not in builtin.names():
            hint = did_you_mean(said, builtin.names())
            message = f"there is no built-in ruleset {said!r}, and the name of a file ends in .yaml"
            raise RulesetError(_refused(located, message, hint))
        return builtin.folder() / f"{said}.yaml", f"{said}.yaml"
    parts = PurePosixPath(said).parts
    if said.startswith("/") or ".." in parts or any(c in said for c in "\\:\0") or not said.isprintable():
        message = f"{said!r} may lead out of the folder of the ruleset"
        raise RulesetError(_refused(located, message, "a file beside this one, or in a folder beside it"))
    base = path.parent / said
    try:
        inside = base.resolve().is_relative_to(path.parent.resolve())
        there, plain = base.exists(), base.is_file()
    except (OSError, RuntimeError):
        inside, there, plain = True, False, False
    if not inside:
        raise RulesetError(_refused(located, f"{said!r} is a link that leads out of the folder of the ruleset"))
    if not plain:
        raise RulesetError(_refused(located, f"{said!r} " + ("is not a file" if there else "does not exist")))
    return base, str(PurePosixPath(*PurePosixPath(located.file).parts[:-1], *parts))


class _Merger:
    """Puts `over` on top of `base`: the data of both, each part with the place where it stands."""

    def __init__(self, base: Located, over: Located):
        self.base, self.over = base, over
        self.out = Located(over.file, problems=[*base.problems, *over.problems], digest=over.digest)
        # Where the parts of a score that `over` changes stand in the base.
        self.changed: dict[Path_, Path_] = {}

    def merged(self) -> Located:
        for key in ("ruleset", "version"):
            if key not in self.over.data:
                problem = Problem(
                    self.over.file, 1, 1, "RS004", f"key {key!r} is missing", "what extends a ruleset is another one"
                )
                self.out.problems.append(problem)
        gone = set(self._dropped())
        self.changed = dict(_matched(self.base.data, self.over.data, gone))
        self.out.data = self._mapping(self.base.data, self.over.data, (), (), (), gone)
        for key in ("extends", "drop"):
            self.out.data.pop(key, None)
        return self.out

    def _dropped(self) -> Iterator[Path_]:
        """The paths in the base of all that is dropped."""
        stated = self.over.data.get("drop", {})
        if not isinstance(stated, dict):
            self._complain(("drop",), "RS005", "'drop' should be a mapping of sections to lists of names")
            return
        for section, names in stated.items():
            path: Path_ = ("drop", section)
            if section not in DROPPED:
                hint = did_you_mean(section, list(DROPPED))
                self._complain(path, "RS003", f"unknown key {section!r}", hint, key=True)
                continue
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                self._complain(path, "RS005", f"{section!r} should be a list of names")
                continue
            known = dict(self._named(DROPPED[section]))
            for i, name in enumerate(names):
                if name in known:
                    yield known[name]
                else:
                    message = f"{name!r} is dropped, but is not among the {section} of {self.base.file}"
                    self._complain((*path, i), "RS013", message, did_you_mean(name, list(known)))

    def _complain(self, path: Path_, code: str, message: str, hint: str = "", *, key: bool = False) -> None:
        self.out.problems.append(self.over.problem(path, code, message, hint, key=key))

    def _named(self, section: Path_) -> Iterator[tuple[str, Path_]]:
        """Every name in a section of the base, with its path."""
        entries: Any = self.base.data
        for step in section:
            entries = entries.get(step) if isinstance(entries, dict) else None
        if section == _PARTS:
            yield from ((name[1], path) for name, path in _named_parts(entries, _PARTS))
        elif isinstance(entries, dict):
            yield from ((name, (*section, name)) for name in entries)
        elif isinstance(entries, list):
            for i, entry in enumerate(entries):
                if (named := _name(entry, LISTS.get(section, ()))) is not None:
                    yield named[1], (*section, i)

    def _mapping(
        self,
        base: Mapping[str, Any],
        over: Mapping[str, Any],
        at_base: Path_,
        at_over: Path_,
        at: Path_,
        gone: set[Path_],
    ) -> dict[str, Any]:
        self._mark(self.over, at_over, at)
        data: dict[str, Any] = {}
        in_pool = at[:2] == ("allocation", "pools") and at[3:] == ("coefficient",)
        kind, common = _KINDS.get(("allocation",) if in_pool else _section(at[:-1]), ("", frozenset()))
        changed = kind in over and kind in base and over[kind] != base[kind]
        if at == ("allocation",):
            base = _of_one_form(base, over)
        for key, value in base.items():
            path: Path_ = (*at_base, key)
            if path in gone:
                continue
            if key in over:
                data[key] = self._value(value, over[key], path, (*at_over, key), (*at, key), gone)
            elif not changed or key in common:  # what a field meant to another kind it does not mean to this one
                data[key] = self._copied(self.base, value, path, (*at, key), gone)
        for key, value in over.items():
            if key not in data:
                data[key] = self._copied(self.over, value, (*at_over, key), (*at, key), set())
        # A whole section is switched off by saying so.
        return {key: value for key, value in data.items() if at or value is not None or key not in base}

    def _value(self, base: Any, over: Any, at_base: Path_, at_over: Path_, at: Path_, gone: set[Path_]) -> Any:
        if at[0] == "allocation" and at[-1] in _WHOLE:
            return self._copied(self.over, over, at_over, at, set())
        if isinstance(base, dict) and isinstance(over, dict):
            return self._mapping(base, over, at_base, at_over, at, gone)
        if isinstance(base, list) and isinstance(over, list) and _section(at_base) == _PARTS:
            return self._tree(base, over, at_base, at_over, at, gone)
        if isinstance(base, list) and isinstance(over, list) and at in LISTS:
            return self._entries(base, over, at_base, at_over, at, gone)
        return self._copied(self.over, over, at_over, at, set())

    def _entries(
        self, base: Sequence[Any], over: Sequence[Any], at_base: Path_, at_over: Path_, at: Path_, gone: set[Path_]
    ) -> list[Any]:
        """Entries of one name are one entry: it keeps its place, and what is new follows."""
        self._mark(self.over, at_over, at)
        waiting: dict[tuple[str, str], int] = {}
        for i, entry in enumerate(over):
            if (name := _name(entry, LISTS[at])) is not None:
                waiting.setdefault(name, i)
        data: list[Any] = []
        used: set[int] = set()
        for i, entry in enumerate(base):
            path, to = (*at_base, i), (*at, len(data))
            if path in gone:
                continue
            name = _name(entry, LISTS[at])
            j = waiting.pop(name, None) if name is not None else None
            if j is None:
                data.append(self._copied(self.base, entry, path, to, gone))
            else:
                used.add(j)
                data.append(self._value(entry, over[j], path, (*at_over, j), to, gone))
        # The first entry of a name changes the base; a second one is a mistake that is found as such later.
        for i, entry in enumerate(over):
            if i not in used:
                data.append(self._copied(self.over, entry, (*at_over, i), (*at, len(data)), set()))
        return data

    def _tree(
        self, base: Sequence[Any], over: Sequence[Any], at_base: Path_, at_over: Path_, at: Path_, gone: set[Path_]
    ) -> list[Any]:
        """Parts of a score: an entry of `over` changes the part of its name wherever that stands in the base."""
        self._mark(self.over if at_over else self.base, at_over or at_base, at)
        data: list[Any] = []
        for i, entry in enumerate(base):
            path, to = (*at_base, i), (*at, len(data))
            if path in gone:
                continue
            place = self.changed.get(path)
            if place is None:
                data.append(self._copied(self.base, entry, path, to, gone))
            else:
                data.append(self._value(entry, _at(self.over.data, place), path, place, to, gone))
        used = set(self.changed.values())
        for i, entry in enumerate(over):
            if (*at_over, i) not in used:
                data.append(self._copied(self.over, entry, (*at_over, i), (*at, len(data)), set()))
        return data

    def _copied(self, source: Located, value: Any, at_source: Path_, at: Path_, gone: set[Path_]) -> Any:
        if source is self.base and isinstance(value, list) and _section(at_source) == _PARTS:
            return self._tree(value, (), at_source, (), at, gone)
        self._mark(source, at_source, at)
        if isinstance(value, dict):
            return {
                key: self._copied(source, inner, (*at_source, key), (*at, key), gone)
                for key, inner in value.items()
                if (*at_source, key) not in gone
            }
        if isinstance(value, list):
            kept = [(i, inner) for i, inner in enumerate(value) if (*at_source, i) not in gone]
            return [self._copied(source, inner, (*at_source, i), (*at, n), gone) for n, (i, inner) in enumerate(kept)]
        return value

    def _mark(self, source: Located, at_source: Path_, at: Path_) -> None:
        marks: tuple[tuple[dict[Path_, Any], dict[Path_, Any]], ...] = (
            (source.keys, self.out.keys), (source.values, self.out.values), (source.written, self.out.written),
        )  # fmt: skip
        for known, kept in marks:
            if at_source in known:
                kept[at] = known[at_source]


def _of_one_form(base: Mapping[str, Any], over: Mapping[str, Any]) -> Mapping[str, Any]:
    """The base without the terms of one pool where several go on top of it, and the other way round."""
    if over.get("pools") is not None:
        return {key: value for key, value in base.items() if key not in OF_A_POOL}
    if over.get("pool") is not None:
        return {key: value for key, value in base.items() if key != "pools"}
    return base


def _name(entry: Any, keys: Sequence[str]) -> tuple[str, str] | None:
    """What an entry is called, with the key under which it says so."""
    if isinstance(entry, dict):
        for key in keys:
            name = entry.get(key)
            if isinstance(name, str):
                return key, name
            if isinstance(name, list) and name and all(isinstance(one, str) for one in name):
                return key, "+".join(name)
    return None


def _section(path: Path_) -> Path_:
    """Where a list stands; the parts of a group stand among the parts of the score."""
    inside = path[len(_PARTS) :]
    nested = path[: len(_PARTS)] == _PARTS and len(inside) % 2 == 0 and set(inside[1::2]) <= {"parts"}
    return _PARTS if nested else path


def _at(data: Any, path: Path_) -> Any:
    for step in path:
        inside = step in data if isinstance(data, dict) else isinstance(data, list) and isinstance(step, int)
        data = data[step] if inside else None
    return data


def _named_parts(entries: Any, path: Path_) -> Iterator[tuple[tuple[str, str], Path_]]:
    """Every part and group of a tree, groups before what stands in them, with its path."""
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        if (name := _name(entry, LISTS[_PARTS])) is not None:
            yield name, (*path, i)
        if isinstance(entry, dict) and "group" in entry:
            yield from _named_parts(entry.get("parts"), (*path, i, "parts"))


def _matched(base: Any, over: Any, gone: set[Path_]) -> Iterator[tuple[Path_, Path_]]:
    """Pairs of paths: a part of a score in `base`, and the entry of `over` that changes it.

    What stands at the top of `over` may change any part; what stands in a group, the parts of that group. So a part
    never moves without a word: to move it, it is dropped and stated anew.
    """
    known: dict[tuple[str, str], Path_] = {}
    for name, path in _named_parts(_at(base, _PARTS), _PARTS):
        if not any(path[:n] in gone for n in range(len(path) + 1)):
            known.setdefault(name, path)
    within: dict[Path_, Path_] = {_PARTS: _PARTS}
    for name, path in _named_parts(_at(over, _PARTS), _PARTS):
        found, holder = known.get(name), within.get(path[:-1])
        if found is None or holder is None or found[: len(holder)] != holder:
            continue
        del known[name]  # a second entry of the name is a mistake that is found as such later
        within[(*path, "parts")] = (*found, "parts")
        yield found, path


__all__ = ["DROPPED", "LISTS", "MAX_FILES", "Mark", "Source", "read_chain"]
