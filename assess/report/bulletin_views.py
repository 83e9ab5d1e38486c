"""What stands on a bulletin: the league of a group or of all, its weakest indicators, what became of its findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from assess.report.comparison_words import ComparisonWords, signed
from assess.report.format import NONE, count, minor, points, rate
from assess.report.standings import Group, Member, groups_of, members_of, moved, ranked
from assess.report.titles import Titles, legible
from assess.report.wording import Wording, word
from assess.results import SEVERITIES, Directory, page_name

Data = Mapping[str, Any]
# Findings that somebody has to act on.
_PROBLEMS = ("fail", "error", "not_submitted", "needs_review")
# Lines of tables that a sheet of A4 takes beside its head and its signatures.
_LINES = 24
_LINES_OF_ALL = 21
_NAME = 30


def page_of(group: str) -> str:
    """The file of a group's bulletin; no name of a group makes that of another page."""
    return f"g-{page_name(group)}.html"


class Bulletin:
    """The views of all bulletins of one assessment."""

    def __init__(self, source: Directory, titles: Titles, data: Data | None, min_cell: int):
        self.titles, self.language, self.data, self.min_cell = titles, titles.language, data, min_cell
        self.words, self.wording = ComparisonWords(self.language), Wording(self.language)
        self.tables = {name: source.read(name) for name in
                       ("units", "scores", "awards", "indicators", "findings", "score_parts")}  # fmt: skip
        money = source.manifest.get("allocation") or {}
        self.currency = str(money.get("currency") or "CNY")
        self.scored, self.awarded = not self.tables["scores"].is_empty(), not self.tables["awards"].is_empty()
        self.members = members_of(self.tables, data)
        self.standings = groups_of(self.members)
        self.groups = sorted(
            {member.group for member in self.members.values() if member.group and not member.gone},
            key=lambda group: (self.standings[group].rank or 10**9, group),
        )
        self.findings = self._findings()
        self.days = self._days(source.manifest)
        self.before = {(each["level"], each["unit"], each["indicator"]): each["verified"][0] for each in
                       (data["rates"] if data else ())}  # fmt: skip
        self.lost = self._lost()

    def _days(self, manifest: Data) -> dict[str, str]:
        _ = self.language.gettext
        day = (manifest.get("period") or {}).get("as_of")
        now = self.language.date(day) if day else ""
        then = self.data["old"]["as_of"] if self.data else None
        before = self.language.date(then) if then else ""
        said = _("as of {day}").format(day=now) if now else ""
        if self.data and before:
            said = _("as of {day}, against {before}").format(day=now or NONE, before=before)
        return {"now": now, "before": before, "said": said}

    def _findings(self) -> dict[str | None, list[tuple[str, str, str]]]:
        """Unit to what became of each of its problems, the rule or indicator, and the severity."""
        found: dict[str | None, list[tuple[str, str, str]]] = defaultdict(list)
        if self.data is None:
            rows = self.tables["findings"].filter(pl.col("status").is_in(_PROBLEMS))
            for unit, source, severity in rows.select("unit", "source", "severity").iter_rows():
                found[unit].append(("persisting", source, severity))
            return found
        for each in self.data["findings"]:
            seen = each["after"] or each["before"]
            if seen["status"] in _PROBLEMS:
                found[each["unit"]].append((each["change"], each["source"], seen["severity"]))
        return found

    def _lost(self) -> dict[str, dict[str, Decimal]]:
        """Indicator to unit to the points that it cost the unit."""
        found: dict[str, dict[str, Decimal]] = defaultdict(dict)
        rows = self.tables["score_parts"].filter(~pl.col("method").is_in(["veto", "aggregate"]))
        for unit, subject, lost in rows.select("unit", "subject", "lost").iter_rows():
            if subject in self.titles.indicators:
                found[subject][unit] = found[subject].get(unit, Decimal(0)) + lost
        return found

    def of_group(self, group: str) -> dict[str, Any]:
        """The bulletin of one group: all its units by rank."""
        own = [member for member in self.members.values() if member.group == group and not member.gone]
        room = min(6, max(2, (_LINES - len(own)) // 2))
        standing, word_ = self.standings[group], self.titles.level_word(self.titles.levels[0])
        return {
            "name": legible(group, _NAME),
            "word": word_,
            "sentence": self._sentence(own, standing),
            "facts": self._facts(own, standing),
            "groups": [],
            "units": [self._member(member) for member in ranked(own)],
            "extremes": [],
            "weakest": self._weakest(own, (self.titles.levels[0], group), room),
            "rules": self._rules([member.unit for member in own], room),
            "gone": [legible(m.name, _NAME) for m in self.members.values() if m.group == group and m.gone],
        }

    def of_all(self) -> dict[str, Any]:
        """The bulletin of all units: the groups by mean score, and the units at either end."""
        own = [member for member in self.members.values() if not member.gone]
        room = max(2, min(5, (_LINES_OF_ALL - len(self.groups or own)) // 4))
        standing = groups_of({member.unit: member for member in self.members.values()}, whole=True)[""]
        return {
            "name": "",
            "word": "",
            "sentence": self._sentence(own, standing),
            "facts": self._facts(own, standing),
            "groups": [self._group(group) for group in self.groups],
            "units": [] if self.groups else [self._member(member) for member in ranked(own)],
            "extremes": self._extremes(own, room) if self.groups else [],
            "weakest": self._weakest(own, ("all", "all"), room),
            "rules": self._rules([*(member.unit for member in own), None], room),
            "gone": [legible(member.name, _NAME) for member in self.members.values() if member.gone],
        }

    def _sentence(self, own: Sequence[Member], standing: Group) -> str:
        _ = self.language.gettext
        said = []
        if standing.mean is not None:
            text = _("{units} units score {mean} on average.")
            mean = points(_decimal(standing.mean), 2)
            said.append(text.format(units=count(standing.ranked), mean=mean))
        if self.data is not None:
            rose = sum((member.gained or 0) > 0 for member in own)
            fell = sum((member.gained or 0) < 0 for member in own)
            if self.scored:
                said.append(_("{up} score higher than before, {down} lower.").format(up=count(rose), down=count(fell)))
            tally = self._tally(member.unit for member in own)
            said.append(
                _("{new} problems are new, {persisting} persist, {resolved} are resolved.").format(
                    **{name: count(number) for name, number in tally.items()}
                )
            )
            if tally["unchecked"]:
                text = _("{number} could not be looked at again, which does not resolve them.")
                said.append(text.format(number=count(tally["unchecked"])))
        without = sum(member.score is None for member in own) if self.scored else 0
        if without:
            said.append(_("{number} units have no score.").format(number=count(without)))
        return self.language.joined(said)

    def _facts(self, own: Sequence[Member], standing: Group) -> list[tuple[str, str, str]]:
        _ = self.language.gettext
        facts = []
        if standing.mean is not None:
            change = signed(_decimal(standing.gained), 2) if standing.gained is not None else ""
            facts.append((_("Mean score"), points(_decimal(standing.mean), 2), change))
        if standing.rank is not None:
            facts.append((_("Place among {word}").format(word=self.titles.group_word),
                          f"{standing.rank} / {len(self.groups)}",
                          moved(standing.rank_before, standing.rank) if standing.rank_before else ""))  # fmt: skip
        if self.awarded:
            paid = sum(member.minor or 0 for member in own)
            facts.append((_("Award"), minor(paid, self.currency), ""))
        tally = self._tally(member.unit for member in own)
        if self.data is None:
            facts.append((_("Problems"), count(tally["persisting"]), ""))
        else:
            facts += [(self.words.changes[name], count(tally[name]), "") for name in ("new", "persisting", "resolved")]
        return facts

    def _tally(self, units: Iterable[str | None]) -> dict[str, int]:
        """How many problems of the units are new, persist, are resolved, or were not checked again."""
        counts = Counter(change for unit in units for change, _source, _severity in self.findings.get(unit, ()))
        return {change: counts[change] for change in self.words.changes}

    def _member(self, member: Member) -> dict[str, Any]:
        tally = self._tally([member.unit])
        return {
            "name": legible(member.name, _NAME),
            "group": legible(member.group or "", _NAME),
            "rank": count(member.rank),
            "moved": moved(member.rank_before, member.rank) if member.known_before else self.words.changes["new"],
            "group_rank": count(member.group_rank),
            "group_moved": moved(member.group_rank_before, member.group_rank)
            if member.known_before
            else self.words.changes["new"],
            "score": points(member.score, 2),
            "gained": signed(member.gained, 2),
            "grade": self.titles.grade(member.grade),
            "award": minor(member.minor, self.currency),
            "new": count(tally["new"]) if tally["new"] else "",
            "persisting": count(tally["persisting"]) if tally["persisting"] else "",
            "resolved": count(tally["resolved"]) if tally["resolved"] else "",
        }

    def _group(self, group: str) -> dict[str, Any]:
        own = [member for member in self.members.values() if member.group == group and not member.gone]
        standing, tally = self.standings[group], self._tally(member.unit for member in own)
        return {
            "name": legible(group, _NAME),
            "href": page_of(group),
            "rank": count(standing.rank),
            "moved": moved(standing.rank_before, standing.rank),
            "units": count(len(own)),
            "mean": points(_decimal(standing.mean), 2) if standing.mean is not None else NONE,
            "gained": signed(_decimal(standing.gained), 2) if standing.gained is not None else NONE,
            "award": minor(sum(member.minor or 0 for member in own), self.currency),
            "new": count(tally["new"]),
            "persisting": count(tally["persisting"]),
            "resolved": count(tally["resolved"]),
        }

    def _extremes(self, own: Sequence[Member], most: int) -> list[tuple[str, list[dict[str, Any]]]]:
        """The units at either end of the ranking; those that rose and fell most."""
        _ = self.language.gettext
        standing = [member for member in ranked(own) if member.rank is not None]
        ends = [(_("First"), standing[:most]), (_("Last"), standing[max(most, len(standing) - most) :])]
        if self.data is not None:
            by_gain = sorted((m for m in standing if m.gained), key=lambda m: (-(m.gained or 0), m.unit))
            ends += [
                (_("Rose most"), [member for member in by_gain[:most] if (member.gained or 0) > 0]),
                (_("Fell most"), [member for member in reversed(by_gain[-most:]) if (member.gained or 0) < 0]),
            ]
        return [(title, [self._member(member) for member in each]) for title, each in ends if each]

    def _weakest(self, own: Sequence[Member], scope: tuple[str, str], most: int) -> list[dict[str, Any]]:
        """The indicators that cost most points, or, without a score, those furthest from their targets."""
        level, name = scope
        rows = self.tables["indicators"].filter((pl.col("level") == level) & (pl.col("unit") == name))
        everywhere = {row["indicator"]: row for row in
                      self.tables["indicators"].filter(pl.col("level") == "all").iter_rows(named=True)}  # fmt: skip
        units = [member.unit for member in own]
        found = []
        for row in rows.iter_rows(named=True):
            taken = self.lost.get(row["indicator"], {})
            lost = sum((taken.get(unit, Decimal(0)) for unit in units), Decimal(0))
            behind = row["progress"] is not None and row["progress"] < 1
            if lost or (behind and not self.scored):
                found.append((-lost, row["progress"] if row["progress"] is not None else 1.0, row))
        found.sort(key=lambda each: (each[0], each[1], each[2]["indicator"]))
        return [self._indicator(row, -lost, len(units), everywhere, scope) for lost, _progress, row in found[:most]]

    def _indicator(
        self, row: Data, lost: Decimal, units: int, everywhere: Mapping[str, Data], scope: tuple[str, str]
    ) -> dict[str, Any]:  # fmt: skip
        kind, small = row["kind"], self._is_small(row)
        whole = everywhere.get(row["indicator"])
        before = self.before.get((*scope, row["indicator"]))
        gained = None
        if row["verified"] is not None and before is not None:
            gained = Decimal(repr(row["verified"])) - Decimal(repr(before))
        return {
            "title": self.titles.indicator(row["indicator"]),
            "rate": "*" if small else rate(row["verified"], kind),
            "small": small,
            "target": rate(row["target_now"], kind) if row["target_now"] is not None else NONE,
            "everywhere": rate(whole["verified"], kind) if whole else NONE,
            "gained": "" if small else _points_of_rate(gained, kind),
            "lost": points(-lost, 2) if lost else "",
            "mean_lost": points(-lost / units, 2) if lost and units else "",
            "bar": None if small or kind in ("per_mille", "count", "points", "growth") else _bar(row, whole),
        }

    def _is_small(self, row: Data) -> bool:
        """Whether a rate speaks of so few that they could be known."""
        part, of = row["numerator_verified"], row["denominator_verified"]
        if part is None or of is None:
            return False
        return bool(of < self.min_cell or 0 < part < self.min_cell or 0 < of - part < self.min_cell)

    def _rules(self, units: Iterable[str | None], most: int) -> list[dict[str, Any]]:
        """The rules and indicators with most new problems, then those with most that persist."""
        by_source: dict[str, Counter[str]] = defaultdict(Counter)
        severity: dict[str, str] = {}
        for unit in units:
            for change, source, grave in self.findings.get(unit, ()):
                by_source[source][change] += 1
                severity[source] = min(severity.get(source, "info"), grave, key=SEVERITIES.index)
        order = sorted(
            (source for source, tally in by_source.items() if tally["new"] or tally["persisting"]),
            key=lambda name: (-by_source[name]["new"], SEVERITIES.index(severity[name]),
                              -by_source[name]["persisting"], name),
        )  # fmt: skip
        return [
            {
                "title": self.language.gettext("Submissions") if name == "intake" else self.titles.subject(name),
                "severity": word(self.wording.severities, severity[name]),
                **{change: count(number) if (number := by_source[name][change]) else ""
                   for change in self.words.changes},
            }
            for name in order[:most]
        ]  # fmt: skip


def _decimal(value: Fraction | None) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator) if value is not None else Decimal(0)


def _points_of_rate(gained: Decimal | None, kind: str | None) -> str:
    """The change of a rate in points of its scale."""
    if gained is None:
        return ""
    if kind in ("count", "points"):
        return signed(gained, 0)
    return signed(gained * (1000 if kind == "per_mille" else 100), 2)


def _bar(row: Data, whole: Data | None) -> dict[str, float] | None:
    """A bar of 90 from zero to the largest of rate, target and 100 %; ticks for the target and for all units."""
    values = [row["verified"], row["target_now"], whole["verified"] if whole else None]
    if values[0] is None:
        return None
    top = max(1.0, *(value for value in values if value is not None))
    shown = [None if value is None else round(90 * value / top, 1) for value in values]
    return {"rate": shown[0] or 0.0, "target": shown[1] if shown[1] is not None else -1.0}
