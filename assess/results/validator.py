"""A second process that holds the tables of a directory to pandera, while the first goes on."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path
from types import TracebackType

import polars as pl

from assess.results.models import TABLES


class Validator:
    """Starts at once, for it takes the process most of a second to import pandera."""

    def __enter__(self) -> Validator:
        # Where everybody is interrupted, it is the first process that has something to say.
        quiet = (signal.SIGINT, signal.SIG_IGN)
        self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), signal.signal, quiet)
        self._pool.submit(import_module, "assess.results.contract")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, tables: Path) -> None:
        """Wait for its word on the tables in a folder; ValueError says what does not hold of one of them."""
        if wrong := self._pool.submit(_wrong, tables).result():
            raise ValueError(wrong)


def _wrong(tables: Path) -> str | None:
    from pandera.errors import SchemaError, SchemaErrors

    from assess.results.contract import validate

    for name, form in TABLES.items():
        try:
            validate(form, pl.read_parquet(tables / f"{name}.parquet", glob=False))
        except (SchemaError, SchemaErrors) as error:  # which no process can hand to another
            return f"{name}: {str(error).splitlines()[0]}"
    return None
