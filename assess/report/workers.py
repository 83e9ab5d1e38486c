"""Many pages at once: the same work on every core, where the system can copy a process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

# Below so many pages the copies cost more than they bring.
FEW = 200
# Pages that a copy takes at a time.
_CHUNK = 16

# Pages leave little that only a collection would find: how many new objects a copy waits for before it looks.
_RUBBISH = 100_000

_work: Callable[[int], None] | None = None


def _do(numbers: Sequence[int]) -> None:
    assert _work is not None, "set before the process was copied"  # noqa: S101
    for number in numbers:
        _work(number)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[[int], None], jobs: int, prepare: Callable[[], object], done: Callable[[int], object]) -> None:
    """Call `work` for every number below `jobs`, in an order that nothing may depend on.

    `prepare` is called before the process is copied: from then on `work` must not use anything with threads of its own,
    such as Polars. `done` is told how many more are done. Raises what `work` raises.
    """
    global _work
    workers = cores()
    if jobs < FEW or workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        for number in range(jobs):
            work(number)
            done(1)
        return
    prepare()
    _work = work
    gc.collect()
    gc.freeze()  # a collection in a copy would touch, and so copy, all that was read
    chunks = [range(first, min(first + _CHUNK, jobs)) for first in range(0, jobs, _CHUNK)]
    try:
        with warnings.catch_warnings():
            # The threads it warns of are those of Polars, which no copy calls.
            warnings.simplefilter("ignore", DeprecationWarning)
            fork = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(workers, fork, initializer=gc.set_threshold, initargs=(_RUBBISH,)) as pool:
                for chunk, _ in zip(chunks, pool.map(_do, chunks), strict=True):
                    done(len(chunk))
    finally:
        gc.unfreeze()
        _work = None
