"""A 3D convolution with the same weights and the same result as torch's, by a shorter way.

    conv = FrameConv(64, 64, 3, padding=1, bias=False)
    conv(torch.rand(2, 64, 16, 28, 28))  # (2, 64, 16, 28, 28)

On a CPU nearly all the time of a 3D network goes into multiplications that are as fast as the processor allows: what is
left is to do fewer. Along time this is Winograd's minimal filtering F(4, 3) (Lavin & Gray 2016, "Fast Algorithms for
Convolutional Neural Networks", section 4): four frames of a 3-tap filter take 6 products instead of 12. The products
are 2D convolutions here, and the sums before and after them one small matrix each.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# Lavin & Gray 2016, section 4.3, with the points 0, 1, -1, 2, -2.
_INPUT = (
    (4.0, 0.0, -5.0, 0.0, 1.0, 0.0),
    (0.0, -4.0, -4.0, 1.0, 1.0, 0.0),
    (0.0, 4.0, -4.0, -1.0, 1.0, 0.0),
    (0.0, -2.0, -1.0, 2.0, 1.0, 0.0),
    (0.0, 2.0, -1.0, -2.0, 1.0, 0.0),
    (0.0, 4.0, 0.0, -5.0, 0.0, 1.0),
)
_FILTER = (
    (1 / 4, 0.0, 0.0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0.0, 0.0, 1.0),
)
_OUTPUT = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 0.0),
    (0.0, 1.0, -1.0, 2.0, -2.0, 0.0),
    (0.0, 1.0, 1.0, 4.0, 4.0, 0.0),
    (0.0, 1.0, -1.0, 8.0, -8.0, 1.0),
)
_TILE, _POINTS = 4, 6
_CHANNELS = 64  # with fewer, the sums cost what the products save


class FrameConv(nn.Conv3d):
    """``nn.Conv3d`` with zero padding and no bias, by another way on a CPU where torch's is slow or wrong.

    In float32 a kernel of 3 frames with stride 1 goes by :func:`winograd`. In bfloat16 maps of fewer frames than the
    kernel are padded beforehand: else the kernel's gradient, as oneDNN 3.12 computes it, is wrong
    (``benchmarks/bf16_conv3d.py``).
    """

    def forward(self, maps: Tensor) -> Tensor:
        """``(B, C, T, H, W)`` to ``(B, C', T', H', W')``."""
        if maps.device.type != "cpu" or self.padding_mode != "zeros" or self.bias is not None:
            return super().forward(maps)
        padding = cast("tuple[int, int, int]", self.padding)
        half = torch.is_autocast_enabled("cpu") or maps.dtype != torch.float32
        if half and maps.shape[2] < self.kernel_size[0]:
            padded = F.pad(maps, (0, 0, 0, 0, padding[0], padding[0]))
            inside = (0, *padding[1:])
            return F.conv3d(padded, self.weight, None, self.stride, inside, self.dilation, self.groups)
        if not half and self._pays(maps):
            return winograd(maps, self.weight, self.stride[1:], padding[1:])
        # Channels-last maps cost a copy of the kernel each time, and one of its gradient.
        return super().forward(maps.contiguous() if maps.numel() < self.weight.numel() else maps)

    def _pays(self, maps: Tensor) -> bool:
        along_time = tuple(each[0] for each in (self.kernel_size, self.stride, self.padding))
        return (
            along_time == (3, 1, 1)
            and maps.shape[2] > 2  # of two frames, padding leaves nothing to save
            and min(self.in_channels, self.out_channels) >= _CHANNELS
            and self.groups == 1
            and self.dilation == (1, 1, 1)
        )


def winograd(maps: Tensor, weight: Tensor, stride: tuple[int, ...], padding: tuple[int, ...]) -> Tensor:
    """Return ``conv3d(maps, weight, stride=(1, *stride), padding=(1, *padding))``, channels last.

    Args:
        maps: ``(B, C, T, H, W)``, float32; no copy is made of maps whose channels lie last.
        weight: ``(C', C, 3, kh, kw)``.
        stride, padding: in space.

    The sums cost some digits: results differ from the direct way's by up to 1e-5 of the largest.
    """
    clips, channels, frames, height, width = maps.shape
    before, after = _matrices(frames)
    rows = maps.permute(0, 2, 3, 4, 1).reshape(clips, frames, -1)
    # Each point's maps as a batch of pictures, channels last.
    points = _Spread.apply(rows, before).view(_POINTS, -1, height, width, channels).permute(0, 1, 4, 2, 3)
    filters = torch.einsum("pt,oithw->poihw", weight.new_tensor(_FILTER), weight)
    products = [
        F.conv2d(each, kernel, stride=stride, padding=padding).permute(0, 2, 3, 1)
        for each, kernel in zip(points.unbind(0), filters.unbind(0), strict=True)
    ]
    shape = products[0].shape[1:]
    summed: Tensor = _Gather.apply(torch.stack(products).view(after.shape[1], clips, -1), after)
    return summed.view(clips, frames, *shape).permute(0, 4, 1, 2, 3)


@lru_cache
@torch.inference_mode(False)  # a prediction may be the first to ask, and training use them after it
def _matrices(frames: int) -> tuple[Tensor, Tensor]:
    """Return what makes each tile's points of the frames, (6 * tiles, T), and frames of products, (T, 6 * tiles)."""
    tiles = math.ceil(frames / _TILE)
    before = torch.zeros(_POINTS, tiles, tiles * _TILE + 2)  # padded by a frame on either side
    after = torch.zeros(tiles * _TILE, _POINTS, tiles)
    for tile in range(tiles):
        first = tile * _TILE
        before[:, tile, first : first + _POINTS] = torch.tensor(_INPUT)
        after[first : first + _TILE, :, tile] = torch.tensor(_OUTPUT)
    return (
        before[:, :, 1 : frames + 1].reshape(_POINTS * tiles, frames),
        after[:frames].reshape(frames, _POINTS * tiles),
    )


class _Spread(torch.autograd.Function):
    """``(B, T, n)`` to ``(R, B, n)``: a matrix ``(R, T)`` times each clip."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, matrix: Tensor) -> Tensor:
        ctx.matrix = matrix
        return _spread(rows, matrix)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _gather(gradients[0], ctx.matrix.T), None


class _Gather(torch.autograd.Function):
    """``(R, B, n)`` to ``(B, T, n)``: a matrix ``(T, R)`` times each clip."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, matrix: Tensor) -> Tensor:
        ctx.matrix = matrix
        return _gather(rows, matrix)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return _spread(gradients[0], ctx.matrix.T), None


def _spread(rows: Tensor, matrix: Tensor) -> Tensor:
    rows = rows.contiguous()
    made = rows.new_empty(len(matrix), len(rows), rows.shape[2])
    for clip, into in zip(rows, made.unbind(1), strict=True):
        torch.mm(matrix, clip, out=into)
    return made


def _gather(rows: Tensor, matrix: Tensor) -> Tensor:
    rows = rows.contiguous()
    made = rows.new_empty(rows.shape[1], len(matrix), rows.shape[2])
    for clip, into in zip(rows.unbind(1), made, strict=True):
        torch.mm(matrix, clip, out=into)
    return made
