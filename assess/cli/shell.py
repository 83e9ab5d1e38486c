"""What every command shares: exit codes, how problems are shown, and how a ruleset is found."""

from __future__ import annotations

import dataclasses
import os
import signal
from typing import TYPE_CHECKING, Any

import click

from assess.errors import EXIT_NOT_ASSESSED, AssessError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from assess.intake.address import Address
    from assess.ruleset.load import Loaded

EXIT_INTERRUPTED = 128 + signal.SIGINT  # as shells have it; 1 would say that there are findings
MOST_LINES = 40
_JSON = "assess.log_format"
FAIL_ON = ("critical", "major", "minor", "never")


class Group(click.Group):
    """Shows every problem in a line of its own, without a traceback, and ends with the exit code of the error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AssessError as error:
            for problem in error.problems:
                complain(problem)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            complain("interrupted")
            ctx.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            raise  # whoever read the output has enough of it
        except OSError as error:
            complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
            ctx.exit(EXIT_NOT_ASSESSED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # a fault of this program must not look like findings
            if os.environ.get("ASSESS_TRACEBACK"):
                raise
            what = str(error).splitlines()[0] if str(error) else ""
            complain(f"CL001 fault in assess itself: {type(error).__name__} {what} (ASSESS_TRACEBACK=1 shows where)")
            ctx.exit(EXIT_NOT_ASSESSED)


def complain(said: Problem | str) -> None:
    """One line on stderr: for people, or as a JSON object (`--log-format json`)."""
    context = click.get_current_context(silent=True)
    if context is not None and context.meta.get(_JSON):
        import json

        line = {"problem": dataclasses.asdict(said)} if isinstance(said, Problem) else {"message": said}
        click.echo(json.dumps(line, ensure_ascii=False), err=True)
        return
    # Names of files and columns are written by others: on a terminal they stay in their line and change nothing.
    click.echo("".join(c if c.isprintable() else "\ufffd" for c in str(said).strip()), err=True)


def speak_json() -> None:
    """From here on, what the current command says on stderr is for machines."""
    click.get_current_context().meta[_JSON] = True


SET = click.option(
    "--set", "assignments", multiple=True, metavar="NAME=VALUE",
    help="Give a declared parameter another value; may be repeated.",
)  # fmt: skip


def load(ruleset: str, assignments: tuple[str, ...] = ()) -> Loaded:
    """The ruleset at a path, or of a built-in name, with parameters as the command line sets them."""
    from assess.ruleset.builtin import find
    from assess.ruleset.load import load as read
    from assess.ruleset.settings import parse

    return read(find(ruleset), ruleset, parse(assignments))


LANGUAGE = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the reports."
)
RULESET = click.option(
    "--ruleset", required=True, metavar="FILE", help="Ruleset file, or the name of one that is built in."
)


class _Data(click.ParamType["Path | Address"]):
    """A folder, or the address of a database."""

    name = "data"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | Address:  # noqa: ARG002
        """What is meant; UsageError says what is no address, and does not repeat it."""
        from assess.intake.address import located

        return value if not isinstance(value, str) else located(value)


DATA = click.option(
    "--data", required=True, metavar="DIR|URL", type=_Data(),
    help="Folder with submissions, or a database: postgresql://HOST/DATABASE, mysql://HOST/DATABASE.",
)  # fmt: skip


FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)


def reaches(worst: str | None, fail_on: str) -> bool:
    """Whether the gravest severity found is one at which a command is to fail."""
    return (
        worst is not None
        and fail_on != "never"
        and FAIL_ON.index(worst if worst in FAIL_ON else "never") <= FAIL_ON.index(fail_on)
    )
