"""`assess explain` is the manual: every kind with its fields and examples, every code with its meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.checks import REGISTRY
from assess.checks.cases import cases
from assess.errors import UsageError
from assess.explain import explain, pages
from assess.ruleset.codes import CODES


def test_without_a_subject_everything_is_listed() -> None:
    text = explain(None)
    for word in [*REGISTRY, *CODES, *{cls.dimension for cls in REGISTRY.values()}]:
        assert word in text


@pytest.mark.parametrize("kind", REGISTRY)
def test_a_kind_is_explained_with_every_field_and_every_example(kind: str) -> None:
    text = explain(kind)
    cls = REGISTRY[kind]
    assert text.startswith(f"{kind} ({cls.dimension})\n")
    for name, field in cls.model_fields.items():
        assert f"  {field.alias or name} (" in text
        assert field.description is not None
        assert field.description in text
    for case in cases(kind):
        assert f"Example: {case.name}" in text
    assert {"valid", "violated", "not applicable"} <= {line.strip().split("  ")[0] for line in text.splitlines()}


@pytest.mark.parametrize("kind", REGISTRY)
def test_no_word_of_the_program_shows_in_the_manual(kind: str) -> None:
    text = explain(kind)
    for leak in ("<class", "typing.", "Annotated", "NoneType", "PydanticUndefined", "FieldInfo", "assess.sql", "()"):
        assert leak not in text, f"{leak!r} in the page of {kind}"


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained_however_it_is_written(code: str) -> None:
    text = explain(code)
    assert text == explain(code.lower())
    assert text.startswith(f"{code}: {CODES[code].title}\n\n{CODES[code].explanation}\n")
    assert CODES[code].wrong
    assert CODES[code].right


def test_the_pages_in_the_documents_are_those_of_the_code() -> None:
    folder = Path(__file__).parent.parent / "docs" / "rules"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == pages()


@pytest.mark.parametrize(
    ("word", "hint"), [("in_rang", "did you mean 'in_range'?"), ("RS01", "did you mean 'RS0"), ("unqiue", "'unique'")]
)
def test_another_word_is_refused_with_the_nearest_known_one(word: str, hint: str) -> None:
    with pytest.raises(UsageError, match="EX001") as refused:
        explain(word)
    assert hint in str(refused.value)
