"""From what the engine measured to the tables of what was counted: all that is needed to conclude, and no records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from assess.engine.backend import Outcome
from assess.engine.evidence import shown
from assess.engine.plan import FILE, LINE, Scan, TablePlan
from assess.findings import with_status
from assess.indicators import COUNTS_SCHEMA, REPORTED_SCHEMA
from assess.ruleset.spec import Ruleset
from assess.scores import Marks
from assess.tables import DTYPES, Table

Submitted = set[tuple[str, str]]


def with_views(ruleset: Ruleset, submitted: Submitted) -> Submitted:
    """`submitted` with the views: a unit has submitted a view when it has submitted every table under it."""
    made = {name: shape.bases for name, shape in ruleset.shapes.items()}
    units = {unit for unit, _ in submitted}
    whole = {(unit, name) for name in made for unit in units if all((unit, base) in submitted for base in made[name])}
    return submitted | whole


def measurements(
    ruleset: Ruleset, plans: Mapping[str, TablePlan], outcomes: Mapping[str, Outcome], units: Sequence[str],
    submitted: Submitted, broken: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """Every unit x every rule, also those that applied to nothing."""
    everyone = pl.DataFrame({"unit": list(units)}, schema={"unit": pl.String})
    frames = []
    for rule in ruleset.checks:
        plan, names = plans[rule.table], (f"applicable {rule.id}", f"violated {rule.id}")
        seen = outcomes[rule.table].measured
        if names[0] not in seen.columns:  # it did not run
            seen = seen.with_columns([pl.lit(0, pl.Int64).alias(name) for name in names])
        here = [(unit, rule.table) in submitted for unit in units]
        frames.append(
            everyone.join(
                seen.select(unit=pl.col(plan.unit_key), applicable=pl.col(names[0]), violated=pl.col(names[1])),
                on="unit",
                how="left",
                maintain_order="left",
            ).select(
                "unit",
                pl.lit(rule.id).alias("rule"),
                pl.lit(rule.table).alias("table"),
                pl.col("applicable", "violated").fill_null(0),
                pl.Series("submitted", here, dtype=pl.Boolean),
            )
        )
    found = pl.concat(frames) if frames else pl.DataFrame(schema=_MEASURED)
    order = {rule.id: place for place, rule in enumerate(ruleset.checks)}
    placed = found.sort("unit", pl.col("rule").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)
    return with_status(placed, ruleset, set(broken)).drop("submitted")


_MEASURED = {
    "unit": pl.String, "rule": pl.String, "table": pl.String, "applicable": pl.Int64, "violated": pl.Int64,
    "submitted": pl.Boolean,
}  # fmt: skip


def counts(
    ruleset: Ruleset, outcomes: Mapping[str, Outcome], units: Sequence[str], submitted: Submitted,
    broken: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """Numerators and denominators of each unit and counted indicator, as COUNTS_SCHEMA."""
    everyone = pl.DataFrame({"unit": list(units)}, schema={"unit": pl.String})
    silent = [rule for rule in ruleset.checks if rule.id in broken and rule.effect == "disqualify"]
    under = {name: {name, *shape.bases} for name, shape in ruleset.shapes.items()}
    frames = []
    for indicator in ruleset.indicators:
        if indicator.numerator is None:
            continue
        table = indicator.numerator.table
        # A disqualifying rule that did not run leaves it unknown which records count.
        sides = [side.table for side in (indicator.numerator, indicator.exclusions) if side is not None]
        read = {name for side in sides for name in under.get(side, {side})}
        unsound = [r for r in silent if r.table in read and (not r.indicators or indicator.id in r.indicators)]
        failed = indicator.id in broken or bool(unsound)
        frame = everyone
        for side, measure in (
            ("numerator", indicator.numerator),
            ("denominator", indicator.denominator),
            ("excluded", indicator.exclusions),
        ):
            if measure is None or indicator.id in broken:
                frame = frame.with_columns(
                    **{side: pl.lit(None, pl.Float64), f"{side}_verified": pl.lit(None, pl.Float64)}
                )
                continue
            name = f"{side} {indicator.id}"
            known = pl.when(pl.col(f"{name} missing") == 0)
            part = outcomes[measure.table].measured.select(
                unit=pl.col(ruleset.unit.key),
                **{
                    side: (known.then(name) if side == "denominator" else pl.col(name)).cast(pl.Float64),
                    f"{side}_verified": pl.col(f"{name} verified").cast(pl.Float64),
                },
            )
            frame = frame.join(part, on="unit", how="left", maintain_order="left")
        # A base that was not submitted is as bad as a numerator that was not: leaving it out must not take weight away.
        # Whoever leaves out the exceptions loses them alone.
        needed = {table} | ({indicator.denominator.table} if indicator.denominator else set())
        here = [all((unit, name) in submitted for name in needed) for unit in units]
        frames.append(
            frame.with_columns(
                indicator=pl.lit(indicator.id), submitted=pl.Series(here, dtype=pl.Boolean), broken=pl.lit(failed)
            )
            # Nothing submitted is nothing counted: a numerator of zero, so that levels sum over everybody.
            .with_columns(
                pl.col("numerator", "numerator_verified").fill_null(0.0) if not failed else pl.col("numerator")
            )
            .with_columns(pl.col("excluded", "excluded_verified").fill_null(0.0) if not failed else pl.col("excluded"))
            .select(list(COUNTS_SCHEMA))
        )
    return pl.concat(frames) if frames else pl.DataFrame(schema=COUNTS_SCHEMA)


def reported(ruleset: Ruleset, rows: pl.LazyFrame) -> pl.DataFrame:
    """What units report themselves, as REPORTED_SCHEMA, one line for each unit and indicator (the first of several)."""
    spec = ruleset.reported
    if spec is None:
        return pl.DataFrame(schema=REPORTED_SCHEMA)
    ids = {i.reported.indicator: i.id for i in ruleset.indicators if i.reported is not None}
    name = pl.col(spec.indicator)
    own = name if spec.kind is not None else pl.lit(None, dtype=pl.String)
    table = ruleset.tables[spec.table]
    scale = pl.col(spec.scale) if spec.scale is not None else pl.lit("percent")
    factor = scale.replace_strict({"percent": 100.0, "per_mille": 1000.0, "ratio": 1.0}, default=None)
    rate = _number(spec.rate, table)
    amount = scale.is_in(["count", "points"])
    decimals = pl.col(spec.rate).cast(pl.String).str.extract(r"\.([0-9]+)$").fill_null("").str.len_bytes()
    target = _number(spec.target, table) / factor if spec.target is not None else pl.lit(None, dtype=pl.Float64)
    numerator = _number(spec.numerator, table)
    return (
        rows.select(
            unit=pl.col(ruleset.unit.key),
            indicator=pl.coalesce(name.replace_strict(ids, default=None, return_dtype=pl.String), own),
            kind=pl.col(spec.kind) if spec.kind is not None else pl.lit(None, dtype=pl.String),
            reported_numerator=numerator,
            reported_denominator=_number(spec.denominator, table),
            reported=pl.when(amount).then(pl.coalesce(rate, numerator)).otherwise(rate / factor),
            reported_step=pl.lit(10.0).pow(-decimals.cast(pl.Int32)) / factor,
            stated_target=target,
            suppressed=pl.any_horizontal(
                _withheld(column, table) for column in (spec.numerator, spec.denominator, spec.rate)
            ),
        )
        .filter(pl.col("indicator").is_not_null())
        .collect()
        .unique(["unit", "indicator"], keep="first", maintain_order=True)
        .cast(REPORTED_SCHEMA)  # type: ignore[arg-type]
    )


def _number(column: str | None, table: Table) -> pl.Expr:
    if column is None:
        return pl.lit(None, dtype=pl.Float64)
    if DTYPES[table.columns[column].type] == pl.String:
        return pl.col(column).cast(pl.Float64, strict=False)
    return pl.col(column).cast(pl.Float64)


def _withheld(column: str, table: Table) -> pl.Expr:
    marks = list(table.columns[column].suppressed)
    if not marks or DTYPES[table.columns[column].type] != pl.String:
        return pl.lit(value=False)
    return pl.col(column).is_in(marks).fill_null(value=False)


MARKS: dict[str, pl.DataType] = {
    "unit": pl.String(), "item": pl.String(), "points": pl.Decimal(18, 4), "marker": pl.String(),
    "marked_on": pl.Date(), "note": pl.String(), "file": pl.String(), "line": pl.Int64(),
}  # fmt: skip


def marks(ruleset: Ruleset, spec: Marks | None, scan: Scan, files: Sequence[str]) -> pl.DataFrame:
    """The points that were given on site, as MARKS, in the order of units and items."""
    if spec is None:
        return pl.DataFrame(schema=MARKS)
    table = ruleset.tables[spec.table]

    def text(column: str | None) -> pl.Expr:
        return shown(column, table) if column is not None else pl.lit(None, dtype=pl.String)

    names = pl.Series("files", list(files), dtype=pl.String)
    given = scan(spec.table).select(
        unit=pl.col(ruleset.unit.key),
        item=pl.col(spec.item).cast(pl.String),
        points=_number(spec.points, table).round(4).cast(pl.Decimal(18, 4)),
        marker=text(spec.marker),
        marked_on=pl.col(spec.on) if spec.on is not None else pl.lit(None, dtype=pl.Date),
        note=text(spec.note),
        file=pl.col(FILE),
        line=pl.col(LINE).cast(pl.Int64),
    ).collect()  # fmt: skip
    file = names.gather(given["file"]) if given.height else pl.Series([], dtype=pl.String)
    return given.with_columns(file=file).cast(MARKS).sort("unit", "item", "file", "line")  # type: ignore[arg-type]
