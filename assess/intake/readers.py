"""Reading a file of a known format as text, without losing or inventing a row."""

from __future__ import annotations

from pathlib import Path

from assess.intake.columnar import read_parquet
from assess.intake.delimited import read_delimited
from assess.intake.header import Wanted
from assess.intake.raw import Raw, UnreadableError, blames
from assess.intake.workbook import read_workbook

_TEXTS = ("csv", "postgresql", "mysql")  # a table of a database comes as an extract in CSV


def read(path: Path, form: str, wanted: Wanted, scratch: Path) -> Raw:
    """Read a file; raises UnreadableError when it is not what its name says. `scratch` is a folder for parts."""
    try:
        if path.stat().st_size == 0:
            raise UnreadableError("empty_file")
        if form in _TEXTS:
            return read_delimited(path, wanted, scratch)
        if form == "parquet":
            return read_parquet(path)
        return read_workbook(path, form, wanted)
    except OSError as error:
        if not blames(error, path):
            raise
        raise UnreadableError("unreadable", error.strerror or str(error)) from None
