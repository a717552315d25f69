"""What a table of a board is made of: columns, rows and cells, before they are HTML.

A cell has the text that is read, the value that it is sorted by and perhaps a drawing; all rows of a column are drawn
to one scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from mebench.pages.svg import Drawing
from mebench.scoring.tables import percent
from mebench.scoring.typeset import points


@dataclass(frozen=True)
class Tag:
    """A short mark of a row; ``kind`` is a class of ``.tag``, ``link`` what it leads to."""

    text: str
    kind: str = ""
    link: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell; ``sort`` None: it is sorted last, whichever way."""

    text: str = ""
    sort: float | str | None = None
    small: str = ""
    drawing: Drawing | None = None
    tags: Sequence[Tag] = ()
    link: str = ""

    @property
    def value(self) -> str | None:
        """Return what a script sorts by."""
        return f"{self.sort:.9g}" if isinstance(self.sort, (int, float)) else self.sort


@dataclass(frozen=True)
class Column:
    """One column; ``kind`` says whose figures it holds (reported, rescored, reproduced), ``told`` what it is."""

    name: str
    told: str = ""
    kind: str = ""
    figures: bool = True
    axis: Drawing | None = None


@dataclass(frozen=True)
class Row:
    """One row: its head, its cells, and what opens below it; ``facets`` are what rows can be picked by."""

    anchor: str
    name: str
    small: str
    tags: Sequence[Tag]
    cells: Sequence[Cell]
    details: Markup
    facets: Sequence[str] = ()

    @property
    def full_name(self) -> str:
        """Return all that its head says in words."""
        return " ".join(filter(None, (self.name, self.small)))


Of = TypeVar("Of")
Columns = list[tuple[Column, Callable[[Of], Cell]]]
"""Columns, each with what makes its cell of a row."""


@dataclass(frozen=True)
class Sheet:
    """A table: its rows in the order in which they are read without a script; ``sorted_by`` names that column."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    sorted_by: str = ""

    @property
    def facets(self) -> list[str]:
        """Return what its rows can be picked by, in the order of the first that has it."""
        return list(dict.fromkeys(facet for row in self.rows for facet in row.facets))


def counted(rows: Sequence[object], one: str, several: str) -> str:
    """Return how many rows there are, in words."""
    return f"{len(rows)} {one if len(rows) == 1 else several}"


def share(value: float | None, **more: Any) -> Cell:
    """Return a cell of a share, in percent; an empty one where it is not known."""
    return Cell() if value is None else Cell(percent(value), value, **more)


def difference(value: float | None, other: float | None) -> Cell:
    """Return a cell of how much more the first is."""
    if value is None or other is None:
        return Cell()
    return Cell(points(value - other), value - other)


def domain_of(values: Iterable[float | None]) -> tuple[float, float]:
    """Return the tens of percent that hold all values: the one scale of a column."""
    known = [value for value in values if value is not None]
    if not known:
        return 0.0, 1.0
    low, high = math.floor(10 * min(known) + 1e-9) / 10, math.ceil(10 * max(known) - 1e-9) / 10
    return (low, high) if high > low else (max(0.0, low - 0.1), min(1.0, high + 0.1))
