"""Checks of how a model trains: what learns, in which mode, what it reports, and what it does to the machine."""

from __future__ import annotations

import math
from typing import Any

from mebench.models.base import Model, Progress
from mebench.runner.answers import checked
from mebench.testing.checks import Checks, NotAsked
from mebench.testing.model_predictions import difference
from mebench.testing.model_subject import ON_GPU, ON_GPU_HALF, ModelSubject, Way

TRAINING = Checks[ModelSubject]()


@TRAINING.add("every parameter of the network learns")
def learns(subject: ModelSubject) -> str:
    """Published networks of the field hold layers that no gradient ever reaches."""
    return "; ".join(_watcher(subject).gradient_faults())


@TRAINING.add("the network trains in training mode and predicts in evaluation mode")
def modes(subject: ModelSubject) -> str:
    """Dropout that is off in training, or norms that look at the test batch, are faults that no score shows."""
    return "; ".join(_watcher(subject).mode_faults())


@TRAINING.add("what it reports is progress")
def progress(subject: ModelSubject) -> str:
    """Steps count up to their number, and losses are numbers: they are shown live and stored as curves."""
    told = subject.main().progress
    for each in told:
        if not isinstance(each, Progress):
            return f"context.report() got {type(each).__name__}, and a Progress is due"
        if not 1 <= each.step <= each.steps:
            return f"it reported step {each.step} of {each.steps}: count from 1 to the number of steps"
        values = {"loss": each.loss, **each.values}
        if wrong := [
            name for name, value in values.items() if value is not None and not math.isfinite(value)
        ]:
            return f"it reported a {wrong[0]} of {values[wrong[0]]}: report numbers"
    if subject.kind.accelerated and not any(each.loss is not None for each in told):
        return "it reported no loss: call context.report(Progress(epoch, epochs, loss)) after each epoch"
    return ""


@TRAINING.add("it writes nothing outside its folder")
def writes(subject: ModelSubject) -> str:
    """A fold's process may write below $TMPDIR alone: what lies elsewhere could carry labels to the next fold."""
    seen = subject.main().seen
    return (
        f"fit() or predict() wrote {seen.written[0]}: write below tempfile.gettempdir(), if at all, and fetch what you "
        "need in prepare()"
        if seen.written
        else ""
    )


@TRAINING.add("it calls no host")
def calls(subject: ModelSubject) -> str:
    """A fold's process has no network."""
    seen = subject.main().seen
    return (
        f"fit() or predict() connected to {seen.called[0]}: fetch what you need in prepare(), which is called before"
        if seen.called
        else ""
    )


@TRAINING.add("it leaves the process as it found it")
def leaves(subject: ModelSubject) -> str:
    """Other models of a notebook would compute otherwise afterwards."""
    subject.main()
    if not subject.kind.accelerated:
        raise NotAsked("it is no network")
    import torch

    if torch.get_default_dtype() != torch.float32:
        return f"torch's default type is {torch.get_default_dtype()} after its training: set it back"
    if not torch.is_grad_enabled():
        return "gradients are off after its training: use `with torch.no_grad():`"
    return ""


@TRAINING.add("it trains on a GPU")
def on_gpu(subject: ModelSubject) -> str:
    """And what it learnt there predicts on a CPU as it did, but for the last digits."""
    trial = subject.trial(_on_gpu(subject, ON_GPU))
    checked(trial.predictions, len(trial.test), len(trial.context.classes), len(trial.context.au_numbers))
    if trial.model.keeping_fault(trial.context):
        return ""
    here = subject.make()
    here.restore(dict(trial.model.state()), subject.main().context)
    worst = difference(trial.predictions, here.predict(trial.test))
    # TF32 keeps ten bits of a product.
    return (
        f"on the CPU it says other things (by {worst:.2g}) than on the GPU it was trained on"
        if worst > 0.02
        else ""
    )


@TRAINING.add("it trains on a GPU in bfloat16")
def on_gpu_half(subject: ModelSubject) -> str:
    """Which `--precision auto` takes where the GPU computes in it."""
    trial = subject.trial(_on_gpu(subject, ON_GPU_HALF))
    checked(trial.predictions, len(trial.test), len(trial.context.classes), len(trial.context.au_numbers))
    return ""


def watch_of_torch(model: Model) -> Any:
    """Return what watches the network of a torch model with mebench's `network`; None for any other."""
    if not model.accelerated:
        return None
    from mebench.models.conformance import Watched
    from mebench.models.torch import TorchModel

    return Watched(model) if isinstance(model, TorchModel) else None


def _watcher(subject: ModelSubject) -> Any:
    subject.main()
    if subject.watcher is None:
        raise NotAsked("it is no TorchModel")
    return subject.watcher


def _on_gpu(subject: ModelSubject, way: Way) -> Way:
    if not subject.kind.accelerated:
        raise NotAsked("it computes on the CPU alone")
    import torch

    if not torch.cuda.is_available():
        raise NotAsked("there is no GPU here")
    return way
