"""Indicators: what is counted, what is left of it after verification, and how it compares."""

from assess.indicators.compare import DISTRIBUTIONS, distributions
from assess.indicators.evaluate import COUNTS_SCHEMA, PREVIOUS_SCHEMA, REPORTED_SCHEMA, Compared, evaluate
from assess.indicators.spec import CEILINGS, Indicator, Kind, Measure, Period, ReportedBy, Stage, Target, exact

__all__ = [
    "CEILINGS",
    "COUNTS_SCHEMA",
    "DISTRIBUTIONS",
    "PREVIOUS_SCHEMA",
    "REPORTED_SCHEMA",
    "Compared",
    "Indicator",
    "Kind",
    "Measure",
    "Period",
    "ReportedBy",
    "Stage",
    "Target",
    "distributions",
    "evaluate",
    "exact",
]
