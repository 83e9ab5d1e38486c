"""What can be known of a ruleset by running it on nothing: lint beyond the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assess.engine.dry_run import broken_sums, dry_run
from assess.errors import Problem
from assess.ruleset.load import Examined, examine
from assess.ruleset.located import Located, Path_
from assess.ruleset.spec import Ruleset

# Names that stand for two things change no type, so what is wrong with an expression is wrong all the same.
_NAMES = ("RS012", "RS015", "RS016", "RS017")


def everything(path: Path, name: str | None = None, settings: Mapping[str, str] | None = None) -> Examined:
    """A ruleset with every problem that reading it and trying it can find, also when it cannot be used.

    Raises RulesetError where nothing can be read at all, and UsageError for a setting that cannot be.
    """
    examined = examine(path, name, settings)
    if examined.ruleset is None:
        return examined
    errors = {(problem.file, problem.line, problem.column) for problem in examined.errors if problem.code not in _NAMES}
    located = examined.located
    spoilt = [found for found, mark in (*located.values.items(), *located.keys.items()) if tuple(mark) in errors]
    entries = {found[:2] for found in spoilt if found[:1] in (("checks",), ("indicators",))}
    tables = {str(found[1]) for found in spoilt if found[:1] in (("tables",), ("views",)) and len(found) > 1}
    tables |= {name for name, view in examined.ruleset.views.items() if tables & set(view.sql.tables)}
    places = _places(examined.ruleset, located)
    tried = [
        problem
        for subject, problem in _tried(examined.ruleset, located, places, spoilt)
        # What follows from a mistake that is named already is not said again.
        if places[subject][:2] not in entries and not tables & _tables_of(examined.ruleset, subject)
    ]
    problems = tuple(sorted({*examined.problems, *tried}))
    return Examined(examined.ruleset, located, examined.sources, problems)


def _tried(
    ruleset: Ruleset, located: Located, places: Mapping[str, Path_], spoilt: Sequence[Path_]
) -> list[tuple[str, Problem]]:
    found = [
        (subject, located.problem(places[subject], "RS020", f"{subject!r} does not run: {message}"))
        for subject, message in dry_run(ruleset).items()
        if subject != "allocation"
    ]
    # Pools are found by their ids, for of those with mistakes some may be missing.
    entries = enumerate(located.data["allocation"].get("pools") or ()) if ruleset.allocation is not None else ()
    pools = {f"basis {entry.get('id')}": ("pools", i) for i, entry in entries if isinstance(entry, dict)}
    for name, message in broken_sums(ruleset).items():
        step = ("prepaid",) if name == "prepaid" else (*pools.get(name, ()), "basis")
        path: Path_ = ("allocation", *step, "sum")
        if path not in spoilt:
            said = f"'allocation' does not run ({name}): {message}"
            found.append(("allocation", located.problem(path, "RS020", said)))
    return found


def _places(ruleset: Ruleset, located: Located) -> dict[str, Path_]:
    """Where each rule, each indicator and the allocation stand: by id, for a ruleset with mistakes may lack some."""
    places: dict[str, Path_] = {"allocation": ("allocation",)}
    for section in ("checks", "indicators"):
        entries = located.data.get(section)
        for i, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                places.setdefault(entry["id"], (section, i))
    for name in (*(rule.id for rule in ruleset.checks), *(indicator.id for indicator in ruleset.indicators)):
        places.setdefault(name, ())
    return places


def _tables_of(ruleset: Ruleset, subject: str) -> set[str]:
    """The tables that a rule, an indicator or the allocation reads."""
    found = {ruleset.unit.table} if subject == "allocation" else set()
    for rule in ruleset.checks:
        if rule.id == subject:
            found |= {rule.table, *(lookup.table for lookup in rule.check.lookups())}
    for indicator in ruleset.indicators:
        if indicator.id == subject:
            found |= {m.table for m in (indicator.numerator, indicator.denominator) if m is not None}
    return found
