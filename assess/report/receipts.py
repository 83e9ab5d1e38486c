"""What arrived and what did not: every row is accounted for, and what is missing, rejected or broken is named."""

from __future__ import annotations

from typing import Any

import polars as pl

from assess.report.format import count, share
from assess.report.model import Assessment, anchor, read_json
from assess.report.wording import word

FILES = 60
# Units that are named for each table they owe.
OWING = 200


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
        (pl.col("status") != "read")
        | (pl.col("rows_rejected") > 0)
        | (pl.col("cells_rejected") > 0)
        | pl.col("damage").is_not_null()
    )
    order = {"rejected": 0, "read": 1, "ignored": 2}
    files = [
        {
            "id": anchor("file", row["file"]),
            "file": row["file"],
            "unit": assessment.names.get(row["unit"] or "", row["unit"] or ""),
            "href": assessment.page(row["unit"]) + "#receipt" if row["unit"] in assessment.names else "",
            "rows_in": count(row["rows_in"]),
            "rejected": count(row["rows_rejected"]),
            "cells": count(row["cells_rejected"]),
            "status": word(assessment.wording.receipt_statuses, row["status"]),
            "tone": "fail" if row["status"] == "rejected" else "",
            "why": assessment.wording.receipt(row["reason"], row["detail"])
            or (_("numbers damaged by a spreadsheet") if row["damage"] else ""),
        }
        for row in not_whole.sort(
            pl.col("status").replace_strict(order, return_dtype=pl.Int8),
            pl.col("rows_rejected") + pl.col("cells_rejected"),
            "file",
            descending=[False, True, False],
        )
        .head(FILES)
        .rows(named=True)
    ]
    return {
        "tables": tables,
        "total": total,
        "files": files,
        "left": max(0, not_whole.height - FILES),
        "reasons": _reasons(assessment),
    }


def _reasons(assessment: Assessment) -> list[tuple[str, str, str, str]]:
    """Rows and cells that were not taken, by table and reason, the most frequent first."""
    _ = assessment.language.gettext
    scopes = {"row": _("row"), "cell": _("cell")}
    rejects = assessment.frames["rejects"].with_columns(
        reason=pl.col("reason").str.split(":").list.first(), column=pl.col("column").fill_null("")
    )
    counts = rejects.group_by("scope", "table", "column", "reason").agg(number=pl.len())
    ordered = counts.sort("number", "table", "column", "reason", "scope", descending=[True, *[False] * 4])
    return [
        (
            scopes[row["scope"]],
            assessment.language.listed(
                filter(None, (assessment.table_title(row["table"]), _column(row["table"], row["column"], assessment)))
            ),
            assessment.wording.receipt(row["reason"]),
            count(row["number"]),
        )
        for row in ordered.head(FILES).rows(named=True)
    ]


def _column(table: str, column: str, assessment: Assessment) -> str:
    return assessment.column_title(table, column) if column else ""


def not_submitted(assessment: Assessment) -> list[dict[str, Any]]:
    """Tables that units owe: how many units, and which."""
    missing: dict[str, list[str]] = {}
    wanted = assessment.frames["findings"].filter(pl.col("reason") == "table_not_submitted").sort("unit", "finding")
    for row in wanted.rows(named=True):
        if row["unit"]:
            missing.setdefault(str(read_json(row["numbers"]).get("table") or ""), []).append(row["unit"])
    every = len(assessment.units)
    return [
        {
            "table": assessment.table_title(table),
            "units": count(len(units)),
            "share": share(len(units), every),
            "links": [(assessment.names.get(unit, unit), assessment.page(unit)) for unit in units[:OWING]],
            "left": count(len(units) - OWING) if len(units) > OWING else "",
        }
        for table, units in sorted(missing.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    ]
