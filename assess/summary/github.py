"""Annotations for GitHub: workflow commands that show a finding at the line of the submitted file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from assess.summary.cases import Case, Line, cases, gravity
from assess.summary.junit import summed
from assess.summary.made import Tables

# GitHub shows ten annotations of each level for a step, and drops the others without a word.
MOST = 10
_LEVELS = ("error", "warning", "notice")
# Units that one annotation names.
_NAMED = 3


def github(
    tables: Tables, ruleset: Mapping[str, Any], fails: Collection[str], root: str = "", lang: str = "en"
) -> Iterator[str]:
    """One line for each case with findings, the gravest first; at most MOST of a level, and a note of the rest.

    A case is an error where a fault has one of the severities in `fails`, a warning where there are other faults, and
    otherwise a notice. `root` is put before the names of files: the data directory, as seen from the repository.
    """
    found: dict[str, list[tuple[Case, list[Line]]]] = {level: [] for level in _LEVELS}
    for case in cases(tables, ruleset, lang):
        if case.lines:
            lines = sorted(case.lines, key=lambda line: (*gravity(line), line.unit, line.text))
            level = "error" if case.failing(fails) else "warning" if lines[0].fault else "notice"
            found[level].append((case, lines))
    left = {}
    for level, each in found.items():
        most = MOST - (level == "notice")  # the note of the rest is a notice itself
        each.sort(key=lambda one: gravity(one[1][0])[1])
        left[level] = len(each) - most
        for case, lines in each[:most]:
            yield _annotation(level, case, lines, root)
    if more := [f"{number:,} more of level {level}" for level, number in left.items() if number > 0]:
        yield f"::notice title=assess::{command_text(', '.join(more) + ': the report lists all of them')}"


def _annotation(level: str, case: Case, lines: list[Line], root: str) -> str:
    at = next((line for line in lines if line.file), None)
    title = f"{case.name} {case.title}".strip()
    places: list[tuple[str, object]] = []
    if at is not None:
        places = [("file", f"{root.rstrip('/')}/{at.file}" if root else at.file), ("line", at.line)]
    said = ",".join(f"{name}={command_value(value)}" for name, value in [*places, ("title", title)] if value)
    units = [f"{line.unit}: {line.text}" if line.unit else line.text for line in lines[:_NAMED]]
    more = f", and {len(lines) - _NAMED:,} more" if len(lines) > _NAMED else ""
    return f"::{level} {said}::{command_text(summed(lines) + '. ' + '; '.join(units) + more)}"


def command_text(text: str) -> str:
    """The message of a workflow command: what would end it or start another is escaped, as GitHub asks."""
    return _escaped(text, "%\r\n")


def command_value(value: object) -> str:
    """A property of a workflow command, which a colon or a comma would end as well."""
    return _escaped(str(value), "%\r\n:,")


def _escaped(text: str, signs: str) -> str:
    """With `signs` as codes; others that do not show, or turn the direction of a line, are replaced."""
    return "".join(f"%{ord(c):02X}" if c in signs else c if c in _BLANKS or c.isprintable() else "\ufffd" for c in text)


# Blanks of Chinese and of numbers, which Python does not count as printable.
_BLANKS = "\u3000\u00a0"
