"""Rules that compare the records of a table with each other, without holding the table or sorting its text.

Of a rule's key only a hash of 64 bits is collected and sorted. Equal keys have equal hashes, so a record whose hash
nobody shares is alone with its key, and its outcome is known. The few others are looked at closely: where a rule asks
no more than how many records share a key, the hash is taken for the key, and what it says is verified on the violating
records by `agrees`; if two keys ever had the same hash, `verdicts` is asked again, to look at the keys themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from assess.checks.uniqueness import Repetition
from assess.engine.counts import flag_of
from assess.ruleset.spec import Rule
from assess.tables import ROW

Verdicts = Mapping[str, pl.Series]


def told(rule: str) -> str:
    """The column of rows of which the outcome of a rule is known already."""
    return f" told {rule}"


def comparing(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that compare records with each other."""
    return tuple(rule for rule in rules if rule.check.compared())


def verdicts(rules: Sequence[Rule], rows: pl.LazyFrame, *, closely: bool = False) -> dict[str, pl.Series]:
    """For each rule that compares records its outcomes by the number of the row, as if it applied to all.

    `rows` are numbered from 0 without a gap. `closely` looks at keys where a hash would do.
    """
    compared = comparing(rules)
    if not compared:
        return {}
    hashes = {rule.id: _hash(rule) for rule in compared}
    names: dict[str, str] = {}  # of expressions, so that rules with equal keys share one
    columns = {rule: names.setdefault(str(expr.meta.serialize()), f"key {len(names)}") for rule, expr in hashes.items()}
    wanted = {columns[rule]: expr for rule, expr in hashes.items()}
    keys = rows.select(ROW, *[expr.alias(name) for name, expr in wanted.items()]).collect(engine="streaming")
    shared = {name: _shared(keys.select(ROW, hash=name)) for name in wanted}
    found: dict[str, pl.Series] = {}
    for rule in compared:
        suspects, check = shared[columns[rule.id]], rule.check
        if isinstance(check, Repetition) and not closely:
            said = suspects.select(ROW, said=pl.len().over("hash") <= check.most)
        else:
            mask = _marked(keys.height, suspects[ROW])
            alike = rows.filter(pl.lit(mask).gather(pl.col(ROW))) if not suspects.is_empty() else rows.clear()
            said = alike.select(ROW, said=check.outcome).collect()
        outcome = pl.repeat(check.alone, keys.height, dtype=pl.Boolean, eager=True)
        found[rule.id] = outcome.scatter(said[ROW], said["said"])
    return found


def agrees(rules: Sequence[Rule], failing: pl.DataFrame) -> bool:
    """Whether the violations that were told by hashes are violations of the rule; `failing` holds all of them."""
    for rule in comparing(rules):
        if isinstance(rule.check, Repetition):
            said = failing.filter(pl.col(flag_of(rule.id)).not_())
            if not said.select(rule.check.outcome.not_().all()).item():
                return False
    return True


def flag(rule: Rule, verdicts: Verdicts) -> pl.Expr:
    """The outcome of a rule whose verdicts are known."""
    keys = rule.check.compared()
    applies = pl.all_horizontal([key.is_not_null() for key in keys])
    if rule.check.where is not None:
        applies = applies & rule.check.where.expr
    return pl.when(applies).then(pl.lit(verdicts[rule.id]).gather(pl.col(ROW)))


def _hash(rule: Rule) -> pl.Expr:
    """A hash of the key of a record; null where it is not compared."""
    keys = rule.check.compared()
    compared = pl.all_horizontal([key.is_not_null() for key in keys])
    if rule.check.where is not None:
        compared = compared & rule.check.where.expr
    whole = keys[0].hash()
    for seed, key in enumerate(keys[1:], 1):
        whole = whole.xor(key.hash(seed))
    return pl.when(compared).then(whole)


def _shared(keys: pl.DataFrame) -> pl.DataFrame:
    """The rows whose hash another row has too, with the hash.

    Halves of hashes are sorted: that takes half as long, and leaves few in whom only these are equal. numpy sorts whole
    numbers faster than Polars does. Where a half is 0 as well as null, the join tells.
    """
    half = pl.col("hash").cast(pl.UInt32, wrap_numerical=True).alias("half")
    halves = keys.select(half.fill_null(0)).to_series().to_numpy(writable=True)
    halves.sort()
    again = pl.LazyFrame({"half": np.unique(halves[1:][halves[1:] == halves[:-1]])})
    alike = keys.lazy().with_columns(half).join(again, on="half", how="semi")
    return alike.filter(pl.len().over("hash") > 1).select(ROW, "hash").collect(engine="streaming")


def _marked(length: int, rows: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=length, dtype=pl.Boolean, eager=True).scatter(rows, True)
