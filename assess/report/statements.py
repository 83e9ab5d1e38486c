"""Findings as sentences: the figures first, then the probable cause, and never a rule id before them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assess.report.figure_statements import FigureStatements
from assess.report.format import count, number, rate, share
from assess.report.model import Assessment, Row, read_json
from assess.report.profile_statements import REASONS, ProfileStatements
from assess.report.wording import word

# Sentences that are kept for the page that is being made.
_KEPT = 4096
# Reasons that say a figure is larger than it can be.
ABOVE = ("above_ceiling", "part_exceeds_whole")
# Reasons that say that the printed figures contradict each other.
CONTRADICTION = ("disagrees", "zero_denominator", "parts_differ", "unreadable_parts")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a finding says. `tone` is fail (cannot be true), review (to be verified), error, grey or note."""

    tone: str
    value: str
    text: str
    cause: str = ""


class Statements:
    """The sentence for each finding of one assessment."""

    def __init__(self, assessment: Assessment):
        self.assessment = assessment
        self.figures = FigureStatements(assessment)
        self.profiles = ProfileStatements(assessment.language)
        self._known: dict[str, Statement] = {}

    def is_figure(self, finding: Row) -> bool:
        """Whether a finding is about a figure that a unit reported, judged by a rule."""
        return finding["source"] in self.assessment.rules and finding["subject"] is not None

    def is_profile(self, finding: Row) -> bool:
        """Whether a finding is about what the records of a unit amount to, judged by a rule on units."""
        return finding["source"] in self.assessment.rules and finding["reason"] in REASONS

    def contradicts(self, finding: Row) -> bool:
        """Whether a finding says that figures do not agree with their own counts, with records or with each other."""
        rule = self.assessment.rules.get(finding["source"], {})
        arithmetic = finding["reason"] in (*CONTRADICTION, "reported_differs") or rule.get("check") == "rate_feasible"
        return bool(finding["status"] == "fail" and arithmetic)

    def key(self, finding: Row) -> tuple[str, str]:
        """Unit and figure: findings of rules and of an indicator about one figure share it."""
        name = finding["subject"] or finding["source"]
        if not self.is_figure(finding):
            name = self.assessment.reported_name(finding["source"])
        return finding["unit"] or "", name

    def title(self, finding: Row) -> str:
        """What a finding is about, in a few words."""
        _ = self.assessment.language.gettext
        if finding["source"] == "intake":
            return _("Submission")
        if self.is_figure(finding):
            return str(finding["subject"])
        return self.assessment.subject_title(finding["source"])

    def of(self, finding: Row) -> Statement:
        """The sentence of one finding; a page asks for it more than once."""
        known = self._known.get(finding["finding"])
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[finding["finding"]] = self._of(finding)
        return known

    def _of(self, finding: Row) -> Statement:
        numbers = read_json(finding["numbers"])
        tone = self._tone(finding)
        if finding["reason"] == "broken_rule":
            return Statement("error", "", self._broken(numbers))
        if finding["source"] == "intake":
            return Statement(tone, "", self._intake(finding["reason"], numbers))
        if self.is_figure(finding):
            value, text, cause = self.figures.of(finding, numbers)
            return Statement(tone, value, text, cause)
        if self.is_profile(finding):
            value, text, cause = self.profiles.of(finding["reason"], numbers)
            return Statement(tone, value, text, cause)
        if finding["source"] in self.assessment.rules:
            return self._records(finding, numbers, tone)
        return self._indicator(finding, numbers, tone)

    def _tone(self, finding: Row) -> str:
        if finding["status"] == "needs_review":
            return "review"
        if finding["status"] == "error":
            return "error"
        if finding["status"] == "fail":
            hard = finding["severity"] == "critical" or finding["reason"] in (*ABOVE, *CONTRADICTION)
            return "fail" if hard else "note"
        return "grey" if finding["status"] in ("not_submitted", "not_applicable") else "note"

    def _broken(self, numbers: Row) -> str:
        language = self.assessment.language
        _ = language.gettext
        detail = numbers.get("detail") or numbers.get("error") or numbers.get("message") or ""
        text = _("The rule could not be run. It counts neither as a pass nor as nothing to assess.")
        return language.joined((text, _("Message: {detail}").format(detail=detail) if detail else ""))

    def _records(self, finding: Row, numbers: Row, tone: str) -> Statement:
        language = self.assessment.language
        violated = numbers.get("violated", finding["records"])
        applicable = numbers.get("applicable", "")
        if not applicable:
            return Statement(
                tone,
                count(violated),
                language.ngettext("{violated} record", "{violated} records", int(violated or 0)).format(
                    violated=count(violated)
                ),
            )
        part = share(violated, applicable)
        text = language.ngettext(
            "{violated} of {applicable} record, {share}", "{violated} of {applicable} records, {share}", int(applicable)
        ).format(violated=count(violated), applicable=count(applicable), share=part)
        return Statement(tone, part, text)

    def _indicator(self, finding: Row, numbers: Row, tone: str) -> Statement:
        assessment, language = self.assessment, self.assessment.language
        _ = language.gettext
        kind = assessment.indicators.get(finding["source"], {}).get("kind")
        kind = kind or assessment.figure(finding["unit"], finding["source"]).get("kind")
        raw, reported = number(numbers.get("raw")), number(numbers.get("reported"))
        shown = {
            "numerator": count(numbers.get("numerator")),
            "denominator": count(numbers.get("denominator")),
            "raw": rate(raw, kind),
            "reported": rate(reported, kind),
            "verified": rate(numbers.get("verified"), kind),
            "excluded": count(numbers.get("excluded_verified")),
            "exception": rate(numbers.get("exception_rate")),
        }
        if finding["reason"] == "above_ceiling":
            return self._above(numbers, kind, raw, reported, tone)
        texts = {
            "outside_band": _(
                "{raw} lies outside of the plausible band: numerator {numerator}, denominator {denominator}."
            ),
            "reported_differs": _(
                "Reported {reported}, counted {raw}: numerator {numerator}, denominator {denominator}."
            ),
            "records_disqualified": _("Counted {raw}, verified {verified}: some records do not count."),
            "zero_denominator": _("The denominator is zero, so there is no rate; the numerator is {numerator}."),
            "no_denominator": _("The denominator is missing, so there is no rate; the numerator is {numerator}."),
            "not_submitted": _("Nothing was submitted to count it by. It earns no points."),
            "suppressed": _("The figure was withheld: neither zero nor missing, and not assessed."),
            "no_counts": _("Reported {reported}, but without counts to verify it by."),
            "small_denominator": _(
                "The denominator {denominator} is below the least that is scored: chance would decide."
            ),
            "all_excluded": _("Everybody was excluded ({excluded}), so nobody is left to count. It earns no points."),
            "many_exceptions": _("{exception} were excluded ({excluded}), which is unusually many."),
        }
        causes = {
            "outside_band": _(
                "Possible, but unusual. Compare with the base and with last year before it is confirmed."
            ),
            "reported_differs": _("Another day of counting, another denominator, or an error in the reported figure."),
            "many_exceptions": _(
                "Exclusions leave the denominator and raise the rate. Verify their reasons on a sample."
            ),
            "all_excluded": _("Verify the reasons of the exclusions: a rate needs somebody to count."),
        }
        reason = finding["reason"]
        value = {"reported_differs": shown["reported"], "many_exceptions": shown["exception"]}.get(
            reason, shown["raw"] if raw is not None else ""
        )
        text = texts.get(reason, word(assessment.wording.indicator_reasons, reason)).format(**shown)
        return Statement(tone, value, text, causes.get(reason, ""))

    def _above(
        self, numbers: Row, kind: str | None, raw: Decimal | None, reported: Decimal | None, tone: str
    ) -> Statement:
        language = self.assessment.language
        _ = language.gettext
        ceiling = number(numbers.get("ceiling")) or Decimal(1)
        top = rate(ceiling, kind).replace(".00", "")
        numerator, denominator = number(numbers.get("numerator")), number(numbers.get("denominator"))
        counts: dict[str, Any] = {"numerator": count(numerator), "denominator": count(denominator)}
        after = ""
        if raw is not None and raw > ceiling and numerator is not None and denominator is not None:
            value = rate(raw, kind)
            text = _(
                "{value} is greater than {top}: "
                "the numerator {numerator} is greater than the denominator {denominator}."
            ).format(value=value, top=top, **counts)
            verified = number(numbers.get("verified"))
            if verified is not None and rate(verified, kind) != value:
                after = _("Verified: {verified}.").format(verified=rate(verified, kind))
        elif raw is not None and reported is not None and raw <= ceiling < reported:
            value = rate(reported, kind)
            text = _(
                "Reported {value}, greater than {top}; counted {raw}: numerator {numerator}, denominator {denominator}."
            )
            text = text.format(value=value, top=top, raw=rate(raw, kind), **counts)
        else:
            value = rate(reported if raw is None else max(raw, reported or raw), kind)
            text = _("{value} is greater than {top}, and it comes without the counts it was made of.")
            text = text.format(value=value, top=top)
        estimated = str(numbers.get("estimated", "")).lower() == "true"
        return Statement(tone, value, language.joined((text, after)), self.figures.cause_above(estimated, numerator))

    def _intake(self, reason: str, numbers: Row) -> str:
        language, wording = self.assessment.language, self.assessment.wording
        _ = language.gettext
        why = wording.receipt(numbers.get("reason"), str(numbers.get("detail") or ""))
        if reason == "no_score":
            return wording.score_reasons.get(str(numbers.get("reason")), why)
        texts = {
            "file_rejected": _("The file {file} was not taken: {why}."),
            "rows_rejected": language.ngettext(
                "{rows} row of {file} was not taken{why}.",
                "{rows} rows of {file} were not taken{why}.",
                int(numbers.get("rows") or 0),
            ),
            "table_not_submitted": _("The table {table} was not submitted."),
            "numbers_damaged": _(
                "A spreadsheet took the numbers in the column {column} of {file} for quantities: of {numbers}, {zeros} "
                "end in 000, {binary} are rounded, {scientific} are written like 3.4E+17. The digits are lost: export "
                "again from the source, and format the column as text before anything is pasted into it."
            ),
            "allocation_refused": _("The pool was not split: {why}."),
        }
        table = numbers.get("table")
        if reason == "rows_rejected" and why:
            why = _(": {why}").format(why=why)
        text = texts.get(reason, reason).format(
            file=numbers.get("file") or "",
            rows=count(numbers.get("rows")),
            table=self.assessment.table_title(str(table)) if table else "",
            **{name: count(numbers.get(name)) for name in ("numbers", "zeros", "binary", "scientific")},
            column=numbers.get("column") or "",
            why=why.rstrip(".。"),
        )
        return text if reason in texts else language.joined((text, why))
