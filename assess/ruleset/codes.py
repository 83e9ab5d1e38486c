"""Every problem that reading a ruleset can find, with its stable code."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """What a code means and what to do about it."""

    title: str
    explanation: str


CODES: dict[str, Code] = {
    "RS001": Code("not readable", "The file does not exist, is not UTF-8, or is not YAML 1.2 with plain values."),
    "RS002": Code("duplicate key", "One mapping holds the same key twice; YAML readers would silently keep the last."),
    "RS003": Code(
        "unknown key",
        "The key means nothing at this place. It is refused, because a misspelt key would silently drop what it says.",
    ),
    "RS004": Code("missing key", "Something that has no default is not stated."),
    "RS005": Code("wrong value", "The value has the wrong type, is out of bounds, or contradicts its neighbours."),
    "RS006": Code(
        "unknown kind", "There is no such kind of check, part or coefficient. `assess explain` lists the kinds."
    ),
    "RS007": Code(
        "not an expression",
        "The text is not a SQL expression over the columns of one record, or names a parameter that is not declared.",
    ),
    "RS010": Code("unknown table", "The table is not declared under `tables`."),
    "RS011": Code("unknown column", "The table does not declare this column."),
    "RS012": Code("id used twice", "Two rules, or two indicators, bear the same id; results could not be told apart."),
    "RS013": Code("dangling id", "No rule or indicator has the id that is referred to."),
    "RS015": Code("ambiguous header", "Two columns of one table, or two tables, may come under the same name."),
    "RS016": Code("no unit key", "The table lacks the column that names the unit, so its records belong to nobody."),
    "RS017": Code("duplicate name in a list", "The same name stands twice in a list where each may stand once."),
    "RS020": Code(
        "does not run",
        "The expression was tried on an empty table with the declared columns and types, and Polars refused it.",
    ),
}
