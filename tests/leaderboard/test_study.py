"""The study's page says what the stored results say."""

from __future__ import annotations

import sys
from pathlib import Path

from mebench.leaderboard.board import boards
from mebench.plugin.registry import Registry

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "docs"))
import study  # noqa: E402 - it lies beside its page


def test_each_figure_of_the_page_is_that_of_the_stored_results(registry: Registry, tmp_path: Path) -> None:
    text = study.PAGE.read_text(encoding="utf-8")
    board = study.board_of(boards(tmp_path, REPOSITORY / "leaderboards", registry))
    assert study.page(text, board) == text
    assert text.count("<!-- figures of ") == text.count("<!-- end -->") == 5
    first = board.reproduced[0]
    assert first.uf1 is not None
    assert f"| `{first.model}` |" in text
    assert f"{100 * first.uf1['mean']:.2f}" in text
