"""What a page needs to add up which points and how much money any choice of mended rules would bring, offline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from assess.report.model import ALL, Assessment, Row, read_list
from assess.report.scoring import OF_THE_WHOLE

_POINTS = 10_000
Pair = tuple[str, str]


def combinations(unit: str, single: Sequence[Row], whole: Row, parts: Sequence[Row], assessment: Assessment) -> str:
    """The arithmetic of one unit as JSON, read by `whatif.js`; empty where there is nothing to combine.

    Points are whole ten-thousandths, rates pairs of whole numbers as text, rules their places among `single`. `known`
    are choices of which the assessment says what they bring: the page works them out too, and where it comes to
    anything else, it says "about".
    """
    if len(single) < 2:
        return ""
    score = assessment.scores[unit]
    places = {row["rule"]: i for i, row in enumerate(single)}
    mendable: dict[str, list[Row]] = {}
    for line in assessment.of_unit("mendable", unit):
        mendable.setdefault(line["indicator"], []).append(line)
    rates = {row["indicator"]: row for row in assessment.of_unit("indicators", unit)}
    measured = {row["rule"]: row["violated"] for row in assessment.of_unit("measurements", unit)}
    moving = []
    for part in parts:
        if part["method"] in OF_THE_WHOLE or not part["possible"]:
            continue
        spec = assessment.tree.parts.get(part["part"], {})
        made = _of_indicator(part, spec, rates, mendable, places) or _of_rules(part, spec, measured, places)
        if made:
            moving.append({"p": int(part["possible"] * _POINTS), "g": int(part["given"] * _POINTS), **made})
    known = [[[places[row["rule"]]], int(row["score"] * _POINTS), row["amount_minor"]] for row in single]
    if whole["rule"] == ALL:
        known.append([list(range(len(single))), int(whole["score"] * _POINTS), whole["amount_minor"]])
    vetoes = (assessment.ruleset.get("score") or {}).get("veto") or ()
    plainly = not any(g.get("requires") for g in assessment.grades) and not any(v.get("grade") for v in vetoes)
    data = {
        "base": sum(int(part["given"] * _POINTS) for part in parts if part["method"] not in OF_THE_WHOLE),
        "now": int(score["score"] * _POINTS),
        "full": int(score["max"] * _POINTS),
        "parts": moving,
        "vetoes": [_veto(part, places, assessment) for part in parts if part["method"] == "veto"],
        "pools": _pools(unit, assessment),
        "known": known,
        "grades": [[str(g["min"]), assessment.grade_title(g["id"])] for g in assessment.grades] if plainly else [],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _exactly(value: Any) -> Fraction:
    """The decimal number as it is written: 0.62 is 62/100, not its binary neighbour."""
    return Fraction(repr(value) if isinstance(value, float) else str(value))


@lru_cache(maxsize=4096, typed=True)
def _pair(value: Any) -> Pair:
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), "1"
    read = value if isinstance(value, Fraction) else _exactly(value)
    return str(read.numerator), str(read.denominator)


def _of_indicator(
    part: Row, spec: Mapping[str, Any], rates: Mapping[str, Row], mendable: Mapping[str, Sequence[Row]],
    places: Mapping[str, int],
) -> dict[str, Any] | None:  # fmt: skip
    """How the points of an indicator follow from what comes back to it."""
    seen, lines = rates.get(part["subject"]), mendable.get(part["subject"])
    if seen is None or not lines or seen["scored"] is None or not spec.get("indicator"):
        return None
    back = [
        [[places[rule] for rule in rules], int(line["side"] == "numerator"), *_pair(line["amount"])]
        for line in lines
        if places.keys() >= set(rules := read_list(line["rules"]))
    ]
    found: dict[str, Any] = {"n": _pair(seen["numerator_verified"]), "m": back, "f": _form(part, spec)}
    if seen["denominator_verified"] is not None:
        found["d"] = _pair(seen["denominator_verified"])
    if seen["ceiling"] is not None:
        found["c"] = _pair(seen["ceiling"])
    return found


def _of_rules(
    part: Row, spec: Mapping[str, Any], measured: Mapping[str, int], places: Mapping[str, int]
) -> dict[str, Any] | None:
    """How the points of a part that looks at rules follow from which of them are mended."""
    rules = spec.get("rules") or ([spec["rule"]] if spec.get("rule") else [])
    if not any(rule in places for rule in rules) or part["amount"] is None:
        return None
    violated = [[places.get(rule, -1), measured[rule]] for rule in rules if rule in measured]
    if part["method"] != "deduct_per_finding":
        return {"v": violated, "f": _form(part, spec)}
    base, most = _base_and_most(spec)
    form = ["each", _pair(spec["each"]), _pair(most), _pair(base)] if base is not None else None
    return {"v": violated, "f": form}


def _base_and_most(spec: Mapping[str, Any]) -> tuple[Fraction | None, Fraction | None]:
    """The full mark that a method counts in, and the most that it deducts."""
    stated = spec.get("out_of") if spec.get("out_of") is not None else spec.get("points")
    if stated is None:
        return None, None
    base = _exactly(stated)
    return base, base if spec.get("at_most") is None else min(base, _exactly(spec["at_most"]))


def _form(part: Row, spec: Mapping[str, Any]) -> list[Any] | None:
    """The share of the points as a function of the rate: line (from, to), self (target), steps, or down."""
    method, target = part["method"], part["target"]
    if method == "proportional":
        return ["line", _pair(0), _pair(1 if target is None else target)]
    if method == "evidence":
        return ["line", _pair(0), _pair(spec.get("required") or 1)]
    if method == "threshold":
        return ["line", _pair(spec["lower"]), _pair(spec["upper"])]
    if method == "rate_itself":
        return ["line", _pair(0), _pair(1)] if target is None else ["self", _pair(target)]
    if method == "pass_fail":
        least = spec["at_least"] if spec.get("at_least") is not None else 1 if target is None else target
        return ["steps", [[*_pair(least), *_pair(1)]]]
    if method == "bands":
        return _bands(target, spec)
    return _down(target, spec) if method == "step_deduction" else None


def _bands(target: float | None, spec: Mapping[str, Any]) -> list[Any] | None:
    factor = _exactly(target) if spec.get("of") == "target" and target is not None else Fraction(1)
    full, steps = spec.get("points"), []
    for band in sorted(spec["bands"], key=lambda band: float(band["from"])):
        if band.get("share") is None and not full:
            return None
        worth = _exactly(band["points"]) / _exactly(full) if band.get("share") is None else _exactly(band["share"])
        steps.append([*_pair(_exactly(band["from"]) * factor), *_pair(min(Fraction(1), worth))])
    return ["steps", steps]


def _down(target: float | None, spec: Mapping[str, Any]) -> list[Any] | None:
    base, most = _base_and_most(spec)
    if base is None or most is None:
        return None
    start = spec["start"] if spec.get("start") is not None else 1 if target is None else target
    begun = int(spec.get("counts") == "started")
    return ["down", _pair(start), _pair(spec["every"]), _pair(spec["costs"]), _pair(most), _pair(base), begun]


def _veto(part: Row, places: Mapping[str, int], assessment: Assessment) -> list[Any]:
    """The rule that lifts a veto (-1: none does), and the highest score it leaves; none where it leaves every one."""
    name = part["part"].removeprefix("veto:")
    vetoes = (assessment.ruleset.get("score") or {}).get("veto") or ()
    spec: Mapping[str, Any] = next((veto for veto in vetoes if veto["id"] == name), {})
    cap = spec.get("cap")
    return [places.get(str(spec.get("rule")), -1), None if cap is None else round(_exactly(cap) * _POINTS)]


def _pools(unit: str, assessment: Assessment) -> list[dict[str, Any]] | None:
    """What the money of a unit follows from; none where it depends on more than its own score."""
    if unit not in assessment.awards:
        return None
    shares = {row["pool"]: row for row in assessment.of_unit("pool_awards", unit)}
    totals = {each["id"]: each for each in (assessment.manifest.get("allocation") or {}).get("pools") or ()}
    found = []
    for name, spec in assessment.pools.items():
        share, total = shares.get(name), totals.get(name)
        if share is None or total is None:
            return None
        coefficient = spec.get("coefficient") or {}
        rounded = coefficient.get("decimals") is not None
        if rounded or any(spec.get(term) for term in ("floor", "cap", "redistribute_to")):
            return None
        kept = spec.get("withheld") in ("carry", "return")
        method = coefficient.get("method")
        made: dict[str, Any] = {
            "pool": total["pool_minor"], "now": share["amount_minor"], "basis": share["basis"],
            "weight": share["weight"], "of": total["basis_total"] if kept else total["weight_total"], "kept": int(kept),
            "factor": [method],
        }  # fmt: skip
        if (spec.get("basis") or {}).get("score"):
            made["score"] = 1
        if method == "cliff":
            made["factor"].append(coefficient["full_from"])
        elif method == "bands":
            made["factor"].append(sorted([band["from"], band["coefficient"]] for band in coefficient["bands"]))
        found.append(made)
    return found
