"""Scores made of few words, for tests: parts, whole scores, and the score of a unit from its rates."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assess.scores import Input, Score, Scored, Scorer, Subject

# What one unit brings.
Brought = dict[Subject, Input]


def leaf(name: str, **fields: Any) -> dict[str, Any]:
    return {"indicator": name, "method": "proportional", **fields}


def group(name: str, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"group": name, "title": name, "parts": parts, **fields}


def veto(**fields: Any) -> dict[str, Any]:
    return {"id": "V", "title": "t", **fields}


def spec(*parts: dict[str, Any], policy: str = "exclude", **changes: Any) -> Score:
    """A score of 100 unless it says otherwise."""
    return Score.model_validate({"max": 100, "not_applicable": policy, "parts": parts} | changes)


def scored(score: Score, **seen: Input | str | int) -> Scored:
    """The score of a unit from its indicators: an input, a rate as text, or a word for a status without a rate."""
    inputs: Brought = {}
    scorer = Scorer(score)
    for kind, name in scorer.subjects:
        said = seen[name]
        plain = Input(said) if isinstance(said, str) and said[0].isalpha() else None
        inputs[kind, name] = said if isinstance(said, Input) else plain or Input("pass", Fraction(said))
    return scorer.score(inputs)
