"""The assessment directory in memory, each table cut once by unit."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from assess.report.cut import Cut
from assess.report.declared import declared
from assess.report.language import Language
from assess.report.score_tree import ONLY_POOL, ScoreTree, pools_of
from assess.report.small_cells import SmallCells
from assess.report.wording import Wording
from assess.results import TABLES, Directory, page_name

Row = dict[str, Any]

# Rows of evidence that a page shows for each rule at most; all are in the workbook of the unit.
SAMPLE = 5
# Tables of which a unit's page shows the unit's own rows.
_BY_UNIT = (
    "measurements", "score_parts", "findings", "evidence", "figures", "receipt", "rejects", "indicators", "mendable",
    "remedies", "pool_awards", "award_steps",
)  # fmt: skip
# The line of remedies that stands for all rules together.
ALL = "*"
# The most signs of a name that are shown.
_NAME = 200
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


@lru_cache(maxsize=16384)
def anchor(kind: str, *keys: str) -> str:
    """An id for a page and its links. Keys may come from submissions, so any but harmless ones are digested."""
    key = "-".join(keys)
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:12] if _UNSAFE.search(key) else key}"


def _short(name: str) -> str:
    """A name that a unit wrote, no longer than a heading takes."""
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one group of a level, by key; `page` is its page as the index sees it."""

    level: str
    name: str
    units: tuple[str, ...]
    page: str


class Assessment:
    """Everything a report is made of, and the names of what it speaks about.

    `min_cell`: counts of persons from 1 to one less are not shown on pages of many units.
    """

    def __init__(self, directory: Path, language: Language, min_cell: int = 5):
        source = Directory.open(directory)
        self.language = language
        self.min_cell = min_cell
        self.wording = Wording(language)
        self.manifest = source.manifest
        self.ruleset = source.ruleset
        self.frames = {name: source.read(name) for name in TABLES}
        # There only where another engine was asked as well.
        self.crosscheck = source.read("crosscheck") if source.has("crosscheck") else None
        self.frames["evidence"] = (
            self.frames["evidence"]
            .sort("row")  # a rule judges one table
            .group_by("unit", "rule", maintain_order=True)
            .head(SAMPLE)
            .sort("unit", "rule", "row")
        )
        score = self.ruleset.get("score") or {}
        self.tree = ScoreTree(score.get("parts") or (), language)
        self.pools = pools_of(self.ruleset.get("allocation") or {})
        self.units = [
            {**row, "name": _short(row["name"])} for row in self.frames["units"].sort("unit").rows(named=True)
        ]
        self.names = {row["unit"]: row["name"] for row in self.units}
        self.groups = {row["unit"]: row["group"] for row in self.units}
        levels = self.frames["indicators"]
        self.unit_indicators = levels.filter(pl.col("level") == "unit")
        self.level_indicators = levels.filter(pl.col("level") != "unit")
        self._cuts = {
            name: Cut(self.unit_indicators if name == "indicators" else self.frames[name]) for name in _BY_UNIT
        }
        self.scores = {row["unit"]: row for row in self.frames["scores"].rows(named=True)}
        self.awards = {row["unit"]: row for row in self.frames["awards"].rows(named=True)}
        self._tables = {**self.ruleset.get("tables", {}), **self.ruleset.get("views", {})}
        self.rules = {rule["id"]: rule for rule in self.ruleset.get("checks", ())}
        self.indicators = {indicator["id"]: indicator for indicator in self.ruleset.get("indicators", ())}
        # Rules whose records can only be taken out.
        self.removing = {
            name: spec
            for name, spec in self.rules.items()
            if spec.get("effect") == "disqualify" and spec.get("mended_by") == "removal"
        }
        self._rule_titles = {name: language.text(spec.get("title"), name) for name, spec in self.rules.items()}
        self.declared = {name: declared(name, spec, language, self.wording) for name, spec in self.indicators.items()}
        self._column_titles: dict[tuple[str, str], str] = {}
        # Titles of the lines of the score, by line and group.
        self.part_titles: dict[tuple[str, str], str] = {}
        self.of_level: dict[tuple[str, str], dict[str, Row]] = {}
        for row in self.level_indicators.rows(named=True):
            self.of_level.setdefault((row["level"], row["unit"]), {})[row["indicator"]] = row
        self.overall = self.of_level.get(("all", "all"), {})
        self.spread = {
            (row["level"], row["group"], row["indicator"]): row for row in self.frames["distributions"].rows(named=True)
        }
        self.peers = {row["unit"]: row["peers"] for row in self.units}
        self.unit_levels = {row["unit"]: read_json(row["levels"]) for row in self.units}
        self.level_groups = self._level_groups()
        self.small = SmallCells(self.of_level, self.parts_of_groups, min_cell)

        self.registered: dict[str, dict[str, str | None]] = {}
        for unit, column, value in self.frames["register"].iter_rows():
            self.registered.setdefault(unit, {})[column] = value
        # A rule that did not run concerns every unit, so that every unit's page says so.
        self.broken = [row for row in self.of_unit("findings", None) if row["reason"] == "broken_rule"]
        self.ranked = sum(score["rank"] is not None for score in self.scores.values())
        ranked = [self.groups.get(unit) or "" for unit, score in self.scores.items() if score["rank"] is not None]
        self.group_ranked = Counter(ranked)
        allocation = self.manifest.get("allocation") or {}
        self.currency = str(allocation.get("currency") or "CNY")
        self.pool = Decimal(allocation.get("pool_minor") or 0) / 100

    def _level_groups(self) -> dict[tuple[str, str], Group]:
        members: dict[tuple[str, str], list[str]] = {}
        for unit, levels in self.unit_levels.items():
            for level in self.levels:
                if levels.get(level):
                    members.setdefault((level, str(levels[level])), []).append(unit)
        return {
            (level, name): Group(level, name, tuple(units), f"groups/{page_name(f'{level}-{name}')}.html")
            for (level, name), units in sorted(members.items(), key=lambda e: (self.levels.index(e[0][0]), e[0][1]))
        }

    @property
    def parts_of_groups(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """The groups that each larger group is made of, and those that all units are; the largest last."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        levels = (*self.levels, "all")
        for group in self.level_groups.values():
            above = levels[self.levels.index(group.level) + 1]
            name = "all" if above == "all" else self.unit_levels[group.units[0]].get(above)
            if name:
                found.setdefault((above, str(name)), []).append((group.level, group.name))
        return found

    def group_above(self, group: Group) -> Group | None:
        """The larger group that a group lies in; none for the largest."""
        place = self.levels.index(group.level) + 1
        if place >= len(self.levels):
            return None
        level = self.levels[place]
        return self.level_groups.get((level, str(self.unit_levels[group.units[0]].get(level))))

    def is_hidden(self, level: str, group: str, indicator: str) -> bool:
        """Whether the figures of a group are not shown on pages of many units, because few people stand behind them."""
        return self.small.hides(level, group, indicator)

    def hidden_text(self, row: Row) -> str:
        """What stands in place of figures that are not shown."""
        return self.small.text(row, self.language.gettext("withheld"))

    def detach(self) -> None:
        """Keep what pages of units and groups ask for as plain objects, so that from now on Polars is not called."""
        for cut in self._cuts.values():
            cut.detach()

    def of_unit(self, table: str, unit: str | None) -> list[Row]:
        """A unit's own rows of one table, in the order of the table."""
        return self._cuts[table].of(unit)

    def cells(self, table: str, unit: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Some columns of a unit's own rows, where a page of many units needs no more."""
        return self._cuts[table].cells(unit, columns)

    @property
    def levels(self) -> tuple[str, ...]:
        """The columns that group units, smallest group first."""
        return tuple(self.ruleset.get("unit", {}).get("levels") or ())

    def level_title(self, level: str) -> str:
        """What a level is called."""
        return self.column_title(self.ruleset.get("unit", {}).get("table", ""), level)

    def pool_title(self, pool: str) -> str:
        """A pool's name for people; a single one that is stated without a name has none."""
        return self.language.text(self.pools.get(pool, {}).get("title"), "" if pool == ONLY_POOL else pool)

    @property
    def group_word(self) -> str:
        """What the first level is called."""
        _ = self.language.gettext
        register = self.ruleset.get("unit", {}).get("table", "")
        return self.column_title(register, self.levels[0]) if self.levels else _("Group")

    def rule_title(self, rule: str) -> str:
        """A rule's name for people."""
        return self._rule_titles.get(rule, rule)

    def indicator_title(self, indicator: str) -> str:
        """An indicator's name for people; a figure that only units declare bears the name they gave it."""
        known = self.declared.get(indicator)
        return _short(indicator) if known is None else known.title

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
        known = self._column_titles.get((table, column))
        if known is None:
            known = self._column_titles[table, column] = self._column_title(table, column)
        return known

    def _column_title(self, table: str, column: str) -> str:
        spec = self._tables.get(table, {}).get("columns", {}).get(column, {})
        if spec.get("title"):
            return self.language.text(spec["title"], column)
        aliases = [alias for alias in spec.get("aliases") or () if re.search("[\u4e00-\u9fff]", alias)]
        return aliases[0] if aliases and self.language.code == "zh" else column

    @property
    def grades(self) -> list[Row]:
        """The grades as the ruleset states them, the best first."""
        declared = (self.ruleset.get("score") or {}).get("grades") or ()
        return sorted(declared, key=lambda grade: -float(grade["min"]))

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
        own = self.of_unit("figures", unit) if unit else ()
        return next((row for row in own if (row["indicator"] or "") == (name or "")), {})


def read_json(text: str | None) -> Row:
    """A JSON object out of a column; empty where there is none."""
    read = json.loads(text) if text else {}
    return read if isinstance(read, dict) else {}


@lru_cache(maxsize=4096)
def read_list(text: str | None) -> tuple[str, ...]:
    """A JSON list of names out of a column; empty where there is none. The same lists come again and again."""
    read = json.loads(text) if text else ()
    return tuple(str(each) for each in read) if isinstance(read, list) else ()
