"""The two gates of CBAM (Woo et al. 2018), with the choices in which published networks differ."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ChannelGate(nn.Module):
    """Multiply each channel of (B, C, H, W) with a share in 0 .. 1, read from its mean and its maximum.

    Both pass the same two layers, ``hidden`` wide; the share is the sigmoid of their sum. A single hidden unit starts
    with weights of no sign but plus (and bias 1): with others it may be 0 for all clips from the first step to the
    last, and the gate never learns.
    """

    def __init__(self, channels: int, hidden: int, *, bias: bool = True) -> None:
        super().__init__()
        first, second = nn.Linear(channels, hidden, bias=bias), nn.Linear(hidden, channels, bias=bias)
        if hidden == 1:
            nn.init.uniform_(first.weight, 0, channels**-0.5)
            if bias:
                nn.init.ones_(first.bias)
        self.layers = nn.Sequential(first, nn.ReLU(), second)

    def forward(self, maps: Tensor) -> Tensor:
        """Return gated maps."""
        share = self.layers(maps.mean(dim=(2, 3))) + self.layers(maps.amax(dim=(2, 3)))
        gated: Tensor = maps * share.sigmoid()[:, :, None, None]
        return gated


class SpatialGate(nn.Module):
    """Multiply each position of (B, C, H, W) with a share in 0 .. 1, read from the channels' mean and maximum."""

    def __init__(self, kernel: int, *, bias: bool = True, norm: bool = False) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=bias))
        if norm:
            self.read.append(nn.BatchNorm2d(1))

    def forward(self, maps: Tensor) -> Tensor:
        """Return gated maps."""
        seen = torch.cat([maps.mean(dim=1, keepdim=True), maps.amax(dim=1, keepdim=True)], dim=1)
        gated: Tensor = maps * self.read(seen).sigmoid()
        return gated
