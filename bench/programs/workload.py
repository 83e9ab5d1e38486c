"""What all programs share: the columns that the twelve checks read, their names, and how a program reports."""

# ruff: noqa: T201
from __future__ import annotations

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

COLUMNS = [
    "institution_id", "id_number", "sex", "phone", "diagnosis_date", "last_followup_date", "sbp", "dbp", "death_date",
]  # fmt: skip
CHECKS = [
    "id_present", "id_form", "id_day", "id_check_digit", "id_sex", "phone", "sbp", "dbp", "dbp_below_sbp",
    "visit_after_diagnosis", "death_after_visit", "id_once",
]  # fmt: skip
ID_FORM = "[1-9][0-9]{16}[0-9Xx]"
PHONE_FORM = "1[3-9][0-9]{9}"


@dataclass(frozen=True)
class Found:
    """What a program found: the violations of each check, and where it gives them, of each institution and its rows.

    `of_units` has a line for each institution with violations: `institution_id` and the twelve counts. `failing` are
    the rows that violate anything.
    """

    counts: Sequence[int]
    of_units: pl.DataFrame | None = None
    failing: int | None = None

    @classmethod
    def by_unit(cls, of_units: pl.DataFrame, failing: int) -> Found:
        """From the counts of each institution."""
        return cls([of_units[check].sum() for check in CHECKS], of_units, failing)

    @property
    def digest(self) -> str | None:
        """The counts of all institutions as one digest, so that two programs can be held to them."""
        if self.of_units is None:
            return None
        lines = self.of_units.select("institution_id", pl.col(CHECKS).cast(pl.Int64))
        lines = lines.filter(pl.any_horizontal(pl.col(CHECKS) > 0)).sort("institution_id")
        return hashlib.sha256(lines.write_csv().encode()).hexdigest()[:16]


def peak_kib() -> int:
    """The most memory that this process has held at a time."""
    try:
        # What getrusage says begins with what the process held that this one was made by.
        said = Path("/proc/self/status").read_text(encoding="ascii")
        return int(said.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def report(work: Callable[[str], Found | None]) -> None:
    """Do the work on the file that the command line names, and print one JSON line.

    `seconds` are those of the work, after imports, and before anything is said of it; `cpu` those of all its threads,
    which others on the machine disturb less.
    """
    started, spent = time.perf_counter(), time.process_time()
    found = work(sys.argv[1])
    seconds, cpu = time.perf_counter() - started, time.process_time() - spent
    peak = peak_kib()
    said = {"seconds": round(seconds, 3), "cpu": round(cpu, 3), "peak_mib": round(peak / 1024)}
    if found is not None:
        counts = [int(count) for count in found.counts]
        said |= {"counts": counts, "of_units": found.digest, "failing": found.failing}
    print(json.dumps(said))
