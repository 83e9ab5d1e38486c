"""The way from one assessment to another: what the ruleset changes, one change at a time, and what the files change."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from assess.conclude import conclude
from assess.replay.changes import Step, parted, steps
from assess.replay.kept import Kept
from assess.replay.needs import needs
from assess.replay.rescore import adapted
from assess.results import empty
from assess.ruleset.spec import Ruleset

Tables = Mapping[str, pl.DataFrame]
# Lines of a score that are no parts: they are known by their own name.
_OWN_NAME = ("aggregate", "veto")
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Stage:
    """One stage of the way, and what it does to each unit; what does nothing is left out of the three maps.

    `kind` is `ruleset` (a step of its changes, numbered from 1), `submissions`, `engine` (the same counts and ruleset
    concluded by another version of this program), or `together`: the submissions with those changes of the ruleset that
    count records in another way and so cannot be told apart from them. `parts` has points by unit and item.
    """

    kind: str
    step: int | None
    said: tuple[str, ...]
    points: Mapping[str, Decimal]
    parts: Mapping[tuple[str, str], Decimal]
    minor: Mapping[str, int]


@dataclass(frozen=True)
class Way:
    """The stages in order; everything that the ruleset changes, `said`; and what hinders telling it from the files."""

    stages: tuple[Stage, ...]
    said: tuple[str, ...]
    hinders: tuple[str, ...]


class Items:
    """The names of the lines of scores: a part that is scored in another way is still the same item."""

    def __init__(self, *tables: Tables):
        self.shared: set[str] = set().union(*(_shared(each["score_parts"]) for each in tables))

    def name(self, part: str, subject: str, method: str) -> str:
        """The subject where one part alone looks at it, otherwise the part."""
        return part if method in _OWN_NAME or subject in self.shared else subject


def _shared(parts: pl.DataFrame) -> Iterator[str]:
    rows = parts.filter(~pl.col("method").is_in(_OWN_NAME)).select("unit", "subject").iter_rows()
    return (subject for (_, subject), number in Counter(rows).items() if number > 1)


def way(old: Kept, new: Kept, items: Items) -> Way:
    """From the tables of `old` to those of `new`.

    The changes of the ruleset are tried one on top of the other on the counts of `old`, or of `new` where `old` has not
    counted what they need. What each does may hang on that order; the sum does not. Where neither has counted it all,
    the changes that need other counts stay with the submissions.
    """
    changed = list(steps(old.ruleset, new.ruleset))
    if not changed:
        return Way(tuple(_stages([("submissions", None, ())], [old.tables, new.tables], items)), (), ())
    said = tuple(line for step in changed for line in step.said or step.names)
    missing = list(needs(old.ruleset, new.ruleset))
    if missing and not any(needs(new.ruleset, old.ruleset)):
        named = [("submissions", None, ()), *_numbered(changed), ("engine", None, ())]
        tried = _tried(new, [old.ruleset, *(step.ruleset for step in changed)])
        return Way(_stages(named, itertools.chain([old.tables], tried, [new.tables]), items), said, ())
    left: tuple[str, ...] = ()
    if missing:
        changed, left = parted(old.ruleset, new.ruleset, lambda ruleset: not any(needs(old.ruleset, ruleset)))
    named = [("engine", None, ()), *_numbered(changed), ("together" if missing else "submissions", None, left)]
    tried = _tried(old, [old.ruleset, *(step.ruleset for step in changed)])
    hinders = tuple(need.message for need in missing)
    return Way(_stages(named, itertools.chain([old.tables], tried, [new.tables]), items), said, hinders)


Named = tuple[str, int | None, tuple[str, ...]]


def _numbered(changed: Sequence[Step]) -> list[Named]:
    return [("ruleset", number, step.said or step.names) for number, step in enumerate(changed, start=1)]


def _tried(kept: Kept, rulesets: Iterable[Ruleset]) -> Iterator[Tables]:
    """Scores and awards by each of `rulesets`; what mending records would bring is not asked, for it takes longest."""
    for ruleset in rulesets:
        measured = adapted(kept, ruleset)
        counted = {**measured.tables, "mendable": empty("mendable")}
        yield conclude(ruleset, replace(measured, tables=counted)).tables


class _State(NamedTuple):
    """What every unit stands at, at one point of the way."""

    points: Mapping[str, Decimal]
    parts: Mapping[tuple[str, str], Decimal]
    minor: Mapping[str, int]


def _stages(named: Sequence[Named], tables: Iterable[Tables], items: Items) -> tuple[Stage, ...]:
    """One stage between each two states; only what differs is kept, however many units there are."""
    states = (_state(each, items) for each in tables)
    return tuple(
        Stage(
            *name,
            {unit: gained for unit, after in two.points.items()
             if (before := one.points.get(unit)) is not None and (gained := after - before)},
            {key: gained for key in dict.fromkeys([*two.parts, *one.parts])
             if (gained := two.parts.get(key, _NOTHING) - one.parts.get(key, _NOTHING))},
            {unit: moved for unit, paid in two.minor.items()
             if (was := one.minor.get(unit)) is not None and (moved := paid - was)},
        )
        for name, (one, two) in zip(named, itertools.pairwise(states), strict=True)
    )  # fmt: skip


def _state(tables: Tables, items: Items) -> _State:
    parts: dict[tuple[str, str], Decimal] = {}
    for unit, part, subject, method, given in (
        tables["score_parts"].select("unit", "part", "subject", "method", "given").iter_rows()
    ):
        key = unit, items.name(part, subject, method)
        parts[key] = parts.get(key, _NOTHING) + given
    scores = tables["scores"].select("unit", "score").drop_nulls()
    minor = tables["awards"].select("unit", "amount_minor").iter_rows() if "awards" in tables else ()
    return _State(dict(scores.iter_rows()), parts, dict(minor))
