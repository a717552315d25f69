"""Attention over channels, space and time, for maps of images and of clips.

One module serves both kinds of map, so the two branches of the network share their definition:

    attend = Attention(64, ("channel", "spatial"))
    attend(torch.rand(8, 64, 28, 28))  # (8, 64, 28, 28)

    attend = Attention(64, ("channel", "spatial", "temporal"))
    attend(torch.rand(8, 64, 16, 28, 28))  # (8, 64, 16, 28, 28)

Channel and spatial attention follow CBAM (Woo et al. 2018, "CBAM: Convolutional Block Attention Module"):
each axis is described by its average and its maximum, and a sigmoid gate multiplies the map. Temporal
attention carries the spatial one over to the time axis.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn

from mebench.errors import MebenchError, UnknownNameError

AXES = ("channel", "spatial", "temporal")
"""The axes there are, in the order in which they are applied."""


class ChannelAttention(nn.Module):
    """Gate each channel by an MLP over its average and its maximum (CBAM, equation 2).

    The hidden layer is leaky (assumed; CBAM's is not): its inputs are all positive, so that of the few units
    of a narrow network whole layers would start dead and stay so.

    Args:
        channels: channels of the map.
        reduction: how much narrower the hidden layer is, never under 4 units (assumed: 16, as CBAM).
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(channels // reduction, 4)
        self.mlp = nn.Sequential(nn.Linear(channels, hidden), nn.LeakyReLU(0.1), nn.Linear(hidden, channels))

    def forward(self, maps: Tensor) -> Tensor:
        """``(B, C, ...)`` to the same shape."""
        places = maps.flatten(2)
        gate = torch.sigmoid(self.mlp(places.mean(2)) + self.mlp(places.amax(2)))
        return maps * gate.reshape(*gate.shape, *[1] * (maps.ndim - 2))


class SpatialAttention(nn.Module):
    """Gate each place of each frame by a convolution over channel average and maximum (CBAM, equation 3).

    Args:
        kernel: side of the convolution in places, odd (assumed: 7, as CBAM).
    """

    def __init__(self, kernel: int = 7) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2)

    def forward(self, maps: Tensor) -> Tensor:
        """``(B, C, H, W)`` or ``(B, C, T, H, W)`` to the same shape; frames are treated one by one."""
        described = torch.stack([maps.mean(1), maps.amax(1)], dim=-3)
        gate = torch.sigmoid(self.conv(described.flatten(0, -4)))
        return maps * gate.reshape(maps.shape[0], 1, *maps.shape[2:])


class TemporalAttention(nn.Module):
    """Gate each frame by a convolution along time over its average and its maximum.

    Assumed: the abstract names attention modules only; this is CBAM's spatial gate on the time axis.

    Args:
        kernel: length of the convolution in frames, odd (assumed: 3).
    """

    def __init__(self, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 1, kernel, padding=kernel // 2)

    def forward(self, maps: Tensor) -> Tensor:
        """``(B, C, T, H, W)`` to the same shape."""
        if maps.ndim != 5:
            raise MebenchError(
                f"temporal attention needs maps of shape (B, C, T, H, W) but got {tuple(maps.shape)}; "
                "leave 'temporal' out of the axes of a 2D network"
            )
        described = torch.stack([maps.mean((1, 3, 4)), maps.amax((1, 3, 4))], dim=1)
        return maps * torch.sigmoid(self.conv(described))[..., None, None]


class Attention(nn.Sequential):
    """The gates of the given axes, one after the other: channel, spatial, temporal (assumed order).

    Args:
        channels: channels of the map.
        axes: any subset of :data:`AXES`; none of them gives the identity.

    Raises:
        UnknownNameError: an axis is not one of :data:`AXES`.
    """

    def __init__(self, channels: int, axes: Collection[str]) -> None:
        if unknown := sorted(set(axes) - set(AXES)):
            raise UnknownNameError("attention axis", unknown[0], AXES)
        gates: dict[str, nn.Module] = {
            "channel": ChannelAttention(channels),
            "spatial": SpatialAttention(),
            "temporal": TemporalAttention(),
        }
        super().__init__(*[gates[axis] for axis in AXES if axis in axes])
