"""What stands on the index: the verdict in words, the ranking, the rules, the money and what arrived."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median
from typing import Any

import polars as pl

from assess.report import league, money, receipts, reported
from assess.report.exceptions import exceptions
from assess.report.exhibits import CONTRADICTED, IMPOSSIBLE, REVIEW, Exhibit, by_title, exhibits
from assess.report.format import count, mark, points, short, short_money
from assess.report.format import money as amount_of
from assess.report.heat import heats
from assess.report.model import Assessment
from assess.report.profile_statements import REASONS
from assess.report.spread import spreads
from assess.report.statements import Statements
from assess.results import SEVERITIES

EXHIBITS = 40
# Findings about no unit in particular that are named.
GENERAL = 40
# More reported figures than these are listed on the pages of their units alone.
FIGURES = 120


def view(assessment: Assessment, statements: Statements) -> dict[str, Any]:
    """The data of the index, everything formatted; the template only arranges it."""
    findings = assessment.frames["findings"].filter(~pl.col("status").is_in(("pass_with_findings", "not_applicable")))
    # Most findings are about records, and none of those is an exhibit: they are not even made rows.
    of_records = pl.col("subject").is_null() & pl.col("source").is_in(list(assessment.rules))
    figures = findings.filter(~of_records | pl.col("reason").is_in(REASONS))
    found = exhibits(figures.rows(named=True), statements)
    listed = assessment.frames["figures"].height
    blocks = reported.blocks(assessment, statements) if listed <= FIGURES else []
    general = findings.filter(pl.col("unit").is_null())
    allocation = money.allocation(assessment)
    ranked = league.ranking(assessment)
    return {
        "verdict": _verdict(assessment, found, allocation),
        "facts": _facts(assessment, found),
        "exhibits": {group: entries[:EXHIBITS] for group, entries in found.items()},
        "exhibits_left": {group: max(0, len(entries) - EXHIBITS) for group, entries in found.items()},
        "exhibits_counts": {group: by_title(entries) for group, entries in found.items()},
        "statuses": _statuses(assessment),
        "heats": heats(assessment),
        "spreads": spreads(assessment),
        "exceptions": exceptions(assessment),
        "blocks": blocks,
        "figures": listed,
        "verdict_counts": _verdict_counts(assessment),
        "grades": league.grades(assessment),
        "ranking": ranked,
        "gains": any(row["gain"] for row in ranked),
        "groups": sorted({row["group"] for row in ranked} - {""}),
        "above_groups": sorted({row["above"] for row in ranked} - {""}),
        "above_word": assessment.level_title(assessment.levels[1]) if len(assessment.levels) > 1 else "",
        "against": league.against(assessment),
        "rules": league.rules(assessment),
        "allocation": allocation,
        "currency": assessment.currency,
        "intake": receipts.intake(assessment),
        "general": [(statements.title(row), statements.of(row)) for row in general.head(GENERAL).rows(named=True)],
        "general_left": max(0, general.height - GENERAL),
        "not_submitted": receipts.not_submitted(assessment),
    }


def _verdict(assessment: Assessment, found: dict[str, list[Exhibit]], allocation: dict[str, Any] | None) -> str:
    language = assessment.language
    _, ngettext = language.gettext, language.ngettext
    receipt = assessment.frames["receipt"]
    units, kept, figures = len(assessment.units), int(receipt["rows_kept"].sum()), assessment.frames["figures"].height
    said = [
        ngettext(
            "{units} unit was assessed on {records} records.",
            "{units} units were assessed on {records} records.",
            units,
        )
    ]
    if figures:
        said.append(
            ngettext("{figures} reported figure was checked.", "{figures} reported figures were checked.", figures)
        )
    if found[IMPOSSIBLE]:
        text = ngettext(
            "{above} figure cannot be true: it is above its ceiling.",
            "{above} figures cannot be true: they are above their ceiling.",
            len(found[IMPOSSIBLE]),
        )
        said.append(text)
    else:
        said.append(_("No figure is above its ceiling."))
    if found[CONTRADICTED]:
        text = ngettext(
            "{contradicted} figure does not agree with its counts or records.",
            "{contradicted} figures do not agree with their counts or records.",
            len(found[CONTRADICTED]),
        )
        said.append(text)
    if found[REVIEW]:
        said.append(ngettext("{review} is to be verified.", "{review} are to be verified.", len(found[REVIEW])))
    scores = [row["score"] for row in assessment.scores.values() if row["score"] is not None]
    if scores:
        said.append(_("The mean score is {mean}, the median {median}, of {full}."))
    if allocation and allocation.get("kept"):
        said.append(
            _("Of the pool of {pool}, {awarded} are awarded and {kept} are not paid out; nothing is left over.")
        )
    elif allocation and allocation.get("pools"):
        said.append(_("The pool of {pool} is split exactly: the awards differ from it by {difference}."))
    elif allocation:
        said.append(_("The pool was not split."))
    full = max((row["max"] for row in assessment.scores.values()), default=Decimal(0))
    return language.joined(said).format(
        units=count(units),
        records=count(kept),
        figures=count(figures),
        above=count(len(found[IMPOSSIBLE])),
        contradicted=count(len(found[CONTRADICTED])),
        review=count(len(found[REVIEW])),
        mean=points(mean(scores), 2) if scores else "",
        median=points(median(scores), 2) if scores else "",
        full=mark(full),
        pool=allocation["pool"] if allocation else "",
        difference=allocation["difference"] if allocation else "",
        awarded=allocation["awarded"] if allocation else "",
        kept=allocation["kept"] if allocation else "",
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """One large figure under the verdict; `exact` stands behind a shortened one."""

    word: str
    value: str
    tone: str = ""
    href: str = ""
    exact: str = ""


def _facts(assessment: Assessment, found: dict[str, list[Exhibit]]) -> list[Fact]:
    language = assessment.language
    _ = language.gettext
    kept = int(assessment.frames["receipt"]["rows_kept"].sum())
    above, disagree, review = (found[group] for group in (IMPOSSIBLE, CONTRADICTED, REVIEW))
    facts = [
        Fact(_("Units assessed"), count(len(assessment.units))),
        Fact(_("Records checked"), short(kept, language.code), exact=count(kept)),
        Fact(_("Figures that cannot be true"), count(len(above)), "fail" if above else "", "#implausible"),
        Fact(_("Do not agree"), count(len(disagree)), "fail" if disagree else "", "#contradicted"),
        Fact(_("To be verified"), count(len(review)), "review" if review else "", "#review"),
    ]
    scores = [row["score"] for row in assessment.scores.values() if row["score"] is not None]
    if scores:
        facts.append(Fact(_("Median score"), points(median(scores), 2)))
    if assessment.pool:
        exact = amount_of(assessment.pool, assessment.currency)
        facts.append(Fact(_("Pool"), short_money(assessment.pool, assessment.currency, language.code), exact=exact))
    return facts


def _statuses(assessment: Assessment) -> dict[str, Any]:
    """Findings by status and severity; what passed is counted by unit and rule."""
    counts: dict[tuple[str, str], int] = {}
    for row in assessment.frames["findings"].group_by("status", "severity").len().rows(named=True):
        counts[row["status"], row["severity"]] = row["len"]
    measured = dict(assessment.frames["measurements"].group_by("status").len().rows())
    rows = []
    for status in assessment.wording.statuses.values():
        cells = [counts.get((status.code, severity), 0) for severity in SEVERITIES]
        rows.append(
            (
                status,
                [count(cell) if cell else "" for cell in cells],
                count(sum(cells)),
                count(measured.get(status.code, 0)),
            )
        )
    return {"severities": [assessment.wording.severities[severity] for severity in SEVERITIES], "rows": rows}


def _verdict_counts(assessment: Assessment) -> list[tuple[str, str, str, str]]:
    """Reported figures by verdict, doubts first."""
    counts = dict(assessment.frames["figures"].group_by("verdict").len().rows())
    return [
        (*words, count(counts[verdict])) for verdict, words in assessment.wording.verdicts.items() if verdict in counts
    ]
