"""What is raised where the second engine has no words for a rule."""

from __future__ import annotations


class InexpressibleError(ValueError):
    """What the second engine has no words for; the message says what it is."""
