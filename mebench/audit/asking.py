"""Other ways of asking a fold's question.

reversed_job = asked(job, np.arange(len(job.test))[::-1])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mebench.models.base import TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.runner.jobs import Job


def asked(job: Job, places: np.ndarray) -> Job:
    """Return a job that asks for some of its test clips, in an order of their places, int (n,)."""
    return replace(job, test=job.test.take(places))


def with_foreign(job: Job, most: int) -> Job:
    """Return a job that asks for training clips, too: up to ``most`` of them behind its own test clips."""
    taken = np.arange(len(job.train))[:: max(1, len(job.train) // most)][:most]
    return replace(job, test=_joined(job.test, job.train, taken))


def told(difference: float) -> str:
    """Return a difference as sentences say it.

    >>> told(0.0), told(5.96e-08), told(0.25)
    ('0', '6e-08', '0.25')
    """
    return "0" if difference == 0 else f"{difference:.1g}" if difference < 1e-3 else f"{difference:.2g}"


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
