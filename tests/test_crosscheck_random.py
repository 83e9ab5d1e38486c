"""Rules made by chance, on small tables with many nulls: Great Expectations counts what we count."""

from __future__ import annotations

import pytest
from random_rulesets import make, ours

from assess.crosscheck.engine import Counted, counts

# Each seed makes a ruleset of sixteen rules.
SEEDS = range(48)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_count_alike(seed: int) -> None:
    made = make(seed, rules=16)
    theirs = counts(made.ruleset, lambda table: made.frames[table].lazy())
    said = {rule: each for rule, each in theirs.items() if isinstance(each, Counted)}
    assert len(said) == len(made.ruleset.checks) > 12, "every rule of these kinds can be expressed"
    assert {rule: each.failed for rule, each in said.items() if each.failed} == {}
    assert {rule: (each.applicable, each.violated) for rule, each in said.items()} == ours(made)


def test_the_rules_are_satisfied_violated_and_not_applicable() -> None:
    totals = [(*counted, made.frames[made.ruleset.checks[place].table].height)
              for made in map(make, range(20)) for place, counted in enumerate(ours(made).values())]  # fmt: skip
    satisfied, violated, left_out = (
        sum(applicable - bad for applicable, bad, _ in totals), sum(bad for _, bad, _ in totals),
        sum(rows - applicable for applicable, _, rows in totals),
    )  # fmt: skip
    assert min(satisfied, violated, left_out) > 0.1 * (satisfied + violated + left_out)
