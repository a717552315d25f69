"""A fold as its own process gets it: how to train, and on which labels; pictures come beside it, as arrays.

    sent = sealed_with(assignment_of(job), seal)    # in the main process, which is trusted
    seal, assignment = unsealed(sent)               # in the fold's, which is locked by then
    assignment()                                    # there it may import the model's module

It holds no path of the run or the cache, no name of a fold, clip or subject, no row and no key. Where the main process
gathers a fold's pictures is all that it needs to know of them; the fold's process sees the numbers.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mebench.errors import MebenchError, reason_of
from mebench.features.inputs import Input
from mebench.models.arithmetic import precision_and_speed
from mebench.models.base import Context, TestSet, TrainSet
from mebench.models.features import FeatureView
from mebench.models.weights import with_absolute_places
from mebench.plugin.local_file import LocalFile
from mebench.runner.jobs import Job
from mebench.runner.messages import Arrays
from mebench.sealed.seal import Seal


@dataclass(frozen=True)
class Assignment:
    """What a fold's process is told before the training clips come. ``file`` is where a target lies that no plugin
    gives; it is first, for what is unpickled after it may be of that file. The rest is as in :class:`Job`.
    """

    file: LocalFile | None
    target: str
    settings: Mapping[str, Any]
    labels: np.ndarray
    aus: np.ndarray
    subjects: np.ndarray
    inputs: Mapping[str, Input]
    test_inputs: Mapping[str, Input]
    seed: int
    classes: tuple[str, ...]
    au_numbers: tuple[int, ...]
    device: str
    precision: str
    threads: int
    assigned: tuple[str, ...]
    selection: str
    keep_state: bool

    def train_set(self, features: Arrays) -> TrainSet:
        """Return the training clips of gathered arrays, in the order of the labels."""
        return TrainSet(_views(features), self.labels, self.aus, self.subjects, self.inputs)

    def test_set(self, features: Arrays, size: int) -> TestSet:
        """Return clips to predict of gathered arrays."""
        return TestSet(_views(features), size, self.test_inputs)

    def context(self, report: Any) -> Context:
        """Return what a model is told; ``report`` is called with each :class:`Progress`."""
        precision, fast = precision_and_speed(self.precision)
        return Context(
            self.seed,
            self.classes,
            self.au_numbers,
            self.device,
            precision,
            report,
            self.assigned,
            self.threads,
            self.selection,
            fast,
        )


def assignment_of(job: Job) -> Assignment:
    """Return what of a job its own process may see."""
    train = job.train
    return Assignment(
        file=job.file,
        target=job.target,
        settings=with_absolute_places(job.settings),
        labels=train.labels,
        aus=train.aus,
        subjects=train.subjects,
        inputs=train.inputs,
        test_inputs=job.test.inputs,
        seed=job.seed,
        classes=job.classes,
        au_numbers=job.au_numbers,
        device=job.device,
        precision=job.precision,
        threads=job.threads,
        assigned=job.assigned,
        selection=job.selection,
        keep_state=job.keep_state,
    )


def sealed_with(assignment: Any, seal: Seal) -> bytes:
    """Return an assignment, of one fold or of several, with the seal by which it can tell what it was refused.

    Raises:
        MebenchError: a setting or an input cannot be pickled.
    """
    try:
        return pickle.dumps((seal, pickle.dumps(assignment)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise MebenchError(
            f"the settings and inputs of a model cannot be sent to its fold's process: {reason_of(error)}"
        ) from error


def unsealed(sent: bytes) -> tuple[Seal, Callable[[], Any]]:
    """Return a seal, and what unpickles the assignment, for which the model's module may be imported."""
    seal, inner = pickle.loads(sent)
    return seal, partial(pickle.loads, inner)


def gathered(features: Mapping[str, FeatureView], places: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return the clips of each input as one array (n, ...), in the order of the views, or of ``places`` in it."""
    return {name: view[:] if places is None else view[places] for name, view in features.items()}


def _views(features: Arrays) -> dict[str, FeatureView]:
    return {name: FeatureView.of_array(array) for name, array in features.items()}
