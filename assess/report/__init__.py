"""Audit reports in HTML, rendered from an assessment directory and nothing else."""

from assess.report.html import render

__all__ = ["render"]
