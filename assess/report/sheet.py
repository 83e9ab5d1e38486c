"""Pages beside the report proper: the same look and the same closed door, with templates and styles of their own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assess import __version__
from assess.report.format import count
from assess.report.language import Language
from assess.report.titles import legible

_ASSETS = Path(__file__).parent / "assets"
_FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'


class Sheets:
    """Self-contained pages in one language; `styles` names files of the assets that follow the common one."""

    def __init__(self, language: Language, *styles: str):
        self.language = language
        self.css = "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("report.css", *styles))
        self.js = (_ASSETS / "report.js").read_text(encoding="utf-8")
        self.environment = Environment(
            loader=PackageLoader("assess.report"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["count"] = count
        self.environment.filters["legible"] = legible
        self.environment.globals.update(
            _=Messages(language),
            language=language,
            css=Markup(self.css),  # noqa: S704 - files of this package
            js=Markup(self.js),  # noqa: S704
            product=f"assess {__version__}",
        )

    def page(self, template: str, title: str, view: Mapping[str, Any], head: str = "", foot: str = "") -> str:
        """One page; `head` and `foot` stand on every printed sheet, beside its number."""
        style = running(head or title, foot, self.language)
        allowed = "; ".join(
            (
                "default-src 'none'",
                f"style-src {_digest(self.css)} {_digest(style)}",
                f"script-src {_digest(self.js)}",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )
        made = self.environment.get_template(template)
        return made.render(view, title=title, running=Markup(style), policy=allowed)  # noqa: S704 - escaped for CSS


class Messages:
    """`_` of the templates: a message, its fields filled in and escaped."""

    def __init__(self, language: Language):
        self._gettext = language.gettext

    def __call__(self, message: str, **fields: object) -> Markup:
        """The message in the language of the pages."""
        words = Markup(self._gettext(message))  # noqa: S704 - words of this package
        return words % fields if fields else words


def running(head: str, foot: str, language: Language) -> str:
    """Head, foot and number of every printed sheet as CSS, with texts as escapes, so that they stay text."""
    before, between, after = language.gettext("page {number} of {all}").replace("{number}", "\0").partition("{all}")
    first, _zero, second = before.partition("\0")
    numbers = f'"{_escaped(first)}" counter(page) "{_escaped(second)}" counter(pages) "{_escaped(after)}"'
    assert between  # noqa: S101 - every translation holds both fields
    font = f"font: 8pt {_FONT}; color: #4c545e"
    return (
        f'@page {{ @top-left {{ content: "{_escaped(head)}"; {font} }} '
        f'@bottom-left {{ content: "{_escaped(foot)}"; {font} }} '
        f"@bottom-right {{ content: {numbers}; {font} }} }}"
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{ord(sign):x} " for sign in text)


def _digest(inline: str) -> str:
    """The source expression that lets a browser use exactly this text and nothing that was slipped in."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"
