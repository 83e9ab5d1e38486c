"""The kinds of check. Importing this package registers all of them."""

from assess.checks import (
    completeness,
    conformance,
    consistency,
    figures,
    identity,
    organisation,
    plausibility,
    signals,
    timeliness,
    uniqueness,
)
from assess.checks.base import REGISTRY, Check, Lookup, Profile

__all__ = [
    "REGISTRY",
    "Check",
    "Lookup",
    "Profile",
    "completeness",
    "conformance",
    "consistency",
    "figures",
    "identity",
    "organisation",
    "plausibility",
    "signals",
    "timeliness",
    "uniqueness",
]
