"""What the units of each group found and would regain, summed once for all pages of groups."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from assess.report.model import ALL, Assessment, Row
from assess.report.small_cells import SmallCells

Key = tuple[str, str]  # level and group


class GroupSums:
    """Sums by level and group; `small` says which counts of a rule are of too few people to be shown."""

    def __init__(self, assessment: Assessment):
        self._assessment = assessment
        members = [
            (level, str(name), unit)
            for unit, levels in assessment.unit_levels.items()
            for level in assessment.levels
            if (name := levels.get(level))
        ]
        everybody = [("all", "all", unit) for unit in assessment.unit_levels]
        schema = {"level": pl.String, "group": pl.String, "unit": pl.String}
        self._members = pl.DataFrame([*members, *everybody], schema=schema, orient="row")
        self.rules = self._rules()
        self.stakes = self._stakes()
        parts = assessment.parts_of_groups
        personal = {rule: self._is_personal(spec) for rule, spec in assessment.rules.items()}
        cells: dict[Key, Mapping[str, Row]] = {
            key: {rule: _as_cell(row, personal.get(rule, True)) for rule, row in rows.items()}
            for key, rows in self.rules.items()
        }
        self.small = SmallCells(cells, parts, assessment.min_cell)

    def _grouped(self, frame: pl.DataFrame) -> pl.DataFrame:
        return self._members.join(frame, on="unit", how="inner")

    def _rules(self) -> dict[Key, dict[str, Row]]:
        """Records that each rule applied to and that violate it, and how many units have such."""
        measured = self._assessment.frames["measurements"]
        sums = (
            self._grouped(measured)
            .group_by("level", "group", "rule")
            .agg(
                pl.col("applicable", "violated").sum(),
                units=(pl.col("violated") > 0).sum(),
                broken=(pl.col("status") == "error").any(),
            )
        )
        return _by_key(sums.rows(named=True))

    def _stakes(self) -> dict[Key, dict[str, Row]]:
        """What units would regain if each mended a rule alone; a loss to others is none of theirs."""
        single = self._assessment.frames["remedies"].filter(pl.col("rule") != ALL)
        sums = (
            self._grouped(single)
            .group_by("level", "group", "rule")
            .agg(pl.col("points").sum(), pl.col("amount_minor").clip(lower_bound=0).sum())
        )
        return _by_key(sums.rows(named=True))

    def _is_personal(self, spec: Mapping[str, Any]) -> bool:
        """Whether the records of a rule are people; those of a view are taken to be."""
        table = (self._assessment.ruleset.get("tables") or {}).get(spec.get("table"))
        return table is None or any(column.get("personal") for column in table.get("columns", {}).values())

    def awarded(self, units: tuple[str, ...]) -> Decimal:
        """What the units get together, in units of the currency."""
        return sum((self._assessment.awards[unit]["amount"] for unit in units if unit in self._assessment.awards),
                   Decimal(0))  # fmt: skip


def _by_key(rows: list[Row]) -> dict[Key, dict[str, Row]]:
    found: dict[Key, dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["level"], row["group"]), {})[row["rule"]] = row
    return found


def _as_cell(row: Row, personal: bool) -> Row:
    """The sums of a rule as a cell of people, or of something else."""
    violated, applicable = row["violated"], row["applicable"]
    return {"kind": "share" if personal else "count", "numerator": violated, "numerator_verified": violated,
            "denominator": applicable, "denominator_verified": applicable}  # fmt: skip
