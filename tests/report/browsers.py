"""The browser of the tests, or a skip where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def open_chromium() -> Iterator[Browser]:
    """A headless Chromium that is closed in the end."""
    sync = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        assert not os.environ.get("CI"), "the browser tests are never skipped in CI"
        pytest.skip("no Chromium on this machine")
    with sync.sync_playwright() as player:
        opened = player.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def eventually(page: Page, expression: str) -> None:
    """Wait until the page says so; polling in the page itself would need a policy that lets it evaluate text."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it never came true that {expression}")
