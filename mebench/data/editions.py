"""Editions of an owner's annotation: data that says how each is known, by what its cells hold.

    OF_2019 = Edition("20190701", clips=255, cells=(("casme2/sub24/EP07_01", "emotion", "surprise"),))
    recognise((OF_2014, OF_2019), table)        # "20190701"

Names of files do not count: copies are renamed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mebench.data.clips.table import cell_text

if TYPE_CHECKING:
    import pandas as pd

# What an annotation is that is none of a dataset's editions.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Edition:
    """One edition of an annotation, as it stands before any repair.

    Attributes:
        name: what its owner or the field calls it.
        clips: how many clips it has; None where that does not tell it from others.
        parts: the same for each of the owner's parts (``train``, ``test``), where they are files of their own.
        cells: ``dataset/subject/clip``, column of the clip table, and the text that stands there.
    """

    name: str
    clips: int | None = None
    parts: Mapping[str, int] | None = None
    cells: tuple[tuple[str, str, str], ...] = ()


def recognise(editions: Sequence[Edition], table: pd.DataFrame) -> str:
    """Return the name of the first edition that an unrepaired clip table can be.

    It is :data:`UNKNOWN` where the table is none of them, and empty where a dataset knows of no editions.
    """
    if not editions:
        return ""
    names = table["key"].map(lambda key: key.rpartition("/")[0])
    return next((edition.name for edition in editions if _is(edition, table, names)), UNKNOWN)


def _is(edition: Edition, table: pd.DataFrame, names: pd.Series) -> bool:
    if edition.clips not in (None, len(table)):
        return False
    if edition.parts is not None and table["part"].value_counts().to_dict() != dict(edition.parts):
        return False
    return all(
        text in table.loc[names == key, column].map(cell_text).tolist() for key, column, text in edition.cells
    )
