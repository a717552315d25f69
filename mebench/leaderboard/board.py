"""A board: everything that stands under one protocol, of three kinds that are never mixed.

    found = collect(Path("runs"), Path("leaderboards"), registry)
    for board in found.boards: print(board.protocol, len(board.reproduced), len(board.published))

*Reported* is what papers print, *rescored* what others' predictions of each clip give under the cohort, *reproduced*
what mebench computed itself. A board is a function of files alone: the same on every machine, with labels at hand or
without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from mebench.cohort.protocol import Protocol
from mebench.leaderboard.local_runs import local_rows
from mebench.leaderboard.published import Published, published
from mebench.leaderboard.reported import Reported, read_reported
from mebench.leaderboard.rows import Optimism, Reproduced, sort_rows
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.plugin.registry import Registry


@dataclass(frozen=True)
class Board:
    """What stands under one protocol.

    Attributes:
        title: the protocol's, empty where no plugin registers it.
        classes: class names; empty where action units alone are detected.
        aus: the cohort's columns of action units, ``au12``.
        datasets: the parts of a composite, in the protocol's order; empty where there is but one dataset.
        reproduced: rows of mebench, the best first; none whose epochs were chosen on the test clips.
        oracles: those, which are never ranked.
        groups: row key -> letters of the tie groups that it belongs to.
        pairs: pair of row keys -> the paired differences, the first less the second.
        doubts: place among ``reported`` -> what was found out about that row.
    """

    protocol: str
    title: str
    synthetic: bool
    classes: tuple[str, ...]
    aus: tuple[str, ...]
    datasets: tuple[str, ...]
    reproduced: tuple[Reproduced, ...]
    oracles: tuple[Reproduced, ...] = ()
    reported: tuple[Reported, ...] = ()
    rescored: tuple[Any, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    doubts: Mapping[int, Sequence[Any]] = field(default_factory=dict)

    @cached_property
    def published(self) -> tuple[Published, ...]:
        """Return the rows of print by source and method."""
        return tuple(published(self.reported))

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """Return the settings by which rows of one model differ, in the order of their names."""
        by_model: dict[str, list[Mapping[str, str]]] = {}
        for row in self.reproduced:
            by_model.setdefault(row.shown, []).append(row.factors)
        names = {
            name
            for several in by_model.values()
            for name in {name for factors in several for name in factors}
            if len({factors.get(name) for factors in several}) > 1
        }
        return tuple(sorted(names))

    def printed_of(self, row: Reproduced) -> Published | None:
        """Return what the authors print of the model that a row repeats with its default settings."""
        if row.factors or row.local_code:
            return None
        return next(
            (
                one
                for one in self.published
                if one.first.model == row.model and one.first.kind == "reported" and one.whole
            ),
            None,
        )


@dataclass(frozen=True)
class Collected:
    """All boards, real ones first, and the runs left out with their reasons."""

    boards: tuple[Board, ...]
    left_out: tuple[tuple[Path, str], ...]


def boards(runs: Path, out: Path, registry: Registry) -> list[Board]:
    """Return the boards of the runs below a folder and of what the folder of tables holds; see :func:`collect`."""
    return list(collect(runs, out, registry).boards)


def collect(runs: Path, out: Path, registry: Registry) -> Collected:
    """Return a board for every protocol that has a result, a run or a published figure.

    Raises:
        MebenchError: the published figures or a stored result are damaged.
    """
    left_out: list[tuple[Path, str]] = []
    rows: list[Reproduced] = []
    for path, found in local_rows(runs):
        if isinstance(found, str):
            left_out.append((path, found))
        else:
            rows.append(found)
    papers = reported_figures(out)
    made = []
    for synthetic in (False, True):
        here = [row for row in rows if row.synthetic == synthetic]
        beside = [] if synthetic else papers
        for name in sorted({row.protocol for row in here} | {paper.protocol for paper in beside}):
            of_protocol = [row for row in here if row.protocol == name]
            made.append(
                _board(
                    registry,
                    name,
                    of_protocol,
                    [paper for paper in beside if paper.protocol == name],
                    synthetic=synthetic,
                )
            )
    return Collected(tuple(made), tuple(left_out))


def _board(
    registry: Registry,
    name: str,
    rows: Sequence[Reproduced],
    reported: Sequence[Reported],
    *,
    synthetic: bool,
) -> Board:
    protocol: Protocol | None = None
    if registry.has("protocol", name):
        protocol = registry.get("protocol", name).load()
    oracles = sort_rows(row for row in rows if row.selection == ORACLE)
    ranked = sort_rows(row for row in rows if row.selection != ORACLE)
    return Board(
        protocol=name,
        title=protocol.title if protocol else "",
        synthetic=synthetic,
        classes=tuple(protocol.classes if protocol else _first(row.scores["classes"] for row in rows)),
        aus=tuple(
            [f"au{number}" for number in protocol.aus]
            if protocol
            else _first(row.scores["au"]["names"] for row in rows if "au" in row.scores)
        ),
        datasets=_parts(protocol, rows, reported),
        reproduced=tuple(_beside_twins(row, oracles) for row in ranked),
        oracles=tuple(oracles),
        reported=tuple(reported),
    )


def _first(found: Iterable[list[str]]) -> list[str]:
    return next(iter(found), [])


def _parts(
    protocol: Protocol | None, rows: Sequence[Reproduced], reported: Sequence[Reported]
) -> tuple[str, ...]:
    """Return the datasets of a composite: the protocol's, else those that rows tell of."""
    if protocol:
        return protocol.datasets if len(protocol.datasets) > 1 else ()
    found: dict[str, None] = {}
    for row in rows:
        block: Mapping[str, Any] = row.scores.get("per_dataset") or row.scores.get("au", {}).get(
            "per_dataset", {}
        )
        found |= dict.fromkeys(block)
    return tuple(found)


def _beside_twins(row: Reproduced, oracles: Sequence[Reproduced]) -> Reproduced:
    """Return a row of the last epoch with what choosing it on the test clips gave in the very same training."""
    if row.selection != LAST:
        return row
    for other in oracles:
        if _same_training(row, other):
            found: Optimism = {**row.optimism, **other.optimism}
            return replace(row, optimism=found)
    return row


def _same_training(row: Reproduced, oracle: Reproduced) -> bool:
    """Tell whether an oracle's last epochs are the row: what was asked for is the same, and so are the scores."""
    asked = (row.model, row.label, row.truth, row.seeds, dict(row.settings), row.device)
    if asked != (
        oracle.model,
        oracle.label,
        oracle.truth,
        oracle.seeds,
        dict(oracle.settings),
        oracle.device,
    ):
        return False
    found = oracle.optimism.get(ORACLE, {})
    mine = {"uf1": row.uf1, "uar": row.uar, "accuracy": row.accuracy, "au_f1": row.au_f1}
    return bool(found) and all(
        mine[name] is not None and _close(mine[name]["mean"], each["last"])  # type: ignore[index]
        for name, each in found.items()
    )


def _close(one: float | None, other: float | None) -> bool:
    return one is other or (one is not None and other is not None and abs(one - other) < 1e-9)


def reported_figures(out: Path) -> list[Reported]:
    """Return the published figures: ``reported.csv`` of the output folder, else the one mebench ships."""
    own = out / "reported.csv"
    if own.exists():
        return read_reported(own)
    shipped = files("mebench.leaderboard") / "reported.csv"
    if not shipped.is_file():
        return []
    with as_file(shipped) as path:
        return read_reported(path)
