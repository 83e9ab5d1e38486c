"""What an assessor must see, made from the small tables: measurements, indicators, figures, receipt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import polars as pl

from assess.checks import Profile
from assess.ruleset.spec import Rule, Ruleset

Row = dict[str, Any]

SCHEMA: dict[str, pl.DataType] = {
    "finding": pl.String(),
    "unit": pl.String(),
    "source": pl.String(),
    "subject": pl.String(),
    "status": pl.String(),
    "severity": pl.String(),
    "reason": pl.String(),
    "numbers": pl.String(),
    "records": pl.Int64(),
}
# With what tells findings apart that are otherwise about the same.
_MARKED = {**dict(list(SCHEMA.items())[1:]), "mark": pl.String()}
_GRAVITY = {"critical": 0, "major": 1, "minor": 2, "info": 3}

# Indicator findings: how much they matter, and whether they are a fault or a question.
_INDICATOR = {
    "broken_rule": ("error", "critical"),
    "above_ceiling": ("fail", "critical"),
    "not_submitted": ("not_submitted", "major"),
    "reported_differs": ("fail", "major"),
    "outside_band": ("needs_review", "minor"),
    "no_denominator": ("not_applicable", "minor"),
    "zero_denominator": ("not_applicable", "minor"),
    "small_denominator": ("not_applicable", "info"),
    "all_excluded": ("fail", "major"),
    "many_exceptions": ("needs_review", "minor"),
    "suppressed": ("not_applicable", "info"),
}


# What can be wrong with a figure beside the gravest of it, and the column that says so.
_BESIDE = {
    "above_ceiling": "above_ceiling",
    "reported_differs": "differs",
    "outside_band": "outside_band",
    "many_exceptions": "many_exceptions",
}


# What is told of an indicator that has a finding.
_NUMBERS = (
    "numerator", "denominator", "numerator_verified", "raw", "verified", "scored", "reported", "reported_numerator",
    "reported_denominator", "ceiling", "estimated", "kind", "excluded", "excluded_verified", "denominator_verified",
    "exception_rate",
)  # fmt: skip


def status_of_violation(rule: Rule) -> str:
    """The status of one violation by itself: of a line of a listed table, or of a unit."""
    if rule.effect == "review":
        return "needs_review"
    return "pass_with_findings" if rule.severity == "info" else "fail"


def with_status(measured: pl.DataFrame, ruleset: Ruleset, broken: set[str]) -> pl.DataFrame:
    """Measurements with their `status`; `submitted` says whether the unit submitted the table of the rule."""
    spec = pl.DataFrame(
        [(r.id, r.effect == "review", r.severity == "info", r.tolerance, r.id in broken) for r in ruleset.checks],
        schema={
            "rule": pl.String,
            "_review": pl.Boolean,
            "_info": pl.Boolean,
            "_tolerance": pl.Float64,
            "_broken": pl.Boolean,
        },
        orient="row",
    )
    tolerated = pl.col("violated") <= pl.col("_tolerance") * pl.col("applicable")
    status = (
        pl.when("_broken").then(pl.lit("error"))
        .when((pl.col("applicable") == 0) & pl.col("submitted")).then(pl.lit("not_applicable"))
        .when(pl.col("applicable") == 0).then(pl.lit("not_submitted"))
        .when(pl.col("violated") == 0).then(pl.lit("pass"))
        .when("_review").then(pl.lit("needs_review"))
        .when(pl.col("_info") | tolerated).then(pl.lit("pass_with_findings"))
        .otherwise(pl.lit("fail"))
    )  # fmt: skip
    judged = measured.join(spec, on="rule", how="left", maintain_order="left").with_columns(status=status)
    return judged.drop("_review", "_info", "_tolerance", "_broken")


def _row(
    unit: str | None, source: str, status: str, severity: str, reason: str, numbers: Mapping[str, Any],
    subject: str | None = None, records: int = 0, mark: object = "",
) -> Row:  # fmt: skip
    return {
        "unit": unit,
        "source": source,
        "subject": subject,
        "status": status,
        "severity": severity,
        "reason": reason,
        "numbers": json.dumps(numbers, ensure_ascii=False),
        "records": records,
        "mark": str(mark),
    }


def table(rows: Iterable[Row]) -> pl.DataFrame:
    """Findings made one by one, with their ids."""
    return _identified(pl.DataFrame(list(rows), schema=_MARKED))


def _identified(rows: pl.DataFrame) -> pl.DataFrame:
    """Findings with their ids; `mark` tells apart those of one unit, source, subject and reason.

    The id is made of what the finding is about, not of its numbers: the same fault keeps it from one run to the next.
    """
    named = [pl.col(name).fill_null("") for name in ("unit", "source", "subject", "reason", "mark")]
    about = rows.select(pl.concat_str(named, separator="\x1f").cast(pl.Binary)).to_series()
    digests = pl.Series("finding", [sha256(each).hexdigest() for each in about.to_list()], dtype=pl.String)
    return rows.select(pl.format("F-{}", pl.lit(digests).str.head(12)).alias("finding"), *list(SCHEMA)[1:])


def of_measurements(ruleset: Ruleset, measurements: pl.DataFrame, listed: set[str]) -> pl.DataFrame:
    """One finding for each unit and rule with violations. Lines of listed tables are findings of their own instead."""
    told = {
        rule.id: rule.severity
        for rule in ruleset.checks
        if not (isinstance(rule.check, Profile) or (rule.table in listed and rule.check.kind != "parses"))
    }
    found = measurements.filter((pl.col("violated") > 0) & pl.col("rule").is_in(list(told)))
    shares = found.select(pl.col("violated") / pl.col("applicable")).to_series()
    # Many units have the same few shares.
    each = shares.unique()
    share = shares.replace_strict(each, pl.Series([f"{one:.6f}" for one in each], dtype=pl.String))
    numbers = pl.format(
        '{{"applicable": "{}", "violated": "{}", "share": "{}"}}', "applicable", "violated", pl.lit(share)
    )
    return _identified(
        found.select(
            "unit", pl.col("rule").alias("source"), pl.lit(None, pl.String).alias("subject"), "status",
            pl.col("rule").replace_strict(told, return_dtype=pl.String).alias("severity"),
            pl.lit("violated").alias("reason"), numbers.alias("numbers"), pl.col("violated").alias("records"),
            pl.lit("").alias("mark"),
        )
    )  # fmt: skip


def of_profiles(
    ruleset: Ruleset, said: Mapping[tuple[str, str], tuple[str, Mapping[str, str | None]]]
) -> Iterable[Row]:
    """One finding for each unit that violates a rule on units, with the reason and the figures of its kind."""
    rules = {rule.id: rule for rule in ruleset.checks}
    for (unit, rule_id), (reason, numbers) in sorted(said.items()):
        rule = rules[rule_id]
        status = status_of_violation(rule)
        yield _row(unit, rule_id, status, rule.severity, reason, numbers)


def of_broken(ruleset: Ruleset, broken: Mapping[str, str]) -> Iterable[Row]:
    """One finding for each rule or measure that did not run; a check that breaks is never a pass."""
    subjects = {rule.id for rule in ruleset.checks} | {indicator.id for indicator in ruleset.indicators}
    for subject, message in sorted(broken.items()):
        if subject in subjects:
            yield _row(None, subject, "error", "critical", "broken_rule", {"message": message})


def of_figures(ruleset: Ruleset, figures: Sequence[Row], reasons: Mapping[tuple[str, str, int], str]) -> Iterable[Row]:
    """One finding for each line of a listed table and rule that it violates."""
    rules = {rule.id: rule for rule in ruleset.checks}
    for figure in figures:
        for rule_id, numbers in figure["numbers"].items():
            rule = rules[rule_id]
            if rule.check.kind == "parses":
                continue
            status = status_of_violation(rule)
            reason = reasons.get((rule_id, figure["table"], figure["row"])) or "violated"
            numbers = {**{k: figure[k] for k in ("numerator", "denominator", "rate")}, **numbers}
            numbers |= {"file": figure["file"], "line": str(figure["line"])}
            yield _row(
                figure["unit"], rule_id, status, rule.severity, reason, numbers, figure["indicator"], 1,
                mark=figure["line"],
            )  # fmt: skip


def of_indicators(indicators: pl.DataFrame, reported_rules: set[str]) -> pl.DataFrame:
    """Findings of the indicators of units; `reported_rules` are indicators whose figures have rules of their own."""
    wrong = pl.any_horizontal(pl.col("reason").is_in(list(_INDICATOR)), *_BESIDE.values())
    rows = indicators.filter((pl.col("level") == "unit") & wrong)
    ruled = pl.col("indicator").is_in(sorted(reported_rules))
    found = []
    # One figure can be wrong in several ways; the status names the worst, the findings all.
    for reason, (status, severity) in _INDICATOR.items():
        seen = pl.col("reason") == reason
        if reason in _BESIDE:
            seen = seen | pl.col(_BESIDE[reason])
        if reason != "suppressed":
            seen = seen & ~ruled
        found.append(rows.filter(seen).with_columns(
            status=pl.lit(status), severity=pl.lit(severity), reason=pl.lit(reason)
        ))  # fmt: skip
    told = pl.concat(found)
    return _identified(
        told.select(
            "unit", pl.col("indicator").alias("source"), pl.lit(None, pl.String).alias("subject"), "status", "severity",
            "reason", _json(told.select(_NUMBERS)).alias("numbers"), pl.lit(0, pl.Int64).alias("records"),
            pl.lit("").alias("mark"),
        )
    )  # fmt: skip


def _json(rows: pl.DataFrame) -> pl.Series:
    """Each row as a JSON object. The encoder is given whole columns: it writes a number as it does anywhere."""
    pieces: list[pl.Expr] = []
    for column in rows:
        if column.dtype == pl.String:
            texts = [json.dumps(value, ensure_ascii=False) for value in column]
        else:
            texts = json.dumps(column.to_list())[1:-1].split(", ") if len(column) else []
        before = ", " if pieces else "{"
        pieces += [pl.lit(f"{before}{json.dumps(column.name)}: "), pl.lit(pl.Series(texts, dtype=pl.String))]
    return rows.select(pl.concat_str([*pieces, pl.lit("}")])).to_series()


def of_intake(receipt: pl.DataFrame, missing: Iterable[tuple[str, str]], units: set[str]) -> Iterable[Row]:
    """Files and rows that were not taken, numbers that a spreadsheet damaged, and tables that were not submitted."""
    for row in receipt.iter_rows(named=True):
        unit = row["unit"] if row["unit"] in units else None
        numbers = {"file": row["file"], "table": row["table"], "reason": row["reason"], "detail": row["detail"]}
        if row["status"] == "rejected":
            yield _row(unit, "intake", "error", "critical", "file_rejected", numbers, mark=row["file"])
        elif row["status"] == "ignored" and row["reason"] == "unknown_table":
            yield _row(unit, "intake", "needs_review", "minor", "file_rejected", numbers, mark=row["file"])
        elif row["rows_rejected"]:
            numbers["rows"] = str(row["rows_rejected"])
            yield _row(
                unit, "intake", "fail", "major", "rows_rejected", numbers, None, row["rows_rejected"], row["file"]
            )
        for column, counts in sorted(json.loads(row["damage"] or "{}").items()):
            said = {"file": row["file"], "table": row["table"], "column": column}
            said |= {name: str(number) for name, number in counts.items()}
            harmed = max(counts["zeros"], counts["binary"]) + counts["scientific"] + counts["tails"]
            yield _row(unit, "intake", "fail", "major", "numbers_damaged", said, None, harmed, (row["file"], column))
    for unit, table in sorted(missing):
        yield _row(unit, "intake", "not_submitted", "major", "table_not_submitted", {"table": table}, mark=table)


def of_scores(unscored: Mapping[str, str], refused: str | None) -> Iterable[Row]:
    """Units without a score, with the reason, and an allocation that was refused."""
    for unit, why in unscored.items():
        yield _row(unit, "intake", "error", "critical", "no_score", {"reason": why})
    if refused is not None:
        yield _row(None, "intake", "error", "critical", "allocation_refused", {"reason": refused})


def ordered(found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Findings in a fixed order, the gravest first; of those with one id the first that was made."""
    rank = pl.col("severity").replace_strict(_GRAVITY, return_dtype=pl.Int8)
    rows = pl.concat(found).unique("finding", keep="first", maintain_order=True)
    return rows.sort(rank, "unit", "source", "finding")
