"""Every problem that reading a ruleset can find, with its stable code."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """What a code means and what to do about it; `wrong` and `right` are lines of a ruleset that show it."""

    title: str
    explanation: str
    wrong: str = ""
    right: str = ""
    level: str = "error"


CODES: dict[str, Code] = {
    "RS001": Code(
        "not readable",
        "The file does not exist, is not UTF-8, or is not YAML 1.2 with plain values.",
        wrong="min: !!binary NjA=",
        right="min: 60",
    ),
    "RS002": Code(
        "duplicate key",
        "One mapping holds the same key twice; YAML readers would silently keep the last.",
        wrong="column: sbp\nmin: 60\ncolumn: dbp",
        right="column: sbp\nmin: 60",
    ),
    "RS003": Code(
        "unknown key",
        "The key means nothing at this place. It is refused, because a misspelt key would silently drop what it says.",
        wrong="maximum: 300",
        right="max: 300",
    ),
    "RS004": Code(
        "missing key",
        "Something that has no default is not stated.",
        wrong="- id: SBP\n  table: visits\n  column: sbp",
        right="- id: SBP\n  table: visits\n  check: not_null\n  column: sbp",
    ),
    "RS005": Code(
        "wrong value",
        "The value has the wrong type, is out of bounds, or contradicts its neighbours.",
        wrong="min: 400\nmax: 300",
        right="min: 40\nmax: 300",
    ),
    "RS006": Code(
        "unknown kind",
        "There is no such kind of check, part or coefficient. `assess explain` lists the kinds.",
        wrong="check: in_rnge",
        right="check: in_range",
    ),
    "RS007": Code(
        "not an expression",
        "The text is not a SQL expression over the columns of one record, or names a parameter that is not declared.",
        wrong="valid: MAX(sbp) > 90",
        right="valid: sbp > 90",
    ),
    "RS008": Code(
        "cannot be extended",
        "`extends` names a file in the folder of the ruleset or below it, or a built-in ruleset. Absolute paths, `..`, "
        "links that lead out of the folder, missing files, circles and chains of over eight files are refused.",
        wrong="extends: ../national.yaml",
        right="extends: national.yaml",
    ),
    "RS010": Code(
        "unknown table", "The table is not declared under `tables`.", wrong="table: vists", right="table: visits"
    ),
    "RS011": Code(
        "unknown column", "The table does not declare this column.", wrong="column: spb", right="column: sbp"
    ),
    "RS012": Code(
        "id used twice",
        "Two rules, or two indicators, bear the same id; results could not be told apart.",
        wrong="- {id: SBP, ...}\n- {id: SBP, ...}",
        right="- {id: SBP, ...}\n- {id: SBP-2, ...}",
    ),
    "RS013": Code(
        "dangling id",
        "No rule, indicator, grade, part or group has the id that is referred to; or an item is marked on site, and "
        "the score does not say in which table.",
        wrong="parts: [{indicator: MANGED, ...}]",
        right="parts: [{indicator: MANAGED, ...}]",
    ),
    "RS015": Code(
        "ambiguous header",
        "Two columns of one table, or two tables, may come under the same name.",
        wrong="sbp: {type: integer, aliases: [pressure]}\ndbp: {type: integer, aliases: [pressure]}",
        right="sbp: {type: integer, aliases: [upper]}\ndbp: {type: integer, aliases: [lower]}",
    ),
    "RS016": Code(
        "no unit key",
        "The table lacks the column that names the unit, so its records belong to nobody.",
        wrong="unit: {table: units, key: unit}\ntables: {visits: {columns: {sbp: {type: integer}}}, ...}",
        right="tables: {visits: {columns: {unit: {type: code}, sbp: {type: integer}}}, ...}",
    ),
    "RS017": Code(
        "duplicate name in a list",
        "The same name stands twice where each may stand once: a rule, indicator, item or group counts once in a "
        "score, in whichever group.",
        wrong="parts: [{indicator: MANAGED, points: 60, ...}, {indicator: MANAGED, points: 40, ...}]",
        right="parts: [{indicator: MANAGED, points: 100, ...}]",
    ),
    "RS018": Code(
        "goes in a circle",
        "A rule decides which records are disqualified, and looks into a view that asks which of them are.",
        wrong="sql: SELECT unit, person FROM visits WHERE NOT disqualified   # and a disqualifying rule refers to it",
        right="sql: SELECT unit, person FROM visits",
    ),
    "RS019": Code(
        "signal that would score",
        "A part of the score, or a veto, looks at a rule whose effect is `review`. A signal says what to look at and "
        "proves nothing, so it changes no score; what somebody confirmed can be given a mark.",
        wrong="parts: [{rule: TOO-REGULAR, ...}]      # effect: review",
        right="parts: [{item: CONFIRMED, method: manual, ...}]",
    ),
    "RS020": Code(
        "does not run",
        "The expression was tried on an empty table with the declared columns and types, and Polars refused it.",
        wrong="valid: name + 1 > day",
        right="valid: day <= @as_of",
    ),
    "RS021": Code(
        "example fails",
        "A rule's own example does not give the outcome that the rule states for it.",
        wrong="examples: {pass: [400]}     # of a rule with max: 300",
        right="examples: {pass: [120], fail: [400]}",
    ),
    "RS022": Code(
        "not a view",
        "The text is not one SELECT statement over declared tables. Table functions such as read_csv(...), other "
        "statements, several statements and whatever is not understood for certain are refused before anything runs.",
        wrong="sql: SELECT * FROM read_csv('/etc/passwd')",
        right="sql: SELECT unit, person FROM visits",
    ),
    "RS030": Code(
        "no failing example",
        "Nothing shows that the rule finds what it is for, and one that can never be violated looks the same.",
        wrong="examples: {pass: [120]}",
        right="examples: {pass: [120], fail: [400]}",
        level="warning",
    ),
    "RS031": Code(
        "rule said twice",
        "Two rules check the same thing in the same table, so every violation is found twice.",
        wrong="- {id: SBP, table: visits, check: not_null, column: sbp, ...}\n"
        "- {id: SBP-2, table: visits, check: not_null, column: sbp, ...}",
        right="- {id: SBP, table: visits, check: not_null, column: sbp, ...}",
        level="warning",
    ),
    "RS032": Code(
        "indicator nobody scores",
        "The ruleset has a score, and no part of it looks at this indicator: it is counted, and decides nothing.",
        wrong="indicators: [{id: A, ...}, {id: B, ...}]\nscore: {parts: [{indicator: A, ...}], ...}",
        right="score: {parts: [{indicator: A, ...}, {indicator: B, ...}], ...}",
        level="warning",
    ),
    "RS033": Code(
        "disqualifies nothing",
        "The effect `disqualify` takes records out of verified numerators, and no numerator counts this table.",
        wrong="effect: disqualify",
        right="effect: report",
        level="warning",
    ),
    "RS034": Code(
        "parameter used nowhere",
        "No expression refers to the parameter as @name: changing it changes nothing.",
        wrong="parameters: {limit: 140}\nvalid: sbp < 140",
        right="parameters: {limit: 140}\nvalid: sbp < @limit",
        level="warning",
    ),
    "RS035": Code(
        "constant condition",
        "The condition names no column, so it is true of every record or of none.",
        wrong='where: "1 = 1"',
        right="where: managed",
        level="warning",
    ),
    "RS036": Code(
        "view used nowhere",
        "No rule, indicator or other view looks at the view; it is computed for nobody.",
        wrong="views: {latest: {sql: ..., per: person}}",
        right="numerator: {table: latest, where: controlled}",
        level="warning",
    ),
}
