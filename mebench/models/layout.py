"""Memory with channels last, the layout in which a GPU's convolutions, norms and pools are fastest.

lay_out(network)                # its kernels
channels_last(maps)             # (B, C, H, W) or (B, C, T, H, W)
"""

from __future__ import annotations

from torch import Tensor, channels_last_3d, nn
from torch import channels_last as channels_last_2d

_FORMATS = {4: channels_last_2d, 5: channels_last_3d}


def channels_last(maps: Tensor) -> Tensor:
    """Return the same maps with channels last in memory; a tensor of another number of axes as it is."""
    wanted = _FORMATS.get(maps.dim())
    return maps if wanted is None else maps.contiguous(memory_format=wanted)


def lay_out(network: nn.Module) -> None:
    """Put a network's kernels of two and three dimensions into that layout, where they are."""
    for kernel in network.parameters():
        kernel.data = channels_last(kernel.data)
