"""Score, waterfall and award of one unit; every column of figures adds up as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.report import charts
from assess.report.format import NONE, count, decimals, figure, mark, minor, money, number, plain, points, rate
from assess.report.looks import Look, veto_text
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word


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
    )


def sentence(score: Row | None, parts: Sequence[Row], looks: Sequence[Look], assessment: Assessment) -> str:
    """The one sentence at the head of a page: what matters most, and what cost most."""
    language = assessment.language
    _ = language.gettext
    said = [assessment.wording.score_reasons.get(score["why"], "")] if score and score["score"] is None else []
    if looks:
        colon = "：" if language.code == "zh" else ": "
        # Not every sentence ends as one: a share of records does not.
        text = looks[0].text if looks[0].text.endswith((".", "。")) else looks[0].text + _(".")
        said.append(f"{looks[0].title}{colon}{text}")
    main = main_loss(parts)
    if main is not None and score and score["score"] is not None:
        title = assessment.subject_title(main["subject"])
        said.append(
            _("Most points were lost by {title} ({points}).").format(title=title, points=points(-main["lost"], 2))
        )
    if not said:
        said.append(_("Nothing was found against the data of this unit."))
    return language.joined(said)


def main_loss(parts: Sequence[Row]) -> Row | None:
    """The item that cost most, a veto aside."""
    losing = [part for part in parts if part["lost"] > 0 and part["method"] != "veto"]
    return max(losing, key=lambda part: (part["lost"], -part["position"]), default=None)


@dataclass(frozen=True, slots=True)
class Fall:
    """One line of the waterfall: `value` is the exact number, `text` how it is printed."""

    kind: str
    title: str
    note: str
    value: str
    text: str
    href: str
    start: float
    length: float


def waterfall(score: Row | None, parts: Sequence[Row], assessment: Assessment) -> list[Fall]:
    """From full marks through every loss, the largest first, to the score; empty where there is no score."""
    if score is None or score["score"] is None:
        return []
    _ = assessment.language.gettext
    losing = sorted(
        (part for part in parts if part["lost"]), key=lambda part: (part["method"] == "veto", -part["lost"])
    )
    losses = [part["lost"] for part in losing]
    full, left = score["max"], score["score"]
    rest = full - sum(losses) - left
    places = max(1, *(decimals(value) for value in (full, left, rest, *losses)))
    lines = [(*_fall(part, assessment), -part["lost"]) for part in losing]
    if rest:
        losses.append(rest)
        lines.append(("loss", _("Not explained by any item"), "", "", -rest))
    lines = [("full", _("Full marks"), "", "", full), *lines, ("score", _("Score"), "", "", left)]
    return [
        Fall(kind, title, note, str(value), plain(value, places), href, step.start, step.length)
        for (kind, title, note, href, value), step in zip(lines, charts.waterfall(full, losses), strict=True)
    ]


def _fall(part: Row, assessment: Assessment) -> tuple[str, str, str, str]:
    _ = assessment.language.gettext
    if part["method"] == "veto":
        title = assessment.veto_title(part["part"].removeprefix("veto:"))
        return "veto", title, veto_text(part, assessment), ""
    note = word(assessment.wording.part_reasons, part["why"])
    if part["why"] in ("partly", "none") and part["rate"] is not None:
        scored, aimed = rate(part["rate"], _kind(part, assessment)), aim(part, assessment)
        note = _("scored {rate}, target {aim}") if aimed else _("scored {rate}")
        note = note.format(rate=scored, aim=aimed)
    href = "#" + anchor("indicator", part["subject"]) if part["subject"] in assessment.indicators else "#parts"
    return "loss", assessment.subject_title(part["subject"]), note, href


def _kind(part: Row, assessment: Assessment) -> str | None:
    kind = assessment.indicators.get(part["subject"], {}).get("kind")
    return str(kind) if kind else None


def aim(part: Row, assessment: Assessment) -> str:
    """What full marks ask for: the target of the day, or the bounds that the ruleset states."""
    kind = _kind(part, assessment)
    for spec in (assessment.ruleset.get("score") or {}).get("parts") or ():
        if part["subject"] in (spec.get("indicator"), spec.get("rule")) and part["method"] == spec.get("method"):
            if spec.get("lower") is not None:
                return f"{rate(spec['lower'], kind)} – {rate(spec['upper'], kind)}"
            if spec.get("at_least") is not None:
                return rate(spec["at_least"], kind)
    return rate(part["target"], kind) if part["target"] is not None else ""


def parts(rows: Sequence[Row], assessment: Assessment) -> dict[str, object]:
    """Every item of the score with its points, and the sums of the columns."""
    if not rows:
        return {}
    places = max(1, *(decimals(row[name]) for row in rows for name in ("points", "possible", "given", "lost")))
    lines = [
        {
            "title": _fall(row, assessment)[1],
            "method": word(assessment.wording.methods, row["method"]),
            "rate": rate(row["rate"], _kind(row, assessment)),
            "target": aim(row, assessment),
            "points": plain(row["points"], places),
            "possible": plain(row["possible"], places),
            "given": plain(row["given"], places),
            "lost": plain(-row["lost"], places),
            "why": word(assessment.wording.part_reasons, row["why"]),
        }
        for row in rows
    ]
    total = {name: sum((row[name] for row in rows), Decimal(0)) for name in ("points", "possible", "given", "lost")}
    total["lost"] = -total["lost"]
    return {"rows": lines, "total": {name: plain(value, places) for name, value in total.items()}}


def award(unit: str, assessment: Assessment) -> str:
    """What a unit is paid; empty where nothing was split."""
    row = assessment.awards.get(unit)
    return minor(row["amount_minor"], assessment.currency) if row else ""


def allocation_steps(unit: str, assessment: Assessment) -> list[tuple[str, str, str]]:
    """Every step of a unit's award: what it is, how it is worked out, and the figure."""
    row, spec = assessment.awards.get(unit), assessment.ruleset.get("allocation") or {}
    if row is None:
        return []
    _ = assessment.language.gettext
    score = assessment.scores.get(unit) or {}
    currency = assessment.currency
    pool = money(assessment.pool, currency)
    basis = str((spec.get("basis") or {}).get("sum") or "")
    used = [
        f"{name} = {value}"
        for name, value in (assessment.manifest.get("parameters") or {}).items()
        if f"@{name}" in basis
    ]
    coefficient, full_from = spec.get("coefficient") or {}, ""
    divided = f"{points(score.get('score'))} ÷ {mark(score.get('max'))}"
    if score.get("score") is None:
        divided = _("no score, so 0")
    elif coefficient.get("method") == "cliff":
        full_from = rate(coefficient.get("full_from"))
        divided = _("{score}, counted in full from {full_from}").format(score=divided, full_from=full_from)
    weight, total = number(row["weight"]) or Decimal(0), assessment.total_weight
    return [
        (_("Basis"), f"{basis} ({assessment.language.listed(used)})" if used else basis, count(row["basis"])),
        (_("Coefficient"), divided, figure(number(row["coefficient"]) or Decimal(0), 6)),
        (_("Weight"), _("basis × coefficient"), plain(weight, 2)),
        (
            _("Share"),
            _("weight ÷ sum of all weights ({total})").format(total=plain(total, 2)),
            figure((number(row["share"]) or Decimal(0)) * 100, 6, "percent"),
        ),
        (_("Exact amount"), _("pool {pool} × share").format(pool=pool), f"{row['exact']:,f}"),
        (_("Rounding"), _("to whole cents, by largest remainder"), plain(row["rounding"], 6)),
        (_("Award"), _("exact amount + rounding"), money(row["amount"], currency)),
    ]  # fmt: skip
