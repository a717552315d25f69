"""What print says of a method, with what its own predictions score and what was found out about its figures.

for paper in papers(board):
    paper.anchor, paper.printed("uf1"), paper.rescored["all"].uf1, paper.doubts
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mebench.leaderboard.board import Board
from mebench.leaderboard.doubts import Doubt
from mebench.leaderboard.published import Published
from mebench.leaderboard.reported import WHOLE, Reported
from mebench.leaderboard.rescored import Rescored


@dataclass
class Paper:
    """A method in print; ``parts`` and ``rescored`` are by part of the protocol, ``findings`` about the
    figures (:mod:`mebench.leaderboard.doubts`) come with the part of each.

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
    findings: list[tuple[str, Doubt]] = field(default_factory=list)
    published: Published | None = None

    @property
    def doubts(self) -> list[tuple[str, Doubt]]:
        """Return the findings that are a reason to doubt a figure, with the part of each."""
        return [(part, finding) for part, finding in self.findings if finding.grave]

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
            published=each,
        )
        paper.findings += [(dataset_of(board, part), finding) for part, finding in board.doubts_of(each)]
        found.append(paper)
    for file in board.files:
        log = next(iter(file.values()))
        own = of_published(found, board.printed_with(log))
        if own is None or own.rescored:
            anchor = _anchor(names, "rescored", log.method, log.year)
            own = Paper(anchor, log.model, log.method, log.year, "rescored", log.source)
            found.append(own)
        own.rescored |= {dataset_of(board, part): row for part, row in file.items()}
    return found


def of_published(found: Iterable[Paper], published: Published | None) -> Paper | None:
    """Return the row that stands for rows of print; None where there are none."""
    return next((each for each in found if published is not None and each.published is published), None)


def dataset_of(board: Board, part: str) -> str:
    """Return the dataset that a part is: papers say SMIC, a protocol which of its releases."""
    whole = [name for name in board.datasets if name == part or name.startswith(f"{part}-")]
    return whole[0] if whole else part


def slug(text: str) -> str:
    """Return a text as a part of an address."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "row"


def _anchor(names: Counter[str], kind: str, method: str, year: int) -> str:
    name = f"{kind}-{slug(method)}-{year}"
    names[name] += 1
    return name if names[name] == 1 else f"{name}-{names[name]}"
