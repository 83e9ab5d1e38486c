"""Figures that units report about themselves as HTML, for the page of a unit and for the index."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from assess.report.format import NONE
from assess.report.markup import safe
from assess.report.reported import Line
from assess.report.sheets import drawn

_LOUD = ("fail", "review")


def figure_rows(lines: Sequence[Line]) -> Markup:
    """A line for each figure: its counts, the rate as printed, its bar, the verdict and why."""
    return Markup("\n".join(_line(line) for line in lines))  # noqa: S704 - every text went through `safe`


def _line(line: Line) -> str:
    loud = f" strong {line.tone}" if line.tone in _LOUD else ""
    # Where no rate was printed it is the count that speaks against itself.
    of_count = " strong fail" if line.tone == "fail" and line.rate == NONE else ""
    of_rate = loud if line.rate != NONE else ""
    icon = f'<span class="icon" aria-hidden="true">{safe(line.icon)}</span>'
    why = "".join(f"<div>{safe(text)}</div>" for text in line.texts)
    if line.cause and loud:
        why += f'<span class="note">{safe(line.cause)}</span>'
    return (
        f'<tr id="{line.id}"><th scope="row">{safe(line.title)}<span class="note">{safe(line.kind)}</span></th>'
        f'<td class="n{of_count}">{safe(line.numerator)}</td><td class="n">{safe(line.denominator)}</td>'
        f'<td class="n{of_rate}">{safe(line.rate)}</td><td>{drawn(line.bullet, None)}</td>'
        f'<td><span class="badge {line.tone}">{icon}{safe(line.word)}</span></td><td>{why}</td></tr>'
    )
