"""The records behind a number: where they were submitted, why they fail, and what they say, masked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from assess.engine.backend import Outcome
from assess.engine.plan import FILE, LINE, ROW, TablePlan, flag_of, number_of
from assess.ruleset.spec import Reported, Rule
from assess.tables import Table, masked


def evidence(plan: TablePlan, outcome: Outcome, files: Sequence[str], *, unmask: bool = False) -> pl.DataFrame:
    """One line for each rule and violating record: rule, unit, table, row, file, line, reason, record (JSON)."""
    rules = [rule for rule in plan.record_rules if rule.id not in outcome.broken]
    violated = outcome.failing.select(pl.col(flag_of(rule.id)).not_().any() for rule in rules)
    frames = [
        _of_rule(plan, rule, outcome.failing, files, unmask=unmask)
        for rule in rules
        if violated[flag_of(rule.id)].any()
    ]
    return pl.concat(frames).collect(engine="in-memory") if frames else _SHAPE.clear()


_SHAPE = pl.DataFrame(
    schema={
        "rule": pl.String,
        "unit": pl.String,
        "table": pl.String,
        "row": pl.Int64,
        "file": pl.String,
        "line": pl.Int64,
        "reason": pl.String,
        "record": pl.String,
    }
)


def shown(name: str, table: Table, *, unmask: bool = False) -> pl.Expr:
    """A column as text for people, masked where it is personal."""
    text = pl.col(name).cast(pl.String)
    return (masked(text) if table.columns[name].personal and not unmask else text).alias(name)


def _of_rule(plan: TablePlan, rule: Rule, failing: pl.DataFrame, files: Sequence[str], *, unmask: bool) -> pl.LazyFrame:
    rows = failing.lazy().filter(pl.col(flag_of(rule.id)).not_())
    reasons = [pl.when(expr).then(pl.lit(name)) for name, expr in rule.check.reasons().items()]
    reason = pl.coalesce(reasons) if reasons else pl.lit(None, dtype=pl.String)
    # The reader needs to find the record again (what identifies it) and to see what is wrong with it (what was read).
    read = [column for _, column in rule.check.reads() if column in plan.table.columns]
    personal = [name for name, column in plan.table.columns.items() if column.personal]
    about = [plan.per] if plan.per is not None else []  # a row of a view stands in no file: its key says which it is
    columns = list(dict.fromkeys([*about, *personal, *read]))
    record = (
        pl.struct([shown(name, plan.table, unmask=unmask) for name in columns]).struct.json_encode()
        if columns
        else pl.lit("{}")
    )
    numbers = pl.Series("files", list(files), dtype=pl.String)
    return rows.select(
        rule=pl.lit(rule.id),
        unit=pl.col(plan.unit_key),
        table=pl.lit(plan.name),
        row=pl.col(ROW).cast(pl.Int64),
        file=pl.lit(numbers).gather(pl.col(FILE)).fill_null(""),
        line=pl.col(LINE).cast(pl.Int64),
        reason=reason,
        record=record,
    ).cast(_SHAPE.schema)


# What a line of a listed table is called, by the kind of the first rule (in this order) that it violates.
_VERDICTS = (
    ("within_ceiling", "implausible"),
    ("ratio_agrees", "disagrees"),
    ("rate_feasible", "infeasible"),
    ("parts_sum", "parts_differ"),
    ("implied_base_agrees", "base_disagrees"),
    ("rounded_half_up", "truncated"),
)


def figures(
    plan: TablePlan, outcome: Outcome, files: Sequence[str], reported: Reported | None, *, unmask: bool = False
) -> list[dict[str, Any]]:
    """Every line of a listed table with its verdict, for the table `figures` of the assessment directory."""
    if outcome.listed is None or outcome.listed.is_empty():
        return []
    rules = [rule for rule in plan.record_rules if rule.id not in outcome.broken]
    hints = _hints(rules, outcome.listed, plan)
    explains = {rule.id: tuple(rule.check.numbers()) for rule in rules}
    roles = reported if reported is not None and reported.table == plan.name else None
    masked_rows = outcome.listed.select([shown(name, plan.table, unmask=unmask) for name in plan.table.columns])
    records = masked_rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    # Many lines have the same outcomes.
    said: dict[tuple[bool | None, ...], str] = {}
    judged = outcome.listed.select(flag_of(rule.id) for rule in rules).rows() or [()] * outcome.listed.height
    lines = []
    for row, record, written, flags in zip(
        outcome.listed.to_dicts(), masked_rows.to_dicts(), records, judged, strict=True
    ):
        outcomes = dict(zip((rule.id for rule in rules), flags, strict=True))
        if flags not in said:
            said[flags] = json.dumps(outcomes, ensure_ascii=False)
        marks = {name: _role(record, roles, name) for name in ("indicator", "kind", "scale", *_PRINTED)}
        withheld = _withheld(plan.table, roles, marks)
        lines.append(
            {
                "unit": row[plan.unit_key],
                "table": plan.name,
                "row": row[ROW],
                "file": files[row[FILE]],
                "line": row[LINE],
                **marks,
                "progress": _progress(marks),
                "verdict": _verdict(rules, outcomes, marks, withheld=withheld),
                "outcomes": said[flags],
                "record": written,
                "numbers": {
                    rule.id: {
                        **{name: row[number_of(rule.id, name)] for name in explains[rule.id]},
                        **hints.get((rule.id, row[ROW]), {}),
                    }
                    for rule in rules
                    if outcomes[rule.id] is False
                },
            }
        )
    return lines


_PRINTED = ("numerator", "denominator", "rate", "target")


def _role(record: dict[str, str | None], roles: Reported | None, name: str) -> str | None:
    column = getattr(roles, name) if roles is not None else None
    return record[column] if column is not None else None


def _withheld(table: Table, roles: Reported | None, marks: dict[str, str | None]) -> bool:
    if roles is None:
        return False
    return any(
        marks[name] is not None and marks[name] in table.columns[getattr(roles, name)].suppressed
        for name in ("numerator", "denominator", "rate")
    )


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _progress(marks: dict[str, str | None]) -> float | None:
    rate, target = _number(marks["rate"]), _number(marks["target"])
    return rate / target if rate is not None and target else None


def _verdict(
    rules: Sequence[Rule], outcomes: dict[str, bool | None], marks: dict[str, str | None], *, withheld: bool
) -> str:
    violated = {rule.check.kind for rule in rules if outcomes[rule.id] is False}
    satisfied = {rule.check.kind for rule in rules if outcomes[rule.id] is True}
    for kind, verdict in _VERDICTS:
        if kind in violated:
            return verdict
    if withheld:
        return "suppressed"
    if "ratio_agrees" in satisfied:
        return "agrees"
    if "parts_sum" in satisfied:
        return "parts_agree"
    if marks["rate"] is None:
        return "noted"
    # A rate of a kind that has no ceiling may pass 100 %: it is said to be legal, so that nobody wonders.
    judged = any(rule.check.kind == "within_ceiling" for rule in rules)
    return "legal" if judged and "within_ceiling" not in satisfied else "unverifiable"


def _hints(rules: Sequence[Rule], listed: pl.DataFrame, plan: TablePlan) -> dict[tuple[str, int], dict[str, str]]:
    found: dict[tuple[str, int], dict[str, str]] = {}
    rows = listed.select(*plan.table.columns, ROW)
    for rule in rules:
        violated = listed.filter(pl.col(flag_of(rule.id)).not_()).select(*plan.table.columns, ROW)
        if violated.is_empty():
            continue
        for hint in rule.check.hints(violated, rows).to_dicts():
            row = hint.pop(ROW)
            found[(rule.id, row)] = hint
    return found
