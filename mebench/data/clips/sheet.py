"""Reading an owner's workbook: the header row is found by its names, never by its place.

raw = read_sheet(path, {"subject": ("Subject",), "onset": ("Onset", "OnsetFrame")}, sheet="label")
raw.columns      # row, subject, onset: `row` is the number a spreadsheet program shows

All rows count: those after a gap, and those that a program hides or filters, for a view is no choice of clips.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mebench.data.clips.columns import named_header, note_header
from mebench.data.clips.fields import OPTIONAL, accepted, fitting, fold_name
from mebench.data.clips.workbook import damage, open_workbook
from mebench.data.fetching import UnreachableError
from mebench.errors import MebenchError, MebenchWarning, near_matches
from mebench.regular_files import open_regular

if TYPE_CHECKING:
    import pandas as pd

_HEADER_SEARCH_ROWS = 50

_TOLD = {"apex": "no apex is known", "aus": "no action units are known"}

_Row = tuple[int, tuple[Any, ...]]


class UnclearColumnError(MebenchError):
    """Two columns of a sheet fit one field equally well."""


def read_sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    sheet: str,
    optional: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Read the named columns of one sheet as they stand, cells untouched.

    Args:
        path: an ``.xlsx`` or ``.xls`` workbook, or a text copy of one (commas, semicolons or tabs).
        columns: canonical name -> the owner's spellings of the header. Letters and digits alone are compared, and
            for the fields of a clip table the common spellings (:mod:`mebench.data.clips.fields`) count too.
            ``apex``, ``aus`` and ``objective_class`` are empty where the sheet lacks them; of the first two a warning
            says so.
        sheet: the sheet's name; a text has no names and takes any.
        optional: the same for columns that come back only where the sheet has them.

    Returns:
        One row for each row under the header that has a cell in any of the columns, with the canonical
        columns (dtype object) and ``row``, the row number in the workbook. A header that is repeated further
        down is no row.

    Raises:
        MebenchError: not a readable workbook, no such sheet, or a column is missing.
        UnclearColumnError: two columns fit one name, and neither is written as its first spelling.
    """
    import pandas as pd

    wanted = {**columns, **(optional or {})}
    needed = [name for name in columns if name not in OPTIONAL] or list(columns)
    with open_workbook(path) as book:
        if not book.holds(sheet):
            raise MebenchError(f"{path} has no sheet {sheet!r}{near_matches(sheet, list(book.sheets))}")
        try:
            rows = _rows(book.rows(sheet))
            place = f"{path}: sheet {sheet!r}" if book.sheets else str(path)
            header = _find_header(place, rows, wanted, needed)
            there = [name for name in wanted if name in columns or name in header.places]
            found = [
                {"row": number, **{name: _cell(cells, header.places.get(name)) for name in there}}
                for number, cells in chain(header.below, rows)
                if not header.is_repeated(cells)
            ]
        except MebenchError:
            raise
        except Exception as error:  # readers meet damage with errors of a dozen types
            raise damage(path, error) from error
    for name in [name for name in _TOLD if name in columns and name not in header.places]:
        warnings.warn(
            f"{path} has no column {(columns[name] or (name,))[0]!r}, so {_TOLD[name]}; where another column holds "
            f"them, name it with --column {name}=HEADER",
            MebenchWarning,
            stacklevel=2,
        )
    table = pd.DataFrame(found, columns=["row", *there], dtype=object)
    table = table.dropna(how="all", subset=there).reset_index(drop=True)
    return table.astype({"row": "int64"})


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets; an unreadable workbook has none, nor has a text.

    Raises:
        UnreachableError: the system cannot give the file.
    """
    try:
        with open_workbook(path) as book:
            return list(book.sheets)
    except UnreachableError:
        raise
    except Exception:
        return []


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes."""
    with open_regular(path) as file:
        return (
            hashlib.file_digest(file, "sha256").hexdigest()
            if hasattr(hashlib, "file_digest")
            else (hashlib.sha256(file.read()).hexdigest())
        )


@dataclass(frozen=True)
class _Header:
    """Where each column stands, and the rows below the header that were read in search of it."""

    cells: tuple[Any, ...]
    places: Mapping[str, int]
    below: Sequence[_Row]

    def is_repeated(self, cells: tuple[Any, ...]) -> bool:
        """Tell whether a row holds the same header again, as in sheets that were put together."""
        return all(
            fold_name(_cell(cells, place)) == fold_name(self.cells[place]) for place in self.places.values()
        )


def _rows(sheet: Iterable[tuple[Any, ...]]) -> Iterator[_Row]:
    for number, cells in enumerate(sheet, start=1):
        if any(cell is not None for cell in cells):
            yield number, cells


def _find_header(
    where: str,
    rows: Iterator[_Row],
    columns: Mapping[str, Sequence[str]],
    needed: Sequence[str],
) -> _Header:
    """Return the first of the rows that has all needed columns and no fewer others than one below it."""
    spellings = {name: accepted(name, own) for name, own in columns.items()}
    searched = list(islice(rows, _HEADER_SEARCH_ROWS))
    places = [_places(cells, spellings) for _, cells in searched]
    complete = [place for place, found in enumerate(places) if all(name in found for name in needed)]
    if complete:
        best = max(complete, key=lambda place: len(places[place]))
        row, cells = searched[best]
        chosen = {
            name: _only(f"{where}, row {row}", cells, (columns[name] or (name,))[0], fits)
            for name, fits in places[best].items()
        }
        note_header(cells, [name for name in columns if _is_named(name, cells, chosen)])
        return _Header(cells, chosen, searched[best + 1 :])
    best = max(range(len(searched)), key=lambda place: len(places[place]), default=0)
    nearest, (row, cells) = (places[best], searched[best]) if searched else ({}, (0, ()))
    if nearest:
        note_header(cells)
    missing = [(columns[name] or (name,))[0] for name in needed if name not in nearest]
    there = ", ".join(str(cell) for cell in cells if cell is not None)
    seen = f"the header in row {row} has: {there}" if nearest else "no header row was found"
    raise MebenchError(
        f"{where} lacks the column{'s' * (len(missing) > 1)} {', '.join(map(repr, missing))} "
        f"({seen}): restore the owner's header, or say what is meant with --column FIELD=HEADER"
    )


def _places(cells: Sequence[object], spellings: Mapping[str, Sequence[str]]) -> dict[str, list[int]]:
    """Return all places of each column that a row has, the user's own name for it before all others."""
    found = {}
    for name, known in spellings.items():
        own = named_header(name)
        if fits := fitting(cells, [fold_name(own)] if own else ()) or fitting(cells, known):
            found[name] = list(fits)
    return found


def _only(where: str, cells: Sequence[object], canonical: str, fits: Sequence[int]) -> int:
    """Return the column that counts among those that fit: the one written as its owner does, if there are more."""
    if len(fits) == 1:
        return fits[0]
    exact = [place for place in fits if str(cells[place]).strip() == canonical]
    named = ", ".join(f"{str(cells[place]).strip()!r} (column {place + 1})" for place in fits)
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


def _is_named(name: str, cells: Sequence[object], places: Mapping[str, int]) -> bool:
    own = named_header(name)
    return own is not None and name in places and fold_name(cells[places[name]]) == fold_name(own)


def _cell(cells: tuple[Any, ...], place: int | None) -> Any:
    return cells[place] if place is not None and place < len(cells) else None
