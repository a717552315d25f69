"""Draw docs/pictures/, what the page of the boards looks like, from a folder that `mebench leaderboard build` wrote.

    python docs/screenshots.py                          # of leaderboards/site
    python docs/screenshots.py --site /tmp/boards/site --row megc2019/print-ststnet-2019

It needs playwright, and chromium or chrome on PATH. `board-light.png` and `board-dark.png` open the README.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).with_name("pictures")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BOARD = "boards/megc2019.html"


@click.command(help=__doc__)
@click.option("--site", type=click.Path(path_type=Path, exists=True), default=Path("leaderboards/site"))
@click.option(
    "--row", default="megc2019/print-ststnet-2019", help="The address of the row that is shown open."
)
@click.option(
    "--synthetic", default="synthetic/casme3-4c.html", help="The synthetic board, where there is one."
)
def main(site: Path, row: str, synthetic: str) -> None:
    """Draw them all."""
    browser_file = next(filter(None, map(shutil.which, NAMES)), None)
    if browser_file is None:
        raise click.ClickException(f"there is no browser here: none of {', '.join(NAMES)} is on the PATH")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=browser_file)
        for scheme in ("light", "dark"):
            _draw(browser, site / BOARD, f"board-{scheme}", (1280, 720), scheme, near="table.board")
        _draw(browser, site / "index.html", "boards-light", (1280, 900), "light")
        _draw(browser, site / BOARD, "pictures-dark", (1280, 620), "dark", near="#pictures")
        _draw(browser, site / BOARD, "row-light", (1280, 900), "light", address=row)
        _draw(browser, site / BOARD, "phone-light", (390, 844), "light", near="table.board")
        _draw(browser, site / BOARD, "phone-row-dark", (390, 844), "dark", address=row)
        if (site / synthetic).exists():
            _draw(browser, site / synthetic, "synthetic-light", (1280, 720), "light")
        browser.close()


def _draw(
    browser: Any,
    page: Path,
    name: str,
    size: tuple[int, int],
    scheme: str,
    *,
    near: str = "",
    address: str = "",
) -> None:
    """Draw one page, scrolled to what is ``near`` or with the row of an ``address`` open."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    tab = context.new_page()
    tab.goto(page.resolve().as_uri() + (f"#{address}" if address else ""))
    if near:
        tab.locator(near).first.evaluate(
            "each => each.closest('section').scrollIntoView({behavior: 'instant'})"
        )
    tab.wait_for_timeout(200)
    tab.screenshot(path=PICTURES / f"{name}.png")
    click.echo(f"wrote {PICTURES / name}.png")
    context.close()


if __name__ == "__main__":
    main()
