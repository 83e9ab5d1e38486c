"""Days that a SQL expression states outright: a literal, moved by intervals of the calendar."""

from __future__ import annotations

import datetime as dt

from sqlglot import exp

from assess.crosscheck.errors import InexpressibleError


def stated_day(node: exp.Expr) -> dt.date | None:
    """The day that an expression without columns stands for; none where it is something else."""
    node = node.unnest()
    if isinstance(node, exp.Cast) and node.to.is_type("date") and isinstance(node.this, exp.Literal):
        return dt.date.fromisoformat(node.this.name)
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        start = stated_day(node.this)
        return None if start is None else _moved(start, node.expression, -1 if isinstance(node, exp.Sub) else 1)
    return None


def _moved(start: dt.date, interval: exp.Interval, way: int) -> dt.date:
    """A day moved by an interval; a day that its month does not have becomes the last of the month."""
    number, unit = interval.this, interval.text("unit").upper()
    if not isinstance(number, exp.Literal) or not number.name.isdigit():
        raise InexpressibleError(f"the interval {interval.sql()}")
    step = int(number.name) * way
    if unit in ("DAY", "WEEK"):
        return start + dt.timedelta(days=step * (7 if unit == "WEEK" else 1))
    if unit not in ("MONTH", "QUARTER", "YEAR"):
        raise InexpressibleError(f"the interval {interval.sql()}")
    months = start.year * 12 + start.month - 1 + step * {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    first = dt.date(months // 12, months % 12 + 1, 1)
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(start.day, (following - dt.timedelta(days=1)).day))
