"""What a fold's process and the main process say to each other, as strict JSON; arrays travel beside it.

    main to fold    {"fit": true} and the training arrays; {"predict": 12, "epochs": false} and test arrays;
                    {"finish": true}
    fold to main    {"progress": [step, steps, loss, values]}, any number of them;
                    {"fitted": true, "seconds": 2.5, "peak": MiB, "chosen": null};
                    {"predicted": true, "seconds": 0.1, "peak": MiB, "epochs": 0} and its answers;
                    {"finished": true} and what the model has learnt; {"failure": sentence, "trace": text}

The fold's process runs a stranger's code: the main process believes the form of nothing that it says. What reads a
message here raises :class:`MebenchError` for one of another form.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.models.base import Predictions, Progress
from mebench.runner.answers import numbers_of
from mebench.runner.selection import Chosen

Message = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_PROBABILITIES, _AUS = "probabilities", "aus"
# Epochs that a training can have kept; their predictions come in one message.
_MOST_EPOCHS = 100_000


def kind_of(message: Message) -> str:
    """Return which of its messages a fold's process says: the one word that names it."""
    kinds = [each for each in ("progress", "fitted", "predicted", "finished", "failure") if each in message]
    if len(kinds) != 1:
        raise MebenchError(f"the fold's process said {shortened(message)}, which is none of its messages")
    return kinds[0]


def progress_message(progress: Progress) -> dict[str, Any]:
    """Return a report of plain numbers as a message."""
    values = {name: _written(value) for name, value in progress.values.items()}
    loss = None if progress.loss is None else _written(progress.loss)
    return {"progress": [progress.step, progress.steps, loss, values]}


def progress_of(message: Message) -> Progress:
    """Return the report that a message is."""
    found = message["progress"]
    if not isinstance(found, list) or len(found) != 4 or not isinstance(found[3], dict):
        raise MebenchError(f"the fold's process reported {shortened(found)}, which is no progress")
    step, steps, loss, values = found
    return Progress(
        whole(step, "a step", -(2**53)),
        whole(steps, "a number of steps", -(2**53)),
        None if loss is None else _read(loss),
        {name: _read(value) for name, value in values.items()},
    )


def chosen_message(chosen: Chosen | None) -> dict[str, Any] | None:
    """Return an epoch that was chosen as a part of a message."""
    if chosen is None:
        return None
    return {
        "epoch": chosen.epoch,
        "equal": list(chosen.equal),
        "epochs": chosen.epochs,
        "validated_on": chosen.validated_on,
    }


def chosen_of(found: Any, clips: int) -> Chosen:
    """Return the epoch that was chosen by some of so many training clips."""
    names = ("epoch", "equal", "epochs", "validated_on")
    if not isinstance(found, dict) or set(found) != set(names) or not isinstance(found["equal"], list):
        raise MebenchError(f"the fold's process chose {shortened(found)}, which is no epoch")
    epochs = whole(found["epochs"], "a number of epochs", 1, _MOST_EPOCHS)
    equal = tuple(whole(each, "an epoch", 1, epochs) for each in found["equal"])
    epoch = whole(found["epoch"], "an epoch", 1, epochs)
    if not equal or equal[0] != epoch or list(equal) != sorted(set(equal)):
        raise MebenchError(
            f"the fold's process chose {shortened(found)}, which is not the first of equal epochs"
        )
    return Chosen(
        epoch, equal, epochs, whole(found["validated_on"], "a number of clips", 1, max(1, clips - 1))
    )


def answer_arrays(predictions: Predictions, epochs: Sequence[Predictions]) -> dict[str, np.ndarray]:
    """Return predictions, and those of each epoch, as arrays by name.

    Raises:
        MebenchError: they are no arrays of numbers.
    """
    found = {}
    for place, each in enumerate([predictions, *epochs]):
        found[f"{place} {_PROBABILITIES}"] = numbers_of(_PROBABILITIES, each.probabilities)
        if each.aus is not None:
            found[f"{place} {_AUS}"] = numbers_of("action unit probabilities", each.aus)
    return found


def answers_of(message: Message, arrays: Arrays) -> tuple[Predictions, tuple[Predictions, ...]]:
    """Return the predictions that a message has, and those of each epoch; their shapes are as they are."""
    epochs = whole(message.get("epochs"), "a number of epochs", 0, _MOST_EPOCHS)
    found = []
    for place in range(epochs + 1):
        if f"{place} {_PROBABILITIES}" not in arrays:
            raise MebenchError("the fold's process predicted without giving probabilities")
        found.append(Predictions(arrays[f"{place} {_PROBABILITIES}"], arrays.get(f"{place} {_AUS}")))
    return found[0], tuple(found[1:])


def amount(value: Any, what: str) -> float:
    """Return a number that is finite and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise MebenchError(f"the fold's process gave {shortened(value)} as {what}")
    return float(value)


def whole(value: Any, what: str, least: int = 0, most: int = 2**53) -> int:
    """Return a whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise MebenchError(f"the fold's process gave {shortened(value)} as {what}")
    return value


def shortened(value: Any) -> str:
    """Return how a value of a message is written, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _written(value: float) -> float | str:
    # JSON has no word for what is not finite.
    return value if math.isfinite(value) else str(value)


def _read(value: Any) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MebenchError(f"the fold's process reported {shortened(value)}, which is no number")
    return float(value)
