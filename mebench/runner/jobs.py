"""A fold as it is sent to a worker: training clips with labels, test clips without.

The test clips come in an order that a secret of the user's decides, so that neither their names nor their order tell a
model anything; only :class:`JobFactory`, in the main process, can put the predictions back in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.splits import Fold
from mebench.errors import MebenchError
from mebench.evidence.digests import derive_seed
from mebench.features.inputs import Input
from mebench.features.store import Features
from mebench.models.base import Predictions, TestSet, TrainSet
from mebench.models.epoch_rules import LAST, ORACLE
from mebench.models.features import FeatureView, cohort_view
from mebench.models.outside import Outside
from mebench.plain_text import plain, plain_lines
from mebench.plugin.local_file import LocalFile
from mebench.records import Task
from mebench.run_info import RecordedPrediction
from mebench.runner.answers import checked, rows_of
from mebench.runner.order import secret_order
from mebench.runner.selection import Chosen, best_epoch, right_clips, unit_score
from mebench.runner.timeout import DAY
from mebench.sealed.in_force import NONE

_LONGEST_REASON = 1_000
_LONGEST_TRACE = 100_000


@dataclass(frozen=True)
class Job:
    """A fold to run, for executors: it can be pickled, and holds no label of a test clip.

    The fold's own process gets still less of it (:mod:`mebench.runner.assignment`). ``assigned`` are the settings that
    the user set and nothing has read yet. ``file`` is where a target lies that no
    plugin gives. It comes first: unpickled, it makes the target's module importable, of which the rest may hold
    instances. ``keep_state`` asks for what the model has learnt. There may be no test clips: then it is only fitted.
    ``probes`` asks for its predictions again in other ways (:mod:`mebench.runner.probes`). ``code`` names modules that
    it imports beside the target's, ``outside`` is what it uses of the machine, ``protected`` are folders that the
    fold's process must not read whatever else it may; ``timeout`` is how many seconds it has, and
    ``require_isolation`` ends it where it cannot be kept from files and the network.
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
    selection: str = LAST
    keep_state: bool = False
    probes: bool = False
    code: tuple[str, ...] = ()
    outside: Outside = field(default_factory=Outside)
    protected: tuple[Path, ...] = ()
    timeout: float = DAY
    require_isolation: bool = False


@dataclass(frozen=True)
class FoldResult:
    """What a worker gives back, in the shuffled order of its test clips.

    ``curves`` are what the model reported while it learnt, by name: a value, or None, for each step. ``epochs`` are
    the predictions of each epoch, the last among them, where the main process is to choose one; ``chosen`` is the epoch
    that the worker chose, by clips split off the training clips. ``state`` is what the model has learnt, where the job
    asks for it. ``isolation`` is what kept the fold's process from everything else, ``none`` where nothing did;
    ``probes`` are the largest differences that asking in other ways made, where the job asks for them; ``together`` are
    the folds that were trained as one network with it, itself among them, where any were.
    """

    predictions: Predictions
    fit_seconds: float
    predict_seconds: float
    peak_memory_mib: float
    curves: Mapping[str, list[float | None]] = field(default_factory=dict)
    epochs: tuple[Predictions, ...] = ()
    chosen: Chosen | None = None
    state: Mapping[str, np.ndarray] | None = None
    isolation: str = NONE
    probes: Mapping[str, float] = field(default_factory=dict)
    together: tuple[Task, ...] = ()


