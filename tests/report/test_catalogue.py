"""Every message of the code and of the templates has words in Chinese, and no word is left over."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import assess.report
from assess.report.language import LOCALES, catalogue

PACKAGE = Path(assess.report.__file__).parent
FIELD = re.compile(r"\{[a-z_]+\}|%\([a-z_]+\)s")


def chinese() -> Catalog:
    with catalogue("zh_CN").open("rb") as file:
        return read_po(file, locale="zh_CN")


def extracted() -> set[str]:
    methods = [("**.py", "python"), ("**/templates/**.j2", "jinja2")]
    found = {message for _, _, message, _, _ in extract_from_dir(PACKAGE, method_map=methods)}
    return {message if isinstance(message, str) else message[0] for message in found}


def translated() -> dict[str, str]:
    pairs = {}
    for message in chinese():
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            pairs[key] = message.string if isinstance(message.string, str) else message.string[0]
    return pairs


def test_no_message_is_missing_and_none_is_obsolete() -> None:
    messages, words = extracted(), translated()
    assert len(messages) > 200
    assert sorted(messages - set(words)) == []
    assert sorted(set(words) - messages) == []
    assert not chinese().obsolete


def test_every_message_has_words() -> None:
    assert [key for key, words in translated().items() if not words.strip()] == []


def test_no_field_is_invented_or_misspelt() -> None:
    # A figure may be left out of a translation only where the language does not need it; none may be added.
    wrong = {key: words for key, words in translated().items() if set(FIELD.findall(words)) != set(FIELD.findall(key))}
    assert wrong == {}


def test_there_is_no_other_locale_than_the_tested_one() -> None:
    assert [path.name for path in LOCALES.iterdir()] == ["zh_CN"]
