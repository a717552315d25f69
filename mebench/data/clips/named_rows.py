"""What a row of somebody else's file says of a clip: its dataset, subject and name, and its class.

named = read_named(path, 2, cells, {"dataset": 0, "subject": 1, "clip": 2}, spellings)
class_number("surprise", protocol.classes, f"{path}, row 2")        # 2; so says "2"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mebench.data.clips.matching import NamedClip
from mebench.data.clips.names import fold_dataset
from mebench.data.clips.table import frame_number
from mebench.data.clips.text_rows import cell_at
from mebench.errors import MebenchError, near_matches

NAMES = ("dataset", "subject", "clip")


def read_named(
    path: Path, row: int, cells: Sequence[str], places: Mapping[str, int], spellings: Mapping[str, str]
) -> NamedClip:
    """Return the clip that a row with the columns dataset, subject, clip and perhaps onset names.

    Raises:
        MebenchError: a cell is empty, or the dataset is none of the protocol's.
    """
    dataset, subject, clip = (cell_at(path, row, cells, places[name], name) for name in NAMES)
    text = cell_at(path, row, cells, places["onset"], "onset") if "onset" in places else None
    onset = frame_number(text) if text is not None else None
    if text is not None and onset is None:
        raise MebenchError(f"{path}, row {row}: the onset {text!r} is no frame number; correct it")
    return NamedClip(row, dataset_of(dataset, spellings, f"{path}, row {row}"), subject, clip, onset)


def dataset_of(spelling: str, spellings: Mapping[str, str], where: str) -> str:
    """Return the dataset that a spelling means.

    Raises:
        MebenchError: it means none of the protocol's.
    """
    name = spellings.get(fold_dataset(spelling))
    if name is None:
        raise MebenchError(
            f"{where}: the protocol has no dataset {spelling!r}{near_matches(spelling, spellings.values())}"
        )
    return name


def class_number(text: str, classes: Sequence[str], where: str) -> int:
    """Return the number of a class given by name (case does not count) or number, counted from 0.

    Raises:
        MebenchError: it is neither.
    """
    folded = [name.casefold() for name in classes]
    if text.casefold() in folded:
        return folded.index(text.casefold())
    number = frame_number(text)
    if number is None or not 0 <= number < len(classes):
        names = ", ".join(f"{place} {name}" for place, name in enumerate(classes))
        raise MebenchError(f"{where}: there is no class {text!r}; write one of {names}")
    return number
