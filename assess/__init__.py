"""Batch data-quality and assessment engine."""

__version__ = "0.1.0"
