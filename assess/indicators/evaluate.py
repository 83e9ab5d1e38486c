"""From what was counted to rates: raw, verified and scored, of units and of what they make up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from assess.indicators.compare import distributions, percentile, wilson
from assess.indicators.spec import CEILINGS, Indicator, Period

# What the engine counts for each unit and indicator, and what the units report. The denominator counts everybody.
COUNTS_SCHEMA: dict[str, pl.DataType] = {
    "unit": pl.String(),
    "indicator": pl.String(),
    "numerator": pl.Float64(),
    "numerator_verified": pl.Float64(),
    "denominator": pl.Float64(),
    "excluded": pl.Float64(),
    "excluded_verified": pl.Float64(),
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
# The verified rates of an earlier assessment.
PREVIOUS_SCHEMA: dict[str, pl.DataType] = {
    "level": pl.String(),
    "unit": pl.String(),
    "indicator": pl.String(),
    "previous": pl.Float64(),
}
COLUMNS = (
    "level", "unit", "indicator", "kind", "units", "left_out",
    "numerator", "excluded", "denominator", "numerator_verified", "excluded_verified", "denominator_verified",
    "raw", "verified", "scored", "low", "high", "receiving", "exception_rate",
    "target", "target_now", "completion", "progress", "percentile", "previous", "change",
    "status", "reason", "ceiling", "estimated",
    "reported_numerator", "reported_denominator", "reported", "suppressed",
    "differs", "outside_band", "above_ceiling", "many_exceptions",
)  # fmt: skip

# What keeps an indicator from a clean pass, the gravest first, with the status that follows from it.
STATUS_OF: dict[str, str] = {
    "broken_rule": "error",
    "suppressed": "not_applicable",
    "not_submitted": "not_submitted",
    "above_ceiling": "fail",
    "no_denominator": "not_applicable",
    "zero_denominator": "not_applicable",
    "small_denominator": "not_applicable",
    "all_excluded": "fail",
    "outside_band": "needs_review",
    "many_exceptions": "needs_review",
    "reported_differs": "pass_with_findings",
    "records_disqualified": "pass_with_findings",
    "no_counts": "not_applicable",
}


@dataclass(frozen=True)
class Compared:
    """The table of indicators, and how the rates of units are spread."""

    indicators: pl.DataFrame
    distributions: pl.DataFrame


def evaluate(
    indicators: Sequence[Indicator],
    counts: pl.DataFrame,
    reported: pl.DataFrame,
    units: pl.DataFrame,
    levels: Sequence[str],
    period: Period | None = None,
    previous: pl.DataFrame | None = None,
    confidence: float = 0.95,
) -> Compared:
    """Raw, verified and scored rates of every unit, of every level, and of all together.

    `counts` has COUNTS_SCHEMA and one row for each unit and counted indicator; `reported` has REPORTED_SCHEMA, at most
    one row for each unit and indicator; `units` has `unit`, `peers` (who is compared with whom) and one column for each
    level; `previous` has PREVIOUS_SCHEMA. Rates of a level come from summed numerators and denominators, never from
    averaged rates; a unit whose denominator is not known is left out of both. Rates are ratios: 0.62 is 62 %.
    """
    keys = ["unit", "indicator"]
    each = counts.join(reported.drop("kind"), on=keys, how="full", coalesce=True)
    each = each.join(reported.select(*keys, stated_kind="kind"), on=keys, how="left")
    based = [i.id for i in indicators if i.denominator is not None]
    counted = [i.id for i in indicators if i.numerator is not None]
    each = each.with_columns(
        counted=pl.col("indicator").is_in(counted),
        units=pl.lit(1, pl.Int64),
        left_out=(pl.col("indicator").is_in(based) & pl.col("denominator").is_null()).cast(pl.Int64),
    )
    frames = [each.with_columns(level=pl.lit("unit"))]
    grouped = each.filter("counted").join(units.select("unit", *levels), on="unit", how="left")
    for level in [*levels, "all"]:
        key = pl.col(level) if level != "all" else pl.lit("all")
        frames.append(_rolled_up(grouped.with_columns(unit=key)).with_columns(level=pl.lit(level)))
    table = pl.concat(frames, how="diagonal_relaxed").filter(pl.col("unit").is_not_null())
    rated = _judged(_rated(_with_spec(table, indicators, period), confidence))
    return _compared(rated, units, levels, previous)


def _rolled_up(each: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("reported_numerator").is_not_null() & pl.col("reported_denominator").is_not_null()
    total = {name: pl.col(name).filter(both).sum() for name in ("reported_numerator", "reported_denominator")}
    names = ("numerator", "numerator_verified", "denominator", "excluded", "excluded_verified")
    known = pl.col("left_out") == 0
    return (
        each.group_by("unit", "indicator")
        .agg(
            *[pl.when(known.any()).then(pl.col(name).filter(known).sum()).alias(name) for name in names],
            *[pl.when(both.any()).then(amount).alias(name) for name, amount in total.items()],
            pl.col("submitted").any(),
            pl.col("broken").any(),
            pl.col("units").sum(),
            pl.col("left_out").sum(),
            suppressed=pl.lit(value=False),
            counted=pl.lit(value=True),
        )
        .with_columns(reported=pl.col("reported_numerator") / pl.col("reported_denominator"))
        .with_columns(reported=pl.when(pl.col("reported").is_finite()).then("reported"))
    )


_SPEC: dict[str, pl.DataType] = {
    "indicator": pl.String(),
    "declared_kind": pl.String(),
    "declared_target": pl.Float64(),
    "target_now": pl.Float64(),
    "estimated": pl.Boolean(),
    "band_low": pl.Float64(),
    "band_high": pl.Float64(),
    "tolerance": pl.Float64(),
    "least": pl.Float64(),
    "exceptions_above": pl.Float64(),
    "has_denominator": pl.Boolean(),
    "has_exclusions": pl.Boolean(),
}


def _with_spec(table: pl.DataFrame, indicators: Sequence[Indicator], period: Period | None) -> pl.DataFrame:
    spec = pl.DataFrame(
        [
            (
                i.id,
                i.kind,
                i.target.value if i.target else None,
                float(i.target.on(period)) if i.target else None,
                bool(i.denominator and i.denominator.estimated),
                i.band[0] if i.band else None,
                i.band[1] if i.band else None,
                i.reported.tolerance if i.reported else 0.0,
                i.minimum_denominator,
                i.exceptions_above,
                i.denominator is not None,
                i.exclusions is not None,
            )
            for i in indicators
        ],
        schema=_SPEC,
        orient="row",
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
        has_exclusions=pl.col("has_exclusions").fill_null(value=False),
    )


def _rated(table: pl.DataFrame, confidence: float) -> pl.DataFrame:
    counted, amount = pl.col("counted"), ~pl.col("has_denominator")
    table = table.with_columns(
        numerator=pl.when(counted).then("numerator").otherwise("reported_numerator"),
        everybody=pl.when(counted).then("denominator").otherwise("reported_denominator"),
        excluded=pl.col("excluded").fill_null(0.0),
        excluded_verified=pl.col("excluded_verified").fill_null(0.0),
    ).with_columns(
        numerator_verified=pl.when(counted).then("numerator_verified").otherwise("numerator"),
        denominator=pl.col("everybody") - pl.col("excluded"),
        denominator_verified=pl.col("everybody") - pl.col("excluded_verified"),
    )
    sound = ~pl.col("broken").fill_null(value=False)

    def over(numerator: str, denominator: str) -> pl.Expr:
        usable = (pl.col(denominator) > 0) & pl.col(denominator).is_finite() & sound
        return pl.when(usable).then(pl.col(numerator) / pl.col(denominator))

    table = table.with_columns(
        raw=pl.when(counted & amount)
        .then("numerator")
        .when(counted)
        .then(over("numerator", "denominator"))
        .otherwise("reported"),
        verified=pl.when(counted & amount & sound)
        .then("numerator_verified")
        .otherwise(over("numerator_verified", "denominator_verified")),
    )
    small = (pl.col("everybody") < pl.col("least")).fill_null(value=False)
    capped = pl.when(pl.col("ceiling").is_null()).then("verified").otherwise(pl.min_horizontal("verified", "ceiling"))
    low, high = wilson(pl.col("numerator_verified"), pl.col("denominator_verified"), confidence)
    part = pl.col("ceiling").is_not_null() & ~pl.col("estimated") & pl.col("verified").is_not_null()
    rate = pl.coalesce("verified", "raw")
    asked = pl.when(pl.col("target_now") > 0).then("target_now")
    excepting = pl.col("has_exclusions")
    return table.with_columns(
        small=small,
        # min_horizontal passes over nulls: what could not be verified must not be scored as the ceiling.
        scored=pl.when(pl.col("verified").is_not_null() & ~small).then(capped),
        low=pl.when(part).then(low),
        high=pl.when(part).then(high),
        receiving=pl.when(excepting).then(over("numerator_verified", "everybody")),
        exception_rate=pl.when(excepting).then(over("excluded_verified", "everybody")),
        completion=rate / pl.col("target"),
        progress=rate / asked,
    )


def _judged(table: pl.DataFrame) -> pl.DataFrame:
    counted, amount = pl.col("counted"), ~pl.col("has_denominator")
    above = (pl.max_horizontal("raw", "reported") > pl.col("ceiling")).fill_null(value=False)
    outside = ((pl.col("raw") < pl.col("band_low")) | (pl.col("raw") > pl.col("band_high"))).fill_null(value=False)
    apart = (pl.col("reported") - pl.col("raw")).abs() > pl.max_horizontal("tolerance", "reported_step")
    differs = (counted & apart).fill_null(value=False)
    many = (pl.col("exception_rate") > pl.col("exceptions_above")).fill_null(value=False)
    holds: dict[str, pl.Expr] = {
        "broken_rule": pl.col("broken").fill_null(value=False),
        "suppressed": pl.col("suppressed").fill_null(value=False) & pl.col("raw").is_null(),
        "not_submitted": counted & ~pl.col("submitted").fill_null(value=False),
        "above_ceiling": above,
        "no_denominator": counted & pl.col("everybody").is_null() & ~amount,
        "zero_denominator": ~amount & (pl.col("everybody") <= 0),
        "small_denominator": pl.col("small"),
        "all_excluded": ~amount & (pl.col("denominator_verified") <= 0),
        "outside_band": outside,
        "many_exceptions": many,
        "reported_differs": differs,
        "records_disqualified": (pl.col("numerator_verified") < pl.col("numerator")).fill_null(value=False),
        "no_counts": pl.col("verified").is_null(),
    }
    reason = pl.coalesce([pl.when(holds[name]).then(pl.lit(name)) for name in STATUS_OF])
    statuses: Mapping[str, str] = STATUS_OF
    return table.with_columns(
        reason=reason,
        differs=differs,
        outside_band=outside,
        above_ceiling=above,
        many_exceptions=many,
        suppressed=pl.col("suppressed").fill_null(value=False),
    ).with_columns(status=pl.col("reason").replace_strict(dict(statuses), default="pass", return_dtype=pl.String))


def _compared(
    table: pl.DataFrame, units: pl.DataFrame, levels: Sequence[str], previous: pl.DataFrame | None
) -> Compared:
    """With the place of every unit among its peers, and what an earlier assessment found."""
    if previous is None:
        table = table.with_columns(previous=pl.lit(None, pl.Float64))
    else:
        table = table.join(previous, on=["level", "unit", "indicator"], how="left")
    table = table.with_columns(change=pl.col("verified") - pl.col("previous"))
    # A place among peers is for rates that were submitted, and that chance does not decide.
    own = (
        table.filter(pl.col("level") == "unit")
        .with_columns(comparable=pl.when(~pl.col("small") & (pl.col("status") != "not_submitted")).then("verified"))
        .join(
            units.select("unit", "peers", *[pl.col(level).alias(f"of {level}") for level in levels]),
            on="unit",
            how="left",
        )
    )
    placed = own.with_columns(percentile=percentile(pl.col("comparable"), ["peers", "indicator"]))
    above = table.filter(pl.col("level") != "unit").with_columns(percentile=pl.lit(None, pl.Float64))
    scopes = [("all", pl.lit("all")), ("peers", pl.col("peers")), *[(level, pl.col(f"of {level}")) for level in levels]]
    found = pl.concat([placed.select(COLUMNS), above.select(COLUMNS)])
    return Compared(found.sort("level", "unit", "indicator"), distributions(own, scopes))
