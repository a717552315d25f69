"""The predictions that a command wrote, read with every doubt named.

clip,negative,positive,surprise         # a probability for each class: at least 0, the row's sum 1
clip,class                              # or the class itself, by name or number from 0
clip,class,au1,au4                      # and, if it likes, a probability for each action unit
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mebench.api import MebenchError, Predictions
from mebench.data.clips.file_kind import content_of
from mebench.data.clips.named_rows import class_number, refuse_counting_from_one
from mebench.data.clips.text_rows import text_cells, text_of
from mebench.errors import first_few, near_matches

_SUM = 1e-3
# Headers of a column that holds the predicted class, and what it is called here: no class's name.
_CLASS = ("class", "label", "prediction")
_PREDICTED = "(class)"


def read_answers(
    path: Path, clips: Sequence[str], classes: Sequence[str], au_numbers: Sequence[int]
) -> Predictions:
    """Return what a file says of each clip, in their order.

    Raises:
        MebenchError: there is no file, its header or a cell is not as it should be (row and column are named), or a
            clip is missing, unknown or there twice.
    """
    if not path.is_file():
        raise MebenchError(
            f"the command ended well and wrote no {path.name}: it must write its predictions to {{out}}"
        )
    cells = text_cells(Path(path.name), text_of(Path(path.name), content_of(path)))
    rows = [
        (n, [cell.strip() for cell in each]) for n, each in enumerate(cells, 1) if any(map(str.strip, each))
    ]
    if not rows:
        raise MebenchError(f"{path.name} has blank rows only: its header is clip and a column for each class")
    table = _Table(path.name, rows, classes, au_numbers)
    order = table.order(clips)
    return Predictions(table.probabilities()[order], aus[order] if (aus := table.aus()) is not None else None)


class _Table:
    """Rows under a header that has been found sound."""

    def __init__(
        self, name: str, rows: list[tuple[int, list[str]]], classes: Sequence[str], au_numbers: Sequence[int]
    ) -> None:
        (self._first, header), self._rows = rows[0], rows[1:]
        self._name, self._classes = name, classes
        self._units = [f"au{number}" for number in au_numbers]
        self._places = self._columns(header)
        for row, cells in self._rows:
            if len(cells) != len(header):
                raise MebenchError(
                    f"{name}, row {row}: it has {len(cells)} cells under a header of {len(header)}"
                )

    def _columns(self, header: Sequence[str]) -> dict[str, int]:
        """Return where each column stands, by its name as mebench writes it."""
        known = ("clip", *self._classes, *self._units)
        folded = {each.casefold(): each for each in known}
        folded |= {each: _PREDICTED for each in _CLASS if each not in folded and self._classes}
        places: dict[str, int] = {}
        for place, cell in enumerate(header):
            name = folded.get(re.sub(r"(?i)^au\s*0*(?=\d)", "au", cell).casefold())
            where = f"{self._name}, row {self._first}, column {place + 1}"
            if name is None:
                raise MebenchError(
                    f"{where}: {cell!r} is no column that is due{near_matches(cell, (*known, 'class'))}"
                )
            if name in places:
                raise MebenchError(f"{where}: {cell!r} is there twice; keep one column of {name}")
            places[name] = place
        shares = [name for name in self._classes if name in places]
        wanted = ["clip"]
        if shares and _PREDICTED in places:
            raise MebenchError(
                f"{self._name}, row {self._first}: there are probabilities and a column of classes; keep either"
            )
        wanted += self._classes if shares or (self._classes and _PREDICTED not in places) else []
        wanted += self._units if not self._classes or any(unit in places for unit in self._units) else []
        if missing := [name for name in wanted if name not in places]:
            raise MebenchError(
                f"{self._name}, row {self._first}: the header lacks {first_few(map(repr, missing))} (it has "
                f"{', '.join(header)})"
            )
        return places

    def order(self, clips: Sequence[str]) -> list[int]:
        """Return where each clip's row is."""
        found: dict[str, int] = {}
        due = set(clips)
        for place, (row, clip) in enumerate(self._column("clip")):
            where = f"{self._name}, row {row}, column 'clip'"
            if clip not in due:
                raise MebenchError(
                    f"{where}: {clip!r} is no clip of the test folder (they are {first_few(clips, 2)})"
                )
            if clip in found:
                raise MebenchError(
                    f"{where}: {clip} is there a second time, first in row {self._rows[found[clip]][0]}"
                )
            found[clip] = place
        if missing := [clip for clip in clips if clip not in found]:
            raise MebenchError(
                f"{self._name} lacks {len(missing)} of {len(clips)} clips ({first_few(missing)}): predict every clip "
                "of the test folder"
            )
        return [found[clip] for clip in clips]

    def probabilities(self) -> np.ndarray:
        """Return (rows, classes) float64."""
        classes = self._classes
        if _PREDICTED in self._places:
            cells = self._column(_PREDICTED)
            refuse_counting_from_one(Path(self._name), (text for _, text in cells), classes)
            places = [
                class_number(t, classes, f"{self._name}, row {row}, column 'class'") for row, t in cells
            ]
            return np.eye(len(classes))[places]
        shares = self._shares(classes)
        for (row, _), total in zip(self._rows, shares.sum(axis=1), strict=True):
            if classes and abs(total - 1) > _SUM:
                raise MebenchError(
                    f"{self._name}, row {row}, columns {classes[0]!r} to {classes[-1]!r}: the probabilities sum to "
                    f"{total:.4g}, not to 1"
                )
        return shares

    def aus(self) -> np.ndarray | None:
        """Return (rows, action units) float64; None where the file has none."""
        return self._shares(self._units) if self._units and self._units[0] in self._places else None

    def _shares(self, names: Iterable[str]) -> np.ndarray:
        columns = [[self._share(row, name, text) for row, text in self._column(name)] for name in names]
        return np.array(columns, np.float64).reshape(len(columns), len(self._rows)).T

    def _share(self, row: int, name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not 0 <= value <= 1 + _SUM:
            raise MebenchError(f"{self._name}, row {row}, column {name!r}: {text!r} is no number from 0 to 1")
        return min(value, 1.0)

    def _column(self, name: str) -> list[tuple[int, str]]:
        place = self._places[name]
        return [(row, cells[place]) for row, cells in self._rows]
