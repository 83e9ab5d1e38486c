"""The tree of a score and the pools of an allocation, as the ruleset states them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assess.report.language import Language

# The id of a pool that is stated without one.
ONLY_POOL = "pool"

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """One group of the score: its path, its name for people, and how deep it stands (0: in the score itself)."""

    path: str
    title: str
    depth: int
    aggregate: str


class ScoreTree:
    """The parts of a score by the key that lines of the score bear, and the groups by their path."""

    def __init__(self, nodes: Sequence[Spec], language: Language):
        self._language = language
        self.parts: dict[str, Spec] = {}
        self.branches: dict[str, Branch] = {}
        for path, node, depth in _walk(nodes, "", 0):
            if "group" in node:
                title = language.text(node.get("title"), str(node["group"]))
                self.branches[path] = Branch(path, title, depth, str(node.get("aggregate") or ""))
            else:
                self.parts[f"{node.get('method')}:{_subject(node)}"] = node

    def title(self, path: str) -> str:
        """The name of a group with those above it."""
        steps = path.split("/")
        known = ["/".join(steps[: i + 1]) for i in range(len(steps))]
        return " › ".join(self.branches[each].title if each in self.branches else each for each in known)

    def part_title(self, key: str, default: str) -> str:
        """The name that a part states itself, or else the default."""
        return self._language.text(self.parts.get(key, {}).get("title"), default)


def _walk(nodes: Sequence[Spec], above: str, depth: int) -> Iterator[tuple[str, Spec, int]]:
    for node in nodes:
        if "group" in node:
            path = f"{above}/{node['group']}" if above else str(node["group"])
            yield path, node, depth
            yield from _walk(node.get("parts") or (), path, depth + 1)
        else:
            yield above, node, depth


def _subject(part: Spec) -> str:
    rules = part.get("rules")
    return "+".join(rules) if rules else str(part.get("indicator") or part.get("rule") or part.get("item") or "")


def pools_of(allocation: Spec) -> dict[str, Spec]:
    """The pools of an allocation by id; one whose terms stand in the allocation itself has the id ONLY_POOL."""
    if allocation.get("pools"):
        return {str(pool["id"]): pool for pool in allocation["pools"]}
    return {ONLY_POOL: allocation} if allocation.get("pool") else {}
