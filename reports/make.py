"""Make the rendered examples of this folder again: `python reports/make.py`, or with --out elsewhere.

The assessments are those of `make demo`, rendered in both languages. Of the province the index, the pages of all groups
and those of a few telling units are kept; what would lead to a page that is not kept is no link.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assess.pipeline import assess
from assess.report.html import render
from assess.ruleset.load import load

ROOT = Path(__file__).resolve().parent.parent
# Each sample and its ruleset.
SAMPLES = {"reported-figures": "reported-figures", "province": "bphs-2024"}
LANGUAGES = ("zh", "en")
# 134.88 % that cannot be true; a veto; a table not submitted; the highest score; a kind of unit that does not exist.
# The pages of all units in both languages would be 18 MB.
TELLING = {
    ("province", "zh"): ("349001005", "349002006", "349101002", "349002008", "349101008"),
    ("province", "en"): ("349001005", "349002006"),
}
_SAID = {
    "zh": "此示例只保留 {kept} 的报告，其余机构名称没有链接；make demo 生成全部报告。",
    "en": "This example keeps the reports of {kept}; the names of other units are no links. make demo makes them all.",
}
_UNIT_LINK = re.compile(r'<a href="(?:\.\./)?units/([^"#]+)\.html[^"]*">(.*?)</a>', re.DOTALL)


def assessed(sample: str, out: Path) -> Path:
    """Assess a sample as `make demo` does, into `out`, without pages."""
    rules = f"rulesets/{SAMPLES[sample]}.yaml"
    command = f"assess run --ruleset {rules} --data samples/{sample} --out out/{sample} --lang zh --fail-on never"
    assess(load(ROOT / rules), ROOT / "samples" / sample, command=command).write(out)
    return out


def kept(directory: Path, sample: str, lang: str) -> Iterator[tuple[str, str]]:
    """Path and text of every page to keep of an assessment directory, rendered anew."""
    units = TELLING.get((sample, lang))
    for path in render(directory, lang):
        name = path.relative_to(directory).as_posix()
        text = path.read_text(encoding="utf-8")
        if units is None:
            yield name, text
        elif path.parent.name != "units" or path.stem in units:
            yield name, _cut(text, units, lang)


def _cut(text: str, units: tuple[str, ...], lang: str) -> str:
    """A page without links to units that are not kept; the ranking says which are."""
    text = _UNIT_LINK.sub(lambda link: link[0] if link[1] in units else link[2], text)
    said = _SAID[lang].format(kept=("、" if lang == "zh" else ", ").join(units))
    tools = '<div class="tools" data-filter="ranking-table"'
    return text.replace(tools, f'<p class="small soft">{said}</p>\n{tools}', 1)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "reports", help="where the folders go; by default here")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as scratch:
        for sample in SAMPLES:
            directory = assessed(sample, Path(scratch) / sample)
            for lang in LANGUAGES:
                pages = dict(kept(directory, sample, lang))
                folder = out / f"{sample}-{lang}"
                shutil.rmtree(folder, ignore_errors=True)
                for name, text in pages.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
