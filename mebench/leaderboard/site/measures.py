"""Which scores a board is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.rows import Reproduced


def metrics_of(board: Board) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return key and name of the two scores of a board: of classes, or else of action units."""
    if board.units_alone:
        return ("f1", "AU F1"), ("f1_macro", "AU macro F1")
    return ("uf1", "UF1"), ("uar", "UAR")


def block_of(board: Board, row: Reproduced) -> Mapping[str, Any]:
    """Return the scores of classes, or else of action units."""
    scores: Mapping[str, Any] = row.scores
    return scores["au"] if board.units_alone else scores
