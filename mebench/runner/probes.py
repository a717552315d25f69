"""Asking a fitted model again in other ways: what it says of a clip must not depend on how it is asked.

    for name, places in questions(12):          # "again", "reversed", "alone", ...
        largest_difference(predictions.take(places), answer)

It is cheap, so that one fold of every seed is asked so. Larger differences mark a run (:mod:`mebench.scoring.trust`):
statistics of the test clips, or memory of former questions, have gone into its predictions. An honest network differs
by the last digits of a float32, since a GPU or a library adds in an order that depends on how many clips there are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mebench.cohort.building import Cohort
from mebench.models.base import Predictions

AGAIN, REVERSED, ALONE = "again", "reversed", "alone"
# What stands for a difference where there is no valid answer: as large as one of probabilities can be.
NO_ANSWER = 1.0
# Clips that are asked for one by one.
_ALONE = 8


def probed_fold(cohort: Cohort) -> str | None:
    """Return the name of the fold whose model is asked again: the first with several test clips, if there is one.

    It is that of every seed, so that whoever runs which seeds first, the records of a run hold the same.
    """
    return next((fold.name for fold in cohort.folds if len(fold.test) > 1), None)


def questions(clips: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what is asked of so many test clips, in which way and which places (k,) of them; ``alone`` comes often."""
    every = np.arange(clips)
    yield AGAIN, every
    yield REVERSED, every[::-1]
    for place in every[:_ALONE]:
        yield ALONE, every[place : place + 1]


def largest_difference(one: Predictions, other: Predictions) -> float:
    """Return the largest absolute difference of two answers of the same clips, of classes and action units alike.

    Both are checked arrays of the same widths. Answers that say different things, one of action units and the other
    none, are as far apart as can be: 1.
    """
    if (one.aus is None) != (other.aus is None):
        return NO_ANSWER
    gaps = [np.abs(one.probabilities - other.probabilities).max(initial=0.0)]
    if one.aus is not None and other.aus is not None:
        gaps.append(np.abs(one.aus - other.aus).max(initial=0.0))
    return float(max(gaps))
