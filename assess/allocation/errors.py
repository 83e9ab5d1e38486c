"""Why a pool cannot be split as the ruleset says."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5


class AllocationError(ValueError):
    """A pool that cannot be split; `reason` is a stable word for it and `pool` the id of the pool.

    Reasons: `no_weight` (nobody has anything to be paid by), `no_unit_of_grade` (what is withheld has no taker),
    `above_pool` (coefficients above 1 ask for more than there is), `infeasible` (floors and caps cannot all hold),
    `bad_claim` (the claims contradict each other).
    """

    reason = "bad_claim"

    def __init__(self, message: str, pool: str = "", reason: str | None = None):
        super().__init__(f"pool {pool!r}: {message}" if pool else message)
        self.pool = pool
        self.reason = reason or type(self).reason


class InfeasibleError(AllocationError):
    """Floors and caps that cannot all hold; the message names them, their sums and the units."""

    reason = "infeasible"


def money(minor: int) -> str:
    """Minor units as an amount with two decimals: -5 is -0.05."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def named(entries: Sequence[str]) -> str:
    """The first five of `entries`, and how many more there are."""
    more = len(entries) - _NAMED
    return ", ".join(entries[:_NAMED]) + (f" and {more} more" if more > 0 else "")
