"""Replays: conclusions drawn again from the tables of an assessment, without reading a record."""

from assess.replay.kept import CONCLUDED_FROM, Kept, read
from assess.replay.rescore import Rescored, check, checked, rescore, summary, write

__all__ = ["CONCLUDED_FROM", "Kept", "Rescored", "check", "checked", "read", "rescore", "summary", "write"]
