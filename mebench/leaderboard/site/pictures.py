"""Which pictures a board has: print against what was found, and print by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mebench.leaderboard.board import Board
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.drawn import Bounded
from mebench.leaderboard.site.measures import anchor_of, block_of, metrics_of
from mebench.leaderboard.site.prints import Paper
from mebench.leaderboard.site.scatter import Point, scatter
from mebench.leaderboard.site.timeline import Printed, timeline
from mebench.pages.svg import Drawing


def scatter_of(
    found: Sequence[Paper], ours: Mapping[str, Reproduced], board: Board, address: str
) -> Drawing | None:
    """Return print against what was found, where anything was."""
    points = []
    first, name = metrics_of(board)[0]
    for paper in found:
        printed = paper.figure("uf1")
        if printed is None or paper.kind == "re-run":
            continue
        own = paper.own("uf1"), paper.own("uf1_low"), paper.own("uf1_high")
        link = f"#{address}/{paper.anchor}"
        if own[0] is not None:
            points.append(Point(paper.method, printed, own, "rescored", link))
        if run := ours.get(paper.model):
            mine = block_of(board, run)[first]
            found_here = mine["mean"], mine["low"], mine["high"]
            points.append(
                Point(paper.method, printed, found_here, "reproduced", f"#{address}/{anchor_of(run)}")
            )
    known = [point for point in points if point.found[0] is not None]
    return scatter(known, name) if known else None


def timeline_of(found: Sequence[Paper], board: Board, address: str) -> Drawing | None:
    """Return print by year, where there are two methods or more."""
    points = [
        Printed(paper.method, paper.year, value, paper.kind, bool(paper.doubts), f"#{address}/{paper.anchor}")
        for paper in found
        if (value := paper.figure("uf1")) is not None
    ]
    if len(points) < 2:
        return None
    (key, name), _ = metrics_of(board)
    measured: Bounded = (None, None, None)
    if best := next(iter(board.reproduced), None):
        scored = block_of(board, best)[key]
        measured = scored["mean"], scored["low"], scored["high"]
    return timeline(points, measured, name)
