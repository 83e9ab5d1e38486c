"""What an assessment comes to, for programs: a summary in JSON, test reports and annotations for pipelines."""

from assess.summary.made import FAULTS, SUMMARY, as_json, paid, summarise, worst
from assess.summary.model import Summary, json_schema

__all__ = ["FAULTS", "SUMMARY", "Summary", "as_json", "json_schema", "paid", "summarise", "worst"]
