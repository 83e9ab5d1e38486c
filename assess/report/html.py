"""Render the audit report: an index and one page for each unit, from the assessment directory alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from jinja2.ext import Extension
from markupsafe import Markup, escape

from assess.errors import Problem, UsageError, did_you_mean
from assess.progress import stage
from assess.report import group_page, overview, unit_page, workers
from assess.report.figure_rows import figure_rows
from assess.report.finding_rows import FindingRows
from assess.report.format import count, symbol
from assess.report.group_sums import GroupSums
from assess.report.indicator_rows import IndicatorRows
from assess.report.language import Language
from assess.report.markup import quoted, safe
from assess.report.model import Assessment
from assess.report.provenance import provenance
from assess.report.score_rows import item_rows, task_rows, waterfall_rows
from assess.report.statements import Statements
from assess.report.titles import legible

_ASSETS = Path(__file__).parent / "assets"
THEMES = ("screen", "print")
# The styles and scripts that stand in each kind of page.
_INLINE: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "index": (("report.css", "index.css"), ("report.js", "index.js")),
    "group": (("report.css", "unit.css"), ("report.js",)),
    "unit": (("report.css", "unit.css"), ("report.js", "whatif.js")),
}
_TITLE = 160
_QUOTED_NONE = "'none'"
_FOLDED = re.compile(r"<details(?![^>]*\bopen\b)")


def render(directory: Path, lang: str = "zh", theme: str = "screen", min_cell: int = 5) -> list[Path]:
    """Write `index.html` and `units/<page>.html` into an assessment directory and return their paths.

    `theme` is one of THEMES: `print` has nothing to click and everything open. `min_cell` is the smallest count of
    people that pages of many units show. The same tables give the same pages, byte for byte. UsageError when
    `directory` is no assessment directory or there is no such language or theme, NotAssessedError when a table in it
    cannot be read.
    """
    if theme not in THEMES:
        raise UsageError(Problem("", 0, 0, "RP002", f"no report for {theme!r}", did_you_mean(theme, THEMES)))
    assessment = Assessment(directory, Language(lang), min_cell)
    statements = Statements(assessment)
    pages = Pages(assessment, theme)
    index, whole = directory / "index.html", overview.view(assessment, statements)
    sums = GroupSums(assessment)
    groups = [(directory / group.page, group) for group in assessment.level_groups.values()]
    units = [(directory / assessment.page(row["unit"]), row) for row in assessment.units]
    for path in {path.parent for path, _ in (*groups, *units)}:
        path.mkdir(exist_ok=True)

    def write(number: int) -> None:
        if number == 0:  # the largest page comes first, so that nobody waits for it at the end
            index.write_text(pages.index(whole), encoding="utf-8")
        elif number <= len(groups):
            path, group = groups[number - 1]
            path.write_text(pages.group(group_page.view(group, assessment, sums)), encoding="utf-8")
        else:
            path, row = units[number - len(groups) - 1]
            path.write_text(pages.unit(unit_page.view(row, assessment, statements)), encoding="utf-8")

    with stage("reports", 1 + len(groups) + len(units)) as now:
        workers.each(write, 1 + len(groups) + len(units), assessment.detach, now.advance)
    return [index, *(path for path, _ in (*groups, *units))]


class Pages:
    """The templates of one assessment, compiled once."""

    def __init__(self, assessment: Assessment, theme: str = "screen"):
        self.assessment = assessment
        self.paper = theme == "print"
        language = assessment.language
        environment = _Environment(
            loader=PackageLoader("assess.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[_Translated],
        )
        environment.template_class = _Page
        environment.words = _Messages(language)  # type: ignore[attr-defined]
        environment.filters["count"] = count
        environment.filters["quoted"] = quoted
        inline = {kind: _inline(*names, self.paper) for kind, names in _INLINE.items()}
        self._assets = {kind: (Markup(css), Markup(js)) for kind, (css, js) in inline.items()}  # noqa: S704 — of this package
        self._policies = {kind: self._policy(css, js) for kind, (css, js) in inline.items()}
        manifest, ruleset = assessment.manifest, assessment.ruleset
        made_of = str((manifest.get("ruleset") or {}).get("sha256") or "")[:16]
        self._foot = f"{ruleset.get('ruleset', '')} {ruleset.get('version', '')} · {made_of}"
        register = ruleset.get("unit", {})
        environment.globals.update(
            _=environment.words,  # type: ignore[attr-defined]
            language=language,
            product={"name": "assess", "version": "", **(manifest.get("product") or {})},
            provenance=provenance(assessment, theme),
            paper=theme == "print",
            min_cell=assessment.min_cell,
            ruleset_title=language.text(ruleset.get("title"), str(ruleset.get("ruleset", ""))),
            ruleset_version=str(ruleset.get("version", "")),
            names=assessment.names,
            figure_rows=figure_rows,
            finding_rows=FindingRows(assessment),
            indicator_rows=IndicatorRows(language),
            item_rows=item_rows,
            task_rows=task_rows,
            waterfall_rows=waterfall_rows,
            scored=bool(assessment.scores),
            awarded=bool(assessment.awards),
            group_word=assessment.group_word,
            symbol=symbol(assessment.currency),
            unit_word=assessment.column_title(register.get("table", ""), register.get("key", "")),
        )
        # The same on every page but the index, which says more.
        environment.globals["provenance_section"] = Markup(environment.get_template("provenance.html.j2").render())  # noqa: S704
        self._templates = {kind: environment.get_template(f"{kind}.html.j2") for kind in _INLINE}

    def index(self, view: Mapping[str, Any]) -> str:
        """The page of the whole assessment."""
        title = self.assessment.language.text(self.assessment.ruleset.get("title"))
        return self._render("index", title, {**view, "home": True})

    def unit(self, view: Mapping[str, Any]) -> str:
        """The page of one unit."""
        return self._render("unit", self._of_part(view["name"]), view)

    def group(self, view: Mapping[str, Any]) -> str:
        """The page of one group of units."""
        return self._render("group", self._of_part(view["name"]), view)

    def _policy(self, css: str, js: str) -> str:
        """What a page may use: its own styles and script, with room for the digest of its running head."""
        allowed = (
            "default-src 'none'",
            f"style-src {_hash(css)} {{}}",
            f"script-src {_QUOTED_NONE if self.paper else _hash(js)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
        return "; ".join(allowed)

    def _of_part(self, name: str) -> str:
        return f"{name} · {self.assessment.language.text(self.assessment.ruleset.get('title'))}"

    def _render(self, kind: str, title: str, view: Mapping[str, Any]) -> str:
        css, js = self._assets[kind]
        title = legible(title, _TITLE)
        style = _running_head(title, self._foot)
        policy = self._policies[kind].format(_hash(style))
        running = Markup(style)  # noqa: S704 — written as CSS escapes
        page = self._templates[kind].render(view, title=title, policy=policy, css=css, js=js, running=running)
        # Text is escaped, so that these are tags of the templates.
        return _FOLDED.sub("<details open", page) if self.paper else page


def _inline(styles: Sequence[str], scripts: Sequence[str], paper: bool) -> tuple[str, str]:
    """Files of this package, joined into what stands in a page; on paper nothing is dark."""
    css, js = ("".join((_ASSETS / name).read_text(encoding="utf-8") for name in names) for names in (styles, scripts))
    return css.replace("@media screen and (prefers-color-scheme: dark)", "@media not all") if paper else css, js


class _Page(Template):
    """A template that escapes a text once however often it stands in the pages: most figures and words come again."""

    @classmethod
    def _from_namespace(
        cls,
        environment: Environment,
        namespace: MutableMapping[str, Any],
        globals: MutableMapping[str, Any],  # noqa: A002
    ) -> Template:
        namespace["escape"] = _escaped
        return super()._from_namespace(environment, namespace, globals)


def _escaped(value: object) -> str:
    return safe(value) if type(value) is str else escape(value)


class _Environment(Environment):
    """Templates in which a name after a dot is looked for among the keys first: most of what they show are mappings."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A key of a mapping, or else an attribute."""
        return obj[attribute] if type(obj) is dict and attribute in obj else super().getattr(obj, attribute)


