"""Findings of rules on units as sentences: the unit's figure, that of its peers, and why the two are compared."""

from __future__ import annotations

from assess.report.format import count, figure, number, printed, rate, share
from assess.report.language import Language
from assess.report.model import Row

FILLED, HIGH, LOW, GREW, SHRANK = "filled_too_rarely", "outlier_high", "outlier_low", "grew", "shrank"
MORE, LESS, NARROW, ALIKE = "heaped_more", "heaped_less", "spread_small", "records_alike"
REASONS = (FILLED, HIGH, LOW, GREW, SHRANK, MORE, LESS, NARROW, ALIKE)


def _score(numbers: Row) -> str:
    z = number(numbers.get("z"))
    return "" if z is None else figure(z, 2)


class ProfileStatements:
    """The sentence for each reason of a rule on units."""

    def __init__(self, language: Language):
        self.language = language

    def of(self, reason: str, numbers: Row) -> tuple[str, str, str]:
        """The figure, the sentence and the probable cause; a signal is worded as a question, never as a fault."""
        if reason == FILLED:
            return self._filled(numbers)
        if reason in (HIGH, LOW):
            return self._outlier(reason, numbers)
        if reason in (GREW, SHRANK):
            return self._change(reason, numbers)
        if reason in (MORE, LESS):
            return self._heaping(reason, numbers)
        return self._narrow(numbers) if reason == NARROW else self._alike(numbers)

    def _filled(self, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        value = share(numbers.get("filled"), numbers.get("records"))
        text = _("Filled in {filled} of {records} records, {value}; at least {least} is asked for.")
        return (
            value,
            text.format(
                filled=count(numbers.get("filled")),
                records=count(numbers.get("records")),
                value=value,
                least=rate(numbers.get("least")),
            ),
            "",
        )

    def _outlier(self, reason: str, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        kind = "count" if numbers.get("measure") == "mean" else None
        value = rate(numbers.get("value"), kind)
        text = _("{value} on {records} records, far above the median {median} of {peers} units (modified z-score {z}).")
        if reason == LOW:
            text = _(
                "{value} on {records} records, far below the median {median} of {peers} units (modified z-score {z})."
            )
        text = text.format(
            value=value,
            records=count(numbers.get("records")),
            median=rate(numbers.get("median"), kind),
            peers=count(numbers.get("peers")),
            z=_score(numbers),
        )
        return value, text, _("Unusual among its peers, which is no proof. To be verified against the records.")

    def _change(self, reason: str, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        now, before = count(numbers.get("now")), count(numbers.get("before"))
        text = _("{now}, {fold} times the {before} of the previous assessment.")
        if reason == SHRANK:
            text = _("{now}, only {part} of the {before} of the previous assessment.")
        text = text.format(
            now=now,
            before=before,
            fold=printed(numbers.get("fold")),
            part=share(numbers.get("now"), numbers.get("before")),
        )
        return (
            now,
            text,
            _("A merger, another period or another way of counting. To be verified before it is confirmed."),
        )

    def _heaping(self, reason: str, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        value = rate(numbers.get("share"))
        text = _("{value} of {records} values end in {digit}, with the other units {expected} (z-score {z}).")
        cause = _("Values may have been rounded or estimated. To be verified against the original records.")
        if reason == LESS:
            cause = _(
                "People who read a scale prefer round numbers; values that show none of it may not have been read. "
                "An instrument that prints its readings shows none of it either. To be verified."
            )
        text = text.format(
            value=value,
            records=count(numbers.get("records")),
            digit=numbers.get("digit") or "",
            expected=rate(numbers.get("expected")),
            z=_score(numbers),
        )
        return value, text, cause

    def _narrow(self, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        value = count(numbers.get("spread"))
        text = _(
            "The standard deviation of {values} values is {value} around {mean}; in the median unit it is {usual}."
        )
        text = text.format(
            value=value,
            values=count(numbers.get("values")),
            mean=count(numbers.get("mean")),
            usual=count(numbers.get("usual")),
        )
        return value, text, _("Values that hardly vary may have been copied or limited. To be verified.")

    def _alike(self, numbers: Row) -> tuple[str, str, str]:
        _ = self.language.gettext
        value = share(numbers.get("alike"), numbers.get("compared"))
        text = _(
            "{alike} of {compared} records, {value}, agree in all compared columns with another one. Two records "
            "picked at random agree with a chance of {chance}, usually of {typical}."
        )
        text = text.format(
            value=value,
            alike=count(numbers.get("alike")),
            compared=count(numbers.get("compared")),
            chance=rate(numbers.get("chance")),
            typical=rate(numbers.get("typical")),
        )
        return value, text, _("Records may have been copied. To be verified against the original records.")
