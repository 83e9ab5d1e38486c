"""What is going on: stages of the work that begin, advance and end, for whoever listens.

A stage says what it does where it does it; who listens (a terminal, a log) is decided where the work is asked for, and
without anybody it costs nothing.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Part:
    """A part of a stage that is over: its seconds and rows."""

    name: str
    seconds: float
    rows: int


@dataclass
class Stage:
    """One stage: `done` of `total` (in whatever it counts), the rows it has worked through, and its parts.

    `total` is 0 where there is nothing to count. `seconds` are whole when it has ended, and it is `complete`
    unless it broke.
    """

    name: str
    total: int = 0
    done: int = 0
    rows: int = 0
    seconds: float = 0.0
    complete: bool = False
    parts: list[Part] = field(default_factory=list)
    _started: float = field(default_factory=time.perf_counter)
    _since: float = 0.0

    def advance(self, amount: int, rows: int = 0, part: str | None = None) -> None:
        """So much more is done; `part` names what was done since the last time."""
        self.done, self.rows = self.done + amount, self.rows + rows
        before, self._since = self._since, time.perf_counter() - self._started
        self.seconds = self._since
        if part is not None:
            self.parts.append(Part(part, self._since - before, rows))
        for listener in _listeners.get():
            listener.advanced(self, amount)


class Listener(Protocol):
    """Is told of every stage."""

    def begun(self, stage: Stage) -> None:
        """A stage begins."""

    def advanced(self, stage: Stage, amount: int) -> None:
        """A stage has done `amount` more."""

    def ended(self, stage: Stage) -> None:
        """A stage is over, complete or not."""


_listeners: ContextVar[tuple[Listener, ...]] = ContextVar("listeners", default=())


@contextmanager
def listening(*listeners: Listener) -> Iterator[None]:
    """Tell `listeners` of every stage within."""
    token = _listeners.set((*_listeners.get(), *listeners))
    try:
        yield
    finally:
        _listeners.reset(token)


@contextmanager
def stage(name: str, total: int = 0) -> Iterator[Stage]:
    """A stage of the work, that advances up to `total`."""
    listeners, now = _listeners.get(), Stage(name, total)
    for listener in listeners:
        listener.begun(now)
    try:
        yield now
        now.complete = True
    finally:
        now.seconds = time.perf_counter() - now._started
        for listener in listeners:
            listener.ended(now)


def peak_memory() -> int | None:
    """The most bytes that this process has held at a time so far; none where the system does not say."""
    status = Path("/proc/self/status")
    if status.is_file():
        # What getrusage says begins with what the process held that started this one.
        held = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        return int(held[1]) * 1024 if held else None
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS
