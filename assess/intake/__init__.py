"""From submitted files to typed tables, every row and every cell accounted for."""

from assess.intake.submission import Intake, take_in

__all__ = ["Intake", "take_in"]
