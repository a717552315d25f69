"""Checks of what a model says of test clips, and of whether one clip's answer depends on the others."""

from __future__ import annotations

import numpy as np

from mebench.models.base import Predictions
from mebench.runner.answers import checked
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.model_subject import MAIN, ModelSubject

PREDICTIONS = Checks[ModelSubject]()

# Batches of other sizes are summed in other orders: an honest network's float32 differs by up to 1e-7 or so, one whose
# norms take their statistics from the test batch by 0.1 to 1.
_NEAR = 1e-4


@PREDICTIONS.add("it can be fitted on six clips and predicts five")
def fits(subject: ModelSubject) -> str:
    """The least that is asked of a model, on noise in the shapes of its inputs."""
    subject.trial(MAIN)
    return ""


@PREDICTIONS.add("it gives a probability for each class")
def probabilities(subject: ModelSubject) -> str:
    """(clips, classes), finite, between 0 and 1, and of each clip summing to 1."""
    trial = subject.main()
    checked(trial.predictions, len(trial.test), len(trial.context.classes), len(trial.context.au_numbers))
    return ""


@PREDICTIONS.add("it detects action units if it says so, and only then")
def units(subject: ModelSubject) -> str:
    """`detects_aus` decides under which protocols it may run."""
    said = subject.main().predictions.aus
    if subject.kind.detects_aus and said is None:
        return "it says detects_aus = True and gives Predictions without aus: return both, or say False"
    return ""


@PREDICTIONS.add("asked again it says the same")
def again(subject: ModelSubject) -> str:
    """A prediction that draws chance, or changes the model, makes a score that nobody can repeat."""
    trial = subject.main()
    return _differs(
        trial.predictions, trial.model.predict(trial.test), 0.0, "when it is asked a second time: "
    )


@PREDICTIONS.add("the order of test clips changes nothing")
def order(subject: ModelSubject) -> str:
    """Test clips come in an order that means nothing."""
    trial = subject.main()
    clips = np.arange(len(trial.test))[::-1]
    said = trial.model.predict(trial.test.take(clips))
    return _differs(trial.predictions.take(clips), said, _NEAR, "when its test clips come in reverse order: ")


@PREDICTIONS.add("a clip alone gets the answer that it gets among others")
def alone(subject: ModelSubject) -> str:
    """Statistics over the test clips are knowledge of them that no single clip of a user brings."""
    trial = subject.main()
    for clip in np.array([[0], [len(trial.test) - 1]]):
        said = trial.model.predict(trial.test.take(clip))
        if fault := _differs(trial.predictions.take(clip), said, _NEAR, "of a test clip that comes alone: "):
            return fault
    return ""


@PREDICTIONS.add("it leaves training labels as they are")
def labels(subject: ModelSubject) -> str:
    """The arrays are the fold's, and a second training reads them again."""
    trial = subject.main()
    for name, given in trial.given.items():
        if not np.array_equal(getattr(trial.train, name), given):
            return f"fit() changed train.{name}: work on a copy"
    return ""


def _differs(one: Predictions, other: Predictions, near: float, when: str) -> str:
    worst = difference(one, other)
    if worst <= near:
        return ""
    return (
        f"it says something else {when}the largest difference is {worst:.2g}; predict each clip by itself, in "
        "evaluation mode, without chance, and change nothing in predict()"
    )


def difference(one: Predictions, other: Predictions) -> float:
    """Return the largest difference between two predictions; infinite where one lacks what the other has."""
    if (one.aus is None) != (other.aus is None):
        return float("inf")
    pairs = [(one.probabilities, other.probabilities)]
    if one.aus is not None and other.aus is not None:
        pairs.append((one.aus, other.aus))
    if any(np.shape(a) != np.shape(b) for a, b in pairs):
        return float("inf")
    worst = [float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max(initial=0)) for a, b in pairs]
    return float("inf") if np.isnan(worst).any() else max(worst)


def need_units(subject: ModelSubject) -> None:
    """Skip where a model detects no action units."""
    if not subject.kind.detects_aus:
        raise NotAsked("it detects no action units")
