"""A folder of SQL: a file for each rule, one that counts them all, the tables they expect, and what has no SQL."""

from __future__ import annotations

import json
from pathlib import Path

from sqlglot import exp

from assess import __version__
from assess.exports.dialect import Dialect
from assess.exports.queries import Queries
from assess.exports.unsaid import MANIFEST, Exported, Unsaid, UnsaidError
from assess.provenance import source_of
from assess.results import Staging
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Rule
from assess.texts import Text


def write(loaded: Loaded, dialect: Dialect, out: Path) -> Exported:
    """Write the folder, whole or not at all; one that was written before is replaced.

    It holds `rules/ID.sql`, `counts.sql`, `tables.sql` and `assess-export.json`. Raises UsageError when something else
    lies at `out`.
    """
    queries = Queries(loaded.ruleset, dialect)
    said: dict[str, exp.Query] = {}
    unsaid: list[Unsaid] = []
    for rule in loaded.ruleset.checks:
        try:
            said[rule.id] = queries.of(rule)
        except UnsaidError as error:
            unsaid.append(Unsaid(rule.id, rule.check.kind, str(error)))
    rules = {rule.id: rule for rule in loaded.ruleset.checks if rule.id in said}
    with Staging(out, MANIFEST) as staging:
        (staging.path / "rules").mkdir()
        for name, query in said.items():
            _write(staging.path / _file(name), _header(rules[name], loaded), dialect.written(query))
        tables = [dialect.written(dialect.table(name, table)) for name, table in loaded.ruleset.tables.items()]
        _write(staging.path / "tables.sql", ["The tables that the rules read, empty."], ";\n\n".join(tables))
        counts = "How many records of each unit violate each rule; units and rules without any are left out."
        if said:
            _write(staging.path / "counts.sql", [counts], dialect.written(queries.counts(list(rules.values()))))
        manifest = {
            "product": {"name": "assess", "version": __version__},
            "ruleset": source_of(loaded),
            "dialect": dialect.name,
            "rules": [
                {
                    "rule": rule.id, "file": _file(rule.id), "table": rule.table, "check": rule.check.kind,
                    "severity": rule.severity, "effect": rule.effect, "title": rule.title.model_dump(),
                }
                for rule in rules.values()
            ],
            "not_expressed": [{"rule": each.rule, "check": each.kind, "why": each.why} for each in unsaid],
        }  # fmt: skip
        said_in_json = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (staging.path / MANIFEST).write_text(said_in_json, encoding="utf-8", newline="\n")
    return Exported(tuple(said), tuple(unsaid))


def _file(rule: str) -> str:
    return f"rules/{rule}.sql"


def _write(path: Path, header: list[str], statement: str) -> None:
    # A title is written by somebody else: it stays in its line, where it is a remark.
    remarks = ["-- " + " ".join(line.split()) for line in header]
    path.write_text("\n".join([*remarks, f"{statement};", ""]), encoding="utf-8", newline="\n")


def _header(rule: Rule, loaded: Loaded) -> list[str]:
    texts = {"": rule.title, "fix: ": rule.fix, "source: ": rule.source}
    return [
        f"{rule.id}: {rule.check.kind} on {rule.table}, severity {rule.severity}, effect {rule.effect}",
        *[f"{name}{said}" for name, text in texts.items() if text is not None for said in _said(text)],
        f"ruleset: {loaded.ruleset.ruleset} {loaded.ruleset.version}, sha256 {loaded.digest}",
        "Each row is a record that violates the rule.",
    ]


def _said(text: Text) -> list[str]:
    return list(dict.fromkeys(said for said in (text.zh, text.en) if said))
