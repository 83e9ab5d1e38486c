"""assess: the plan of the ruleset on its local engine. Counts per institution, and every violating record."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT.parent))

import polars as pl  # noqa: E402
from workload import CHECKS, Found, report  # noqa: E402

from assess.engine.backend import Outcome  # noqa: E402
from assess.engine.local import Local  # noqa: E402
from assess.engine.plan import plans  # noqa: E402
from assess.ruleset.load import load  # noqa: E402
from assess.tables import BOOKKEEPING, FILE, LINE, REJECTED, ROW  # noqa: E402

RULESET = load(ROOT / "ruleset.yaml").ruleset


def passed(path: str) -> Outcome:
    """The records through the plan of the ruleset."""
    plan = plans(RULESET)["records"]
    # What intake adds to every file.
    rows = pl.scan_parquet(path, glob=False).select(name for name in plan.table.columns).with_row_index(ROW)
    rows = rows.with_columns(pl.lit(0).alias(FILE), (pl.col(ROW) + 1).alias(LINE), pl.lit(None).alias(REJECTED))
    return Local().run(plan, lambda _: rows.cast(BOOKKEEPING))


def work(path: str) -> Found:
    outcome = passed(path)
    of_units = outcome.measured.select(
        "institution_id", *[pl.col(f"violated {check}").alias(check) for check in CHECKS]
    )
    return Found.by_unit(of_units, outcome.failing.height)


if __name__ == "__main__":
    report(work)
