"""Every exception of the package, and the problem that a person is shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXIT_DONE = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_NOT_ASSESSED = 3


@dataclass(frozen=True, order=True)
class Problem:
    """One thing a person has to mend: where it is, what is wrong, and what to do.

    `file`, `line` and `column` count from 1 and are 0 (or empty) where they do not apply.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    level: str = "error"

    @property
    def where(self) -> str:
        """`file:line:column`, leaving out what is not known."""
        parts = [self.file] + [str(n) for n in (self.line, self.column) if n]
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        text = f"{self.where}: " if self.where else ""
        mark = "warning: " if self.level == "warning" else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{text}{self.code} {mark}{self.message}{hint}"


class AssessError(Exception):
    """Something a person has to mend; `exit_code` says which way the command ends."""

    exit_code = EXIT_USAGE

    def __init__(self, problems: Problem | Iterable[Problem] | str):
        if isinstance(problems, str):
            problems = [Problem("", 0, 0, "", problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem).strip() for problem in self.problems))


class RulesetError(AssessError):
    """The ruleset cannot be used; every problem found is listed."""


class UsageError(AssessError):
    """The command cannot be carried out as it was given."""


class NotAssessedError(AssessError):
    """The submissions cannot be assessed at all (for example: no register of units)."""

    exit_code = EXIT_NOT_ASSESSED


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest known word, or lists the known ones when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if known and len(known) <= 12:
        return "known: " + ", ".join(known)
    return ""
