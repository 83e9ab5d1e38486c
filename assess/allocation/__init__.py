"""Allocation: pools of money split by basis and score, exact to the smallest unit of the currency."""

from assess.allocation.bounds import Bounded
from assess.allocation.coefficients import Band, Bands, Cliff, Coefficient, Linear, Unweighted
from assess.allocation.errors import AllocationError, InfeasibleError
from assess.allocation.settle import Allocated, UnitAward, allocate
from assess.allocation.spec import OF_A_POOL, ONLY, Allocation, Basis, Bound, Pool, Prepaid
from assess.allocation.split import Claim, Share, Split, split_pool
from assess.allocation.steps import Step
from assess.allocation.whatif import Claims, what_if_exact, what_if_minor

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
    "Claims",
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
    "what_if_exact",
    "what_if_minor",
]
