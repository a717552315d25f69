"""A board: everything that stands under one protocol, of three kinds that are never mixed.

    found = collect(Path("runs"), Path("leaderboards"), registry)
    for board in found.boards: print(board.protocol, len(board.reproduced), len(board.published))

*Reported* is what papers print, *rescored* what others' predictions of each clip give under the cohort, *reproduced*
what mebench computed itself. A board is a function of files alone: the same on every machine, with labels at hand or
without.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from mebench.cohort.names import spellings_of
from mebench.cohort.protocol import Protocol
from mebench.data.clips.names import fold_dataset
from mebench.leaderboard.differences import Differences, local_differences, stored_differences
from mebench.leaderboard.doubts import Doubt
from mebench.leaderboard.found_doubts import found_doubts
from mebench.leaderboard.groups import tied, too_few
from mebench.leaderboard.local_runs import local_rows
from mebench.leaderboard.published import Published, by_part, published
from mebench.leaderboard.reported import WHOLE, Reported, reported_figures
from mebench.leaderboard.rescored import Rescored, rescored_figures
from mebench.leaderboard.rows import Reproduced, sort_rows
from mebench.leaderboard.stored_rows import stored_rows
from mebench.leaderboard.twins import beside_last, beside_twins
from mebench.models.epoch_rules import ORACLE
from mebench.plugin.registry import Registry
from mebench.scoring.optimism import Measured


@dataclass(frozen=True)
class Board:
    """What stands under one protocol.

    Attributes:
        title: the protocol's, empty where no plugin registers it.
        classes: class names; empty where action units alone are detected, or where nothing is known but print.
        aus: the cohort's columns of action units, ``au12``.
        datasets: the parts of a composite, in the protocol's order; empty where there is but one dataset.
        reproduced: rows of mebench, the best first; none whose epochs were chosen on the test clips.
        oracles: those, which are never ranked.
        groups: row key -> letters of the tie groups that it belongs to.
        pairs: pair of row keys -> by metric what the second has more than the first.
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
    rescored: tuple[Rescored, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    pairs: Differences = field(default_factory=dict)
    doubts: Mapping[int, Sequence[Doubt]] = field(default_factory=dict)

    @property
    def units_alone(self) -> bool:
        """Return whether action units alone are detected, so that their mean F1 stands where UF1 does elsewhere."""
        return bool(self.aus) and not self.classes

    @property
    def untold(self) -> str:
        """Return why no two rows can be told apart, where there are too few subjects for so many rows."""
        subjects = [row.tested_subjects for row in self.reproduced if row.key in self.groups]
        return too_few(len(subjects), min(subjects)) if subjects else ""

    @cached_property
    def published(self) -> tuple[Published, ...]:
        """Return the rows of print by source and method."""
        return tuple(published(self.reported))

    @cached_property
    def files(self) -> tuple[Mapping[str, Rescored], ...]:
        """Return the rescored rows by the file that they are of, as part -> row, the best first."""
        found = by_part(self.rescored, lambda row: row.sha256)
        return tuple(sorted(found, key=lambda parts: -parts[WHOLE].uf1 if WHOLE in parts else 0.0))

    def printed_with(self, row: Rescored) -> Published | None:
        """Return what a paper prints of the method whose predictions were rescored."""
        return next((one for one in self._of_authors(row.model) if one.first.method == row.method), None)

    def doubts_of(self, one: Published) -> list[tuple[str, Doubt]]:
        """Return the reasons to doubt rows of print, each with its part."""
        return [
            (row.part, doubt)
            for place, row in enumerate(self.reported)
            if any(row is part for part in one.parts.values())
            for doubt in self.doubts.get(place, ())
            if doubt.grave
        ]

    def _of_authors(self, model: str) -> Iterator[Published]:
        return (
            one
            for one in self.published
            if model and one.first.model == model and one.first.kind == "reported" and one.whole
        )

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
        return None if row.factors or row.local_code else next(self._of_authors(row.model), None)


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

    A run on this machine that is stored, too, is the stored one.

    Raises:
        MebenchError: the published figures are damaged.
    """
    stored, left_out = _sound(stored_rows(out, registry))
    found_here = local_rows(runs)
    local, left_out_here = _sound(found_here)
    known = {row.key for row in stored}
    paths = {row.key: path for path, row in found_here if isinstance(row, Reproduced)}
    rows = [*stored, *(row for row in local if row.key not in known)]
    papers, files_of_others = reported_figures(out), rescored_figures(out)
    doubted = found_doubts(papers, files_of_others, registry)
    made = []
    for synthetic in (False, True):
        here = [row for row in rows if row.synthetic == synthetic]
        print_, others = ([], []) if synthetic else (papers, files_of_others)
        every: list[Reproduced | Reported | Rescored] = [*here, *print_, *others]
        for name in sorted({row.protocol for row in every}):
            found = _Found(
                [row for row in here if row.protocol == name],
                {place: row for place, row in enumerate(print_) if row.protocol == name},
                [row for row in others if row.protocol == name],
                paths,
                doubted,
            )
            made.append(_board(registry, name, found, out, synthetic=synthetic))
    return Collected(tuple(made), (*left_out, *left_out_here))


@dataclass(frozen=True)
class _Found:
    rows: list[Reproduced]
    reported: Mapping[int, Reported]
    rescored: list[Rescored]
    paths: Mapping[str, Path]
    doubts: Mapping[int, Sequence[Doubt]]


def _sound(
    found: Iterable[tuple[Path, Reproduced | str]],
) -> tuple[list[Reproduced], list[tuple[Path, str]]]:
    """Return the rows, and where there is none, why."""
    rows: list[Reproduced] = []
    left_out: list[tuple[Path, str]] = []
    for path, row in found:
        if isinstance(row, str):
            left_out.append((path, row))
        else:
            rows.append(row)
    return rows, left_out


def _board(registry: Registry, name: str, found: _Found, out: Path, *, synthetic: bool) -> Board:
    rows, protocol = found.rows, None
    names: dict[str, str] = {}
    if registry.has("protocol", name):
        protocol = cast("Protocol", registry.get("protocol", name).load())
        names = spellings_of(registry, protocol)
    reported = [
        replace(row, part=names.get(fold_dataset(row.part), row.part)) for row in found.reported.values()
    ]
    rescored = [replace(row, part=names.get(fold_dataset(row.part), row.part)) for row in found.rescored]
    oracles = sort_rows(row for row in rows if row.selection == ORACLE)
    ranked = sort_rows(row for row in rows if row.selection != ORACLE)
    metric: Measured = "au_f1" if protocol and protocol.aus and not protocol.classes else "uf1"
    pairs = {
        **stored_differences(out, name, rows, synthetic=synthetic),
        **local_differences(ranked, found.paths, metric),
    }
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
        reproduced=tuple(beside_twins(row, rows, pairs) for row in ranked),
        oracles=tuple(beside_last(row, rows, pairs) for row in oracles),
        reported=tuple(reported),
        rescored=tuple(rescored),
        pairs=pairs,
        groups=tied(ranked, pairs, metric),
        doubts={here: tuple(found.doubts.get(place, ())) for here, place in enumerate(found.reported)},
    )


def _first(found: Iterable[list[str]]) -> list[str]:
    return next(iter(found), [])


def _parts(
    protocol: Protocol | None, rows: Sequence[Reproduced], reported: Sequence[Reported]
) -> tuple[str, ...]:
    """Return the datasets of a composite: the protocol's, else those that rows and print tell of."""
    if protocol:
        return protocol.datasets if len(protocol.datasets) > 1 else ()
    found: dict[str, None] = {}
    for row in rows:
        block: Any = row.scores.get("per_dataset") or row.scores.get("au", {}).get("per_dataset", {})
        found |= dict.fromkeys(block)
    return tuple(found | dict.fromkeys(each.part for each in reported if each.part != WHOLE))
