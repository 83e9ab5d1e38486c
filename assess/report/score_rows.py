"""The lines of a unit's score as HTML: the waterfall, its items with their arithmetic, and what corrections bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from assess.report.charts import WATERFALL_WIDTH
from assess.report.markup import safe
from assess.report.scoring import Fall
from assess.report.todo import Task

_OF_KIND = {"score": "total", "group": "above-parts"}
_PICTURE = (
    f'<svg viewBox="0 0 {WATERFALL_WIDTH} 18" preserveAspectRatio="none" aria-hidden="true">'
    '<path class="axis" d="M0 -8V26"/>'
)


def waterfall_rows(falls: Sequence[Fall], *, nested: bool) -> Markup:
    """A line for each step; `nested` says that items of groups are printed in a column of their own."""
    return Markup("\n".join(_fall(fall, nested) for fall in falls))  # noqa: S704 - every text went through `safe`


def item_rows(blocks: Sequence[Mapping[str, Any]]) -> Markup:
    """The items of the score by group, each with its formula."""
    return Markup("\n".join(_block(block) for block in blocks))  # noqa: S704 - every text went through `safe`


def task_rows(tasks: Sequence[Task], *, boxes: bool, money: bool) -> Markup:
    """What to put right, each with a box to tick where there is something to add up."""
    return Markup("\n".join(_task(task, boxes, money) for task in tasks))  # noqa: S704 - every text went through `safe`


def _fall(fall: Fall, nested: bool) -> str:
    title = f'<a href="{safe(fall.href)}">{safe(fall.title)}</a>' if fall.href else safe(fall.title)
    if fall.note:
        title += f'<span class="note">{safe(fall.note)}</span>'
    if fall.part:
        kind, height, places = "within", "8", f'<td class="n soft">{fall.text}</td><td class="n"></td>'
    else:
        kind, height = _OF_KIND.get(fall.kind, ""), "14"
        tone = " fail" if fall.kind == "veto" else ""
        places = '<td class="n"></td>' if nested else ""
        places += f'<td class="n{tone}"><data value="{fall.value}">{fall.text}</data></td>'
    thin = " thin" if fall.part else ""
    outline = f"M{fall.start} {5 if fall.part else 2}h{fall.length}v{height}h-{fall.length}z"
    bar = f'<path class="{fall.kind}{thin}" d="{outline}"/>'
    row = f'<tr class="{kind}">' if kind else "<tr>"
    return f'{row}<th scope="row">{title}</th>{places}<td class="bar">{_PICTURE}{bar}</svg></td></tr>'


def _block(block: Mapping[str, Any]) -> str:
    """The items of one group, below a line with its sums."""
    name, total = f' id="{block["id"]}"' if block["id"] else "", block["total"]
    head = ""
    if total:
        figures = "".join(f'<td class="n">{total[each]}</td>' for each in ("points", "possible", "given", "lost"))
        head = (
            f'<tr class="group"{name}><th scope="rowgroup">{safe(block["title"])}</th><td></td>{figures}<td></td></tr>'
        )
    return f"<tbody>{head}{''.join(_item(row) for row in block['rows'])}</tbody>"


def _item(row: Mapping[str, str]) -> str:
    note = f'<span class="note">{safe(row["note"])}</span>' if row["note"] else ""
    method = f'<span class="note">{safe(row["method"])}</span>'
    return (
        f'<tr id="{row["id"]}"><th scope="row">{safe(row["title"])} {method}</th>'
        f'<td class="code">{safe(row["formula"])}</td><td class="n">{row["points"]}</td>'
        f'<td class="n">{row["possible"]}</td><td class="n strong">{row["given"]}</td>'
        f'<td class="n">{row["lost"]}</td><td>{safe(row["why"])}{note}</td></tr>'
    )


def _task(task: Task, boxes: bool, money: bool) -> str:
    title = safe(task.title)
    box = f'<input type="checkbox" data-rule="{task.place}" aria-label="{title}">'
    tick = f'<td class="tick screen" hidden>{box}</td>' if boxes else ""
    weight = " strong" if task.brings else " soft"
    gained = f'<td class="n{"" if task.brings else " soft"}">{safe(task.money)}</td>' if money else ""
    return (
        f'<tr>{tick}<th scope="row"><a href="{task.href}">{title}</a> <span class="note">{safe(task.table)}</span></th>'
        f'<td class="n">{task.records}</td><td class="n{weight}">{task.points}</td>{gained}'
        f"<td>{safe(task.indicators)}</td></tr>"
    )
