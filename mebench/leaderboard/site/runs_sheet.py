"""The table of what mebench reproduced: a row for each run or stored result, beside print and the authors' own logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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
from mebench.leaderboard.site.prints import Paper, of_published
from mebench.models.epoch_rules import ORACLE
from mebench.scoring.tables import bounds
from mebench.scoring.typeset import point_bounds, points

_LESS = "\N{INCREMENT}"


def runs_sheet(board: Board, papers: Sequence[Paper], details: Details) -> Sheet:
    """Return the table of a board's rows of mebench, each beside what the authors of its model print."""
    made = _Made(board, {row.key: of_published(papers, board.printed_of(row)) for row in board.reproduced})
    columns = made.columns()
    rows = [
        Row(
            anchor=row.key,
            name=row.shown,
            small=row.distinct,
            tags=_tags(row),
            cells=[cell(row) for _, cell in columns],
            details=details.of_run(row, made.paper[row.key]),
            facets=[
                row.selection,
                "other settings" if row.factors else "as published",
                *([row.origin] if row.origin != "stored" else []),
            ],
        )
        for row in board.reproduced
    ]
    caption = f"{counted(rows, 'run', 'runs')} of mebench under {board.protocol}, the best {made.name} first"
    return Sheet("reproduced", caption, [column for column, _ in columns], rows, sorted_by=made.name)


class _Made:
    """What makes the columns of a board and their cells; ``paper`` is what stands beside a row, by its key."""

    def __init__(self, board: Board, paper: Mapping[str, Paper | None]) -> None:
        self.board = board
        self.paper = paper
        (self.key, self.name), self.second = metrics_of(board)

    def columns(self) -> Columns[Reproduced]:
        """Return the columns that have anything to show."""
        board, rows, papers = (
            self.board,
            self.board.reproduced,
            [each for each in self.paper.values() if each],
        )
        columns: Columns[Reproduced] = [
            self._scored(self.key, self.name, "in percent, pooled over all folds, with its 95 % interval"),
            self._scored(*self.second, "in percent, with its 95 % interval"),
        ]
        if board.groups:
            told = "rows with a letter in common differ by no more than these subjects can tell"
            columns.append((Column("Ties", told, figures=False), self._ties))
        columns.append(
            (Column("sd", f"standard deviation of {self.name} over training seeds, in points"), self._sd)
        )
        columns += [self._of_dataset(name) for name in board.datasets]
        if board.classes and any(row.au_f1 for row in rows):
            told = "mean F1 of the action units that occur"
            columns.append((Column("AU F1", told, "reproduced"), self._of_units))
        if papers and not board.units_alone:
            told = f"{self.name} that the model's authors print"
            columns.append((Column("Reported", told, "reported"), self._reported))
            columns.append((Column(_LESS, "reproduced less reported, in points"), self._less_reported))
        if any(paper.rescored for paper in papers):
            told = f"{self.name} of the authors' own published predictions under this protocol"
            columns.append((Column("Rescored", told, "rescored"), self._rescored))
            columns.append((Column(_LESS, "reproduced less rescored, in points"), self._less_rescored))
        if any(ORACLE in row.optimism for row in rows):
            told = f"what choosing the epoch on the test clips adds to {self.name} in the very same training, in points"
            columns.append((Column("Optimism", told), self._optimism))
        columns.append(
            (Column("Epoch", "which epoch predicts", figures=False), lambda row: _word(row.selection))
        )
        columns.append((Column("Seeds", "how often it was trained"), self._seeds))
        return columns

    def _scored(self, key: str, name: str, told: str) -> tuple[Column, Callable[[Reproduced], Cell]]:
        domain = self._domain(key)

        def cell(row: Reproduced) -> Cell:
            block, paper = block_of(self.board, row), self.paper[row.key]
            found, own = block[key], None
            beside_print = paper is not None and not self.board.units_alone
            if beside_print and paper and WHOLE in paper.rescored:
                own = paper.own(key), paper.own(f"{key}_low"), paper.own(f"{key}_high")
            drawing = beside(
                domain,
                row.full_name,
                run=found,
                printed=paper.figure(key) if paper and beside_print else None,
                own=own,
                chance=block["chance"].get("uf1_majority" if key == "uf1" else key),
            )
            return share(found["mean"], small=bounds(found["low"], found["high"]), drawing=drawing)

        return Column(name, told, "reproduced", axis=axis(domain)), cell

    def _domain(self, key: str) -> Domain:
        values: list[float | None] = []
        for row in self.board.reproduced:
            found, paper = block_of(self.board, row)[key], self.paper[row.key]
            values += [found["mean"], found["low"], found["high"]]
            if paper and not self.board.units_alone:
                values += [paper.figure(key), *(paper.own(f"{key}{end}") for end in ("", "_low", "_high"))]
        return domain_of(values)

    def _value(self, row: Reproduced) -> float | None:
        value: float | None = block_of(self.board, row)[self.key]["mean"]
        return value

    def _ties(self, row: Reproduced) -> Cell:
        return _word(self.board.groups.get(row.key, ""))

    def _sd(self, row: Reproduced) -> Cell:
        return share(block_of(self.board, row)[self.key]["sd"])

    def _of_dataset(self, name: str) -> tuple[Column, Callable[[Reproduced], Cell]]:
        def cell(row: Reproduced) -> Cell:
            found = block_of(self.board, row).get("per_dataset", {}).get(name)
            return share(found[self.key]["mean"] if found else None)

        return Column(name, f"{self.name} on {name}", "reproduced"), cell

    def _of_units(self, row: Reproduced) -> Cell:
        return share(row.au_f1["mean"] if row.au_f1 else None)

    def _reported(self, row: Reproduced) -> Cell:
        paper = self.paper[row.key]
        return share(paper.figure("uf1"), link=paper.anchor) if paper else Cell()

    def _less_reported(self, row: Reproduced) -> Cell:
        paper = self.paper[row.key]
        return difference(self._value(row), paper.figure("uf1") if paper else None)

    def _rescored(self, row: Reproduced) -> Cell:
        paper = self.paper[row.key]
        return share(paper.own("uf1"), link=paper.anchor) if paper else Cell()

    def _less_rescored(self, row: Reproduced) -> Cell:
        paper = self.paper[row.key]
        return difference(self._value(row), paper.own("uf1") if paper else None)

    def _optimism(self, row: Reproduced) -> Cell:
        found = row.optimism.get(ORACLE, {}).get("au_f1" if self.board.units_alone else "uf1")
        if not found or found["difference"] is None:
            return Cell()
        interval = point_bounds(found["low"], found["high"])
        return Cell(points(found["difference"]), found["difference"], interval)

    def _seeds(self, row: Reproduced) -> Cell:
        return Cell(str(len(row.seeds)), len(row.seeds))


def _word(text: str) -> Cell:
    return Cell(text, text)


def _tags(row: Reproduced) -> list[Tag]:
    told = (
        ("subject-dependent", "alarm", row.subject_dependent),
        ("cohort differs", "other", row.cohort_differs),
        ("bridged frames", "other", bool(row.bridged)),
        ("local code", "other", bool(row.local_code)),
        ("local run", "", row.origin != "stored" and not row.synthetic),
    )
    trust = [Tag(mark, "other") for mark in row.trust.split(", ") if mark]
    return [Tag(text, kind) for text, kind, holds in told if holds] + trust
