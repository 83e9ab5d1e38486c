"""The pages of the sample province, made once for all tests that open them."""

from __future__ import annotations

from pathlib import Path

import province_pages
import pytest


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The assessment directory of each language."""
    return province_pages.make(tmp_path_factory.mktemp("province"))
