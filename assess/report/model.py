"""The assessment directory in memory, each table cut once by unit."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assess.report.language import Language
from assess.report.wording import Wording
from assess.results import TABLES, Directory, page_name

Row = dict[str, Any]

# Rows of evidence that a page shows for each rule; the rest stays in the table.
SAMPLE = 20
# Tables of which a unit's page shows the unit's own rows.
_BY_UNIT = ("measurements", "score_parts", "findings", "evidence", "figures", "receipt", "rejects", "indicators")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def anchor(kind: str, *keys: str) -> str:
    """An id for a page and its links. Keys may come from submissions, so any but harmless ones are digested."""
    key = "-".join(keys)
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:12] if _UNSAFE.search(key) else key}"


class Assessment:
    """Everything a report is made of, and the names of what it speaks about."""

    def __init__(self, directory: Path, language: Language):
        source = Directory.open(directory)
        self.language = language
        self.wording = Wording(language)
        self.manifest = source.manifest
        self.ruleset = source.ruleset
        self.frames = {name: source.read(name) for name in TABLES}
        self.frames["evidence"] = (
            self.frames["evidence"]
            .sort("unit", "rule", "table", "row")
            .group_by("unit", "rule", maintain_order=True)
            .head(SAMPLE)
        )
        levels = self.frames["indicators"]
        self.unit_indicators = levels.filter(pl.col("level") == "unit")
        self.level_indicators = levels.filter(pl.col("level") != "unit")
        self._parts = {name: self._cut(name) for name in _BY_UNIT}
        self.units = self.frames["units"].sort("unit").rows(named=True)
        self.names = {row["unit"]: row["name"] for row in self.units}
        self.groups = {row["unit"]: row["group"] for row in self.units}
        self.scores = {row["unit"]: row for row in self.frames["scores"].rows(named=True)}
        self.awards = {row["unit"]: row for row in self.frames["awards"].rows(named=True)}
        self._tables = {**self.ruleset.get("tables", {}), **self.ruleset.get("views", {})}
        self.rules = {rule["id"]: rule for rule in self.ruleset.get("checks", ())}
        self.indicators = {indicator["id"]: indicator for indicator in self.ruleset.get("indicators", ())}
        self._figure_of: dict[tuple[str, str], Row] | None = None
        self.overall = {
            row["indicator"]: row for row in self.level_indicators.filter(pl.col("level") == "all").rows(named=True)
        }

        # A rule that did not run concerns every unit, so that every unit's page says so.
        self.broken = [row for row in self.of_unit("findings", None) if row["reason"] == "broken_rule"]
        self.ranked = sum(score["rank"] is not None for score in self.scores.values())
        ranked = [self.groups.get(unit) or "" for unit, score in self.scores.items() if score["rank"] is not None]
        self.group_ranked = Counter(ranked)
        allocation = self.manifest.get("allocation") or {}
        self.currency = str(allocation.get("currency") or "CNY")
        self.pool = Decimal(allocation.get("pool_minor") or 0) / 100
        self.total_weight = Decimal(repr(math.fsum(self.frames["awards"]["weight"].to_list())))

    def _cut(self, name: str) -> dict[str | None, pl.DataFrame]:
        frame = self.unit_indicators if name == "indicators" else self.frames[name]
        return {key[0]: part for key, part in frame.partition_by("unit", as_dict=True).items()}

    def of_unit(self, table: str, unit: str | None) -> list[Row]:
        """A unit's own rows of one table, in the order of the table."""
        part = self._parts[table].get(unit)
        return [] if part is None else part.rows(named=True)

    @property
    def levels(self) -> tuple[str, ...]:
        """The columns that group units, smallest group first."""
        return tuple(self.ruleset.get("unit", {}).get("levels") or ())

    @property
    def group_word(self) -> str:
        """What the first level is called."""
        _ = self.language.gettext
        register = self.ruleset.get("unit", {}).get("table", "")
        return self.column_title(register, self.levels[0]) if self.levels else _("Group")

    def rule_title(self, rule: str) -> str:
        """A rule's name for people."""
        return self.language.text(self.rules.get(rule, {}).get("title"), rule)

    def indicator_title(self, indicator: str) -> str:
        """An indicator's name for people; a figure that only units declare bears the name they gave it."""
        return self.language.text(self.indicators.get(indicator, {}).get("title"), indicator)

    def subject_title(self, subject: str) -> str:
        """The name of an indicator or of a rule."""
        return self.rule_title(subject) if subject in self.rules else self.indicator_title(subject)

    def reported_name(self, indicator: str) -> str:
        """The name under which units report an indicator, so that findings about one figure come together."""
        return str((self.indicators.get(indicator, {}).get("reported") or {}).get("indicator") or indicator)

    def table_title(self, table: str) -> str:
        """A table's name for people."""
        return self.language.text(self._tables.get(table, {}).get("title"), table)

    def column_title(self, table: str, column: str) -> str:
        """A column's name for people; in Chinese the first alias in Chinese serves where there is no title."""
        spec = self._tables.get(table, {}).get("columns", {}).get(column, {})
        if spec.get("title"):
            return self.language.text(spec["title"], column)
        aliases = [alias for alias in spec.get("aliases") or () if re.search("[\u4e00-\u9fff]", alias)]
        return aliases[0] if aliases and self.language.code == "zh" else column

    def grade_title(self, grade: str | None) -> str:
        """A grade's name for people."""
        for known in (self.ruleset.get("score") or {}).get("grades") or ():
            if known["id"] == grade:
                return self.language.text(known.get("title"), known["id"])
        return grade or ""

    def veto_title(self, veto: str) -> str:
        """The heading of a veto: that it is one, and its condition."""
        _ = self.language.gettext
        vetoes = (self.ruleset.get("score") or {}).get("veto") or ()
        title = next((self.language.text(known.get("title"), veto) for known in vetoes if known["id"] == veto), veto)
        return title if _("veto") in title.lower() else _("Veto: {title}").format(title=title)

    def page(self, unit: str) -> str:
        """A unit's page, seen from the index."""
        return f"units/{page_name(unit)}.html"

    def figure(self, unit: str | None, name: str | None) -> Row:
        """The reported figure that a finding speaks about; empty where there is none."""
        if self._figure_of is None:
            self._figure_of = {}
            for row in self.frames["figures"].rows(named=True):
                self._figure_of.setdefault((row["unit"], row["indicator"] or ""), row)
        return self._figure_of.get((unit or "", name or ""), {})


def read_json(text: str | None) -> Row:
    """A JSON object out of a column; empty where there is none."""
    read = json.loads(text) if text else {}
    return read if isinstance(read, dict) else {}
