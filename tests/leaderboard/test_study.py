"""Pages say of the stored results what these say."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mebench.leaderboard.board import boards
from mebench.plugin.registry import Registry

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "docs"))
import study  # noqa: E402 - it lies beside its page


def test_each_figure_of_the_pages_is_that_of_the_stored_results(registry: Registry, tmp_path: Path) -> None:
    board = study.board_of(boards(tmp_path, REPOSITORY / "leaderboards", registry))
    for name, parts in study.PAGES.items():
        text = (REPOSITORY / name).read_text(encoding="utf-8")
        assert study.page(text, board) == text, "python docs/study.py writes them"
        assert re.findall("<!-- figures of ([a-z-]+) -->", text) == list(parts)
        assert text.count("<!-- end -->") == len(parts)
    first = board.reproduced[0]
    assert first.uf1 is not None
    text = (REPOSITORY / "docs/megc2019-board.md").read_text(encoding="utf-8")
    assert f"| `{first.model}` |" in text
    assert f"{100 * first.uf1['mean']:.2f}" in text
    assert study.missing(board) == []
