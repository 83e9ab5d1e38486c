"""Scores: from rates, counts and marks to points, in exact fractions."""

from assess.scores.counts import DeductPerFinding, Evidence, Manual
from assess.scores.exact import SCALE, exact, shown, ten_thousandths
from assess.scores.inputs import Input, Mark, Subject, marks_input
from assess.scores.part import Part, Policy
from assess.scores.ranking import Standing, ranks
from assess.scores.rates import Band, Bands, PassFail, Proportional, RateItself, StepDeduction, Threshold
from assess.scores.score import Scorer, holds
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

__all__ = [
    "SCALE",
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
    "Standing",
    "StepDeduction",
    "Subject",
    "Subtotal",
    "Threshold",
    "Veto",
    "exact",
    "holds",
    "marks_input",
    "ranks",
    "shape_faults",
    "shown",
    "ten_thousandths",
    "walk",
]
