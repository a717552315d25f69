"""What a worker says of its test clips: looked at, and brought into the form of a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mebench.errors import MebenchError
from mebench.models.base import Predictions
from mebench.run_info import RecordedPrediction


def checked(predictions: Predictions, clips: int, classes: int, units: int) -> Predictions:
    """Return predictions as float64 arrays, (clips, classes) and (clips, units) or None.

    Raises:
        MebenchError: they have another shape or are no probabilities.
    """
    probabilities = _checked("probabilities", predictions.probabilities, (clips, classes))
    if classes:
        sums = probabilities.sum(axis=1)
        worst = sums[np.abs(sums - 1).argmax()]
        if abs(worst - 1) > 1e-3:
            raise MebenchError(f"the model's probabilities of a clip sum to {worst:.4g}, not to 1")
    aus = predictions.aus
    if aus is None and not classes:
        raise MebenchError("the model detects no action units, and the protocol asks for nothing else")
    if aus is not None:
        aus = _checked("action unit probabilities", aus, (clips, units))
    return Predictions(probabilities, aus)


def rows_of(predictions: Predictions, keys: Sequence[str]) -> list[RecordedPrediction]:
    """Return what a record holds of checked predictions, a row for each clip key in its order."""
    rows: list[RecordedPrediction] = []
    for i, key in enumerate(keys):
        row: RecordedPrediction = {"clip": str(key), "probabilities": _plain(predictions.probabilities[i])}
        if predictions.aus is not None:
            row["aus"] = _plain(predictions.aus[i])
        rows.append(row)
    return rows


def numbers_of(what: str, values: Any) -> np.ndarray:
    """Return what a model gave as an array of numbers, float64 unless it is one already.

    Raises:
        MebenchError: it is none.
    """
    try:
        array = np.asarray(values)
        return (
            array
            if array.dtype.kind in "biuf" and array.dtype.itemsize <= 8
            else np.asarray(values, dtype=np.float64)
        )
    except (TypeError, ValueError, RuntimeError) as error:
        raise MebenchError(f"the model gave {what} that are no array of numbers ({error})") from error


def _checked(what: str, values: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = numbers_of(what, values).astype(np.float64, copy=False)
    if array.shape != shape:
        raise MebenchError(f"the model gave {what} of shape {array.shape} where {shape} is due")
    if not np.isfinite(array).all() or array.min(initial=0) < -1e-6 or array.max(initial=0) > 1 + 1e-6:
        raise MebenchError(f"the model gave {what} that are not between 0 and 1")
    return array


def _plain(values: np.ndarray) -> list[float]:
    # Nine digits carry a float32 exactly.
    return [float(f"{value:.9g}") for value in values]
