"""The dynamic image: a whole clip as one picture, whose brightness tells what rose and what fell in time.

DynamicImage(size=112)                        # uint8 (112, 112, 3)
rank_pooling_weights(16) @ frames             # of any 16 vectors: one vector
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mebench.features.inputs import Input, positive
from mebench.features.reader import ClipReader


def rank_pooling_weights(frames: int) -> np.ndarray:
    """Return the weight of each frame in approximate rank pooling, float64 (frames,); they sum to 0.

    Bilen et al., "Dynamic image networks for action recognition", CVPR 2016, eq. 4:
    2 (T - t + 1) - (T + 1) (H_T - H_{t-1}), where H_t is the t-th harmonic number.
    """
    t = np.arange(1, frames + 1)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / t)])
    weights: np.ndarray = 2 * (frames - t + 1) - (frames + 1) * (harmonic[-1] - harmonic[:-1])
    return weights


@dataclass(frozen=True)
class DynamicImage(Input):
    """The dynamic image of the frames from onset to offset, uint8 (size, size, 3).

    See :func:`rank_pooling_weights`. Its lowest value becomes 0 and its highest 255, over the three
    channels together; where nothing changes it is 128 all over.
    """

    size: int = 112

    def __post_init__(self) -> None:
        positive("size", self.size)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (size, size, 3)."""
        return (self.size, self.size, 3)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the dynamic image."""
        numbers = range(clip.onset, clip.offset + 1)
        total = np.zeros(self.shape)
        first = clip.at(clip.onset, self.size)
        for number, weight in zip(numbers, rank_pooling_weights(len(numbers)), strict=True):
            # The weights sum to 0, so the first frame can be taken off: still clips give 0 without rounding.
            total += weight * (clip.at(number, self.size) - first)
        low, high = total.min(), total.max()
        if low == high:
            return np.full(self.shape, 128, np.uint8)
        result: np.ndarray = np.rint((total - low) * (255 / (high - low))).astype(np.uint8)
        return result
