"""The CSV files of published figures: read row by row, and found in a folder of tables or in mebench itself.

    rows = read_rows(Path("reported.csv"), due=("protocol", "uf1"), header="protocol,uf1", row_of=row_of)
    rows = figures_of(Path("leaderboards"), "reported.csv", read_reported)

What a row holds is for its reader to say (:mod:`.reported`, :mod:`.rescored`); a wrong cell is :func:`wrong_cell`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

from mebench.errors import MebenchError
from mebench.regular_files import refuse_irregular

Row = TypeVar("Row")


def read_rows(
    path: Path, *, due: Sequence[str], header: str, row_of: Callable[[Path, int, dict[str, str]], Row]
) -> list[Row]:
    """Return the rows of a CSV file, each by ``row_of`` of the path, its number and its cells.

    Raises:
        MebenchError: a column of ``due`` is missing (``header`` is the whole header), or the file is no such text; or
            what ``row_of`` raises.
    """
    refuse_irregular(path)
    # Spreadsheets put a byte order mark before the first column's name.
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")
            if missing := [column for column in due if column not in (reader.fieldnames or ())]:
                raise MebenchError(f"{path} lacks the column {missing[0]!r}: its header is {header}")
            return [row_of(path, number, row) for number, row in enumerate(reader, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MebenchError(
            f"{path} is not UTF-8 text of comma-separated values ({error}): save it as that"
        ) from error


def figures_of(out: Path, name: str, read: Callable[[Path], list[Row]]) -> list[Row]:
    """Return the rows of a file in a folder of tables, else those of the one that mebench ships."""
    own = out / name
    if own.exists():
        return read(own)
    shipped = files("mebench.leaderboard") / name
    if not shipped.is_file():
        return []
    with as_file(shipped) as path:
        return read(path)


def wrong_cell(path: Path, number: int, row: Mapping[str, str], column: str, due: str) -> MebenchError:
    """Return what to raise for a cell that is not what its column holds."""
    return MebenchError(f"{path}, row {number}: {column} is {row[column]!r}, not {due}")
