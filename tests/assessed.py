"""Assessment directories of the tiny ruleset, and of others, without the pages that a run renders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assess.replay.compare import Comparison, compare
from assess.replay.kept import read
from assess.ruleset.load import load
from assess.run import assess, write

Make = Callable[..., Path]

HOSTILE = '=HYPERLINK("http://evil")<script>alert(1)</script>\u202egnp.exe'


def assessed(ruleset: Path, data: Path, out: Path) -> Path:
    """The tables of an assessment of `data` at `out`."""
    write(assess(load(ruleset), data, command="assess run"), out, lambda _: None)
    return out


def compared(old: Path, new: Path) -> Comparison:
    return compare(read(old), read(new))
