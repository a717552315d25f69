"""Rows of a text file that somebody else wrote: CSV with commas, semicolons or tabs, or words on lines.

for row, cells in csv_rows(path, read_text(path)): ...
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from mebench.errors import MebenchError

Rows = list[tuple[int, list[str]]]


def read_text(path: Path) -> str:
    """Return a text file's content.

    Raises:
        MebenchError: it is missing, not text in UTF-8, or holds nothing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else "it is not text in UTF-8"
        raise MebenchError(f"{path} cannot be read: {why}; give a CSV or text file") from error
    if not text.strip():
        raise MebenchError(f"{path} is empty: give a CSV or text file")
    return text


def csv_rows(path: Path, text: str) -> Rows:
    """Return line number and stripped cells of each line that is not blank.

    Raises:
        MebenchError: the text is no CSV.
    """
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise MebenchError(f"{path}, row {reader.line_num}: {error}; give a CSV file") from error
    return [(number, cells) for number, cells in rows if any(cells)]


def word_rows(text: str) -> Rows:
    """Return line number and words, which spaces, tabs or commas divide, of each line that is not blank."""
    rows = (
        (number, line.replace(",", " ").split()) for number, line in enumerate(text.splitlines(), start=1)
    )
    return [(number, words) for number, words in rows if words]


def columns_of(header: Sequence[str], spellings: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the place of each column that the header has, by name; case does not count."""
    folded = [cell.casefold() for cell in header]
    return {
        name: folded.index(spelling)
        for name, accepted in spellings.items()
        for spelling in reversed(accepted)
        if spelling in folded
    }


def cell_at(path: Path, row: int, cells: Sequence[str], place: int, what: str) -> str:
    """Return a cell that must be there.

    Raises:
        MebenchError: the row is too short or the cell empty.
    """
    if place >= len(cells) or not cells[place]:
        raise MebenchError(f"{path}, row {row}: the {what} is missing; fill it in")
    return cells[place]
