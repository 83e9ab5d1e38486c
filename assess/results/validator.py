"""A second process that holds the tables of a directory to pandera, while the first goes on."""

from __future__ import annotations

import multiprocessing
import signal
from concurrent.futures import Future, ProcessPoolExecutor
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
        self._asked: list[Future[str | None]] = []
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def __call__(self, table: str, path: Path) -> None:
        """Ask for its word on a table that was written to `path`, and do not wait for it."""
        self._asked.append(self._pool.submit(_wrong, table, path))

    def agreed(self) -> None:
        """Wait for its word on all tables asked about; ValueError says what does not hold of one of them."""
        asked, self._asked = self._asked, []
        for answer in asked:
            if wrong := answer.result():
                raise ValueError(wrong)


def _wrong(table: str, path: Path) -> str | None:
    from pandera.errors import SchemaError, SchemaErrors

    from assess.results.contract import validate

    try:
        validate(TABLES[table], pl.read_parquet(path, glob=False))
    except (SchemaError, SchemaErrors) as error:  # which no process can hand to another
        return f"{table}: {str(error).splitlines()[0]}"
    return None
