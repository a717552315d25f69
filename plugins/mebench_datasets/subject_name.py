"""A subject's number in a sheet, spelt as the folder spells it.

subject_name(1, "sub{:02d}")      # sub01; so do "1", "01", 1.0 and "sub01"
"""

from __future__ import annotations

import re

from mebench.data.clips.table import cell_text


def subject_name(cell: object, spelling: str) -> str:
    """Return the folder's name for a subject cell; text that holds no such number stays as it is.

    Args:
        cell: a number, or a text of digits with or without the spelling's letters before them.
        spelling: format of the folder's name, with one place for the number.
    """
    text = cell_text(cell)
    letters = re.escape(spelling.partition("{")[0])
    match = re.fullmatch(rf"(?:{letters})?(\d{{1,9}})", text, re.IGNORECASE)
    return spelling.format(int(match[1])) if match else text
