"""What a ruleset says that another tool has no words for."""

from __future__ import annotations

from dataclasses import dataclass

# The file of an export that says what is in it and what is not; where it lies, the next export may replace everything.
MANIFEST = "assess-export.json"


class UnsaidError(Exception):
    """What cannot be said elsewhere with the meaning it has here; the text says why."""


@dataclass(frozen=True)
class Unsaid:
    """A rule that has no counterpart in another tool, and why."""

    rule: str
    kind: str
    why: str


@dataclass(frozen=True)
class Exported:
    """What was written: the rules, and those that could not be, with the reason."""

    said: tuple[str, ...]
    unsaid: tuple[Unsaid, ...]

    def lines(self) -> list[str]:
        """How many rules were written, and each reason why others were not, with their ids."""
        reasons: dict[str, list[str]] = {}
        for each in self.unsaid:
            reasons.setdefault(each.why, []).append(each.rule)
        total = len(self.said) + len(self.unsaid)
        lines = [f"{len(self.said):,} of {total:,} rules"]
        return lines + [f"not: {', '.join(rules)}: {why}" for why, rules in reasons.items()]
