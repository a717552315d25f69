"""What print says of a method, with what its own predictions score and what was found out about its figures.

for paper in papers(board):
    paper.anchor, paper.printed("uf1"), paper.rescored["all"].uf1, paper.doubts
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mebench.leaderboard.board import Board
from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rescored import Rescored


@dataclass
class Paper:
    """A method in print; ``parts`` and ``rescored`` are by part of the protocol, ``doubts`` with the part of each.

    Where predictions were published without figures, ``parts`` is empty, and the kind is ``rescored``.
    """

    anchor: str
    model: str
    method: str
    year: int
    kind: str
    source: str
    parts: Mapping[str, Reported] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    rescored: dict[str, Rescored] = field(default_factory=dict)
    doubts: list[tuple[str, Any]] = field(default_factory=list)

    def printed(self, figure: str, part: str = WHOLE) -> str | None:
        """Return a figure as it stands in print."""
        row = self.parts.get(part)
        return row.printed.get(figure) if row else None

    def figure(self, figure: str, part: str = WHOLE) -> float | None:
        """Return a printed figure as a share."""
        text = self.printed(figure, part)
        return None if text is None else float(text)

    def own(self, figure: str, part: str = WHOLE) -> float | None:
        """Return what the authors' own predictions score."""
        row = self.rescored.get(part)
        share: float | None = None if row is None else getattr(row, figure)
        return share

    @property
    def samples(self) -> dict[str, int]:
        """Return of how many clips the figures are said to be, by part."""
        return {part: row.samples for part, row in self.parts.items() if row.samples}


def papers(board: Board) -> list[Paper]:
    """Return the methods in print, the best first, then those of whom predictions alone are known."""
    names: Counter[str] = Counter()
    found = []
    places = {id(row): place for place, row in enumerate(board.reported)}
    for each in board.published:
        first = each.first
        paper = Paper(
            _anchor(names, "print", first.method, first.year),
            first.model,
            first.method,
            first.year,
            first.kind,
            first.source,
            {dataset_of(board, part): row for part, row in each.parts.items()},
            each.caveats,
        )
        for part, row in paper.parts.items():
            paper.doubts += [(part, doubt) for doubt in board.doubts.get(places.get(id(row), -1), ())]
        found.append(paper)
    for other in board.rescored:
        part = dataset_of(board, other.part)
        own = _owner(found, other, part)
        if own is None:
            anchor = _anchor(names, "rescored", other.method, other.year)
            own = Paper(anchor, other.model, other.method, other.year, "rescored", other.source)
            found.append(own)
        own.rescored[part] = other
    return found


def by_model(found: Iterable[Paper]) -> dict[str, list[Paper]]:
    """Return registered name -> what authors print of it; re-runs by others are none of theirs."""
    named: dict[str, list[Paper]] = {}
    for each in found:
        if each.model and each.kind != "re-run":
            named.setdefault(each.model, []).append(each)
    return named


def dataset_of(board: Board, part: str) -> str:
    """Return the dataset that a part is: papers say SMIC, a protocol which of its releases."""
    whole = [name for name in board.datasets if name == part or name.startswith(f"{part}-")]
    return whole[0] if whole else part


def slug(text: str) -> str:
    """Return a text as a part of an address."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "row"


def _owner(found: Iterable[Paper], other: Rescored, part: str) -> Paper | None:
    """Return the paper whose predictions were rescored: of its method's name, or else its authors' first."""
    free = [each for each in found if part not in each.rescored]
    named = [each for each in free if each.method == other.method and each.kind != "re-run"]
    own = [each for each in free if each.model and each.model == other.model and each.kind == "reported"]
    return next(iter(named or own), None)


def _anchor(names: Counter[str], kind: str, method: str, year: int) -> str:
    name = f"{kind}-{slug(method)}-{year}"
    names[name] += 1
    return name if names[name] == 1 else f"{name}-{names[name]}"
