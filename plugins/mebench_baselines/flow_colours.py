"""Optical flow as colour pictures: the direction is the hue, how far things moved is the brightness.

    FlowColours(size=224)                  # onset to magnified apex, uint8 (224, 224, 3): EMR
    FlowColourFrames(n=11, size=384)       # onset to frames around the apex, uint8 (11, 384, 384, 3): SLSTT

They are measurements, since a mirror or another light would tell of other motions: a model gets their bytes, channels
last, as floats of 0 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.api import ClipReader, FlowInput, MagnifiedFrames, grey, magnify, optical_flow, positive, shrink


def flow_colours(flow: np.ndarray, saturation: np.ndarray | float = 1.0) -> np.ndarray:
    """Return a flow (H, W, 2) as RGB, uint8 (H, W, 3).

    The hue is the flow's angle, clockwise from the right since y grows downwards: right is red, down yellow-green,
    left cyan, up violet. The value is its length, stretched from the shortest (black) to the longest (255) of this
    picture; where all are of one length the picture is black.

    Args:
        flow: (u, v), in any unit.
        saturation: 0 to 1, one number or (H, W).
    """
    u, v = (flow[..., i].astype(np.float64) for i in (0, 1))
    length = np.hypot(u, v)
    low, high = length.min(), length.max()
    value = (length - low) / (high - low) if high > low else np.zeros_like(length)
    sixths = np.arctan2(v, u) % (2 * np.pi) * (3 / np.pi)
    # Each channel is full within one sixth of its own hue, then falls to nothing over another (Smith 1978).
    away = np.stack([np.abs((sixths - own + 3) % 6 - 3) for own in (0, 2, 4)], axis=-1)
    pure = np.clip(2 - away, 0, 1)
    share = np.broadcast_to(np.asarray(saturation, np.float64), length.shape)[..., None]
    picture: np.ndarray = np.rint(255 * value[..., None] * (1 - share + share * pure)).astype(np.uint8)
    return picture


def saturation_of(picture: np.ndarray) -> np.ndarray:
    """Return how far each pixel of an RGB picture (H, W, 3) is from grey, 0 to 1, (H, W)."""
    high, low = picture.max(axis=-1).astype(np.float64), picture.min(axis=-1).astype(np.float64)
    share: np.ndarray = (high - low) / np.maximum(high, 1)
    return share


@dataclass(frozen=True)
class FlowColours(FlowInput):
    """Flow from the onset to the magnified apex in colour, uint8 (size, size, 3); the apex gives the saturation.

    ``alpha``, ``fast``, ``slow`` and ``wavelength`` are those of :func:`mebench.api.magnify`; with
    ``alpha`` 0 nothing is magnified.
    """

    size: int = 224
    alpha: float = 10.0
    fast: float = 0.4
    slow: float = 0.05
    wavelength: float = 16.0

    def __post_init__(self) -> None:
        super().__post_init__()
        MagnifiedFrames(1, self.size, self.alpha, self.fast, self.slow, self.wavelength)  # knows the limits

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the coloured flow."""
        frames = (
            np.rint(clip.at(number, self.resolution)).astype(np.uint8)
            for number in range(clip.onset, clip.apex + 1)
        )
        onset = apex = None
        for apex in magnify(frames, self.alpha, self.fast, self.slow, self.wavelength):
            onset = apex if onset is None else onset
        assert onset is not None
        assert apex is not None
        flow = optical_flow(grey(onset), grey(apex), self.method)
        return flow_colours(
            shrink(flow, self.size), shrink(saturation_of(apex)[..., None], self.size)[..., 0]
        )


@dataclass(frozen=True)
class FlowColourFrames(FlowInput):
    """Flow from the onset to ``n`` frames around the apex in colour, uint8 (n, size, size, 3): SLSTT's long-term flow.

    The frames follow each other, the apex in their middle; where the clip ends too early they are fewer, and some
    stand twice (:meth:`numbers`). Every picture is stretched by itself, and of full saturation.
    """

    method: str = "farneback"
    n: int = 11
    size: int = 384
    resolution: int = 384

    def __post_init__(self) -> None:
        super().__post_init__()
        positive("n", self.n)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (n, size, size, 3)."""
        return (self.n, self.size, self.size, 3)

    def numbers(self, onset: int, apex: int, offset: int) -> list[int]:
        """Return the frame numbers, (n,), ascending.

        >>> FlowColourFrames(n=5).numbers(10, 20, 40)
        [18, 19, 20, 21, 22]
        >>> FlowColourFrames(n=5).numbers(10, 11, 13)
        [11, 12, 12, 12, 13]
        """
        first = min(max(apex - self.n // 2, onset + 1), offset)
        last = min(first + self.n - 1, offset)
        numbers: list[int] = np.rint(np.linspace(first, last, self.n)).astype(int).tolist()
        return numbers

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the coloured flow to each frame."""
        flows = self.from_onset(clip, self.numbers(clip.onset, clip.apex, clip.offset))
        return np.stack([flow_colours(shrink(flow, self.size)) for flow in flows])
