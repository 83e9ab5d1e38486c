"""The bulletins of one assessment: a league table for each group of units and one for all, as files of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assess.report import folder
from assess.report.bulletin_views import Bulletin, page_of
from assess.report.format import digest
from assess.report.language import Language
from assess.report.sheet import Sheets
from assess.report.titles import Titles
from assess.results import Directory

MARK = "bulletin.json"
ALL = "_all.html"
# Records about fewer people than these are not published.
MIN_CELL = 5


def write(
    directory: Path, data: Mapping[str, Any] | None, out: Path, lang: str, *, min_cell: int = MIN_CELL,
    earlier: Mapping[str, Any] | None = None, command: str = "",
) -> list[Path]:  # fmt: skip
    """Write `index.html`, `_all.html` and one page for each group of units; the same tables give the same pages.

    `data` is the comparison with the bulletin before, as plain data, and `earlier` the ruleset of that; none in a first
    bulletin. UsageError when other things lie in `out`.
    """
    language = Language(lang)
    source = Directory.open(directory)
    titles = Titles(language, source.ruleset, *([earlier] if earlier else []))
    made = Bulletin(source, titles, data, min_cell)
    sheets = Sheets(language, "sheet.css", "bulletin.css")
    sheets.environment.globals.update(
        ruleset_title=titles.ruleset_title,
        group_word=titles.group_word,
        provenance=_provenance(source, language, command),
        compared=data is not None,
        scored=made.scored,
        awarded=made.awarded,
        min_cell=min_cell,
        days=made.days,
    )
    folder.clear(out, MARK, ".*.html.partial")
    title = language.gettext("Bulletin")
    pages = [(ALL, made.of_all())] + [(page_of(group), made.of_group(group)) for group in made.groups]
    foot = made.days["said"]
    written = []
    for name, view in pages:
        head = f"{titles.ruleset_title} · {title}" + (f" · {view['name']}" if view["name"] else "")
        text = sheets.page("bulletin.html.j2", head, view, foot=foot)
        written.append(_put(out, name, text))
    index = {"pages": [(name, view) for name, view in pages]}
    text = sheets.page("bulletin_index.html.j2", f"{titles.ruleset_title} · {title}", index, foot=foot)
    written.insert(0, _put(out, "index.html", text))
    folder.note(out, MARK, written)
    return written


def _put(out: Path, name: str, text: str) -> Path:
    partial = out / f".{name}.partial"
    partial.write_text(text, encoding="utf-8")
    return partial.replace(out / name)


def _provenance(source: Directory, language: Language, command: str) -> dict[str, str]:
    manifest = source.manifest
    ruleset, product = manifest.get("ruleset") or {}, manifest.get("product") or {}
    return {
        "ruleset": f"{ruleset.get('id', '')} {ruleset.get('version', '')}",
        "ruleset_digest": digest(ruleset.get("sha256")),
        "inputs_digest": digest(manifest.get("inputs_sha256")),
        "product": f"{product.get('name', '')} {product.get('version', '')}",
        "masked": language.gettext("shown unmasked, as asked for by a flag") if manifest.get("unmasked") else "",
        "command": command,
    }
