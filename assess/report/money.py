"""Allocation as the index tells it: pools that add up, what every step moved, bounds, ties, groups, extremes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from assess.report.format import NONE, count, decimals, figure, mark, money, number, plain, rate, share
from assess.report.model import Assessment, Row, anchor
from assess.report.wording import word

Link = tuple[str, str]

# Units that are named where a bound or a tie held them, and at each end of what the score moved.
NAMED, ENDS = 12, 8


@dataclass(frozen=True, slots=True)
class PoolView:
    """One pool: its terms in words, its totals, and the units that a bound or a tie concerns."""

    id: str
    title: str
    terms: tuple[tuple[str, str, bool], ...]
    units: str
    basis_total: str
    weight_total: str
    point: str
    bounds: tuple[tuple[str, tuple[Link, ...], str], ...]
    ties: tuple[Link, ...]
    ties_left: str


def allocation(assessment: Assessment) -> dict[str, Any] | None:
    """The pools, what was awarded, and how; None where the ruleset splits nothing."""
    spec, made = assessment.ruleset.get("allocation"), assessment.manifest.get("allocation")
    if not made or not spec:
        return None
    currency = assessment.currency
    awarded = sum((row["amount"] for row in assessment.awards.values()), Decimal(0))
    kept = Decimal(made.get("kept_minor") or 0) / 100
    totals = {str(pool["id"]): pool for pool in made.get("pools") or ()}
    view: dict[str, Any] = {
        "pools": [],
        "refused": assessment.wording.receipt(made["refused"]) if made.get("refused") else "",
        "pool": money(assessment.pool, currency),
        "awarded": money(awarded, currency),
        "kept": money(kept, currency) if kept else "",
        "difference": money(assessment.pool - awarded - kept, currency),
    }
    if made.get("refused") or not assessment.awards:
        return view
    shares = assessment.frames["pool_awards"]
    return view | {
        "pools": [
            _pool(pool, terms, totals.get(pool, {}), shares.filter(pl.col("pool") == pool), assessment)
            for pool, terms in assessment.pools.items()
        ],
        "sums": _sums(assessment, totals),
        "levels": [_by_group(level, assessment) for level in reversed(assessment.levels)],
        "settlement": _settlement(assessment),
        "ends": _ends(assessment),
    }


def _pool(pool: str, spec: Mapping[str, Any], made: Row, shares: pl.DataFrame, assessment: Assessment) -> PoolView:
    _ = assessment.language.gettext
    bound: dict[str, str] = made.get("bound") or {}
    tied: list[str] = made.get("tied") or []
    point = made.get("value_of_point")
    held = []
    for side, words in (("floor", _("Held at the floor")), ("cap", _("Held at the cap"))):
        units = [unit for unit, at in bound.items() if at == side]
        if units:
            held.append((words, _links(units, assessment), count(len(units) - NAMED) if len(units) > NAMED else ""))
    return PoolView(
        id=anchor("pool", pool),
        title=assessment.pool_title(pool) or _("Pool"),
        terms=tuple(_terms(spec, assessment)),
        units=count(shares.filter(pl.col("amount_minor") > 0).height),
        basis_total=count(made.get("basis_total")),
        weight_total=count(made.get("weight_total")),
        point=_money_a_point(point, assessment),
        bounds=tuple(held),
        ties=_links(tied, assessment),
        ties_left=count(len(tied) - NAMED) if len(tied) > NAMED else "",
    )


def _money_a_point(value: float | None, assessment: Assessment) -> str:
    read = number(value)
    if read is None:
        return ""
    shown = money(read, assessment.currency)
    return shown if read == 0 or abs(read) >= 100 else shown.replace(plain(abs(read), 2), plain(abs(read), 6))


def _links(units: Sequence[str], assessment: Assessment) -> tuple[Link, ...]:
    return tuple((assessment.names.get(unit, unit), f"{assessment.page(unit)}#allocation") for unit in units[:NAMED])


def _terms(spec: Mapping[str, Any], assessment: Assessment) -> list[tuple[str, str, bool]]:
    """What the ruleset says of a pool: a word, its meaning, and whether that is code."""
    _ = assessment.language.gettext
    basis, coefficient = spec.get("basis") or {}, spec.get("coefficient") or {}
    terms: list[tuple[str, str, bool]] = []
    if basis.get("sum"):
        terms.append((_("Basis"), str(basis["sum"]), True))
    elif basis.get("indicator"):
        terms.append((_("Basis"), assessment.indicator_title(str(basis["indicator"])), False))
    else:
        terms.append((_("Basis"), _("the score itself"), False))
    terms.append((_("Coefficient"), coefficient_text(coefficient, assessment), False))
    for name, words in (("floor", _("Floor")), ("cap", _("Cap"))):
        bound = spec.get(name) or {}
        if bound.get("amount") is not None:
            terms.append((words, money(bound["amount"], assessment.currency), False))
        elif bound.get("share") is not None:
            terms.append((words, _("{share} of the entitlement").format(share=rate(bound["share"])), False))
    grades = [assessment.grade_title(grade) for grade in spec.get("redistribute_to") or ()]
    withheld = {
        "carry": _("kept for the next period"),
        "return": _("returned to where it came from"),
    }.get(str(spec.get("withheld") or ""), _("redistributed to all units by basis × coefficient"))
    if grades:
        withheld = _("redistributed to units of the grades {grades}").format(grades=assessment.language.listed(grades))
    terms.append((_("What scores withhold is"), withheld, False))
    terms.append(
        (
            _("Rounding"),
            _("To whole cents by largest remainder; of equal remainders the unit whose key comes first is rounded up."),
            False,
        )
    )
    return terms


def coefficient_text(spec: Mapping[str, Any], assessment: Assessment) -> str:
    """How a score becomes a coefficient, in words."""
    language = assessment.language
    _ = language.gettext
    method = spec.get("method")
    if method == "none":
        return _("1 for every unit: the score is not looked at")
    if method == "cliff":
        text = _("coefficient = 1 from {full_from} of full marks, below it score ÷ full marks")
        text = text.format(full_from=rate(spec.get("full_from")))
    elif method == "bands":
        bands = sorted(spec.get("bands") or (), key=lambda band: -band["from"])
        steps = (
            _("{coefficient} from {share} of full marks").format(
                coefficient=mark(band["coefficient"]), share=rate(band["from"])
            )
            for band in bands
        )
        text = _("coefficient = {steps}; 0 below").format(steps=language.listed(steps))
    else:
        text = _("coefficient = score ÷ full marks")
    if spec.get("decimals") is not None:
        text += _(", rounded to {decimals} decimals").format(decimals=spec["decimals"])
    return text


def _sums(assessment: Assessment, totals: Mapping[str, Row]) -> dict[str, Any]:
    """Every step summed over all units: a column for each pool and one for all, each ending in its pool."""
    _ = assessment.language.gettext
    steps = assessment.frames["award_steps"].filter(pl.col("pool") != "")
    summed = {
        (row["pool"], row["step"]): row["amount"]
        for row in steps.group_by("pool", "step").agg(pl.col("amount").sum()).rows(named=True)
    }
    pools = list(assessment.pools)
    named = [step for step in assessment.wording.steps if any((pool, step) in summed for pool in pools)]
    awarded = {pool: sum((summed.get((pool, step), Decimal(0)) for step in named), Decimal(0)) for pool in pools}
    kept = {pool: Decimal(totals.get(pool, {}).get("kept_minor") or 0) / 100 for pool in pools}
    full = {pool: Decimal(totals.get(pool, {}).get("pool_minor") or 0) / 100 for pool in pools}
    places = max(2, *(decimals(value) for value in summed.values())) if summed else 2

    def cells(values: Mapping[str, Decimal], exact: int) -> list[tuple[str, str]]:
        numbers = [*values.values(), *([sum(values.values(), Decimal(0))] if len(pools) > 1 else [])]
        return [(f"{value:.{exact}f}", plain(value, exact)) for value in numbers]

    lines = [
        (word(assessment.wording.steps, step), cells({p: summed.get((p, step), Decimal(0)) for p in pools}, places), "")
        for step in named
    ]
    lines.append((_("Sum of awards"), cells(awarded, 2), "total"))
    if any(kept.values()):
        lines.append((_("Not paid out"), cells(kept, 2), ""))
    lines.append((_("Pool"), cells(full, 2), ""))
    difference = {pool: full[pool] - awarded[pool] - kept[pool] for pool in pools}
    lines.append((_("Difference"), cells(difference, 2), "strong"))
    heads = [assessment.pool_title(pool) or _("Amount") for pool in pools]
    return {"heads": [*heads, *([_("All pools")] if len(pools) > 1 else [])], "lines": lines}


def _by_group(level: str, assessment: Assessment) -> dict[str, Any]:
    """Awards and settlements by the groups of a level, with their sum."""
    _ = assessment.language.gettext
    money_of: dict[str, list[Row]] = {}
    for unit, row in assessment.awards.items():
        money_of.setdefault(str(assessment.unit_levels.get(unit, {}).get(level) or ""), []).append(row)
    columns = ("amount", "prepaid", "settlement") if _has_advances(assessment) else ("amount",)
    whole = sum((row["amount"] for row in assessment.awards.values()), Decimal(0))
    lines = []
    for name, rows in sorted(money_of.items()):
        group = assessment.level_groups.get((level, name))
        sums = [sum((row[column] for row in rows), Decimal(0)) for column in columns]
        lines.append(
            {
                "name": name or _("no group"),
                "href": group.page if group else "",
                "units": count(len(rows)),
                "share": share(sums[0], whole),
                "amounts": [money(value, assessment.currency) for value in sums],
            }
        )
    total = [sum((row[column] for row in assessment.awards.values()), Decimal(0)) for column in columns]
    return {
        "id": anchor("awards", level),
        "word": assessment.level_title(level),
        "lines": lines,
        "total": [money(value, assessment.currency) for value in total],
        "units": count(len(assessment.awards)),
        "advances": len(columns) > 1,
    }


def _has_advances(assessment: Assessment) -> bool:
    return bool((assessment.ruleset.get("allocation") or {}).get("prepaid"))


def _settlement(assessment: Assessment) -> list[tuple[str, str]]:
    """From awards to what is settled over all units; empty where nothing was paid in advance."""
    if not _has_advances(assessment):
        return []
    _ = assessment.language.gettext
    names = ("amount", "prepaid", "carried", "waived", "settlement")
    sums = {name: sum((row[name] for row in assessment.awards.values()), Decimal(0)) for name in names}
    claims = [row["settlement"] for row in assessment.awards.values() if row["settlement"] < 0]
    lines = [
        (_("Sum of awards"), sums["amount"]),
        (_("Paid in advance"), -sums["prepaid"]),
        *([(_("Carried to the next period"), sums["carried"])] if sums["carried"] else []),
        *([(_("Waived"), sums["waived"])] if sums["waived"] else []),
        (_("To be settled"), sums["settlement"]),
    ]
    shown = [(title, money(value, assessment.currency)) for title, value in lines]
    if claims:
        ngettext = assessment.language.ngettext
        text = ngettext("of it claims on {units} unit", "of it claims on {units} units", len(claims))
        shown.append((text.format(units=count(len(claims))), money(sum(claims, Decimal(0)), assessment.currency)))
    return shown


def _ends(assessment: Assessment) -> dict[str, Any]:
    """The units to which score, bounds and redistribution brought most, and those they took most from."""
    sums = (
        assessment.frames["pool_awards"]
        .group_by("unit")
        .agg(pl.col("entitlement", "amount").sum(), pl.col("coefficient").first(), pools=pl.len())
        .with_columns(moved=pl.col("amount") - pl.col("entitlement"))
        .sort(pl.col("moved"), "unit", descending=[True, False])
    )
    rows = sums.rows(named=True)
    gained, lost = [row for row in rows if row["moved"] > 0], [row for row in rows if row["moved"] < 0][::-1]

    def line(row: Row) -> dict[str, Any]:
        moved, currency = row["moved"], assessment.currency
        return {
            "name": assessment.names.get(row["unit"], row["unit"]),
            "href": f"{assessment.page(row['unit'])}#allocation",
            "group": assessment.groups.get(row["unit"]) or "",
            "coefficient": figure(number(row["coefficient"]) or Decimal(0), 4) if row["pools"] == 1 else NONE,
            "entitlement": money(row["entitlement"], currency),
            "amount": money(row["amount"], currency),
            "moved": ("+" if moved > 0 else "") + money(moved, currency),
            "part": share(abs(moved), row["entitlement"]),
        }

    return {"gained": [line(row) for row in gained[:ENDS]], "lost": [line(row) for row in lost[:ENDS]]}
