"""An assessment: its tables as Polars frames, whether it was just made or is read back from its directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from assess.errors import Problem
from assess.intake.problems import problems
from assess.progress import stage
from assess.results import Directory, Staging, StoredTables, not_run
from assess.summary import FAULTS, SUMMARY, Summary, as_json, summarise, worst


class _Table:
    """One table of an assessment, under the name of the attribute; its columns are those of docs/tables.md."""

    def __set_name__(self, owner: type[Assessment], name: str) -> None:
        self._name = name

    def __get__(self, assessment: Assessment, owner: type[Assessment]) -> pl.DataFrame:
        return assessment.tables[self._name]


@dataclass(frozen=True, repr=False, eq=False)
class Assessment:
    """What an assessment left: the tables by name, the effective ruleset and the provenance, both as plain data.

    Each table is an attribute as well: `assessment.scores` is `assessment.tables["scores"]`; only those that a command
    adds afterwards (`crosscheck`) are found by name alone. What was read back reads a table when it is asked for, and
    holds it to its contract; NotAssessedError says what is wrong with it.
    """

    tables: Mapping[str, pl.DataFrame]
    ruleset: Mapping[str, Any]
    manifest: Mapping[str, Any]
    path: Path | None = None

    units = _Table()
    register = _Table()
    measurements = _Table()
    profiles = _Table()
    counts = _Table()
    reported = _Table()
    marks = _Table()
    mendable = _Table()
    indicators = _Table()
    distributions = _Table()
    score_parts = _Table()
    scores = _Table()
    awards = _Table()
    pool_awards = _Table()
    award_steps = _Table()
    remedies = _Table()
    findings = _Table()
    evidence = _Table()
    figures = _Table()
    receipt = _Table()
    rejects = _Table()

    def __repr__(self) -> str:
        counts = self.manifest["counts"]
        faults = sum(sum(by.values()) for status, by in counts["findings"].items() if status in FAULTS)
        ruleset = f"{self.manifest['ruleset']['id']} {self.manifest['ruleset']['version']}"
        return f"<Assessment by {ruleset}: {counts['units']:,} units, {counts['rows_in']:,} rows, {faults:,} faults>"

    @cached_property
    def summary(self) -> Summary:
        """What it comes to: counts by status and severity, units, violated rules, implausible figures, allocation."""
        return summarise(self.tables, self.ruleset, self.manifest)

    def worst(self) -> str | None:
        """The gravest severity among findings that are faults, or none. Signals to be verified are not faults."""
        return worst(self.findings)

    def problems(self, ruleset: str = "") -> list[Problem]:
        """Rules that did not run, as problems of the file `ruleset`; and files, rows and cells that were not taken."""
        return [*self.broken(ruleset), *problems(self.receipt, self.rejects)]

    def broken(self, ruleset: str = "") -> list[Problem]:
        """The rules and measures that did not run, as problems of the file `ruleset`."""
        return [
            Problem(ruleset, 0, 0, "RS020", f"{source!r} did not run: {message}")
            for source, message in not_run(self.findings).items()
            if message
        ]

    def write(self, out: Path | str, finish: Callable[[Path], object] | None = None) -> Path:
        """Leave the assessment directory at `out`, whole or not at all: tables, ruleset, provenance and summary.

        `finish` adds what is made of the tables, before the directory takes its place. An earlier assessment there is
        replaced; UsageError when something else lies there.
        """
        with Staging(Path(out)) as staging:
            with stage("tables"):
                Directory(staging.path).write(self.tables, self.ruleset, dict(self.manifest))
                (staging.path / SUMMARY).write_text(as_json(self.summary), encoding="utf-8")
            if finish is not None:
                finish(staging.path)
        return Path(out)

    def report(self, out: Path | str, lang: str = "zh", theme: str = "screen", min_cell: int = 5) -> Path:
        """As `write`, with the reports rendered in it; the path of their index.

        Where the assessment was read from `out`, its tables stay as they are and only the pages are rendered.
        `lang` is `zh` or `en`, `theme` `screen` or `print`; UsageError when it is another. `min_cell` is the smallest
        count of people that pages of many units show.
        """
        from assess.report.html import render

        if self.path is not None and self.path.resolve() == Path(out).resolve():
            render(self.path, lang, theme, min_cell)
        else:
            self.write(out, lambda folder: render(folder, lang, theme, min_cell))
        return Path(out) / "index.html"


def read(directory: Path | str) -> Assessment:
    """The assessment in a directory that `assess run`, `assess rescore` or `Assessment.write` left.

    Raises UsageError when there is none, and NotAssessedError when this version cannot read it.
    """
    kept = Directory.open(Path(directory))
    return Assessment(StoredTables(kept, kept.names), kept.ruleset, kept.manifest, kept.path)
