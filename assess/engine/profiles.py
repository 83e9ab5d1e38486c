"""Rules on units: from the sums of one table to a verdict on every unit, once the sums are whole."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import polars as pl
from polars.exceptions import PolarsError

from assess.checks import Profile
from assess.engine.backend import Outcome
from assess.engine.plan import TablePlan, sums

SUMS = pl.DataFrame(
    schema={"unit": pl.String, "rule": pl.String, "name": pl.String, "value": pl.Decimal(38, 6)},
)
Verdicts = dict[tuple[str, str], tuple[str, dict[str, str | None]]]


@dataclasses.dataclass(frozen=True)
class Judged:
    """What the rules on units of one table gave.

    `outcome` has their measurements (1 or 0 a unit) and the rules that broke; `sums` what was judged, one line for each
    unit, rule and sum; `said` the reason and the figures of every violation, by unit and rule.
    """

    outcome: Outcome
    sums: pl.DataFrame
    said: Verdicts


def judge(plan: TablePlan, outcome: Outcome, units: Sequence[str], previous: Mapping[str, pl.DataFrame]) -> Judged:
    """Judge every rule on units of a table; `units` submitted it, `previous` holds earlier sums by rule.

    A unit that submitted a table without records is judged on sums of zero.
    """
    measured, broken, said, kept = outcome.measured, dict(outcome.broken), {}, [SUMS]
    for rule, check in plan.profiles:
        if rule in broken:
            continue
        whole = _with_all(sums(plan, rule, measured), units)
        try:
            verdicts = check.judge(whole, previous.get(rule)).with_columns(pl.col("valid").cast(pl.Boolean))
        except PolarsError as error:
            broken[rule] = str(error).splitlines()[0]
            continue
        measured = _with_measurements(measured, verdicts, rule, plan.unit_key)
        kept.append(_long(whole, rule))
        for row in verdicts.filter(pl.col("valid").not_()).iter_rows(named=True):
            numbers = {name: value for name, value in row.items() if name not in ("unit", "valid", "reason")}
            said[row["unit"], rule] = (row["reason"], numbers)
    return Judged(dataclasses.replace(outcome, measured=measured, broken=broken), pl.concat(kept), said)


def earlier(profiles: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The table `profiles` of an assessment as sums by rule, in the form in which kinds judge them."""
    return {
        str(rule): part.pivot("name", index="unit", values="value").fill_null(0)
        for (rule,), part in profiles.partition_by("rule", as_dict=True, maintain_order=True).items()
    }


def counted_otherwise(plan: TablePlan, rules: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """The rules on units that an earlier ruleset (its rules by id) counts in another way: these cannot be compared."""
    changed = {}
    for rule, check in plan.profiles:
        before = rules.get(rule)
        if (
            check.compares
            and before is not None
            and (before.get("table") != plan.name or any(before.get(k) != v for k, v in definition(check).items()))
        ):
            changed[rule] = "is counted in another way than in the previous assessment, so the two cannot be compared"
    return changed


def definition(check: Profile) -> dict[str, object]:
    """What a kind counts, as the effective ruleset of an assessment directory holds it."""
    fields: dict[str, object] = json.loads(check.model_dump_json(by_alias=True, include={"where", "sum"}))
    return {"check": check.kind, **fields}


def _with_all(whole: pl.DataFrame, units: Sequence[str]) -> pl.DataFrame:
    everybody = pl.DataFrame({"unit": sorted({*units, *whole["unit"]})}, schema={"unit": pl.String})
    return everybody.join(whole, on="unit", how="left", maintain_order="left").with_columns(
        pl.exclude("unit").fill_null(0)
    )


def _with_measurements(measured: pl.DataFrame, verdicts: pl.DataFrame, rule: str, unit_key: str) -> pl.DataFrame:
    found = verdicts.select(
        pl.col("unit").alias(unit_key),
        pl.col("valid").is_not_null().cast(pl.Int64).alias(f"applicable {rule}"),
        pl.col("valid").not_().fill_null(value=False).cast(pl.Int64).alias(f"violated {rule}"),
    )
    return measured.join(found, on=unit_key, how="full", coalesce=True, maintain_order="left_right").with_columns(
        # A unit that only the rules on units know of has no counts, which is not the same as counts of zero.
        pl.col(r"^(applicable|violated) .*$", "records").fill_null(0)
    )


def _long(whole: pl.DataFrame, rule: str) -> pl.DataFrame:
    return (
        whole.with_columns(pl.exclude("unit").cast(pl.Decimal(38, 6)))
        .unpivot(index="unit", variable_name="name", value_name="value")
        .select("unit", pl.lit(rule).alias("rule"), "name", "value")
    )
