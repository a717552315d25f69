"""The blocks of the RCN family: recurrent convolution, dense shortcuts, wide streams, attention without parameters.

Xia et al. 2020, section III, in the shape of their code. Blocks keep the number of maps and halve height and width.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(channels: int, maps: int, kernel: int, padding: int = 0) -> nn.Sequential:
    """Return convolution, batch norm and ReLU."""
    return nn.Sequential(nn.Conv2d(channels, maps, kernel, padding=padding), nn.BatchNorm2d(maps), nn.ReLU())


def stem(maps: int) -> nn.Sequential:
    """Return the first layer of RCN-A and RCN-S, (B, 3, H, W) to (B, maps, (H - 4) / 2, (W - 4) / 2)."""
    return nn.Sequential(conv(3, maps, 5), nn.MaxPool2d(2), nn.Dropout(0.5))


class Recurrent(nn.Module):
    """A 3 x 3 convolution applied twice with the same weights, each time to its result and the input."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.feed = conv(maps, maps, 1)
        self.recur = conv(maps, maps, 3, padding=1)
        self.shrink = nn.Sequential(nn.MaxPool2d(2), nn.Dropout(0.5))

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps, halved."""
        y = self.recur(x + self.feed(x))
        shrunk: Tensor = self.shrink(self.recur(x + y))
        return shrunk


class Dense(nn.Module):
    """A 3 x 3 convolution applied three times with the same weights, each time to all that came before it.

    ``heat``, an attention map (B, 1, P, P), weighs the 1 x 1 convolution's result: RCN-F's embedded attention.
    """

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.feed = conv(maps, maps, 1)
        self.recur = conv(maps, maps, 3, padding=1)
        self.shrink = nn.Sequential(nn.MaxPool2d(2), nn.Dropout(0.5))

    def forward(self, x: Tensor, heat: Tensor | None = None) -> Tensor:
        """Return the maps, halved."""
        y = self.feed(x)
        if heat is not None:
            y = y * stretched(heat, y)
        z = self.recur(x + y)
        e = self.recur(x + y + z)
        shrunk: Tensor = self.shrink(self.recur(x + y + z + e))
        return shrunk


class Wide(nn.Module):
    """3 x 3 convolutions of different reach side by side, (B, 3, H, W) to (B, maps, H / 3, W / 3).

    Args:
        maps: in all.
        reach: dilation and share of the maps of each stream.
        shrink: thirds by the convolution's stride, or by max-pooling after it.
    """

    def __init__(
        self, maps: int, reach: tuple[tuple[int, int], ...], shrink: Literal["stride", "pool"] = "stride"
    ) -> None:
        super().__init__()
        strided = shrink == "stride"
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(
                    3, maps // part, 3, stride=3 if strided else 1, padding=dilation, dilation=dilation
                ),
                nn.ReLU(),
                nn.BatchNorm2d(maps // part),
                nn.Identity() if strided else nn.MaxPool2d(3, stride=3, padding=1),
                nn.Dropout(0.5),
            )
            for dilation, part in reach
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Return the maps of all streams."""
        return torch.cat([stream(picture) for stream in self.streams], dim=1)


def attention(maps: Tensor, weights: Tensor) -> Tensor:
    """Return where the last layer looks, (B, 1, P, P): the mean over classes of maps from 0 to 1.

    Args:
        maps: (B, C, P, P).
        weights: the last layer's, as (classes, C or 1, P, P); with 1, all maps weigh the same.

    A map that is the same everywhere is 0 everywhere; the authors' code divides by 0 there.
    """
    heat = (maps.unsqueeze(1) * weights).mean(dim=2)  # (B, classes, P, P)
    heat = heat - heat.amin(dim=(2, 3), keepdim=True)
    heat = heat / heat.amax(dim=(2, 3), keepdim=True).clamp_min(torch.finfo(heat.dtype).tiny)
    return heat.mean(dim=1, keepdim=True)


def stretched(heat: Tensor, like: Tensor) -> Tensor:
    """Return an attention map in another's height and width, by nearest neighbours."""
    return F.interpolate(heat, like.shape[2:])
