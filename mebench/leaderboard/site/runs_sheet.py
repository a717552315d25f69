"""The table of what mebench reproduced: a row for each run or stored result, beside print and the authors' own logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.site.cells import Cell, Column, Row, Sheet, Tag, bounds, difference, domain_of, percent, signed
from mebench.leaderboard.site.details import Details
from mebench.leaderboard.site.drawn import Domain, axis, beside
from mebench.leaderboard.site.measures import anchor_of, block_of, metrics_of, of_classes
from mebench.leaderboard.site.prints import Paper
from mebench.models.epoch_rules import ORACLE

def runs_sheet(board: Board, printed: Mapping[str, Sequence[Paper]], details: Details) -> Sheet:
    """Return the table of a board's rows of mebench; ``printed`` is what the authors of a model print."""
    (first, first_name), (second, second_name) = metrics_of(board)
    of_print = {row.key: _paper_of(row, printed) for row in board.reproduced}
    domains = [_domain(board, key, of_print) for key in (first, second)]
    compared = any(of_print.values())
    logged = any(paper and paper.rescored for paper in of_print.values())
    optimistic = any(row.optimism for row in board.reproduced)
    with_units = bool(board.classes and board.aus and any(row.au_f1 for row in board.reproduced))
    columns = [
        Column(first_name, "in percent, pooled over all folds, with its 95 % interval", "reproduced", axis=axis(domains[0])),
        Column(second_name, "in percent, with its 95 % interval", "reproduced", axis=axis(domains[1])),
        *([Column("Ties", "rows with a letter in common differ by no more than these subjects can tell", figures=False)] if board.groups else []),
        Column("sd", f"standard deviation of {first_name} over training seeds, in points"),
        *(Column(name, f"{first_name} on {name}", "reproduced") for name in board.datasets),
        *([Column("AU F1", "mean F1 of the action units that occur", "reproduced")] if with_units else []),
        *([Column("Reported", f"{first_name} that the model's authors print", "reported"), Column("\N{INCREMENT}", "reproduced less reported, in points")] if compared else []),
        *([Column("Rescored", f"{first_name} of the authors' own published predictions under this protocol", "rescored"), Column("\N{INCREMENT}", "reproduced less rescored, in points")] if logged else []),
        *([Column("Optimism", f"what choosing the epoch on the test clips adds to {first_name} in the very same training, in points")] if optimistic else []),
        Column("Epoch", "which epoch predicts", figures=False),
        Column("Seeds", "how often it was trained"),
    ]
    rows = []
    for row in board.reproduced:
        block, paper = block_of(board, row), of_print[row.key]
        value = block[first]["mean"]
        cells = [
            _scored(row, block, first, domains[0], paper, of_classes(board)),
            _scored(row, block, second, domains[1], paper, of_classes(board)),
            *([Cell(board.groups.get(row.key, ""), board.groups.get(row.key))] if board.groups else []),
            Cell(percent(block[first]["sd"]), block[first]["sd"]),
            *(_of_dataset(block, name, first) for name in board.datasets),
            *([Cell(percent(row.au_f1["mean"]), row.au_f1["mean"]) if row.au_f1 else Cell()] if with_units else []),
            *(_against(value, paper.figure("uf1") if paper else None, paper) if compared else []),
            *(_against(value, paper.own("uf1") if paper else None, paper) if logged else []),
            *([_optimism(row, "uf1" if of_classes(board) else "au_f1")] if optimistic else []),
            Cell(row.selection, row.selection),
            Cell(str(len(row.seeds)), len(row.seeds)),
        ]
        own = [row.selection, "as published" if not row.factors else "other settings"]
        rows.append(
            Row(
                anchor=anchor_of(row),
                name=row.shown,
                small=row.changed,
                tags=_tags(row),
                cells=cells,
                details=details.of_run(row, paper),
                facets=[*own, *([row.origin] if row.origin != "stored" else [])],
            )
        )
    caption = f"{len(rows)} {'run' if len(rows) == 1 else 'runs'} of mebench under {board.protocol}, the best {first_name} first"
    return Sheet("reproduced", caption, columns, rows, sorted_by=first_name)


def _tags(row: Reproduced) -> list[Tag]:
    found = [Tag("subject-dependent", "alarm")] if row.subject_dependent else []
    found += [Tag("cohort differs", "other")] if row.cohort_differs else []
    found += [Tag("bridged frames", "other")] if row.bridged else []
    found += [Tag("local code", "other")] if row.local_code else []
    found += [Tag("local run")] if row.origin != "stored" and not row.synthetic else []
    return found + [Tag(mark, "other") for mark in row.trust.split(", ") if mark]


def _paper_of(row: Reproduced, printed: Mapping[str, Sequence[Paper]]) -> Paper | None:
    """Return what is printed of the very model: of its authors, with default settings; the first of several."""
    if row.factors or row.local_code:
        return None
    return next(iter(printed.get(row.model, ())), None)


def _domain(board: Board, key: str, of_print: Mapping[str, Paper | None]) -> Domain:
    values: list[float | None] = []
    for row in board.reproduced:
        block, paper = block_of(board, row), of_print[row.key]
        values += [block[key]["mean"], block[key]["low"], block[key]["high"]]
        if paper and of_classes(board):
            values += [paper.figure(key), *(paper.own(f"{key}{end}") for end in ("", "_low", "_high"))]
    return domain_of(values)


def _scored(
    row: Reproduced, block: Mapping[str, Any], key: str, domain: Domain, paper: Paper | None, classes: bool
) -> Cell:
    found = block[key]
    own = None
    if paper and classes and WHOLE in paper.rescored:
        own = paper.own(key), paper.own(f"{key}_low"), paper.own(f"{key}_high")
    chance = block["chance"].get("uf1_majority" if key == "uf1" else key)
    drawing = beside(
        domain,
        row.shown,
        run=found,
        printed=paper.figure(key) if paper and classes else None,
        own=own,
        chance=chance,
    )
    return Cell(percent(found["mean"]), found["mean"], bounds(found["low"], found["high"]), drawing)


def _of_dataset(block: Mapping[str, Any], name: str, key: str) -> Cell:
    found = block.get("per_dataset", {}).get(name)
    value = found[key]["mean"] if found else None
    return Cell(percent(value), value)


def _against(value: float | None, other: float | None, paper: Paper | None) -> list[Cell]:
    if other is None or paper is None:
        return [Cell(), Cell()]
    return [Cell(percent(other), other, link=paper.anchor), difference(value, other)]


def _optimism(row: Reproduced, key: str) -> Cell:
    found = row.optimism.get(ORACLE, {}).get(key)  # type: ignore[call-overload]
    if not found or found["difference"] is None:
        return Cell()
    interval = f"{signed(found['low'])} to {signed(found['high'])}" if found["low"] is not None else ""
    return Cell(signed(found["difference"]), found["difference"], interval)

