"""The workbook of all units: ranking, indicators, scores, awards, findings by rule, and the receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from assess.report.book import Book, Column, Figure
from assess.report.format import minor, scale_of
from assess.report.titles import Titles, legible
from assess.report.wording import Wording, word

Rows = Iterator[tuple[Any, ...]]
_ONLY_ALL = "all"


class AllBook:
    """The sheets of the workbook; every figure stands as it is in the tables, and there is no formula."""

    def __init__(self, tables: Mapping[str, pl.DataFrame], titles: Titles, manifest: Mapping[str, Any]):
        self.tables, self.titles, self.manifest = tables, titles, manifest
        self.language = titles.language
        self.wording = Wording(self.language)
        self.names = dict(tables["units"].select("unit", "name").iter_rows())
        self.groups = dict(tables["units"].select("unit", "group").iter_rows())
        self.minor = dict(tables["awards"].select("unit", "amount_minor").iter_rows())

    def write(self, path: Path) -> None:
        """Write the workbook; sheets without a row are left out."""
        _ = self.language.gettext
        key = (Column(_("Unit"), 14), Column(_("Name"), 30), Column(self.titles.group_word, 14))
        with Book(path) as book:
            book.pairs(_("About"), self._about())
            self._ranking(book, key)
            self._indicators(book, key)
            self._parts(book, key)
            self._awards(book, key)
            self._rules(book)
            self._receipt(book)

    def _about(self) -> Iterator[tuple[str, Any]]:
        _ = self.language.gettext
        manifest, ruleset = self.manifest, self.manifest.get("ruleset") or {}
        money, counts = manifest.get("allocation"), manifest.get("counts") or {}
        yield _("Ruleset"), f"{self.titles.ruleset_title} · {ruleset.get('id', '')} {ruleset.get('version', '')}"
        if (manifest.get("period") or {}).get("as_of"):
            yield _("Assessed as of"), self.language.date(manifest["period"]["as_of"])
        yield _("Units"), len(self.names)
        rows = {name: f"{counts.get(name, 0):,}" for name in ("rows_in", "rows_kept", "rows_rejected")}
        yield _("Submissions"), _("{rows_in} rows in = {rows_kept} checked + {rows_rejected} rejected").format(**rows)
        if money is not None and money.get("refused"):
            yield _("Award"), _("The allocation was refused: {why}").format(why=money["refused"])
        elif money is not None:
            currency = str(money.get("currency") or "CNY")
            yield _("Pool"), minor(money["pool_minor"], currency)
            yield _("Sum of all awards"), minor(sum(self.minor.values()), currency)
            yield _("Kept back"), minor(money.get("kept_minor") or 0, currency)
        masked = _("shown unmasked, as asked for by a flag") if manifest.get("unmasked") else _("masked")
        yield _("Personal data"), masked
        yield _("Digest of the ruleset"), str(ruleset.get("sha256") or "")
        yield _("Digest of all inputs"), str(manifest.get("inputs_sha256") or "")
        yield _("Command"), str(manifest.get("command") or "")

    def _unit(self, unit: str | None) -> tuple[str, str, str]:
        if unit is None:
            return "", "", ""
        return legible(unit), legible(self.names.get(unit, ""), 200), legible(self.groups.get(unit) or "")

    def _ranking(self, book: Book, key: tuple[Column, ...]) -> None:
        _ = self.language.gettext
        if self.tables["scores"].is_empty():
            return
        columns = (
            Column(_("Rank"), 7, "rank"), *key, Column(_("Score"), 10, "points"), Column(_("Full marks"), 10, "points"),
            Column(_("Grade"), 12), Column(_("Rank in the group"), 9, "rank"), Column(_("Award"), 16, "money"),
            Column(_("Vetoes"), 24), Column(_("Why"), 36),
        )  # fmt: skip
        rows = self.tables["scores"].sort("rank", "unit", nulls_last=True).iter_rows(named=True)

        def lines() -> Rows:
            for row in rows:
                vetoes = (self.titles.part(f"veto:{veto}", "", "veto") for veto in json.loads(row["vetoes"]))
                paid = self.minor.get(row["unit"])
                yield (
                    row["rank"], *self._unit(row["unit"]), row["score"], row["max"], self.titles.grade(row["grade"]),
                    row["group_rank"], Decimal(paid) / 100 if paid is not None else None,
                    self.language.listed(vetoes), word(self.wording.score_reasons, row["why"]),
                )  # fmt: skip

        book.table(_("Ranking"), columns, lines())

    def _indicators(self, book: Book, key: tuple[Column, ...]) -> None:
        _ = self.language.gettext
        figures = (
            Column(_("Indicator"), 16), Column(_("Title"), 28), Column(_("Kind"), 10),
            Column(_("Numerator"), 12, "count"), Column(_("Denominator"), 12, "count"),
            Column(_("Excluded"), 10, "count"), Column(_("Verified numerator"), 12, "count"),
            Column(_("Verified denominator"), 12, "count"), Column(_("Reported"), 11), Column(_("Counted"), 11),
            Column(_("Verified"), 11), Column(_("Scored"), 11), Column(_("Target"), 11),
            Column(_("Target of the day"), 11), Column(_("Percentile"), 11, "percent"), Column(_("Before"), 11),
            Column(_("Status"), 14), Column(_("Why"), 30),
        )  # fmt: skip
        frame = self.tables["indicators"]
        own = frame.filter(pl.col("level") == "unit").sort("unit", "indicator")
        if not own.is_empty():
            lines = ((*self._unit(row["unit"]), *self._figures(row)) for row in own.iter_rows(named=True))
            book.table(_("Indicators"), (*key, *figures), lines)
        levels = frame.filter(pl.col("level") != "unit").sort("level", "unit", "indicator")
        if not levels.is_empty():
            head = (Column(_("Level"), 12), Column(_("Group"), 18), Column(_("Units"), 8, "count"))
            lines = ((*self._level(row), *self._figures(row)) for row in levels.iter_rows(named=True))
            book.table(_("Indicators by level"), (*head, *figures), lines)

    def _level(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        if row["level"] == _ONLY_ALL:
            return self.language.gettext("All units"), "", row["units"]
        return self.titles.level_word(row["level"]), legible(row["unit"]), row["units"]

    def _figures(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        kind, scale = row["kind"], scale_of(row["kind"])

        def shown(name: str) -> Figure | None:
            value = row[name]
            if value is None:
                return None
            return Figure(value * 1000 if scale == "per_mille" else value, scale)

        return (
            row["indicator"], self.titles.indicator(row["indicator"]), word(self.wording.kinds, kind),
            row["numerator"], row["denominator"], row["excluded"], row["numerator_verified"],
            row["denominator_verified"],
            *(shown(name) for name in ("reported", "raw", "verified", "scored", "target", "target_now")),
            row["percentile"], shown("previous"), self.wording.status(row["status"]).word,
            word(self.wording.indicator_reasons, row["reason"]),
        )  # fmt: skip

    def _parts(self, book: Book, key: tuple[Column, ...]) -> None:
        _ = self.language.gettext
        frame = self.tables["score_parts"].sort("unit", "position")
        if frame.is_empty():
            return
        columns = (
            *key, Column(_("Item"), 30), Column(_("Groups"), 22), Column(_("Method"), 20), Column(_("Rate"), 10),
            Column(_("Target"), 10), Column(_("Amount"), 10, "count"), Column(_("Points stated"), 10, "points"),
            Column(_("Points possible"), 10, "points"), Column(_("Points given"), 10, "points"),
            Column(_("Lost"), 10, "points"), Column(_("Why"), 26), Column(_("Formula"), 44), Column(_("Note"), 26),
        )  # fmt: skip
        methods = self.wording.methods

        def lines() -> Rows:
            for row in frame.iter_rows(named=True):
                scale = scale_of(self.titles.kind(row["subject"]))
                by = 1000 if scale == "per_mille" else 1
                rate, target = (None if row[name] is None else Figure(row[name] * by, scale)
                                for name in ("rate", "target"))  # fmt: skip
                yield (
                    *self._unit(row["unit"]), self.titles.part(row["part"], row["subject"], row["method"]),
                    self.titles.groups(row["group"]), word(methods, row["method"]), rate, target,
                    row["amount"], row["points"], row["possible"], row["given"], row["lost"],
                    word(self.wording.part_reasons, row["why"]), row["formula"], row["note"],
                )  # fmt: skip

        book.table(_("Items of the score"), columns, lines())

    def _awards(self, book: Book, key: tuple[Column, ...]) -> None:
        _ = self.language.gettext
        if self.tables["awards"].is_empty():
            return
        names = ("amount", "prepaid", "carried", "waived", "settlement")
        heads = (_("Award"), _("Paid in advance"), _("Carried to the next period"), _("Waived"), _("To be settled"))
        columns = (*key, *(Column(head, 15, "money") for head in heads))
        frame = self.tables["awards"].sort("unit")
        lines = ((*self._unit(row["unit"]), *(row[name] for name in names)) for row in frame.iter_rows(named=True))
        book.table(_("Awards"), columns, lines)
        figures = (("basis", _("Basis"), "count"), ("quality", _("Quality"), "figure"),
                   ("coefficient", _("Coefficient"), "figure"), ("weight", _("Weight"), "count"),
                   ("share", _("Share"), "percent"), ("entitlement", _("Entitlement"), "exact"),
                   ("exact", _("Exact amount"), "exact"), ("rounding", _("Rounding"), "exact"),
                   ("amount", _("Award"), "money"))  # fmt: skip
        columns = (*key, Column(_("Pool"), 16), *(Column(head, 14, kind) for _name, head, kind in figures))
        frame = self.tables["pool_awards"].sort("unit", "pool")
        lines = (
            (*self._unit(row["unit"]), self.titles.pool(row["pool"]), *(row[name] for name, _head, _kind in figures))
            for row in frame.iter_rows(named=True)
        )
        book.table(_("Awards by pool"), columns, lines)
        columns = (*key, Column(_("Pool"), 16), Column(_("Step"), 24), Column(_("Amount"), 18, "exact"),
                   Column(_("Formula"), 50))  # fmt: skip
        frame = self.tables["award_steps"].sort("unit", "position")
        lines = (
            (
                *self._unit(row["unit"]), self.titles.pool(row["pool"]) if row["pool"] else _("All pools"),
                word(self.wording.steps, row["step"]), row["amount"], json.loads(row["note"]).get("formula"),
            )
            for row in frame.iter_rows(named=True)
        )  # fmt: skip
        book.table(_("Steps of the award"), columns, lines)

    def _rules(self, book: Book) -> None:
        _ = self.language.gettext
        columns = (
            Column(_("Rule"), 16), Column(_("Title"), 40), Column(_("Table"), 18), Column(_("Severity"), 10),
            Column(_("Effect"), 34), Column(_("Units"), 8, "count"), Column(_("Records"), 10, "count"),
            Column(_("of"), 10, "count"), Column(_("Share"), 10, "percent"), Column(_("Points at stake"), 12, "points"),
            Column(_("Money at stake"), 15, "money"),
        )  # fmt: skip
        sums = self.tables["measurements"].group_by("rule").agg(
            pl.col("applicable", "violated").sum(), units=(pl.col("violated") > 0).sum()
        )  # fmt: skip
        found = {row["rule"]: row for row in sums.iter_rows(named=True)}
        stakes = self.tables["remedies"].group_by("rule").agg(pl.col("points").sum(), pl.col("amount_minor").sum())
        stake = {row["rule"]: row for row in stakes.iter_rows(named=True)}

        def lines() -> Rows:
            for rule in sorted(found, key=lambda rule: (-found[rule]["violated"], rule)):
                row, spec, own = found[rule], self.titles.rules.get(rule, {}), stake.get(rule, {})
                money = own.get("amount_minor") if self.minor else None
                yield (
                    rule, self.titles.rule(rule), self.titles.table(spec.get("table", "")),
                    word(self.wording.severities, spec.get("severity")), word(self.wording.effects, spec.get("effect")),
                    row["units"], row["violated"], row["applicable"],
                    row["violated"] / row["applicable"] if row["applicable"] else None, own.get("points"),
                    Decimal(money) / 100 if money is not None else None,
                )  # fmt: skip

        book.table(_("Findings by rule"), columns, lines())

    def _receipt(self, book: Book) -> None:
        _ = self.language.gettext
        columns = (
            Column(_("File"), 34), Column(_("Table"), 18), Column(_("Unit"), 14), Column(_("Outcome"), 12),
            Column(_("Rows in"), 10, "count"), Column(_("Rows kept"), 10, "count"),
            Column(_("Rows rejected"), 10, "count"), Column(_("Cells rejected"), 10, "count"), Column(_("Why"), 40),
            Column(_("Digest"), 30),
        )  # fmt: skip
        lines = (
            (
                row["file"], self.titles.table(row["table"]) if row["table"] else "", row["unit"],
                word(self.wording.receipt_statuses, row["status"]), row["rows_in"], row["rows_kept"],
                row["rows_rejected"], row["cells_rejected"], self.wording.receipt(row["reason"], row["detail"]),
                row["digest"],
            )
            for row in self.tables["receipt"].iter_rows(named=True)
        )  # fmt: skip
        book.table(_("Submissions"), columns, lines)
