"""Which scores a board is about, and what must not be overlooked about a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import ORACLE


def metrics_of(board: Board) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return key and name of the two scores of a board: of classes, or else of action units."""
    if board.units_alone:
        return ("f1", "AU F1"), ("f1_macro", "AU macro F1")
    return ("uf1", "UF1"), ("uar", "UAR")


def block_of(board: Board, row: Reproduced) -> Mapping[str, Any]:
    """Return the scores of classes, or else of action units."""
    scores: Mapping[str, Any] = row.scores
    return scores["au"] if board.units_alone else scores


def warnings_of(row: Reproduced) -> list[str]:
    """Return what must not be overlooked about a row, each a sentence or a mark."""
    return [
        text
        for text in (
            "SUBJECT-DEPENDENT: training and test share subjects" if row.subject_dependent else "",
            "ORACLE: its epochs were chosen on the test clips" if row.selection == ORACLE else "",
            "its cohort differs from the published counts" if row.cohort_differs else "",
            row.local_code,
            row.trust,
            f"bridged: {row.bridged}" if row.bridged else "",
        )
        if text
    ]
