"""What a row of somebody else's file says of a clip: its dataset, subject and name, and its class.

places = places_in(path, header, {"dataset": (), "subject": (), "clip": ()})
named = read_named(path, 2, cells, places, spellings)
class_number("surprise", protocol.classes, f"{path}, row 2")        # 2; so says "2"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mebench.data.clips.fields import fitting, fold_name, places_of
from mebench.data.clips.matching import NamedClip
from mebench.data.clips.names import fold_dataset
from mebench.data.clips.table import frame_number
from mebench.errors import MebenchError, near_matches
from mebench.plain_text import without_formula_mark


def places_in(path: Path, header: Sequence[str], fields: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return the place of each field that a header has (:func:`mebench.data.clips.fields.places_of`).

    Raises:
        MebenchError: a column that is used stands there twice.
    """
    places = places_of(header, fields)
    for place in places.values():
        same = fitting(header, [fold_name(header[place])])
        if len(same) > 1:
            where = " and ".join(str(each + 1) for each in same)
            raise MebenchError(
                f"{path}: the column {header[place]!r} stands there twice ({where}); keep one of them"
            )
    return places


def cell_at(path: Path, row: int, cells: Sequence[str], place: int, what: str) -> str:
    """Return a cell that must be there.

    Raises:
        MebenchError: the row is too short or the cell empty.
    """
    if not (text := text_at(cells, place)):
        raise MebenchError(f"{path}, row {row}: the {what} is missing; fill it in")
    return text


def text_at(cells: Sequence[str], place: int | None) -> str:
    """Return a cell that may be missing: ``""`` where the row is too short or there is no such column."""
    return without_formula_mark(cells[place]) if place is not None and place < len(cells) else ""


def read_named(
    path: Path, row: int, cells: Sequence[str], places: Mapping[str, int], spellings: Mapping[str, str]
) -> NamedClip:
    """Return the clip that a row with the columns subject, clip and perhaps dataset and onset names.

    Without a dataset it is the protocol's own where that has one, and else not known (``""``).

    Raises:
        MebenchError: a cell is empty, or the dataset is none of the protocol's.
    """
    subject, clip = (cell_at(path, row, cells, places[name], name) for name in ("subject", "clip"))
    text = cell_at(path, row, cells, places["onset"], "onset") if "onset" in places else None
    onset = frame_number(text) if text is not None else None
    if text is not None and onset is None:
        raise MebenchError(f"{path}, row {row}: the onset {text!r} is no frame number; correct it")
    if "dataset" in places:
        dataset = cell_at(path, row, cells, places["dataset"], "dataset")
        dataset = dataset_of(dataset, spellings, f"{path}, row {row}")
    else:
        dataset = only_dataset(spellings)
    return NamedClip(row, dataset, subject, clip, onset)


def only_dataset(spellings: Mapping[str, str]) -> str:
    """Return the protocol's dataset where it has one, else ``""``."""
    names = set(spellings.values())
    return names.pop() if len(names) == 1 else ""


def dataset_of(spelling: str, spellings: Mapping[str, str], where: str) -> str:
    """Return the dataset that a spelling means.

    Raises:
        MebenchError: it means none of the protocol's.
    """
    name = spellings.get(fold_dataset(spelling))
    if name is None:
        raise MebenchError(
            f"{where}: the dataset {spelling!r} is not supported here{near_matches(spelling, spellings.values())}"
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
        raise MebenchError(f"{where}: there is no class {text!r}; write one of {_numbered(classes)}")
    return number


def refuse_counting_from_one(path: Path, texts: Iterable[str], classes: Sequence[str]) -> None:
    """Raise where classes are numbers from 1 to their count, which would be read as the wrong ones.

    Raises:
        MebenchError: the numbers are such.
    """
    numbers = {frame_number(text) for text in texts if text}
    known = {number for number in numbers if number is not None}
    if known == numbers and known and min(known) == 1 and max(known) == len(classes):
        raise MebenchError(
            f"{path} counts its classes from 1 to {len(classes)}, and mebench from 0: write names, or one of "
            f"{_numbered(classes)}"
        )


def _numbered(classes: Sequence[str]) -> str:
    return ", ".join(f"{place} {name}" for place, name in enumerate(classes))
