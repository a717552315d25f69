"""Predictions that were made outside mebench, as files hold them.

    predictions = read_predictions(Path("log.txt"), protocol.classes, spellings)

Two forms are read. A CSV has a header with the columns ``dataset, subject, clip, prediction`` and perhaps
``truth`` and ``onset``. A log as MEGC2019 asks for has a line ``dataset subject`` for each subject, and under
it a line ``filename ground_truth predicted`` for each clip. Classes are names, or numbers counted from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mebench.data.clips.matching import NamedClip
from mebench.data.clips.named_rows import class_number, dataset_of, read_named
from mebench.data.clips.text_rows import Rows, cell_at, columns_of, csv_rows, read_text, word_rows
from mebench.errors import MebenchError

_SPELLINGS = {
    "dataset": ("dataset",),
    "subject": ("subject",),
    "clip": ("clip", "filename"),
    "prediction": ("prediction", "predicted"),
    "truth": ("truth", "ground_truth"),
    "onset": ("onset",),
}


@dataclass(frozen=True)
class OutsidePrediction:
    """One clip's predicted class number, and the true one where the file gives it."""

    clip: NamedClip
    predicted: int
    truth: int | None = None


def read_predictions(
    path: Path, classes: Sequence[str], spellings: Mapping[str, str], form: str = "auto"
) -> list[OutsidePrediction]:
    """Read a file of predictions.

    Args:
        path: the file.
        classes: the protocol's class names; a class's place is its number.
        spellings: see :func:`mebench.data.clips.names.dataset_names`.
        form: ``auto``, ``csv`` or ``megc``; ``auto`` takes a first line of two words for a log's.

    Raises:
        MebenchError: the file cannot be read, or a row is not of its form or names no dataset or class.
    """
    text = read_text(path)
    words = word_rows(text)
    if form == "auto":
        form = "megc" if len(words[0][1]) == 2 else "csv"
    found = (
        _read_log(path, words, classes, spellings)
        if form == "megc"
        else read_rows(path, csv_rows(path, text), classes, spellings)
    )
    if not found:
        raise MebenchError(f"{path} holds no prediction: give one row a clip")
    return found


def read_rows(
    path: Path, rows: Rows, classes: Sequence[str], spellings: Mapping[str, str]
) -> list[OutsidePrediction]:
    """Read the rows of a table of predictions, whose first is the header; ``path`` is for messages.

    Raises:
        MebenchError: as for :func:`read_predictions`.
    """
    places = columns_of(rows[0][1], _SPELLINGS)
    if missing := [name for name in ("dataset", "subject", "clip", "prediction") if name not in places]:
        raise MebenchError(
            f"{path}, row {rows[0][0]}: the header lacks {', '.join(map(repr, missing))}; it must name the "
            "columns dataset, subject, clip and prediction"
        )
    found = []
    for row, cells in rows[1:]:
        clip = read_named(path, row, cells, places, spellings)
        where = f"{path}, row {row}, {clip}"
        predicted = class_number(
            cell_at(path, row, cells, places["prediction"], "prediction"), classes, where
        )
        given = cells[places["truth"]] if places.get("truth", len(cells)) < len(cells) else ""
        found.append(
            OutsidePrediction(clip, predicted, class_number(given, classes, where) if given else None)
        )
    return found


def _read_log(
    path: Path, rows: Rows, classes: Sequence[str], spellings: Mapping[str, str]
) -> list[OutsidePrediction]:
    found = []
    dataset = subject = ""
    for row, words in rows:
        where = f"{path}, row {row}"
        if len(words) == 2:
            dataset, subject = dataset_of(words[0], spellings, where), words[1]
            continue
        if len(words) != 3 or not dataset:
            raise MebenchError(
                f"{where}: {' '.join(words)!r} is neither 'dataset subject' nor, under such a line, "
                "'filename ground_truth predicted'"
            )
        clip = NamedClip(row, dataset, subject, words[0])
        truth, predicted = (class_number(word, classes, f"{where}, {clip}") for word in words[1:])
        found.append(OutsidePrediction(clip, predicted, truth))
    return found
