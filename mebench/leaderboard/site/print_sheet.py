"""The table of print: what papers report, what their own predictions score, and what mebench gets of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.cells import (
    Cell,
    Column,
    Columns,
    Row,
    Sheet,
    Tag,
    counted,
    difference,
    domain_of,
    share,
)
from mebench.leaderboard.site.details import Details
from mebench.leaderboard.site.drawn import Domain, axis, beside
from mebench.leaderboard.site.measures import block_of, metrics_of
from mebench.leaderboard.site.prints import Paper
from mebench.scoring.tables import bounds

_KINDS = {"reported": "reported", "re-run": "re-run by others", "rescored": "rescored"}
_ENDS = ("", "_low", "_high")


def print_sheet(
    board: Board, papers: Sequence[Paper], ours: Mapping[str, Reproduced], details: Details
) -> Sheet:
    """Return the table of what is printed under a protocol; ``ours`` is the run that repeats a model, by its name."""
    made = _Made(board, papers, ours)
    columns = made.columns()
    rows = [
        Row(
            anchor=paper.anchor,
            name=paper.method,
            small=paper.model if paper.model != paper.method.lower() else "",
            tags=[Tag("doubt", "alarm", paper.anchor)] if paper.doubts else [],
            cells=[cell(paper) for _, cell in columns],
            details=details.of_print(paper, ours.get(paper.model)),
            facets=[
                _KINDS[paper.kind],
                *(["doubted"] if paper.doubts else []),
                *(["rescored"] if paper.rescored and paper.kind != "rescored" else []),
            ],
        )
        for paper in papers
    ]
    caption = (
        f"{counted(rows, 'method', 'methods')} in print under {board.protocol}, the best {made.name} first"
    )
    return Sheet("print", caption, [column for column, _ in columns], rows, sorted_by=made.name)


class _Made:
    """What makes the columns of print and their cells."""

    def __init__(self, board: Board, papers: Sequence[Paper], ours: Mapping[str, Reproduced]) -> None:
        self.board, self.papers, self.ours = board, papers, ours
        self.key, self.name = metrics_of(board)[0]

    def columns(self) -> Columns[Paper]:
        """Return the columns that have anything to show."""
        domain = self._domain()
        columns: Columns[Paper] = [
            (
                Column(self.name, "as printed, in percent", "reported", axis=axis(domain)),
                lambda paper: self._drawn(paper, domain),
            ),
            (Column("Year"), lambda paper: Cell(str(paper.year), paper.year)),
            (
                Column("Kind", "of its authors, or a re-run by somebody else", figures=False),
                lambda paper: Cell(_KINDS[paper.kind], paper.kind),
            ),
        ]
        columns += [
            (Column(name, "as printed, in percent", "reported"), _printed(figure))
            for figure, name in (("uar", "UAR"), ("accuracy", "Accuracy"))
            if any(paper.printed(figure) for paper in self.papers)
        ]
        columns += [
            (Column(name, f"{self.name} on {name}, as printed", "reported"), _printed("uf1", name))
            for name in self.board.datasets
            if any(name in paper.parts for paper in self.papers)
        ]
        if any(paper.rescored for paper in self.papers):
            told = "of the authors' own published predictions under this protocol"
            columns += [
                (Column(f"Rescored {name}", f"{name} {told}", "rescored"), _own(figure))
                for figure, name in (("uf1", "UF1"), ("uar", "UAR"))
            ]
        if any(paper.model in self.ours for paper in self.papers):
            told = f"{self.name} that mebench gets of the model"
            columns.append((Column("Reproduced", told, "reproduced"), self._reproduced))
            columns.append((Column("\N{INCREMENT}", "reproduced less printed, in points"), self._less))
        return columns

    def _mine(self, paper: Paper) -> Mapping[str, Any] | None:
        run = self.ours.get(paper.model)
        return None if run is None else block_of(self.board, run)[self.key]

    def _domain(self) -> Domain:
        values: list[float | None] = []
        for paper in self.papers:
            values += [paper.figure("uf1"), *(paper.own(f"uf1{end}") for end in _ENDS)]
            if mine := self._mine(paper):
                values += [mine["mean"], mine["low"], mine["high"]]
        return domain_of(values)

    def _drawn(self, paper: Paper, domain: Domain) -> Cell:
        own = (
            (paper.own("uf1"), paper.own("uf1_low"), paper.own("uf1_high"))
            if WHOLE in paper.rescored
            else None
        )
        name = f"{paper.method} {paper.year}"
        drawing = beside(domain, name, run=self._mine(paper), printed=paper.figure("uf1"), own=own)
        value = paper.figure("uf1")
        return Cell(drawing=drawing) if value is None else share(value, drawing=drawing)

    def _reproduced(self, paper: Paper) -> Cell:
        mine = self._mine(paper)
        if mine is None:
            return Cell()
        link = self.ours[paper.model].key
        return share(mine["mean"], small=bounds(mine["low"], mine["high"]), link=link)

    def _less(self, paper: Paper) -> Cell:
        mine = self._mine(paper)
        return difference(mine["mean"] if mine else None, paper.figure("uf1"))


def _printed(figure: str, part: str = WHOLE) -> Callable[[Paper], Cell]:
    return lambda paper: share(paper.figure(figure, part))


def _own(figure: str) -> Callable[[Paper], Cell]:
    def cell(paper: Paper) -> Cell:
        return share(paper.own(figure), small=bounds(paper.own(f"{figure}_low"), paper.own(f"{figure}_high")))

    return cell
