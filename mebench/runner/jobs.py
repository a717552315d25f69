"""A fold as it is sent to a worker: training clips with labels, test clips without.

The test clips are shuffled, so that neither their names nor their order tell a model anything; only
:class:`JobFactory`, in the main process, can put the predictions back in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold
from mebench.errors import MebenchError
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.models.base import Predictions, TestSet, TrainSet
from mebench.models.features import cohort_view
from mebench.plugin.local_file import LocalFile
from mebench.records import Task
from mebench.runner.seeds import derive_seed


@dataclass(frozen=True)
class Job:
    """Everything a worker gets. It holds no label of a test clip.

    ``assigned`` are the settings that the user set and nothing has read yet. ``file`` is where a target lies that no
    plugin gives. It comes first: unpickled, it makes the target's module importable, of which the rest may hold
    instances.
    """

    file: LocalFile | None = field(default=None, kw_only=True)
    task: Task
    target: str
    settings: Mapping[str, Any]
    train: TrainSet
    test: TestSet
    seed: int
    classes: tuple[str, ...]
    au_numbers: tuple[int, ...]
    device: str
    precision: str
    threads: int
    log: Path
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoldResult:
    """What a worker gives back, in the shuffled order of its test clips.

    ``curves`` are what the model reported while it learnt, by name: a value, or None, for each step.
    """

    predictions: Predictions
    fit_seconds: float
    predict_seconds: float
    peak_memory_mib: float
    curves: Mapping[str, list[float | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class JobFactory:
    """Makes jobs of a cohort's folds, and records of their results."""

    cohort: Cohort
    features: Mapping[str, Mapping[str, Features]]  # input name -> dataset -> array
    target: str
    settings: Mapping[str, Any]
    device: str
    precision: str
    threads: int
    shuffle_labels: bool
    logs: Path
    assigned: tuple[str, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=dict)
    file: LocalFile | None = None

    def job(self, task: Task) -> Job:
        """Return the job of a fold and seed."""
        cohort, fold = self.cohort, self._fold(task)
        seed = self._seed(task)
        labels = cohort.clips["label"].to_numpy(np.int64)[fold.train]
        aus = cohort.aus[fold.train]
        if self.shuffle_labels:
            # Emotions and action units move together, so that only the tie to the pictures is cut.
            order = np.random.default_rng(derive_seed(seed, "shuffled labels")).permutation(len(labels))
            labels, aus = labels[order], aus[order]
        subjects = np.unique(cohort.clips["group"].to_numpy()[fold.train], return_inverse=True)[1]
        test = fold.test[self._shuffle(task)]
        views = {name: cohort_view(cohort, arrays) for name, arrays in self.features.items()}
        return Job(
            file=self.file,
            task=task,
            target=self.target,
            settings=self.settings,
            train=TrainSet(
                {n: v.take(fold.train) for n, v in views.items()}, labels, aus, subjects, self.inputs
            ),
            test=TestSet({n: v.take(test) for n, v in views.items()}, len(test), self.inputs),
            seed=seed,
            classes=cohort.protocol.classes,
            au_numbers=cohort.protocol.aus,
            device=self.device,
            precision=self.precision,
            threads=self.threads,
            log=self.log(task),
            assigned=self.assigned,
        )

    def log(self, task: Task) -> Path:
        """Return the path of what a fold's model prints."""
        return self.logs / f"{task.stem}.log"

    def record(self, task: Task, result: FoldResult) -> dict[str, Any]:
        """Return a record's content: predictions by clip key, in the cohort's order.

        Raises:
            MebenchError: the predictions have the wrong shape or are no probabilities.
        """
        fold = self._fold(task)
        n, order = len(fold.test), np.argsort(self._shuffle(task))
        classes = len(self.cohort.protocol.classes)
        probabilities = _checked("probabilities", result.predictions.probabilities, (n, classes))[order]
        if classes:
            sums = probabilities.sum(axis=1)
            worst = sums[np.abs(sums - 1).argmax()]
            if abs(worst - 1) > 1e-3:
                raise MebenchError(f"the model's probabilities of a clip sum to {worst:.4g}, not to 1")
        aus = result.predictions.aus
        if aus is None and not classes:
            raise MebenchError("the model detects no action units, and the protocol asks for nothing else")
        if aus is not None:
            aus = _checked("action unit probabilities", aus, (n, len(self.cohort.protocol.aus)))[order]
        keys = self.cohort.clips["key"].to_numpy()[fold.test]
        predictions = []
        for i, key in enumerate(keys):
            prediction: dict[str, Any] = {"clip": str(key), "probabilities": _plain(probabilities[i])}
            if aus is not None:
                prediction["aus"] = _plain(aus[i])
            predictions.append(prediction)
        curves = {name: [_short(value) for value in values] for name, values in result.curves.items()}
        return {
            **({"curves": curves} if curves else {}),
            "derived_seed": self._seed(task),
            "trained_on": len(fold.train),
            "predictions": predictions,
            "device": self.device,
            "precision": self.precision,
            "threads": self.threads,
            "fit_seconds": round(result.fit_seconds, 3),
            "predict_seconds": round(result.predict_seconds, 3),
            "peak_memory_mib": round(result.peak_memory_mib, 1),
        }

    def _fold(self, task: Task) -> Fold:
        return next(fold for fold in self.cohort.folds if fold.name == task.fold)

    def _seed(self, task: Task) -> int:
        return derive_seed(task.seed, self.cohort.protocol.name, task.fold)

    def _shuffle(self, task: Task) -> np.ndarray:
        rng = np.random.default_rng(derive_seed(self._seed(task), "order of test clips"))
        return rng.permutation(len(self._fold(task).test))


def _checked(what: str, values: Any, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MebenchError(f"the model gave {what} that are no array of numbers ({error})") from error
    if array.shape != shape:
        raise MebenchError(f"the model gave {what} of shape {array.shape} where {shape} is due")
    if not np.isfinite(array).all() or array.min(initial=0) < -1e-6 or array.max(initial=0) > 1 + 1e-6:
        raise MebenchError(f"the model gave {what} that are not between 0 and 1")
    return array


def _plain(values: np.ndarray) -> list[float]:
    # Nine digits carry a float32 exactly.
    return [float(f"{value:.9g}") for value in values]


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
