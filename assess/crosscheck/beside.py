"""Columns that pandas works out beside the submitted ones: joins, sizes of groups, gaps between days, verdicts.

An expectation sees one table, record by record. What a rule needs beyond that stands in such a column, and the
expectation looks at it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from assess.crosscheck.conditions import written
from assess.crosscheck.predicates import GroupPredicate, Predicate, all_hold

if TYPE_CHECKING:
    import pandas as pd

# Another table, whole, with the columns that are asked for.
Others = Callable[[str, Sequence[str]], "pd.DataFrame"]
Span = Literal["day", "month", "quarter", "year"]


@dataclass(frozen=True)
class Beside:
    """Columns by name, and how they are made of the table and of others."""

    names: tuple[str, ...]
    made: Callable[[pd.DataFrame, Others], Sequence[pd.Series[Any]]]


def chosen(frame: pd.DataFrame, condition: str) -> pd.DataFrame:
    """The records for which a condition holds."""
    query = written(condition)
    return frame if query is None else frame.query(query)


def found(
    names: Sequence[str], columns: Sequence[str], table: str, keys: Sequence[str], having: str, reads: Sequence[str],
    carried: str | None = None,
) -> Beside:  # fmt: skip
    """How many records of another table have the key, and the smallest and largest value of a column among them."""

    def made(frame: pd.DataFrame, others: Others) -> list[pd.Series[Any]]:
        other = chosen(others(table, asked), having).dropna(subset=list(keys))
        by = [f"key {number}" for number, _ in enumerate(keys)]
        other = other.assign(**{name: other[key] for name, key in zip(by, keys, strict=True)})
        groups = other.groupby(by, sort=False)
        counted = groups.size().rename("count").to_frame()
        if carried is not None:
            value = groups[carried]
            counted = counted.assign(least=value.min(), most=value.max())
        own = frame[list(columns)].set_axis(by, axis=1)
        both = own.merge(counted.reset_index(), on=by, how="left").set_index(frame.index)
        count = both["count"].fillna(0).astype("Int64")
        return [count] if carried is None else [count, both["least"], both["most"]]

    asked = tuple(dict.fromkeys([*keys, *reads, *([carried] if carried is not None else [])]))
    return Beside(tuple(names), made)


def size(name: str, columns: Sequence[str], selects: str) -> Beside:
    """How many of the selected records have the same values in the columns; nothing for other records."""

    def made(frame: pd.DataFrame, _: Others) -> list[pd.Series[Any]]:
        compared = chosen(frame, selects)
        sizes = compared.groupby(list(columns), sort=False)[columns[0]].transform("size")
        return [sizes.astype("Int64").reindex(frame.index)]

    return Beside((name,), made)


def span(name: str, date: str, per: Span) -> Beside:
    """A number for each day, month, quarter or year, the same for all dates within it."""

    def made(frame: pd.DataFrame, _: Others) -> list[pd.Series[Any]]:
        day = frame[date].dt
        label = {
            "day": day.year * 10_000 + day.month * 100 + day.day,
            "month": day.year * 12 + day.month,
            "quarter": day.year * 4 + day.quarter,
            "year": day.year,
        }[per]
        return [label.astype("Int64")]

    return Beside((name,), made)


def spacing(
    name: str, columns: Sequence[str], date: str, selects: str, least: int | None, most: int | None,
    regular: int | None, times: int,
) -> Beside:  # fmt: skip
    """The verdict on the days between the selected records of one key, in the order of their dates."""

    def made(frame: pd.DataFrame, _: Others) -> list[pd.Series[Any]]:
        compared = chosen(frame, selects).sort_values([date, "_row"])
        verdicts: dict[Any, bool | None] = {}
        for _key, days in compared.groupby(list(columns), sort=False)[date]:
            gaps = days.diff().dt.days
            exact = int((gaps == regular).sum())
            for place, gap in gaps.items():
                bounded = None
                first = gap != gap
                if not first and (least is not None or most is not None):
                    bounded = gap >= (least or 0) and (most is None or gap <= most)
                recurs = exact < times if regular is not None and len(days) > 1 else None
                verdicts[place] = all_hold([bounded, recurs])
        return [_verdicts(frame, [verdicts.get(place) for place in frame.index])]

    return Beside((name,), made)


def judged(name: str, predicate: Predicate, columns: Sequence[str | None]) -> Beside:
    """The verdict of a predicate on each record; it is given none for a column that is not named."""

    def made(frame: pd.DataFrame, _: Others) -> list[pd.Series[Any]]:
        given = [[None] * len(frame) if column is None else plain(frame[column]) for column in columns]
        return [_verdicts(frame, [predicate(*record) for record in zip(*given, strict=True)])]

    return Beside((name,), made)


def judged_together(
    name: str, predicate: GroupPredicate, columns: Sequence[str | None], by: Sequence[str], selects: str
) -> Beside:
    """The verdict of a predicate on the selected records of a group; records without a group are one."""

    def made(frame: pd.DataFrame, _: Others) -> list[pd.Series[Any]]:
        verdicts: dict[Any, bool | None] = {}
        for _key, group in chosen(frame, selects).groupby(list(by), sort=False, dropna=False):
            given = [[None] * len(group) if column is None else plain(group[column]) for column in columns]
            verdicts |= dict(zip(group.index, predicate(list(zip(*given, strict=True))), strict=True))
        return [_verdicts(frame, [verdicts.get(place) for place in frame.index])]

    return Beside((name,), made)


def _verdicts(frame: pd.DataFrame, verdicts: Sequence[bool | None]) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(pd.array(list(verdicts), dtype="boolean"), index=frame.index)


def plain(column: pd.Series[Any]) -> list[Any]:
    """The values of a column as Python has them: days as dates, none for null."""
    missing = column.isna().tolist()
    if column.dtype.kind == "M":
        days: list[dt.date] = column.dt.date.tolist()
        return [None if gone else day for gone, day in zip(missing, days, strict=True)]
    return [None if gone else value for gone, value in zip(missing, column.tolist(), strict=True)]
