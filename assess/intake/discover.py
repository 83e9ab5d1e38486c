"""Which file holds which table of which unit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from assess.errors import did_you_mean
from assess.intake.container import Member, members
from assess.intake.raw import UnreadableError
from assess.tables import Table

FORMATS = {".csv": "csv", ".xlsx": "xlsx", ".xls": "xls", ".parquet": "parquet"}


@dataclass(frozen=True)
class Source:
    """One file that was found; `name` is its path inside the data directory, `folder` the unit's folder it lies in.

    `table` is none when nobody declared a table of that name; `reason` then says why the file is left out. `packed` is
    the kind of archive it is in, `member` its position there, and `archive` the name of a ZIP archive that lies beside
    the folders of the units and may be one of them itself.
    """

    path: Path
    name: str
    format: str
    folder: str | None
    table: str | None
    reason: str | None = None
    detail: str | None = None
    packed: str | None = None
    member: int | None = None
    archive: str | None = None


def discover(data: Path, tables: Mapping[str, Table]) -> list[Source]:
    """Every file of `data` and of the folders in it, in a fixed order. Names that start with . _ or ~ are left out."""
    labels = {label.casefold(): name for name, table in tables.items() for label in (name, *table.aliases)}
    found: list[Source] = []
    for entry in sorted(data.iterdir(), key=lambda path: path.name):
        if _hidden(entry):
            continue
        if not entry.is_dir():
            found += _sources(data, entry, None, labels)
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
                found += _sources(data, inner, _plain(entry.name), labels)
    return _once_each(found)


def _hidden(path: Path | PurePosixPath) -> bool:
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


def _sources(data: Path, path: Path, folder: str | None, labels: Mapping[str, str]) -> list[Source]:
    """The file itself, or what is in it."""
    name, suffix = _name(data, path), path.suffix.lower()
    if suffix == ".gz":
        return [replace(_source(path, name, _plain(path.stem), folder, labels), packed="gzip")]
    if suffix == ".zip":
        return _in_zip(path, name, folder, labels)
    return [_source(path, name, _plain(path.name), folder, labels)]


def _in_zip(path: Path, name: str, folder: str | None, labels: Mapping[str, str]) -> list[Source]:
    """The files of an archive, as if they lay where it does: a folder in it is the folder of a unit."""
    whole = Source(path, name, "zip", folder, _table(_plain(path.stem), labels))
    try:
        inside = [member for member in members(path) if not _is_hidden_in(member)]
    except UnreadableError as error:
        return [replace(whole, reason=error.reason, detail=error.detail)]
    if not inside:
        return [replace(whole, reason="empty_file", detail="no file in it")]
    found = []
    for member in inside:
        parts = PurePosixPath(member.name).parts
        shown = f"{name}/{_harmless(member.name)}"
        if member.unsafe:
            source = replace(whole, name=shown, table=None, reason="unsafe_name")
        elif len(parts) > 2 or (len(parts) == 2 and folder not in (None, parts[0])):
            source = replace(whole, name=shown, table=None, reason="nested_folder")
        else:
            source = _source(path, shown, parts[-1], parts[0] if len(parts) == 2 else folder, labels)
            if source.reason == "unknown_table" and len(inside) == 1 and whole.table is not None:
                source = replace(source, table=whole.table, reason=None, detail=None)
        archive = _plain(path.stem) if folder is None else None
        found.append(replace(source, packed="zip", member=member.position, archive=archive))
    return _names_once(found)


def _is_hidden_in(member: Member) -> bool:
    return not member.unsafe and any(_hidden(PurePosixPath(part)) for part in PurePosixPath(member.name).parts)


def _harmless(name: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in name)


def _names_once(found: list[Source]) -> list[Source]:
    """An archive may hold one name twice; the second is another file under the same name, so it gets a number."""
    seen: dict[str, int] = {}
    kept = []
    for source in found:
        seen[source.name] = number = seen.get(source.name, 0) + 1
        kept.append(source if number == 1 else replace(source, name=f"{source.name} ({number})"))
    return kept


def _source(path: Path, shown: str, name: str, folder: str | None, labels: Mapping[str, str]) -> Source:
    """The file `path`, which is shown under one name and holds the table of another."""
    plain = PurePosixPath(name)
    form = FORMATS.get(plain.suffix.lower())
    if form is None:
        return Source(path, shown, plain.suffix.lower().lstrip(".") or "none", folder, None, "unknown_format")
    table = _table(plain.stem, labels)
    if table is None:
        return Source(
            path, shown, form, folder, None, "unknown_table", did_you_mean(plain.stem.casefold(), sorted(labels))
        )
    return Source(path, shown, form, folder, table)


def _table(stem: str, labels: Mapping[str, str]) -> str | None:
    stem = stem.casefold()
    return labels.get(stem) or labels.get(re.sub(r"-\d+$", "", stem))  # visits-1.csv, visits-2.csv: parts of one table


def _stem(source: Source) -> str:
    name = PurePosixPath(source.name).name
    return PurePosixPath(name.removesuffix(".gz") if source.packed == "gzip" else name).stem.casefold()


def _once_each(found: list[Source]) -> list[Source]:
    """The same table twice in one place under the same name and another extension is taken once, the first."""
    seen: dict[tuple[str | None, str | None, str], str] = {}
    kept = []
    for source in found:
        key = (source.folder, source.table, _stem(source))
        if source.table is not None and source.reason is None and seen.setdefault(key, source.name) != source.name:
            source = replace(source, reason="submitted_twice", detail=f"{seen[key]} holds the same table")
        kept.append(source)
    return kept
