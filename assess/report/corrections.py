"""What an institution is to correct before it submits: lines for the terminal, and a workbook for each unit."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from assess.report import folder
from assess.report.book import Book, Column
from assess.report.format import count
from assess.report.language import Language
from assess.report.titles import Titles
from assess.report.wording import Wording, word
from assess.results import page_name

Row = dict[str, Any]
MARK = "corrections.json"
# What cannot be given to any unit; no key of a unit makes such a name.
NOBODY = "_unassigned"
_ABOUT_FILES = ("file_rejected", "rows_rejected", "table_not_submitted", "numbers_damaged")
_SEVERITIES = ("critical", "major", "minor", "info")


@dataclass(frozen=True)
class Corrections:
    """The tables of an assessment that say what is wrong with files and records, and the ruleset, as data."""

    tables: Mapping[str, pl.DataFrame]
    ruleset: Mapping[str, Any]
    language: Language

    @property
    def rules(self) -> dict[str, Row]:
        """The rules by id."""
        return {str(rule["id"]): rule for rule in self.ruleset["checks"]}

    @property
    def findings(self) -> pl.DataFrame:
        """What concerns files and records; indicators, scores and awards are no matter of correction."""
        about_files = (pl.col("source") == "intake") & pl.col("reason").is_in(_ABOUT_FILES)
        return self.tables["findings"].filter(about_files | pl.col("source").is_in(list(self.rules)))

    def worst(self) -> str | None:
        """The gravest severity among the faults, or none. What is to be verified is no fault."""
        faults = self.findings.filter(pl.col("status").is_in(["fail", "error", "not_submitted"]))
        found = set(faults["severity"])
        return next((severity for severity in _SEVERITIES if severity in found), None)

    def lines(self) -> Iterator[str]:
        """One line for each file, and one for each rule that is violated."""
        _, wording = self.language.gettext, Wording(self.language)
        for row in self.tables["receipt"].iter_rows(named=True):
            said = _("{rows_in} rows in = {rows_kept} checked + {rows_rejected} rejected").format(
                **{name: count(row[name]) for name in ("rows_in", "rows_kept", "rows_rejected")}
            )
            if row["status"] != "read":
                said = (
                    f"{word(wording.receipt_statuses, row['status'])}: {wording.receipt(row['reason'], row['detail'])}"
                )
            elif row["cells_rejected"]:
                said += "; " + _("cells not read: {cells}").format(cells=count(row["cells_rejected"]))
            if row["header_line"] is not None and row["header_line"] > 1:
                said += "; " + _("header on line {line}").format(line=row["header_line"])
            yield f"{row['file']}: {said}"
            if row["damage"]:
                yield f"{row['file']}: " + damage_text(self.language)
        broken = self.findings.filter(pl.col("source") != "intake")
        for rule in sorted(set(broken["source"])):
            seen = broken.filter(source=rule)
            title = self.language.text(self.rules[rule]["title"], rule)
            severity = word(wording.severities, seen["severity"][0])
            records = _("{number} records").format(number=count(seen["records"].sum()))
            yield f"{rule} ({severity}): {title}: {records}"
        for table, units in self._missing().items():
            yield _("{table}: not submitted by {number}").format(table=table, number=count(len(units)))

    def _missing(self) -> dict[str, list[str]]:
        missing: dict[str, list[str]] = {}
        for row in self.findings.filter(reason="table_not_submitted").iter_rows(named=True):
            missing.setdefault(self._title(json.loads(row["numbers"])["table"]), []).append(row["unit"])
        return missing

    def _title(self, table: str) -> str:
        return self.language.text(self.ruleset["tables"][table].get("title"), table)

    def write(self, out: Path) -> list[Path]:
        """One workbook for each unit with something to correct, which holds its own records alone.

        Workbooks of an earlier check are taken away. Raises UsageError when other things lie in `out`.
        """
        folder.clear(out, MARK, ".*.xlsx.partial")
        written: list[Path] = []
        for unit, rows in self.by_unit():
            path = out / f"{page_name(unit) if unit is not None else NOBODY}.xlsx"
            with Book(path) as book:
                self.sheets(book, rows)
            written.append(path)
            folder.note(out, MARK, written)
        return written

    def by_unit(self, units: Collection[str] | None = None) -> Iterator[tuple[str | None, pl.DataFrame]]:
        """Each unit (or each of `units`) with everything it has to correct; last, under None, what belongs to nobody.

        One line for each rejected file, row or cell, and for each violating record, by table, file and line.
        """
        receipt = self.tables["receipt"]
        parts = [
            self._owned(frame).partition_by("owner", as_dict=True)
            for frame in (
                receipt.filter(pl.col("status") == "rejected"),
                receipt.filter(pl.col("damage").is_not_null()),
                self.tables["rejects"],
                self.tables["evidence"],
            )
        ]
        owners = {key[0] for part in parts for key in part}
        for owner in sorted(owners - {None}) + ([None] if None in owners else []):
            if units is not None and owner not in units:
                continue
            own = [part.get((owner,)) for part in parts]
            lines = self._lines(*([] if frame is None else frame.iter_rows(named=True) for frame in own))
            rows = pl.DataFrame(list(lines), schema=_SCHEMA)
            if rows.height:
                yield owner, rows.sort("table", "file", "line", maintain_order=True)

    def _owned(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows with their owner: a row goes back to who submitted it, whatever unit it names, or to nobody."""
        folders = self.tables["receipt"].select("file", folder="unit")
        known = self.tables["units"]["unit"].to_list()
        owner = pl.coalesce("folder", "unit")
        return frame.join(folders, on="file", how="left", maintain_order="left").with_columns(
            owner=pl.when(owner.is_in(known)).then(owner)
        )

    def _lines(
        self, files: Iterable[Row], damaged: Iterable[Row], rejects: Iterable[Row], evidence: Iterable[Row]
    ) -> Iterator[Row]:
        wording, rules = Wording(self.language), self.rules
        none: Row = dict.fromkeys(_SCHEMA)
        for row in files:
            wrong = wording.receipt(row["reason"], row["detail"])
            yield {**none, "table": row["table"], "file": row["file"], "severity": "critical", "wrong": wrong}
        for row in damaged:
            for column in json.loads(row["damage"]):
                yield {**none, "table": row["table"], "file": row["file"], "severity": "major",
                       "column": self._column(row["table"], column), "wrong": damage_text(self.language)}  # fmt: skip
        for row in rejects:
            severity = "critical" if row["scope"] == "row" else "major"
            yield {**none, "table": row["table"], "file": row["file"], "line": row["line"], "severity": severity,
                   "column": self._column(row["table"], row["column"]), "wrong": wording.receipt(row["reason"]),
                   "says": row["raw"]}  # fmt: skip
        for row in evidence:
            rule = rules[row["rule"]]
            if rule["check"] == "parses":
                continue  # these cells are among the rejected ones
            said = json.loads(row["record"]).items()
            yield {**none, "table": row["table"], "file": row["file"] or None, "line": row["line"] or None,
                   "severity": rule["severity"], "column": self._column(row["table"], rule.get("column")),
                   "wrong": self._wrong(row, rule, wording), "fix": self.language.text(rule.get("fix")) or None,
                   "says": "; ".join(f"{self._column(row['table'], name)}: {value}" for name, value in said),
                   }  # fmt: skip

    def _column(self, table: str | None, column: str | None) -> str | None:
        """A column by the title that the ruleset gives it, otherwise by its name."""
        if column is None:
            return None
        spec = (self.ruleset["tables"].get(table) or {}).get("columns", {}).get(column) or {}
        return self.language.text(spec.get("title"), column)

    def _wrong(self, row: Row, rule: Row, wording: Wording) -> str:
        reason = _reason(row["reason"], wording)
        title = self.language.text(rule["title"], row["rule"])
        return f"{row['rule']} {title}" + (f": {reason}" if reason else "")

    def sheets(self, book: Book, rows: pl.DataFrame) -> None:
        """One sheet for each table with what is to be corrected in it."""
        _, wording, titles = self.language.gettext, Wording(self.language), Titles(self.language, self.ruleset)
        columns = (Column(_("file"), 28), Column(_("line"), 8, "rank"), Column(_("severity"), 10),
                   Column(_("column"), 16), Column(_("what is wrong"), 48), Column(_("how to correct it"), 48),
                   Column(_("what it says"), 48))  # fmt: skip
        for table in rows["table"].unique(maintain_order=True):
            own = rows.filter(pl.col("table").eq_missing(pl.lit(table, dtype=pl.String))).drop("table")
            lines = (
                (row["file"], row["line"], word(wording.severities, row["severity"]), *(row[name] for name in _TEXTS))
                for row in own.iter_rows(named=True)
            )
            book.table(titles.table(table) if table else _("files"), columns, lines, _("{number} more rows"))


_TEXTS = ("column", "wrong", "fix", "says")
_SCHEMA = {
    "table": pl.String, "file": pl.String, "line": pl.Int64, "severity": pl.String, "column": pl.String,
    "wrong": pl.String, "fix": pl.String, "says": pl.String,
}  # fmt: skip


def _reason(code: str | None, wording: Wording) -> str:
    """Why a record violates its rule, in words; nothing where the rule itself says it all."""
    if code is None:
        return ""
    verdict = wording.verdicts.get(code)
    return wording.evidence_reasons.get(code) or (verdict[0] if verdict else wording.indicator_reasons.get(code, ""))


def damage_text(language: Language) -> str:
    """What happened to numbers that a spreadsheet took for quantities, and how to export them again."""
    return language.gettext(
        "A spreadsheet took long numbers for quantities, and their last digits are lost. Export again from the source, "
        "and format the column as text before anything is pasted into it."
    )
