"""What a fitted model says of a user's clip.

    said = predict(fitted, clip)
    said.probabilities       # class -> probability, in the model's order
    said.aus                 # action unit -> probability; empty where it detects none

The inputs are computed from the clip's frames as in training, and nothing is cached.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mebench.errors import MebenchError, first_few, reason_of
from mebench.features.inputs import ClipFrames, Input, as_declared
from mebench.features.reader import ClipReader
from mebench.features.ready import ReadyInput
from mebench.inference.clip import UserClip
from mebench.models.base import Model, Predictions, TestSet
from mebench.models.features import FeatureView

# What the reader notes of pictures, as sentences.
_DONE = {
    "unreadable": "cannot be read and are bridged by others",
    "turned": "are turned as their orientation tag says",
    "several": "are the first of several pictures in their file",
    "faceless": "show no face that was found, and landmarks are placed by a template",
}


class FittedModel(Protocol):
    """What is needed of a fitted model (:class:`mebench.models.fitted.Fitted` is one)."""

    @property
    def model(self) -> Model:
        """The model, restored."""

    @property
    def about(self) -> Mapping[str, Any]:
        """What is kept of it: a :class:`mebench.models.kept.FittedInfo`, or the like."""


@dataclass(frozen=True)
class Said:
    """What a model says of one clip; ``inputs`` are what it was shown, by name, and ``notes`` how that was got."""

    probabilities: dict[str, float]
    aus: dict[str, float]
    inputs: dict[str, np.ndarray]
    notes: tuple[str, ...]

    @property
    def predicted(self) -> str:
        """The class of the highest probability; empty for a model of action units alone."""
        return max(self.probabilities, key=self.probabilities.__getitem__, default="")


def predict(fitted: FittedModel, clip: UserClip) -> Said:
    """Return what a model says of a clip.

    Raises:
        MebenchError: no frame can be read, an input cannot be computed, or the model fails.
    """
    wanted = dict(fitted.model.inputs())
    if files := [name for name, each in wanted.items() if isinstance(each, ReadyInput)]:
        raise MebenchError(
            f"{fitted.about['model']} reads its input {files[0]!r} from published files: it cannot be computed from "
            "a clip"
        )
    arrays = {name: computed(each, clip.reader) for name, each in wanted.items()}
    with one_clip(arrays, wanted) as test:
        try:
            found = fitted.model.predict(test)
        except MebenchError:
            raise
        except Exception as error:
            raise MebenchError(
                f"{fitted.about['model']} failed on clip {clip.name}: {reason_of(error)}"
            ) from error
    classes, units = list(fitted.about["classes"]), [au_name(n) for n in fitted.about["aus"]]
    aus = [] if found.aus is None else _row(found, found.aus, len(units))
    return Said(
        dict(zip(classes, _row(found, found.probabilities, len(classes)), strict=True)),
        dict(zip(units, aus, strict=False)),
        arrays,
        (*_of_inputs(fitted, wanted, clip), *_of_pictures(wanted, clip)),
    )


def made_elsewhere(fitted: FittedModel) -> list[str]:
    """Return the inputs that were read from published files in training and are computed now."""
    return [
        name
        for name, each in fitted.model.inputs().items()
        if fitted.about["inputs"][name]["input"] != each.describe()["input"]
    ]


def au_name(number: int) -> str:
    """Return an action unit's name: ``AU12``."""
    return f"AU{number}"


def computed(wanted: Input, reader: ClipReader) -> np.ndarray:
    """Return an input of a clip, of the shape and type that it declares.

    Raises:
        MebenchError: it gives something else, or its library is not installed.
    """
    return np.array(as_declared(wanted, wanted.compute(reader)))  # one's own: a reader's frames are read-only


@contextmanager
def one_clip(arrays: Mapping[str, np.ndarray], wanted: Mapping[str, Input]) -> Iterator[TestSet]:
    """Yield one clip's inputs as a model is shown test clips."""
    with tempfile.TemporaryDirectory(prefix="mebench-inputs-") as folder:
        views = {}
        for number, (name, array) in enumerate(arrays.items()):
            path = Path(folder) / f"{number}.npy"
            np.save(path, array[np.newaxis])
            views[name] = FeatureView((path,), np.zeros(1, np.int64), np.zeros(1, np.int64))
        yield TestSet(views, 1, dict(wanted))


def _row(found: Predictions, values: np.ndarray, due: int) -> list[float]:
    row = np.asarray(values, float)
    if row.shape != (1, due) or not np.isfinite(row).all():
        raise MebenchError(
            f"the model gave {row.shape} numbers for one clip where {(1, due)} are due, or some that are no numbers"
        )
    return [float(value) for value in row[0]]


def _of_inputs(fitted: FittedModel, wanted: Mapping[str, Input], clip: UserClip) -> Iterator[str]:
    """Yield sentences on inputs that are not what the training clips' were, and on frames that are too few."""
    for name in made_elsewhere(fitted):
        was = fitted.about["inputs"][name]["input"].rpartition(":")[2]
        yield (
            f"{name} is computed from the frames, by {type(wanted[name]).__name__}, and was {was} in training, made by "
            "somebody else's program: the two are not quite alike"
        )
    length = clip.window.offset - clip.window.onset + 1
    for name, each in wanted.items():
        if isinstance(each, ClipFrames) and length < each.n:
            yield f"the window has {length} frames and {name} samples {each.n}: those between are mixed"


def _of_pictures(wanted: Mapping[str, Input], clip: UserClip) -> Iterator[str]:
    """Yield sentences on what was done to pictures that were looked at."""
    notes = clip.reader.notes()
    for kind, what in _DONE.items():
        if numbers := getattr(notes, kind):
            yield f"frame(s) {first_few(numbers, most=8)} {what}"
    side, grey = _look(clip)
    largest = max(
        (getattr(each, "resolution", getattr(each, "size", 0)) for each in wanted.values()), default=0
    )
    if 0 < side <= largest / 2:
        yield f"pictures of {side} pixels are enlarged to {largest}: there is little in them to see"
    if grey:
        yield "the pictures have no colour"


def _look(clip: UserClip) -> tuple[int, bool]:
    """Return the shorter side in pixels of the first picture (0 if it tells none), and whether the apex is grey."""
    from PIL import Image

    shown = clip.reader.frame(clip.window.apex, 64)
    grey = bool((shown == shown[..., :1]).all())
    for path in clip.reader.frames.paths:
        with suppress(OSError), Image.open(path) as picture:
            return min(picture.size), grey
    return 0, grey
