"""The page that holds two assessments against each other, made from what `assess compare` says as data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from assess.errors import Problem, UsageError
from assess.report.comparison_words import ComparisonWords, signed
from assess.report.format import NONE, count, digest, minor, plain, points, rate
from assess.report.language import Language
from assess.report.sheet import Sheets
from assess.report.standings import moved
from assess.report.titles import Titles, legible
from assess.report.wording import Wording, word
from assess.results import Directory, page_name

Data = Mapping[str, Any]
# Units that are explained, and findings that are listed, on the page; the data hold all.
MOST_UNITS = 200
MOST_FINDINGS = 300


def write(data: Data, new: Path, old: Path, out: Path, lang: str, command: str = "") -> None:
    """Write the page to `out`. `data` is a comparison as plain data, `new` and `old` its assessment directories.

    The same data give the same page, byte for byte. UsageError when `out` is a directory.
    """
    if out.is_dir():
        raise UsageError(Problem(str(out), 0, 0, "AD003", "is a directory", "name a file: --out compare.html"))
    text = render(data, Directory.open(new), Directory.open(old), lang, command)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)


def render(data: Data, new: Directory, old: Directory, lang: str, command: str = "") -> str:
    """The page as text."""
    language = Language(lang)
    titles = Titles(language, new.ruleset, old.ruleset)
    view = ComparePage(data, titles).view()
    view["provenance"] = [_provenance(each, language) for each in (old, new)]
    view["command"] = command
    title = language.gettext("Comparison of two assessments")
    return Sheets(language, "sheet.css").page(
        "compare.html.j2", f"{title} · {titles.ruleset_title}", view, foot=view["between"]
    )


def _provenance(directory: Directory, language: Language) -> dict[str, str]:
    manifest = directory.manifest
    ruleset, product = manifest.get("ruleset") or {}, manifest.get("product") or {}
    return {
        "ruleset": f"{ruleset.get('id', '')} {ruleset.get('version', '')}",
        "ruleset_digest": digest(ruleset.get("sha256")),
        "inputs_digest": digest(manifest.get("inputs_sha256")),
        "as_of": language.date((manifest.get("period") or {}).get("as_of") or ""),
        "product": f"{product.get('name', '')} {product.get('version', '')}",
        "command": str(manifest.get("command") or ""),
    }


class ComparePage:
    """Everything that the page shows, formatted; the template only arranges it."""

    def __init__(self, data: Data, titles: Titles):
        self.data, self.titles, self.language = data, titles, titles.language
        self.words, self.wording = ComparisonWords(self.language), Wording(self.language)
        self.currency = str(data["new"]["currency"] or data["old"]["currency"] or "CNY")
        self.names = {each["unit"]: each["name"] for each in data["units"]}
        self.both = [each for each in data["units"] if each["change"] == "both"]
        self.changed = [each for each in self.both if each["before"] != each["after"] or each["parts"]]

    def view(self) -> dict[str, Any]:
        """The data of the template."""
        explained = [each for each in self.changed if each["parts"] or each["pools"]]
        return {
            "ruleset_title": self.titles.ruleset_title,
            "group_word": self.titles.group_word,
            "between": self._between(),
            "sentence": self._sentence(),
            "facts": self._facts(),
            "notes": [self.words.notes[note] for note in self.data["notes"]],
            "stages": [self._stage(stage) for stage in self.data["stages"]],
            "ruleset_changed": bool(self.data["ruleset"]),
            "hinders": len(self.data["hinders"]),
            "scored": any(each["after"]["max"] for each in self.data["units"] if each["after"]),
            "awarded": self.data["new"]["awarded_minor"] is not None or self.data["old"]["awarded_minor"] is not None,
            "new_units": [self._name(each) for each in self.data["units"] if each["change"] == "new"],
            "gone_units": [self._name(each) for each in self.data["units"] if each["change"] == "gone"],
            "groups": sorted({legible(each["after"]["group"]) for each in self.changed if each["after"]["group"]}),
            "units": [self._unit(each) for each in self._by_rank()],
            "explained": [self._explained(each) for each in explained[:MOST_UNITS]],
            "unexplained": max(0, len(explained) - MOST_UNITS),
            "changes": list(self.words.changes.items()),
            "rules": [self._rule(rule) for rule in self.data["rules"]],
            "lists": self._lists(),
        }

    def _between(self) -> str:
        _ = self.language.gettext
        days = [self.language.date(each["as_of"]) if each["as_of"] else NONE for each in self._sides()]
        return _("{new} against {old}").format(old=days[0], new=days[1])

    def _sides(self) -> tuple[Data, Data]:
        return self.data["old"], self.data["new"]

    def _sentence(self) -> str:
        _ = self.language.gettext
        gained = [Decimal(each["points"]) for each in self.both if each["points"] is not None]
        grades = sum(each["before"]["grade"] != each["after"]["grade"] for each in self.both)
        said = []
        if gained:
            text = _("Of {units} units that are in both, {up} score higher and {down} lower; {grades} change grade.")
            up, down = (sum(each * sign > 0 for each in gained) for sign in (1, -1))
            said.append(text.format(units=count(len(self.both)), up=count(up), down=count(down), grades=count(grades)))
        counts = {change: count(number) for change, number in self.data["counts"].items()}
        said.append(_("{new} findings are new, {persisting} persist, {resolved} are resolved.").format(**counts))
        if self.data["counts"]["unchecked"]:
            said.append(_("{unchecked} could not be looked at again, which does not resolve them.").format(**counts))
        return self.language.joined(said)

    def _facts(self) -> list[tuple[str, str, str]]:
        _ = self.language.gettext
        facts = [(self.words.changes[change], count(number), "") for change, number in self.data["counts"].items()]
        paid = sum(max(0, each["amount_minor"] or 0) for each in self.both)
        if paid and not self.data["selected"]:
            facts.append((_("Money that changes hands"), minor(paid, self.currency), ""))
        return facts

    def _stage(self, stage: Data) -> dict[str, Any]:
        return {
            "title": self.words.stage(stage["kind"], stage["step"]),
            "said": stage["said"],
            "units": count(stage["units"]),
            "points": signed(stage["points"], 2),
            "moved": minor(stage["moved_minor"], self.currency),
        }

    def _name(self, each: Data) -> str:
        return legible(each["name"])

    def _by_rank(self) -> list[Data]:
        return sorted(self.changed, key=lambda each: (each["after"]["rank"] or 10**9, each["unit"]))

    def _unit(self, each: Data) -> dict[str, Any]:
        one, two = each["before"], each["after"]
        return {
            "id": page_name(each["unit"]),
            "name": self._name(each),
            "group": legible(two["group"] or ""),
            "rank": count(two["rank"]),
            "rank_key": two["rank"] or 10**9,
            "moved": moved(one["rank"], two["rank"]),
            "before": points(one["score"], 2),
            "after": points(two["score"], 2),
            "points": signed(each["points"], 2),
            "points_key": each["points"] or "0",
            "down": (each["points"] or "").startswith("-"),
            "grade": self._pair(*(self.titles.grade(side["grade"]) or NONE for side in (one, two))),
            "money": self._signed_money(each["amount_minor"]),
            "money_key": each["amount_minor"] or 0,
            "findings": {change: count(number) if number else "" for change, number in each["findings"].items()},
            "explained": bool(each["parts"] or each["pools"]),
        }

    def _pair(self, before: str, after: str) -> str:
        return after if before == after else f"{before} → {after}"

    def _signed_money(self, amount: int | None) -> str:
        if amount is None:
            return NONE
        text = minor(amount, self.currency)
        return f"+{text}" if amount > 0 else text if amount else "±0"

    def _explained(self, each: Data) -> dict[str, Any]:
        one, two = each["before"], each["after"]
        places = 4
        return {
            "id": page_name(each["unit"]),
            "name": self._name(each),
            "group": legible(two["group"] or ""),
            "score": self._pair(points(one["score"], 2), points(two["score"], 2)),
            "points": signed(each["points"], 2),
            "money": self._signed_money(each["amount_minor"]) if each["amount_minor"] else "",
            "causes": [
                {"title": self.words.stage(cause["kind"], cause["step"]), "points": signed(cause["points"], places),
                 "money": self._signed_money(cause["amount_minor"])}
                for cause in each["causes"]
            ],
            "total": {"points": signed(each["points"], places), "money": self._signed_money(each["amount_minor"])},
            "parts": [self._part(part, places) for part in each["parts"]],
            "pools": [self._pool(pool) for pool in each["pools"]],
        }  # fmt: skip

    def _part(self, part: Data, places: int) -> dict[str, str]:
        one, two = part["before"], part["after"]
        method = (two or one)["method"]
        kind = self.titles.kind(part["subject"])
        why = self.language.listed(word(self.words.because, code) for code in part["because"])
        shares = self.words.shares(part["causes"])
        return {
            "title": self.titles.part(part["part"], part["subject"], method),
            "group": self.titles.groups(part["group"]),
            "rate": self._pair(*(self._rate(side, kind) for side in (one, two))),
            "counts": self._pair(*(_counts(side) for side in (one, two))),
            "target": self._pair(*(rate(side["target"], kind) if side else NONE for side in (one, two))),
            "before": f"{points(one['given'], 2)} / {_mark(one['possible'])}" if one else NONE,
            "after": f"{points(two['given'], 2)} / {_mark(two['possible'])}" if two else NONE,
            "change": signed(part["change"], places),
            "why": why,
            "shares": shares,
        }

    def _rate(self, side: Data | None, kind: str | None) -> str:
        if side is None:
            return NONE
        if side["rate"] is None:
            return count(side["amount"]) if side["amount"] is not None else self.wording.status(side["status"]).word
        return rate(side["rate"], kind)

    def _pool(self, pool: Data) -> dict[str, str]:
        one, two = pool["amount_minor"]
        return {
            "title": self.titles.pool(pool["pool"]),
            "basis": self._pair(*(count(each) for each in pool["basis"])),
            "coefficient": self._pair(*(_figure(each) for each in pool["coefficient"])),
            "share": self._pair(*(rate(each) for each in pool["share"])),
            "amount": self._pair(minor(one, self.currency), minor(two, self.currency)),
            "change": self._signed_money((two or 0) - (one or 0)),
        }

    def source(self, source: str) -> str:
        """The name of a rule or indicator, or what stands for the intake."""
        return self.language.gettext("Submissions") if source == "intake" else self.titles.subject(source)

    def _rule(self, rule: Data) -> dict[str, Any]:
        return {
            "title": self.source(rule["source"]),
            "id": rule["source"],
            "severity": word(self.wording.severities, rule["severity"]),
            "findings": {change: count(number) if number else "" for change, number in rule["findings"].items()},
            "records": self._pair(*(count(each) if each else NONE for each in rule["records"])),
            "units": self._pair(*(count(each) for each in rule["units"])),
        }

    def _lists(self) -> list[dict[str, Any]]:
        """What is new, resolved, not checked again, and what persists but is not what it was."""
        _ = self.language.gettext
        found: Sequence[Data] = self.data["findings"]
        kept = [each for each in found if each["change"] == "persisting" and _differs(each)]
        lists = [(change, title, [each for each in found if each["change"] == change])
                 for change, title in self.words.changes.items() if change != "persisting"]  # fmt: skip
        lists.insert(1, ("persisting", _("Persisting, in other numbers"), kept))
        return [
            {"id": change, "title": title, "count": count(len(own)), "left": max(0, len(own) - MOST_FINDINGS),
             "rows": [self._finding(each) for each in own[:MOST_FINDINGS]]}
            for change, title, own in lists
            if own
        ]  # fmt: skip

    def _finding(self, each: Data) -> dict[str, str]:
        one, two = each["before"], each["after"]
        unit = each["unit"]
        if each["source"] == "intake":
            said = word(self.words.intake, each["reason"])
        elif each["source"] in self.titles.rules:
            said = legible(each["subject"]) if each["subject"] else ""
        else:
            said = word(self.wording.indicator_reasons, each["reason"])
        return {
            "finding": (two or one)["finding"],
            "unit": legible(str(self.names.get(unit, unit))) if unit else self.language.gettext("All units"),
            "title": self.source(each["source"]),
            "said": said,
            "severity": word(self.wording.severities, (two or one)["severity"]),
            "status": self._pair(*(self.wording.status(side["status"]).word for side in (one or two, two or one))),
            "records": self._pair(*(count(side["records"]) if side else NONE for side in (one, two))),
            "why": word(self.words.whys, each["why"]),
        }


def _differs(each: Data) -> bool:
    names = ("status", "severity", "records")
    return any(each["before"][name] != each["after"][name] for name in names)


def _counts(side: Data | None) -> str:
    if side is None or side["numerator"] is None or side["denominator"] is None:
        return ""
    return f"{count(side['numerator'])} / {count(side['denominator'])}"


def _mark(value: str) -> str:
    return plain(Decimal(value).normalize() if Decimal(value) else Decimal(0), None)


def _figure(value: float | None) -> str:
    return NONE if value is None else plain(Decimal(repr(value)), 4)
