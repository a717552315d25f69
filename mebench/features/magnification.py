"""Eulerian video magnification: small motions made large before a model sees them.

MagnifiedFrames(n=16, size=112)                       # uint8 (16, 112, 112, 3)
magnify(frames, alpha=10, fast=0.4, slow=0.05)        # any clip, uint8 (T, H, W, 3)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d

from mebench.errors import MebenchError
from mebench.features.grey import grey
from mebench.features.inputs import ClipFrames
from mebench.features.reader import ClipReader

_BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32) / np.float32(16)
# The coarsest level has at least this many rows and columns.
_COARSEST = 4


def magnify(
    frames: Iterable[np.ndarray],
    alpha: float = 10.0,
    fast: float = 0.4,
    slow: float = 0.05,
    wavelength: float = 16.0,
) -> Iterator[np.ndarray]:
    """Yield the frames of a clip with its motion magnified, uint8 (H, W, 3) each.

    Wu et al., "Eulerian video magnification for revealing subtle changes in the world", SIGGRAPH 2012:
    a Laplacian pyramid of each frame is band-passed in time, amplified and added back. The band is the
    difference of two first-order low-passes, y += r (x - y), which knows no frame rate: ``fast`` and ``slow``
    are their r. A level whose spatial wavelength is too short for ``alpha`` (the paper's eq. 14) gets as
    much as it can bear. Brightness alone is magnified, colours follow it.

    Args:
        frames: uint8 (H, W, 3), the first one first; the first one comes back as it is.
        alpha: motion in the band is made larger by about 1 + alpha; 0 changes nothing.
        fast: r of the faster low-pass, above ``slow`` and at most 1; 1 lets all fast motion through.
        slow: r of the slower one, 0 or more; 0 magnifies all change since the first frame.
        wavelength: spatial wavelength, in pixels, from which on the full alpha is given.

    Raises:
        MebenchError: a parameter is out of its range.
    """
    check_band(alpha, fast, slow, wavelength)
    return _magnified(frames, alpha, fast, slow, wavelength)


def check_band(alpha: float, fast: float, slow: float, wavelength: float) -> None:
    """Raise MebenchError where a parameter of :func:`magnify` is out of its range."""
    if not (alpha >= 0 and np.isfinite(alpha)):
        raise MebenchError(f"alpha is {alpha}: magnification needs a number of 0 or more")
    if not 0 <= slow < fast <= 1:
        raise MebenchError(f"slow is {slow} and fast is {fast}: they must keep to 0 <= slow < fast <= 1")
    if not wavelength > 0:
        raise MebenchError(f"wavelength is {wavelength}: it must be above 0 pixels")


def _magnified(
    frames: Iterable[np.ndarray], alpha: float, fast: float, slow: float, wavelength: float
) -> Iterator[np.ndarray]:
    quick = lagging = None
    for frame in frames:
        light = grey(frame)
        if quick is None or lagging is None:
            quick, lagging = light.copy(), light.copy()
        quick += np.float32(fast) * (light - quick)
        lagging += np.float32(slow) * (light - lagging)
        # Filter and pyramid are linear, so one pyramid of the band does for one of the frame.
        added = np.zeros_like(light)
        for level, band in enumerate(laplacian_pyramid(quick - lagging)):
            gain = min(alpha, level_alpha(level, alpha, wavelength))
            added += np.float32(gain) * _enlarged(band, level, light.shape)
        yield np.rint(np.clip(frame + added[..., None], 0, 255)).astype(np.uint8)


def level_alpha(level: int, alpha: float, wavelength: float) -> float:
    """Return the most that a level of the pyramid can bear, 0 or more (Wu et al. 2012, eq. 14).

    The level's wavelength is about 4 * 2^level pixels (level 0 is the finest). The displacement ``d`` that
    ``alpha`` makes just bearable at ``wavelength``, (1 + alpha) d = wavelength / 8, holds for all levels.
    """
    displacement = wavelength / (8 * (1 + alpha))
    return max(0.0, 4 * 2.0**level / (8 * displacement) - 1)


def laplacian_pyramid(picture: np.ndarray) -> list[np.ndarray]:
    """Return the levels of a picture (H, W), finest first (Burt and Adelson 1983).

    Each level but the last is what the next coarser picture cannot show; enlarged, they sum to the picture.
    """
    levels = []
    while min(picture.shape) >= 2 * _COARSEST:
        coarse = _blur(picture)[::2, ::2]
        levels.append(picture - _doubled(coarse, picture.shape))
        picture = coarse
    return [*levels, picture]


def _enlarged(band: np.ndarray, level: int, shape: tuple[int, ...]) -> np.ndarray:
    for step in reversed(range(level)):
        band = _doubled(band, tuple(-(-side // 2**step) for side in shape))
    return band


def _doubled(coarse: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    spread = np.zeros(shape, np.float32)
    spread[::2, ::2] = 4 * coarse
    return _blur(spread)


def _blur(picture: np.ndarray) -> np.ndarray:
    # "mirror" does not repeat the border row, which keeps the rows of _doubled alternating.
    once = convolve1d(picture, _BINOMIAL, axis=0, mode="mirror")
    blurred: np.ndarray = convolve1d(once, _BINOMIAL, axis=1, mode="mirror")
    return blurred


@dataclass(frozen=True)
class MagnifiedFrames(ClipFrames):
    """``n`` frames of a motion-magnified clip, (n, size, size, 3) RGB, sampled as ``ClipFrames`` samples.

    Every frame from onset to offset is magnified first; see :func:`magnify` for the parameters.
    """

    alpha: float = 10.0
    fast: float = 0.4
    slow: float = 0.05
    wavelength: float = 16.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_band(self.alpha, self.fast, self.slow, self.wavelength)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the sampled frames."""
        every = (clip.at(number, self.size) for number in range(clip.onset, clip.offset + 1))
        band = (self.alpha, self.fast, self.slow, self.wavelength)
        magnified = list(magnify((np.rint(frame).astype(np.uint8) for frame in every), *band))
        places = self.positions(clip.onset, clip.offset) - clip.onset
        below = np.floor(places).astype(int)
        above = np.ceil(places).astype(int)
        result = np.empty(self.shape, np.uint8)
        for i, share in enumerate((places - below).astype(np.float32)):
            result[i] = np.rint(magnified[below[i]] * (1 - share) + magnified[above[i]] * share)
        return result
