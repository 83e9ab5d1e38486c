"""Views counted as if rules were lifted from the tables under them: what is verified then, beyond what is now."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from typing import Literal

import polars as pl

from assess.engine.counts import flag_of, sums_of, violating
from assess.engine.passes import Passed
from assess.engine.plan import ROW, Scan, TablePlan
from assess.engine.views import FLAG, SOUND, Tables, asks
from assess.ruleset.spec import Ruleset

MENDABLE: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "rules": pl.String(),
    "indicator": pl.String(),
    "side": pl.String(),
    "amount": pl.Float64(),
}
SIDES = ("numerator", "excluded")
# The number of a case: which rules are lifted in it. No column of a ruleset begins with a blank.
CASE = " case"


class Lifting:
    """A view and the rules that can be lifted from it and the tables below; who violates what is known already.

    Case 0 lifts none, then comes one case for each rule, and then one for all of them. Rows of other values of `per`
    count as they do now, so only those are looked at whose records violate something. The SQL of the view is run for
    each case; all else is done for all cases at once.
    """

    def __init__(self, ruleset: Ruleset, passed: Passed, plan: TablePlan, scan: Scan):
        self.ruleset, self.scan, self.per = ruleset, scan, plan.per or plan.unit_key
        self.shapes, self.whole = ruleset.shapes, passed.tables
        below = [*self.shapes[plan.name].bases, plan.name]
        self.judging = {table: passed.plans[table].disqualifying() for table in below}
        self.failing = {table: passed.outcomes[table].failing for table in below}
        self.plan = replace(plan, rules=self.judging[plan.name])
        self.keyed = list(dict.fromkeys([plan.unit_key, self.per]))
        self.counts = [count for count in plan.counts if count.side in SIDES]
        # By rule that keeps anything out: the values of `per` that it concerns, or none where it may be all.
        self.keys = {
            rule.id: rows.select(self.per).unique() if self.per in rows.columns else None
            for table in below
            for rule in self.judging[table]
            if rule.mended_by == "correction"
            and not (rows := self.failing[table].filter(pl.col(flag_of(rule.id)).not_())).is_empty()
        }
        every = list(self.keys)
        self.lifted: list[list[str]] = [[], *([rule] for rule in every), *([every] if len(every) > 1 else [])]
        self.concerned = [self._concerned(lifted or every) for lifted in self.lifted]
        # Little of the tables is left as a rule: planning streams of it would take longer than the work.
        self.engine: Literal["streaming", "in-memory"] = "streaming" if self.concerned[0] is None else "in-memory"
        self.few = {name: self._few(name) for name in self.shapes[plan.name].bases} if every else {}

    def gained(self) -> pl.DataFrame:
        """MENDABLE of the view.

        What several rules keep out together stands under the set of all of them, and may be below zero where either
        would do.
        """
        if not self.keys:
            return pl.DataFrame(schema=MENDABLE)
        amounts, last = self._named(self._amounts()), pl.col(CASE) > len(self.keys)
        singles, whole = amounts.filter(~last), amounts.filter(last)
        alone = singles.group_by("unit", "indicator", "side").agg(pl.col("amount").sum().alias("alone"))
        rest = whole.join(alone, on=["unit", "indicator", "side"], how="left").with_columns(
            amount=pl.col("amount") - pl.col("alone").fill_null(0.0)
        )
        found = pl.concat([singles, rest.select(singles.columns)]).filter(pl.col("amount") != 0)
        return found.select(list(MENDABLE))

    def _concerned(self, rules: Collection[str]) -> pl.DataFrame | None:
        """The values of `per` that any of `rules` concerns; none where it may be all."""
        found = [keys for rule in rules if (keys := self.keys[rule]) is not None]
        return pl.concat(found).unique() if found and len(found) == len(rules) else None

    def _few(self, name: str) -> pl.LazyFrame:
        """The rows of a table that any rule concerns, with the outcomes of those that fail."""
        flags = [flag_of(rule.id) for rule in self.judging[name]]
        judged, all_keys = self.failing[name].lazy().select(ROW, *flags), self.concerned[0]
        rows = self.scan(name).join(judged, on=ROW, how="left")
        if all_keys is None or self.per not in self.ruleset.tables[name].columns:
            return rows
        return rows.join(all_keys.lazy(), on=self.per, how="semi", nulls_equal=True).collect(engine="streaming").lazy()

    def _tables(self, case: int) -> Tables:
        """The tables and views of one case, of the rows that it concerns."""
        keys, lifted = self.concerned[case], self.lifted[case]

        def some(name: str) -> pl.LazyFrame:
            rows = self.few[name]
            if keys is None or self.per not in self.ruleset.tables[name].columns:
                return rows
            return rows.join(keys.lazy(), on=self.per, how="semi", nulls_equal=True)

        def judge(name: str, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:  # noqa: ARG001
            standing = [rule for rule in self.judging[name] if rule.id not in lifted]
            return rows.with_columns(violating(standing).alias(FLAG))

        return Tables(some, self.ruleset.tables, self.shapes, judge)

    def _of_cases(self, name: str) -> pl.LazyFrame:
        """The rows of the view (or of what is `sound` of it) in every case, with its number."""
        cases = range(len(self.lifted))
        return pl.concat([self._tables(case)(name).with_columns(_number(case)) for case in cases])

    def _sound(self) -> pl.LazyFrame:
        """The rows of the view over what is sound in each case, and which of them rules on the view take out."""
        rows = self._of_cases(f"{self.plan.name}{SOUND}")
        if any(rule.check.partition_by() for rule in self.plan.rules):
            # Such a rule compares rows with each other, which are those of one case.
            apart = [rows.filter(pl.col(CASE) == case) for case in range(len(self.lifted))]
            flagged = pl.concat([self.plan.flagged(some, self.whole) for some in apart])
        else:
            flagged = self.plan.flagged(rows.collect(engine=self.engine).lazy(), self.whole)
        violated = [
            pl.col(flag_of(rule.id)).not_()
            & ~pl.col(CASE).is_in([case for case, lifted in enumerate(self.lifted) if rule.id in lifted])
            for rule in self.plan.rules
        ]
        return flagged.with_columns(
            pl.any_horizontal(pl.lit(value=False), *violated).fill_null(value=False).alias(FLAG)
        )

    def _all(self) -> pl.LazyFrame:
        """What is counted of each unit and value of `per` in every case, of all records."""
        raw = [sums_of(count, pl.lit(value=False))[0] for count in self.counts]
        if asks(self.shapes, self.plan.name):
            return self._of_cases(self.plan.name).group_by(CASE, *self.keyed).agg(raw)
        once = self._tables(0)(self.plan.name).group_by(self.keyed).agg(raw).collect(engine=self.engine).lazy()
        each = [once if keys is None else once.join(keys.lazy(), on=self.per, how="semi", nulls_equal=True)
                for keys in self.concerned]  # fmt: skip
        return pl.concat([lines.with_columns(_number(case)) for case, lines in enumerate(each)])

    def _amounts(self) -> pl.DataFrame:
        """What each case verifies more than is verified now: the case, the unit, and a column for each count."""
        verified = [sums_of(count, pl.col(FLAG))[1] for count in self.counts]
        sound = self._sound().group_by(CASE, *self.keyed).agg(verified)
        # What all records and the sound ones both have, as `TablePlan.counted` says.
        agreed = [
            pl.min_horizontal(count.column, pl.col(f"{count.column} verified").fill_null(0)).alias(count.column)
            for count in self.counts
        ]
        lines = self._all().join(sound, on=[CASE, *self.keyed], how="left", nulls_equal=True)
        found = lines.select(CASE, *self.keyed, *agreed).collect(engine=self.engine)
        now = found.filter(pl.col(CASE) == 0).drop(CASE)
        both = found.filter(pl.col(CASE) > 0).join(now, on=self.keyed, how="left", nulls_equal=True, suffix=" now")
        more = [(pl.col(c.column) - pl.col(f"{c.column} now").fill_null(0)).sum() for c in self.counts]
        return both.group_by(CASE, pl.col(self.plan.unit_key).alias("unit")).agg(more)

    def _named(self, amounts: pl.DataFrame) -> pl.DataFrame:
        """The lines of MENDABLE, with their case."""
        numbers = [pl.col(count.column).cast(pl.Float64) for count in self.counts]
        said = [(count.column, count.indicator, count.side) for count in self.counts]
        sets = [(case, json.dumps(lifted)) for case, lifted in enumerate(self.lifted)]
        return (
            amounts.select(CASE, "unit", *numbers)
            .unpivot(index=[CASE, "unit"], variable_name="column", value_name="amount")
            .join(pl.DataFrame(said, schema=["column", "indicator", "side"], orient="row"), on="column")
            .join(pl.DataFrame(sets, schema={CASE: pl.UInt32, "rules": pl.String}, orient="row"), on=CASE)
            .select(CASE, *MENDABLE)
        )


def _number(case: int) -> pl.Expr:
    return pl.lit(case, pl.UInt32).alias(CASE)
