"""A board as CSV, for programs: every figure of every row, shares and not percent, a row for each result.

The column ``kind`` tells what a row is: ``reproduced``, ``oracle`` (its epochs were chosen on the test clips),
``rescored``, ``reported`` or ``re-run``. On a row of ``reproduced``, what its authors print stands in columns of its
own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.published import Published
from mebench.leaderboard.reported import WHOLE
from mebench.leaderboard.rescored import Rescored
from mebench.leaderboard.rows import Reproduced
from mebench.leaderboard.tables import more_in_print, reported_more, said_by, told_of_doubt
from mebench.models.epoch_rules import INNER, ORACLE
from mebench.plain_text import named_cells
from mebench.scoring.optimism import Measured
from mebench.scoring.schema import Scored, Spread

_CLASSES: tuple[Measured, ...] = ("uf1", "uar", "accuracy")
_ABOUT = (
    *("clips", "subjects", "seeds", "selection", "trained_under", "manifest", "truth", "cohort_differs"),
    *("subject_dependent", "repeats", "bridged", "ready", "synthetic", "local_code", "trust", "device"),
    *("settings", "run", "key", "identity", "origin", "place", "command", "mebench"),
)


def as_csv(board: Board) -> str:
    """Return a board as CSV; a column is there for all rows or for none."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _header(board), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(named_cells, _rows(board)))
    return stream.getvalue()


def _header(board: Board) -> list[str]:
    scored = [*(_CLASSES if not board.units_alone else ()), *(("au_f1", "au_f1_macro") if board.aus else ())]
    parts = (*(("uf1", "uar") if not board.units_alone else ()), *(("au_f1",) if board.aus else ()))
    return [
        *("kind", "model", "label", "method", "year"),
        *(f"{name}{bound}" for name in scored for bound in ("", "_low", "_high", "_sd")),
        "tied",
        *(f"{name}_{what}" for name in _compared(board) for what in ("reported", "reported_more")),
        "reported_by",
        *(f"{rule}_more{bound}" for rule in (ORACLE, INNER) for bound in ("", "_low", "_high")),
        *(f"{dataset}_{name}" for dataset in board.datasets for name in parts),
        *(f"{name}_{what}" for name in board.classes for what in ("f1", "recall")),
        *(f"{unit}_f1" for unit in board.aus),
        *(f"set_{name}" for name in board.factors),
        *_ABOUT,
        *("precision", "missing", "sha256", "doubt", "source", "caveat"),
    ]


def _rows(board: Board) -> Iterator[dict[str, Any]]:
    for row in board.reproduced:
        yield _of_row(board, row, "reproduced")
    for row in board.oracles:
        yield _of_row(board, row, "oracle")
    for parts in board.files:
        yield _of_file(board, parts)
    for one in board.published:
        yield _of_print(board, one)


