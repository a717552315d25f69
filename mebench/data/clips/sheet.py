"""Reading an owner's workbook: the header row is found by its names, never by its place.

raw = read_sheet(path, {"subject": ("Subject",), "onset": ("Onset", "OnsetFrame")}, sheet="label")
raw.columns      # row, subject, onset: `row` is the number a spreadsheet program shows
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from mebench.data.clips.workbook import Workbook, open_workbook, workbook_format
from mebench.errors import MebenchError, MebenchWarning, near_matches

_HEADER_SEARCH_ROWS = 50
# Some released sheets claim a million rows; this many blank ones in a row mean the end.
_BLANK_ROWS_AT_END = 200


class UnclearColumnError(MebenchError):
    """Two columns of a sheet fit one field equally well."""


def fold_name(text: object) -> str:
    """Return a header cell without case and white space, for comparison."""
    return "".join(str(text).split()).casefold() if text is not None else ""


def read_sheet(path: Path, columns: Mapping[str, Sequence[str]], *, sheet: str) -> pd.DataFrame:
    """Read the named columns of one sheet as they stand, cells untouched.

    Args:
        path: an ``.xlsx`` or ``.xls`` workbook, or a ``.csv`` copy of one.
        columns: canonical name -> accepted spellings of the header (case and spaces do not count).
        sheet: the sheet's name; a CSV has no names and takes any.

    Returns:
        One row for each row under the header that has a cell in any of the columns, with the canonical
        columns (dtype object) and ``row``, the row number in the workbook.

    Raises:
        MebenchError: not a readable workbook, no such sheet, or a column is missing.
        UnclearColumnError: two columns fit one name, and neither is written as its first spelling.
    """
    with _opened(path) as book:
        if not book.holds(sheet):
            raise MebenchError(f"{path} has no sheet {sheet!r}{near_matches(sheet, list(book.sheets))}")
        try:
            rows = _rows(book.rows(sheet))
            places = _find_header(path, sheet, rows, columns)
            found = [
                {"row": number, **{name: _cell(cells, place) for name, place in places.items()}}
                for number, cells in rows
            ]
        except MebenchError:
            raise
        except Exception as error:
            raise MebenchError(
                f"{path}: sheet {sheet!r} is damaged ({error}): get it again from its owner"
            ) from error
    table = pd.DataFrame(found, columns=["row", *columns], dtype=object)
    table = table.dropna(how="all", subset=list(columns)).reset_index(drop=True)
    return table.astype({"row": "int64"})


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets; an unreadable workbook has none, nor has a CSV."""
    try:
        with open_workbook(path) as book:
            return list(book.sheets)
    except Exception:
        return []


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return (
            hashlib.file_digest(file, "sha256").hexdigest()
            if hasattr(hashlib, "file_digest")
            else (hashlib.sha256(file.read()).hexdigest())
        )


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    """Open a workbook, and say in one sentence why it cannot be opened."""
    with ExitStack() as stack:
        try:
            book = stack.enter_context(open_workbook(path))
        except Exception as error:  # readers meet damage with errors of a dozen types
            kind = f"{workbook_format(path)} workbook" if path.is_file() else "file"
            raise MebenchError(
                f"{path} is not a readable {kind} ({type(error).__name__}): get it again from its owner"
            ) from error
        yield book


def _rows(sheet: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    blank = 0
    for number, cells in enumerate(sheet, start=1):
        if all(cell is None for cell in cells):
            blank += 1
            if blank > _BLANK_ROWS_AT_END:
                return
            continue
        blank = 0
        yield number, cells


def _find_header(
    path: Path,
    sheet: str,
    rows: Iterator[tuple[int, tuple[Any, ...]]],
    columns: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Advance ``rows`` past the header and return each column's place in it."""
    spellings = {name: {fold_name(s) for s in accepted} for name, accepted in columns.items()}
    best: dict[str, int] = {}
    best_row: tuple[int, tuple[Any, ...]] = (0, ())
    for number, cells in islice(rows, _HEADER_SEARCH_ROWS):
        folded = [fold_name(cell) for cell in cells]
        places = {
            name: next(i for i, cell in enumerate(folded) if cell in accepted)
            for name, accepted in spellings.items()
            if any(cell in accepted for cell in folded)
        }
        if len(places) == len(columns):
            return {
                name: _only(f"{path}: sheet {sheet!r}, row {number}", cells, accepted[0], fitting)
                for name, accepted in columns.items()
                if (fitting := [i for i, cell in enumerate(folded) if cell in spellings[name]])
            }
        if len(places) > len(best):
            best, best_row = places, (number, cells)
    missing = [columns[name][0] for name in columns if name not in best]
    there = ", ".join(str(cell) for cell in best_row[1] if cell is not None)
    where = f"the header in row {best_row[0]} has: {there}" if best else "no header row was found"
    raise MebenchError(
        f"{path}: sheet {sheet!r} lacks the column{'s' * (len(missing) > 1)} "
        f"{', '.join(map(repr, missing))} ({where}): restore the owner's header"
    )


def _only(where: str, cells: tuple[Any, ...], canonical: str, fitting: Sequence[int]) -> int:
    """Return the column that counts among those that fit: the one written as its owner does, if there are more."""
    if len(fitting) == 1:
        return fitting[0]
    exact = [place for place in fitting if str(cells[place]).strip() == canonical]
    named = ", ".join(f"{str(cells[place]).strip()!r} (column {place + 1})" for place in fitting)
    if len(exact) != 1:
        raise UnclearColumnError(
            f"{where}: the columns {named} all fit {canonical!r}: rename those that do not count"
        )
    warnings.warn(
        f"{where}: of the columns {named}, {canonical!r} is read and the others are not",
        MebenchWarning,
        stacklevel=4,
    )
    return exact[0]


def _cell(cells: tuple[Any, ...], place: int) -> Any:
    return cells[place] if place < len(cells) else None
