"""A comparison of two assessments as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from assess.replay.comparison import Comparison, Identity, StageSaid, UnitChange
from assess.replay.matched import CHANGES
from assess.replay.parts import PartChange, PartSide
from assess.replay.show import both, money, signed, signed_money, table

MOST_UNITS = 40
_NOTES = {
    "other_ruleset": "the two rest on rulesets of different names",
    "new_is_earlier": "NEW is of an earlier day than OLD",
    "same_inputs": "both rest on the same files",
    "other_version": "the two were made by different versions of this program",
    "other_currency": "the two pay in different currencies",
    "no_common_units": "no unit is in both",
}
_BECAUSE = {
    "part_new": "new item", "part_gone": "item gone", "method": "another method", "weight": "another weight",
    "redistributed": "points moved between items", "status": "assessed otherwise", "target": "another target",
    "rate": "another rate", "amount": "another amount",
}  # fmt: skip
_KINDS = {
    "submissions": "submissions",
    "engine": "another version of this program",
    "together": "submissions, and what counts otherwise",
}
_WORDS = {"new": "new", "persisting": "persisting", "resolved": "resolved", "unchecked": "not checked again"}


def of_comparison(found: Comparison) -> str:
    """What differs in all, rule by rule and unit by unit, and for each unit why its score is another."""
    lines = [f"OLD  {_identity(found.old)}", f"NEW  {_identity(found.new)}"]
    lines += [f"note: {_NOTES.get(note, note)}" for note in found.notes]
    lines += ["", "findings: " + ", ".join(f"{found.counts[change]:,} {_WORDS[change]}" for change in CHANGES)]
    if found.rules:
        rows = [[rule.source, rule.severity, *(f"{rule.findings[change]:,}" for change in CHANGES),
                 both(*(f"{number:,}" for number in rule.records))] for rule in found.rules]  # fmt: skip
        lines += table(["by", "severity", *(_WORDS[change] for change in CHANGES), "records"], rows)
    lines += ["", *_stages(found), "", *_units(found)]
    return "\n".join(lines).rstrip()


def _identity(one: Identity) -> str:
    day = f", as of {one.as_of}" if one.as_of else ""
    paid = ""
    if one.refused:
        paid = f", allocation refused: {one.refused}"
    elif one.awarded_minor is not None:
        paid = f", {money(one.awarded_minor)} {one.currency or ''} awarded".rstrip()
    return f"{one.ruleset} {one.version}{day}, {one.units:,} units, {one.ranked:,} ranked{paid}"


def _stages(found: Comparison) -> Iterator[str]:
    if not found.ruleset:
        yield "ruleset: the same; what changed was submitted"
        return
    yield f"ruleset: {len(found.ruleset):,} changes, tried one on top of the other"
    for stage in found.stages:
        yield f"  {_stage(stage.kind, stage.step)}: {stage.units:,} units, {_effect(stage)}"
        yield from (f"       {said}" for said in stage.said)
    if found.hinders:
        counted = f"{len(found.hinders):,} things were not counted as the new ruleset counts them"
        yield f"  {counted}, such as: {found.hinders[0]}"


def _effect(stage: StageSaid) -> str:
    return f"{signed(stage.points) or '0'} points in sum, {money(stage.moved_minor)} moved"


def _stage(kind: str, step: int | None) -> str:
    return f"change {step}" if step is not None else _KINDS[kind]


def _units(found: Comparison) -> Iterator[str]:
    changed = [each for each in found.units if each.change == "both" and each.differs]
    for change, word in (("new", "new units"), ("gone", "units that are gone")):
        own = [each for each in found.units if each.change == change]
        if own:
            yield f"{word}: " + ", ".join(f"{each.unit} {each.name}" for each in own[:MOST_UNITS])
    of = sum(each.change == "both" for each in found.units)
    up, down = (sum((each.points or 0) * sign > 0 for each in changed) for sign in (1, -1))
    grades = sum(each.before.grade != each.after.grade for each in changed if each.before and each.after)
    moved = f"{up:,} scores up, {down:,} down, {grades:,} grades changed"
    yield f"units: {len(changed):,} of {of:,} stand otherwise: {moved}"
    for each in changed[:MOST_UNITS]:
        yield ""
        yield from _unit(each)
    if len(changed) > MOST_UNITS:
        yield ""
        yield f"and {len(changed) - MOST_UNITS:,} more (--format json lists all, --unit names some, --out makes a page)"


def _unit(each: UnitChange) -> Iterator[str]:
    one, two = each.before, each.after
    if one is None or two is None:
        return
    grown = f" ({signed(each.points)})" if each.points else ""
    yield f"{each.unit} {each.name}"
    paid = both(*(None if side.amount_minor is None else money(side.amount_minor) for side in (one, two)))
    more = f" ({signed_money(each.amount_minor)})" if each.amount_minor else ""
    yield (
        f"  score {both(one.score, two.score)}{grown}  grade {both(one.grade, two.grade)}  "
        f"rank {both(one.rank, two.rank)}  money {paid}{more}"
    )
    if len(each.causes) > 1:
        said = (
            f"{_stage(cause.kind, cause.step)} "
            + " ".join(text for text in (signed(cause.points), signed_money(cause.amount_minor)) if text)
            for cause in each.causes
        )
        yield "  by " + "; ".join(said)
    for line in table(["", "", "", "", "", ""], [_part(part) for part in each.parts])[1:]:
        yield f"  {line}"


def _part(part: PartChange) -> list[str]:
    one, two = part.before, part.after
    why = ", ".join(_BECAUSE.get(code, code) for code in part.because)
    if len(part.causes) > 1:
        shares = (f"{_stage(cause.kind, cause.step)} {signed(cause.points)}" for cause in part.causes)
        why += " (" + "; ".join(shares) + ")"
    return [
        part.part,
        both(*(_rate(side) for side in (one, two))),
        both(*(None if side is None or side.target is None else f"{side.target:.4f}" for side in (one, two))),
        both(*(None if side is None else f"{_short(side.given)}/{_short(side.possible)}" for side in (one, two))),
        signed(part.change) or "0",
        why,
    ]


def _rate(side: PartSide | None) -> str | None:
    if side is None or side.rate is None:
        return None if side is None else side.status if side.amount is None else f"{side.amount:g}"
    counted = f" = {side.numerator:g}/{side.denominator:g}" if side.numerator is not None and side.denominator else ""
    return f"{side.rate:.4f}{counted}"


def _short(points: Decimal) -> str:
    text = f"{points:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
