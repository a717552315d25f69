"""What a fitted model has learnt, looked at before it is kept: a model that is restored from it must say the same.

    refuse_unkeepable(entry, model, context)        # before anything is computed for it
    state = checked_state(model, train, context)    # after it was fitted

A model may hold something beside its state that its predictions need, such as a mean of the training clips. Nobody
would notice until it predicts for somebody else; so a second one is made of the state at once, and both are asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.models.base import Context, Model, Predictions, TestSet, TrainSet, reads_of
from mebench.models.loading import answering
from mebench.models.portable import portable
from mebench.plugin.entry import Entry

# Training clips that both are asked of.
_ASKED = 8
# Where a GPU adds in no fixed order, the last digits of a float32 differ.
_NEAR = 1e-4


def refuse_unkeepable(entry: Entry, model: Model, context: Context) -> None:
    """Raise where a model of these settings cannot be kept, before it is fitted.

    Raises:
        MebenchError: it cannot; the sentence says why.
    """
    before = set(reads_of(model.settings))
    try:
        with answering(entry, "keeping_fault()"):
            fault = model.keeping_fault(context)
        if not fault:
            portable(model.settings)
    except MebenchError as error:
        fault = str(error)
    reads_of(model.settings).intersection_update(before)  # being looked at is no use of them
    if fault:
        raise MebenchError(f"a fitted {entry.name} cannot be kept: {fault}")


def checked_state(model: Model, train: TrainSet, context: Context) -> dict[str, np.ndarray]:
    """Return the state of a model that was just fitted on some clips.

    Raises:
        MebenchError: it is no arrays by name, or a model that is restored from it predicts otherwise.
    """
    found: Any = model.state()
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(each, np.ndarray) and each.dtype.kind in "biuf"
        for name, each in found.items()
    ):
        raise MebenchError(f"state() of {type(model).__name__} gave no arrays of numbers by name")
    again = type(model)(type(model).Settings(**portable(model.settings).values))
    again.restore(found, replace(context, report=lambda progress: None))
    few = np.arange(min(_ASKED, len(train)))
    asked = TestSet({name: view.take(few) for name, view in train.features.items()}, len(few), train.inputs)
    if not _alike(model.predict(asked), again.predict(asked)):
        raise MebenchError(
            f"{type(model).__name__} cannot be kept: restored from its state() it predicts otherwise; let state() hold "
            "all that predict() uses, a network's as its buffers"
        )
    return dict(found)


def _alike(one: Predictions, other: Predictions) -> bool:
    return all(
        a is b if a is None or b is None else np.allclose(a, b, rtol=0, atol=_NEAR, equal_nan=True)
        for a, b in ((one.probabilities, other.probabilities), (one.aus, other.aus))
    )
