"""A page taken apart: every tag is closed, nothing is loaded, and no text of a submission became a tag."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "line", "path"}
LOADING = {"img", "link", "iframe", "object", "embed", "audio", "video", "source", "base", "form"}


class Closed(HTMLParser):
    """The ids, links, tables and words of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.scripts = 0
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self._cell: list[str] | None = None
        self.feed(text)
        self.close()
        assert self._open == []
        assert len(self.ids) == len(set(self.ids)), "an id stands twice"

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        assert tag not in LOADING, tag
        assert not [name for name in own if name.startswith("on") or name in ("src", "style")], own
        self.scripts += tag == "script"
        if own.get("id"):
            self.ids.append(str(own["id"]))
        if own.get("href"):
            self.hrefs.append(str(own["href"]))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(re.sub(r"\s+", " ", " ".join(self._cell)).strip())
            self._cell = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in LOADING
        assert "id" not in dict(attrs)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self._words.append(data)
            if self._cell is not None:
                self._cell.append(data)

    def row(self, head: str) -> list[str]:
        """The first row in which a cell is `head`."""
        return next(row for row in self.rows if head in row)
