"""The temporal interpolation model (TIM): a clip of any length as n frames on one smooth curve.

    TimFrames(n=10, size=112)                 # uint8 (10, 112, 112, 3)
    tim_weights(9, 10) @ frames               # of any 9 vectors: 10 vectors

:class:`~mebench.features.inputs.ClipFrames` picks frames; TIM fits a curve through all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.features.inputs import ClipFrames
from mebench.features.reader import ClipReader


def tim_weights(frames: int, samples: int) -> np.ndarray:
    """Return what each frame contributes to each sample, float64 (samples, frames); rows sum to 1.

    Zhou, Zhao and Pietikainen, "Towards a practical lipreading system", CVPR 2011: the frames are the
    vertices of a path graph, whose Laplacian's eigenvectors lie on the curve
    f_k(t) = sin(pi k t + pi (n - k) / 2n) at t = 1/n, 2/n, ..., 1 (eq. 3); a linear map takes the curve to
    the frames. The eigenvectors span all that has mean 0, so the map reaches linearly independent frames
    exactly, and taking it together with the curve leaves these weights, the same for every clip of a length.
    """
    order = np.arange(1, frames)
    phase = np.pi * (frames - order) / (2 * frames)

    def curve(t: np.ndarray) -> np.ndarray:
        values: np.ndarray = np.sin(np.pi * order * t[:, None] + phase)
        return values

    vertices = curve(np.arange(1, frames + 1) / frames)
    placed = curve(np.linspace(1 / frames, 1, samples))
    # The eigenvectors are orthogonal and of squared length frames / 2.
    weights: np.ndarray = placed @ vertices.T * (2 / frames) + 1 / frames
    return weights


@dataclass(frozen=True)
class TimFrames(ClipFrames):
    """``n`` frames on TIM's curve through all frames from onset to offset, (n, size, size, 3) RGB.

    See :func:`tim_weights`. The curve may overshoot between frames; values are cut to 0..255. Missing and
    damaged frames are first bridged linearly, so that the frames are even in time.
    """

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the sampled frames."""
        length = clip.offset - clip.onset + 1
        weights = tim_weights(length, self.n).astype(np.float32)
        total = np.zeros((self.n, self.size * self.size * 3), np.float32)
        # One frame at a time: a clip of hundreds of frames need not lie in memory as floats.
        for weight, number in zip(weights.T, range(clip.onset, clip.offset + 1), strict=True):
            total += weight[:, None] * clip.at(number, self.size).reshape(1, -1)
        result: np.ndarray = np.rint(np.clip(total, 0, 255)).astype(np.uint8)
        return result.reshape(self.shape)
