"""Opening a table of any form that owners release: ``.xlsx``, the older ``.xls``, or text (CSV) of any encoding.

    with open_workbook(path) as book:
        for cells in book.rows(book.sheets[0]):
            ...
    rows = table_rows(path)     # of a list or predictions: row number and texts

What a file is, its bytes say (:mod:`mebench.data.clips.file_kind`), never its name.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import openpyxl
import xlrd

from mebench.data.clips.file_kind import content_of, kind_of
from mebench.data.clips.table import cell_text
from mebench.data.clips.text_rows import Rows, text_cells, text_of
from mebench.errors import MebenchError

_CHUNK = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_ROWS = re.compile(rb"<(?:\w+:)?row\b")
# A value, or text that stands in its cell, opens with one of these; with a prefix, one of them closes it.
_VALUES = (b"<v>", b"<v ", b"<is>", b"<is ", b":v>", b":is>")


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
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:  # readers meet damage with errors of a dozen types
        raise damage(path, error) from error
    try:
        yield Workbook(tuple(book.sheetnames), lambda name: _xlsx_rows(book[name]))
    finally:
        book.close()


def _xlsx_rows(sheet: Any) -> Iterable[tuple[Any, ...]]:
    """Return every row down to the last that holds a value, whatever size the sheet says it has."""
    if not hasattr(sheet, "reset_dimensions"):  # a sheet of charts
        return ()
    with sheet._get_source() as source:
        last = _last_row(source)
    sheet.reset_dimensions()
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True, max_row=last)
    return () if last == 0 else rows


def _last_row(source: IO[bytes]) -> int | None:
    """Return the number of the last row with a value; 0 for none, None where rows have no numbers.

    Spreadsheets leave behind up to a million rows with a colour and no value; bytes are searched many times
    faster than rows are read.
    """
    last = number = 0
    carried = b""
    while chunk := source.read(_CHUNK):
        if b"\0" in chunk:  # XML in UTF-16
            return None
        chunk = carried + chunk
        whole = chunk.rfind(b"<")
        chunk, carried = (chunk[:whole], chunk[whole:]) if whole > 0 else (b"", chunk)
        value = max(chunk.rfind(mark) for mark in _VALUES)
        if value >= 0:
            before = _row_before(chunk, value)
            last = (number if before is None else before) or -1
        before = _row_before(chunk, len(chunk))
        number = number if before is None else before
    if any(mark in carried for mark in _VALUES):
        last = number or -1
    return last if last >= 0 else None


def _row_before(chunk: bytes, end: int) -> int | None:
    """Return the number of the last row that opens before a place: 0 where it has none, None where none opens."""
    place = end
    while (place := chunk.rfind(b"row", 0, place)) >= 0:
        start = chunk.rfind(b"<", 0, place)
        if _ROWS.match(chunk, start):
            numbered = _ROW.match(chunk, start)
            return int(numbered[1]) if numbered else 0
    return None


@contextmanager
def _open_xls(path: Path, content: bytes) -> Iterator[Workbook]:
    try:
        # By default the reader prints what it finds odd.
        book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
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

    yield Workbook(tuple(book.sheet_names()), rows)


def _xls_cell(cell: Any, datemode: Literal[0, 1]) -> Any:
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
    yield Workbook((), lambda _: (tuple(cell or None for cell in cells) for cells in text_cells(path, text)))
