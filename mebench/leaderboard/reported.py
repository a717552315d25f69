"""``reported.csv``: what papers print, with its digits, its place and what is wrong with it.

    rows = read_reported(Path("leaderboards/reported.csv"))
    rows[0].uf1, rows[0].printed["uf1"]     # 0.2, "0.2000": how many digits a paper prints says how exact it is

A figure of a paper's authors about their own method or about others' in their table is of the kind ``reported``;
what somebody else got with a published method or code is a ``re-run``. Neither was computed by mebench.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from mebench.errors import MebenchError
from mebench.leaderboard.figure_files import figures_of, read_rows, wrong_cell

Kind = Literal["reported", "re-run"]
WHOLE = "all"
"""The part of a protocol that holds all of its clips."""
_FIGURES = ("uf1", "uar", "accuracy")
_DUE = ("protocol", "model", "method", "year", "uf1", "uar", "source", "caveat")
# What a table of before has none of.
_PERHAPS = {"part": WHOLE, "accuracy": "", "samples": "", "kind": "reported"}


@dataclass(frozen=True)
class Reported:
    """One row of print: the figures of a method under a protocol, or on one ``part`` (a dataset) of it.

    ``model`` is the registered name that re-implements the method, if any; ``printed`` holds the figures (``uf1``,
    ``uar``, ``accuracy``) as they stand in print, those alone that do; ``samples`` is how many clips the source says
    that they are of. Under a protocol of action units alone, ``uf1`` is their mean F1.
    """

    protocol: str
    part: str
    model: str
    method: str
    year: int
    printed: Mapping[str, str]
    samples: int | None
    kind: Kind
    source: str
    caveat: str

    @property
    def uf1(self) -> float | None:
        """Return UF1 as a share."""
        return self.figure("uf1")

    @property
    def uar(self) -> float | None:
        """Return UAR as a share."""
        return self.figure("uar")

    @property
    def accuracy(self) -> float | None:
        """Return the accuracy as a share."""
        return self.figure("accuracy")

    def figure(self, name: str) -> float | None:
        """Return a figure as a share; None where none is printed."""
        text = self.printed.get(name)
        return None if text is None else float(text)


def read_reported(path: Path) -> list[Reported]:
    """Return the published figures in a CSV file.

    Raises:
        MebenchError: a column is missing, or a cell is not what its column holds; the row is named.
    """
    return read_rows(
        path,
        due=_DUE,
        header="protocol,part,model,method,year,uf1,uar,accuracy,samples,kind,source,caveat",
        row_of=_reported,
    )


def reported_figures(out: Path) -> list[Reported]:
    """Return the published figures: ``reported.csv`` of the output folder, else the one mebench ships."""
    return figures_of(out, "reported.csv", read_reported)


def _reported(path: Path, number: int, given: dict[str, str]) -> Reported:
    row = {**_PERHAPS, **given}

    def refused(column: str, due: str) -> MebenchError:
        return wrong_cell(path, number, row, column, due)

    # The name becomes a file name.
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", row["protocol"]):
        raise refused("protocol", "a protocol's name")
    if not row["year"].isdecimal():
        raise refused("year", "a year")
    if row["kind"] not in get_args(Kind):
        raise refused("kind", f"one of {', '.join(get_args(Kind))}")
    if not re.fullmatch(r"[1-9]\d*|", row["samples"], re.ASCII):
        raise refused("samples", "a number of clips")
    for column in _FIGURES:
        if not re.fullmatch(r"0?\.\d+|0|1(\.0+)?|", row[column], re.ASCII):
            raise refused(column, "a share between 0 and 1")
    return Reported(
        protocol=row["protocol"],
        part=row["part"] or WHOLE,
        model=row["model"],
        method=row["method"],
        year=int(row["year"]),
        printed={column: row[column] for column in _FIGURES if row[column]},
        samples=int(row["samples"]) if row["samples"] else None,
        kind=row["kind"],  # type: ignore[arg-type]
        source=row["source"],
        caveat=row["caveat"],
    )
