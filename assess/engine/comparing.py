"""Rules that compare the records of a table with each other, without holding the table or sorting its text.

Of a rule's key only a hash of 64 bits is collected and sorted. Equal keys have equal hashes, so a record whose hash
nobody shares is alone with its key, and its outcome is known. The few others are looked at closely: where a rule asks
no more than how many records share a key, the hash is taken for the key, and what it says is verified on the violating
records by `agrees`; if two keys ever had the same hash, `verdicts` is asked again, to look at the keys themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from assess.checks.uniqueness import Repetition
from assess.engine.counts import flag_of
from assess.ruleset.spec import Rule
from assess.tables import ROW

if TYPE_CHECKING:
    import numpy.typing as npt

Verdicts = Mapping[str, pl.Series]
_MIDDLE = 2**31


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
    groups: dict[str, list[Rule]] = {}
    for rule in compared:
        groups.setdefault(str(_key(rule).meta.serialize()), []).append(rule)
    hashes = [_hash(alike).alias(f"key {i}") for i, alike in enumerate(groups.values())]
    chosen = {rule.id: rule.check.where.expr for rule in compared if rule.check.where is not None}
    chosen = {rule: expr.fill_null(value=False).alias(_chosen(rule)) for rule, expr in chosen.items()}
    keys = rows.select(ROW, *hashes, *chosen.values()).collect(engine="streaming")
    found: dict[str, pl.Series] = {}
    for i, alike in enumerate(groups.values()):
        asked = [_chosen(rule.id) for rule in alike if rule.id in chosen]
        suspects = _shared(keys.select(ROW, *asked, hash=f"key {i}"))
        for rule in alike:
            mine = suspects.filter(_chosen(rule.id)) if rule.id in chosen else suspects
            said = _said(rule, mine, rows, keys.height, closely=closely)
            outcome = pl.repeat(rule.check.alone, keys.height, dtype=pl.Boolean, eager=True)
            found[rule.id] = outcome.scatter(said[ROW], said["said"])
    return found


def _said(rule: Rule, suspects: pl.DataFrame, rows: pl.LazyFrame, height: int, *, closely: bool) -> pl.DataFrame:
    """What a rule says of those of `suspects` whose hash another one has."""
    check, together = rule.check, pl.len().over("hash")
    if isinstance(check, Repetition) and not closely:
        return suspects.select(ROW, said=together <= check.most)
    alike = suspects.filter(together > 1)[ROW]
    some = rows.clear() if alike.is_empty() else rows.filter(pl.lit(_marked(height, alike)).gather(pl.col(ROW)))
    return some.select(ROW, said=check.outcome).collect()


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


def _chosen(rule: str) -> str:
    """The column that says which records a rule selects."""
    return f"chosen {rule}"


def _key(rule: Rule) -> pl.Expr:
    """A hash of the key of a record; null where part of it is."""
    keys = rule.check.compared()
    whole = keys[0].hash()
    for seed, key in enumerate(keys[1:], 1):
        whole = whole.xor(key.hash(seed))
    return pl.when(pl.all_horizontal([key.is_not_null() for key in keys])).then(whole)


def _hash(alike: Sequence[Rule]) -> pl.Expr:
    """The key that rules have in common; null where none of them compares the record."""
    selected = [rule.check.where.expr for rule in alike if rule.check.where is not None]
    key = _key(alike[0])
    return key if len(selected) < len(alike) else pl.when(pl.any_horizontal(selected)).then(key)


def _shared(keys: pl.DataFrame) -> pl.DataFrame:
    """The rows whose `hash` another row has too, with all that is known of them.

    Halves of hashes are sorted: that takes half as long, and leaves few in whom only these are equal. Where a half is 0
    as well as null, the join tells.
    """
    half = pl.col("hash").cast(pl.UInt32, wrap_numerical=True).alias("half")
    halves = keys.select(half.fill_null(0)).to_series()
    with ThreadPoolExecutor(2) as both:
        again = np.concatenate(list(both.map(_twice, (halves, halves), (True, False))))
    alike = keys.lazy().with_columns(half).join(pl.LazyFrame({"half": again}), on="half", how="semi").drop("half")
    return alike.filter(pl.len().over("hash") > 1).collect(engine="streaming")


def _twice(numbers: pl.Series, below: bool) -> npt.NDArray[np.uint32]:
    """Which numbers of 32 bits are there more than once, of those `below` the middle or of the others.

    numpy sorts whole numbers faster than Polars does, but on one processor.
    """
    some = numbers.filter(numbers < _MIDDLE if below else numbers >= _MIDDLE).to_numpy(writable=True)
    some.sort()
    return np.unique(some[1:][some[1:] == some[:-1]])


def _marked(length: int, rows: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=length, dtype=pl.Boolean, eager=True).scatter(rows, True)
