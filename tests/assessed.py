"""Assessment directories of the tiny ruleset, and of others, without the pages that a run renders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner, Result
from conftest import VISITS

from assess.cli import main
from assess.pipeline import assess
from assess.replay.compare import Comparison, compare
from assess.replay.kept import read
from assess.ruleset.load import load

Make = Callable[..., Path]

# Rulesets, each with its sample.
SAMPLES = {name: name for name in ("reported-figures", "family-doctor", "work-points-county")} | {
    "bphs-2024": "province"
}
# One critical fault of A; of B a major one and a minor one, on one line.
FAULTY = VISITS.replace("A,p1,120", "A,p1,999").replace("B,p3,110,2024-03-03,是", "B,p3,110,2025-03-03,")
HOSTILE = '=HYPERLINK("http://evil")<script>alert(1)</script>\u202egnp.exe'


def assessed(ruleset: Path, data: Path, out: Path) -> Path:
    """The tables of an assessment of `data` at `out`."""
    assess(load(ruleset), data, command="assess run").write(out)
    return out


def run(*words: object) -> Result:
    """A command, whose errors that are none of its own come through."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def compared(old: Path, new: Path) -> Comparison:
    return compare(read(old), read(new))
