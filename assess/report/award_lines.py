"""The award of one unit, step by step: every pool with its formula, and what is settled in the end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assess.report.format import count, mark, money, plain
from assess.report.model import Assessment, Row, read_json
from assess.report.wording import word


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its name, what it does, its arithmetic, and the amount.

    `amount` is printed to the cent and `beyond` holds the further decimals, so that the column adds up exactly.
    """

    title: str
    note: str
    formula: str
    amount: str
    beyond: str
    value: str


@dataclass(frozen=True, slots=True)
class PoolLines:
    """The steps of one pool, and their sum."""

    title: str
    money: str
    basis: str
    lines: tuple[Line, ...]
    total: str
    tied: bool


@dataclass(frozen=True, slots=True)
class AwardLines:
    """All pools of one unit, and what is settled over them; `settlement` is empty where nothing was paid before."""

    pools: tuple[PoolLines, ...]
    settlement: tuple[Line, ...]
    total: str
    settled: str
    claim: bool


def award_lines(unit: str, assessment: Assessment) -> AwardLines | None:
    """How the award of a unit was worked out; none where nothing was split."""
    award = assessment.awards.get(unit)
    if award is None:
        return None
    steps: dict[str, list[Row]] = {}
    for row in assessment.of_unit("award_steps", unit):
        steps.setdefault(row["pool"], []).append(row)
    shares = {row["pool"]: row for row in assessment.of_unit("pool_awards", unit)}
    over_all = steps.pop("", [])
    pools = tuple(_pool(pool, shares[pool], rows, unit, assessment) for pool, rows in steps.items() if pool in shares)
    further = any(row["step"] != "total" for row in over_all)
    return AwardLines(
        pools=pools,
        settlement=tuple(_line(row, assessment) for row in over_all) if further or len(pools) > 1 else (),
        total=money(award["amount"], assessment.currency),
        settled=money(award["settlement"], assessment.currency) if further else "",
        claim=award["settlement"] < 0,
    )


def _pool(pool: str, share: Row, rows: Sequence[Row], unit: str, assessment: Assessment) -> PoolLines:
    spec = assessment.pools.get(pool, {})
    return PoolLines(
        title=assessment.pool_title(pool),
        money=money(spec.get("pool"), assessment.currency),
        basis=_basis(spec, share, unit, assessment),
        lines=tuple(_line(row, assessment) for row in rows),
        total=money(share["amount"], assessment.currency),
        tied=share["tied"],
    )


def _basis(spec: Mapping[str, object], share: Row, unit: str, assessment: Assessment) -> str:
    """What the unit's share rests on, with the figures of the register behind it."""
    _ = assessment.language.gettext
    stated = spec.get("basis")
    stated = stated if isinstance(stated, Mapping) else {}
    if stated.get("score"):
        return _("the score: {basis}").format(basis=mark(_decimal(share["basis"])))
    if stated.get("indicator"):
        title = assessment.indicator_title(str(stated["indicator"]))
        return f"{title}: {count(share['basis'])}"
    formula = str(stated.get("sum") or "")
    known = assessment.registered.get(unit, {})
    register = assessment.ruleset.get("unit", {}).get("table", "")
    named = [
        f"{assessment.column_title(register, column)} {grouped(value or '')}"
        for column, value in known.items()
        if re.search(rf"\b{re.escape(column)}\b", formula)
    ]
    named += [
        f"@{name} {grouped(str(value))}"
        for name, value in (assessment.manifest.get("parameters") or {}).items()
        if f"@{name}" in formula
    ]
    said = f" ({assessment.language.listed(named)})" if named else ""
    return f"{formula.replace('*', '×')}{said} = {count(share['basis'])}"


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _line(row: Row, assessment: Assessment) -> Line:
    amount: Decimal = row["amount"]
    cents = amount.quantize(Decimal("0.01"), "ROUND_DOWN")
    text = money(cents, assessment.currency)
    if amount < 0 and not cents:
        text = "−" + text
    note = read_json(row["note"])
    return Line(
        title=word(assessment.wording.steps, row["step"]),
        note=_note(row["step"], note, assessment),
        formula=grouped(str(note.get("formula") or "")),
        amount=text,
        beyond=f"{abs(amount):.6f}"[-4:].rstrip("0"),
        value=str(amount),
    )


def _note(step: str, note: Row, assessment: Assessment) -> str:
    language = assessment.language
    _ = language.gettext
    texts = {
        "entitlement": _("pool × basis ÷ sum of all bases"),
        "quality": _("entitlement × (coefficient − 1)"),
        "redistributed": _("withheld from all × weight ÷ sum of the weights of those who get it"),
        "moved": _("what the floors and caps of others leave"),
        "floor": _("floor − amount before"),
        "cap": _("cap − amount before"),
        "rounding": _("to whole cents, by largest remainder"),
        "total": _("the sum of all pools"),
    }
    said = [texts.get(step, "")]
    if note.get("why") == "no_score":
        said.append(_("without a score the coefficient is 0"))
    elif step == "quality":
        said.append(_coefficient(note, assessment))
    if note.get("why") == "no_basis":
        said.append(_("the basis is not above zero"))
    if note.get("kept") == "carry":
        said.append(_("kept for the next period"))
    elif note.get("kept") == "return":
        said.append(_("goes back to where it came from"))
    if note.get("grades"):
        grades = language.listed(assessment.grade_title(grade) for grade in str(note["grades"]).split(", "))
        said.append(_("only units with the grade {grades}").format(grades=grades))
    if note.get("tied"):
        said.append(_("equal remainders: the unit codes decided"))
    return "；".join(filter(None, said)) if language.code == "zh" else "; ".join(filter(None, said))


def _coefficient(note: Row, assessment: Assessment) -> str:
    _ = assessment.language.gettext
    quality, factor = note.get("quality", ""), note.get("coefficient", "")
    if note.get("method") == "linear":
        return _("coefficient = score ÷ full marks = {factor}").format(factor=factor)
    return _("score ÷ full marks = {quality}, so the coefficient is {factor}").format(quality=quality, factor=factor)


def grouped(formula: str) -> str:
    """A formula with thousands separators in its numbers."""

    def apart(found: re.Match[str]) -> str:
        whole, point, places = found[0].partition(".")
        return plain(Decimal(whole)) + point + places

    return re.sub(r"(?<![\d.])\d{4,}(?:\.\d+)?", apart, formula)
