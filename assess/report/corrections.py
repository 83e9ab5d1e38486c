"""What an institution is to correct before it submits: lines for the terminal, and a workbook for each unit."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from assess.errors import Problem, UsageError
from assess.report.format import count
from assess.report.language import Language
from assess.report.wording import Wording, word
from assess.results import page_name

Row = dict[str, Any]
MARK = "corrections.json"
# What cannot be given to any unit; no key of a unit makes such a name.
NOBODY = "_unassigned"
_ABOUT_FILES = ("file_rejected", "rows_rejected", "table_not_submitted", "numbers_damaged")
_MAX_ROWS = 1_000_000
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
        _clear(out)
        rows = self._rows()
        units: list[str | None] = sorted(set(rows["unit"].drop_nulls())) + ([None] if rows["unit"].null_count() else [])
        written = []
        for unit in units:
            name = f"{page_name(unit) if unit is not None else NOBODY}.xlsx"
            own = rows.filter(pl.col("unit").eq_missing(pl.lit(unit, dtype=pl.String)))
            self._workbook(out / f".{name}.partial", own)
            (out / f".{name}.partial").rename(out / name)
            written.append(out / name)
            (out / MARK).write_text(json.dumps([path.name for path in written]), encoding="utf-8")
        return written

    def _rows(self) -> pl.DataFrame:
        """Everything to be corrected: one line for each rejected file, row or cell, and for each violating record."""
        wording = Wording(self.language)
        known = set(self.tables["units"]["unit"])
        # A row goes back to who submitted it, whatever unit it names; one that names nobody goes to nobody.
        folders = dict(self.tables["receipt"].select("file", "unit").rows())

        def owner(row: Row) -> str | None:
            unit = folders.get(row["file"]) or row["unit"]
            return unit if unit in known else None

        rejected = [
            {
                "unit": owner(row), "table": row["table"], "file": row["file"], "line": row["line"],
                "severity": "critical" if row["scope"] == "row" else "major", "column": row["column"],
                "wrong": wording.receipt(row["reason"]), "fix": None, "says": row["raw"],
            }
            for row in self.tables["rejects"].iter_rows(named=True)
        ]  # fmt: skip
        rules = self.rules
        violating = [
            {
                "unit": owner(row), "table": row["table"], "file": row["file"], "line": row["line"],
                "severity": rule["severity"], "column": rule.get("column"),
                "wrong": self._wrong(row, rule, wording), "fix": self.language.text(rule.get("fix")) or None,
                "says": "; ".join(f"{name}: {value}" for name, value in json.loads(row["record"]).items()),
            }
            for row in self.tables["evidence"].iter_rows(named=True)
            if (rule := rules[row["rule"]])["check"] != "parses"  # these cells are among the rejected ones
        ]  # fmt: skip
        files = [
            {
                "unit": owner(row), "table": row["table"], "file": row["file"], "line": None, "severity": "critical",
                "column": None, "wrong": wording.receipt(row["reason"], row["detail"]), "fix": None, "says": None,
            }
            for row in self.tables["receipt"].filter(status="rejected").iter_rows(named=True)
        ]  # fmt: skip
        files += [
            {
                "unit": owner(row), "table": row["table"], "file": row["file"], "line": None, "severity": "major",
                "column": column, "wrong": damage_text(self.language), "fix": None, "says": None,
            }
            for row in self.tables["receipt"].filter(pl.col("damage").is_not_null()).iter_rows(named=True)
            for column in json.loads(row["damage"])
        ]  # fmt: skip
        text = ("unit", "table", "file", "severity", "column", "wrong", "fix", "says")
        schema = {name: pl.String if name in text else pl.Int64 for name in _COLUMNS}
        frame = pl.DataFrame([*files, *rejected, *violating], schema=schema)
        return frame.sort("table", "file", "line", maintain_order=True)

    def _wrong(self, row: Row, rule: Row, wording: Wording) -> str:
        reason = word(wording.evidence_reasons, row["reason"])
        title = self.language.text(rule["title"], row["rule"])
        return f"{row['rule']} {title}" + (f": {reason}" if reason else "")

    def _workbook(self, path: Path, rows: pl.DataFrame) -> None:
        _, wording = self.language.gettext, Wording(self.language)
        heads = ((_("file"), 28), (_("line"), 8), (_("severity"), 10), (_("column"), 16), (_("what is wrong"), 48),
                 (_("how to correct it"), 48), (_("what it says"), 48))  # fmt: skip
        with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_urls": False}) as book:
            book.set_properties({"created": dt.datetime(1980, 1, 1)})  # noqa: DTZ001 - a fixed one: same input, same bytes
            bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
            names: set[str] = set()
            for table in rows["table"].unique(maintain_order=True):
                own = rows.filter(pl.col("table").eq_missing(pl.lit(table, dtype=pl.String)))
                sheet = book.add_worksheet(_sheet_name(self._title(table) if table else _("files"), names))
                for place, (_head, width) in enumerate(heads):
                    sheet.set_column(place, place, width, wrap)
                for place, (head, _width) in enumerate(heads):
                    sheet.write_string(0, place, head, bold)
                shown = own.head(_MAX_ROWS)
                for number, row in enumerate(shown.iter_rows(named=True), start=1):
                    row["severity"] = word(wording.severities, row["severity"])
                    _write(sheet, number, row)
                if own.height > _MAX_ROWS:
                    left = _("{number} more rows").format(number=count(own.height - _MAX_ROWS))
                    sheet.write_string(_MAX_ROWS + 1, 0, left, bold)
                sheet.freeze_panes(1, 0)
                sheet.autofilter(0, 0, shown.height, len(heads) - 1)


_COLUMNS = ("unit", "table", "file", "line", "severity", "column", "wrong", "fix", "says")


def _write(sheet: Any, number: int, row: Row) -> None:
    for place, name in enumerate(("file", "line", "severity", "column", "wrong", "fix", "says")):
        if isinstance(row[name], int):
            sheet.write_number(number, place, row[name])
        elif row[name] is not None:
            # As a string whatever it begins with: text from a submission is never a formula or a link.
            sheet.write_string(number, place, row[name][:32_000])


def damage_text(language: Language) -> str:
    """What happened to numbers that a spreadsheet took for quantities, and how to export them again."""
    return language.gettext(
        "A spreadsheet took long numbers for quantities, and their last digits are lost. Export again from the source, "
        "and format the column as text before anything is pasted into it."
    )


def _sheet_name(title: str, taken: set[str]) -> str:
    plain = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or "-"
    name, number = plain, 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        name = f"{plain} {number}"
    taken.add(name.casefold())
    return name


def _clear(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    try:
        written = json.loads((out / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        written = []
    old = {MARK, *(name for name in written if isinstance(name, str) and os.sep not in name)}
    partial = {path.name for path in out.glob(".*.xlsx.partial")}
    if others := sorted({path.name for path in out.iterdir()} - old - partial):
        raise UsageError(
            Problem(str(out), 0, 0, "AD003", f"holds other things, such as {others[0]}", "choose another --out")
        )
    for name in (old | partial) & {path.name for path in out.iterdir()}:
        (out / name).unlink()
