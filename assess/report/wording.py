"""Codes of the assessment directory in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.report.language import Language


@dataclass(frozen=True, slots=True)
class Status:
    """A status as it is shown: never by colour alone. `tone` names the colour, `icon` stands beside the word."""

    code: str
    word: str
    meaning: str
    icon: str
    tone: str


def word(words: Mapping[str, str], code: str | None) -> str:
    """The words for a code; a code that this version does not know is shown as it is."""
    return words.get(code or "", code or "")


class Wording:
    """Every code that a table may hold, in the words of one language. An unknown code is shown as it is."""

    def __init__(self, language: Language):
        _ = language.gettext
        self.code = language.code
        self.statuses = {
            status.code: status
            for status in (
                Status("fail", _("Failed"), _("A criterion is not met, or a figure cannot be true."), "×", "fail"),
                Status("error", _("Rule error"), _("A rule could not run. It never counts as a pass."), "!", "error"),
                Status("not_submitted", _("Not submitted"), _("What was asked for did not arrive and earns no points."),
                       "○", "grey"),
                Status("needs_review", _("To be verified"), _("A signal. It changes no score until it is confirmed."),
                       "?", "review"),
                Status("pass_with_findings", _("Passed with findings"),
                       _("Within tolerance, but something is to be put right."), "△", "note"),
                Status("not_applicable", _("Not assessable"), _("There is nothing to assess it by."), "–", "grey"),
                Status("pass", _("Passed"), _("Nothing found."), "✓", "plain"),
            )
        }  # fmt: skip
        self.severities = {
            "critical": _("critical"),
            "major": _("major"),
            "minor": _("minor"),
            "info": _("information"),
        }
        self.effects = {
            "disqualify": _("Violating records leave the verified numerator."),
            "report": _("Reported; the records still count."),
            "review": _("To be verified; changes no score by itself."),
        }
        self.kinds = {
            "coverage": _("coverage"),
            "share": _("share"),
            "completion": _("completion"),
            "per_mille": _("per mille"),
            "growth": _("growth"),
            "count": _("count"),
            "points": _("points"),
        }
        self.methods = {
            "proportional": _("in proportion to the target"),
            "threshold": _("between two thresholds"),
            "pass_fail": _("full marks or nothing"),
            "rate_itself": _("the rate itself, full marks at the target"),
            "bands": _("by bands"),
            "step_deduction": _("so much off for every step below"),
            "evidence": _("present of required"),
            "manual": _("given on site"),
            "deduct_per_finding": _("so much off for every finding"),
            "aggregate": _("aggregate"),
            "veto": _("veto"),
        }
        self.aggregates = {
            "sum": _("the sum"),
            "mean": _("the weighted mean"),
            "min": _("the smallest share"),
            "geometric": _("the geometric mean"),
        }
        self.indicator_reasons = {
            "broken_rule": _("a rule it depends on could not be run"),
            "suppressed": _("withheld by the unit: neither zero nor missing"),
            "not_submitted": _("not submitted"),
            "above_ceiling": _("greater than its ceiling"),
            "no_denominator": _("the denominator is missing"),
            "zero_denominator": _("the denominator is zero"),
            "outside_band": _("outside of the plausible band"),
            "reported_differs": _("the reported rate differs from the counted one"),
            "records_disqualified": _("some records do not count"),
            "no_counts": _("no counts to verify it by"),
            "small_denominator": _("too few people: chance would decide"),
            "all_excluded": _("everybody was excluded"),
            "many_exceptions": _("more exceptions than are usual"),
        }
        self.part_reasons = {
            **self.indicator_reasons,
            "full": _("full marks"),
            "partly": _("below full marks"),
            "none": _("no points"),
            "excluded": _("left out; its points went to the other items"),
            "veto": _("veto"),
            "error": _("not scored because of a rule error"),
            "not_applicable": _("not assessable"),
            "not_marked": _("no mark was given on site"),
            "marked_twice": _("two marks on site differ"),
            "mark_out_of_range": _("the mark given on site is below zero or above the full mark"),
            "nothing_asked_yet": _("nothing is asked for yet on this day"),
        }
        self.score_reasons = {
            "scored": "",
            "vetoed": _("A veto caps the score."),
            "nothing_applicable": _("No score: none of the items could be assessed."),
            "error": _("No score: a rule that an item depends on could not be run. Its weight is never removed."),
            "not_applicable": _("No score: an item that must be assessed could not be."),
        }
        self.steps = {
            "entitlement": _("Entitlement by the basis"),
            "quality": _("Effect of the score"),
            "redistributed": _("Redistributed from what was withheld"),
            "moved": _("Moved by the bounds of others"),
            "floor": _("Raised to the floor"),
            "cap": _("Lowered to the cap"),
            "rounding": _("Rounding"),
            "total": _("Award over all pools"),
            "prepaid": _("Paid in advance"),
            "carried": _("Carried to the next period"),
            "waived": _("Waived"),
            "settlement": _("To be settled"),
        }
        self.verdicts = {
            "implausible": (_("Cannot be true"), "fail", "×"),
            "disagrees": (_("Does not agree"), "fail", "×"),
            "infeasible": (_("No such count"), "fail", "×"),
            "parts_differ": (_("Parts do not add up"), "fail", "×"),
            "base_disagrees": (_("To be verified"), "review", "?"),
            "truncated": (_("Cut off, not rounded"), "note", "△"),
            "unverifiable": (_("Cannot be recomputed"), "grey", "–"),
            "suppressed": (_("Withheld"), "grey", "–"),
            "noted": (_("Noted"), "grey", "·"),
            "agrees": (_("Agrees"), "plain", "✓"),
            "parts_agree": (_("Parts add up"), "plain", "✓"),
            "legal": (_("No ceiling"), "plain", "✓"),
        }
        self.verdict_notes = {
            "agrees": _("The rate follows from its counts."),
            "parts_agree": _("The parts add up to the total."),
            "legal": _("Figures of this kind have no ceiling; above 100 % is legal."),
            "suppressed": _("Withheld by the unit: neither zero nor missing, and not judged."),
            "unverifiable": _("Counts are not given in full: ask for numerator, denominator and its source."),
            "noted": _("Nothing to check it against."),
        }
        self.receipt_reasons = {
            "unreadable": _("it cannot be read"),
            "not_xlsx": _("it is not an XLSX workbook"),
            "not_xls": _("it is not an XLS workbook"),
            "not_zip": _("it is not a ZIP archive"),
            "no_sheet": _("it has no sheet of the name that is asked for"),
            "encrypted": _("it is under a password"),
            "damaged_archive": _("the archive is damaged"),
            "too_large": _("it unpacks to more than a table can be"),
            "unsafe_name": _("its name in the archive leads out of the archive"),
            "changed_while_read": _("it was changed while it was read"),
            "too_many_columns": _("it has more columns than a table can have"),
            "rows_lost": _("not every row could be found again"),
            "not_parquet": _("it is not a Parquet file"),
            "nul_bytes": _("it holds NUL bytes"),
            "encoding": _("its text encoding cannot be read"),
            "empty_file": _("it is empty"),
            "no_header": _("it does not name its columns"),
            "missing_columns": _("required columns are missing"),
            "ambiguous_columns": _("two headers mean the same column"),
            "nested_columns": _("it has nested columns"),
            "nested_folder": _("folders within the folder of a unit are not read"),
            "unknown_format": _("files of this type are not read"),
            "unknown_table": _("the ruleset has no table of this name"),
            "unknown_unit": _("the unit is not in the register"),
            "other_unit": _("the row belongs to another unit than the folder"),
            "no_unit": _("the row names no unit"),
            "unit_twice": _("the unit occurs twice in the register"),
            "submitted_twice": _("the table was submitted twice"),
            "duplicate_file": _("a file with the same content was submitted already"),
            "broken_quotes": _("a quotation mark is opened and never closed"),
            "ragged_row": _("the row has not as many fields as the header"),
            "not_integer": _("not a whole number"),
            "not_number": _("not a number"),
            "not_decimal": _("not a number"),
            "not_boolean": _("neither yes nor no"),
            "not_date": _("not a date"),
            "not_text": _("cannot be read as text"),
            "not_code": _("cannot be read as text"),
            "indicator_in_error": _("a scored indicator is in error"),
            "no_weight": _("no unit has both a basis and a score above zero"),
            "basis_broken": _("the basis cannot be computed"),
            "no_unit_of_grade": _("what is withheld has no taker: no unit has the grade"),
            "above_pool": _("coefficients above 1 ask for more than the pool"),
            "infeasible": _("floors and caps cannot all hold"),
            "bad_claim": _("the claims contradict each other"),
        }
        self.receipt_statuses = {"read": _("read"), "rejected": _("rejected"), "ignored": _("ignored")}
        self.evidence_reasons = {
            "form": _("wrong form or length"),
            "date": _("no such date of birth"),
            "sequence": _("sequence 000 is not issued"),
            "check_digit": _("wrong check digit"),
            "sex": _("does not agree with the sex"),
            "birth_date": _("does not agree with the date of birth"),
            "differs": _("differs from the other table"),
            "contradictory": _("the other table contradicts itself"),
            "too_few": _("too few records refer to it"),
            "too_many": _("too many records refer to it"),
            "too_early": _("too early"),
            "too_late": _("too late"),
        }

    def status(self, code: str) -> Status:
        """A status, also one that this version does not know."""
        return self.statuses.get(code) or Status(code, code, "", "·", "plain")

    def receipt(self, reason: str | None, detail: str | None = None) -> str:
        """Why a file, a row or a cell was not taken; a code may carry figures after a colon (ragged_row:5/6)."""
        if reason is None:
            return detail or ""
        code, _colon, figures = reason.partition(":")
        known = self.receipt_reasons.get(reason) or self.receipt_reasons.get(code)
        said = detail or figures
        if known and said:
            return f"{known}（{said}）" if self.code == "zh" else f"{known} ({said})"
        return known or detail or reason
