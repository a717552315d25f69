"""Scores of predictions that were made outside mebench, on a cohort's labels.

    result = score_outside(cohort, read_predictions(path, cohort.protocol.classes, spellings))
    result["scores"]["uf1"]["mean"]

The labels are always the cohort's. A file that lacks clips has no score, for what is left out is rarely
left out by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.differences import DropReasons, renumbered
from mebench.cohort.names import spellings_of
from mebench.cohort.protocol import Protocol
from mebench.data.clips.matching import match_clips, some
from mebench.errors import MebenchError
from mebench.plugin.registry import Registry
from mebench.scoring.fold_log import FoldLines, clips_of_folds
from mebench.scoring.outside import OutsidePrediction, read_predictions
from mebench.scoring.schema import Scores
from mebench.scoring.scores import score


class TruthDiffers(TypedDict):
    """A row whose given truth is not the cohort's label, which was used."""

    row: int
    clip: str
    given: str
    label: str


class OutsideScores(TypedDict):
    """What :func:`score_outside` gives."""

    clips_due: int
    missing: list[str]
    truth_differs: list[TruthDiffers]
    renumbered: dict[str, str] | None
    scores: Scores


def score_file(
    registry: Registry, file: Path, cohort: Cohort, *, form: str = "auto", allow_missing: bool = False
) -> OutsideScores:
    """Score the predictions in a file; see :func:`score_outside` and
    :func:`mebench.scoring.outside.read_predictions`, whose errors it raises.
    """
    classes = classes_of(cohort.protocol)
    predictions = read_predictions(file, classes, spellings_of(registry, cohort.protocol), form)
    return score_outside(cohort, predictions, allow_missing=allow_missing)


def classes_of(protocol: Protocol) -> tuple[str, ...]:
    """Return a protocol's classes.

    Raises:
        MebenchError: it has none, so that predictions of classes do not fit it.
    """
    if not protocol.classes:
        raise MebenchError(
            f"{protocol.name} has action units and no classes: outside predictions are of classes"
        )
    return protocol.classes


def score_outside(
    cohort: Cohort, read: Sequence[OutsidePrediction] | Sequence[FoldLines], *, allow_missing: bool = False
) -> OutsideScores:
    """Score predictions for every clip that the cohort tests, or with ``allow_missing`` for some.

    Returns:
        ``clips_due``, how many clips the cohort tests; ``missing``, the keys of those without a prediction;
        ``truth_differs``, rows whose given truth is not the cohort's label, as ``{"row", "clip", "given",
        "label"}``; ``renumbered``, the file's class -> the cohort's where all of them fit one permutation of the
        classes, so that no score means anything, else None; and ``scores``, as
        :func:`mebench.scoring.scores.score` has them, with the one set of predictions as seed 0.

    Raises:
        MebenchError: a row names no clip of the cohort, or a clip a second time; or clips are missing.
    """
    if cohort.repeats > 1:
        raise MebenchError(
            f"{cohort.protocol.name} tests every clip {cohort.repeats} times, and a file holds one prediction a clip: "
            "choose a protocol without repeats"
        )
    tested = (cohort.clips["fold"] != "").to_numpy()
    predictions = _by_clip(cohort, read, tested)
    named = [prediction.clip for prediction in predictions]
    matched = match_clips(cohort.clips, named)
    matched.refuse_unclear()
    why = DropReasons(cohort)
    refused = [(named[place], why.of(named[place]) or "not in the cohort") for place in matched.unknown]
    refused += [
        (named[place], "only trained on, never tested")
        for row, place in matched.rows.items()
        if not tested[row]
    ]
    if refused:
        rows = some([f"row {clip.row}, {clip}: {reason}" for clip, reason in refused])
        raise MebenchError(
            f"{len(refused)} row(s) name no clip that {cohort.protocol.name} tests ({rows}); correct or remove "
            "them"
        )
    due = np.flatnonzero(tested)
    there = np.array([row for row in due if row in matched.rows], dtype=np.int64)
    keys = list(cohort.clips["key"])
    missing = [keys[row] for row in due if row not in matched.rows]
    if missing and not allow_missing:
        raise MebenchError(
            f"{len(missing)} of {len(due)} clips have no prediction ({some(missing)}); add them, or score the "
            "others with --allow-missing, which the result will say"
        )
    given = [predictions[matched.rows[row]] for row in there]
    clips = cohort.clips.iloc[there]
    classes = cohort.protocol.classes
    return {
        "clips_due": len(due),
        "missing": missing,
        "truth_differs": [
            {"row": one.clip.row, "clip": key, "given": classes[one.truth], "label": classes[label]}
            for one, key, label in zip(given, clips["key"], clips["label"], strict=True)
            if one.truth not in (None, label)
        ],
        "renumbered": renumbered(
            [
                (one.truth, int(label))
                for one, label in zip(given, clips["label"], strict=True)
                if one.truth is not None
            ],
            classes,
        ),
        "scores": score(
            keys=list(clips["key"]),
            truth=clips["label"].to_numpy(),
            subjects=list(clips["group"]),
            datasets=list(clips["dataset"]),
            folds=list(clips["fold"]),
            classes=classes,
            predictions={0: [_probabilities(one, len(classes)) for one in given]},
        ),
    }


def _by_clip(
    cohort: Cohort, read: Sequence[OutsidePrediction] | Sequence[FoldLines], tested: np.ndarray
) -> list[OutsidePrediction]:
    """Return a prediction for each clip; those of a log without clips are joined by subject and true class."""
    folds = [each for each in read if isinstance(each, FoldLines)]
    joined = clips_of_folds(cohort.clips[tested], folds, cohort.protocol.classes) if folds else []
    return [
        *(each for each in read if isinstance(each, OutsidePrediction)),
        *(OutsidePrediction(clip, predicted, truth) for clip, predicted, truth in joined),
    ]


def _probabilities(one: OutsidePrediction, classes: int) -> np.ndarray:
    given = np.array(one.probabilities)
    # Among equals the scorer takes the first, where the file may have decided otherwise.
    return given if given.size and given.argmax() == one.predicted else np.eye(classes)[one.predicted]
