"""Local binary patterns on three orthogonal planes (LBP-TOP), as an input.

    LbpTop()                                   # the MEGC2019 baseline's, float32 (1200,)
    LbpTop(points=8, uniform=True)             # float32 (4425,)
    lbp_codes(volume, (1, 1, 4), 4)            # of any grey clip (T, H, W)

Zhao and Pietikainen 2007, "Dynamic texture recognition using local binary patterns with an application to facial
expressions", TPAMI 29(6). Each pixel is compared with ``points`` neighbours on an ellipse in the planes XY, XT and
YT; a bit is 1 where the neighbour is at least as bright. Histograms of the codes are taken block by block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np

from mebench.api import ClipReader, Input, MebenchError, TimFrames, grey

# Interpolated neighbours in an even area differ from its value by rounding alone.
_TIE = 1e-6


@dataclass(frozen=True)
class LbpTop(Input):
    """LBP-TOP histograms of a clip, float32 (blocks * blocks * 3 * bins,).

    In the order: block row, block column, plane (XY, XT, YT), code. Each plane's histogram of a block sums to 1. The
    codes are those of the whole clip, cut into blocks afterwards, so that no pixel between two blocks is lost.

    Args:
        size: side of the grey frames, in pixels.
        frames: how many the temporal interpolation model makes of a clip.
        blocks: each way, without overlap.
        points: neighbours in each plane.
        radii: of x, y (pixels) and time (frames).
        uniform: codes with more than two changes around the circle share one bin (Ojala et al. 2002), which leaves
            ``points * (points - 1) + 3`` of ``2 ** points``.
    """

    kind: ClassVar[Literal["picture", "measurement"]] = "measurement"
    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    size: int = 160
    frames: int = 10
    blocks: int = 5
    points: int = 4
    radii: tuple[int, int, int] = (1, 1, 4)
    uniform: bool = False

    def __post_init__(self) -> None:
        rx, ry, rt = self.radii
        if min(self.radii) < 1 or not 2 <= self.points <= 16 or self.blocks < 1:
            raise MebenchError(
                f"LBP-TOP of {self.points} points, radii {self.radii} and {self.blocks} blocks: it takes 2 to 16 "
                "points, and radii and blocks of at least 1"
            )
        if self.frames <= 2 * rt or self.size - 2 * max(rx, ry) < self.blocks:
            raise MebenchError(
                f"LBP-TOP of {self.frames} frames of {self.size} pixels has no pixel with neighbours at radii "
                f"{self.radii} in each of {self.blocks} x {self.blocks} blocks: ask for at least {2 * rt + 1} frames "
                f"of {self.blocks + 2 * max(rx, ry)} pixels"
            )

    @property
    def bins(self) -> int:
        """How many codes are told apart."""
        return self.points * (self.points - 1) + 3 if self.uniform else 2**self.points

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (blocks * blocks * 3 * bins,)."""
        return (self.blocks * self.blocks * 3 * self.bins,)

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the histograms."""
        frames = TimFrames(n=self.frames, size=self.size).compute(clip)
        # Whole grey values, as on file: unrounded ones would break the ties that even skin is full of.
        volume = np.rint(grey(frames))
        codes = lbp_codes(volume, self.radii, self.points)
        if self.uniform:
            codes = uniform_codes(self.points)[codes]
        return block_histograms(codes, self.blocks, self.bins).astype(np.float32).ravel()


def lbp_codes(volume: np.ndarray, radii: tuple[int, int, int], points: int) -> np.ndarray:
    """Return the codes of a grey clip (T, H, W) in the planes XY, XT and YT, int64 (3, T', H', W').

    Only pixels count that have neighbours in all three planes: T' = T - 2 rt, and so on. Bit ``p`` belongs to the
    neighbour at the angle ``2 pi p / points``: in XY and XT from +x towards -y and +t, in YT from +t towards -y. Places
    between pixels are interpolated linearly.
    """
    rx, ry, rt = radii
    angles = 2 * np.pi * np.arange(points) / points
    # Exact at the axes: neighbours of 4 points are pixels.
    cosine, sine = np.round(np.cos(angles), 12), np.round(np.sin(angles), 12)
    nothing = np.zeros(points)
    planes = (
        np.stack([nothing, -ry * sine, rx * cosine]),
        np.stack([rt * sine, nothing, rx * cosine]),
        np.stack([rt * cosine, -ry * sine, nothing]),
    )
    values = volume.astype(np.float64)
    margins = (rt, ry, rx)
    centre = _moved(values, (0.0, 0.0, 0.0), margins)
    codes = np.zeros((3, *centre.shape), np.int64)
    for plane, offsets in enumerate(planes):
        for bit, offset in enumerate(offsets.T.tolist()):
            codes[plane] |= (_moved(values, offset, margins) - centre >= -_TIE).astype(np.int64) << bit
    return codes


def uniform_codes(points: int) -> np.ndarray:
    """Return the bin of each code, int64 (2 ** points,): codes of at most two changes keep one each, by size."""
    codes = np.arange(2**points)
    turned = (codes >> 1) | ((codes & 1) << (points - 1))
    changes = np.array([int(code).bit_count() for code in codes ^ turned])
    alone = changes <= 2
    return np.where(alone, np.cumsum(alone) - 1, alone.sum())


def block_histograms(codes: np.ndarray, blocks: int, bins: int) -> np.ndarray:
    """Return shares of codes (planes, T, H, W) in blocks, float64 (blocks, blocks, planes, bins); each sums to 1."""
    planes, _, height, width = codes.shape
    row, column = (np.arange(side) * blocks // side for side in (height, width))
    block = row[:, None] * blocks + column
    place = (block * planes + np.arange(planes)[:, None, None, None]) * bins + codes
    counts = np.bincount(place.ravel(), minlength=blocks * blocks * planes * bins).astype(float)
    counts = counts.reshape(blocks, blocks, planes, bins)
    shares: np.ndarray = counts / counts.sum(axis=-1, keepdims=True)
    return shares


def _moved(volume: np.ndarray, offset: Sequence[float], margins: tuple[int, int, int]) -> np.ndarray:
    """Return the values at an offset (t, y, x) from each pixel that is ``margins`` away from the border."""
    total: np.ndarray | None = None
    whole = [int(np.floor(each)) for each in offset]
    share = [each - floor for each, floor in zip(offset, whole, strict=True)]
    for corner in product((0, 1), repeat=3):
        weight = float(np.prod([s if c else 1 - s for c, s in zip(corner, share, strict=True)]))
        if weight == 0:
            continue
        first = [m + w + c for m, w, c in zip(margins, whole, corner, strict=True)]
        cut = tuple(
            slice(start, start + side - 2 * margin)
            for start, side, margin in zip(first, volume.shape, margins, strict=True)
        )
        part = weight * volume[cut]
        total = part if total is None else total + part
    assert total is not None  # the weights sum to 1
    return total
