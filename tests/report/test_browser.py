"""Pages in a real browser: on a wide screen and a phone, in the light and in the dark."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from invented import EMOTIONS, invented_cohort
from recorded_runs import record_run

from mebench.report.viewing import write_view

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
COHORT = invented_cohort(12, 4, datasets=("casme2", "casme3"))
TRUTH = COHORT.clips["label"].to_numpy()
POOR = np.where(np.arange(len(TRUTH)) % 3, TRUTH, (TRUTH + 1) % len(EMOTIONS))
UNITS = COHORT.aus


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"there is no browser here: none of {', '.join(NAMES)} is on the PATH")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=found)
        yield chromium
        chromium.close()


def test_pages_fit_ask_for_nothing_and_can_be_used(browser: Any, tmp_path: Path) -> None:
    record_run(tmp_path / "runs", COHORT, lambda _: POOR, aus=lambda _: UNITS)
    index = write_view(tmp_path / "runs", tmp_path / "pages")
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            said = _listened(page)
            page.goto(index.as_uri())
            _fits(page, width)
            page.locator("th a").first.click()
            page.wait_for_url("**/report.html")
            _fits(page, width)
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(244, 246, 248)" if scheme == "light" else "rgb(15, 20, 25)")
            small = page.evaluate(
                "[...document.querySelectorAll('figure svg')].filter("
                "e => e.getBoundingClientRect().width < 0.99 * e.getAttribute('width')).length"
            )
            assert small == 0, "no figure is made smaller"
            if width == 390 and scheme == "light":
                _sorts(page)
            assert said == []
            context.close()


def _listened(page: Any) -> list[str]:
    """Return a list that takes up what a page complains of and what it asks for elsewhere."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if "file:" not in request.url else None)
    return said


def _fits(page: Any, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _sorts(page: Any) -> None:
    """The keyboard opens the table of subjects and sorts it."""
    page.locator("#subjects ~ details summary, section:has(#subjects) summary").first.focus()
    page.keyboard.press("Enter")
    table = page.locator("section:has(#subjects) table.sorted")
    cells = "e => [...e.tBodies[0].rows].map(r => parseFloat(r.cells[3].textContent))"
    before = table.evaluate(cells)
    table.locator("thead button").nth(3).focus()
    page.keyboard.press("Enter")
    down = table.locator("thead th").nth(3).get_attribute("aria-sort") == "descending"
    assert table.evaluate(cells) == sorted(before, reverse=down) != before
