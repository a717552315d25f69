"""Opening a workbook of any format that owners release: ``.xlsx``, the older ``.xls``, or a ``.csv`` copy.

    with open_workbook(path) as book:
        for cells in book.rows(book.sheets[0]):
            ...

What a file is, its first bytes say, since many an ``.xls`` is an ``.xlsx`` with another name; a CSV, which has
no such bytes, is known by its suffix. Damage raises errors of any type; the reader turns them into a sentence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import openpyxl
import xlrd

_OLE_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Workbook:
    """An open workbook: names of its sheets, and the cells of one, row by row, blank rows included.

    Cells are text, numbers, truth values, times, or None where empty. A number without fraction is an int. In
    a CSV all cells are text, and its only sheet goes by the file's name or any other.
    """

    sheets: tuple[str, ...]
    rows: Callable[[str], Iterable[tuple[Any, ...]]]

    def holds(self, sheet: str) -> bool:
        """Tell whether there is a sheet of this name."""
        return not self.sheets or sheet in self.sheets


def workbook_format(path: Path) -> str:
    """Return ``.xls``, ``.csv`` or else ``.xlsx``, as which the file is read."""
    with path.open("rb") as file:
        if file.read(len(_OLE_FILE)) == _OLE_FILE:
            return ".xls"
    return ".csv" if path.suffix.casefold() == ".csv" else ".xlsx"


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook for reading; an unreadable one raises whatever error its reader meets."""
    opened = {".xls": _open_xls, ".csv": _open_csv, ".xlsx": _open_xlsx}[workbook_format(path)]
    with opened(path) as book:
        yield book


@contextmanager
def _open_xlsx(path: Path) -> Iterator[Workbook]:
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            yield Workbook(tuple(book.sheetnames), lambda name: book[name].iter_rows(values_only=True))
        finally:
            book.close()


@contextmanager
def _open_xls(path: Path) -> Iterator[Workbook]:
    # By default the reader prints what it finds odd.
    book = xlrd.open_workbook(file_contents=path.read_bytes(), logfile=io.StringIO())

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
def _open_csv(path: Path) -> Iterator[Workbook]:
    text = path.read_text(encoding="utf-8-sig")
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    yield Workbook((), lambda _: (tuple(cell or None for cell in cells) for cells in table))
