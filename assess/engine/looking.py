"""Looking into other tables: each is grouped once for all rules that ask for records by the same key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from assess.checks import Lookup


def by_key(lookups: Iterable[Lookup]) -> list[tuple[Lookup, ...]]:
    """The lookups that look for the same columns under the same keys of the same table, together."""
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Lookup]] = {}
    for lookup in lookups:
        alike.setdefault((lookup.table, lookup.columns, lookup.keys), []).append(lookup)
    return [tuple(each) for each in alike.values()]


def _names(lookup: Lookup) -> list[str]:
    # The keys are renamed, so that a column of the checked table can never be taken for one of the other.
    return [f"key {i}" for i in range(len(lookup.keys))]


def grouped(lookups: Sequence[Lookup], other: pl.LazyFrame, rows: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """What lookups by one key find in the table `other`: a line for each key under which any finds something.

    With `rows`, only the keys that they look for: to find these is quicker than to group a large table by all.
    """
    first = lookups[0]
    names = _names(first)
    conditions = {
        lookup.key: lookup.where.expr.fill_null(value=False).alias(f"chosen {i}")
        for i, lookup in enumerate(lookups)
        if lookup.where is not None
    }
    carried = dict.fromkeys(column for lookup in lookups for column in lookup.carries)
    narrow = other.select(
        *[pl.col(key).alias(name) for key, name in zip(first.keys, names, strict=True)],
        *[pl.col(column).alias(f"value {column}") for column in carried],
        *conditions.values(),
    ).drop_nulls(names)
    if len(conditions) == len(lookups):
        narrow = narrow.filter(pl.any_horizontal([expr.meta.output_name() for expr in conditions.values()]))
    if rows is not None:
        wanted = rows.select(pl.col(column).alias(name) for column, name in zip(first.columns, names, strict=True))
        narrow = narrow.join(wanted, on=names, how="semi")
    found: list[pl.Expr] = []
    for lookup in lookups:
        chosen = pl.col(conditions[lookup.key].meta.output_name()) if lookup.key in conditions else None
        found.append((pl.len() if chosen is None else chosen.sum()).cast(pl.Int64).alias(lookup.count))
        for column in lookup.carries:
            value = pl.col(f"value {column}") if chosen is None else pl.when(chosen).then(pl.col(f"value {column}"))
            found += [value.min().alias(lookup.least(column)), value.max().alias(lookup.most(column))]
    counts = [pl.col(lookup.count) for lookup in lookups]
    return narrow.group_by(names).agg(found).with_columns(pl.when(count > 0).then(count) for count in counts)


def joined(rows: pl.LazyFrame, lookups: Sequence[Lookup], grouped: pl.LazyFrame) -> pl.LazyFrame:
    """`rows` with what lookups by one key find, `grouped` for them."""
    columns, names = list(lookups[0].columns), _names(lookups[0])
    both = rows.join(grouped, left_on=columns, right_on=names, how="left", maintain_order="left")
    return both.with_columns(
        pl.when(pl.col(lookup.count).is_not_null()).then(statement=True).alias(lookup.key) for lookup in lookups
    )