class _Translated(Extension):
    """Puts messages without fields into the templates while they are compiled, so that no page looks them up."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The template with the words of one language in place of its plain messages."""
        words = self.environment.words  # type: ignore[attr-defined]
        return re.sub(r"\{\{ _\(([\"'])([^\"'{}]+)\1\) \}\}", lambda found: str(words(found[2])), source)


class _Messages:
    """`_` of the templates: a message, its fields filled in and escaped. Messages without fields are looked up once."""

    def __init__(self, language: Language):
        self._gettext = language.gettext
        self._known: dict[str, Markup] = {}

    def __call__(self, message: str, **fields: object) -> Markup:
        known = self._known.get(message)
        if known is None:
            known = self._known[message] = Markup(self._gettext(message))  # noqa: S704 — words of this package
        if not fields:
            return known
        shown = {name: _escaped(field) for name, field in fields.items()}
        return Markup(str(known) % shown)  # noqa: S704 — words of this package and what was made safe


def _hash(inline: str) -> str:
    """The source expression that lets a browser run exactly this text and nothing that was slipped in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


def _running_head(text: str, foot: str) -> str:
    """Head, foot and page number of every printed sheet; text is written as CSS escapes, so that it stays text."""
    above, below = ("".join(f"\\{ord(sign):x} " for sign in said) for said in (text, foot))
    font = 'font: 8pt "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
    return (
        f'@page {{ @top-left {{ content: "{above}"; {font} }} @bottom-left {{ content: "{below}"; {font} }} '
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {font} }} }}'
    )
