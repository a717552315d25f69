"""Which page stands under which heading; a page of docs/ that is not named here stands under *More*."""

from __future__ import annotations

# Heading -> pages, by their place in the site without ending. One that is not there is left out.
GROUPS = {
    "Guides": (
        *("guides/first-run", "guides/your-dataset", "guides/your-model", "guides/ablation-for-a-paper"),
        *("guides/what-the-numbers-mean", "guides/how-scores-go-wrong"),
    ),
    "Scores": (
        *("megc2019-flow", "scoring", "comparing", "statistics", "epoch-rules", "ablations", "report"),
        *("leaderboards", "megc2019-board", "results", "doubt"),
    ),
    "Evidence": ("runs", "isolation", "audit"),
    "Models": ("baselines", "fitted", "using-a-model", "command", "plugins", "conformance", "catalogue"),
    "Machines": ("many-machines", "speed", "folds-together"),
    "Reference": (
        *("protocols/index", "datasets/index", "models/index", "added", "python", "reference/door"),
        *("reference/api", "reference/modules"),
    ),
    "More": (),
    "Project": ("boards/index", "changelog", "contributing"),
}
MORE = "More"


def grouped(pages: set[str]) -> dict[str, list[str]]:
    """Return the groups with the pages that there are; a page that belongs to another's list is left out."""
    listed = {heading: [page for page in group if page in pages] for heading, group in GROUPS.items()}
    named = {page for group in listed.values() for page in group}
    # Pages below a folder with an index are listed there.
    folders = {page.removesuffix("index") for page in pages if page.endswith("/index")}
    rest = [page for page in pages - named if not page.startswith((*folders, "reference/modules/"))]
    listed["Guides"] += sorted(page for page in rest if page.startswith("guides/"))
    listed[MORE] += sorted(page for page in rest if not page.startswith("guides/"))
    return {heading: group for heading, group in listed.items() if group}
