"""Which cells of groups are not shown because few people stand behind them, and those that would give them away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assess.report.format import SPACE

Row = Mapping[str, Any]
Key = tuple[str, str]  # level and group

# Figures of these kinds count people; tasks, points and growth do not.
OF_PEOPLE = ("coverage", "share", "per_mille")
_COUNTS = ("numerator", "numerator_verified", "denominator", "denominator_verified")


def few_text(least: int) -> str:
    """What stands in place of a count of fewer people than `least`."""
    return f"<{SPACE}{least}"


class SmallCells:
    """Rates of groups that must not be shown: `least` is the smallest count of people that is.

    A cell with a count from 1 to `least` - 1 is hidden. Where it is the only hidden one among the parts of a total that
    is shown, the smallest of the other parts is hidden with it, or the total where there is no other part. Of the parts
    of a hidden total at least one is hidden. So no adding or subtracting of what is shown gives a hidden cell away.
    """

    def __init__(self, cells: Mapping[Key, Mapping[str, Row]], parts: Mapping[Key, list[Key]], least: int):
        """`cells`: rates by group and indicator; `parts`: the groups that each larger group is the sum of."""
        self.least = least
        self._hidden: set[tuple[Key, str]] = set()
        for key, rows in cells.items():
            self._hidden |= {(key, name) for name, row in rows.items() if self.is_small(row)}
        for indicator in sorted({name for _key, name in self._hidden}):
            # Each hiding may call for another one above or below; there are only so many cells.
            while sum(self._protect(indicator, total, below, cells) for total, below in parts.items()):
                pass

    def is_small(self, row: Row) -> bool:
        """Whether one of its counts is of people, and of too few."""
        return row["kind"] in OF_PEOPLE and any(0 < (row[name] or 0) < self.least for name in _COUNTS)

    def _protect(self, indicator: str, total: Key, below: list[Key], cells: Mapping[Key, Mapping[str, Row]]) -> bool:
        """Hide what would give a hidden cell away; whether anything was."""
        if indicator not in cells.get(total, {}):
            return False
        amounts = {
            key: cells[key][indicator]["numerator_verified"] or 0 for key in below if indicator in cells.get(key, {})
        }
        hidden = [key for key in amounts if (key, indicator) in self._hidden]
        shown = sorted((amount, key) for key, amount in amounts.items() if amount and key not in hidden)
        if (total, indicator) in self._hidden:
            add = shown[0][1] if not hidden and shown else None
        else:
            add = None if len(hidden) != 1 else shown[0][1] if shown else total
        if add is None:
            return False
        self._hidden.add((add, indicator))
        return True

    def hides(self, level: str, group: str, indicator: str) -> bool:
        """Whether the figures of a group must not be shown."""
        return ((level, group), indicator) in self._hidden

    def text(self, row: Row, withheld: str) -> str:
        """What stands in place of hidden figures: less than the least, or the word for what would give others away."""
        return few_text(self.least) if self.is_small(row) else withheld
