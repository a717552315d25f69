"""The apex of a clip: the owner's where there is one, the middle of the window where there is not.

An apex that is missing, no frame number or outside its window makes the apex unknown, never the clip unusable.
``apex_source`` says where the apex comes from, in one of :data:`APEX_SOURCES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


OWNER = "owner"
REPAIR = "repair"
NONE_GIVEN = "middle: none given"
NO_NUMBER = "middle: not a frame number"
OUTSIDE = "middle: outside its window"
SPOTTED = "spotted"
APEX_SOURCES = (OWNER, REPAIR, NONE_GIVEN, NO_NUMBER, OUTSIDE, SPOTTED)
REPLACED = (NONE_GIVEN, NO_NUMBER, OUTSIDE)

# What owners and their readers write where they found no apex; bob.db.casme2 writes -1.
_NOTHING = frozenset(
    {
        *("", "/", "\\", "?", "-", "--", "\u2013", "\u2014", "x", "unknown"),
        *("nan", "nat", "<na>", "na"),
    }
    | {"n/a", "#n/a", "none", "null"}
)


def source_of_apex(text: str, number: int | None) -> str:
    """Return where the apex of a cell comes from: the cell's text, and its whole number if it holds one.

    A fraction, a time or a date, two numbers (``1105/1113``) and a number with a sign of doubt (``~1105``) are no
    frame number: none of them says which frame was meant.
    """
    if text.casefold() in _NOTHING or number == -1:
        return NONE_GIVEN
    return NO_NUMBER if number is None else OWNER


def fill_middle_apex(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a clip table in which an unknown apex is the middle of its window.

    That is ``onset + (offset - onset) // 2``. A window that cannot be true is left as it is, for the checks: its
    onset comes after its offset, or is its offset although the apex lies elsewhere.
    """
    table = table.copy()
    onset, apex, offset = (table[field] for field in ("onset", "apex", "offset"))
    ordered = (onset <= offset).fillna(False).astype(bool)
    outside = ((apex < onset) | (apex > offset)).fillna(False).astype(bool) & (onset < offset).fillna(False)
    table.loc[outside, "apex_source"] = OUTSIDE
    gap = ordered & (apex.isna() | outside)
    table.loc[gap, "apex"] = onset + (offset - onset) // 2
    return table
