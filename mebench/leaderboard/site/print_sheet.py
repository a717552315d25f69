"""The table of print: what papers report, what their own predictions score, and what mebench gets of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mebench.leaderboard.board import Board
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.cells import Cell, Column, Row, Sheet, Tag, bounds, difference, domain_of, percent
from mebench.leaderboard.site.details import Details
from mebench.leaderboard.site.drawn import axis, beside
from mebench.leaderboard.site.measures import anchor_of, block_of, metrics_of
from mebench.leaderboard.site.prints import Paper

_KINDS = {"reported": "reported", "re-run": "re-run by others", "rescored": "rescored"}


def print_sheet(
    board: Board, papers: Sequence[Paper], ours: Mapping[str, Reproduced], details: Details
) -> Sheet:
    """Return the table of what is printed under a protocol; ``ours`` is the run that repeats a model, by its name."""
    (first, first_name), _ = metrics_of(board)
    logged = any(paper.rescored for paper in papers)
    repeated = any(paper.model in ours for paper in papers)
    accurate = any(paper.printed("accuracy") for paper in papers)
    domain = domain_of(
        value
        for paper in papers
        for value in (
            paper.figure("uf1"),
            *(paper.own(f"uf1{end}") for end in ("", "_low", "_high")),
            *(block_of(board, ours[paper.model])[first][end] for end in ("mean", "low", "high") if paper.model in ours),
        )
    )
    parts = [name for name in board.datasets if any(name in paper.parts for paper in papers)]
    columns = [
        Column("Year"),
        Column("Kind", "of its authors, or a re-run by somebody else", figures=False),
        Column(first_name, "as printed, in percent", "reported", axis=axis(domain)),
        Column("UAR", "as printed, in percent", "reported"),
        *([Column("Accuracy", "as printed, in percent", "reported")] if accurate else []),
        *(Column(name, f"{first_name} on {name}, as printed", "reported") for name in parts),
        *([Column(f"Rescored {first_name}", f"{first_name} of the authors' own published predictions", "rescored"), Column("Rescored UAR", "UAR of the same predictions", "rescored")] if logged else []),
        *([Column("Reproduced", f"{first_name} that mebench gets of the model", "reproduced"), Column("\N{INCREMENT}", "reproduced less printed, in points")] if repeated else []),
    ]
    rows = []
    for paper in papers:
        run = ours.get(paper.model) if paper.model else None
        mine = block_of(board, run)[first] if run else None
        own = (paper.own("uf1"), paper.own("uf1_low"), paper.own("uf1_high")) if WHOLE in paper.rescored else None
        drawing = beside(domain, f"{paper.method} {paper.year}", run=mine, printed=paper.figure("uf1"), own=own)
        cells = [
            Cell(str(paper.year), paper.year),
            Cell(_KINDS[paper.kind], paper.kind),
            Cell(percent(paper.figure("uf1")), paper.figure("uf1"), drawing=drawing),
            _printed(paper, "uar"),
            *([_printed(paper, "accuracy")] if accurate else []),
            *(_printed(paper, "uf1", name) for name in parts),
            *([_own(paper, "uf1"), _own(paper, "uar")] if logged else []),
            *(_ours(run, mine, paper) if repeated else []),
        ]
        rows.append(
            Row(
                anchor=paper.anchor,
                name=paper.method,
                small=paper.model if paper.model != paper.method.lower() else "",
                tags=[Tag("doubt", "alarm", paper.anchor)] if paper.doubts else [],
                cells=cells,
                details=details.of_print(paper, run),
                facets=[_KINDS[paper.kind], *(["doubted"] if paper.doubts else []), *(["rescored"] if paper.rescored else [])],
            )
        )
    caption = f"{len(rows)} {'method' if len(rows) == 1 else 'methods'} in print under {board.protocol}, the best {first_name} first"
    return Sheet("print", caption, columns, rows, sorted_by=first_name)


def _printed(paper: Paper, figure: str, part: str = WHOLE) -> Cell:
    value = paper.figure(figure, part)
    return Cell(percent(value), value)


def _own(paper: Paper, figure: str) -> Cell:
    value = paper.own(figure)
    return Cell(percent(value), value, bounds(paper.own(f"{figure}_low"), paper.own(f"{figure}_high")))


def _ours(run: Reproduced | None, mine: Mapping[str, float | None] | None, paper: Paper) -> list[Cell]:
    if run is None or mine is None:
        return [Cell(), Cell()]
    told = Cell(percent(mine["mean"]), mine["mean"], bounds(mine["low"], mine["high"]), link=anchor_of(run))
    return [told, difference(mine["mean"], paper.figure("uf1"))]
