"""The options that say where records are checked."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from assess.engine.passes import Engine

Command = TypeVar("Command", bound=Callable[..., object])


class Choice(NamedTuple):
    """What was asked for on the command line."""

    engine: str
    shards: int | None
    buckets: int | None
    master: str | None

    @property
    def said(self) -> str:
        """The options again, as they are written on a command line."""
        words = [f"--engine {self.engine}"] if self.engine != "local" else []
        words += [f"--shards {self.shards}"] if self.shards is not None else []
        words += [f"--buckets {self.buckets}"] if self.buckets is not None else []
        words += [f"--spark-master {shlex.quote(self.master)}"] if self.master is not None else []
        return "".join(f" {word}" for word in words)

    def made(self) -> Engine:
        """The engine; UsageError for options that do not go together."""
        if self.engine == "spark" and self.shards is not None:
            raise click.UsageError("--shards is for --engine local; with --engine spark the number is --buckets")
        if self.engine == "local" and (self.buckets is not None or self.master is not None):
            raise click.UsageError("--buckets and --spark-master are for --engine spark")
        from assess.engine import passes, shards

        if self.engine == "spark":
            from assess.engine.spark import spark

            return shards.engine(spark(self.master, self.buckets or 200))
        return passes.whole if self.shards is None else shards.engine(shards.local(self.shards))


def engine_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in (
        click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True,
                     help="Where records are checked: on this machine, or on a Spark cluster."),
        click.option("--shards", metavar="N", type=click.IntRange(1, 10_000), default=None,
                     help="Check the tables in N parts one after another, for data larger than memory."),
        click.option("--buckets", metavar="N", type=click.IntRange(1, 100_000), default=None,
                     help="With Spark: into how many parts the tables are split; 200 unless stated."),
        click.option("--spark-master", metavar="URL", default=None,
                     help="With Spark: the cluster, by default that of spark-submit, or this machine."),
    ):  # fmt: skip
        command = option(command)
    return command
