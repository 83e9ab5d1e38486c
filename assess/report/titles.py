"""What the things of a ruleset are called, in one language; an earlier ruleset names what is gone from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assess.report.language import Language

Data = Mapping[str, Any]
# Signs that turn the direction of text, or hide; others wrote them, and a reader must see that they are there.
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]")
_OWN_NAME = ("aggregate", "veto")


def visible(text: str, keep: str = "") -> str:
    """Text with the signs that do not show, or that turn its direction, as their codes, but for those of `keep`."""
    return _UNSEEN.sub(lambda sign: sign[0] if sign[0] in keep else f"[U+{ord(sign[0]):04X}]", text)


def legible(text: str, most: int = 80) -> str:
    """Text of a submission on one line: signs that do not show by their code, and no longer than `most`."""
    plain = visible(re.sub("[\t\r\n]+", " ", text[: 4 * most]))
    return plain if len(plain) <= most else plain[: most - 1] + "…"


class Titles:
    """Names of rules, indicators, items, grades and columns. The first of `rulesets` that knows one decides."""

    def __init__(self, language: Language, *rulesets: Data):
        self.language = language
        self.ruleset = rulesets[0]
        later = tuple(reversed(rulesets))
        self.rules = {rule["id"]: rule for each in later for rule in each.get("checks") or ()}
        self.indicators = {entry["id"]: entry for each in later for entry in each.get("indicators") or ()}
        self._tables = {name: table for each in later for kind in ("tables", "views")
                        for name, table in (each.get(kind) or {}).items()}  # fmt: skip
        scores = [each.get("score") or {} for each in later]
        nodes = [node for score in scores for node in _nodes(score.get("parts") or ())]
        self._groups = {node["group"]: node.get("title") for node in nodes if node.get("group")}
        self._items = {_subject(node): node["title"] for node in nodes if not node.get("group") and node.get("title")}
        self._vetoes = {veto["id"]: veto.get("title") for score in scores for veto in score.get("veto") or ()}
        self._grades = {grade["id"]: grade.get("title") for score in scores for grade in score.get("grades") or ()}
        self._pools = {pool["id"]: pool.get("title") for each in later
                       for pool in (each.get("allocation") or {}).get("pools") or ()}  # fmt: skip
        self.ruleset_title = language.text(self.ruleset.get("title"), str(self.ruleset.get("ruleset", "")))

    @property
    def levels(self) -> tuple[str, ...]:
        """The columns that group units, smallest group first."""
        return tuple((self.ruleset.get("unit") or {}).get("levels") or ())

    @property
    def group_word(self) -> str:
        """What the first level is called."""
        return self.level_word(self.levels[0]) if self.levels else self.language.gettext("Group")

    def level_word(self, level: str) -> str:
        """What a level is called."""
        return self.column((self.ruleset.get("unit") or {}).get("table", ""), level)

    def rule(self, rule: str) -> str:
        """A rule's name for people."""
        return self.language.text(self.rules.get(rule, {}).get("title"), rule)

    def indicator(self, indicator: str) -> str:
        """An indicator's name for people; a figure that only units declare bears the name they gave it."""
        return self.language.text(self.indicators.get(indicator, {}).get("title"), legible(indicator))

    def subject(self, subject: str) -> str:
        """The name of a rule, an indicator, or of several rules together."""
        if subject in self.rules:
            return self.rule(subject)
        if "+" in subject and subject not in self.indicators:
            return self.language.listed(self.subject(each) for each in subject.split("+"))
        return self.indicator(subject)

    def kind(self, indicator: str) -> str | None:
        """The kind of an indicator, which says how its figures are printed."""
        kind = self.indicators.get(indicator, {}).get("kind")
        return str(kind) if kind else None

    def part(self, part: str, subject: str, method: str) -> str:
        """The name of a line of the score."""
        _ = self.language.gettext
        if method == "veto":
            veto = part.removeprefix("veto:")
            title = self.language.text(self._vetoes.get(veto), veto)
            return title if _("veto") in title.lower() else _("Veto: {title}").format(title=title)
        if method == "aggregate":
            group = part.partition(":")[2]
            where = self.language.text(self._groups.get(group), group) if group else _("Score")
            return _("Balance of {group}").format(group=where)
        return self.language.text(self._items.get(subject)) or self.subject(subject)

    def groups(self, path: str) -> str:
        """The groups in which a line of the score stands, the outermost first."""
        return " › ".join(self.language.text(self._groups.get(name), name) for name in path.split("/") if name)

    def grade(self, grade: str | None) -> str:
        """A grade's name for people."""
        return self.language.text(self._grades.get(grade or ""), grade or "")

    def pool(self, pool: str) -> str:
        """A pool's name for people; the only pool has none of its own."""
        return self.language.text(self._pools.get(pool)) or (
            pool if pool in self._pools else self.language.gettext("Award")
        )

    def table(self, table: str) -> str:
        """A table's name for people."""
        return self.language.text(self._tables.get(table, {}).get("title"), table)

    def column(self, table: str, column: str) -> str:
        """A column's name for people; in Chinese the first alias in Chinese serves where there is no title."""
        spec = (self._tables.get(table, {}).get("columns") or {}).get(column) or {}
        if spec.get("title"):
            return self.language.text(spec["title"], column)
        aliases = [alias for alias in spec.get("aliases") or () if re.search("[\u4e00-\u9fff]", alias)]
        return aliases[0] if aliases and self.language.code == "zh" else column


def _nodes(parts: Any) -> Iterator[Data]:
    for node in parts:
        yield node
        if node.get("group"):
            yield from _nodes(node.get("parts") or ())


def _subject(node: Data) -> str:
    names = node.get("rules") or [node.get("indicator") or node.get("rule") or node.get("item") or ""]
    return "+".join(names)
