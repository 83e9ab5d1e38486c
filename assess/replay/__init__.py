"""Replays: conclusions drawn again from the tables of an assessment, without reading a record."""

from assess.replay.kept import Kept, keep, read
from assess.replay.rescore import Rescored, check, checked, rescore, summary, write

__all__ = ["Kept", "Rescored", "check", "checked", "keep", "read", "rescore", "summary", "write"]
