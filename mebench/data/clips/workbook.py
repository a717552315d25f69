"""Opening a table of any form that owners release: ``.xlsx``, the older ``.xls``, or text (CSV) of any encoding.

    with open_workbook(path) as book:
        for cells in book.rows(book.sheets[0]):
            ...
    rows = table_rows(path)     # of a list or predictions: row number and texts

What a file is, its bytes say (:mod:`mebench.data.clips.file_kind`), never its name.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mebench.data.clips.file_kind import content_of, kind_of
from mebench.data.clips.limits import bounded
from mebench.data.clips.table import cell_text
from mebench.data.clips.text_rows import Rows, text_cells, text_of
from mebench.errors import MebenchError


@dataclass(frozen=True)
class Workbook:
    """An open workbook: names of its sheets, and the cells of one, row by row, blank rows included.

    Cells are text, numbers, truth values, times, or None where empty. A number without fraction is an int. In
    a text all cells are text, and its only sheet goes by the file's name or any other.
    """

    sheets: tuple[str, ...]
    rows: Callable[[str], Iterable[tuple[Any, ...]]]

    def holds(self, sheet: str) -> bool:
        """Tell whether there is a sheet of this name."""
        return not self.sheets or sheet in self.sheets


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a table for reading.

    Raises:
        MebenchError: it is missing, empty, damaged, or not a table of a form that is read.
    """
    content = content_of(path)
    opened = {"xls": _open_xls, "xlsx": _open_xlsx, "text": _open_text}[kind_of(path, content)]
    with opened(path, content) as book:
        yield book


def table_rows(path: Path) -> Rows:
    """Return row number and stripped texts of each row that is not blank, of a table with one sheet.

    Raises:
        MebenchError: as :func:`open_workbook`; or several sheets hold rows.
    """
    with open_workbook(path) as book:
        try:
            sheets = {name: _texts(book.rows(name)) for name in book.sheets or ("",)}
        except MebenchError:
            raise
        except Exception as error:
            raise damage(path, error) from error
    full = [name for name, rows in sheets.items() if rows]
    if len(full) > 1:
        raise MebenchError(
            f"{path} has rows in several sheets ({', '.join(full)}): save the one that is meant as .csv"
        )
    return sheets[full[0]] if full else []


def damage(path: Path, error: Exception) -> MebenchError:
    """Return the sentence for a table whose reader met damage."""
    return MebenchError(f"{path} is damaged ({type(error).__name__}: {error}): get it again from its owner")


def _texts(sheet: Iterable[tuple[Any, ...]]) -> Rows:
    rows = ((number, [cell_text(cell) for cell in cells]) for number, cells in enumerate(sheet, start=1))
    return [(number, texts) for number, texts in rows if any(texts)]


@contextmanager
def _open_xlsx(path: Path, content: bytes) -> Iterator[Workbook]:
    from mebench.data.clips.xlsx import open_xlsx, xlsx_rows  # openpyxl is slow to start

    try:
        book = open_xlsx(path, content)
    except MebenchError:
        raise
    except Exception as error:  # readers meet damage with errors of a dozen types
        raise damage(path, error) from error
    try:
        yield Workbook(tuple(book.sheetnames), lambda name: bounded(path, xlsx_rows(path, book[name])))
    finally:
        book.close()


@contextmanager
def _open_xls(path: Path, content: bytes) -> Iterator[Workbook]:
    import xlrd

    try:
        # By default the reader prints what it finds odd.
        # A sheet is held in memory while it is read, and rows are as long as they are.
        book = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
    except Exception as error:
        if "encrypted" in str(error):
            raise MebenchError(
                f"{path} is a workbook locked with a password: take the password away and save it as .xlsx or .csv"
            ) from error
        raise damage(path, error) from error

    def rows(name: str) -> Iterator[tuple[Any, ...]]:
        sheet = book.sheet_by_name(name)
        for number in range(sheet.nrows):
            yield tuple(_xls_cell(cell, book.datemode) for cell in sheet.row(number))
        book.unload_sheet(name)

    yield Workbook(tuple(book.sheet_names()), lambda name: bounded(path, rows(name)))


def _xls_cell(cell: Any, datemode: Literal[0, 1]) -> Any:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_NUMBER:
        return int(cell.value) if cell.value.is_integer() else cell.value
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return cell.value or None
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    return bool(cell.value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else None


@contextmanager
def _open_text(path: Path, content: bytes) -> Iterator[Workbook]:
    text = text_of(path, content)

    def rows() -> Iterator[tuple[Any, ...]]:
        return (tuple(cell or None for cell in cells) for cells in text_cells(path, text))

    yield Workbook((), lambda name: bounded(path, rows()))
