"""Which scores a board is about, and what names a row of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.rows import Reproduced
from mebench.models.epoch_rules import LAST, ORACLE


def of_classes(board: Board) -> bool:
    """Tell whether a board is about classes: it has some, or nobody knows and no action units are told of."""
    return bool(board.classes) or not board.aus


def metrics_of(board: Board) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return key and name of the two scores of a board: of classes, or else of action units."""
    if of_classes(board):
        return ("uf1", "UF1"), ("uar", "UAR")
    return ("f1", "AU F1"), ("f1_macro", "AU macro F1")


def block_of(board: Board, row: Reproduced) -> Mapping[str, Any]:
    """Return the scores of classes, or else of action units."""
    scores: Mapping[str, Any] = row.scores
    return scores if of_classes(board) else scores["au"]


def anchor_of(row: Reproduced) -> str:
    """Return what names a row in an address; the last epoch is what is meant where no rule is told."""
    return row.key.replace(f"-{LAST}", "") if row.selection == LAST else row.key


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
