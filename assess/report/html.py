"""Render the audit report: an index and one page for each unit, from the assessment directory alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from assess.report import overview, unit_page
from assess.report.format import count, digest, rate
from assess.report.language import Language
from assess.report.model import Assessment
from assess.report.statements import Statements
from assess.results import page_name

_ASSETS = Path(__file__).parent / "assets"


def render(directory: Path, lang: str = "zh") -> list[Path]:
    """Write `index.html` and `units/<page>.html` into an assessment directory and return their paths.

    The same tables give the same pages, byte for byte. UsageError when `directory` is no assessment directory or there
    is no such language, NotAssessedError when a table in it cannot be read.
    """
    assessment = Assessment(directory, Language(lang))
    statements = Statements(assessment)
    pages = Pages(assessment)
    written = [directory / "index.html"]
    written[0].write_text(pages.index(overview.view(assessment, statements)), encoding="utf-8")
    (directory / "units").mkdir(exist_ok=True)
    for row in assessment.units:
        path = directory / "units" / f"{page_name(row['unit'])}.html"
        path.write_text(pages.unit(unit_page.view(row, assessment, statements)), encoding="utf-8")
        written.append(path)
    return written


class Pages:
    """The templates of one assessment, compiled once."""

    def __init__(self, assessment: Assessment):
        self.assessment = assessment
        language = assessment.language
        environment = Environment(
            loader=PackageLoader("assess.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["count"] = count
        self.css = (_ASSETS / "report.css").read_text(encoding="utf-8")
        self.js = (_ASSETS / "report.js").read_text(encoding="utf-8")
        manifest, ruleset = assessment.manifest, assessment.ruleset
        register = ruleset.get("unit", {})
        environment.globals.update(
            _=_Messages(language),
            language=language,
            css=Markup(self.css),  # noqa: S704 — a file of this package
            js=Markup(self.js),  # noqa: S704
            product={"name": "assess", "version": "", **(manifest.get("product") or {})},
            provenance=_provenance(assessment),
            ruleset_title=language.text(ruleset.get("title"), str(ruleset.get("ruleset", ""))),
            ruleset_version=str(ruleset.get("version", "")),
            names=assessment.names,
            scored=bool(assessment.scores),
            awarded=bool(assessment.awards),
            group_word=assessment.group_word,
            unit_word=assessment.column_title(register.get("table", ""), register.get("key", "")),
        )
        self._index: Template = environment.get_template("index.html.j2")
        self._unit: Template = environment.get_template("unit.html.j2")

    def index(self, view: Mapping[str, Any]) -> str:
        """The page of the whole assessment."""
        title = self.assessment.language.text(self.assessment.ruleset.get("title"))
        return self._render(self._index, title, title, view)

    def unit(self, view: Mapping[str, Any]) -> str:
        """The page of one unit."""
        title = self.assessment.language.text(self.assessment.ruleset.get("title"))
        return self._render(self._unit, f"{view['name']} · {title}", f"{view['name']} · {title}", view)

    def _render(self, template: Template, title: str, running: str, view: Mapping[str, Any]) -> str:
        style = _running_head(running)
        allowed = "; ".join(
            (
                "default-src 'none'",
                f"style-src {_hash(self.css)} {_hash(style)}",
                f"script-src {_hash(self.js)}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )
        return template.render(view, title=title, running=Markup(style), policy=allowed)  # noqa: S704 — escaped for CSS


class _Messages:
    """`_` of the templates: a message, its fields filled in and escaped. Messages without fields are looked up once."""

    def __init__(self, language: Language):
        self._gettext = language.gettext
        self._known: dict[str, Markup] = {}

    def __call__(self, message: str, **fields: object) -> Markup:
        known = self._known.get(message)
        if known is None:
            known = self._known[message] = Markup(self._gettext(message))  # noqa: S704 — words of this package
        return known % fields if fields else known


def _hash(inline: str) -> str:
    """The source expression that lets a browser run exactly this text and nothing that was slipped in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


def _running_head(text: str) -> str:
    """Head and page number of every printed sheet; the text is written as CSS escapes, so that it stays text."""
    escaped = "".join(f"\\{ord(sign):x} " for sign in text)
    font = 'font: 8pt "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
    return (
        f'@page {{ @top-left {{ content: "{escaped}"; {font} }} '
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {font} }} }}'
    )


def _provenance(assessment: Assessment) -> dict[str, Any]:
    """What the page was made of; no times, which differ from run to run."""
    manifest, language = assessment.manifest, assessment.language
    _ = language.gettext
    ruleset = manifest.get("ruleset") or {}
    period = manifest.get("period") or {}
    told = ""
    if period:
        told = _("{start} to {end}, assessed as of {as_of}").format(
            start=language.date(period.get("start")),
            end=language.date(period.get("end")),
            as_of=language.date(period.get("as_of") or period.get("end")),
        )
        if period.get("elapsed") is not None:
            told += _(" ({elapsed} of the period has passed)").format(elapsed=rate(period["elapsed"]))
    versions = {
        **((manifest.get("product") and {"assess": manifest["product"].get("version")}) or {}),
        **(manifest.get("versions") or {}),
    }
    return {
        "ruleset_id": str(ruleset.get("id") or assessment.ruleset.get("ruleset", "")),
        "ruleset_digest": digest(ruleset.get("sha256")),
        "inputs_digest": digest(manifest.get("inputs_sha256")),
        "period": told,
        "parameters": sorted((manifest.get("parameters") or {}).items()),
        "versions": language.listed(f"{name} {version}" for name, version in versions.items()),
        "unmasked": bool(manifest.get("unmasked")),
        "command": manifest.get("command") or "",
    }
