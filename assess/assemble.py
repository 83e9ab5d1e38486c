"""From what the engine measured to measurements, reported figures, scores and awards as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from assess.allocation import Award, Claim, allocate
from assess.engine.backend import Outcome
from assess.engine.plan import TablePlan
from assess.findings import status_of_rule
from assess.indicators import COUNTS_SCHEMA, REPORTED_SCHEMA
from assess.ruleset.spec import Ruleset
from assess.ruleset.views import Shape, shapes
from assess.scores import SCALE, Input, Score, Scored, Scorer, Subject, ranks, ten_thousandths
from assess.tables import DTYPES, Table

Submitted = set[tuple[str, str]]


def with_views(ruleset: Ruleset, submitted: Submitted) -> Submitted:
    """`submitted` with the views: a unit has submitted a view when it has submitted every table under it."""
    made = {name: shape.bases for name, shape in _shapes(ruleset).items()}
    units = {unit for unit, _ in submitted}
    whole = {(unit, name) for name in made for unit in units if all((unit, base) in submitted for base in made[name])}
    return submitted | whole


def _shapes(ruleset: Ruleset) -> Mapping[str, Shape]:
    return shapes(ruleset.tables, ruleset.views, ruleset.unit.key)


def measurements(
    ruleset: Ruleset, plans: Mapping[str, TablePlan], outcomes: Mapping[str, Outcome], units: Sequence[str],
    submitted: Submitted, broken: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """Every unit x every rule, also those that applied to nothing."""
    sums = {
        name: {row[plan.unit_key]: row for row in outcomes[name].measured.iter_rows(named=True)}
        for name, plan in plans.items()
    }
    rows = []
    for unit in units:
        for rule in ruleset.checks:
            seen = sums[rule.table].get(unit, {})
            applicable, violated = seen.get(f"applicable {rule.id}", 0), seen.get(f"violated {rule.id}", 0)
            status = status_of_rule(
                rule, applicable, violated, submitted=(unit, rule.table) in submitted, broken=rule.id in broken
            )
            rows.append((unit, rule.id, rule.table, applicable, violated, status))
    columns = {"unit": pl.String, "rule": pl.String, "table": pl.String,
               "applicable": pl.Int64, "violated": pl.Int64, "status": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def counts(
    ruleset: Ruleset, outcomes: Mapping[str, Outcome], units: Sequence[str], submitted: Submitted,
    broken: Mapping[str, str],
) -> pl.DataFrame:  # fmt: skip
    """Numerators and denominators of each unit and counted indicator, as COUNTS_SCHEMA."""
    everyone = pl.DataFrame({"unit": list(units)}, schema={"unit": pl.String})
    unsound = {rule.table for rule in ruleset.checks if rule.id in broken and rule.effect == "disqualify"}
    unsound |= {name for name, shape in _shapes(ruleset).items() if unsound & set(shape.bases)}
    frames = []
    for indicator in ruleset.indicators:
        if indicator.numerator is None:
            continue
        table = indicator.numerator.table
        # A disqualifying rule that did not run leaves it unknown which records count.
        failed = indicator.id in broken or table in unsound
        frame = everyone
        for side, measure in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
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
                    side: known.then(name) if side == "denominator" else pl.col(name),
                    f"{side}_verified": pl.col(f"{name} verified"),
                },
            )
            frame = frame.join(part, on="unit", how="left", maintain_order="left")
        # A base that was not submitted is as bad as a numerator that was not: leaving it out must not take weight away.
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


def with_verdicts(rated: pl.DataFrame, figures: Sequence[Mapping[str, Any]], found: pl.DataFrame) -> pl.DataFrame:
    """Indicators that only exist as reported figures take the status of the gravest finding on their line."""
    grave = ("fail", "needs_review", "pass_with_findings")
    worst: dict[tuple[str, str], str] = {}
    for unit, subject, status in (
        found.filter(pl.col("subject").is_not_null()).select("unit", "subject", "status").rows()
    ):
        known = worst.get((unit, subject), "pass_with_findings")
        worst[unit, subject] = min(known, status, key=grave.index)
    # A line whose arithmetic is sound may still break another rule of its table.
    sound = ("agrees", "parts_agree", "legal", "unverifiable", "noted")
    verdicts = {
        (line["unit"], line["indicator"]): "violated" if line["verdict"] in sound else line["verdict"]
        for line in figures
    }
    keys = rated.select("unit", "indicator").rows()
    seen = rated.select(
        "status", "reason", status_seen=pl.Series([worst.get(key) for key in keys], dtype=pl.String),
        reason_seen=pl.Series([verdicts.get(key) for key in keys], dtype=pl.String),
    )  # fmt: skip
    judged = pl.col("status_seen").is_not_null() & (pl.col("status") != "fail")
    return rated.with_columns(
        seen.select(
            status=pl.when(judged).then("status_seen").otherwise("status"),
            reason=pl.when(judged).then("reason_seen").otherwise("reason"),
        )
    )


def score(spec: Score, units: Sequence[str], indicators: pl.DataFrame, measured: pl.DataFrame) -> dict[str, Scored]:
    """The score of every unit."""
    rates = {
        (row["unit"], row["indicator"]): row
        for row in indicators.filter(pl.col("level") == "unit").iter_rows(named=True)
    }
    rules = {(row["unit"], row["rule"]): row for row in measured.iter_rows(named=True)}
    scorer = Scorer(spec)

    def seen(unit: str, subject: Subject) -> Input:
        kind, name = subject
        if kind == "indicator":
            return _of_indicator(rates[unit, name])
        if kind == "rule":
            return _of_rule(rules[unit, name])
        return Input("not_applicable", reason="not_marked")

    return {unit: scorer.score({subject: seen(unit, subject) for subject in scorer.subjects}) for unit in units}


def _of_indicator(row: Mapping[str, Any]) -> Input:
    target = Fraction(row["target_now"]) if row["target_now"] is not None else None
    if row["scored"] is None:
        status = row["status"] if row["status"] in ("error", "not_submitted") else "not_applicable"
        return Input(status, None, target, row["reason"] or "")
    rate = Fraction(row["verified"])
    if row["denominator"] and row["numerator_verified"] is not None:
        rate = Fraction(row["numerator_verified"]) / Fraction(row["denominator"])
    if row["ceiling"] is not None:
        rate = min(rate, Fraction(row["ceiling"]))
    return Input(row["status"], rate, target)


def _of_rule(row: Mapping[str, Any]) -> Input:
    if row["status"] in ("error", "not_submitted", "not_applicable"):
        return Input(row["status"])
    share = 1 - Fraction(row["violated"], row["applicable"])
    return Input(row["status"], share, amount=row["violated"], of=row["applicable"])


def _points(amount: int | None) -> Decimal | None:
    return None if amount is None else Decimal(amount) / SCALE


def score_parts(scored: Mapping[str, Scored]) -> list[dict[str, Any]]:
    """One line for each unit and part."""
    return [
        {
            "unit": unit,
            "position": position,
            "part": part.part,
            "subject": part.subject,
            "method": part.method,
            "status": part.status,
            "rate": part.rate,
            "target": part.target,
            "points": _points(part.points),
            "possible": _points(part.possible),
            "given": _points(part.given),
            "lost": _points(part.possible - part.given),
            "why": part.why,
        }
        for unit, result in scored.items()
        for position, part in enumerate(result.parts)
    ]


def scores(spec: Score, scored: Mapping[str, Scored], groups: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """One line for each unit: score, grade, rank among all and within its group. Equal scores share a rank."""
    standings = {unit: result.standing(unit) for unit, result in scored.items()}
    among_all = ranks(standings.values(), spec.ranking)
    among_peers: dict[str, int] = {}
    for group in {name for name in groups.values() if name is not None}:
        among_peers |= ranks((row for unit, row in standings.items() if groups[unit] == group), spec.ranking)
    rows = []
    for unit, result in scored.items():
        value = _points(result.score)
        rows.append(
            {
                "unit": unit,
                "score": value,
                "max": _points(ten_thousandths(spec.max)),
                "grade": result.grade,
                "rank": among_all.get(unit),
                "group_rank": among_peers.get(unit),
                "why": result.why,
                "vetoes": json.dumps(result.vetoes),
            }
        )
    return rows


def awards(
    ruleset: Ruleset, register: pl.DataFrame, scored: Mapping[str, Scored], broken: Mapping[str, str]
) -> tuple[list[dict[str, Any]], str | None]:
    """Every award with its steps, or nothing and the reason why the pool is not split."""
    spec = ruleset.allocation
    if spec is None or ruleset.score is None:
        return [], None
    if "allocation" in broken:
        return [], f"basis_broken: {broken['allocation']}"
    if any(result.why == "error" for result in scored.values()):
        return [], "indicator_in_error"
    full = ten_thousandths(ruleset.score.max)
    claims = [
        Claim(
            row["unit"],
            Fraction(row["basis"]) if row["basis"] is not None else Fraction(0),
            Fraction(amount, full) if (amount := scored[row["unit"]].score) is not None else None,
        )
        for row in register.iter_rows(named=True)
    ]
    try:
        results = allocate(spec, claims)
    except ValueError:
        return [], "no_weight"
    whole = sum((award.weight for award in results), Fraction(0))
    return [_award(award, whole) for award in results], None


def _award(award: Award, whole: Fraction) -> dict[str, Any]:
    amount = Decimal(award.minor) / 100
    exact = (Decimal(award.exact.numerator) / Decimal(award.exact.denominator) / 100).quantize(Decimal("0.000001"))
    return {
        "unit": award.unit,
        "basis": float(award.basis),
        "coefficient": float(award.coefficient),
        "weight": float(award.weight),
        "share": float(award.weight / whole),
        "exact": exact,
        "rounding": amount - exact,
        "amount": amount,
        "amount_minor": award.minor,
    }
