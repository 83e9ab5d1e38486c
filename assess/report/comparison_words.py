"""The codes of a comparison in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assess.report.format import points
from assess.report.language import Language


class ComparisonWords:
    """Every code that a comparison may hold, in the words of one language."""

    def __init__(self, language: Language):
        _ = language.gettext
        self.language = language
        self.changes = {
            "new": _("New"),
            "persisting": _("Persisting"),
            "resolved": _("Resolved"),
            "unchecked": _("Not checked again"),
        }
        self.whys = {
            "unit_new": _("the unit was not assessed before"),
            "unit_gone": _("the unit is assessed no more"),
            "rule_new": _("nobody asked for it before"),
            "rule_gone": _("nobody asks for it any more"),
            "rule_error": _("the rule could not be run"),
            "not_submitted": _("not submitted"),
            "not_applicable": _("there was nothing to check it on"),
            "not_stated": _("the figure is not stated"),
        }
        self.because = {
            "part_new": _("new item"),
            "part_gone": _("item dropped"),
            "method": _("scored by another method"),
            "weight": _("other points for full marks"),
            "redistributed": _("points moved between items"),
            "status": _("assessable otherwise than before"),
            "target": _("another target"),
            "rate": _("another rate"),
            "amount": _("another amount"),
        }
        self.notes = {
            "other_ruleset": _("The two assessments rest on rulesets of different names."),
            "new_is_earlier": _("What is compared is of an earlier day than what it is held against."),
            "same_inputs": _("Both assessments rest on the same files; only the ruleset can have changed anything."),
            "other_version": _("The two assessments were made by different versions of this program."),
            "other_currency": _("The two assessments pay in different currencies."),
            "no_common_units": _("No unit is in both assessments."),
        }
        self.intake = {
            "file_rejected": _("a file was not taken"),
            "rows_rejected": _("rows were not taken"),
            "table_not_submitted": _("a table was not submitted"),
            "numbers_damaged": _("long numbers were damaged by a spreadsheet"),
            "no_score": _("no score could be given"),
            "allocation_refused": _("the allocation was refused"),
        }
        self._stages = {
            "submissions": _("submissions"),
            "engine": _("another version of this program"),
            "together": _("submissions, and what is counted otherwise"),
        }

    def stage(self, kind: str, step: int | None) -> str:
        """One stage of the way from the earlier assessment to the later one."""
        if step is not None:
            return self.language.gettext("change {number} of the ruleset").format(number=step)
        return self._stages.get(kind, kind)

    def shares(self, causes: list[Mapping[str, Any]]) -> str:
        """The points that each stage gave or took, where there is more than one."""
        if len(causes) < 2:
            return ""
        return "; ".join(
            f"{self.stage(cause['kind'], cause['step'])} {signed(cause['points'])}"
            for cause in causes
            if cause["points"] not in (None, "0")
        )


def signed(value: Any, places: int | None = None) -> str:
    """Points with their sign; an en dash for no change."""
    if value is None:
        return "—"
    text = points(value, places)
    if not text.strip("0."):
        return "±0"
    return text if text.startswith("−") else f"+{text}"
