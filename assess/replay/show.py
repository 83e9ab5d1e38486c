"""Replays as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assess.replay.impact import Affected, Impact, Standing
from assess.replay.whatif import Prospect

_NONE = "-"


def of_impact(found: Impact) -> str:
    """The steps, then every unit that they change, those whose money moves most first."""
    if not found.steps:
        return "the two rulesets conclude the same"
    lines = [
        f"{len(found.steps):,} steps, one on top of the other; {len(found.units):,} of {found.of:,} units change",
        "",
    ]
    for number, step in enumerate(found.steps, start=1):
        moved = f"{step.units:,} units, {step.grades:,} grades, {money(step.moved_minor)} moved"
        lines.append(
            f"{number:>3}. {moved}: {step.names[0]}"
            + (f" and {len(step.names) - 1:,} more" if len(step.names) > 1 else "")
        )
        lines += [f"       {said}" for said in step.said]
    if found.units:
        lines += [
            "",
            *table(["unit", "score", "grade", "rank", "money", "by step"], [_unit(each) for each in found.units]),
        ]
    return "\n".join(lines)


def _unit(each: Affected) -> list[str]:
    one, two = each.before, each.after
    causes = [
        f"{cause.step}: " + " ".join(
            text for text in (signed(cause.points), signed_money(cause.amount_minor)) if text
        )
        for cause in each.causes
        if cause.points or cause.amount_minor or cause.grade[0] != cause.grade[1]
    ]  # fmt: skip
    return [
        f"{each.unit} {each.name}",
        both(one.score, two.score),
        both(one.grade, two.grade),
        both(one.rank, two.rank),
        both(*(_paid(standing) for standing in (one, two))),
        "; ".join(causes),
    ]


def of_prospect(found: Prospect) -> str:
    """What a unit has and would have, and each part of the score that changes."""
    lines = [
        (
            f"unit {found.unit}, {found.records:,} violations of {', '.join(found.rules) or 'no rule'} put right, "
            "all others as they are"
        ),
        f"score {both(*found.score)}" + (f" ({signed(_less(*found.score))})" if _less(*found.score) else ""),
        f"grade {both(*found.grade)}",
    ]
    before, after = found.amount_minor
    if before is not None and after is not None:
        lines.append(f"money {money(before)} → {money(after)} ({signed_money(after - before) or '0.00'})")
    if found.parts:
        rows = [
            [change.part, both(*map(_rate, change.rate)), both(*change.given), signed(_less(*change.given))]
            for change in found.parts
        ]
        lines += ["", *table(["part", "rate", "points", ""], rows)]
    return "\n".join(lines)


def _less(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    return None if before is None or after is None else after - before


def _rate(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.4f}"


def both(before: object, after: object) -> str:
    """Before and after, or what did not change."""
    left, right = (_NONE if each is None else str(each) for each in (before, after))
    return left if left == right else f"{left} → {right}"


def signed(amount: Decimal | None) -> str:
    """Points with their sign; nothing for none."""
    return f"{amount:+f}" if amount else ""


def money(minor: int) -> str:
    """Minor units as an amount with two decimals."""
    return f"{minor / 100:,.2f}"


def signed_money(minor: int | None) -> str:
    """Minor units as an amount with its sign; nothing for none."""
    return f"{minor / 100:+,.2f}" if minor else ""


def _paid(standing: Standing) -> str | None:
    return None if standing.amount_minor is None else money(standing.amount_minor)


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of cells in columns; Chinese characters are two columns wide."""
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(head))]
    return ["  ".join(cell + " " * (wide - _width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
            for line in lines]  # fmt: skip
