"""What units would regain by putting records right: amounts that only disqualification keeps from a numerator.

Amounts are kept by the *set* of rules that a record violates, so that what any choice of rules would bring can be added
up later: a record counts again when every rule it violates is among those that were mended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import polars as pl

from assess.engine.counts import Count, flag_of
from assess.engine.lifting import MENDABLE, SIDES, Lifting
from assess.engine.passes import Passed
from assess.engine.plan import ROW, Scan, TablePlan
from assess.ruleset.spec import Rule, Ruleset
from assess.written import place_of

# Of a whole number of 64 bits, all but the sign.
_BITS = 63


def mendable(ruleset: Ruleset, passed: Passed, scan: Scan) -> pl.DataFrame:
    """MENDABLE of all tables and views; `scan` gives the declared tables."""
    plans, outcomes = passed.plans, passed.outcomes
    found = [pl.DataFrame(schema=MENDABLE)]
    for name, plan in plans.items():
        if plan.per is None:
            found.append(of_table(plan, outcomes[name].failing))
        elif any(count.side in SIDES for count in plan.counts):
            found.append(Lifting(ruleset, passed, plan, scan).gained())
    return pl.concat(found).sort(list(MENDABLE)[:4])


def of_table(plan: TablePlan, failing: pl.DataFrame) -> pl.DataFrame:
    """MENDABLE of a table: for each unit, set of violated rules and side of an indicator, what they keep out of it.

    `failing` are the records that violate something, with the outcomes. Of records that repeat each other a unit gets
    one back; records that can only be mended by taking them out are left out.
    """
    counts = [count for count in plan.counts if count.side in SIDES]
    if failing.is_empty() or plan.per is not None:
        return pl.DataFrame(schema=MENDABLE)
    alike: dict[tuple[str, ...], list[Count]] = {}
    for count in counts:
        alike.setdefault(tuple(rule.id for rule in plan.disqualifying(count.indicator)), []).append(count)
    rows = failing.sort(ROW)
    found = [
        _of_counts(plan, plan.disqualifying(some[0].indicator), some, rows) for rules, some in alike.items() if rules
    ]
    return pl.concat([pl.DataFrame(schema=MENDABLE), *found]).sort(list(MENDABLE)[:4])


def _of_counts(plan: TablePlan, rules: Sequence[Rule], counts: Sequence[Count], rows: pl.DataFrame) -> pl.DataFrame:
    """What the sets of `rules` keep out of counts that all of them take records out of."""
    violated = [pl.col(flag_of(rule.id)).not_().fill_null(value=False) for rule in rules]
    kept = (
        rows.lazy()
        .with_columns(_stands=pl.all_horizontal(_stands(plan, rule) for rule in rules))
        .filter(pl.col("_stands") & pl.any_horizontal(violated))
    )
    # A set of rules is a number with a bit for each of them, or several numbers.
    bits = [
        pl.sum_horizontal(flag.cast(pl.Int64) * (1 << bit) for bit, flag in enumerate(violated[first : first + _BITS]))
        for first in range(0, len(violated), _BITS)
    ]
    sets = [f" rules {place}" for place in range(len(bits))]
    # Reckoned for each record first: a constant in the place of a sum would be taken once.
    amounts = [
        pl.when(count.chosen).then(count.amount.fill_null(0.0)).alias(f"amount {i}") for i, count in enumerate(counts)
    ]
    found = (
        kept.select(pl.col(plan.unit_key).alias("unit"), *map(pl.Expr.alias, bits, sets), *amounts)
        .group_by("unit", *sets)
        .agg(pl.col("^amount .*$").sum(), pl.col("^amount .*$").count().name.prefix("chosen "))
        .collect()
    )
    names = found.select(sets).unique()
    each = [[rule.id for i, rule in enumerate(rules) if row[i // _BITS] >> i % _BITS & 1] for row in names.rows()]
    found = found.join(names.with_columns(rules=pl.Series(map(json.dumps, each), dtype=pl.String)), on=sets)
    return pl.concat(
        found.filter(pl.col(f"chosen amount {i}") > 0).select(
            "unit", "rules", indicator=pl.lit(count.indicator), side=pl.lit(count.side), amount=f"amount {i}"
        )
        for i, count in enumerate(counts)
    ).cast(MENDABLE)  # type: ignore[arg-type]


def _stands(plan: TablePlan, rule: Rule) -> pl.Expr:
    """Whether a record would count again once `rule` is mended."""
    violated = pl.col(flag_of(rule.id)).not_().fill_null(value=False)
    if rule.mended_by == "removal":
        return ~violated
    return ~violated | rule.check.remains(plan.unit_key, violated)


class Held:
    """The lines of MENDABLE made ready to be asked what comes back when rules are mended.

    Units and rules are named by their places among `units` and `rules`, which compares faster than names do.
    """

    def __init__(self, lines: pl.DataFrame, units: pl.Series, rules: Sequence[str]):
        self.rules = rules
        self.indicators = lines["indicator"].unique().sort()
        sets = lines.select("rules").unique().with_columns(rule=pl.col("rules").str.json_decode(pl.List(pl.String)))
        sets = sets.with_columns(size=pl.col("rule").list.len()).explode("rule")
        numbered = lines.select(
            "rules",
            row=place_of("unit", units),
            line=pl.int_range(pl.len()),
        )
        self.each = numbered.join(sets, on="rules").select("line", "size", asked=self.asked())
        self._size = np.zeros(lines.height, dtype=np.int64)
        self._size[self.each["line"]] = self.each["size"]
        place = lines.select(place_of("indicator", self.indicators)).to_series()
        self._place, self._amount = place.to_numpy(), lines["amount"].to_numpy()
        self._side = {side: (lines["side"] == side).to_numpy() for side in SIDES}

    def asked(self) -> pl.Expr:
        """One number for the unit in `row` and the `rule`; null for a rule that is not known."""
        return pl.col("row").cast(pl.Int64) * len(self.rules) + place_of("rule", self.rules)

    def regained(self, mended: pl.DataFrame) -> pl.DataFrame:
        """What comes back in each case: the `numerator` of each `indicator` and what is `excluded`, by `case`.

        `mended` names the rules that are mended in the case of a unit: `case`, `row`, `rule`. A line comes back where
        all of its rules are. In the order of the indicators and of the cases.
        """
        met = self.each.join(mended.select("case", asked=self.asked()), on="asked")
        every = max(len(self._size), 1)
        pairs = met["case"].cast(pl.Int64).to_numpy() * every + met["line"].to_numpy()
        pairs, rules = np.unique(pairs, return_counts=True)
        case, line = np.divmod(pairs, every)
        whole = rules == self._size[line]
        case, line = case[whole], line[whole]
        cases = int(case.max(initial=0)) + 1
        cells, at = np.unique(self._place[line] * cases + case, return_inverse=True)
        # Summed one after another, in the order of the lines: floats are not to hang on how many threads there are.
        sums = {
            side: np.bincount(at, np.where(mine[line], self._amount[line], 0.0), minlength=len(cells))
            for side, mine in self._side.items()
        }
        place, case = np.divmod(cells, cases)
        return pl.DataFrame({"case": case, "indicator": self.indicators.gather(place), **sums})
