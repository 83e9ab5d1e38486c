"""Allocation: pools of money split by basis and score, exact to the smallest unit of the currency."""

from assess.allocation.bounds import Bounded
from assess.allocation.errors import AllocationError, InfeasibleError
from assess.allocation.settle import Allocated, UnitAward, allocate
from assess.allocation.spec import (
    OF_A_POOL,
    ONLY,
    Allocation,
    Band,
    Bands,
    Basis,
    Bound,
    Cliff,
    Coefficient,
    Linear,
    Pool,
    Prepaid,
    Unweighted,
)
from assess.allocation.split import Claim, Share, Split, split_pool, what_if_minor
from assess.allocation.steps import Step

__all__ = [
    "OF_A_POOL",
    "ONLY",
    "Allocated",
    "Allocation",
    "AllocationError",
    "Band",
    "Bands",
    "Basis",
    "Bound",
    "Bounded",
    "Claim",
    "Cliff",
    "Coefficient",
    "InfeasibleError",
    "Linear",
    "Pool",
    "Prepaid",
    "Share",
    "Split",
    "Step",
    "UnitAward",
    "Unweighted",
    "allocate",
    "split_pool",
    "what_if_minor",
]
