"""How a command shows what is going on: bars on a terminal, lines for machines, and where time went."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from assess.cli.shell import speak_json
from assess.progress import Part, Stage, listening, peak_memory

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

LOG_FORMAT = click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="json: on stderr one object a line, for each stage when it is over and for each problem.",
)  # fmt: skip


@contextmanager
def watching(log_format: str) -> Iterator[Profile]:
    """Show the stages of the work within: as bars where stderr is a terminal, as lines where they are asked for.

    What is given says where time went.
    """
    spent = Profile()
    with ExitStack() as stack:
        if log_format == "json":
            speak_json()
            stack.enter_context(listening(Lines()))
        elif sys.stderr.isatty():
            stack.enter_context(listening(Bars()))
        stack.enter_context(listening(spent))
        yield spent


class Bars:
    """A bar for each stage, with its rows and the time that is left."""

    def __init__(self) -> None:
        self._bars: list[ProgressBar[Stage]] = []

    def begun(self, stage: Stage) -> None:
        """Draw the bar of a stage."""
        # What cannot be counted is done when it is over.
        bar: ProgressBar[Stage] = click.progressbar(
            length=stage.total or 1, label=f"{stage.name:<12}", file=sys.stderr, item_show_func=_rows
        )
        bar.__enter__()
        self._bars.append(bar)

    def advanced(self, stage: Stage, amount: int) -> None:
        """Move its bar."""
        self._bars[-1].update(amount, stage)

    def ended(self, stage: Stage) -> None:
        """Leave its bar as it is, and go to the next line."""
        bar = self._bars.pop()
        bar.update(1 if stage.complete and not stage.total else 0, stage)
        bar.__exit__(None, None, None)


def _rows(stage: Stage | None) -> str | None:
    return f"{stage.rows:,} rows" if stage is not None and stage.rows else None


class Lines:
    """One JSON object a line for each stage that is over: seconds, rows, and the peak memory of the process so far."""

    def begun(self, stage: Stage) -> None:
        """Nothing is said yet."""

    def advanced(self, stage: Stage, amount: int) -> None:
        """Nothing is said yet."""

    def ended(self, stage: Stage) -> None:
        """Say it."""
        parts = [{"part": part.name, **_figures(part)} for part in stage.parts]
        said = {
            "stage": stage.name,
            **_figures(stage),
            "peak_bytes": peak_memory(),
            "complete": stage.complete,
            **({"parts": parts} if parts else {}),
        }
        click.echo(json.dumps(said, ensure_ascii=False), err=True)


def _figures(done: Stage | Part) -> dict[str, float]:
    return {"seconds": round(done.seconds, 3), "rows": done.rows}


class Profile:
    """Where time went: a line for each stage and each of its parts."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._staged = 0.0
        self._started = time.perf_counter()

    def begun(self, stage: Stage) -> None:
        """Nothing is known yet."""

    def advanced(self, stage: Stage, amount: int) -> None:
        """Nothing is known yet."""

    def ended(self, stage: Stage) -> None:
        """Keep what it took."""
        most = peak_memory()
        memory = f"{most / 2**20:10,.0f} MiB" if most is not None else ""
        self._lines.append(f"{stage.name:<24}{stage.seconds:10.2f} s{stage.rows:15,} rows{memory}".rstrip())
        self._lines += [f"  {part.name:<22}{part.seconds:10.2f} s{part.rows:15,} rows" for part in stage.parts]
        self._staged += stage.seconds

    def lines(self) -> list[str]:
        """The table up to now; memory is the peak of the process up to the end of the stage."""
        total = time.perf_counter() - self._started
        return [*self._lines, f"{'elsewhere':<24}{total - self._staged:10.2f} s", f"{'in all':<24}{total:10.2f} s"]
