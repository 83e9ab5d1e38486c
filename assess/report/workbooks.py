"""Workbooks of an assessment directory: one for each unit with the rows to correct, and one of all units."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assess.errors import Problem, UsageError, did_you_mean
from assess.report import folder
from assess.report.all_book import AllBook
from assess.report.book import Book, Column
from assess.report.corrections import NOBODY, Corrections
from assess.report.format import minor, points
from assess.report.language import Language
from assess.report.titles import Titles, legible
from assess.report.wording import Wording, word
from assess.results import TABLES, Directory, page_name

MARK = "workbooks.json"
# No key of a unit makes such a name.
EVERYBODY = "_all"


def write(directory: Path, out: Path, lang: str, units: Sequence[str] = ()) -> list[Path]:
    """Write the workbooks into `out`, from the tables alone, and return their paths; records are masked as in these.

    `units` limits it to their workbooks, without the one of all. A unit with nothing to correct gets none. Raises
    UsageError for a unit that is not there, and when other things lie in `out`.
    """
    source = Directory.open(directory)
    tables = {name: source.read(name) for name in TABLES}
    known = tables["units"]["unit"].to_list()
    if unknown := [unit for unit in units if unit not in known]:
        raise UsageError(
            [Problem(str(directory), 0, 0, "RP002", f"there is no unit {unit!r}", did_you_mean(unit, known))
             for unit in unknown]
        )  # fmt: skip
    language = Language(lang)
    ruleset, manifest = source.ruleset, source.manifest
    folder.clear(out, MARK, ".*.xlsx.partial")
    written: list[Path] = []
    corrections = Corrections(tables, ruleset, language)
    about = About(tables, Titles(language, ruleset), manifest)
    for unit, rows in corrections.by_unit(set(units) or None):
        path = out / f"{page_name(unit) if unit is not None else NOBODY}.xlsx"
        with Book(path) as book:
            if unit is not None:
                book.pairs(language.gettext("About"), about.lines(unit, rows.height))
                about.to_do(book, unit)
            corrections.sheets(book, rows)
        written.append(path)
        folder.note(out, MARK, written)
    if not units:
        written.append(out / f"{EVERYBODY}.xlsx")
        AllBook(tables, about.titles, manifest).write(written[-1])
        folder.note(out, MARK, written)
    return written


class About:
    """What the first sheets of a unit's workbook say: where the unit stands, and what putting records right brings."""

    def __init__(self, tables: dict[str, pl.DataFrame], titles: Titles, manifest: dict[str, Any]):
        self.titles, self.language = titles, titles.language
        self.manifest = manifest
        self.units = {row["unit"]: row for row in tables["units"].iter_rows(named=True)}
        self.scores = {row["unit"]: row for row in tables["scores"].iter_rows(named=True)}
        self.minor = dict(tables["awards"].select("unit", "amount_minor").iter_rows())
        self.currency = str((manifest.get("allocation") or {}).get("currency") or "CNY")
        self.remedies = {key[0]: frame for key, frame in tables["remedies"].partition_by("unit", as_dict=True).items()}
        violated = tables["measurements"].filter(pl.col("violated") > 0)
        self.violated = {key[0]: frame for key, frame in violated.partition_by("unit", as_dict=True).items()}

    def lines(self, unit: str, rows: int) -> Iterator[tuple[str, Any]]:
        """Name by name: the unit, its score and award, and what the workbook rests on."""
        _ = self.language.gettext
        row, score = self.units[unit], self.scores.get(unit)
        ruleset, period = self.manifest.get("ruleset") or {}, self.manifest.get("period") or {}
        yield _("Unit"), f"{legible(row['name'], 200)} ({legible(unit)})"
        for level, value in json.loads(row["levels"]).items():
            yield self.titles.level_word(level), value
        yield _("Ruleset"), f"{self.titles.ruleset_title} · {ruleset.get('id', '')} {ruleset.get('version', '')}"
        if period.get("as_of"):
            yield _("Assessed as of"), self.language.date(period["as_of"])
        if score is not None:
            said = f"{points(score['score'], 2)} / {points(score['max'], 0)}"
            yield _("Score"), said if score["score"] is not None else "—"
            yield _("Grade"), self.titles.grade(score["grade"])
            yield _("Rank among all units"), str(score["rank"] or "—")
        if unit in self.minor:
            yield _("Award"), minor(self.minor[unit], self.currency)
        yield _("Rows to correct"), str(rows)
        how = _(
            "Each sheet holds one table as it was submitted. File and line say where a row stands, and the other "
            "columns what is wrong and how to correct it. Correct the source, not this workbook, and submit again."
        )
        yield _("How to read it"), how
        masked = _("shown unmasked, as asked for by a flag") if self.manifest.get("unmasked") else _("masked")
        yield _("Personal data"), masked
        yield _("Digest of all inputs"), str(self.manifest.get("inputs_sha256") or "")

    def to_do(self, book: Book, unit: str) -> None:
        """A sheet with every violated rule, those that bring most points first."""
        _, wording = self.language.gettext, Wording(self.language)
        frame = self.violated.get(unit)
        if frame is None:
            return
        gains = {row["rule"]: row for row in
                 (self.remedies[unit].iter_rows(named=True) if unit in self.remedies else ())}  # fmt: skip
        rows = []
        for row in frame.iter_rows(named=True):
            rule, gain = self.titles.rules.get(row["rule"], {}), gains.get(row["rule"], {})
            money = gain.get("amount_minor")
            examples = rule.get("examples") or {}
            rows.append(
                (
                    row["rule"], self.titles.rule(row["rule"]), self.titles.table(row["table"]),
                    word(wording.severities, rule.get("severity")), row["violated"], row["applicable"],
                    gain.get("points"), Decimal(money) / 100 if money is not None else None,
                    self.language.text(rule.get("fix")), self._example(row["table"], examples.get("fail")),
                    self._example(row["table"], examples.get("pass")), self.language.text(rule.get("source")),
                )
            )  # fmt: skip
        rows.sort(key=lambda each: (-(each[6] or 0), -(each[7] or 0), -each[4], each[0]))
        columns = (
            Column(_("Rule"), 16), Column(_("what is wrong"), 40), Column(_("Table"), 18), Column(_("severity"), 10),
            Column(_("Records"), 9, "count"), Column(_("of"), 9, "count"), Column(_("Points to regain"), 10, "points"),
            Column(_("Money to regain"), 13, "money"), Column(_("how to correct it"), 48), Column(_("Wrong"), 26),
            Column(_("Right"), 26), Column(_("Source"), 26),
        )  # fmt: skip
        book.table(_("To do"), columns, rows)

    def _example(self, table: str, examples: Any) -> str:
        """The first example of a rule in words."""
        first = examples[0] if examples else None
        if isinstance(first, dict):
            stated = ((name, value) for name, value in first.items() if value is not None)
            return "; ".join(f"{self.titles.column(table, name)}: {value}" for name, value in stated)
        return "" if first is None else str(first)
