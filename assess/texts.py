"""Text that a ruleset gives in more than one language."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

LANGUAGES = ("zh", "en")


class Text(BaseModel):
    """The same words in Chinese and English; a plain string stands for both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"zh": value, "en": value}
        if isinstance(value, dict) and len(value) == 1:
            lang, words = next(iter(value.items()))
            if lang in LANGUAGES:
                return {"zh": words, "en": words}
        return value

    def __getitem__(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en
