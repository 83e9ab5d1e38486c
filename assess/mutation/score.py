"""The mutation score of a ruleset: of all small changes to its rules, how many do its own examples notice?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from assess import examples
from assess.errors import Problem, RulesetError
from assess.examples import WORDS, Bench
from assess.mutation.distinguish import distinguishing
from assess.mutation.fields import Mutant, mutants
from assess.ruleset.load import Loaded
from assess.ruleset.located import Path_
from assess.ruleset.spec import Rule


@dataclass(frozen=True)
class Survivor:
    """A change that no example notices: of which rule, at which place, and which example would notice it."""

    rule: str
    where: str
    field: str
    was: str
    now: str
    hint: str

    @property
    def change(self) -> str:
        """The change in words."""
        said = f"{self.was} → {self.now}"
        return f"{self.field}: {said}" if self.field else said


@dataclass(frozen=True)
class RuleScore:
    """What became of one rule's examples and mutants; `skipped` says why it has none."""

    rule: str
    examples: int = 0
    killed: int = 0
    invalid: int = 0
    problems: tuple[Problem, ...] = ()
    survivors: tuple[Survivor, ...] = ()
    skipped: str | None = None

    @property
    def mutants(self) -> int:
        """How many changes were tried and ran."""
        return self.killed + len(self.survivors)


@dataclass(frozen=True)
class Score:
    """What became of all rules of a ruleset, in its order."""

    ruleset: str
    rules: tuple[RuleScore, ...]

    @property
    def examples(self) -> int:
        """How many examples were run."""
        return sum(rule.examples for rule in self.rules)

    @property
    def problems(self) -> list[Problem]:
        """The examples that do not give what their rule states."""
        return [problem for rule in self.rules for problem in rule.problems]

    @property
    def survivors(self) -> list[Survivor]:
        """The changes that no example notices."""
        return [survivor for rule in self.rules for survivor in rule.survivors]

    @property
    def mutants(self) -> int:
        """How many changes were tried and ran."""
        return sum(rule.mutants for rule in self.rules)

    @property
    def killed(self) -> int:
        """How many of them an example noticed."""
        return sum(rule.killed for rule in self.rules)

    @property
    def invalid(self) -> int:
        """How many changes gave a rule that its kind refuses or that does not run: they are counted nowhere else."""
        return sum(rule.invalid for rule in self.rules)

    @property
    def share(self) -> Fraction | None:
        """Killed of all mutants, exact; none when there are no mutants."""
        return Fraction(self.killed, self.mutants) if self.mutants else None

    def satisfies(self, least: float | None) -> bool:
        """Whether all examples hold and at least this share of the mutants was killed; without mutants none was."""
        return not self.problems and (least is None or float(self.share or 0) >= least)


def score(loaded: Loaded) -> Score:
    """Run every rule's examples against the rule and against its mutants.

    Raises RulesetError when an example names an unknown column or holds a cell that cannot be read: that is a mistake
    in the ruleset, and what such an example shows is not known.
    """
    problems = examples.misplaced(loaded)
    if problems:
        raise RulesetError(problems)
    benches: dict[str, Bench] = {}
    for rule in loaded.ruleset.checks:
        if examples.skipped(rule, loaded) is None:
            benches[rule.id], unread = examples.bench(loaded, rule)
            problems += unread
    if problems:
        raise RulesetError(sorted(problems))
    rules = tuple(_rule(loaded, rule, benches.get(rule.id)) for rule in loaded.ruleset.checks)
    return Score(loaded.ruleset.ruleset, rules)


def _rule(loaded: Loaded, rule: Rule, made: Bench | None) -> RuleScore:
    if made is None:
        return RuleScore(rule.id, skipped=examples.skipped(rule, loaded))
    wrong = examples.mismatches(loaded, made)
    if wrong:
        # A mutant differs from the rule where the examples do; with wrong examples that says nothing.
        return RuleScore(rule.id, len(made.examples), problems=tuple(sorted(wrong)))
    changed, invalid = mutants(rule.check, rule.table, examples.tables_of(loaded))
    outcomes = made.outcomes([mutant.check for mutant in changed])
    count = len(made.examples)
    alive = [m for m, found in zip(changed, outcomes, strict=True) if found[:count] == made.stated]
    broken = sum(isinstance(found, str) for found in outcomes)
    return RuleScore(
        rule.id,
        examples=count,
        killed=len(changed) - broken - len(alive),
        invalid=invalid + broken,
        survivors=tuple(_survivors(loaded, made, alive)),
    )


def _survivors(loaded: Loaded, made: Bench, alive: Sequence[Mutant]) -> list[Survivor]:
    noticed = distinguishing(made, [mutant.check for mutant in alive])
    found = []
    for mutant, candidate in zip(alive, noticed, strict=True):
        hint = mutant.hint
        if candidate is not None:
            like = f", otherwise like {candidate.like}" if candidate.like else ""
            hint = f"add an example at {candidate.column} = {candidate.value}{like} ({WORDS[candidate.outcome]})"
        path: Path_ = (*examples.place(loaded, made.rule), mutant.field or "id")
        where = loaded.located.problem(path, "", "").where
        found.append(Survivor(made.rule.id, where, mutant.field, mutant.was, mutant.now, hint))
    return found
