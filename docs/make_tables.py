"""Write docs/tables.md and docs/summary.schema.json from the declarations in assess/results and assess/summary.

python docs/make_tables.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from assess.results import COUNTED, FORMS, OPTIONAL, STATUSES
from assess.results.across import SUMS
from assess.results.form import SEVERITIES, UNITS, Column, Form
from assess.summary import json_schema
from assess.tables import BOOKKEEPING, DTYPES

HERE = Path(__file__).parent
_TYPES = {"String": "text", "Int64": "integer", "Float64": "number", "Boolean": "boolean", "Date": "date",
          "UInt32": "integer"}  # fmt: skip
_SETS = {STATUSES: "a status", SEVERITIES: "a severity"}
_BOOKKEEPING = {
    "_row": "row of the table, over all of its files, from 0",
    "_file": "number of the file, in the order of `receipt`, from 0",
    "_line": "line of the file",
    "_rejected": "columns whose cells could not be read, with commas; null where all could",
}


def page() -> str:
    """The text of docs/tables.md."""
    return "\n".join([*_head(), *(line for name, form in FORMS.items() for line in _table(name, form)), *_tail()])


def _head() -> Iterator[str]:
    yield from (
        "# Tables of the assessment directory",
        "",
        "Made by `python docs/make_tables.py` from the declarations in `assess/results/`; a test holds it to them.",
        "",
        "Each table is `DIR/tables/<name>.parquet`. It is held to its declaration when it is written, by pandera",
        "(by Polars, where `assess rescore` writes it), and by Polars when it is read.",
        "`from assess.results.contract import Scores` is the declaration as a pandera DataFrameModel. How to read",
        "them elsewhere: [results](results.md).",
        "",
        "**Counted** tables hold what `assess run` counted in the submissions or found there; `assess rescore` takes",
        "them over as far as the ruleset asks for them. **Concluded** tables follow from those and the ruleset:",
        "`assess rescore` makes them anew, and `assess verify` holds them to it. **Optional** tables are there only",
        "where the command that adds them was run.",
        "",
        f"A *status* is one of {_words(STATUSES)};",
        f"a *severity* one of {_words(SEVERITIES)}.",
        "",
        "| unit | is |",
        "|---|---|",
        *(f"| {unit} | {said} |" for unit, said in UNITS.items()),
        "",
        "| table | kind | a row is |",
        "|---|---|---|",
        *(f"| [`{name}`](#{name}) | {_kind(name)} | {_first(form)} |" for name, form in FORMS.items()),
        "",
    )


def _kind(name: str) -> str:
    return "optional" if name in OPTIONAL else "counted" if name in COUNTED else "concluded"


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _first(form: type[Form]) -> str:
    return re.split(r"[:.](?: |$)", _said(form)[0])[0]


def _said(form: type[Form]) -> list[str]:
    """The paragraphs of the docstring."""
    return [" ".join(each.split()).replace(" x ", " × ") for each in (form.__doc__ or "").split("\n\n")]


def _table(name: str, form: type[Form]) -> Iterator[str]:
    yield from (f"## {name}", "", *(line for each in _said(form) for line in (each, "")))
    keys = form.key or tuple(column.name for column in form.columns() if column.holds.unique)
    key = " and ".join(f"`{column}`" for column in keys)
    yield f"{_kind(name).capitalize()}. {f'Key: {key}.' if key else 'No key: rows may repeat.'}"
    yield from ("", "| column | type | unit | null | range | what |", "|---|---|---|---|---|---|")
    for column in form.columns():
        holds = column.holds
        null = "yes" if holds.nullable else ""
        cells = (f"`{column.name}`", type_name(column.dtype), holds.unit, null, _range(column), holds.said)
        yield f"| {' | '.join(cells)} |"
    yield ""
    if form.always:
        yield "Of every row holds, where nothing in it is null:"
        yield from ("", *(f"- {statement.replace('_', ' ')}" for statement in form.always), "")


def type_name(dtype: pl.DataType) -> str:
    """A type in words."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision}, {dtype.scale})"
    return _TYPES[str(dtype)]


def _range(column: Column) -> str:
    holds = column.holds
    if holds.isin is not None:
        return _SETS.get(holds.isin) or _words(holds.isin)
    if holds.ge is not None and holds.le is not None:
        return f"{holds.ge:g} to {holds.le:g}"
    if holds.ge is not None:
        return f"≥ {holds.ge:g}"
    return "unique" if holds.unique else ""


def _tail() -> Iterator[str]:
    yield from ("## Sums over two tables", "")
    yield from ("`assess verify` adds them up again, without the code that concluded them.", "")
    yield from ("| for each | parts | total | so that |", "|---|---|---|---|")
    for each in SUMS:
        parts = f"`{each.parts.table}.{each.parts.column}`" if each.parts.column else f"rows of `{each.parts.table}`"
        yield f"| {', '.join(each.keys)} | {parts} | `{each.total.table}.{each.total.column}` | {each.said} |"
    yield from (
        "",
        "It also counts the rows of `evidence` for each unit and rule: there are as many as `measurements.violated`",
        "says, but for rules on units, which have none.",
        "",
        "## Typed files",
        "",
        "With `--store`, each submitted file is kept as Parquet, with the columns that the ruleset declares for its",
        "table:",
        "",
        "| declared as | stored as |",
        "|---|---|",
        *(f"| `{name}` | {type_name(dtype)} |" for name, dtype in DTYPES.items()),
        "",
        "The engine sees these columns beside them:",
        "",
        "| column | type | what |",
        "|---|---|---|",
        *(f"| `{name}` | {type_name(dtype)} | {_BOOKKEEPING[name]} |" for name, dtype in BOOKKEEPING.items()),
        "",
    )


def schema() -> str:
    """The text of docs/summary.schema.json."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    (HERE / "tables.md").write_text(page(), encoding="utf-8")
    (HERE / "summary.schema.json").write_text(schema(), encoding="utf-8")
