"""The documentation site's own parts: links that read on GitHub and in the site, and no page that is left out."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "docs/runs.md": "runs.md",
    "docs/guides/first-run.md": "guides/first-run.md",
    "leaderboards/megc2019.md": "boards/megc2019.md",
    "README.md": "index.md",
}


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")


@pytest.mark.parametrize(
    ("page", "written", "found"),
    [
        ("docs/runs.md", "[a](guides/first-run.md#next)", "[a](guides/first-run.md#next)"),
        ("docs/runs.md", "[b](../leaderboards/megc2019.md)", "[b](boards/megc2019.md)"),
        ("docs/guides/first-run.md", "[c `d`](../runs.md)", "[c `d`](../runs.md)"),
        ("docs/guides/first-run.md", "![e](../run.svg)", "![e](../files/docs/run.svg)"),
        ("docs/runs.md", '<img src="run.svg" width="9">', '<img src="files/docs/run.svg" width="9">'),
        ("leaderboards/megc2019.md", "[f](../README.md)", "[f](../index.md)"),
        ("docs/runs.md", "[g](examples/ststnet) [h](https://a.b/c)", "g [h](https://a.b/c)"),
        (
            "docs/runs.md",
            "[i](nothing.md), `[j](run.svg)`, x[k](#l)",
            "[i](nothing.md), `[j](run.svg)`, x[k](#l)",
        ),
        ("docs/runs.md", "```\n[m](run.svg)\n```", "```\n[m](run.svg)\n```"),
        ("docs/runs.md", "[n](../../outside.md)", "[n](../../outside.md)"),
    ],
)
def test_a_link_of_the_repository_is_one_of_the_site(page: str, written: str, found: str) -> None:
    from links import Links

    files: dict[str, str] = {}
    assert Links(PurePosixPath(page), PLACES, files).of(written) == found + "\n"
    assert files in ({}, {"docs/run.svg": "files/docs/run.svg"})


def test_every_page_stands_under_a_heading_also_one_that_nobody_named() -> None:
    from contents import GROUPS, grouped

    pages = {file.stem for file in (ROOT / "docs").glob("*.md")} | {
        "new-study",
        "guides/new",
        "guides/first-run",
    }
    pages |= {"models/index", "models/famnet", "reference/modules", "reference/modules/scoring"}
    listed = grouped(pages)
    assert "new-study" in listed["More"]
    assert listed["Guides"] == ["guides/first-run", "guides/new"]
    found = [page for group in listed.values() for page in group]
    assert len(found) == len(set(found))
    assert set(found) == pages - {"models/famnet", "reference/modules/scoring"}
    assert not {file.stem for file in (ROOT / "docs/guides").glob("*.md")} - {
        page.removeprefix("guides/") for page in GROUPS["Guides"]
    }


def test_words_of_plugins_are_shown_as_they_are() -> None:
    from markdown import escaped, paragraphs

    assert escaped("a|b *c* <d> x_1") == r"a\|b \*c\* \<d\> x\_1"
    assert escaped("see arXiv:2508.13483, https://a.b/c_d") == (
        "see [arXiv:2508.13483](https://arxiv.org/abs/2508.13483), <https://a.b/c_d>"
    )
    assert paragraphs("Of ``x`` in :mod:`a.b`:\n    y = x[0]\nend") == "Of `x` in `a.b`:\n\n    y = x[0]\nend"
