"""Make the samples of the further rulesets: `python samples/further.py --out samples`, or only those that are named.

Every sample is small enough to be counted by hand; `_truth.csv` beside it lists every violation that was put in. The
same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from synthetic.capacity_grading import capacity_grading
from synthetic.family_doctor import family_doctor
from synthetic.rosters import roster_reconciliation
from synthetic.submission import Submission
from synthetic.task_completion import task_completion
from synthetic.work_points import work_points, work_points_county

SAMPLES: Mapping[str, Callable[[int], Submission]] = {
    "capacity-grading": capacity_grading,
    "family-doctor": family_doctor,
    "roster-reconciliation": roster_reconciliation,
    "task-completion": task_completion,
    "work-points": work_points,
    "work-points-county": work_points_county,
}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *SAMPLES], help="which samples; all without a name")
    parser.add_argument("--out", type=Path, required=True, help="directory in which a folder is made for each")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other people and days")
    args = parser.parse_args()
    for name in args.names or SAMPLES:
        made = SAMPLES[name](args.seed)
        made.write(args.out / name)
        rows = {table: len(records) for table, records in made.tables.items()}
        sys.stdout.write(f"{name}: " + ", ".join(f"{table} {count}" for table, count in rows.items()) + "\n")


if __name__ == "__main__":
    main()
