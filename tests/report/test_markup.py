"""Text in a page is text: escaped once, cut where it is too long, with every sign in sight."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.report.markup import permalink, quoted, safe


class Attributes(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += attrs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一般文字 92.5 %", "一般文字 92.5 %"),
        ("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
        ('" onload="x', "&#34; onload=&#34;x"),
        ("a\u202eb", "a[U+202E]b"),
        ("x" * 1001, "x" * 999 + "…"),
    ],
)
def test_a_text_is_shown_and_never_obeyed(text: str, shown: str) -> None:
    assert safe(text) == safe(text) == shown


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_json_comes_out_of_an_attribute_as_it_went_in(data: dict[str, str | int]) -> None:
    text = json.dumps(data)
    assert Attributes(f"<div data-x='{quoted(text)}'></div>").found == [("data-x", text)]


def test_a_permanent_link_leads_to_its_line() -> None:
    link = permalink("rule-A", '"fixed"')
    assert Attributes(link).found == [("class", "perma"), ("href", "#rule-A"), ("title", '"fixed"')]
