"""Turn a 2D network into the 3D one of the same structure (I3D, Carreira & Zisserman 2017, section 2.4).

    images = timm.create_model("resnet18", num_classes=0, global_pool="").eval()
    clips = inflate(images, stretch=("layer2", "layer3", "layer4"))
    clips(torch.rand(2, 3, 16, 112, 112))  # (2, 512, 2, 4, 4): stages 2 to 4 halve time with space

A kernel wider than 1 gets a temporal extent of 3; its weights are repeated over time and divided by 3, so a
clip of one repeated frame gives the features of that frame (away from the zero-padded ends).
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any, cast

import torch
from torch import Tensor, nn

from mebench.errors import MebenchError

from .frame_conv import FrameConv

EXTENT = 3
"""Temporal extent of every inflated kernel, in frames."""


class FramePool(nn.Module):
    """A 2D pool applied to every ``step``-th frame: pools never mix frames, as I3D's first ones do not.

    Unlike torch's own ``MaxPool3d``, this has a backward pass that repeats exactly on a GPU.
    """

    def __init__(self, pool: nn.Module, step: int = 1) -> None:
        super().__init__()
        self.pool, self.step = pool, step

    def forward(self, maps: Tensor) -> Tensor:
        """``(B, C, T, H, W)`` to ``(B, C, ceil(T / step), H', W')``."""
        frames = maps[:, :, :: self.step].transpose(1, 2)
        pooled: Tensor = self.pool(frames.flatten(0, 1))
        whole: Tensor = pooled.unflatten(0, frames.shape[:2]).transpose(1, 2)
        return whole


def inflate(network: nn.Module, *, stretch: Collection[str] = ()) -> nn.Module:
    """Return a 3D copy of ``network``; parameters of other modules (linear layers, ...) are copied.

    Args:
        network: a module that maps ``(B, C, H, W)``; its own ``forward`` must not count dimensions.
        stretch: names of submodules within which a spatial stride also applies to time. Elsewhere time is
            kept, as in the stem of r3d_18.

    Raises:
        MebenchError: a name in ``stretch`` is not a submodule, or a module that works on 2D maps alone has no
            3D form here.
    """
    if missing := sorted(set(stretch) - {name for name, _ in network.named_modules()}):
        raise MebenchError(f"the network to inflate has no submodule {missing[0]!r}; see its named_modules()")
    inflated = _inflated(network, "", frozenset(stretch), in_time=False)
    like = next(network.parameters(), None)
    return inflated if like is None else inflated.to(like)


def _inflated(module: nn.Module, name: str, stretch: frozenset[str], in_time: bool) -> nn.Module:
    in_time = in_time or name in stretch
    if isinstance(module, nn.Conv2d):
        return _inflated_conv(module, in_time)
    if isinstance(module, nn.BatchNorm2d):
        return _inflated_norm(module)
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return FramePool(module, _step(module.stride) if in_time else 1)
    if isinstance(module, nn.AdaptiveAvgPool2d) and module.output_size in (1, (1, 1)):
        return nn.AdaptiveAvgPool3d(1)
    children = list(module.named_children())
    if not children and type(module).__name__.endswith("2d"):
        raise MebenchError(
            f"cannot inflate {name or 'the network'}: {type(module).__name__} has no 3D form here; "
            "replace it in the 2D network first"
        )
    if not children:
        return copy.deepcopy(module)
    # The memo keeps deepcopy from copying the 2D children only for them to be replaced.
    memo: dict[int, Any] = {id(child): nn.Identity() for _, child in children}
    inflated = copy.deepcopy(module, memo)
    for child_name, child in children:
        path = f"{name}.{child_name}" if name else child_name
        setattr(inflated, child_name, _inflated(child, path, stretch, in_time))
    return inflated


def _inflated_conv(conv: nn.Conv2d, in_time: bool) -> nn.Conv3d:
    extent = 1 if conv.kernel_size == (1, 1) else EXTENT
    kernel, stride, padding, dilation = (
        cast("tuple[int, int]", value)
        for value in (conv.kernel_size, conv.stride, conv.padding, conv.dilation)
    )
    inflated = FrameConv(
        conv.in_channels,
        conv.out_channels,
        (extent, *kernel),
        stride=(_step(stride) if in_time else 1, *stride),
        padding=(extent // 2, *padding),
        dilation=(1, *dilation),
        groups=conv.groups,
        bias=conv.bias is not None,
        padding_mode=conv.padding_mode,
    )
    with torch.no_grad():
        inflated.weight.copy_(conv.weight[:, :, None].expand_as(inflated.weight) / extent)
        if conv.bias is not None and inflated.bias is not None:
            inflated.bias.copy_(conv.bias)
    return inflated


def _inflated_norm(norm: nn.BatchNorm2d) -> nn.BatchNorm3d:
    inflated = nn.BatchNorm3d(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    inflated.load_state_dict(norm.state_dict())
    return inflated.train(norm.training)


def _step(stride: int | tuple[int, ...]) -> int:
    return stride if isinstance(stride, int) else max(stride)


def shrink_kernel(conv: nn.Conv2d, size: int) -> nn.Conv2d:
    """Return ``conv`` with a ``size`` x ``size`` kernel, its weights resampled by area.

    Each tap of the old kernel hands its weight to the new taps it overlaps, so every filter keeps its sum
    (and an edge filter, whose sum is near 0, stays one). Output sizes stay the same for odd kernels padded
    by half.
    """
    smaller = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        size,
        stride=cast("tuple[int, int]", conv.stride),
        padding=size // 2,
        groups=conv.groups,
        bias=conv.bias is not None,
    )
    rows, columns = (_overlap(taps, size).to(conv.weight) for taps in conv.kernel_size)
    with torch.no_grad():
        smaller.weight.copy_(rows @ conv.weight @ columns.T)
        if conv.bias is not None and smaller.bias is not None:
            smaller.bias.copy_(conv.bias)
    return smaller


def _overlap(taps: int, size: int) -> Tensor:
    """``(size, taps)``: the share of each old tap that lies in each new one; columns sum to 1."""
    old = torch.arange(taps, dtype=torch.float64)
    new = torch.arange(size, dtype=torch.float64)[:, None] * taps / size
    return (torch.minimum(old + 1, new + taps / size) - torch.maximum(old, new)).clamp(min=0)
