"""How large a table may be: a file of a few megabytes can unfold to gigabytes, or claim a milliard of rows.

    for cells in bounded(path, rows): ...

The largest annotation of the field has 7,526 rows; what is far beyond that is no list of clips.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mebench.errors import MebenchError

# Of a workbook's file; of a text, which has no packing.
MOST_BYTES = 32 << 20
MOST_TEXT = 16 << 20
# What one sheet of a workbook unfolds to: programs leave behind up to a million rows with a colour and no value.
MOST_SHEET = 256 << 20
# What its texts, its styles and any other part unfold to, all of which a reader holds in memory.
MOST_PART = 16 << 20
MOST_STYLES = 2 << 20
# A sheet that is held in memory as a whole, to be written again.
MOST_HELD = 16 << 20

MOST_CELLS = 1_000_000
MOST_ROWS = 1_048_576  # of a sheet, in any program
_LONGEST_CELL = 32_767  # in any program
_MOST_LETTERS = 32_000_000


def bounded(path: Path, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as they come.

    Raises:
        MebenchError: there are more cells or letters than any list of clips has.
    """
    count, letters = 0.0, 0
    for cells in rows:
        # A row without cells costs time too, if less.
        count += len(cells) or 0.1
        for cell in cells:
            if isinstance(cell, str):
                letters += len(cell)
                if len(cell) > _LONGEST_CELL:
                    raise beyond(path, f"has a cell of {len(cell)} letters")
        if count > MOST_CELLS or letters > _MOST_LETTERS:
            raise beyond(
                path,
                f"has more than {MOST_CELLS if count > MOST_CELLS else _MOST_LETTERS} "
                f"{'cells' if count > MOST_CELLS else 'letters'}",
            )
        yield cells


def beyond(path: Path, what: str) -> MebenchError:
    """Return the sentence for a table that is larger than any list of clips."""
    return MebenchError(
        f"{path} {what}, which no list of clips has: save the rows that count as a new .xlsx or .csv"
    )
