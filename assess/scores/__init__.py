"""Scores: from rates, counts and marks to points, in exact fractions."""

from assess.scores.counts import DeductPerFinding, Evidence, Manual
from assess.scores.exact import SCALE, exact, shown, ten_thousandths
from assess.scores.inputs import STATUSES, Input, Inputs, Mark, Subject, marks_input
from assess.scores.lines import lines_of
from assess.scores.part import Part, Policy
from assess.scores.ranking import Standing, ranks
from assess.scores.rates import Band, Bands, PassFail, Proportional, RateItself, StepDeduction, Threshold
from assess.scores.score import Scorer
from assess.scores.scored import Given, Scored, Subtotal
from assess.scores.shape import Fault, shape_faults, walk
from assess.scores.spec import (
    Aggregate,
    AnyPart,
    Grade,
    Group,
    Marks,
    Node,
    Ranking,
    Requirement,
    Score,
    Veto,
)
from assess.scores.totals import Scores, Totals

__all__ = [
    "SCALE",
    "STATUSES",
    "Aggregate",
    "AnyPart",
    "Band",
    "Bands",
    "DeductPerFinding",
    "Evidence",
    "Fault",
    "Given",
    "Grade",
    "Group",
    "Input",
    "Inputs",
    "Manual",
    "Mark",
    "Marks",
    "Node",
    "Part",
    "PassFail",
    "Policy",
    "Proportional",
    "Ranking",
    "RateItself",
    "Requirement",
    "Score",
    "Scored",
    "Scorer",
    "Scores",
    "Standing",
    "StepDeduction",
    "Subject",
    "Subtotal",
    "Threshold",
    "Totals",
    "Veto",
    "exact",
    "lines_of",
    "marks_input",
    "ranks",
    "shape_faults",
    "shown",
    "ten_thousandths",
    "walk",
]
