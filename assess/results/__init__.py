"""What an assessment leaves: the form of every table, and the directory that holds them."""

from assess.results.directory import (
    FORMAT,
    MANIFEST,
    RULESET,
    Directory,
    Staging,
    check_replaceable,
    digest_file,
    page_name,
)
from assess.results.form import SEVERITIES, STATUSES
from assess.results.models import (
    CONCLUDED_FROM,
    COUNTED,
    FORMS,
    OPTIONAL,
    SHOWN,
    TABLES,
    conform,
    declared,
    empty,
    not_run,
    schema_of,
)
from assess.results.stored import StoredTables

__all__ = [
    "CONCLUDED_FROM",
    "COUNTED",
    "FORMAT",
    "FORMS",
    "MANIFEST",
    "OPTIONAL",
    "RULESET",
    "SEVERITIES",
    "SHOWN",
    "STATUSES",
    "TABLES",
    "Directory",
    "Staging",
    "StoredTables",
    "check_replaceable",
    "conform",
    "declared",
    "digest_file",
    "empty",
    "not_run",
    "page_name",
    "schema_of",
]
