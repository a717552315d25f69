"""The pages of boards in a browser: at two widths, light and dark, by keyboard; nothing asked for, nothing logged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no chromium or chrome on PATH")

SIZES = {"desk": (1280, 900), "phone": (390, 844)}
PUBLISHED = Path(__file__).parents[3] / "leaderboards" / "site" / "boards" / "megc2019.html"
ADDRESS = "four/print-difference-2019"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page, what it logged and what it asked for."""

    def __init__(self, browser: Any, place: str, **how: Any) -> None:
        self.context = browser.new_context(**how)
        self.page = self.context.new_page()
        self.logged: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.logged.append(message.text))
        self.page.on("pageerror", lambda error: self.logged.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(place)

    def close(self) -> None:
        """Close it; nothing was logged, and nothing but pages of the folder asked for."""
        self.context.close()
        assert self.logged == []
        assert [url for url in self.asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_board_is_used(chromium: Any, site: Path, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    opened = Opened(
        chromium,
        (site / "boards" / "four.html").as_uri(),
        viewport={"width": width, "height": height},
        color_scheme=scheme,
    )
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    _sorts(page)
    _picks(page)
    _opens(page)
    _proof(page)
    _compares(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert _faint(page) == []
    opened.close()


def _sorts(page: Any) -> None:
    """The first press of figures brings the largest up, the next one the smallest; what is not known is last."""
    printed = page.locator("table.board").nth(1)
    uar = printed.locator("th:has-text('UAR')").first
    uar.get_by_role("button").press("Enter")
    assert uar.get_attribute("aria-sort") == "descending"
    assert _names(printed)[:2] == ["Difference", "Difference (a re-run)"]
    uar.get_by_role("button").press("Enter")
    assert uar.get_attribute("aria-sort") == "ascending"
    assert printed.locator("th[aria-sort]").count() == 1
    assert _names(printed)[:2] == ["Difference (a re-run)", "Difference"]


def _picks(page: Any) -> None:
    """Filtering, by words and by what rows are."""
    printed = page.locator("table.board").nth(1)
    bar = page.locator(".filter").nth(1)
    bar.get_by_role("searchbox").fill("difference 2022")
    assert _names(printed) == ["Difference (a re-run)"]
    assert bar.locator("output").text_content() == "1 of 4 rows"
    bar.get_by_role("searchbox").fill("")
    bar.get_by_role("combobox").select_option("doubted")
    assert _names(printed) == ["Difference"]

    # A link to a row shows it, whatever is picked.
    page.evaluate("location.hash = 'four/print-elsewhere-2021'")
    page.wait_for_selector("[id='four/print-elsewhere-2021']", state="visible")
    assert len(_names(printed)) == 4


def _opens(page: Any) -> None:
    """Rows, by keyboard."""
    runs = page.locator("table.board").nth(0)
    first = runs.locator("button.opens").first
    first.focus()
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-expanded") == "true"
    assert runs.locator(".confusions svg").first.is_visible()
    assert page.evaluate("location.hash") == "#" + first.get_attribute("data-address")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "majority"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    assert first.get_attribute("aria-expanded") == "false"
    assert not runs.locator(".confusions svg").first.is_visible()


def _proof(page: Any) -> None:
    """A mark of the timeline leads to the proof."""
    page.locator("svg a[aria-label*='doubted']").press("Enter")
    page.wait_for_selector(".doubt", state="visible")
    assert "precision: .7605" in page.locator(".doubt").text_content()


def _compares(page: Any) -> None:
    """Two rows beside each other, the difference turned with them."""
    compared = page.locator("#compare")
    assert "+12.34 (+3.11 to +22.22)" in compared.text_content()
    assert "0.012" in compared.text_content()
    assert compared.locator(".sides figure").count() == 6
    one, other = (compared.locator("select").nth(place) for place in range(2))
    names = [
        each.get_attribute("value") for each in (one.locator("option").nth(0), one.locator("option").nth(1))
    ]
    one.select_option(names[1])
    other.select_option(names[0])
    assert "\N{MINUS SIGN}12.34 (\N{MINUS SIGN}22.22 to \N{MINUS SIGN}3.11)" in compared.text_content()
    other.select_option("print-difference-2019")
    assert "without its predictions" in compared.text_content()


def test_an_address_of_the_folder_leads_to_the_row(chromium: Any, site: Path) -> None:
    opened = Opened(chromium, f"{(site / 'index.html').as_uri()}#{ADDRESS}")
    opened.page.wait_for_url(f"**/boards/four.html#{ADDRESS}")
    opened.page.wait_for_selector(f"[id='{ADDRESS}']", state="visible")
    opened.close()


def test_without_scripts_and_on_paper_all_can_be_read(chromium: Any, site: Path) -> None:
    place = (site / "boards" / "four.html").as_uri()
    opened = Opened(chromium, f"{place}#{ADDRESS}", java_script_enabled=False)
    assert opened.page.locator(f"[id='{ADDRESS}']").is_visible()
    assert not opened.page.locator(".filter").first.is_visible()
    opened.page.emulate_media(media="print")
    assert opened.page.locator("table.board").first.is_visible()
    assert opened.page.locator(".doubt").is_visible()
    opened.close()


@pytest.mark.parametrize("size", SIZES)
def test_no_name_of_the_published_board_spills_over_its_neighbour(chromium: Any, size: str) -> None:
    width, height = SIZES[size]
    opened = Opened(chromium, PUBLISHED.as_uri(), viewport={"width": width, "height": height})
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate(_SPILLED) == []
    opened.close()


# Heads of rows whose content is wider than they are.
_SPILLED = """() => [...document.querySelectorAll("table.board > tbody > tr > th")]
    .filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent.trim())"""


def _names(table: Any) -> list[str]:
    return [each.text_content() for each in table.locator("tbody:visible button.opens").all()]


# Texts whose contrast with the ground below them is under 4.5, with both colours.
_FAINT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (each) => {
    for (; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!(channels(colour)[3] === 0)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const each = texts.currentNode.parentElement, said = texts.currentNode.textContent.trim();
    if (!said || !each.checkVisibility() || each.closest("svg, select, script")) continue;
    const [ink, below] = [getComputedStyle(each).color, ground(each)];
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) found.add(`${ink} on ${below}: ${said}`);
  }
  return [...found];
}"""


def _faint(page: Any) -> list[str]:
    found: list[str] = page.evaluate(_FAINT)
    return found