@dataclass(frozen=True)
class Failure:
    """Why a fold has no result: one sentence, and the traceback for who wants it."""

    reason: str
    trace: str = ""

    @staticmethod
    def told(message: Mapping[str, Any]) -> Failure:
        """Return what a fold's process says of its failure, cut to what anybody reads."""
        reason, trace = (str(message.get(name) or "") for name in ("failure", "trace"))
        sentence = plain(" ".join(reason[:_LONGEST_REASON].split())) or "it failed without a reason"
        if len(reason) > _LONGEST_REASON:
            sentence += " ..."
        return Failure(sentence, plain_lines(trace[-_LONGEST_TRACE:]))


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
    selection: str = LAST
    keep_state: bool = False
    probed: str | None = None
    outside: Outside = field(default_factory=Outside)
    protected: tuple[Path, ...] = ()
    timeout: float = DAY
    require_isolation: bool = False

    def job(self, task: Task) -> Job:
        """Return the job of a fold and seed."""
        cohort, fold = self.cohort, self._fold(task)
        seed = self.seed(task)
        labels = cohort.clips["label"].to_numpy(np.int64)[fold.train]
        aus = cohort.aus[fold.train]
        if self.shuffle_labels:
            # Emotions and action units move together, so that only the tie to the pictures is cut.
            order = np.random.default_rng(derive_seed(seed, "shuffled labels")).permutation(len(labels))
            labels, aus = labels[order], aus[order]
        subjects = np.unique(cohort.clips["group"].to_numpy()[fold.train], return_inverse=True)[1]
        test = fold.test[self._shuffle(task)]
        views = self._views
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
            selection=self.selection,
            keep_state=self.keep_state,
            probes=task.fold == self.probed,
            outside=self.outside,
            protected=self.protected,
            timeout=self.timeout,
            require_isolation=self.require_isolation,
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
        order = np.argsort(self._shuffle(task))
        predictions, chosen = self._in_order(order, result.predictions), result.chosen
        of_choice: dict[str, Any] = {}
        if self.selection == ORACLE:
            of_choice["last"] = self._rows(fold, predictions)
            epochs = [self._in_order(order, each) for each in result.epochs]
            chosen = self._best(fold, epochs)
            predictions = epochs[chosen.epoch - 1]
        if chosen:
            of_choice |= chosen.recorded()
        curves = {name: [_short(value) for value in values] for name, values in result.curves.items()}
        return {
            **({"curves": curves} if curves else {}),
            **(
                {"checks": {n: float(f"{value:.6g}") for n, value in result.probes.items()}}
                if result.probes
                else {}
            ),
            "isolation": result.isolation,
            **(
                {"together": [{"seed": each.seed, "fold": each.fold} for each in sorted(result.together)]}
                if result.together
                else {}
            ),
            "derived_seed": self.seed(task),
            "trained_on": len(fold.train) - (chosen.validated_on if chosen else 0),
            "predictions": self._rows(fold, predictions),
            **of_choice,
            "device": self.device,
            "precision": self.precision,
            "threads": self.threads,
            "fit_seconds": round(result.fit_seconds, 3),
            "predict_seconds": round(result.predict_seconds, 3),
            "peak_memory_mib": round(result.peak_memory_mib, 1),
        }

    def _best(self, fold: Fold, epochs: Sequence[Predictions]) -> Chosen:
        """Return the best epoch on the test clips: of most right clips, or of action units alone of highest mean F1."""
        if not epochs:
            raise MebenchError(
                "there are no predictions of each epoch, of which the rule 'oracle' takes the best"
            )
        if self.cohort.protocol.classes:
            labels = self.cohort.clips["label"].to_numpy()[fold.test]
            return best_epoch([right_clips(each.probabilities, labels) for each in epochs])
        aus = self.cohort.aus[fold.test]
        return best_epoch([unit_score(np.asarray(each.aus), aus) for each in epochs])

    def _in_order(self, order: np.ndarray, predictions: Predictions) -> Predictions:
        """Return predictions as arrays, checked, in the cohort's order of the fold's test clips."""
        protocol = self.cohort.protocol
        found = checked(predictions, len(order), len(protocol.classes), len(protocol.aus))
        return found.take(order)

    def _rows(self, fold: Fold, predictions: Predictions) -> list[RecordedPrediction]:
        return rows_of(predictions, self.cohort.clips["key"].to_numpy()[fold.test])

    def _fold(self, task: Task) -> Fold:
        return self._folds[task.fold]

    @cached_property
    def _folds(self) -> dict[str, Fold]:
        return {fold.name: fold for fold in self.cohort.folds}

    @cached_property
    def _views(self) -> dict[str, FeatureView]:
        return {name: cohort_view(self.cohort, arrays) for name, arrays in self.features.items()}

    def seed(self, task: Task) -> int:
        """Return the seed that a fold and the run's seed give."""
        return derive_seed(task.seed, self.cohort.protocol.name, task.fold)

    def _shuffle(self, task: Task) -> np.ndarray:
        """Return in which order the fold's test clips are asked for, as places in the cohort's order of them."""
        keys = self.cohort.clips["key"].to_numpy()[self._fold(task).test]
        return secret_order(self.seed(task), keys)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
