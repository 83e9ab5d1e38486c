"""Regular expressions as Python has them: those of a ruleset, which are Rust's, and telephone numbers."""

from __future__ import annotations

import re
import warnings

from assess.checks.organisation import Phone
from assess.crosscheck.errors import InexpressibleError

_LINES = {
    "mobile": "1[3-9][0-9]{9}",
    "landline": "0(10|2[0-9]|[3-9][0-9][0-9])-?[2-9][0-9]{6}[0-9]?(-[0-9]{1,6})?",
    "local": "[2-9][0-9]{6}[0-9]?",
    "service": "[48]00-?[0-9]{3}-?[0-9]{4}",
}
# What Rust and Python write alike and mean otherwise, or what only one of them knows.
_RUST_ONLY = re.compile(r"\\[pPzZuUx]|\[\[|\[:|&&|--|~~|\(\?(?!:)|(?<!\\)\$|(?<![\\[])\^")


def python_pattern(pattern: str) -> str:
    """A pattern of Rust as Python has it, of which the whole text must be an instance."""
    if strange := _RUST_ONLY.search(pattern):
        raise InexpressibleError(f"{strange.group()!r} in a pattern, which Python reads otherwise than Rust")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, FutureWarning, DeprecationWarning):
        raise InexpressibleError("a pattern that Python does not read") from None
    return rf"\A(?:{pattern})\Z"


def phone(check: Phone) -> str:
    """Of telephone numbers in the accepted forms."""
    prefix = r"((\+|00)?86[- ]?)?" if check.country_code else ""
    return rf"\A{prefix}({'|'.join(_LINES[form] for form in check.forms)})\Z"
