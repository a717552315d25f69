"""Other ways of asking a fold's question, and how far two answers are apart.

reversed_job = asked(job, np.arange(len(job.test))[::-1])
largest_difference(plain, answered.predictions)          # 0 to 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mebench.models.base import Predictions, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.runner.jobs import Job
from mebench.runner.probes import difference


def asked(job: Job, places: np.ndarray) -> Job:
    """Return a job that asks for some of its test clips, in an order of their places, int (n,)."""
    features = {name: view.take(places) for name, view in job.test.features.items()}
    return replace(job, test=TestSet(features, len(places), job.test.inputs))


def with_foreign(job: Job, most: int) -> Job:
    """Return a job that asks for training clips, too: up to ``most`` of them behind its own test clips."""
    taken = np.arange(len(job.train))[:: max(1, len(job.train) // most)][:most]
    return replace(job, test=_joined(job.test, job.train, taken))


def rows(predictions: Predictions, places: np.ndarray) -> Predictions:
    """Return the predictions of some clips."""
    aus = predictions.aus
    return Predictions(predictions.probabilities[places], None if aus is None else aus[places])


def largest_difference(one: Predictions, other: Predictions) -> float:
    """Return the largest absolute difference of two answers of the same clips, of classes and action units alike.

    Answers that say different things, one of action units and the other none, are as far apart as can be: 1.
    """
    return difference(one, np.arange(len(one.probabilities)), other)


def same_bytes(one: Predictions, other: Predictions) -> bool:
    """Return whether two answers are the same to the last bit."""
    return _bytes(one) == _bytes(other)


def told(difference: float) -> str:
    """Return a difference as sentences say it.

    >>> told(0.0), told(5.96e-08), told(0.25)
    ('0', '6e-08', '0.25')
    """
    return "0" if difference == 0 else f"{difference:.1g}" if difference < 1e-3 else f"{difference:.2g}"


def _bytes(predictions: Predictions) -> tuple[bytes, bytes]:
    aus = b"" if predictions.aus is None else predictions.aus.tobytes()
    return predictions.probabilities.tobytes(), aus


def _joined(test: TestSet, train: TrainSet, places: np.ndarray) -> TestSet:
    features: Mapping[str, FeatureView] = {
        name: replace(
            view,
            parts=np.concatenate([view.parts, train.features[name].parts[places]]),
            rows=np.concatenate([view.rows, train.features[name].rows[places]]),
        )
        for name, view in test.features.items()
    }
    return TestSet(features, len(test) + len(places), test.inputs)
