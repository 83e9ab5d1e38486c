"""From the rate that a unit reported to the one that is scored: what each rule takes, in steps that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from assess.report.format import MINUS, count, number, plain, printed, scale_of
from assess.report.model import Assessment, Row, anchor, read_list

WIDTH = 180
# So many rules are named beside what they reject together.
_NAMED = 3
_FACTOR = {"percent": 100, "per_mille": 1000, "count": 1}


@dataclass(frozen=True, slots=True)
class Link:
    """One step: what it is, by how much it moves the numerator and the rate, and the rate after it.

    `start` and `length` place its bar in pixels of WIDTH; `kind` is state (a rate by itself), less or more.
    """

    kind: str
    title: str
    note: str
    href: str
    people: str
    change: str
    rate: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Chain:
    """All steps of one indicator; `ceiling` in pixels, or none where it lies outside of the chart."""

    links: tuple[Link, ...]
    ceiling: float | None


@dataclass(frozen=True, slots=True)
class _Step:
    kind: str
    title: str
    note: str
    href: str
    people: Decimal | None
    to: Decimal


def chain(row: Row, mendable: Sequence[Row], violated: Mapping[str, int], assessment: Assessment) -> Chain | None:
    """The steps of one indicator of one unit; none where reported, counted, verified and scored are the same.

    `mendable` are its lines on the side of the numerator, `violated` the records that violate each rule. Rates are
    rounded first and their differences printed, so that what is printed adds up.
    """
    if row["raw"] is None or row["verified"] is None or _as_counted(row, mendable):
        return None
    steps = _steps(row, mendable, violated, assessment)
    scale = scale_of(row["kind"])
    factor = _FACTOR[scale]
    exact = [step.to * factor for step in steps]
    places = _places(exact)
    last = Decimal(1).scaleb(-places)
    shown = [value.quantize(last, ROUND_HALF_UP) for value in exact]
    if all(value == shown[0] for value in shown):
        return None
    ceiling = number(row["ceiling"])
    top = max(*shown, ceiling * factor if ceiling is not None else shown[0]) or Decimal(1)
    px = WIDTH / float(top)
    links, before = [], Decimal(0)
    for step, value in zip(steps, shown, strict=True):
        kind, change, low, high = "state", "", 0.0, float(value)
        if step.kind != "state":
            moved = value - before
            kind, change = ("more" if moved > 0 else "less"), _signed(moved, places)
            low, high = sorted((float(before), high))
        people = _signed(step.people) if step.people else ""
        start, length = round(max(0.0, low) * px, 1), max(1.0, round((high - low) * px, 1))
        links.append(Link(kind, step.title, step.note, step.href, people, change, printed(value, scale), start, length))
        before = value
    return Chain(tuple(links), None if ceiling is None else round(float(ceiling) * factor * px, 1))


def _as_counted(row: Row, mendable: Sequence[Row]) -> bool:
    """Whether the scored rate is plainly the one that was counted, so that no step has to be worked out."""
    return (
        not mendable
        and row["numerator"] == row["numerator_verified"]
        and row["denominator"] == row["denominator_verified"]
        and not (row["differs"] and row["reported"] is not None)
        and (row["scored"] is None or row["scored"] == row["verified"])
    )


def _places(values: Sequence[Decimal]) -> int:
    """So many decimals that no step reads as nothing where there is something, two at least."""
    moved = [abs(b - a) for a, b in pairwise(values) if a != b]
    least = min(moved, default=Decimal(1))
    return next((places for places in (2, 3, 4) if least * 10**places >= 1), 6)


def _steps(row: Row, mendable: Sequence[Row], violated: Mapping[str, int], assessment: Assessment) -> list[_Step]:
    _ = assessment.language.gettext
    counted, of, reported = _exact(row["numerator"]), number(row["denominator"]), number(row["reported"])
    divided = of if of else Decimal(1)
    raw = counted / divided
    steps = []
    if reported is not None and row["differs"]:
        steps.append(_Step("state", _("as reported"), "", "", None, reported))
        steps.append(_Step("move", _("difference to the records"), "", "", None, raw))
    steps.append(_Step("state", _("as counted"), "", "", None, raw))
    left = counted
    for rule, amount in _alone(mendable):
        left -= amount
        href = "#" + anchor("rule", rule)
        steps.append(_Step("move", assessment.rule_title(rule), rule, href, -amount, left / divided))
    kept = _exact(row["numerator_verified"])
    if left != kept:
        title = _("several rules together, or records that can only be taken out")
        named = _others(row["indicator"], mendable, violated, assessment)
        steps.append(_Step("move", title, named, "", kept - left, kept / divided))
    of_verified = number(row["denominator_verified"]) or Decimal(1)
    verified = kept / of_verified
    if of is not None and of_verified != of:
        title = _("exclusions that do not count")
        steps.append(_Step("move", title, "", "", None, verified))
    steps.append(_Step("state", _("verified"), "", "", None, verified))
    scored = number(row["ceiling"])
    if scored is not None and row["scored"] is not None and row["scored"] < row["verified"]:
        steps.append(_Step("move", _("above the ceiling: does not count"), "", "", None, scored))
        steps.append(_Step("state", _("scored"), "", "", None, scored))
    return steps


def _alone(mendable: Sequence[Row]) -> list[tuple[str, Decimal]]:
    """What single rules keep out by themselves, the largest first."""
    single = [(rules[0], _exact(line["amount"])) for line in mendable if len(rules := read_list(line["rules"])) == 1]
    return sorted(single, key=lambda each: (-each[1], each[0]))


def _others(
    indicator: str, mendable: Sequence[Row], violated: Mapping[str, int], assessment: Assessment
) -> str:  # fmt: skip
    """The rules behind what no rule keeps out alone, with the records of the unit that violate each."""
    table = (assessment.indicators[indicator].get("numerator") or {}).get("table")
    together = {rule for line in mendable if len(rules := read_list(line["rules"])) > 1 for rule in rules}
    together |= {
        rule
        for rule, spec in assessment.removing.items()
        if spec.get("table") == table and indicator in (spec.get("indicators") or (indicator,))
    }
    named = sorted((-violated[rule], rule) for rule in together if violated.get(rule))
    titles = [f"{assessment.rule_title(rule)} {count(-number)}" for number, rule in named[:_NAMED]]
    if named[_NAMED:]:
        titles.append(assessment.language.gettext("and others"))
    return assessment.language.listed(titles)


def _exact(value: float | None) -> Decimal:
    return Decimal(int(value)) if value is not None and value.is_integer() else number(value) or Decimal(0)


def _signed(value: Decimal, places: int | None = None) -> str:
    text = count(abs(value)) if places is None else plain(abs(value), places)
    return f"{MINUS if value < 0 else '+'}{text}"
