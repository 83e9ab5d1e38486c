"""Which file holds which table of which unit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assess.errors import did_you_mean
from assess.tables import Table

FORMATS = {".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet"}


@dataclass(frozen=True)
class Source:
    """One file that was found; `name` is its path inside the data directory, `folder` the unit's folder it lies in.

    `table` is none when nobody declared a table of that name; `reason` then says why the file is left out.
    """

    path: Path
    name: str
    format: str
    folder: str | None
    table: str | None
    reason: str | None = None
    detail: str | None = None


def discover(data: Path, tables: Mapping[str, Table]) -> list[Source]:
    """Every file of `data` and of the folders in it, in a fixed order. Names that start with . _ or ~ are left out."""
    labels = {label.casefold(): name for name, table in tables.items() for label in (name, *table.aliases)}
    found: list[Source] = []
    for entry in sorted(data.iterdir(), key=lambda path: path.name):
        if _hidden(entry):
            continue
        if not entry.is_dir():
            found.append(_source(data, entry, None, labels))
            continue
        try:
            inside = sorted(entry.iterdir(), key=lambda path: path.name)
        except OSError as error:
            found.append(Source(entry, _name(data, entry), "folder", None, None, "unreadable", error.strerror))
            continue
        for inner in inside:
            if _hidden(inner):
                continue
            if inner.is_dir():
                found.append(Source(inner, _name(data, inner), "folder", _plain(entry.name), None, "nested_folder"))
            else:
                found.append(_source(data, inner, _plain(entry.name), labels))
    return _once_each(found)


def _hidden(path: Path) -> bool:
    return path.name.startswith((".", "_", "~"))


def _plain(name: str) -> str:
    """A name that can be written down: names from old archives are bytes of GB18030, which is no valid text here."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def _name(data: Path, path: Path) -> str:
    return "/".join(_plain(part) for part in path.relative_to(data).parts)


def _source(data: Path, path: Path, folder: str | None, labels: Mapping[str, str]) -> Source:
    name = _name(data, path)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        return Source(path, name, _plain(path.suffix).lower().lstrip(".") or "none", folder, None, "unknown_format")
    stem = _plain(path.stem).casefold()
    table = labels.get(stem) or labels.get(re.sub(r"-\d+$", "", stem))  # visits-1.csv, visits-2.csv: parts of one table
    if table is None:
        return Source(path, name, form, folder, None, "unknown_table", did_you_mean(stem, sorted(labels)))
    return Source(path, name, form, folder, table)


def _once_each(found: list[Source]) -> list[Source]:
    """The same table twice in one place under the same name and another extension is taken once, the first."""
    seen: dict[tuple[str | None, str | None, str], str] = {}
    kept = []
    for source in found:
        key = (source.folder, source.table, source.path.stem.casefold())
        if source.table is not None and seen.setdefault(key, source.name) != source.name:
            detail = f"{seen[key]} holds the same table"
            source = Source(
                source.path, source.name, source.format, source.folder, source.table, "submitted_twice", detail
            )
        kept.append(source)
    return kept
