"""What an assessment leaves: the form of every table, and the directory that holds them."""

from assess.results.directory import FORMAT, MANIFEST, RULESET, Directory, Staging, check_replaceable, page_name
from assess.results.form import SEVERITIES, STATUSES
from assess.results.models import FORMS, OPTIONAL, TABLES, conform, declared, empty, not_run, schema_of

__all__ = [
    "FORMAT",
    "FORMS",
    "MANIFEST",
    "OPTIONAL",
    "RULESET",
    "SEVERITIES",
    "STATUSES",
    "TABLES",
    "Directory",
    "Staging",
    "check_replaceable",
    "conform",
    "declared",
    "empty",
    "not_run",
    "page_name",
    "schema_of",
]
