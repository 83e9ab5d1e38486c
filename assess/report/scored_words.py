"""Methods of scores and steps of awards in plain words."""

from __future__ import annotations

from assess.report.language import Language


class ScoredWords:
    """What the codes of scores and awards mean, in the words of one language."""

    def __init__(self, language: Language):
        _ = language.gettext
        self.methods = {
            "rate_itself": _("the rate itself, full marks at the target"),
            "bands": _("by bands"),
            "step_deduction": _("so much off for every step below"),
            "deduct_per_finding": _("so much off for every finding"),
            "evidence": _("present of required"),
            "manual": _("given on site"),
            "aggregate": _("aggregate"),
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
        }
