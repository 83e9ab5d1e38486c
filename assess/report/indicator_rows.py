"""The indicators of a unit as HTML: a line of the table for each, and a sheet with what the line has no room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assess.report.chain import WIDTH, Chain, Link
from assess.report.declared import Declared
from assess.report.format import NONE
from assess.report.language import Language
from assess.report.markup import badge, permalink, safe
from assess.report.model import anchor
from assess.report.sheets import Points, Sheet

# Height of one step of a chain, and of the bar in it.
_STEP, _BAR = 7, 5


@dataclass(frozen=True, slots=True)
class _Still:
    """What of an indicator is the same on every page: the head of its line, and parts of its sheet."""

    line: str
    sheet: str
    title: str
    fix: str
    origin: str


class IndicatorRows:
    """Lines and sheets in one language."""

    def __init__(self, language: Language):
        _ = language.gettext
        self._permanent = _("Permanent link")
        self._estimated = safe(_("denominator estimated"))
        self._removed = safe(_("%(number)s do not count"))
        self._excluded = safe(_("%(number)s excluded"))
        self._in_full = safe(_("in full %(target)s"))
        self._median = safe(_("median %(rate)s"))
        self._exceptions = safe(
            _(
                "%(excluded)s of %(everybody)s are excluded: exception rate %(exceptions)s. Achieved among those who "
                "are left: %(verified)s; receiving among everybody: %(receiving)s."
            )
        )
        self._nobody = safe(_("Nobody is excluded."))
        self._progress = safe(_("progress %(rate)s of the target of the day"))
        self._completion = safe(_("completion %(rate)s of the full target"))
        self._half = safe(_("middle half %(rates)s"))
        self._all = safe(_("all %(rates)s (%(units)s units)"))
        self._summed = safe(_("summed %(rate)s"))
        self._known: dict[str, _Still] = {}
        self._names = {
            name: safe(said)
            for name, said in {
                "exclusions": _("Exclusions"), "interval": _("Interval"), "target": _("Target"), "peers": _("Peers"),
                "points": _("Points"), "formula": _("Formula"), "fix": _("What to do"), "source": _("Source"),
                "name": _("Name"), "chain": _("From the reported rate to the scored one"),
            }.items()
        }  # fmt: skip

    def table(self, rows: Sequence[Sheet], *, reported: bool, previous: bool, scored: bool) -> Markup:
        """A line for each indicator, with the columns that the table has."""
        lines = [self._line(row, reported=reported, previous=previous, scored=scored) for row in rows]
        return Markup("\n".join(lines))  # noqa: S704 - every text went through `safe`

    def _line(self, row: Sheet, *, reported: bool, previous: bool, scored: bool) -> str:
        counts = _of(row)
        if row.removed:
            counts += _note(self._removed % {"number": safe(row.removed)})
        if row.excluded:
            counts += _note(self._excluded % {"number": safe(row.excluded)})
        if row.estimated:
            counts += _note(self._estimated)
        target = safe(row.target)
        if row.target_now:
            target = safe(row.target_now) + _note(self._in_full % {"target": target})
        bars = str(row.bars)
        if row.place is not None and row.place.percentile:
            bars += _note(safe(row.place.percentile))
        tone = "fail" if row.above else "note" if row.status.tone == "fail" else row.status.tone
        raw = f'<td class="n fail strong">{safe(row.raw)}</td>' if row.above else _figure(safe(row.raw))
        change = _note(safe(row.change)) if row.change else ""
        reason = _note(safe(row.reason)) if row.reason else ""
        return (
            f"{self._still(row.declared).line}{_figure(counts)}"
            f"{_figure(safe(row.reported)) if reported else ''}{raw}{_figure(safe(row.verified))}"
            f'<td class="n strong">{safe(row.scored)}</td>{_figure(target)}<td>{bars}</td>'
            f"{_figure(safe(row.previous) + change) if previous else ''}"
            f"{_figure(self._given(row.points)) if scored else ''}<td>{badge(row.status, tone)}{reason}</td></tr>"
        )

    def _given(self, points: Points | None) -> str:
        if points is None:
            return ""
        if not points.counts:
            return NONE
        lost = f'<span class="note lost">{safe(points.lost)}</span>' if points.lost else ""
        return f"{safe(points.given)} / {safe(points.possible)}{lost}"

    def sheets(self, rows: Sequence[Sheet]) -> Markup:
        """A fold for each indicator: what stands behind its line, where it comes from, and how it was arrived at."""
        return Markup("\n".join(self._sheet(row) for row in rows))  # noqa: S704 - every text went through `safe`

    def _sheet(self, row: Sheet) -> str:
        said = []
        if row.points is not None and row.points.counts:
            said.append(f"{safe(row.points.given)} / {safe(row.points.possible)}")
        if row.scored != NONE:
            said.append(safe(row.scored))
        elif row.reason:
            said.append(safe(row.reason))
        still = self._still(row.declared)
        facts = "".join([self._fact(name, text) for name, text in self._facts(row) if text])
        calm, shown = "" if row.told else " calm", " open" if row.above else ""
        return (
            f'<details class="sheet{calm}" id="{still.sheet}"{shown}><summary>{still.title} '
            f'<span class="figure">{" · ".join(said)}</span></summary><div class="inside">'
            f"{self._steps(row.chain) if row.chain is not None else ''}"
            f'<dl class="facts-list run">{facts}{still.fix if row.told else ""}{still.origin}</dl></div></details>'
        )

    def _fact(self, name: str, text: str) -> str:
        return f'<div class="{name}"><dt>{self._names[name]}</dt><dd>{text}</dd></div>'

    def _still(self, declared: Declared) -> _Still:
        """What is the same on the page of every unit, put together once."""
        known = self._known.get(declared.name)
        if known is None:
            own, sheet = anchor("indicator", declared.name), anchor("sheet", declared.name)
            title, kind = safe(declared.title), _note(safe(declared.kind))
            link = f'<a href="#{sheet}">{title}</a> {permalink(own, self._permanent)}'
            source = " · ".join(safe(text) for text in (declared.source, declared.edition) if text)
            known = self._known[declared.name] = _Still(
                line=f'<tr id="{own}"><th scope="row">{link}{kind}</th>',
                sheet=sheet,
                title=title,
                fix=self._fact("fix", safe(declared.fix)) if declared.fix else "",
                origin=(self._fact("source", source) if source else "") + self._fact("name", safe(declared.name)),
            )
        return known

    def _facts(self, row: Sheet) -> list[tuple[str, str]]:
        excluded = ""
        if row.exceptions:
            figures = ("excluded", "everybody", "exceptions", "verified", "receiving")
            named = {name: safe(getattr(row, name)) for name in figures}
            excluded = self._exceptions % named if row.excluded else self._nobody
        target = []
        if row.progress and row.target_now:
            target.append(self._progress % {"rate": safe(row.progress)})
        if row.completion:
            target.append(self._completion % {"rate": safe(row.completion)})
        peers = []
        if row.place is not None:
            peers.append(self._median % {"rate": safe(row.place.median)})
            peers.append(self._half % {"rates": safe(row.place.quartiles)})
            peers.append(self._all % {"rates": safe(row.place.ends), "units": safe(row.place.units)})
            if row.overall:
                peers.append(self._summed % {"rate": safe(row.overall)})
        points = [
            f"{safe(each.given)} / {safe(each.possible)} · {safe(each.method)} · {safe(each.why)} · "
            f'<a href="{each.href}">{self._names["formula"]}</a>'
            for each in ((row.points, *row.more_points) if row.points is not None else ())
        ]
        return [
            ("exclusions", excluded),
            ("interval", safe(row.interval)),
            ("target", " · ".join(target)),
            ("peers", " · ".join(peers)),
            ("points", "; ".join(points)),
        ]

    def _steps(self, chain: Chain) -> str:
        """The chain: every step with what it takes, and a picture with a bar for each."""
        steps = "".join(_step(link) for link in chain.links)
        return f'<div class="chain">{_picture(chain)}<ol aria-label="{self._names["chain"]}">{steps}</ol></div>'


def _of(row: Sheet) -> str:
    return safe(row.numerator) + (f" / {safe(row.denominator)}" if row.denominator != NONE else "")


def _figure(text: str) -> str:
    return f'<td class="n">{text}</td>'


def _note(text: str) -> str:
    return f'<span class="note">{text}</span>'


def _step(link: Link) -> str:
    title = f'<a href="{safe(link.href)}">{safe(link.title)}</a>' if link.href else safe(link.title)
    if link.note and not link.href:  # a rule is named by its link
        title += f" ({safe(link.note)})"
    if link.kind == "state":
        return f"<li>{title} <b>{safe(link.rate)}</b></li>"
    people = f" ({safe(link.people)})" if link.people else ""
    return f'<li class="{link.kind}"><b>{safe(link.change)}</b>{people} {title}</li>'


def _picture(chain: Chain) -> str:
    outlines: dict[str, list[str]] = {}
    for place, link in enumerate(chain.links):
        bar = f"M{link.start} {place * _STEP}h{link.length}v{_BAR}h-{link.length}z"
        outlines.setdefault(link.kind, []).append(bar)
    height = len(chain.links) * _STEP
    drawn = "".join(f'<path class="{kind}" d="{"".join(bars)}"/>' for kind, bars in outlines.items())
    if chain.ceiling is not None:
        drawn += f'<path class="ceiling" d="M{chain.ceiling} -2V{height}"/>'
    return f'<svg width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" aria-hidden="true">{drawn}</svg>'
