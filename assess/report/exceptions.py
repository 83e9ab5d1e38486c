"""People whom a denominator leaves out: how many, and in which units most, so that nobody is excepted into a rate."""

from __future__ import annotations

from typing import Any

import polars as pl

from assess.report.format import count, rate
from assess.report.model import Assessment, Row, anchor
from assess.report.small_cells import few_text

# Units with the highest exception rates that are named.
HIGHEST = 15


def exceptions(assessment: Assessment) -> dict[str, Any] | None:
    """Exceptions by indicator over all units, and the units with most of them; None where there are none."""
    known = [name for name in assessment.indicators if assessment.overall.get(name, {}).get("exception_rate")]
    if not known:
        return None
    units = assessment.unit_indicators.filter(
        pl.col("indicator").is_in(known)
        & (pl.col("excluded_verified") >= max(1, assessment.min_cell))
        & pl.col("exception_rate").is_not_null()
    ).sort("exception_rate", "excluded_verified", "unit", "indicator", descending=[True, True, False, False])
    return {
        "indicators": [_overall(name, assessment) for name in known],
        "units": [_unit(row, assessment) for row in units.head(HIGHEST).rows(named=True)],
    }


def _overall(indicator: str, assessment: Assessment) -> dict[str, Any]:
    row = assessment.overall[indicator]
    kind = row["kind"]
    few = 0 < row["excluded_verified"] < assessment.min_cell
    hidden = few or assessment.is_hidden("all", "all", indicator)
    above = assessment.unit_indicators.filter((pl.col("indicator") == indicator) & pl.col("many_exceptions")).height
    limit = assessment.indicators[indicator].get("exceptions_above")
    return {
        "href": "#" + anchor("indicator", indicator),
        "title": assessment.indicator_title(indicator),
        "counts": few_text(assessment.min_cell) if few else assessment.hidden_text(row) if hidden else _counts(row),
        "exception": "" if hidden else rate(row["exception_rate"]),
        "achievement": "" if hidden else rate(row["verified"], kind),
        "receiving": "" if hidden else rate(row["receiving"], kind),
        "limit": rate(limit) if limit is not None else "",
        "above": count(above) if limit is not None else "",
    }


def _counts(row: Row) -> str:
    everybody = (row["denominator_verified"] or 0) + row["excluded_verified"]
    return f"{count(row['excluded_verified'])} / {count(everybody)}"


def _unit(row: Row, assessment: Assessment) -> dict[str, Any]:
    kind = row["kind"]
    usual = assessment.overall[row["indicator"]]["exception_rate"]
    return {
        "name": assessment.names.get(row["unit"], row["unit"]),
        "href": f"{assessment.page(row['unit'])}#{anchor('indicator', row['indicator'])}",
        "group": assessment.groups.get(row["unit"]) or "",
        "indicator": assessment.indicator_title(row["indicator"]),
        "counts": _counts(row),
        "exception": rate(row["exception_rate"]),
        "usual": rate(usual),
        "achievement": rate(row["verified"], kind),
        "receiving": rate(row["receiving"], kind),
        "many": row["many_exceptions"],
    }
