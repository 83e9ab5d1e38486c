"""What a report was made of: digests, versions, parameters, what it was compared with, and the command."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from assess.report.format import count, digest, rate
from assess.report.model import Assessment


def provenance(assessment: Assessment, theme: str) -> dict[str, Any]:
    """What the pages were made of; no times, which differ from run to run."""
    manifest, language = assessment.manifest, assessment.language
    ruleset = manifest.get("ruleset") or {}
    versions = {
        **((manifest.get("product") and {"assess": manifest["product"].get("version")}) or {}),
        **(manifest.get("versions") or {}),
    }
    command = str(manifest.get("command") or "")
    return {
        "ruleset_id": str(ruleset.get("id") or assessment.ruleset.get("ruleset", "")),
        "ruleset_digest": digest(ruleset.get("sha256")),
        "ruleset_files": [
            (str(file.get("file") or ""), digest(file.get("sha256"))) for file in ruleset.get("files") or ()
        ],
        "effective_digest": digest(manifest.get("effective_sha256")),
        "inputs_digest": digest(manifest.get("inputs_sha256")),
        "inputs": count(len(manifest.get("inputs") or ())),
        "source": _source(manifest.get("source") or {}),
        "period": _period(assessment),
        "parameters": sorted((manifest.get("parameters") or {}).items()),
        "changed": sorted((manifest.get("set") or {}).items()),
        "versions": language.listed(f"{name} {version}" for name, version in versions.items()),
        "unmasked": bool(manifest.get("unmasked")),
        "command": command,
        "rendered_by": _rendering(command, language.code, theme, assessment.min_cell),
        "previous": _compared(manifest.get("previous") or {}, assessment),
        "rescored": _rescored(manifest.get("rescored") or {}, assessment),
        "second": _second(manifest.get("crosscheck") or {}, assessment),
        "tables": [
            (name, count(told.get("rows")), digest(told.get("sha256")))
            for name, told in (manifest.get("tables") or {}).items()
        ],
    }


def _source(source: Mapping[str, Any]) -> str:
    """The database that was read; nothing where it was files. Who asked, and with what word, is never kept."""
    if not source:
        return ""
    schema = f"?schema={source['schema']}" if source.get("schema") else ""
    return f"{source.get('kind')}://{source.get('host')}:{source.get('port')}/{source.get('database')}{schema}"


def _period(assessment: Assessment) -> str:
    period, language = assessment.manifest.get("period") or {}, assessment.language
    _ = language.gettext
    if not period:
        return ""
    told = _("{start} to {end}, assessed as of {as_of}").format(
        start=language.date(period.get("start")),
        end=language.date(period.get("end")),
        as_of=language.date(period.get("as_of") or period.get("end")),
    )
    if period.get("elapsed") is not None:
        told += _(" ({elapsed} of the period has passed)").format(elapsed=rate(period["elapsed"]))
    return told


def _rendering(command: str, lang: str, theme: str, min_cell: int) -> str:
    """The command that makes these very pages again from the tables."""
    words = _split(command)
    out = words[words.index("--out") + 1] if "--out" in words[:-1] else "DIR"
    said = f"assess report {shlex.quote(out)} --lang {lang}"
    said += f" --theme {theme}" if theme != "screen" else ""
    return said + (f" --min-cell {min_cell}" if min_cell != 5 else "")


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # written by a person, with a quotation mark that is never closed
        return []


def _compared(previous: Mapping[str, Any], assessment: Assessment) -> str:
    """The earlier assessment that this one was compared with."""
    if not previous:
        return ""
    _ = assessment.language.gettext
    ruleset = previous.get("ruleset") or {}
    return _("{ruleset} {version}, digest of all inputs {digest}").format(
        ruleset=ruleset.get("id") or "",
        version=ruleset.get("version") or "",
        digest=digest(previous.get("inputs_sha256")),
    )


def _rescored(rescored: Mapping[str, Any], assessment: Assessment) -> str:
    """The assessment whose counts were scored again."""
    if not rescored:
        return ""
    _ = assessment.language.gettext
    ruleset = rescored.get("ruleset") or {}
    return _("scored again from the counts of {ruleset} {version}, digest of its tables {digest}").format(
        ruleset=ruleset.get("id") or "",
        version=ruleset.get("version") or "",
        digest=digest(rescored.get("tables_sha256")),
    )


def _second(said: Mapping[str, Any], assessment: Assessment) -> dict[str, Any]:
    """What a second engine counted: in words, and the rules on which it differs, broke, or had nothing to say."""
    if assessment.crosscheck is None:
        return {}
    _ = assessment.language.gettext
    rows = assessment.crosscheck.rows(named=True)
    engine = said.get("engine") or {}
    counted = _(
        "Great Expectations {version} counted the rules again in {sample} of {all} units, those that compare records "
        "in all: {agree} of {rules} rules agree"
    ).format(
        version=engine.get("great-expectations") or "",
        sample=count(len(said.get("units") or ())),
        all=count(len(assessment.units)),
        agree=count(sum(row["status"] == "agrees" for row in rows)),
        rules=count(len(rows)),
    )
    differs = [
        _("{rule}: {here} of {there} violated here, {again} of {base} there").format(
            rule=row["rule"], here=count(row["violated"]), there=count(row["applicable"]),
            again=count(row["violated_there"]), base=count(row["applicable_there"]),
        )
        for row in rows if row["status"] == "differs"
    ]  # fmt: skip
    return {
        "counted": counted,
        "differs": differs,
        "failed": [row["rule"] for row in rows if row["status"] == "failed"],
        "not_expressible": [row["rule"] for row in rows if row["status"] == "not_expressible"],
    }
