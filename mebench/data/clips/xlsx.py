"""An ``.xlsx`` workbook, opened without trust in what it says of its size.

    book = open_xlsx(path, content)
    for cells in xlsx_rows(path, book[name]): ...

A part is measured before it is unfolded: the archive's list says how long each is, and no more than that is read.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from openpyxl.reader.excel import ExcelReader

from mebench.data.clips.limits import MOST_HELD, MOST_PART, MOST_ROWS, MOST_SHEET, MOST_STYLES, beyond

if TYPE_CHECKING:
    import openpyxl

_STYLES = "xl/styles.xml"
_CHUNK = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d+)\"")
_ROWS = re.compile(rb"<(?:\w+:)?row\b")
# A value, or text that stands in its cell, opens with one of these; with a prefix, one of them closes it.
_VALUES = (b"<v>", b"<v ", b"<is>", b"<is ", b":v>", b":is>")
# Signs that open or close an element, down to the last row with a value: a reader may hold every element.
_MOST_ELEMENTS = 8_000_000


class _Archive(zipfile.ZipFile):
    """A workbook's archive of which no part unfolds to more than a list of clips could."""

    def __init__(self, path: Path, content: bytes, most: int) -> None:
        super().__init__(io.BytesIO(content))
        self._path, self._most = path, most

    def open(
        self, name: Any, mode: Any = "r", pwd: bytes | None = None, *, force_zip64: bool = False
    ) -> IO[bytes]:
        """Open a part, if it is of a sensible size."""
        part = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        most = MOST_STYLES if part.filename == _STYLES else self._most
        if part.file_size > most:
            raise beyond(self._path, f"unfolds to {part.file_size / 2**20:.0f} MiB in {part.filename}")
        return super().open(name, mode, pwd, force_zip64=force_zip64)


class _NoSheets:
    """Stands for the archive where a reader would look for a sheet's size, for which it may read all of the sheet."""

    @staticmethod
    def open(name: str) -> IO[bytes]:
        return io.BytesIO(b"<worksheet/>")


class _Reader(ExcelReader):
    """Reads all of a workbook but its sheets."""

    def read_workbook(self) -> None:
        super().read_workbook()
        book: Any = self.wb
        book._archive = _NoSheets()


def open_xlsx(path: Path, content: bytes) -> openpyxl.Workbook:
    """Return a workbook of which sheets are read row by row.

    Raises:
        MebenchError: a part of it is larger than that of any list of clips.
        Exception: whatever its reader raises on damage.
    """
    reader = _Reader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    reader.archive = _Archive(path, content, MOST_PART)
    reader.read()
    book: Any = reader.wb
    book._archive = _Archive(path, content, MOST_SHEET)
    return reader.wb


def hold_xlsx(path: Path, content: bytes) -> openpyxl.Workbook:
    """Return a workbook that is in memory as a whole, to be changed and saved; its formulas are values.

    Raises:
        MebenchError: it is too large for that, or damaged.
    """
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(part.file_size for part in archive.infolist())
        styles = sum(part.file_size for part in archive.infolist() if part.filename == _STYLES)
    if size > MOST_HELD or styles > MOST_STYLES:
        raise beyond(path, f"unfolds to {size / 2**20:.0f} MiB")
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)


def xlsx_rows(path: Path, sheet: Any) -> Iterable[tuple[Any, ...]]:
    """Return every row down to the last that holds a value, whatever size the sheet says it has.

    Raises:
        MebenchError: it is larger than any list of clips.
    """
    if not hasattr(sheet, "reset_dimensions"):  # a sheet of charts
        return ()
    with sheet._get_source() as source:
        last = _last_row(path, source)
    sheet.reset_dimensions()
    # Rows without numbers are counted as they come.
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True, max_row=last)
    return () if last == 0 else rows


def _last_row(path: Path, source: IO[bytes]) -> int | None:
    """Return the number of the last row with a value; 0 for none, None where rows have no numbers.

    Spreadsheets leave behind up to a million rows with a colour and no value; bytes are searched many times
    faster than rows are read.
    """
    last = number = elements = pending = 0
    carried = b""
    while chunk := source.read(_CHUNK):
        pending += chunk.count(b"<")
        if b"\0" in chunk:  # XML in UTF-16
            if elements + pending + _rest(source) > _MOST_ELEMENTS:
                raise beyond(path, f"has a sheet of more than {_MOST_ELEMENTS} elements")
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
        if value >= 0 or before is None:  # else the reader stops at a row in here
            elements, pending = elements + pending, 0
        if elements > _MOST_ELEMENTS or len(carried) > 8 * _CHUNK:
            raise beyond(path, f"has a sheet of more than {_MOST_ELEMENTS} elements")
    if any(mark in carried for mark in _VALUES):
        last = number or -1
    if last > MOST_ROWS:
        raise beyond(path, f"has a row numbered {last}")
    return last if last >= 0 else None


def _rest(source: IO[bytes]) -> int:
    """Return how many elements' signs what is left to read holds."""
    return sum(chunk.count(b"<") for chunk in iter(lambda: source.read(_CHUNK), b""))


def _row_before(chunk: bytes, end: int) -> int | None:
    """Return the number of the last row that opens before a place: 0 where it has none, None where none opens."""
    place = end
    while (place := chunk.rfind(b"row", 0, place)) >= 0:
        start = chunk.rfind(b"<", 0, place)
        if _ROWS.match(chunk, start):
            numbered = _ROW.match(chunk, start)
            return int(numbered[1].lstrip(b"0")[:10] or b"0") if numbered else 0
    return None
