"""The findings of a unit as HTML: what was found, what to do about it, and an example of right and of wrong.

What a rule has to say about itself is the same on every page, and is put together once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from assess.report.format import count
from assess.report.markup import badge, permalink, safe
from assess.report.model import Assessment, anchor
from assess.report.problems import Problem, RuleRow, Said, Sample, told
from assess.report.wording import Status

# A longer sentence stands within the fold alone, its figure beside the title.
_LONG = 60
_LOUD = ("fail", "review")


class FindingRows:
    """Findings and rules of one assessment."""

    def __init__(self, assessment: Assessment):
        _ = assessment.language.gettext
        self._assessment = assessment
        self._permanent = _("Permanent link")
        self._cause = safe(_("Probable cause: {cause}"))
        self._records = safe(_("Records"))
        self._rule_word = safe(_("Rule"))
        self._more = safe(_("%(number)s more in the workbook of the unit"))
        self._names = [
            (name, safe(said))
            for name, said in (
                ("fix", _("What to do")), ("wrong", _("Wrong")), ("right", _("Right")), ("source", _("Source")),
                ("severity", _("Severity")),
            )
        ]  # fmt: skip
        self._explained: dict[tuple[str, str, bool], str] = {}
        self._rules: dict[str, tuple[str, str, str]] = {}

    def problems(self, problems: Sequence[Problem], measured: frozenset[str]) -> Markup:
        """The findings of one status; `measured` are the rules that the page lists, so that a link leads to them."""
        rules = self._assessment.rules
        lines = "".join(self._line(problem) for problem in problems if problem.source not in rules)
        folds = "\n".join(self._fold(problem, measured) for problem in problems if problem.source in rules)
        lines = f'<ul class="findings">{lines}</ul>' if lines else ""
        return Markup(lines + folds)  # noqa: S704 - every text went through `safe`

    def _line(self, problem: Problem) -> str:
        """Findings about an indicator, whose sheet says what to do, or about what was submitted."""
        title = safe(problem.title)
        title = f'<a href="{problem.href}">{title}</a>' if problem.href else f"<b>{title}</b>"
        severity = safe(self._assessment.wording.severities[problem.severity])
        return "".join(f'<li id="{said.id}">{title} {self._said(said)} · {severity}</li>' for said in problem.said)

    def _said(self, said: Said) -> str:
        statement = said.statement
        tone = f' class="{statement.tone}"' if statement.tone in _LOUD else ""
        cause = self._cause.format(cause=safe(statement.cause)) if statement.cause else ""
        cause = f' <span class="soft">{cause}</span>' if cause else ""
        return f"<span{tone}>{safe(statement.text)}</span>{cause} {permalink(said.id, self._permanent)}"

    def _fold(self, problem: Problem, measured: frozenset[str]) -> str:
        first, *others = problem.said
        statement = first.statement
        tone = f" {statement.tone}" if statement.tone in _LOUD else ""
        # Several findings of one rule are told one by one within, and so is what is too long to stand beside a title.
        brief = statement.text if len(statement.text) <= _LONG else statement.value
        within = ""
        if others or first.title:
            brief = count(len(problem.said)) if others else first.title
            lines = (
                f'<li id="{said.id}">{f"<b>{safe(said.title)}</b> " if said.title else ""}{self._said(said)}</li>'
                for said in problem.said
            )
            within = f'<ul class="findings">{"".join(lines)}</ul>'
        elif statement.cause or brief != statement.text:
            within = f"<p>{self._said(first)}</p>"
        own = "" if others or first.title else f' id="{first.id}"'
        link = "" if within else f" {permalink(first.id, self._permanent)}"
        sample = self._sample(problem.sample) if problem.sample is not None else ""
        explanation = self._explanation(problem.source, problem.severity, problem.source in measured)
        return (
            f'<details class="finding"{own}><summary>{safe(problem.title)}'
            f'<span class="figure{tone}">{safe(brief)}</span></summary>'
            f'<div class="inside">{within}{explanation}{link}</dd></div></dl>{sample}</div></details>'
        )

    def _explanation(self, rule: str, severity: str, linked: bool) -> str:
        known = self._explained.get((rule, severity, linked))
        if known is None:
            known = self._explained[rule, severity, linked] = self._explain(rule, severity, linked)
        return known

    def _explain(self, rule: str, severity: str, linked: bool) -> str:
        """What the rule says about itself, up to its code: the link to the finding follows, and then the end tags."""
        assessment = self._assessment
        language, wording, spec = assessment.language, assessment.wording, assessment.rules[rule]
        examples: Mapping[str, Any] = spec.get("examples") or {}
        effect = wording.effects.get(str(spec.get("effect", "")), "")
        code = safe(rule)
        said = {
            "fix": safe(language.text(spec.get("fix"))),
            "source": safe(language.text(spec.get("source"))),
            "severity": " · ".join(safe(text) for text in (wording.severities[severity], effect) if text),
        }
        for side, name in (("pass", "right"), ("fail", "wrong")):
            first = next(iter(examples.get(side) or ()), None)
            said[name] = "" if first is None else safe(told(first, str(spec.get("table", "")), assessment))
        facts = (
            f'<div class="{name}"><dt>{title}</dt><dd>{said[name]}</dd></div>'
            for name, title in self._names
            if said[name]
        )
        link = f'<a class="code" href="#{anchor("rule", rule)}">{code}</a>' if linked else code
        return f'<dl class="facts-list run">{"".join(facts)}<div><dt>{self._rule_word}</dt><dd>{link}'

    def _sample(self, sample: Sample) -> str:
        lines = (
            f'<li><span class="code">{safe(where)}</span> {safe(record)}{f" — {safe(why)}" if why else ""}</li>'
            for where, record, why in sample.rows
        )
        more = f'<li class="soft">{self._more % {"number": count(sample.more)}}</li>' if sample.more else ""
        return f'<ul class="records" aria-label="{self._records}">{"".join(lines)}{more}</ul>'

    def rules(self, groups: Sequence[tuple[Status, str, Sequence[RuleRow]]]) -> Markup:
        """Every rule in runs of names, by outcome and table, each with the records it applied to."""
        made, before = [], ""
        for status, table, rows in groups:
            if status.code != before:
                made.append(f'{"</dl>" if before else ""}<h3>{badge(status)}</h3><dl class="runs">')
                before = status.code
            names = "".join(self._rule(row) for row in rows)
            made.append(f"<div><dt>{safe(table)}</dt><dd><ul>{names}</ul></dd></div>")
        return Markup("".join([*made, "</dl>" if before else ""]))  # noqa: S704 - every text went through `safe`

    def _rule(self, row: RuleRow) -> str:
        known = self._rules.get(row.rule)
        if known is None:
            own = anchor("rule", row.rule)
            link = f'<a class="perma code" href="#{own}">{safe(row.rule)}</a>'
            known = self._rules[row.rule] = (f'<li id="{own}">', safe(self._assessment.rule_title(row.rule)), link)
        item, title, link = known
        title = f'<a href="#{row.finding}">{title}</a>' if row.finding else title
        figures = f"{row.violated} / {row.applicable}" if row.violated else row.applicable
        return f"{item}{title} {link} {figures}</li>"
