"""The second opinion put into the assessment directory, which is replaced whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from assess.crosscheck.compare import Crosschecked
from assess.results import Directory, Staging


def write(found: Crosschecked, out: Path, command: str, finish: Callable[[Path], object] | None = None) -> None:
    """Add the table `crosscheck` to the directory `out`; `finish` adds what is made of the tables."""
    with Staging(out) as staging:
        shutil.copytree(out, staging.path, dirs_exist_ok=True)
        Directory(staging.path).add("crosscheck", found.table, {**found.said, "command": command})
        if finish is not None:
            finish(staging.path)
