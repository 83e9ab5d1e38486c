"""Tables and views under one roof: what a name means to a plan, over all records or over the sound ones alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from assess.ruleset.views import DISQUALIFIED, Shape, rows, visible
from assess.tables import Table

Scan = Callable[[str], pl.LazyFrame]
# The rows of a declared table with a column FLAG: whether a disqualifying rule rejects the record.
Judge = Callable[[str, pl.LazyFrame, Scan], pl.LazyFrame]

# Keeps the rows of a view, which it may ask for, and gives what stands for them; none where they cannot be kept yet.
Keep = Callable[[str, Callable[[], pl.LazyFrame]], pl.LazyFrame | None]

FLAG = "_disqualified"
# After the name of a view: the view over the records that are not disqualified.
SOUND = " sound"


def asks(shapes: Mapping[str, Shape], name: str) -> bool:
    """Whether the SQL of a view, or of one below it, itself asks which records are disqualified."""
    shape = shapes[name]
    return shape.judged or any(asks(shapes, below) for below in shape.view.sql.tables if below in shapes)


class Tables:
    """A scan that knows views as well. A view's name with SOUND after it is the view over records not disqualified."""

    def __init__(
        self, scan: Scan, tables: Mapping[str, Table], shapes: Mapping[str, Shape], judge: Judge,
        keep: Keep | None = None,
    ):  # fmt: skip
        self.scan, self.tables, self.shapes, self.judge, self.keep = scan, tables, shapes, judge, keep
        # Without `keep` it is planned once however many rules look into it, so that Polars sees that it is the same.
        self.made: dict[str, pl.LazyFrame] = {}

    def __call__(self, name: str) -> pl.LazyFrame:
        """The rows of a table or view."""
        plain = name.removesuffix(SOUND)
        if plain not in self.shapes:
            return self.scan(name)
        if name not in self.made:
            rows = partial(self._view, self.shapes[plain], sound=name != plain)
            kept = rows() if self.keep is None else self.keep(name, rows)
            if kept is None:
                return rows()
            self.made[name] = kept
        return self.made[name]

    def _view(self, shape: Shape, *, sound: bool) -> pl.LazyFrame:
        return rows(shape, {name: self._seen(shape, name, sound=sound) for name in shape.view.sql.tables})

    def _seen(self, shape: Shape, name: str, *, sound: bool) -> pl.LazyFrame:
        """One table as the SQL of a view sees it."""
        if name in self.shapes:
            return self(f"{name}{SOUND}" if sound else name).select(list(self.shapes[name].table.columns))
        found = self.scan(name)
        if sound or shape.judged:
            found = self.judge(name, found, self)
            found = found.with_columns(pl.col(FLAG).alias(DISQUALIFIED)) if shape.judged else found
            found = found.filter(~pl.col(FLAG)) if sound else found
        return visible(shape, self.tables[name], found)
