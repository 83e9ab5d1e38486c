"""A file of pandera schemas that a supplier runs before submitting: one for each table, and how files are read.

The file is Python that a person may read, keep and change. Rules of one column stand at that column, rules of whole
records below; conditions stay the SQL that the ruleset states, for Polars reads it there as it does here.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass, replace
from pathlib import Path

from assess import __version__
from assess.checks.completeness import NotNull
from assess.checks.conformance import Parses
from assess.exports import supplied
from assess.exports.python import Call, Node, literal, text
from assess.exports.sound import of_column, sound
from assess.exports.unsaid import MANIFEST, Exported, Unsaid, UnsaidError
from assess.provenance import source_of
from assess.results import Staging
from assess.ruleset.load import Loaded
from assess.ruleset.spec import Rule
from assess.tables import DTYPES, Table

FILE = "schemas.py"
_IMPORTS = """\
from __future__ import annotations

import sys
from pathlib import Path

import pandera.polars as pa
import polars as pl"""
_WHERE_USED = (
    supplied.only_where, supplied.at_most, supplied.contained, supplied.dated, supplied.resident_id,
    supplied.organisation_code,
)  # fmt: skip
_READING = (supplied.read, supplied.typed_values, supplied.check, supplied.counted, supplied.main)


@dataclass(frozen=True)
class Schemas:
    """The schemas of a ruleset, with titles in one language."""

    loaded: Loaded
    lang: str

    def write(self, out: Path) -> Exported:
        """Write `schemas.py` and `assess-export.json` into a folder, whole or not at all.

        One that was written before is replaced. Raises UsageError when something else lies at `out`.
        """
        rules, unsaid = self._rules()
        manifest = {
            "product": {"name": "assess", "version": __version__},
            "ruleset": source_of(self.loaded),
            "rules": [{"rule": rule.id, "table": rule.table, "check": rule.check.kind} for rule, _ in rules],
            "not_expressed": [{"rule": each.rule, "check": each.kind, "why": each.why} for each in unsaid],
        }
        with Staging(out, MANIFEST) as staging:
            for name, said in (
                (FILE, self._written(rules, unsaid)),
                (MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"),
            ):
                (staging.path / name).write_text(said, encoding="utf-8", newline="\n")
        return Exported(tuple(rule.id for rule, _ in rules), tuple(unsaid))

    def _rules(self) -> tuple[list[tuple[Rule, Node]], list[Unsaid]]:
        """The rules with their expressions, and those that have none. Types say what a cell has to be."""
        said: list[tuple[Rule, Node]] = []
        unsaid: list[Unsaid] = []
        for rule in self.loaded.ruleset.checks:
            try:
                said.append((rule, "" if isinstance(rule.check, Parses) else sound(rule, self.loaded.ruleset)))
            except UnsaidError as error:
                unsaid.append(Unsaid(rule.id, rule.check.kind, str(error)))
        return said, unsaid

    def _written(self, rules: list[tuple[Rule, Node]], unsaid: list[Unsaid]) -> str:
        tables = [self._schema(name, table, rules) for name, table in self.loaded.ruleset.tables.items()]
        schemas = Call("SCHEMAS: dict[str, pa.DataFrameSchema] = ", tuple(tables), "{}", opened=True).lines(0)
        used = [function for function in _WHERE_USED if any(f"{function.__name__}(" in line for line in schemas)]
        before = [inspect.getsource(function).rstrip() for function in (supplied.rule, *used)]
        after = [inspect.getsource(function).rstrip() for function in _READING]
        blocks = [*before, "\n".join(schemas), *after, 'if __name__ == "__main__":\n    main()']
        return "\n\n".join([self._docstring(unsaid), _IMPORTS]) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"

    def _docstring(self, unsaid: list[Unsaid]) -> str:
        ruleset = self.loaded.ruleset
        first = next(name for name in ruleset.tables)
        lines = [
            f"{self._line(ruleset.title[self.lang])}: what can be checked before files are submitted.",
            "",
            f"    python {FILE} {first}.csv ...",
            "",
            "Needs pandera[polars] 0.35 or later. A file bears the name of its table. Made by `assess export pandera`",
            f"from {ruleset.ruleset} {self._line(ruleset.version)}, sha256 {self.loaded.digest}.",
        ]
        if unsaid:
            lines += ["", "Not checked here, but by whoever receives the files:", ""]
            lines += [f"- {each.rule} ({each.kind}): {each.why}" for each in unsaid]
        # Nothing that somebody wrote may end the text or escape from it.
        return '"""' + "\n".join(lines).replace("\\", "/").replace('"', "'") + '\n"""'

    def _line(self, words: str) -> str:
        return " ".join("".join(c if c.isprintable() else " " for c in words).split())

    def _error(self, rule: Rule) -> str:
        return f"{rule.id}: {self._line(rule.title[self.lang])}"

    def _schema(self, name: str, table: Table, rules: list[tuple[Rule, Node]]) -> Call:
        of_columns: dict[str, list[Node]] = {column: [] for column in table.columns}
        filled: dict[str, Rule] = {}
        whole: list[Node] = []
        for rule, said in rules:
            if rule.table != name or isinstance(rule.check, Parses):
                continue
            native = of_column(rule.check)
            if isinstance(rule.check, NotNull) and rule.check.where is None:
                filled.setdefault(rule.check.column, rule)
            elif native is not None:
                column, check = native
                of_columns[column].append(replace(check, parts=(*check.parts, f"error={text(self._error(rule))}")))
            else:
                whole.append(Call("rule", (text(rule.id), text(self._line(rule.title[self.lang])), said)))
        columns = tuple(
            self._column(column, table, tuple(of_columns[column]), filled.get(column)) for column in table.columns
        )
        parts: list[Node] = [Call("", columns, "{}", opened=True)]
        if whole:
            parts.append(Call("checks=", tuple(whole), "[]", opened=True))
        parts += [f"name={text(name)}", _aliases(table.aliases)]
        return Call(f"{text(name)}: pa.DataFrameSchema", tuple(parts), opened=True)

    def _column(self, name: str, table: Table, checks: tuple[Node, ...], filled: Rule | None) -> Call:
        spec = table.columns[name]
        parts: list[Node] = [f"pl.{DTYPES[spec.type]}"]
        if checks:
            parts.append(Call("checks=", checks, "[]", opened=True))
        # A row that names no unit belongs to nobody.
        parts.append(f"nullable={filled is None and name != self.loaded.ruleset.unit.key}")
        if filled is not None:
            parts.append(f"description={text(self._error(filled))}")
        parts.append(f"required={spec.required}")
        if spec.title is not None:
            parts.append(f"title={text(self._line(spec.title[self.lang]))}")
        parts.append(_aliases(spec.aliases))
        return Call(f"{text(name)}: pa.Column", tuple(parts), opened=True)


def _aliases(aliases: tuple[str, ...]) -> Node:
    return Call("metadata=", (Call('"aliases": ', tuple(literal(each) for each in aliases), "[]"),), "{}")
