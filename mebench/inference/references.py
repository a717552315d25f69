"""What an explanation compares a clip with.

    references(inputs, shown, reader, "still")      # input name -> array, of what the network is shown instead

- ``still``: the same face held still at its onset. What a network makes of the change is what it makes of the
  *movement*; hair, skin and background are alike in both and can add nothing.
- ``flat``: pictures of their own mean colour, for what a network makes of the whole picture, the person included.

A map of motion has neither: its reference is each channel's median, since most of a face does not move. (Flow pictures
are stretched clip by clip, and no fixed grey of theirs is rest.)
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mebench.data.clips.layout import FrameList
from mebench.data.pictures import read_square
from mebench.features.inputs import Input
from mebench.features.reader import ClipReader
from mebench.inference.predicting import computed

REFERENCES = ("still", "flat")


def references(
    wanted: Mapping[str, Input], shown: Mapping[str, np.ndarray], reader: ClipReader, reference: str
) -> dict[str, np.ndarray]:
    """Return the reference of each input, as the input's own array."""
    return {name: _reference(each, shown[name], reader, reference) for name, each in wanted.items()}


def is_map(wanted: Input) -> bool:
    """Tell whether an input is one picture, or several, of which every place is a place of the face."""
    shape = wanted.shape
    return len(shape) in (3, 4) and shape[-3] == shape[-2] >= 4


def _reference(wanted: Input, shown: np.ndarray, reader: ClipReader, reference: str) -> np.ndarray:
    if wanted.kind == "measurement" and is_map(wanted):
        return _filled(shown, np.median(shown, axis=(-3, -2), keepdims=True))
    if wanted.kind == "picture" and reference == "flat":
        return _filled(shown, shown.mean(axis=(-3, -2), keepdims=True))
    return computed(wanted, _still(reader))


def _filled(like: np.ndarray, value: np.ndarray) -> np.ndarray:
    rounded = np.rint(value) if np.issubdtype(like.dtype, np.integer) else value
    return np.array(np.broadcast_to(rounded, like.shape), like.dtype)


def _still(reader: ClipReader) -> ClipReader:
    """Return a clip whose every frame is the onset's, or the nearest that can be read."""
    frames = reader.frames
    nearest = sorted(zip(frames.numbers, frames.paths, strict=True), key=lambda f: abs(f[0] - reader.onset))
    onset = next(path for _, path in nearest if read_square(path, 8) is not None)
    return ClipReader(
        reader.key,
        reader.onset,
        reader.apex,
        reader.offset,
        FrameList(frames.numbers, (onset,) * len(frames)),
    )
