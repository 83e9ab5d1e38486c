"""What units would regain by putting records right: amounts that only disqualification keeps from a numerator.

Amounts are kept by the *set* of rules that a record violates, so that what any choice of rules would bring can be added
up later: a record counts again when every rule it violates is among those that were mended.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from assess.engine.backend import Outcome
from assess.engine.counts import Count, flag_of
from assess.engine.plan import ROW, Scan, TablePlan, scans
from assess.ruleset.spec import Rule, Ruleset
from assess.ruleset.views import shapes

MENDABLE: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "rules": pl.String(),
    "indicator": pl.String(),
    "side": pl.String(),
    "amount": pl.Float64(),
}
SIDES = ("numerator", "excluded")


def mendable(
    ruleset: Ruleset, plans: Mapping[str, TablePlan], outcomes: Mapping[str, Outcome], scan: Scan
) -> pl.DataFrame:
    """MENDABLE of all tables and views; `plans` hold the rules that ran, `scan` gives the declared tables."""
    found = [pl.DataFrame(schema=MENDABLE)]
    for name, plan in plans.items():
        if plan.per is None:
            found.append(of_table(plan, outcomes[name].failing))
        elif any(count.side in SIDES for count in plan.counts):
            found.append(_of_view(ruleset, plans, outcomes, plan, scan))
    return pl.concat(found).sort(list(MENDABLE)[:4])


def _of_view(
    ruleset: Ruleset, plans: Mapping[str, TablePlan], outcomes: Mapping[str, Outcome], plan: TablePlan, scan: Scan
) -> pl.DataFrame:
    below = [*shapes(ruleset.tables, ruleset.views, ruleset.unit.key)[plan.name].bases, plan.name]
    lifted = [
        (table, rule.id)
        for table in below
        for rule in plans[table].disqualifying()
        if rule.mended_by == "correction" and outcomes[table].measured[f"violated {rule.id}"].sum()
    ]

    def without(rules: Sequence[tuple[str, str]]) -> pl.DataFrame:
        gone = {rule for _, rule in rules}
        light = replace(plan, rules=plan.disqualifying()).without(gone)
        tables = scans(ruleset, {name: each.without(gone) for name, each in plans.items()}, scan)
        return light.measured(*light.both(tables)).collect(engine="streaming")

    singles = {rule: without([(table, rule)]) for table, rule in lifted}
    return of_view(plan, outcomes[plan.name].measured, singles, without(lifted) if len(lifted) > 1 else None)


def of_table(plan: TablePlan, failing: pl.DataFrame) -> pl.DataFrame:
    """MENDABLE of a table: for each unit, set of violated rules and side of an indicator, what they keep out of it.

    `failing` are the records that violate something, with the outcomes. Of records that repeat each other a unit gets
    one back; records that can only be mended by taking them out are left out.
    """
    counts = [count for count in plan.counts if count.side in SIDES]
    if not counts or failing.is_empty() or plan.per is not None:
        return pl.DataFrame(schema=MENDABLE)
    rows = failing.sort(ROW)
    return pl.concat([_of_count(plan, count, rows) for count in counts]).sort(list(MENDABLE)[:4])


def _of_count(plan: TablePlan, count: Count, rows: pl.DataFrame) -> pl.DataFrame:
    rules = plan.disqualifying(count.indicator)
    if not rules:
        return pl.DataFrame(schema=MENDABLE)
    stands = [_stands(plan, rule) for rule in rules]
    violated = [pl.when(pl.col(flag_of(rule.id)).not_()).then(pl.lit(rule.id)) for rule in rules]
    return (
        rows.with_columns(_stands=pl.all_horizontal(stands))
        .filter(pl.col("_stands") & count.chosen)
        .select(
            unit=pl.col(plan.unit_key),
            rules=pl.concat_list(violated).list.drop_nulls(),
            amount=count.amount.fill_null(0.0),
        )
        .filter(pl.col("rules").list.len() > 0)
        .group_by("unit", rules=pl.lit('["') + pl.col("rules").list.join('", "') + pl.lit('"]'))
        .agg(pl.col("amount").sum())
        .select("unit", "rules", indicator=pl.lit(count.indicator), side=pl.lit(count.side), amount="amount")
        .cast(MENDABLE)  # type: ignore[arg-type]
    )


def _stands(plan: TablePlan, rule: Rule) -> pl.Expr:
    """Whether a record would count again once `rule` is mended."""
    violated = pl.col(flag_of(rule.id)).not_().fill_null(value=False)
    if rule.mended_by == "removal":
        return ~violated
    return ~violated | rule.check.remains(plan.unit_key, violated)


def of_view(
    plan: TablePlan, measured: pl.DataFrame, without: Mapping[str, pl.DataFrame], everything: pl.DataFrame | None
) -> pl.DataFrame:
    """MENDABLE of a view: what is verified when one rule is lifted from the tables under it, beyond what is now.

    `without` holds the measured frame with each rule lifted, and `everything` the one with all of them lifted. What
    several rules keep out together stands under the set of all of them, and may be below zero where either would do.
    """
    counts = [count for count in plan.counts if count.side in SIDES]
    singles = [_gained(plan, count, measured, after, [rule]) for count in counts for rule, after in without.items()]
    found = [pl.DataFrame(schema=MENDABLE), *singles]
    if everything is not None and len(without) > 1:
        alone = pl.concat(found).group_by("unit", "indicator", "side").agg(pl.col("amount").sum().alias("alone"))
        for count in counts:
            whole = _gained(plan, count, measured, everything, list(without))
            rest = whole.join(alone, on=["unit", "indicator", "side"], how="left").with_columns(
                amount=pl.col("amount") - pl.col("alone").fill_null(0.0)
            )
            found.append(rest.select(list(MENDABLE)))
    return pl.concat(found).filter(pl.col("amount") != 0).sort(list(MENDABLE)[:4])


def _gained(
    plan: TablePlan, count: Count, measured: pl.DataFrame, after: pl.DataFrame, rules: Sequence[str]
) -> pl.DataFrame:
    column = f"{count.column} verified"
    both = measured.select(plan.unit_key, before=pl.col(column)).join(
        after.select(plan.unit_key, after=pl.col(column)), on=plan.unit_key, how="left", nulls_equal=True
    )
    return both.select(
        unit=pl.col(plan.unit_key),
        rules=pl.lit(json.dumps(list(rules))),
        indicator=pl.lit(count.indicator),
        side=pl.lit(count.side),
        amount=pl.col("after").fill_null(0.0) - pl.col("before"),
    ).cast(MENDABLE)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Held:
    """What a set of rules keeps out of one side of an indicator of one unit."""

    rules: frozenset[str]
    indicator: str
    side: str
    amount: float


def held(lines: pl.DataFrame) -> dict[str, list[Held]]:
    """The lines of MENDABLE by unit."""
    sets: dict[str, frozenset[str]] = {}
    found: dict[str, list[Held]] = defaultdict(list)
    for unit, rules, indicator, side, amount in lines.select(list(MENDABLE)).iter_rows():
        if rules not in sets:
            sets[rules] = frozenset(json.loads(rules))
        found[unit].append(Held(sets[rules], indicator, side, amount))
    return found


def regained(lines: Iterable[Held], mended: frozenset[str]) -> dict[tuple[str, str], float]:
    """What comes back to one unit when the rules of `mended` are: by indicator and side."""
    sums: dict[tuple[str, str], float] = {}
    for line in lines:
        if line.rules <= mended:
            key = (line.indicator, line.side)
            sums[key] = sums.get(key, 0.0) + line.amount
    return sums
