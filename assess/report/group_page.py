"""What stands on the page of one group of units: its units ranked, its indicators, what was found, and the money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from assess.report import scoring
from assess.report.format import NONE, count, money, points, share
from assess.report.group_rows import indicators, members, rules
from assess.report.group_sums import GroupSums
from assess.report.model import Assessment, Group, anchor, read_json
from assess.report.wording import word

_RULES = 40


def view(group: Group, assessment: Assessment, sums: GroupSums) -> dict[str, Any]:
    """The data of one group's page, everything formatted; the template only arranges it."""
    higher = assessment.group_above(group)
    units = members(group, assessment)
    found = rules(group, assessment, sums)
    awarded = sums.awarded(group.units) if assessment.awards else None
    return {
        "name": group.name,
        "level_title": assessment.level_title(group.level),
        "higher": (assessment.level_title(higher.level), higher.name, "../" + higher.page) if higher else None,
        "higher_word": higher.name if higher else assessment.language.gettext("All units"),
        "children": _children(group, assessment, sums),
        "child_word": assessment.level_title(assessment.levels[assessment.levels.index(group.level) - 1])
        if group.level != assessment.levels[0] else "",
        "sentence": _sentence(group, assessment),
        "facts": _facts(group, awarded, assessment),
        "members": units,
        "any_missing": any(member.missing for member in units),
        "indicators": indicators(group, higher, assessment),
        "rules": found[:_RULES],
        "rules_left": max(0, len(found) - _RULES),
        "any_points": any(rule.points for rule in found),
        "money": _money(group, assessment),
        "missing": _missing(group, assessment),
        "files": _files(group, assessment),
    }  # fmt: skip


def _scores(units: Sequence[str], assessment: Assessment) -> list[Decimal]:
    found = (assessment.scores.get(unit, {}).get("score") for unit in units)
    return [score for score in found if score is not None]


def _sentence(group: Group, assessment: Assessment) -> str:
    """How the group stands beside all units, and what cost its units most."""
    language = assessment.language
    _, ngettext = language.gettext, language.ngettext
    own, everybody = _scores(group.units, assessment), _scores(list(assessment.names), assessment)
    said = [ngettext("{units} unit.", "{units} units.", len(group.units)).format(units=count(len(group.units)))]
    if own:
        said.append(
            _("The median score is {own}; of all units it is {all}.").format(
                own=points(median(own), 2), all=points(median(everybody), 2)
            )
        )
    columns = ("part", "group", "subject", "method")
    by_part: dict[tuple[str, ...], Decimal] = {}
    for unit in group.units:
        for *part, points_lost in assessment.cells("score_parts", unit, *columns, "lost"):
            if points_lost > 0 and part[-1] not in scoring.OF_THE_WHOLE:
                by_part[tuple(part)] = by_part.get(tuple(part), Decimal(0)) + points_lost
    lost: dict[str, Decimal] = {}
    for each, amount in by_part.items():
        title = scoring.part_title(dict(zip(columns, each, strict=True)), assessment)
        lost[title] = lost.get(title, Decimal(0)) + amount
    if lost:
        title = max(lost, key=lambda name: (lost[name], name))
        mean = lost[title] / len(group.units)
        said.append(
            _("Most points were lost by {title}: {points} a unit on average.").format(
                title=title, points=points(mean, 2)
            )
        )
    return language.joined(said)


def _facts(group: Group, awarded: Decimal | None, assessment: Assessment) -> list[tuple[str, str, str]]:
    _ = assessment.language.gettext
    facts = [(_("Units"), count(len(group.units)), "")]
    own = _scores(group.units, assessment)
    if own:
        facts.append((_("Median score"), points(median(own), 2), ""))
        facts.append((_("Lowest and highest"), f"{points(min(own), 2)} – {points(max(own), 2)}", "text"))
    for grade in assessment.grades:
        number = sum(assessment.scores.get(unit, {}).get("grade") == grade["id"] for unit in group.units)
        if number:
            facts.append((assessment.grade_title(grade["id"]), count(number), ""))
    if awarded is not None:
        facts.append((_("Awards"), money(awarded, assessment.currency), "text"))
    return facts


def _children(group: Group, assessment: Assessment, sums: GroupSums) -> list[tuple[str, str, str, str, str]]:
    """The smaller groups inside: name, page, units, median score, awards."""
    found = []
    for key in assessment.parts_of_groups.get((group.level, group.name), ()):
        inside = assessment.level_groups[key]
        own = _scores(inside.units, assessment)
        awarded = money(sums.awarded(inside.units), assessment.currency) if assessment.awards else ""
        middle = points(median(own), 2) if own else NONE
        found.append((inside.name, "../" + inside.page, count(len(inside.units)), middle, awarded))
    return found


def _money(group: Group, assessment: Assessment) -> dict[str, Any]:
    """The awards of the group by pool, and what is settled."""
    if not assessment.awards:
        return {}
    pools: dict[str, Decimal] = {}
    for unit in group.units:
        for row in assessment.of_unit("pool_awards", unit):
            pools[row["pool"]] = pools.get(row["pool"], Decimal(0)) + row["amount"]
    own = [assessment.awards[unit] for unit in group.units if unit in assessment.awards]
    total = {name: sum((row[name] for row in own), Decimal(0)) for name in ("amount", "prepaid", "settlement")}
    currency = assessment.currency
    return {
        "pools": [
            (
                assessment.pool_title(pool) or assessment.language.gettext("Pool"),
                money(amount, currency),
                share(amount, assessment.pools.get(pool, {}).get("pool")),
            )
            for pool, amount in pools.items()
        ],
        "total": money(total["amount"], currency),
        "share": share(total["amount"], assessment.pool),
        "prepaid": money(total["prepaid"], currency) if total["prepaid"] else "",
        "settlement": money(total["settlement"], currency) if total["prepaid"] else "",
    }


def _missing(group: Group, assessment: Assessment) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Tables that were not submitted: title, how many units, and which."""
    owed: dict[str, list[str]] = {}
    for unit in group.units:
        for reason, numbers in assessment.cells("findings", unit, "reason", "numbers"):
            if reason == "table_not_submitted":
                owed.setdefault(str(read_json(numbers).get("table") or ""), []).append(unit)
    return [
        (assessment.table_title(table), count(len(units)),
         [(assessment.names[unit], "../" + assessment.page(unit)) for unit in units])
        for table, units in sorted(owed.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    ]  # fmt: skip


def _files(group: Group, assessment: Assessment) -> list[dict[str, str]]:
    """The files of its units of which something was not taken."""
    return [
        {
            "file": row["file"],
            "unit": assessment.names[unit],
            "href": f"../{assessment.page(unit)}#{anchor('file', row['file'])}",
            "status": word(assessment.wording.receipt_statuses, row["status"]),
            "rows": count(row["rows_rejected"]) if row["rows_rejected"] else "",
            "cells": count(row["cells_rejected"]) if row["cells_rejected"] else "",
            "why": assessment.wording.receipt(row["reason"], row["detail"]),
        }
        for unit in group.units
        for row in assessment.of_unit("receipt", unit)
        if row["status"] != "read" or row["rows_rejected"] or row["cells_rejected"]
    ]
