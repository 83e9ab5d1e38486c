"""A test report in the XML of JUnit: a suite for each table, a case for each rule.

It keeps to what the schemas of Ant and of Jenkins have in common, so that either reads it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from assess.summary.cases import Case, Line, cases, gravity
from assess.summary.made import Tables

# Findings that one case tells.
MOST = 50
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def junit(
    tables: Tables, ruleset: Mapping[str, Any], manifest: Mapping[str, Any], fails: Collection[str], lang: str = "en"
) -> str:
    """The report as a document.

    A case fails where a fault has one of the severities in `fails`; what did not run is an error whatever its severity.
    Other findings stand in the output of the suite, and a rule that had nothing to look at is skipped.
    """
    said = ruleset.get("ruleset", "")
    at = str(manifest.get("finished", ""))[:19] or "1970-01-01T00:00:00"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    found = cases(tables, ruleset, lang)
    for number, (suite, members) in enumerate(groupby(found, key=lambda each: each.suite)):
        lines += _suite(number, f"{said}.{suite}", at, list(members), fails)
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(number: int, name: str, at: str, members: Sequence[Case], fails: Collection[str]) -> Iterator[str]:
    told = [_case(case, name, fails) for case in members]
    kinds = [kind for kind, _, _ in told]
    numbers = {"tests": len(told), "failures": kinds.count("failure"), "errors": kinds.count("error"),
               "skipped": kinds.count("skipped")}  # fmt: skip
    head = {"id": number, "package": name.partition(".")[0], "name": name, **numbers, "time": 0, "timestamp": at,
            "hostname": "localhost"}  # fmt: skip
    yield f"<testsuite{_attributes(head)}>"
    yield "<properties/>"
    for _, lines, _ in told:
        yield from lines
    notes = [note for _, _, notes in told for note in notes]
    yield f"<system-out>{_text(chr(10).join(notes))}</system-out>"
    yield "<system-err/>"
    yield "</testsuite>"


def _case(case: Case, suite: str, fails: Collection[str]) -> tuple[str, list[str], list[str]]:
    """Of which kind a case is (empty: passed), its lines, and what is noted of it beside."""
    name = f"{case.name} {case.title}".strip()
    head = f"<testcase{_attributes({'name': name, 'classname': suite, 'time': 0})}"
    failing = [line for line in case.lines if line.status == "error" or (line.fault and line.severity in fails)]
    notes = [f"{case.name}: {line}" for line in _told([line for line in case.lines if line not in failing])]
    if failing:
        kind = "error" if any(line.status == "error" for line in failing) else "failure"
        lines = sorted(failing, key=lambda line: (*gravity(line), line.unit, line.text))
        message = {"message": summed(lines), "type": lines[0].severity}
        body = _text("\n".join(_told(lines)))
        return kind, [f"{head}><{kind}{_attributes(message)}>{body}</{kind}></testcase>"], notes
    if not case.looked and not case.lines:
        return "skipped", [f'{head}><skipped message="nothing to look at"/></testcase>'], notes
    return "", [f"{head}/>"], notes


def summed(lines: Sequence[Line]) -> str:
    """What the findings of a case come to."""
    records, units = sum(line.records for line in lines), len({line.unit for line in lines if line.unit})
    if not records:
        first = lines[0].text
        return first if len(lines) == 1 else f"{first}, and {len(lines) - 1:,} more"
    return f"{_number(records, 'record')} of {_number(units, 'unit')}" if units else _number(records, "record")


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _told(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines[:MOST]:
        place = f" ({line.file}:{line.line})" if line.line else f" ({line.file})" if line.file else ""
        yield f"{line.severity} {line.status}: " + ": ".join(part for part in (line.unit, line.text) if part) + place
    if len(lines) > MOST:
        yield f"and {len(lines) - MOST:,} more"


def _attributes(values: Mapping[str, object]) -> str:
    return "".join(f' {name}="{escape(_harmless(str(value)), _QUOTES)}"' for name, value in values.items())


def _text(text: str) -> str:
    return escape(_harmless(text), {"\r": "&#13;"})


def _harmless(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
