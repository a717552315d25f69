"""What SKD-TSTSAN reads: the flow of both halves of an expression, and frames cut into blocks.

SegmentFlow(size=48)                    # onset to apex, apex to offset: float32 (2, 48, 48, 2)
stretched(grey(frames))                 # each picture from 0 to 1
blocks(pictures, size=48)               # (..., 192, 192) to (..., 16, 48, 48)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from mebench.api import ClipReader, FlowInput, optical_flow, shrink
from mebench.api import grey as grey_array

GRID = 4


@dataclass(frozen=True)
class SegmentFlow(FlowInput):
    """Flow from onset to apex and from apex to offset, float32 (2, size, size, 2): u and v, each from 0 to 1.

    Each component of each segment is stretched from its lowest to its highest value; where it is the same all over, it
    is 0. Flow is estimated on frames of ``resolution`` pixels.
    """

    dtype: ClassVar[np.dtype[Any]] = np.dtype(np.float32)

    size: int = 48

    @property
    def shape(self) -> tuple[int, ...]:
        """Return (2, size, size, 2)."""
        return (2, self.size, self.size, 2)

    def mirror(self, x: Tensor) -> Tensor:
        """Return the flow of mirrored clips: what moved most to the right, now moves most to the left."""
        mirrored = x.flip(-2)
        moving = mirrored[..., 0].amax((-2, -1), keepdim=True) > 0
        mirrored[..., 0] = torch.where(moving, 1 - mirrored[..., 0], mirrored[..., 0])
        return mirrored

    def compute(self, clip: ClipReader) -> np.ndarray:
        """Return the two segments."""
        onset, apex, offset = (
            grey_array(clip.frame(number, self.resolution)) for number in (clip.onset, clip.apex, clip.offset)
        )
        flow = np.stack(
            [shrink(optical_flow(*pair, self.method), self.size) for pair in ((onset, apex), (apex, offset))]
        )
        low, high = flow.min((1, 2), keepdims=True), flow.max((1, 2), keepdims=True)
        result: np.ndarray = (flow - low) / np.where(high > low, high - low, 1)
        return result


def grey(pictures: Tensor) -> Tensor:
    """Return the luma of pictures (B, 3, ...), (B, ...) in the same unit."""
    return torch.einsum("bc...,c->b...", pictures, pictures.new_tensor([0.299, 0.587, 0.114]))


def stretched(pictures: Tensor) -> Tensor:
    """Return pictures (..., H, W), each from 0 (its darkest pixel) to 1; 0 where all pixels are alike."""
    low, high = pictures.amin((-2, -1), keepdim=True), pictures.amax((-2, -1), keepdim=True)
    result: Tensor = (pictures - low) / torch.where(high > low, high - low, 1)
    return result


def blocks(pictures: Tensor) -> Tensor:
    """Return pictures (..., H, W) as a grid of 4 x 4 blocks, row by row, (..., 16, H / 4, W / 4)."""
    rows = pictures.unflatten(-2, (GRID, -1)).unflatten(-1, (GRID, -1))  # (..., row, y, column, x)
    cut: Tensor = rows.transpose(-3, -2).flatten(-4, -3)
    return cut


def small(pictures: Tensor, size: int) -> Tensor:
    """Return pictures (..., H, W) resized, (..., size, size), as OpenCV does by default: bilinear, not smoothed."""
    flat = pictures.reshape(-1, 1, *pictures.shape[-2:])
    return F.interpolate(flat, (size, size), mode="bilinear").view(*pictures.shape[:-2], size, size)
