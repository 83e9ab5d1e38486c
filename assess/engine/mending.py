"""What units would regain by putting records right: amounts that only disqualification keeps from a numerator.

Amounts are kept by the *set* of rules that a record violates, so that what any choice of rules would bring can be added
up later: a record counts again when every rule it violates is among those that were mended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from assess.engine.counts import Count, flag_of
from assess.engine.passes import Passed, violating
from assess.engine.plan import ROW, Scan, TablePlan
from assess.engine.views import FLAG, SOUND, Tables
from assess.ruleset.spec import Rule, Ruleset
from assess.written import place_of

MENDABLE: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "rules": pl.String(),
    "indicator": pl.String(),
    "side": pl.String(),
    "amount": pl.Float64(),
}
SIDES = ("numerator", "excluded")


def mendable(ruleset: Ruleset, passed: Passed, scan: Scan) -> pl.DataFrame:
    """MENDABLE of all tables and views; `scan` gives the declared tables."""
    plans, outcomes = passed.plans, passed.outcomes
    found = [pl.DataFrame(schema=MENDABLE)]
    for name, plan in plans.items():
        if plan.per is None:
            found.append(of_table(plan, outcomes[name].failing))
        elif any(count.side in SIDES for count in plan.counts):
            found.append(_of_view(ruleset, passed, plan, scan))
    return pl.concat(found).sort(list(MENDABLE)[:4])


def _of_view(ruleset: Ruleset, passed: Passed, plan: TablePlan, scan: Scan) -> pl.DataFrame:
    """What is verified when a rule is lifted from the tables under a view, and all of them, beyond what is now.

    What several rules keep out together stands under the set of all of them, and may be below zero where either would
    do. Rows of other values of `per` count as they do now, so only those are looked at whose records violate something.
    """
    lifting = Lifting(ruleset, passed, plan, scan)
    counts = [count for count in plan.counts if count.side in SIDES]
    if not lifting.rules:
        return pl.DataFrame(schema=MENDABLE)
    every = list(lifting.rules)
    wanted = [[rule] for rule in every] + ([every] if len(every) > 1 else [])
    # So little of the tables is left that planning streams of it would take longer than the work.
    now, *after = pl.collect_all([lifting.counted([]), *map(lifting.counted, wanted)], engine="in-memory")
    gained = _gained(plan, counts, now, after, wanted)
    singles, whole = gained.filter(pl.col("case") < len(every)), gained.filter(pl.col("case") >= len(every))
    alone = singles.group_by("unit", "indicator", "side").agg(pl.col("amount").sum().alias("alone"))
    rest = whole.join(alone, on=["unit", "indicator", "side"], how="left").with_columns(
        amount=pl.col("amount") - pl.col("alone").fill_null(0.0)
    )
    return pl.concat([singles, rest.select(singles.columns)]).filter(pl.col("amount") != 0).select(list(MENDABLE))


class Lifting:
    """A view, counted as if rules were lifted; who violates what is known already and is not judged again."""

    def __init__(self, ruleset: Ruleset, passed: Passed, plan: TablePlan, scan: Scan):
        self.ruleset, self.plan, self.scan, self.per = ruleset, plan, scan, plan.per or plan.unit_key
        self.shapes = ruleset.shapes
        self.whole, self.outcomes = passed.tables, passed.outcomes
        below = [*self.shapes[plan.name].bases, plan.name]
        self.judging = {table: passed.plans[table].disqualifying() for table in below}
        self.failing = {table: passed.outcomes[table].failing for table in below}
        self.rules = {
            rule.id: table
            for table in below
            for rule in self.judging[table]
            if rule.mended_by == "correction" and not self._violating(table, rule.id).is_empty()
        }
        # Few are concerned by any rule: their records are looked up once, and stand for the tables from then on.
        self.few = self._concerned(self._keys(list(self.rules))) if self.rules else {}

    def _concerned(self, keys: pl.DataFrame | None) -> dict[str, pl.LazyFrame]:
        if keys is None:
            return {}
        split = [name for name in self.shapes[self.plan.name].bases if self.per in self.ruleset.tables[name].columns]
        rows = [self.scan(name).join(keys.lazy(), on=self.per, how="semi", nulls_equal=True) for name in split]
        found = pl.collect_all(rows, engine="streaming")
        return {name: frame.lazy() for name, frame in zip(split, found, strict=True)}

    def _violating(self, table: str, *rules: str) -> pl.DataFrame:
        failing = self.failing[table]
        return (
            failing.filter(pl.any_horizontal([pl.col(flag_of(rule)).not_() for rule in rules]))
            if rules
            else failing.clear()
        )

    def counted(self, lifted: Sequence[str]) -> pl.LazyFrame:
        """Counts for each unit and value of `per` that a lifted rule concerns; of all that any concerns without one."""
        keys = self._keys(lifted or list(self.rules))
        light = replace(self.plan, rules=self.judging[self.plan.name]).without(set(lifted))

        def some(name: str) -> pl.LazyFrame:
            if name not in self.few or keys is None:
                return self.scan(name)
            return self.few[name].join(keys.lazy(), on=self.per, how="semi", nulls_equal=True)

        def judge(name: str, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:  # noqa: ARG001
            standing = tuple(rule for rule in self.judging[name] if rule.id not in lifted)
            bad = violating(self.outcomes[name], standing)
            return rows.with_columns(pl.lit(bad).gather(pl.col(ROW)).alias(FLAG))

        tables = Tables(some, self.ruleset.tables, self.shapes, judge)
        name = self.plan.name
        return light.counted(
            light.flagged(tables(name), self.whole), light.flagged(tables(f"{name}{SOUND}"), self.whole)
        )

    def _keys(self, rules: Sequence[str]) -> pl.DataFrame | None:
        """The values of `per` whose records violate one of `rules`; none where that cannot be told."""
        found = []
        for rule in rules:
            rows = self._violating(self.rules[rule], rule)
            if self.per not in rows.columns:
                return None
            found.append(rows.select(self.per))
        return pl.concat(found).unique()


def _gained(
    plan: TablePlan, counts: Sequence[Count], now: pl.DataFrame, after: Sequence[pl.DataFrame],
    rules: Sequence[Sequence[str]],
) -> pl.DataFrame:  # fmt: skip
    """MENDABLE of several cases, with their number: in each `rules` are lifted, and `after` is what counts then."""
    keys = list(dict.fromkeys([plan.unit_key, plan.per or plan.unit_key]))
    known = {f"{count.column} verified": count for count in counts}
    numbers = [pl.col(column).cast(pl.Float64) for column in known]
    lifted = pl.concat([frame.select(pl.lit(case).alias("case"), *keys, *numbers) for case, frame in enumerate(after)])
    both = lifted.join(now.select(*keys, *numbers), on=keys, how="left", nulls_equal=True, suffix=" now")
    more = [(pl.col(column) - pl.col(f"{column} now").fill_null(0.0)).sum() for column in known]
    gained = both.group_by("case", pl.col(plan.unit_key).alias("unit")).agg(more)
    said = pl.DataFrame(
        {"column": list(known), "indicator": [count.indicator for count in counts], "side": [c.side for c in counts]}
    )
    sets = pl.DataFrame({"case": range(len(rules)), "rules": [json.dumps(list(some)) for some in rules]})
    return (
        gained.unpivot(index=["case", "unit"], variable_name="column", value_name="amount")
        .join(said, on="column")
        .join(sets.cast({"case": pl.Int32}), on="case")
        .select("case", *MENDABLE)
        .cast(MENDABLE)  # type: ignore[arg-type]
    )


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
    named = [pl.when(flag).then(pl.lit(f'"{rule.id}", ')).otherwise(pl.lit("")) for rule, flag in zip(rules, violated,
             strict=True)]  # fmt: skip
    kept = (
        rows.with_columns(_stands=pl.all_horizontal(_stands(plan, rule) for rule in rules))
        .filter(pl.col("_stands") & pl.any_horizontal(violated))
        .with_columns(_rules=pl.format("[{}]", pl.concat_str(named).str.strip_chars_end(", ")))
    )
    return pl.concat(
        kept.lazy()
        .filter(count.chosen)
        .select(unit=pl.col(plan.unit_key), rules=pl.col("_rules"), amount=count.amount.fill_null(0.0))
        .group_by("unit", "rules")
        .agg(pl.col("amount").sum())
        .select("unit", "rules", indicator=pl.lit(count.indicator), side=pl.lit(count.side), amount="amount")
        .cast(MENDABLE)  # type: ignore[arg-type]
        for count in counts
    ).collect()


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
