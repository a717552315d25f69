"""Checks of whether a model gives the same again: fitted twice, after another fit, kept and restored, pickled."""

from __future__ import annotations

import pickle
from dataclasses import replace

from mebench.models.base import Predictions
from mebench.models.keeping import checked_state, refuse_unkeepable
from mebench.models.settings import refuse_unread
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.model_predictions import difference
from mebench.testing.model_subject import AGAIN, FEW, KEEPING, OTHER_SEED, REFITTED, ModelSubject

REPEATS = Checks[ModelSubject]()


@REPEATS.add("two trainings with one seed give the same bytes")
def determined(subject: ModelSubject) -> str:
    """Chance is drawn from context.seed alone, whatever other code has done to the shared generators before."""
    return _differs(
        subject.main().predictions,
        subject.trial(AGAIN).predictions,
        "two trainings with one seed say other things",
        "draw all chance from context.seed, as seed_everything(context.seed) sees to",
    )


@REPEATS.add("a training after another one is as if it were the first")
def refitted(subject: ModelSubject) -> str:
    """What fit() leaves in the model, its class or its module must not reach the next fit()."""
    return _differs(
        subject.trial(FEW).predictions,
        subject.trial(REFITTED).predictions,
        "fitted after another fit it says other things",
        "make all that is learnt anew in fit()",
    )


@REPEATS.add("another seed trains another network")
def seeded(subject: ModelSubject) -> str:
    """A seed fixed in the code makes the spread over seeds a lie."""
    if not subject.kind.accelerated:
        raise NotAsked("it is no network: it may draw no chance")
    if difference(subject.trial(FEW).predictions, subject.trial(OTHER_SEED).predictions) == 0:
        return (
            "trainings with the seeds 1 and 2 give the same bytes: use context.seed, and no seed of your own"
        )
    return ""


@REPEATS.add("what it learnt can be kept, or it says why not")
def kept(subject: ModelSubject) -> str:
    """`mebench fit` keeps state() and predicts with what restore() makes of it."""
    trial = subject.trial(AGAIN)
    if why := trial.model.keeping_fault(trial.context):
        raise NotAsked(f"it cannot be kept: {why}")
    refuse_unkeepable(subject.chosen[0], trial.model, trial.context)
    checked_state(trial.model, trial.train, trial.context)
    return ""


@REPEATS.add("restored, it says the same bytes")
def restored(subject: ModelSubject) -> str:
    """A restored model is asked of clips that it never saw."""
    trial = subject.trial(AGAIN)
    if why := trial.model.keeping_fault(trial.context):
        raise NotAsked(f"it cannot be kept: {why}")
    other = subject.make()
    other.restore(dict(trial.model.state()), replace(trial.context, report=lambda progress: None))
    return _differs(
        trial.predictions,
        other.predict(trial.test),
        "restored from its state() it says other things",
        "let state() hold all",
    )


@REPEATS.add("fitted, it can be pickled")
def pickled(subject: ModelSubject) -> str:
    """Notebooks and process pools carry fitted models about."""
    trial = subject.trial(AGAIN)
    again = pickle.loads(pickle.dumps(trial.model))
    return _differs(
        trial.predictions,
        again.predict(trial.test),
        "pickled and back it says other things",
        "keep all that is learnt in the model",
    )


@REPEATS.add("every setting that was given is read")
def read(subject: ModelSubject) -> str:
    """A run refuses a setting that changed nothing, once it has been trained."""
    model = subject.trial(AGAIN).model
    refuse_unread(model.settings, subject.assigned)
    return ""


@REPEATS.add("it keeps its epochs if it says so")
def epochs(subject: ModelSubject) -> str:
    """`--selection inner` and `oracle` take one of the epochs that a training went through."""
    if subject.kind.selections == {"last"}:
        raise NotAsked("it follows no rule of choosing an epoch but 'last'")
    trial = subject.trial(KEEPING)
    if not (number := trial.model.epochs_kept()):
        return (
            "its selections hold more than 'last', and fit() kept no epoch: call self.keep_epoch() after each"
        )
    trial.model.use_epoch(number)
    return _differs(
        trial.predictions,
        trial.model.predict(trial.test),
        "its last epoch is not what it predicted with",
        "keep an epoch when it ends",
    )


def _differs(one: Predictions, other: Predictions, what: str, mend: str) -> str:
    """Return what is wrong, by how much, and how to mend it, where two answers are not the same."""
    worst = difference(one, other)
    return f"{what} (by {worst:.2g}): {mend}" if worst else ""
