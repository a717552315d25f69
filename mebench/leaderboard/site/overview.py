"""What the first page tells: each board in a row, synthetic ones apart, and every doubt with the way to its proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.doubts import KINDS, Kind
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.site.cells import domain_of
from mebench.leaderboard.site.drawn import axis, beside
from mebench.leaderboard.site.measures import block_of, metrics_of
from mebench.leaderboard.site.prints import Paper, papers
from mebench.scoring.tables import bounds, percent

_SAID: dict[Kind, str] = {
    "impossible": "No confusion matrix has these figures",
    "undecided": "Neither a matrix nor a proof was found",
    "other-edition": "Possible for another edition of the data alone",
    "precision-as-uar": "Macro precision, printed as UAR",
    "printed-twice": "The same figure under two protocols",
    "other-samples": "Other numbers of clips than the protocol has",
    "other-classes": "Other clips of each class than the protocol has",
}


def overview(boards: Sequence[Board]) -> dict[str, Any]:
    """Return what ``index.html`` shows."""
    printed = {id(board): papers(board) for board in boards}
    real = [board for board in boards if not board.synthetic]
    synthetic = [board for board in boards if board.synthetic]
    doubts = [
        (board, paper, part, doubt)
        for board in real
        for paper in printed[id(board)]
        for part, doubt in paper.doubts
    ]
    return {
        "kinds": [
            (
                "reported",
                sum(len(board.reported) for board in real),
                "rows",
                "what is printed, by authors and others",
            ),
            (
                "rescored",
                sum(len(board.rescored) for board in real),
                "rows",
                "others' predictions under our cohort",
            ),
            (
                "reproduced",
                sum(len(board.reproduced) for board in real),
                "runs",
                "what mebench computed itself",
            ),
        ],
        "real": _lines(real, printed),
        "synthetic": _lines(synthetic, printed),
        "axis": axis(_domain(real, printed)),
        "synthetic_axis": axis(_domain(synthetic, printed)),
        "doubts": doubts,
        "doubts_by_kind": [
            (_SAID[kind], [each for each in doubts if each[3].kind == kind])
            for kind in KINDS
            if any(each[3].kind == kind for each in doubts)
        ],
        "whole": WHOLE,
    }


def _lines(boards: Sequence[Board], printed: dict[int, list[Paper]]) -> list[dict[str, Any]]:
    domain = _domain(boards, printed)
    found = []
    # What has been run comes first.
    for board in sorted(boards, key=lambda b: (-len(b.reproduced), -len(b.reported), b.protocol)):
        key, name = metrics_of(board)[0]
        best = next(iter(board.reproduced), None)
        ours = block_of(board, best)[key] if best else None
        top = _best_printed(printed[id(board)])
        found.append(
            {
                "board": board,
                "measure": name,
                "ours": percent(ours["mean"]) if ours else "",
                "interval": bounds(ours["low"], ours["high"]) if ours else "",
                "model": best.full_name if best else "",
                "printed": percent(top.figure("uf1")) if top else "",
                "paper": f"{top.method} {top.year}" if top else "",
                "rows": len(board.reported),
                "doubts": sum(len(paper.doubts) for paper in printed[id(board)]),
                "drawing": beside(
                    domain, board.protocol, run=ours, printed=top.figure("uf1") if top else None
                ),
            }
        )
    return found


def _domain(boards: Sequence[Board], printed: dict[int, list[Paper]]) -> tuple[float, float]:
    values: list[float | None] = []
    for board in boards:
        key = metrics_of(board)[0][0]
        for row in board.reproduced[:1]:
            values += [block_of(board, row)[key][end] for end in ("mean", "low", "high")]
        top = _best_printed(printed[id(board)])
        values.append(top.figure("uf1") if top else None)
    return domain_of(values)


def _best_printed(found: Sequence[Paper]) -> Paper | None:
    known = [paper for paper in found if paper.figure("uf1") is not None]
    return max(known, key=lambda paper: paper.figure("uf1") or 0.0, default=None)
