"""What the models of the tables share: words, types of figures, and how strict they are."""

from __future__ import annotations

from typing import Annotated

import polars as pl

STATUSES = ("pass", "pass_with_findings", "fail", "error", "not_applicable", "not_submitted", "needs_review")
SEVERITIES = ("critical", "major", "minor", "info")

Points = Annotated[pl.Decimal, 18, 4]
Exact = Annotated[pl.Decimal, 38, 6]
Money = Annotated[pl.Decimal, 38, 2]


class Strict:
    """Columns as declared, in this order."""

    strict = True
    ordered = True
