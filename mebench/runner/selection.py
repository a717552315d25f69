"""Which epoch of a training makes the predictions: the rule, and who chooses by it.

    last     the last one; nothing is chosen
    inner    the best on subjects that were split off the training subjects; the worker chooses
    oracle   the best on the fold's own test clips, as much published code does; the main process chooses

Under ``oracle`` the worker predicts the test clips with the network of each epoch, after training has ended. It holds
no label of theirs: only the main process, which has them, can say which epoch was best. Among equally good epochs
every rule takes the EARLIEST.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.errors import MebenchError
from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet
from mebench.models.epoch_rules import INNER
from mebench.models.inner import inner_split, refuse_too_few
from mebench.runner.answers import checked
from mebench.scoring.au_scores import AU_THRESHOLD
from mebench.scoring.metrics import au_confusion, confusion, mean_au_f1, uf1


@dataclass(frozen=True)
class Chosen:
    """An epoch that was chosen of ``epochs``, counted from 1.

    ``equal`` are all that are as good, itself the first of them; ``validated_on`` is the number of clips that were
    split off the training clips to choose it by, 0 under ``oracle``.
    """

    epoch: int
    equal: tuple[int, ...]
    epochs: int
    validated_on: int = 0

    def recorded(self) -> dict[str, Any]:
        """Return what a record says of it."""
        told = {"epoch": self.epoch, "equal_epochs": list(self.equal), "epochs": self.epochs}
        return told | ({"validated_on": self.validated_on} if self.validated_on else {})


def refuse_rule(name: str, model: Model, selection: str) -> None:
    """Raise where a model cannot follow a rule, before anything is computed.

    Raises:
        MebenchError: its epochs cannot be had again, or it has none.
    """
    if selection not in model.selections:
        raise MebenchError(
            f"model {name!r} keeps no epochs, of which the rule {selection!r} could choose one: use the rule 'last' "
            "or a model that trains by mebench's own loop"
        )


def refuse_few_subjects(selection: str, cohort: Cohort, folds: Collection[str]) -> None:
    """Raise where a fold of those named has too few training subjects for the rule ``inner``.

    Raises:
        MebenchError: there are fewer than three.
    """
    if selection == INNER:
        groups = cohort.clips["group"].to_numpy()
        for fold in filter(lambda fold: fold.name in folds, cohort.folds):
            refuse_too_few(len(np.unique(groups[fold.train])))


def best_epoch(scores: Sequence[float], validated_on: int = 0) -> Chosen:
    """Return the epoch of the highest score, the earliest of those that have it.

    A score that is not known (NaN) is lower than any other; where none is known, the last epoch stands.

    >>> best_epoch([0.5, 0.7, 0.6, 0.7])
    Chosen(epoch=2, equal=(2, 4), epochs=4, validated_on=0)
    """
    values = np.asarray(scores, np.float64)
    if np.isnan(values).all():
        return Chosen(len(scores), (len(scores),), len(scores), validated_on)
    equal = tuple(int(place) + 1 for place in np.flatnonzero(values == np.nanmax(values)))
    return Chosen(equal[0], equal, len(scores), validated_on)


def right_clips(probabilities: np.ndarray, labels: np.ndarray) -> int:
    """Return how many of some clips are told rightly: probabilities (n, C), class numbers (n,)."""
    return int((probabilities.argmax(axis=1) == labels).sum())


def unit_score(probabilities: np.ndarray, aus: np.ndarray) -> float:
    """Return the mean F1 of the action units that occur: probabilities (n, K), 1, 0 or unknown (n, K).

    Clips whose owner coded no action units are left out; NaN where nothing is known.
    """
    coded = (aus != AU_UNKNOWN).all(axis=1)
    return float(mean_au_f1(au_confusion(aus[coded], probabilities[coded] > AU_THRESHOLD))[0])


def fit_by(selection: str, model: Model, train: TrainSet, context: Context) -> Chosen | None:
    """Fit a model; under ``inner``, let it become that of the epoch which is best on validation subjects.

    Best is the highest UF1 of the validation clips, all pooled, and of action units alone the highest mean F1.

    Returns:
        The epoch chosen; None under another rule, which chooses none here.

    Raises:
        MebenchError: the model kept no epoch though the rule asks for it, or there are too few subjects.
    """
    if selection != INNER:
        model.fit(train, context)
        return None
    train, validation = inner_split(train, context.seed)
    model.fit(train, context)
    asked = TestSet(validation.features, len(validation), validation.inputs)
    scores = []
    for epoch in range(1, _epochs(model) + 1):
        model.use_epoch(epoch)
        scores.append(_validation_score(model.predict(asked), validation, context))
    chosen = best_epoch(scores, len(validation))
    model.use_epoch(chosen.epoch)
    return chosen


def earlier_predictions(model: Model, test: TestSet) -> Iterator[Predictions]:
    """Yield what the model of each epoch but the last predicts, in order, and leave the model as it was at the last.

    Raises:
        MebenchError: the model kept no epoch.
    """
    epochs = _epochs(model)
    for epoch in range(1, epochs):
        model.use_epoch(epoch)
        yield model.predict(test)
    model.use_epoch(epochs)


def _epochs(model: Model) -> int:
    epochs = model.epochs_kept()
    if epochs < 1:
        raise MebenchError(
            f"{type(model).__name__} kept no epoch, though its selections say that it does: call keep_epoch() after "
            "each epoch, or let selections be {'last'}"
        )
    return epochs


def _validation_score(predictions: Predictions, clips: TrainSet, context: Context) -> float:
    classes = len(context.classes)
    found = checked(predictions, len(clips), classes, len(context.au_numbers))
    if not classes:
        return unit_score(np.asarray(found.aus), clips.aus)
    return float(uf1(confusion(clips.labels, found.probabilities.argmax(axis=1), classes)))
