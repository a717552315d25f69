"""Whether a model's probabilities can be taken at their word: reliability bins and expected calibration error.

    found = calibration(read_predictions(directory))
    found["ece"]["mean"], found["bins"][9]["right"]

The probability of the predicted class counts, as in C. Guo et al., "On Calibration of Modern Neural Networks", ICML
2017, in ten bins of equal width: the error is the mean distance, over answers, of a bin's mean probability from its
share of right answers. With few clips it is above nothing even for a model that knows how sure it may be.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from mebench.scoring.metrics import Floats
from mebench.scoring.rebuild import Pooled
from mebench.scoring.schema import Spread
from mebench.scoring.summaries import spread

BINS = 10


class CalibrationBin(TypedDict):
    """Answers with a probability above ``low`` and up to ``high``, all seeds' together.

    ``confidence`` is their mean probability and ``right`` the share that is right; None where there is no answer.
    """

    low: float
    high: float
    answers: int
    confidence: float | None
    right: float | None


class Calibration(TypedDict):
    """The bins of all seeds together, and the expected calibration error of each seed."""

    bins: list[CalibrationBin]
    ece: Spread


def calibration(pooled: Pooled) -> Calibration:
    """Return how well calibrated a run's predictions of classes are; the protocol must have classes."""
    truth = pooled.truth
    sure, right = [], []
    for probabilities in pooled.predictions.values():
        chosen = probabilities.argmax(axis=1)
        sure.append(np.clip(probabilities.max(axis=1), 0.0, 1.0))
        right.append(chosen == truth)
    errors = [_ece(*_counts(each, hits)) for each, hits in zip(sure, right, strict=True)]
    answers, said, hit = _counts(np.concatenate(sure), np.concatenate(right))
    bins: list[CalibrationBin] = [
        {
            "low": place / BINS,
            "high": (place + 1) / BINS,
            "answers": int(count),
            "confidence": float(said[place] / count) if count else None,
            "right": float(hit[place] / count) if count else None,
        }
        for place, count in enumerate(answers)
    ]
    return {"bins": bins, "ece": spread(np.array(errors))}


def _counts(sure: Floats, right: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """Return of each bin how many answers there are, their summed probabilities, and how many are right."""
    place = np.clip(np.ceil(sure * BINS - 1e-9).astype(np.int64) - 1, 0, BINS - 1)
    weights = (np.ones(len(sure)), sure, right.astype(np.float64))
    answers, said, hit = (np.bincount(place, each, BINS).astype(np.float64) for each in weights)
    return answers, said, hit


def _ece(answers: Floats, said: Floats, hit: Floats) -> float:
    return float(np.abs(said - hit).sum() / answers.sum())
