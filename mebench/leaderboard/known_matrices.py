"""Confusion matrices of published predictions: the rows of ``rescored.csv`` that hold one.

    known = read_known(Path("leaderboards/rescored.csv"))

The column ``confusion`` holds a matrix as ``214,21,15;33,76,0;25,8,50``, row truth, column prediction, in the order of
the protocol's classes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mebench.errors import MebenchError
from mebench.leaderboard.reported import WHOLE, Reported
from mebench.regular_files import refuse_irregular
from mebench.scoring.doubt.matrices import Matrix, read_matrix


@dataclass(frozen=True)
class KnownMatrix:
    """The confusion matrix of a method under a protocol, or on one part of it; ``source`` says whose predictions."""

    protocol: str
    part: str
    method: str
    matrix: Matrix
    source: str = ""

    def is_of(self, row: Reported) -> bool:
        """Tell whether a reported row is of the same method, protocol and part."""
        return (self.protocol, self.part, _folded(self.method)) == (
            row.protocol,
            row.part,
            _folded(row.method),
        )


def read_known(path: Path) -> list[KnownMatrix]:
    """Return the matrices in a CSV file; none where the file is missing or has no such column.

    Raises:
        MebenchError: the file is no CSV, or a matrix is none; the row is named.
    """
    if not path.exists():
        return []
    refuse_irregular(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, restval=""))
    except (UnicodeDecodeError, csv.Error) as error:
        raise MebenchError(
            f"{path} is not UTF-8 text of comma-separated values ({error}): save it as that"
        ) from error
    return [
        KnownMatrix(
            protocol=row.get("protocol", ""),
            part=row.get("part", "") or WHOLE,
            method=row.get("method", ""),
            matrix=read_matrix(row["confusion"], f"{path}, row {number}: confusion"),
            source=row.get("source", ""),
        )
        for number, row in enumerate(rows, start=2)
        if (row.get("confusion") or "").strip()
    ]


def matrix_of(row: Reported, known: Iterable[KnownMatrix]) -> KnownMatrix | None:
    """Return the known matrix of a reported row; None where there is none. A re-run is not the authors' own."""
    return next((each for each in known if each.is_of(row)), None) if row.kind == "reported" else None


def _folded(method: str) -> str:
    return " ".join(method.casefold().split())
