"""What can be known of a ruleset by running it on nothing: lint beyond the text."""

from __future__ import annotations

from assess.engine.plan import dry_run
from assess.errors import Problem
from assess.ruleset.load import Loaded


def trial(loaded: Loaded) -> list[Problem]:
    """One RS020 for each rule, indicator or basis that does not run on empty tables of the declared types."""
    places: dict[str, tuple[str | int, ...]] = {"allocation": ("allocation", "basis", "sum")}
    places |= {rule.id: ("checks", i) for i, rule in enumerate(loaded.ruleset.checks)}
    places |= {indicator.id: ("indicators", i) for i, indicator in enumerate(loaded.ruleset.indicators)}
    return sorted(
        loaded.located.problem(places[subject], "RS020", f"{subject!r} does not run: {message}")
        for subject, message in dry_run(loaded.ruleset).items()
    )
