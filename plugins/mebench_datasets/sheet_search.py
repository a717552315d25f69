"""Finding the sheet of a workbook that has the wanted columns, whatever it is called.

    raw = read_first_sheet(path, {"subject": ("Subject",)}, optional={"aus": ("Action Units",)})

Owners and later editors name sheets ``Sheet1``, ``MICRO_ONLY`` or by a date, and leave empty or scribbled ones
beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from mebench.api import MebenchError, read_sheet
from mebench.data.clips.sheet import sheet_names


def read_first_sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    optional: Mapping[str, Sequence[str]] | None = None,
    first: str = "",
) -> pd.DataFrame:
    """Read the first sheet that has all ``columns``.

    Args:
        path: an ``.xlsx`` or ``.xls`` workbook, or a text copy of one.
        columns: canonical name -> accepted spellings of the header.
        optional: the same for columns that are read where the sheet has them.
        first: a sheet's name to try before the others.

    Returns:
        What :func:`mebench.api.read_sheet` returns, with those optional columns that are there.

    Raises:
        MebenchError: not a readable workbook, or no sheet has all columns; the message speaks of the sheet
            that was tried first.
    """
    names = sorted(sheet_names(path), key=lambda name: name != first) or [first]
    complaints: list[MebenchError] = []
    for sheet in names:
        try:
            return read_sheet(path, columns, sheet=sheet, optional=optional)
        except MebenchError as error:
            complaints.append(error)
    raise complaints[0]
