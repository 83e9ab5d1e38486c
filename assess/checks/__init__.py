"""The kinds of check. Importing this package registers all of them."""

from assess.checks import completeness, conformance, consistency, figures, identity, plausibility, uniqueness
from assess.checks.base import REGISTRY, Check, Lookup

__all__ = [
    "REGISTRY",
    "Check",
    "Lookup",
    "completeness",
    "conformance",
    "consistency",
    "figures",
    "identity",
    "plausibility",
    "uniqueness",
]
