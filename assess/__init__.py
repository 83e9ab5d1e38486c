"""Batch data-quality and assessment engine.

    import assess

    assessment = assess.run("rules.yaml", "submissions")
    assessment.scores, assessment.findings      # Polars frames; docs/tables.md has their columns
    assessment.report("out", lang="en")

`load` reads a ruleset, `run` assesses submissions, `read` opens an assessment directory. What cannot be done is an
AssessError with every problem found: RulesetError, UsageError or NotAssessedError.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assess.api import load, read, run
    from assess.assessment import Assessment
    from assess.errors import AssessError, NotAssessedError, Problem, RulesetError, UsageError

__version__ = "0.1.0"
__all__ = [
    "AssessError", "Assessment", "NotAssessedError", "Problem", "RulesetError", "UsageError", "__version__", "load",
    "read", "run",
]  # fmt: skip

# Where each name stands; imported when it is asked for, so that a command imports only what it uses.
_HOME = {
    **dict.fromkeys(("load", "read", "run"), "assess.api"),
    "Assessment": "assess.assessment",
    **dict.fromkeys(("AssessError", "NotAssessedError", "Problem", "RulesetError", "UsageError"), "assess.errors"),
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
