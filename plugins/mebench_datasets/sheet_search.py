"""Finding the sheet of a workbook that has the wanted columns, whatever it is called.

    raw = read_first_sheet(path, {"subject": ("Subject",)}, optional={"aus": ("Action Units",)})

Owners and later editors name sheets ``Sheet1``, ``MICRO_ONLY`` or by a date, and leave empty or scribbled ones
beside them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mebench.api import MebenchError, read_sheet
from mebench.data.clips.sheet import UnclearColumnError, sheet_names
from mebench.errors import MebenchWarning

if TYPE_CHECKING:
    import pandas as pd


def read_first_sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    *,
    optional: Mapping[str, Sequence[str]] | None = None,
    first: str = "",
) -> pd.DataFrame:
    """Read the first sheet that has all ``columns``, and warn of others that have them and say something else.

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
    for place, sheet in enumerate(names):
        try:
            raw = read_sheet(path, columns, sheet=sheet, optional=optional)
        except UnclearColumnError:
            raise
        except MebenchError as error:
            complaints.append(error)
            continue
        _warn_of_other_sheets(path, columns, optional, raw, sheet, names[place + 1 :])
        return raw
    raise complaints[0]


def _warn_of_other_sheets(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    optional: Mapping[str, Sequence[str]] | None,
    raw: pd.DataFrame,
    sheet: str,
    others: Sequence[str],
) -> None:
    different = []
    for other in others:
        try:
            its = read_sheet(path, columns, sheet=other, optional=optional)
        except MebenchError:
            continue
        if len(its) and not its.equals(raw):
            different.append(repr(other))
    if different:
        warnings.warn(
            f"{path}: sheet {sheet!r} is read; {', '.join(different)} has the columns too, says something else, and is "
            "not read: keep the one that counts",
            MebenchWarning,
            stacklevel=4,
        )
