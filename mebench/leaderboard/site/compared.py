"""What a script compares two rows of: their figures, and the paired differences that are known, as JSON in the page.

Shares; a row is named by its anchor. Matrices are not repeated: the script shows those of the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mebench.leaderboard.board import Board
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.measures import block_of, metrics_of
from mebench.leaderboard.site.prints import Paper

_DIGITS = 6
Told = dict[str, Any]


def comparison_data(board: Board, papers: Sequence[Paper], address: str) -> Markup:
    """Return the data of a board, harmless within a page; addresses of its rows begin with ``address``."""
    keys = [key for key, _ in metrics_of(board)]
    anchors = {row.key: row.key for row in board.reproduced}
    content = {
        "address": address,
        "measures": [name for _, name in metrics_of(board)],
        "datasets": list(board.datasets),
        "rows": {
            **{row.key: _of_run(board, row, keys) for row in board.reproduced},
            **{paper.anchor: _of_paper(board, paper) for paper in papers},
        },
        "pairs": [
            {"a": anchors[a], "b": anchors[b], **_of_pair(keys, pair)}
            for (a, b), pair in sorted(board.pairs.items())
            if a in anchors and b in anchors
        ],
    }
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    # No text of it can end the element that it stands in.
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))


def _of_run(board: Board, row: Reproduced, keys: Sequence[str]) -> Told:
    block = block_of(board, row)
    per_dataset: Mapping[str, Any] = block.get("per_dataset", {})
    return {
        "name": row.full_name,
        "kind": "reproduced",
        "scores": [_bounded(block[key]) for key in keys],
        "datasets": {name: [_bounded(per_dataset[name][key]) for key in keys] for name in per_dataset},
    }


def _of_paper(board: Board, paper: Paper) -> Told:
    return {
        "name": f"{paper.method} {paper.year}",
        "kind": paper.kind,
        "scores": _printed(paper, WHOLE),
        "datasets": {
            name: _printed(paper, name)
            for name in board.datasets
            if name in paper.parts or name in paper.rescored
        },
    }


def _printed(paper: Paper, part: str) -> list[list[float | None]]:
    """Return what is printed; of a method of whom predictions alone are known, what they score."""
    if paper.parts:
        return [[_short(paper.figure(key, part)), None, None] for key in ("uf1", "uar")]
    return [
        [_short(paper.own(f"{key}{end}", part)) for end in ("", "_low", "_high")] for key in ("uf1", "uar")
    ]


def _of_pair(keys: Iterable[str], pair: Mapping[str, Any]) -> Told:
    """Return what the second row has more, its bounds and p, by metric; of what the pair does not hold, nothing."""
    found = [pair.get({"f1": "au_f1"}.get(key, key)) for key in keys]
    return {
        "scores": [
            each and [_short(each.get(k)) for k in ("difference", "low", "high", "p")] for each in found
        ]
    }


def _bounded(scored: Mapping[str, Any]) -> list[float | None]:
    return [_short(scored[key]) for key in ("mean", "low", "high")]


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
