"""What arrived, and what was paid: the two places where every row and every cent is accounted for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from assess.report.format import count, money, rate, share
from assess.report.model import Assessment, anchor, read_json
from assess.report.wording import word

FILES = 60


def allocation(assessment: Assessment) -> dict[str, Any] | None:
    """The pool, what was awarded, and the difference; None where the ruleset splits nothing."""
    spec, made = assessment.ruleset.get("allocation"), assessment.manifest.get("allocation")
    if not made or not spec:
        return None
    currency, language = assessment.currency, assessment.language
    _ = language.gettext
    awarded = sum((row["amount"] for row in assessment.awards.values()), Decimal(0))
    by_group: dict[str, list[Decimal]] = {}
    for unit, row in assessment.awards.items():
        by_group.setdefault(assessment.groups[unit] or _("no group"), []).append(row["amount"])
    coefficient = spec.get("coefficient") or {}
    formula = _("coefficient = score ÷ full marks")
    if coefficient.get("method") == "cliff":
        formula = _("coefficient = 1 from {full_from} of full marks, below it score ÷ full marks")
    return {
        "refused": assessment.wording.receipt(made.get("refused")),
        "pool": money(assessment.pool, currency),
        "pool_value": f"{assessment.pool:.2f}",
        "awarded": money(awarded, currency),
        "awarded_value": f"{awarded:.2f}",
        "difference": money(assessment.pool - awarded, currency),
        "basis": str((spec.get("basis") or {}).get("sum") or ""),
        "formula": formula.format(full_from=rate(coefficient.get("full_from"))),
        "groups": [
            (group, count(len(amounts)), share(sum(amounts), assessment.pool), money(sum(amounts), currency))
            for group, amounts in sorted(by_group.items())
        ],
    }


def intake(assessment: Assessment) -> dict[str, Any]:
    """What arrived by table, and every file that was not taken whole."""
    receipt = assessment.frames["receipt"]
    sums = receipt.group_by("table", maintain_order=True).agg(
        pl.len().alias("files"), pl.col("rows_in", "rows_kept", "rows_rejected", "cells_rejected").sum()
    )
    _ = assessment.language.gettext
    columns = ("files", "rows_in", "rows_kept", "rows_rejected", "cells_rejected")
    tables = [
        (
            assessment.table_title(row["table"]) if row["table"] else _("no table"),
            [count(row[name]) for name in columns],
        )
        for row in sums.sort("table", nulls_last=True).rows(named=True)
    ]
    total = [count(receipt.height), *(count(receipt[name].sum()) for name in columns[1:])]
    not_whole = receipt.filter(
        (pl.col("status") != "read") | (pl.col("rows_rejected") > 0) | (pl.col("cells_rejected") > 0)
    )
    files = [
        {
            "id": anchor("file", row["file"]),
            "file": row["file"],
            "unit": assessment.names.get(row["unit"] or "", row["unit"] or ""),
            "rows_in": count(row["rows_in"]),
            "rejected": count(row["rows_rejected"]),
            "cells": count(row["cells_rejected"]),
            "status": word(assessment.wording.receipt_statuses, row["status"]),
            "taken": row["status"] == "read",
            "why": assessment.wording.receipt(row["reason"], row["detail"]),
        }
        for row in not_whole.sort("status", "file").head(FILES).rows(named=True)
    ]
    return {"tables": tables, "total": total, "files": files, "left": max(0, not_whole.height - FILES)}


def not_submitted(assessment: Assessment) -> list[tuple[str, str, str]]:
    """Units that did not submit a table they owe: unit, its page, and the tables."""
    missing: dict[str, list[str]] = {}
    wanted = assessment.frames["findings"].filter(pl.col("reason") == "table_not_submitted").sort("unit", "finding")
    for row in wanted.rows(named=True):
        if row["unit"]:
            table = str(read_json(row["numbers"]).get("table") or "")
            missing.setdefault(row["unit"], []).append(assessment.table_title(table))
    return [
        (assessment.names.get(unit, unit), assessment.page(unit), assessment.language.listed(tables))
        for unit, tables in missing.items()
    ]
