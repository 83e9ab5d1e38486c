"""What a ruleset says of its indicators, in the words of one language: the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assess.report.language import Language
from assess.report.wording import Wording, word


@dataclass(frozen=True, slots=True)
class Declared:
    """One indicator of the ruleset; what is not stated is empty."""

    name: str
    title: str
    kind: str
    category: str
    edition: str
    source: str
    fix: str


def declared(name: str, spec: Mapping[str, Any], language: Language, wording: Wording) -> Declared:
    """The words of one indicator."""
    return Declared(
        name=name,
        title=language.text(spec.get("title"), name),
        kind=word(wording.kinds, str(spec.get("kind") or "")),
        category=language.text(spec.get("category")),
        edition=language.text(spec.get("edition")),
        source=language.text(spec.get("source")),
        fix=language.text(spec.get("fix")),
    )
