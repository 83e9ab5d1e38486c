"""The rendered examples in the repository are those of the samples and the ruleset beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.ruleset.load import load
from assess.run import assess

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_kept_report_is_made_of_what_lies_here(lang: str) -> None:
    folder = ROOT / "reports" / f"reported-figures-{lang}"
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert f'lang="{lang}' in index
    assert "134.88" in index
    manifest = assess(load(ROOT / "rulesets/reported-figures.yaml"), ROOT / "samples/reported-figures").manifest
    unspaced = "".join(index.split())  # digests are printed in groups
    for digest in (manifest["ruleset"]["sha256"], manifest["inputs_sha256"]):
        assert digest in unspaced, "something has changed: make reports"
    assert len(list((folder / "units").glob("*.html"))) == 8


def test_kept_reports_name_no_place_of_the_machine_they_were_made_on() -> None:
    pages = sorted((ROOT / "reports").rglob("*.html"))
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert "/home/" not in text
        assert "/tmp/" not in text  # noqa: S108 - looked for, not used
