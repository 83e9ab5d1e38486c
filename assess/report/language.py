"""The language of a report: translated messages, dates, and text that a ruleset gives in several languages."""

from __future__ import annotations

import datetime as dt
import gettext
import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from assess.errors import Problem, UsageError, did_you_mean
from assess.texts import LANGUAGES

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "assess"
# English is what the messages are written in, so it has no catalogue.
_LOCALE = {"zh": "zh_CN", "en": "en"}


def catalogue(locale: str) -> Path:
    """The file with the translations into one locale."""
    return LOCALES / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


@lru_cache
def _translations(locale: str) -> gettext.NullTranslations:
    if not catalogue(locale).is_file():
        return gettext.NullTranslations()
    with catalogue(locale).open("rb") as file:
        read = read_po(file, locale=locale)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Language:
    """One of the languages of a report; UsageError when there is no such one."""

    def __init__(self, code: str):
        if code not in LANGUAGES:
            raise UsageError(
                Problem("", 0, 0, "RP001", f"no report in language {code!r}", did_you_mean(code, LANGUAGES))
            )
        self.code = code
        self.locale = _LOCALE[code]
        self.tag = {"zh": "zh-CN", "en": "en"}[code]
        translations = _translations(self.locale)
        # Each message is looked up once: a page asks for hundreds.
        self.gettext: Callable[[str], str] = lru_cache(maxsize=None)(translations.gettext)
        self.ngettext = translations.ngettext

    def text(self, words: Any, default: str = "") -> str:
        """Text of a ruleset, given as a plain string or for each language."""
        if isinstance(words, dict):
            return str(words.get(self.code) or words.get("zh") or words.get("en") or default)
        return str(words) if words else default

    def date(self, iso: Any) -> str:
        """A date in words; text that is no date is returned as it is."""
        try:
            day = dt.date.fromisoformat(str(iso))
        except ValueError:
            return str(iso)
        return format_date(day, format="long", locale=self.locale)

    def listed(self, items: Iterable[str]) -> str:
        """Words in a row."""
        return ("、" if self.code == "zh" else ", ").join(items)

    def joined(self, sentences: Iterable[str]) -> str:
        """Sentences in a row, the empty ones left out."""
        return ("" if self.code == "zh" else " ").join(sentence for sentence in sentences if sentence)
