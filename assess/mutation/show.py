"""The mutation score as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from assess.mutation.score import Score


def as_text(score: Score) -> str:
    """What was tried, every example that fails, every survivor with the example that would notice it."""
    return "\n".join(_lines(score))


def _lines(score: Score) -> Iterator[str]:
    tested = [rule for rule in score.rules if rule.skipped is None]
    yield f"{score.ruleset}: {len(tested):,} rules, {score.examples:,} examples, {len(score.problems):,} not as stated"
    for reason, count in Counter(rule.skipped for rule in score.rules if rule.skipped).items():
        yield f"left out: {count:,} x {reason}"
    yield from (f"{problem}" for problem in score.problems)
    if score.problems:
        wrong = sum(1 for rule in tested if rule.problems)
        yield f"mutants of {wrong:,} rules were not made: their examples do not hold"
    invalid = f"; {score.invalid:,} more were no valid rules" if score.invalid else ""
    yield f"mutants: {score.killed:,} of {score.mutants:,} killed{_percent(score.share)}{invalid}"
    for survivor in score.survivors:
        hint = f"; {survivor.hint}" if survivor.hint else ""
        yield f"{survivor.where}: survives: {survivor.rule}, {survivor.change}{hint}"


def _percent(share: Fraction | None) -> str:
    """The share, cut off to one decimal: 100.0 % only when all of them are."""
    if share is None:
        return ""
    return f" ({share * 1000 // 1 / 10:.1f} %)"


def as_json(score: Score) -> str:
    """The same, complete: totals, rules, problems and survivors."""
    said = {
        "ruleset": score.ruleset,
        "examples": score.examples,
        "problems": [str(problem) for problem in score.problems],
        "mutants": score.mutants,
        "killed": score.killed,
        "invalid": score.invalid,
        "share": float(score.share) if score.share is not None else None,
        "rules": [
            {
                "rule": rule.rule, "skipped": rule.skipped, "examples": rule.examples, "mutants": rule.mutants,
                "killed": rule.killed, "invalid": rule.invalid, "problems": len(rule.problems),
            }
            for rule in score.rules
        ],
        "survivors": [
            {"rule": s.rule, "where": s.where, "field": s.field, "was": s.was, "now": s.now, "hint": s.hint}
            for s in score.survivors
        ],
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, indent=2)
