"""Score and waterfall of one unit, and the items of the score; every column of figures adds up as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.report import charts
from assess.report.format import NONE, brief, count, decimals, mark, minor, number, plain, points, rate
from assess.report.looks import Look, veto_text
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word

# Methods of lines that take something from several items together.
OF_THE_WHOLE = ("veto", "aggregate")


@dataclass(frozen=True, slots=True)
class Header:
    """The score as the head of a page shows it."""

    value: str
    exact: str
    full: str
    grade: str
    rank: str
    ranked: str
    group_rank: str
    group_ranked: str
    why: str
    distance: str


def header(score: Row, assessment: Assessment) -> Header:
    """The score with grade and ranks; without a score, why there is none."""
    group = assessment.groups.get(score["unit"])
    return Header(
        value=points(score["score"], 2) if score["score"] is not None else NONE,
        exact=points(score["score"]),
        full=mark(score["max"]),
        grade=assessment.grade_title(score["grade"]),
        rank=count(score["rank"]) if score["rank"] else "",
        ranked=count(assessment.ranked),
        group_rank=count(score["group_rank"]) if score["group_rank"] and group else "",
        group_ranked=count(assessment.group_ranked.get(group or "", 0)),
        why=word(assessment.wording.score_reasons, score["why"]),
        distance=_distance(score, assessment),
    )


def _distance(score: Row, assessment: Assessment) -> str:
    """How far the score is from the next better grade, and what keeps a unit from a grade whose points it has."""
    _ = assessment.language.gettext
    if score["score"] is None or not assessment.grades:
        return ""
    order = [grade["id"] for grade in assessment.grades]
    own = order.index(score["grade"]) if score["grade"] in order else len(order)
    if own == 0:
        return ""
    better = assessment.grades[own - 1]
    least, title = number(better["min"]) or Decimal(0), assessment.grade_title(better["id"])
    if score["score"] >= least:
        return _("The points are those of {grade}, but something else that the grade asks for is not met.").format(
            grade=title
        )
    return _("{points} points short of {grade}, which begins at {least}.").format(
        points=brief(least - score["score"]), grade=title, least=mark(least)
    )


def sentence(score: Row | None, parts: Sequence[Row], looks: Sequence[Look], assessment: Assessment) -> str:
    """The one sentence at the head of a page: what matters most, and what cost most."""
    language = assessment.language
    _ = language.gettext
    said = [assessment.wording.score_reasons.get(score["why"], "")] if score and score["score"] is None else []
    # A rule that did not run is nothing that the unit did; it stands among what to look at first.
    looks = [look for look in looks if look.tone != "error"] or looks
    if looks:
        colon = "：" if language.code == "zh" else ": "
        # Not every sentence ends as one: a share of records does not.
        text = looks[0].text if looks[0].text.endswith((".", "。")) else looks[0].text + _(".")
        said.append(f"{looks[0].title}{colon}{text}")
    main = main_loss(parts)
    if main is not None and score and score["score"] is not None:
        title = part_title(main, assessment)
        said.append(_("Most points were lost by {title} ({points}).").format(title=title, points=brief(-main["lost"])))
    if not said:
        said.append(_("Nothing was found against the data of this unit."))
    return language.joined(said)


def main_loss(parts: Sequence[Row]) -> Row | None:
    """The item that cost most, a veto aside."""
    losing = [part for part in parts if part["lost"] > 0 and part["method"] not in OF_THE_WHOLE]
    return max(losing, key=lambda part: (part["lost"], -part["position"]), default=None)


@dataclass(frozen=True, slots=True)
class Fall:
    """One line of the waterfall: `value` is the exact number, `text` how it is printed.

    A line that is `part` of the group above it is printed in a column of its own: the group holds its points already.
    """

    kind: str
    title: str
    note: str
    value: str
    text: str
    href: str
    start: float
    length: float
    part: bool = False


@dataclass(frozen=True, slots=True)
class _Loss:
    kind: str
    title: str
    note: str
    href: str
    lost: Decimal
    parts: tuple[_Loss, ...] = ()


def waterfall(score: Row | None, parts: Sequence[Row], assessment: Assessment) -> list[Fall]:
    """From full marks through every loss to the score, the largest first, vetoes last; empty where there is no score.

    Items of a group stand under it; what is taken from the whole follows them.
    """
    if score is None or score["score"] is None:
        return []
    _ = assessment.language.gettext
    losses = _losses([part for part in parts if part["lost"]], assessment)
    full, left = score["max"], score["score"]
    rest = full - sum((loss.lost for loss in losses), Decimal(0)) - left
    if rest:
        losses.append(_Loss("loss", _("Not explained by any item"), "", "", rest))
    each = [loss.lost for loss in losses] + [part.lost for loss in losses for part in loss.parts]
    places = max(1, *(decimals(value) for value in (full, left, *each)))
    scale = charts.WATERFALL_WIDTH / float(full)

    def fall(loss: _Loss, end: Decimal, *, part: bool = False) -> Fall:
        start, length = round(max(0.0, float(end)) * scale, 1), max(1.0, round(abs(float(loss.lost)) * scale, 1))
        text = plain(-loss.lost, places)
        return Fall(loss.kind, loss.title, loss.note, str(-loss.lost), text, loss.href, start, length, part)

    lines = [Fall("full", _("Full marks"), "", str(full), plain(full, places), "", 0.0, float(charts.WATERFALL_WIDTH))]
    at = full
    for loss in losses:
        inside = at
        at -= loss.lost
        lines.append(fall(loss, min(at, inside)))
        for part in loss.parts:
            inside -= part.lost
            lines.append(fall(part, inside, part=True))
    length = round(max(0.0, float(left)) * scale, 1)
    lines.append(Fall("score", _("Score"), "", str(left), plain(left, places), "", 0.0, length))
    return lines


def _losses(losing: Sequence[Row], assessment: Assessment) -> list[_Loss]:
    """Items by the group they stand in, the largest loss first; what is taken from the whole comes last."""
    groups: dict[str, list[Row]] = {}
    alone: list[_Loss] = []
    whole: list[_Loss] = []
    for part in losing:
        if part["group"]:
            groups.setdefault(part["group"].partition("/")[0], []).append(part)
        else:
            (whole if part["method"] in OF_THE_WHOLE else alone).append(_loss(part, assessment))
    for name, rows in groups.items():
        lines = [
            _loss(row, assessment) for row in sorted(rows, key=lambda r: (r["method"] in OF_THE_WHOLE, -r["lost"]))
        ]
        branch = assessment.tree.branches.get(name)
        href = "#" + anchor("group", name)
        lost = sum((line.lost for line in lines), Decimal(0))
        alone.append(_Loss("group", branch.title if branch else name, "", href, lost, tuple(lines)))
    return [*sorted(alone, key=lambda loss: -loss.lost), *whole]


def _loss(part: Row, assessment: Assessment) -> _Loss:
    _ = assessment.language.gettext
    title = part_title(part, assessment)
    if part["method"] == "veto":
        return _Loss("veto", title, veto_text(part, assessment), "", part["lost"])
    if part["method"] == "aggregate":
        how = word(assessment.wording.aggregates, part["why"])
        return _Loss(
            "aggregate", title, _("the parts are put together as {how}").format(how=how), "#parts", part["lost"]
        )
    note = word(assessment.wording.part_reasons, part["why"])
    if part["why"] in ("partly", "none") and part["rate"] is not None:
        scored, aimed = rate(part["rate"], _kind(part, assessment)), aim(part, assessment)
        note = _("scored {rate}, target {aim}") if aimed else _("scored {rate}")
        note = note.format(rate=scored, aim=aimed)
    href = "#" + anchor("part", part["part"])
    if part["subject"] in assessment.indicators:
        href = "#" + anchor("indicator", part["subject"])
    return _Loss("loss", title, note, href, part["lost"])


def part_title(part: Row, assessment: Assessment) -> str:
    """The name of a line of the score."""
    key = part["part"], part["group"]
    known = assessment.part_titles.get(key)
    if known is None:
        known = assessment.part_titles[key] = _part_title(part, assessment)
    return known


def _part_title(part: Row, assessment: Assessment) -> str:
    _ = assessment.language.gettext
    if part["method"] == "veto":
        return assessment.veto_title(part["part"].removeprefix("veto:"))
    if part["method"] == "aggregate":
        name = assessment.tree.title(part["group"]) if part["group"] else _("the whole score")
        return _("Aggregate of {group}").format(group=name)
    names = assessment.language.listed(assessment.subject_title(subject) for subject in part["subject"].split("+"))
    return assessment.tree.part_title(part["part"], names)


def _kind(part: Row, assessment: Assessment) -> str | None:
    kind = assessment.indicators.get(part["subject"], {}).get("kind")
    return str(kind) if kind else None


def aim(part: Row, assessment: Assessment) -> str:
    """What full marks ask for: the target of the day, or the bounds that the ruleset states."""
    kind, spec = _kind(part, assessment), assessment.tree.parts.get(part["part"], {})
    if spec.get("lower") is not None:
        return f"{rate(spec['lower'], kind)} – {rate(spec['upper'], kind)}"
    if spec.get("at_least") is not None:
        return rate(spec["at_least"], kind)
    return rate(part["target"], kind) if part["target"] is not None else ""


_SUMMED = ("points", "possible", "given", "lost")


def parts(rows: Sequence[Row], assessment: Assessment) -> dict[str, object]:
    """Every line of the score with its arithmetic, by group, and the sums of the columns."""
    if not rows:
        return {}
    places = max(1, *(decimals(row[name]) for row in rows for name in _SUMMED))
    blocks: dict[str, list[Row]] = {}
    for row in rows:
        blocks.setdefault(row["group"] if row["method"] != "veto" else "veto", []).append(row)
    plainly = len(blocks) == 1
    return {
        "blocks": [
            {
                "id": anchor("group", path.partition("/")[0]) if path and "/" not in path and path != "veto" else "",
                "title": "" if plainly or path in ("", "veto") else assessment.tree.title(path),
                "rows": [_part(row, places, assessment) for row in own],
                "total": {} if plainly or path in ("", "veto") else _sums(own, places),
            }
            for path, own in blocks.items()
        ],
        "total": _sums(rows, places),
    }


def _sums(rows: Sequence[Row], places: int) -> dict[str, str]:
    total = {name: sum((row[name] for row in rows), Decimal(0)) for name in _SUMMED}
    total["lost"] = -total["lost"]
    return {name: plain(value, places) for name, value in total.items()}


def _part(row: Row, places: int, assessment: Assessment) -> dict[str, str]:
    wording = assessment.wording
    why = wording.aggregates if row["method"] == "aggregate" else wording.part_reasons
    return {
        "id": anchor("part", row["part"]),
        "title": part_title(row, assessment),
        "method": word(wording.methods, row["method"]),
        "formula": row["formula"],
        "why": word(why, row["why"]),
        "note": row["note"],
        **{name: plain(row[name], places) for name in ("points", "possible", "given")},
        "lost": plain(-row["lost"], places),
    }


def award(unit: str, assessment: Assessment) -> str:
    """What a unit is paid; empty where nothing was split."""
    row = assessment.awards.get(unit)
    return minor(row["amount_minor"], assessment.currency) if row else ""