def _of_row(board: Board, row: Reproduced, kind: str) -> dict[str, Any]:
    scores = row.scores
    cells: dict[str, Any] = {"kind": kind, "model": row.model, "label": row.label}
    if not board.units_alone:
        for name in _CLASSES:
            cells |= _bounded(name, scores[name])  # type: ignore[literal-required]
        for name, of_class in scores["per_class"].items():
            cells |= {f"{name}_f1": of_class["f1"]["mean"], f"{name}_recall": of_class["recall"]["mean"]}
        for name, block in scores["per_dataset"].items():
            cells |= {f"{name}_uf1": block["uf1"]["mean"], f"{name}_uar": block["uar"]["mean"]}
    if "au" in scores:
        units = scores["au"]
        cells |= {**_bounded("au_f1", units["f1"]), **_bounded("au_f1_macro", units["f1_macro"])}
        cells |= {f"{name}_au_f1": each["f1"]["mean"] for name, each in units["per_dataset"].items()}
        cells |= {f"{name}_f1": _known(each["f1"], each["support"]) for name, each in units["per_au"].items()}
    printed = board.printed_of(row) if kind == "reproduced" else None
    if printed and printed.whole:
        cells["reported_by"] = said_by(printed)
        for name in _compared(board):
            cells[f"{name}_reported"] = _figure(printed, name)
            cells[f"{name}_reported_more"] = reported_more(printed, row, "uar" if name == "uar" else "uf1")
    for rule, found in row.optimism.items():
        if rule in (ORACLE, INNER) and (more := found.get(_headline(board))):
            cells |= {f"{rule}_more": more["difference"]}
            cells |= {f"{rule}_more_low": more["low"], f"{rule}_more_high": more["high"]}
    cells |= {f"set_{name}": row.factors.get(name) for name in board.factors}
    cells |= {name: getattr(row, name) for name in _ABOUT if hasattr(row, name)}
    cells |= {
        "tied": board.groups.get(row.key, ""),
        "subjects": row.tested_subjects,
        "seeds": len(row.seeds),
        "settings": row.changed,
        "mebench": row.version,
    }
    due = set(_header(board))
    return {name: value for name, value in cells.items() if name in due}


def _of_file(board: Board, parts: Mapping[str, Rescored]) -> dict[str, Any]:
    first = parts.get(WHOLE) or next(iter(parts.values()))
    cells: dict[str, Any] = {
        "kind": "rescored",
        **{name: getattr(first, name) for name in ("model", "method", "year", "place", "source", "caveat")},
        **{name: getattr(first, name) for name in ("precision", "sha256")},
    }
    if whole := parts.get(WHOLE):
        cells |= {name: getattr(whole, name) for name in (*_CLASSES, "clips", "missing")}
        cells |= {n: getattr(whole, n) for n in ("uf1_low", "uf1_high", "uar_low", "uar_high")}
        if printed := board.printed_with(whole):
            cells["reported_by"] = said_by(printed)
            for name in ("uf1", "uar"):
                cells[f"{name}_reported"] = _figure(printed, name)
                cells[f"{name}_reported_more"] = more_in_print(printed, name, getattr(whole, name))
    for dataset in board.datasets:
        if part := parts.get(dataset):
            cells |= {f"{dataset}_uf1": part.uf1, f"{dataset}_uar": part.uar}
    return cells


def _of_print(board: Board, one: Published) -> dict[str, Any]:
    first = one.first
    cells: dict[str, Any] = {
        "kind": first.kind,
        "model": first.model,
        "method": first.method,
        "year": first.year,
        "source": first.source,
        "caveat": "; ".join(one.caveats),
        "doubt": "; ".join(told_of_doubt(each) for each in board.doubts_of(one)),
    }
    headline = _headline(board)
    if one.whole:
        cells["clips"] = one.whole.samples
        cells |= {name: _figure(one, name) for name in (_CLASSES if not board.units_alone else (headline,))}
    for dataset in board.datasets:
        if part := one.parts.get(dataset):
            figures = {"uf1": part.uf1, "uar": part.uar} if not board.units_alone else {headline: part.uf1}
            cells |= {f"{dataset}_{name}": value for name, value in figures.items()}
    return cells


def _headline(board: Board) -> Measured:
    return "uf1" if not board.units_alone else "au_f1"


def _compared(board: Board) -> tuple[Measured, ...]:
    return ("uf1", "uar") if not board.units_alone else ("au_f1",)


def _figure(one: Published, name: str) -> float | None:
    """Return a figure of print; under a protocol of action units alone, the one that stands as UF1."""
    return None if one.whole is None else one.whole.figure("uf1" if name == "au_f1" else name)


def _bounded(name: str, block: Scored) -> Mapping[str, float | None]:
    return {
        name: block["mean"],
        f"{name}_low": block["low"],
        f"{name}_high": block["high"],
        f"{name}_sd": block["sd"],
    }


def _known(found: Spread, support: int) -> float | None:
    return found["mean"] if support else None
