"""A folder that one command fills: what an earlier run put there is taken away, and nothing else is touched."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from assess.errors import Problem, UsageError


def clear(out: Path, mark: str, partial: str) -> None:
    """Take away the files that `mark` names and those half done (`partial`, a pattern); make `out` if it is not there.

    Raises UsageError when other things lie in `out`, which are left as they are.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(Problem(str(out), 0, 0, "AD003", "is not a directory", "choose another --out"))
    out.mkdir(parents=True, exist_ok=True)
    try:
        written = json.loads((out / mark).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        written = []
    old = {mark, *(name for name in written if isinstance(name, str) and os.sep not in name)}
    half = {path.name for path in out.glob(partial)}
    here = {path.name for path in out.iterdir()}
    if others := sorted(here - old - half):
        raise UsageError(
            Problem(str(out), 0, 0, "AD003", f"holds other things, such as {others[0]}", "choose another --out")
        )
    for name in (old | half) & here:
        (out / name).unlink()


def note(out: Path, mark: str, written: Sequence[Path]) -> None:
    """Say in `mark` which files of the folder may be taken away later."""
    (out / mark).write_text(json.dumps([path.name for path in written]), encoding="utf-8")
