"""From what was counted to what follows: rates, scores, awards, findings. No record is read here.

A run concludes from what it has just counted, and a replay from the tables of an earlier run. Both go the same way, so
the same ruleset concludes the same.
"""

from assess.conclude.concluding import Concluded, Measured, conclude, previous_rates

__all__ = ["Concluded", "Measured", "conclude", "previous_rates"]
