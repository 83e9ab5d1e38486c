"""One small change to a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """What stood there, what stands there now, the whole text after it, and which example would notice."""

    was: str
    now: str
    text: str
    hint: str = ""
