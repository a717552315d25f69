"""Making a workbook as untidy as those in circulation, without a change to what it says.

    done = make_untidy(path, np.random.default_rng(0))
    done["retyped_cells"]       # how many numbers became text, or the reverse

Any table with a header will do: its columns are not known here, apart from that of action units.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mebench.data.clips.fields import fold_name
from mebench.synthetic.workbook import save_workbook

_PROSE = ("Frames drawn by code; this sheet is untidy on purpose", "Columns are named below")
_BLANK_ROWS = 3
# Of the rows, one in so many gets retyped cells, and one in so many spaces behind its action units.
_ONE_IN = 3
_AU_HEADERS = {"au", "aus", "actionunits"}
_CASES: tuple[Callable[[str], str], ...] = (str.upper, str.lower, str.swapcase)
_GAPS = (" ", "  ", "\n")


def make_untidy(path: Path, rng: np.random.Generator) -> dict[str, int]:
    """Make every sheet of an ``.xlsx`` workbook that holds a table untidy; the same ``rng`` gives the same bytes.

    Headers get other spellings (letter case, spaces), prose above them and a column without a name; numbers
    become text and text numbers in some rows; action units get spaces behind them; blank rows follow.

    Returns:
        How often each was done, over all sheets: ``header_cells, unnamed_columns, prose_rows, retyped_cells,
        spaced_cells, blank_rows``.
    """
    import openpyxl

    book = openpyxl.load_workbook(path)
    done: dict[str, int] = {}
    for sheet in book.worksheets:
        texts = [sum(isinstance(cell, str) for cell in row) for row in sheet.iter_rows(values_only=True)]
        # No row holds more text than the header; rows of prose and the twin's mark have a cell or two.
        if max(texts, default=0) > 2:
            for name, count in _untidy_sheet(sheet, texts.index(max(texts)) + 1, rng).items():
                done[name] = done.get(name, 0) + count
    save_workbook(book, path)
    return done


def _untidy_sheet(sheet: Any, header: int, rng: np.random.Generator) -> dict[str, int]:
    """Make one sheet untidy, whose header stands in row ``header``; return how often each thing was done."""
    sheet.insert_cols(int(rng.integers(2, sheet.max_column + 1)))
    names = [cell for cell in sheet[header] if isinstance(cell.value, str)]
    au_columns = {cell.column for cell in names if fold_name(cell.value) in _AU_HEADERS}
    for cell in names:
        words = re.sub(r"(?<=[a-z])(?=[A-Z])| ", _GAPS[rng.integers(len(_GAPS))], cell.value)
        cell.value = f"{_CASES[rng.integers(len(_CASES))](words)} "
    rows = [row for row in sheet.iter_rows(min_row=header + 1) if any(cell.value is not None for cell in row)]
    shuffled = [rows[place] for place in rng.permutation(len(rows))]
    share = -(-len(rows) // _ONE_IN)
    retyped = sum(_retype(cell) for row in shuffled[:share] for cell in row)
    units = [cell for row in shuffled[share : 2 * share] for cell in row if cell.column in au_columns]
    spaced = [cell for cell in units if cell.value is not None]
    for cell in spaced:
        cell.value = f"{cell.value} "
    for row in range(sheet.max_row + 1, sheet.max_row + 1 + _BLANK_ROWS):
        # A format without a value, as spreadsheets leave behind; a cell without either is not written.
        sheet.cell(row, 1).number_format = "0"
    sheet.insert_rows(1, len(_PROSE))
    for row, prose in enumerate(_PROSE, start=1):
        sheet.cell(row, 1, prose)
    return {
        "header_cells": len(names),
        "unnamed_columns": 1,
        "prose_rows": len(_PROSE),
        "retyped_cells": retyped,
        "spaced_cells": len(spaced),
        "blank_rows": _BLANK_ROWS,
    }


def _retype(cell: Any) -> bool:
    """Write a whole number as text, or the reverse; return whether the cell held one."""
    if type(cell.value) is int:
        cell.value = str(cell.value)
    elif isinstance(cell.value, str) and re.fullmatch(r"\d{1,9}", cell.value):
        cell.value = int(cell.value)
    else:
        return False
    return True
