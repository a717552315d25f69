"""Apex spotting: which frame of a clip is its apex, where the owner's annotation does not say.

    spot_apex(reader)                      # a frame number from reader.onset to reader.offset
    spot_apex(reader, method="flow")       # surer and slower; needs mebench[flow]
    SpottedApexFrame(size=112)             # the same as a model's input

The reader's own apex is not looked at. A clip whose apex was found so should say ``apex_source="spotted"``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.errors import UnknownNameError
from mebench.features.flow import optical_flow
from mebench.features.grey import grey
from mebench.features.inputs import Input, positive
from mebench.features.reader import ClipReader

METHODS = ("difference", "flow")

_GRID = 8  # cells each way
_MOVING = 16  # of the 64 cells: an expression moves a part of the face


@dataclass(frozen=True)
class SpottedApexFrame(Input):
    """The frame that :func:`spot_apex` finds, (size, size, 3) RGB, whatever apex the owner annotates."""

    size: int = 112
    method: str = "difference"

    def __post_init__(self) -> None:
        positive("size", self.size)
        if self.method not in METHODS:
            raise UnknownNameError("method of apex spotting", self.method, METHODS)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the spotted frame."""
        return clip.frame(spot_apex(clip, self.method), self.size)


def spot_apex(clip: ClipReader, method: str = "difference", size: int = 128) -> int:
    """Return the number of the frame that differs most from both onset and offset.

    Each frame's distance to the first and to the last one is taken in cells of 8 x 8; the quarter of the
    cells that differ most counts, and :func:`divide_and_conquer` finds the peak. This follows the search
    over regions of Liong et al. 2015 ("Automatic apex frame spotting in micro-expression database", ACPR),
    without landmarks: cells take the place of their regions of interest. The sum of two distances does not
    rise where the head drifts from one pose to another.

    Args:
        clip: its readable frames from onset to offset; with fewer than three, the first one is the apex.
        method: ``difference``, of grey values after the frame's mean is taken off, or ``flow``, the length
            of optical flow after the motion of the head (the affine flow nearest to it) is taken off. On
            synthetic faces whose heads move, ``difference`` is hardly better than the middle frame, and
            ``flow`` errs by less than half as much.
        size: side of the frames that are compared, in pixels; at least 32.

    Raises:
        MebenchError: the method is unknown, no frame can be read, or ``flow`` lacks its library.
    """
    if method not in METHODS:
        raise UnknownNameError("method of apex spotting", method, METHODS)
    numbers = clip.frames.between(clip.onset, clip.offset).numbers
    if len(numbers) < 3:
        return numbers[0] if numbers else clip.onset
    frames = grey(np.stack([clip.frame(number, size) for number in numbers]))
    distance = _differences if method == "difference" else _flow_lengths
    cells = _cell_means(distance(frames, frames[0]) + distance(frames, frames[-1]))
    return numbers[divide_and_conquer(np.sort(cells, axis=1)[:, -_MOVING:].mean(axis=1))]


def divide_and_conquer(curve: np.ndarray) -> int:
    """Return the index of a curve's broadest peak: the half of larger mean is halved until one is left.

    A spike of one frame (a blink, a flash) thus does not outweigh a rise that lasts. Of two equal halves,
    the earlier one counts.

    >>> divide_and_conquer(np.array([0, 0, 9, 0, 5, 6, 5, 4]))
    5
    """
    first, end = 0, len(curve)
    while end - first > 1:
        middle = (first + end) // 2
        if curve[first:middle].mean() >= curve[middle:end].mean():
            end = middle
        else:
            first = middle
    return first


def _differences(frames: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return how much each frame differs, (T, H, W), untouched by the brightness of the light."""
    light = frames.mean(axis=(1, 2), keepdims=True)
    difference: np.ndarray = np.abs((frames - light) - (reference - reference.mean()))
    return difference


def _flow_lengths(frames: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Return how far each pixel moved, (T, H, W), besides what shift, turn and zoom of the head moved it."""
    _, height, width = frames.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    places = np.stack([np.ones_like(x), x, y], axis=1)
    lengths = []
    for frame in frames:
        flow = optical_flow(reference, frame, "dis").reshape(-1, 2)
        head, *_ = np.linalg.lstsq(places, flow, rcond=None)
        lengths.append(np.linalg.norm(flow - places @ head, axis=1).reshape(height, width))
    return np.stack(lengths)


def _cell_means(maps: np.ndarray) -> np.ndarray:
    """Return the means of maps (T, H, W) over a grid of cells, (T, cells)."""
    rows = [band.mean(axis=1) for band in np.array_split(maps, _GRID, axis=1)]
    cells = [column.mean(axis=2) for column in np.array_split(np.stack(rows, axis=1), _GRID, axis=2)]
    return np.stack(cells, axis=2).reshape(len(maps), -1)
