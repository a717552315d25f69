"""Predictions that were made outside mebench, as files hold them.

    predictions = read_predictions(Path("log.txt"), protocol.classes, spellings)

Three forms are read. A table has a header with the columns ``dataset, subject, clip, prediction`` (or a column of
probabilities for each class) and perhaps ``truth`` and ``onset``. A log as MEGC2019 asks for has a line
``dataset subject`` for each subject, and under it a line ``filename ground_truth predicted`` for each clip. What
training scripts print has a subject, ``Predicted:`` and ``Truth:`` for each fold (:mod:`mebench.scoring.fold_log`).
Classes are names, or numbers counted from 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mebench.data.clips.fields import SPELLINGS, fitting, fold_name
from mebench.data.clips.file_kind import content_of, kind_of
from mebench.data.clips.matching import NamedClip
from mebench.data.clips.named_rows import (
    cell_at,
    class_number,
    dataset_of,
    places_in,
    read_named,
    refuse_counting_from_one,
    text_at,
)
from mebench.data.clips.text_rows import Rows, text_of, word_rows
from mebench.data.clips.workbook import table_rows
from mebench.errors import MebenchError, MebenchWarning
from mebench.scoring.fold_log import FoldLines, is_fold_log, read_fold_log

_FIELDS = ("dataset", "subject", "clip", "prediction", "truth", "onset")
_NEEDED = ("subject", "clip", "prediction")
_PROBABILITY = ("p", "prob", "probs", "proba", "probability", "score")


@dataclass(frozen=True)
class OutsidePrediction:
    """One clip's predicted class number, and the true one and a probability a class where the file gives them."""

    clip: NamedClip
    predicted: int
    truth: int | None = None
    probabilities: tuple[float, ...] = ()


def read_predictions(
    path: Path, classes: Sequence[str], spellings: Mapping[str, str], form: str = "auto"
) -> list[OutsidePrediction] | list[FoldLines]:
    """Read a file of predictions.

    Args:
        path: the file.
        classes: the protocol's class names; a class's place is its number.
        spellings: see :func:`mebench.data.clips.names.dataset_names`.
        form: ``auto``, ``csv`` (any table), ``megc`` or ``folds``; ``auto`` takes lines of truth and prediction for
            a training script's, and a first line of two words for a log's.

    Raises:
        MebenchError: the file cannot be read, or a row is not of its form or names no dataset or class.
    """
    content = content_of(path)
    text = text_of(path, content) if kind_of(path, content) == "text" else ""
    words = word_rows(text)
    if form == "auto":
        form = "folds" if is_fold_log(text) else "megc" if words and len(words[0][1]) == 2 else "csv"
    if form == "folds":
        return read_fold_log(path, text, classes, spellings)
    found = (
        _read_log(path, words, classes, spellings)
        if form == "megc"
        else read_rows(path, table_rows(path), classes, spellings)
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
    if not rows:
        return []
    row, header = rows[0]
    probabilities = _probability_places(path, header, classes)
    # A column that holds a class's probability is none of the others, whatever it is called.
    plain = ["" if place in probabilities else cell for place, cell in enumerate(header)]
    places = places_in(path, plain, dict.fromkeys(_FIELDS, ()))
    needed = (*_NEEDED[: 2 if probabilities else 3],)
    if missing := [name for name in needed if name not in places]:
        raise MebenchError(
            f"{path}, row {row}: the header lacks {', '.join(map(repr, missing))} (it has {', '.join(header)}); it "
            "must name the columns dataset, subject, clip and prediction"
        )
    _refuse_two_predictions(path, plain)
    for name in ("prediction", "truth"):
        texts = (text_at(cells, places.get(name)) for _, cells in rows[1:])
        refuse_counting_from_one(path, texts, classes)
    found = []
    ties = []
    for row, cells in rows[1:]:
        clip = read_named(path, row, cells, places, spellings)
        where = f"{path}, row {row}, {clip}"
        given = [
            _probability(cell_at(path, row, cells, place, header[place]), where) for place in probabilities
        ]
        highest = [place for place, value in enumerate(given) if value == max(given)]
        if "prediction" in places:
            text = cell_at(path, row, cells, places["prediction"], "prediction")
            predicted = class_number(text, classes, where)
            if given and predicted not in highest:
                raise MebenchError(
                    f"{where}: the prediction is {classes[predicted]}, and the highest probability is that of "
                    f"{classes[highest[0]]}; keep the column that is meant"
                )
        else:
            predicted = highest[0]
            ties += [str(row)] if len(highest) > 1 else []
        truth = text_at(cells, places.get("truth"))
        found.append(
            OutsidePrediction(
                clip, predicted, class_number(truth, classes, where) if truth else None, tuple(given)
            )
        )
    if ties:
        warnings.warn(
            f"{path}: in {len(ties)} row(s) several classes share the highest probability, and the first of them "
            f"counts (row {ties[0]} is one)",
            MebenchWarning,
            stacklevel=3,
        )
    return found


def _probability_places(path: Path, header: Sequence[str], classes: Sequence[str]) -> list[int]:
    """Return where each class's probability stands, or nothing where the header has none."""
    folded = [fold_name(cell) for cell in header]
    found: dict[str, int] = {}
    for number, name in enumerate(classes):
        words = [fold_name(name), str(number)]
        accepted = [f"{each}{word}" for word in words for each in _PROBABILITY]
        accepted += [f"{words[0]}{each}" for each in _PROBABILITY[1:]]
        places = [place for place, cell in enumerate(folded) if cell in accepted]
        if len(places) > 1:
            two = " and ".join(repr(header[place]) for place in places)
            raise MebenchError(f"{path}: {two} are both probabilities of {name}; keep one of them")
        if places:
            found[name] = places[0]
    if not found and all(fold_name(name) in folded for name in classes):
        found = {name: folded.index(fold_name(name)) for name in classes}
    if found and (missing := [name for name in classes if name not in found]):
        raise MebenchError(
            f"{path}: the header has probabilities of {', '.join(found)} and none of {', '.join(missing)}; give one "
            "for each class"
        )
    return [found[name] for name in classes] if found else []


def _probability(text: str, where: str) -> float:
    try:
        value = float(text.replace(",", ".") if "." not in text else text)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise MebenchError(f"{where}: the probability {text!r} is no number; correct it")
    return value


def _refuse_two_predictions(path: Path, header: Sequence[str]) -> None:
    places = fitting(header, [fold_name(spelling) for spelling in SPELLINGS["prediction"]])
    if len(places) > 1:
        two = " and ".join(repr(header[place]) for place in sorted(places))
        raise MebenchError(f"{path}: the columns {two} both hold predictions; keep the one that is meant")


def _read_log(
    path: Path, rows: Rows, classes: Sequence[str], spellings: Mapping[str, str]
) -> list[OutsidePrediction]:
    lines = [words for _, words in rows if len(words) == 3]
    for place in (1, 2):
        refuse_counting_from_one(path, (words[place] for words in lines), classes)
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
