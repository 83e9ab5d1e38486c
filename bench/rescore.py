"""How long it takes to conclude again from the counts of an assessment directory, stage by stage.

    python bench/rescore.py DIR --ruleset rulesets/bphs-2024.yaml

The times are of the processor, in seconds: the best of several runs. Whether the same ruleset gives the same tables is
said at the end. `bench/report.py --keep DIR` makes a directory of as many units as wanted.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from assess import replay
from assess.conclude import concluding
from assess.ruleset.load import load

STAGES = ("evaluate", "Scoring", "Awarding", "part_lines", "score_lines", "remedies")
Made = TypeVar("Made")


def timed(name: str, spent: dict[str, float], stage: Callable[..., Made]) -> Callable[..., Made]:
    """The stage, which leaves in `spent` what it took."""

    def run(*arguments: object, **more: object) -> Made:
        started = time.process_time()
        made = stage(*arguments, **more)
        spent[name] = time.process_time() - started
        return made

    return run


def main() -> None:
    """Run all stages as often as asked for, and say the best times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--ruleset", type=Path, help="by default that of the directory")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    kept = replay.read(asked.directory)
    ruleset = load(asked.ruleset).ruleset if asked.ruleset else kept.ruleset
    spent: dict[str, float] = {}
    for name in STAGES:
        setattr(concluding, name, timed(name, spent, getattr(concluding, name)))
    rescore, best = timed("all", spent, replay.rescore), dict[str, float]()
    for _ in range(asked.runs):
        made = rescore(kept, ruleset)
        best = {name: min(seconds, best.get(name, seconds)) for name, seconds in spent.items()}
    for name, seconds in best.items():
        sys.stdout.write(f"{name:12} {seconds:6.2f}\n")
    other = [name for name, table in made.tables.items() if not table.equals(kept.tables[name])]
    sys.stdout.write(f"other tables: {', '.join(other)}\n" if other else "the same tables\n")


if __name__ == "__main__":
    main()
