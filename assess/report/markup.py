"""Text made safe for a page, once however often it stands there, and the small marks that all tables share.

Tables of many rows are put together here and beside it as plain text, not by templates: that is what makes a page fast.
Whatever comes from a table, a ruleset or a translation goes through `safe`.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from assess.report.titles import visible
from assess.report.wording import Status

# Longer texts are not kept, and of those that are, so many.
_SHORT, _KEPT = 200, 65536
# Longer texts are cut: nobody reads on, and one of them must not fill a page.
_MOST = 1000


def seen(text: str) -> str:
    """A text, cut where it is too long, with signs that do not show or that turn its direction as their codes."""
    if len(text) > _MOST:
        text = text[: _MOST - 1] + "…"
    return text if text.isprintable() else visible(text, keep="\n\t")


class _Safe(dict[str, str]):
    """Texts with their escaped forms: most figures and words of a page come again and again."""

    def __missing__(self, text: str) -> str:
        made = str(escape(seen(text)))
        if len(text) <= _SHORT:
            if len(self) >= _KEPT:
                self.clear()
            self[text] = made
        return made


# A text as it may stand in a page, between tags or within a quoted attribute.
safe = _Safe().__getitem__


def quoted(text: str) -> Markup:
    """A text as it may stand in an attribute within single quotes; the double ones, of which JSON is full, stay."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;"))  # noqa: S704 - made safe here


def badge(status: Status, tone: str = "") -> str:
    """A status as its icon and its word, in its own tone or another."""
    tone = tone or status.tone
    icon = f'<span class="icon" aria-hidden="true">{safe(status.icon)}</span>'
    return f'<span class="badge {tone}">{icon}{safe(status.word)}</span>'


def permalink(anchor: str, title: str) -> str:
    """The link by which a line can be cited; `title` says what it is."""
    return f'<a class="perma" href="#{anchor}" title="{safe(title)}">¶</a>'
