"""Indicators: what is counted, what kind of figure it is, and what is left of it after verification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from assess.sql import Sql
from assess.texts import Text

Kind = Literal["coverage", "share", "completion", "per_mille", "growth", "count", "points"]

# A part cannot exceed its whole, so a coverage or a share ends at 1, and events per thousand people at 1000 of 1000.
# Work done against a task number, growth, counts and points have no ceiling.
CEILINGS: dict[Kind, float | None] = {
    "coverage": 1.0,
    "share": 1.0,
    "per_mille": 1.0,
    "completion": None,
    "growth": None,
    "count": None,
    "points": None,
}

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measure(BaseModel):
    """A count of records, or a sum over them, for each unit."""

    model_config = _FROZEN

    table: str = Field(description="The table that is counted.")
    where: Sql | None = Field(None, description="Only records for which this is true are counted.")
    sum: Sql | None = Field(None, description="Amount of each record to add up, instead of counting records.")
    estimated: bool = Field(False, description="The figure is an estimate (for example by prevalence), not a count.")
    source: Text | None = Field(None, description="Where the figure comes from, for people.")


class Target(BaseModel):
    """What a unit should reach by the end of the period."""

    model_config = _FROZEN

    value: float = Field(gt=0, description="The target at the end of the period, as a ratio (0.62 is 62 %).")
    schedule: Literal["linear", "full"] = Field(
        "full", description="linear: the share of the period that has passed is asked for; full: all of it at any time."
    )

    def by(self, elapsed: float) -> float:
        """The target when the share `elapsed` (0 to 1) of the period has passed."""
        return self.value * elapsed if self.schedule == "linear" else self.value


class ReportedBy(BaseModel):
    """The line of the reported table in which units state this indicator themselves."""

    model_config = _FROZEN

    indicator: str = Field(description="The indicator's name in the reported table.")
    tolerance: float = Field(
        0.0005, ge=0, description="Distance between the reported rate and the counted one that is not a finding."
    )


class Indicator(BaseModel):
    """One rate or amount that is assessed."""

    model_config = _FROZEN

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")] = Field(description="Stable name, never reused.")
    title: Text = Field(description="Name for people.")
    kind: Kind = Field(description="The kind of figure; its ceiling follows from it.")
    numerator: Measure | None = Field(None, description="What is counted above the line.")
    denominator: Measure | None = Field(
        None, description="What is counted below the line; counts and points have none."
    )
    reported: ReportedBy | None = Field(None, description="Where units report the figure themselves.")
    target: Target | None = Field(None, description="What should be reached.")
    band: tuple[float, float] | None = Field(
        None, description="Plausible lowest and highest ratio; a value outside is to be verified, not impossible."
    )
    source: Text | None = Field(None, description="The clause of the criteria.")
    fix: Text | None = Field(None, description="What a unit does about a finding.")

    @property
    def ceiling(self) -> float | None:
        """The largest ratio that can be true, or none."""
        return CEILINGS[self.kind]

    @model_validator(mode="after")
    def _has_something_to_count(self) -> Self:
        if self.numerator is None and self.reported is None:
            raise ValueError("states neither a numerator nor where it is reported")
        if self.numerator is None and self.denominator is not None:
            raise ValueError("has a denominator but no numerator")
        if self.numerator and self.denominator is None and self.kind not in ("count", "points"):
            raise ValueError(f"is of kind {self.kind} and needs a denominator")
        if self.band and self.band[0] > self.band[1]:
            raise ValueError("has a band whose lower end is above the upper")
        if self.target and self.ceiling is not None and self.target.value > self.ceiling:
            raise ValueError(f"has a target above its ceiling of {self.ceiling:.0%}")
        return self


class Period(BaseModel):
    """The time that is assessed, and the day up to which."""

    model_config = _FROZEN

    start: dt.date = Field(description="First day.")
    end: dt.date = Field(description="Last day.")
    as_of: dt.date | None = Field(None, description="The day up to which is assessed; the last day by default.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        if not self.start <= self.until <= self.end:
            raise ValueError("as_of lies outside of the period")
        return self

    @property
    def until(self) -> dt.date:
        """The day up to which is assessed."""
        return self.as_of or self.end

    @property
    def elapsed(self) -> float:
        """The share of the period that has passed, both days included."""
        return ((self.until - self.start).days + 1) / ((self.end - self.start).days + 1)


# What the engine counts for each unit and indicator, and what the units report.
COUNTS_SCHEMA: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "indicator": pl.String(),
    "numerator": pl.Float64(),
    "numerator_verified": pl.Float64(),
    "denominator": pl.Float64(),
    "submitted": pl.Boolean(),
    "broken": pl.Boolean(),
}
REPORTED_SCHEMA: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "indicator": pl.String(),
    "kind": pl.String(),
    "reported_numerator": pl.Float64(),
    "reported_denominator": pl.Float64(),
    "reported": pl.Float64(),
    "reported_step": pl.Float64(),
    "stated_target": pl.Float64(),
    "suppressed": pl.Boolean(),
}


def evaluate(
    indicators: Sequence[Indicator],
    counts: pl.DataFrame,
    reported: pl.DataFrame,
    units: pl.DataFrame,
    levels: Sequence[str],
    elapsed: float,
) -> pl.DataFrame:
    """Raw, verified and scored rates of every unit, of every level, and of all together.

    `counts` has COUNTS_SCHEMA and one row for each unit and counted indicator; `reported` has REPORTED_SCHEMA, at most
    one row for each unit and indicator; `units` has `unit` and one column for each level. Rates of a level come from
    summed numerators and denominators, never from averaged rates. Rates are ratios: 0.62 is 62 %.
    """
    keys = ["unit", "indicator"]
    each = counts.join(reported.drop("kind"), on=keys, how="full", coalesce=True)
    each = each.join(reported.select(*keys, stated_kind="kind"), on=keys, how="left")
    counted = [indicator.id for indicator in indicators if indicator.numerator is not None]
    each = each.with_columns(counted=pl.col("indicator").is_in(counted))
    frames = [each.with_columns(level=pl.lit("unit"))]
    grouped = each.filter("counted").join(units.select("unit", *levels), on="unit", how="left")
    for level in [*levels, "all"]:
        key = pl.col(level) if level != "all" else pl.lit("all")
        frames.append(_rolled_up(grouped.with_columns(unit=key)).with_columns(level=pl.lit(level)))
    table = pl.concat(frames, how="diagonal_relaxed").filter(pl.col("unit").is_not_null())
    return _judged(_with_spec(table, indicators, elapsed)).sort("level", "unit", "indicator")


def _rolled_up(each: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("reported_numerator").is_not_null() & pl.col("reported_denominator").is_not_null()
    total = {name: pl.col(name).filter(both).sum() for name in ("reported_numerator", "reported_denominator")}
    return (
        each.group_by("unit", "indicator")
        .agg(
            pl.col("numerator", "numerator_verified", "denominator").sum(),
            *[pl.when(both.any()).then(amount).alias(name) for name, amount in total.items()],
            pl.col("submitted").any(),
            pl.col("broken").any(),
            suppressed=pl.lit(value=False),
            counted=pl.lit(value=True),
        )
        .with_columns(reported=pl.col("reported_numerator") / pl.col("reported_denominator"))
        .with_columns(reported=pl.when(pl.col("reported").is_finite()).then("reported"))
    )


def _with_spec(table: pl.DataFrame, indicators: Sequence[Indicator], elapsed: float) -> pl.DataFrame:
    spec = pl.DataFrame(
        [
            {
                "indicator": indicator.id,
                "declared_kind": indicator.kind,
                "declared_target": indicator.target.value if indicator.target else None,
                "target_now": indicator.target.by(elapsed) if indicator.target else None,
                "estimated": bool(indicator.denominator and indicator.denominator.estimated),
                "band_low": indicator.band[0] if indicator.band else None,
                "band_high": indicator.band[1] if indicator.band else None,
                "tolerance": indicator.reported.tolerance if indicator.reported else 0.0,
                "has_denominator": indicator.denominator is not None,
            }
            for indicator in indicators
        ],
        schema={
            "indicator": pl.String,
            "declared_kind": pl.String,
            "declared_target": pl.Float64,
            "target_now": pl.Float64,
            "estimated": pl.Boolean,
            "band_low": pl.Float64,
            "band_high": pl.Float64,
            "tolerance": pl.Float64,
            "has_denominator": pl.Boolean,
        },
    )
    ceilings = {kind: ceiling for kind, ceiling in CEILINGS.items() if ceiling is not None}
    kind = pl.coalesce("declared_kind", "stated_kind")
    return table.join(spec, on="indicator", how="left").with_columns(
        kind=kind,
        ceiling=kind.replace_strict(ceilings, default=None, return_dtype=pl.Float64),
        target=pl.coalesce("declared_target", "stated_target"),
        target_now=pl.coalesce("target_now", "stated_target"),
        estimated=pl.col("estimated").fill_null(value=False),
        has_denominator=pl.col("has_denominator").fill_null(value=True),
    )


def _judged(table: pl.DataFrame) -> pl.DataFrame:
    counted = pl.col("counted")
    table = table.with_columns(
        numerator=pl.when(counted).then("numerator").otherwise("reported_numerator"),
        denominator=pl.when(counted).then("denominator").otherwise("reported_denominator"),
    ).with_columns(numerator_verified=pl.when(counted).then("numerator_verified").otherwise("numerator"))
    usable = (pl.col("denominator") > 0) & pl.col("denominator").is_finite() & ~pl.col("broken").fill_null(value=False)
    over = {
        name: pl.when(usable).then(pl.col(numerator) / pl.col("denominator"))
        for name, numerator in (("raw", "numerator"), ("verified", "numerator_verified"))
    }
    amount = ~pl.col("has_denominator")
    table = table.with_columns(
        raw=pl.when(counted & amount).then("numerator").when(counted).then(over["raw"]).otherwise("reported"),
        verified=pl.when(counted & amount).then("numerator_verified").otherwise(over["verified"]),
    ).with_columns(
        scored=pl.when(pl.col("ceiling").is_null()).then("verified").otherwise(pl.min_horizontal("verified", "ceiling"))
    )
    # min_horizontal passes over nulls: what could not be verified must not be scored as the ceiling.
    table = table.with_columns(
        scored=pl.when(pl.col("verified").is_not_null()).then("scored"),
        progress=pl.coalesce("verified", "raw") / pl.col("target"),
    )
    above = (pl.max_horizontal("raw", "reported") > pl.col("ceiling")).fill_null(value=False)
    outside = ((pl.col("raw") < pl.col("band_low")) | (pl.col("raw") > pl.col("band_high"))).fill_null(value=False)
    apart = (pl.col("reported") - pl.col("raw")).abs() > pl.max_horizontal("tolerance", "reported_step")
    differs = (counted & apart).fill_null(value=False)
    removed = (pl.col("numerator_verified") < pl.col("numerator")).fill_null(value=False)
    no_base = pl.col("denominator").is_null() & ~amount
    reason = (
        pl.when(pl.col("broken").fill_null(value=False))
        .then(pl.lit("broken_rule"))
        .when(pl.col("suppressed").fill_null(value=False) & pl.col("raw").is_null())
        .then(pl.lit("suppressed"))
        .when(counted & ~pl.col("submitted").fill_null(value=False))
        .then(pl.lit("not_submitted"))
        .when(above)
        .then(pl.lit("above_ceiling"))
        .when(counted & no_base)
        .then(pl.lit("no_denominator"))
        .when(~amount & (pl.col("denominator") <= 0))
        .then(pl.lit("zero_denominator"))
        .when(outside)
        .then(pl.lit("outside_band"))
        .when(differs)
        .then(pl.lit("reported_differs"))
        .when(removed)
        .then(pl.lit("records_disqualified"))
        .when(pl.col("verified").is_null())
        .then(pl.lit("no_counts"))
    )
    statuses: Mapping[str, str] = {
        "broken_rule": "error",
        "suppressed": "not_applicable",
        "not_submitted": "not_submitted",
        "above_ceiling": "fail",
        "no_denominator": "not_applicable",
        "zero_denominator": "not_applicable",
        "outside_band": "needs_review",
        "reported_differs": "pass_with_findings",
        "records_disqualified": "pass_with_findings",
        "no_counts": "not_applicable",
    }
    status = reason.replace_strict(dict(statuses), default="pass", return_dtype=pl.String)
    columns = [
        "level", "unit", "indicator", "kind", "numerator", "denominator", "numerator_verified", "raw", "verified",
        "scored", "target", "status", "reason", "target_now", "ceiling", "progress", "estimated",
        "reported_numerator", "reported_denominator", "reported", "suppressed", "differs", "outside_band",
        "above_ceiling",
    ]  # fmt: skip
    return table.with_columns(
        reason=reason, status=status, differs=differs, outside_band=outside, above_ceiling=above,
        suppressed=pl.col("suppressed").fill_null(value=False),
    ).select(columns)  # fmt: skip
