"""What is said about a figure that a unit reported: the arithmetic, and where the contradiction may come from."""

from __future__ import annotations

from decimal import Decimal

from assess.report.format import SPACE, count, figure, number, plain, printed
from assess.report.model import Assessment, Row, read_json

_TOP = {"percent": "100", "per_mille": "1000", "ratio": "1"}
# Below this ratio of bases a difference is told in percent, above it as a multiple.
_MULTIPLE = Decimal("1.5")


class FigureStatements:
    """Sentences about reported figures, as printed."""

    def __init__(self, assessment: Assessment):
        self.assessment = assessment
        rules = assessment.rules.values()
        # Columns that say how exactly a numerator is printed, as the rules about figures name them.
        self.precision = next((str(rule["precision"]) for rule in rules if rule.get("precision")), None)
        self.stated = next((str(rule["stated"]) for rule in rules if rule.get("stated")), None)

    def numerator(self, value: str | None, record: Row) -> str:
        """A numerator as printed: about, or at least, where it is known only so."""
        _ = self.assessment.language.gettext
        shown = printed(value)
        if number(value) is None:
            return shown
        if self.stated and record.get(self.stated) == "at_least":
            return _("over {number}").format(number=shown)
        step = number(record.get(self.precision)) if self.precision else None
        return _("about {number}").format(number=shown) if step is not None and step > 1 else shown

    def cause_above(self, estimated: bool, numerator: Decimal | None) -> str:
        """Where a rate above its ceiling may come from, and what to ask for."""
        language = self.assessment.language
        _ = language.gettext
        base = _("The denominator is an estimate: check the base and its source first.") if estimated else ""
        ask = "" if numerator is not None else _("Ask for numerator, denominator and the source of both.")
        usual = _(
            "A part cannot exceed its whole. Usual causes: a task number or an outdated base as denominator; "
            "duplicates, deceased or moved people in the numerator."
        )
        return language.joined((base, usual, ask))

    def of(self, finding: Row, numbers: Row) -> tuple[str, str, str]:
        """The value in question, what is said about it, and its probable cause."""
        language = self.assessment.language
        listed = self.assessment.figure(finding["unit"], finding["subject"])
        scale = listed.get("scale") or "percent"
        as_printed = self.numerator(numbers.get("numerator"), read_json(listed.get("record")))
        record = numbers | {"scale": scale, "as_printed": as_printed}
        value = printed(numbers.get("rate"), scale) if number(numbers.get("rate")) is not None else ""
        reason = finding["reason"]
        if reason in ("above_ceiling", "part_exceeds_whole"):
            return self._above(reason, record, value)
        if reason in ("parts_differ", "unreadable_parts"):
            return self._parts(reason, numbers)
        if reason in ("disagrees", "truncated", "zero_denominator"):
            return self._ratio(reason, record, value)
        if numbers.get("fold") is not None or numbers.get("implied") is not None:
            return self._base(numbers, value)
        if numbers.get("below") is not None:
            return self._feasible(finding["source"], record, value)
        return value, language.text(self.assessment.rules[finding["source"]].get("title")), ""

    def _above(self, reason: str, numbers: Row, value: str) -> tuple[str, str, str]:
        language = self.assessment.language
        _ = language.gettext
        top = printed(_TOP.get(numbers["scale"], "100"), numbers["scale"])
        above, below = number(numbers.get("numerator")), number(numbers.get("denominator"))
        shown = {"value": value, "top": top, "numerator": numbers["as_printed"], "denominator": count(below)}
        if above is None or below is None:
            text = _("{value} is greater than {top}, and it comes without the counts it was made of.")
            if above is not None:
                text = _("{value} is greater than {top}; only the numerator {numerator} is given.")
            elif below is not None:
                text = _("{value} is greater than {top}; only the denominator {denominator} is given.")
        elif above > below and not value:
            text = _("The numerator {numerator} is greater than the denominator {denominator}.")
        elif above > below:
            text = _(
                "{value} is greater than {top}: "
                "the numerator {numerator} is greater than the denominator {denominator}."
            )
        else:
            text = _(
                "{value} is greater than {top}, "
                "yet the numerator {numerator} is not above the denominator {denominator}."
            )
        if reason == "part_exceeds_whole" and not value and above is not None and below:
            value = figure(100 * above / below, 2, "percent")
        complete = above if below is not None else None
        return value, text.format(**shown), self.cause_above(estimated=False, numerator=complete)

    def _ratio(self, reason: str, numbers: Row, value: str) -> tuple[str, str, str]:
        language = self.assessment.language
        _ = language.gettext
        computed = number(numbers.get("computed"))
        shown = {
            "value": value,
            "numerator": count(numbers.get("numerator")),
            "denominator": count(numbers.get("denominator")),
            "computed": figure(computed, 4, numbers["scale"]) if computed is not None else "",
            "reconciles": count(numbers.get("reconciles_with")),
        }  # fmt: skip
        if reason == "zero_denominator":
            text = _("A rate of {value} is printed on a denominator of zero.").format(**shown)
            return value, text, _("Ask for the denominator; the figure cannot be assessed without.")
        if reason == "truncated":
            text = _("{numerator} ÷ {denominator} = {computed}: {value} is cut off, not rounded.").format(**shown)
            return value, text, _("Right within its decimals. For information.")
        text = _("{numerator} ÷ {denominator} = {computed}, but {value} is reported.").format(**shown)
        if numbers.get("reconciles_with") is None:
            return value, text, _("One of the three is wrong, or the rate was made of other counts.")
        cause = _(
            "With {reconciles} as denominator, which another figure of the unit implies, "
            "the reported rate would be right: the denominator may count something else."
        )
        return value, text, cause.format(**shown)

    def _feasible(self, rule: str, numbers: Row, value: str) -> tuple[str, str, str]:
        _ = self.assessment.language.gettext
        scale = numbers["scale"]
        shown = {
            "value": value,
            "numerator": count(numbers.get("numerator")),
            "denominator": count(numbers.get("denominator")),
        }
        missing_numerator = self.assessment.rules[rule].get("missing") == "numerator"
        factor = Decimal(_TOP.get(scale, "100"))
        known = number(numbers.get("denominator" if missing_numerator else "numerator"))
        for side in ("below", "above"):
            tried = number(numbers.get(side))
            shown[side], shown[f"{side}_gives"] = count(tried), count(None)
            if known and tried:
                # Worked out anew: a figure that was rounded before must not be rounded twice.
                gives = tried / known if missing_numerator else known / tried
                shown[f"{side}_gives"] = figure(factor * gives, 2, scale)
        if missing_numerator:
            text = _(
                "No whole number of {denominator} is {value}: "
                "{below} would be {below_gives}, {above} would be {above_gives}."
            )
        else:
            text = _(
                "{numerator} is {value} of no whole number: "
                "of {below} it would be {below_gives}, of {above} {above_gives}."
            )
        return value, text.format(**shown), _("The rate or the count is wrong, or they are of different days.")

    def _base(self, numbers: Row, value: str) -> tuple[str, str, str]:
        language = self.assessment.language
        _ = language.gettext
        shown = {name: count(numbers.get(name)) for name in ("implied", "smallest", "largest")}
        text = _("This figure implies a base of {implied}; figures about the same people imply {smallest} to {largest}")
        text = text.format(**shown)
        fold = number(numbers.get("fold"))
        if fold is not None and fold >= _MULTIPLE:
            text += _(", {fold} times as many.").format(fold=plain(fold, 1))
        elif fold is not None:
            text += _(", {percent} apart.").format(percent=f"{plain((fold - 1) * 100, 1)}{SPACE}%")
        else:
            text += language.gettext(".")
        return (
            value,
            text,
            _("Not the same population, not the same day, or one of the figures is wrong. State the base."),
        )

    def _parts(self, reason: str, numbers: Row) -> tuple[str, str, str]:
        _ = self.assessment.language.gettext
        total = count(numbers.get("total"))
        parts = " + ".join(count(part) for part in str(numbers.get("parts") or "").split("+"))
        if reason == "unreadable_parts":
            raw = str(numbers.get("parts") or "")
            return total, _("The parts of {total} cannot be read: {parts}.").format(total=total, parts=raw), ""
        text = _("{parts} = {sum}, but {total} is reported.").format(
            parts=parts if numbers.get("parts") else _("Sum of the parts"), sum=count(numbers.get("sum")), total=total
        )
        return total, text, _("A part was counted twice, left out, or belongs elsewhere.")
