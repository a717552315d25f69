"""Layers that know which clips of a padded batch are real, in place of torch's that would look at all.

    shown = Shown()
    network = with_own_layers(network, shown)       # shares its parameters and buffers, under the same names
    shown.rows, shown.full = rows, False            # before each pass

Folds differ in their number of clips, so that batches of several side by side are filled up. Batch norms must not take
their statistics from the filling. Dropout draws for each fold from a generator of that fold's, so that what a fold
learns does not depend on which others are trained beside it; on a CPU that gives what a fold alone draws.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from mebench.models.together.refusal import NotTogetherError

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
# The dropouts of whole maps take those of a clip, (clips, maps, ...) with so many axes.
_MAPS = {nn.Dropout1d: 3, nn.Dropout2d: 4, nn.Dropout3d: 5}

# Of one call of a dropout: its probability, and the shape (rows, ...) of its noise.
Wanted = tuple[float, tuple[int, ...]]


class Shown:
    """What the layers of one network are told of the batch at hand, for as long as a pass through it takes.

    Attributes:
        rows: bool (B,), which clips of the batch are real.
        full: whether all are, so that a norm may be torch's own.
        noise: what the dropouts multiply with, in the order in which they are called; None leaves all as it is.
        wanted: what the dropouts wanted that were called in this pass.
    """

    def __init__(self) -> None:
        self.rows = torch.ones(0, dtype=torch.bool)
        self.full = False
        self.noise: Iterator[Tensor] | None = None
        self.wanted: list[Wanted] = []

    def real(self, x: Tensor) -> Tensor:
        """Return which rows of x (k * B, ...) are of real clips: k follow each other for each clip, as its frames."""
        times, rest = divmod(len(x), len(self.rows))
        if rest:
            raise NotTogetherError(
                f"a batch norm sees {len(x)} rows of a batch of {len(self.rows)} clips, of which it cannot tell which "
                "clip each is of"
            )
        return self.rows if times == 1 else self.rows.repeat_interleave(times)


class OwnNorm(nn.Module):
    """A batch norm whose statistics are those of the real rows: torch's, of a batch without the others."""

    weight: Tensor | None
    bias: Tensor | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(self, norm: _BatchNorm, shown: Shown) -> None:
        super().__init__()
        self.eps, self.momentum, self._shown = norm.eps, norm.momentum, shown
        for name in ("weight", "bias"):
            self.register_parameter(name, getattr(norm, name))
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(norm, name))
        self.train(norm.training)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (rows, channels, ...) normalised."""
        wide = x.float()  # under vmap, torch's own takes no bfloat16 beside float32 statistics
        share = self._share() if self.training else 0.0
        # A share that is a tensor is each fold's own, which torch's own cannot take.
        if not self.training or (self._shown.full and not isinstance(share, Tensor)):
            batch = self.training or self.running_mean is None
            statistics = (self.running_mean, self.running_var, self.weight, self.bias)
            return F.batch_norm(wide, *statistics, batch, share, self.eps).to(x.dtype)
        shape = (1, -1, *[1] * (x.dim() - 2))
        over = [axis for axis in range(x.dim()) if axis != 1]
        real = self._shown.real(x).to(wide.dtype).view(-1, *[1] * (x.dim() - 1))
        count = real.sum() * (wide[0, 0].numel() if x.dim() > 2 else 1)
        mean = (wide * real).sum(over) / count
        off = wide - mean.view(shape)
        variance = (off.square() * real).sum(over) / count
        self._follow(mean.detach(), (variance * (count / (count - 1))).detach(), share)
        scale = (variance + self.eps).rsqrt()
        if self.weight is not None:
            scale = scale * self.weight
        off = off * scale.view(shape)
        return (off if self.bias is None else off + self.bias.view(shape)).to(x.dtype)

    def _share(self) -> Any:
        """Count the batch; return the share of the running statistics that it gets."""
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                return 1.0 / self.num_batches_tracked.float()
        return 0.0 if self.momentum is None else self.momentum

    def _follow(self, mean: Tensor, variance: Tensor, share: Any) -> None:
        for running, value in ((self.running_mean, mean), (self.running_var, variance)):
            if running is not None:
                running.copy_(running * (1 - share) + value.to(running.dtype) * share)


class OwnDropout(nn.Module):
    """A dropout that multiplies with what was drawn for it before."""

    def __init__(self, dropout: nn.Module, shown: Shown) -> None:
        super().__init__()
        self.p = float(dropout.p)  # type: ignore[arg-type]
        self._axes = next((axes for kind, axes in _MAPS.items() if type(dropout) is kind), 0)
        self._shown = shown
        self.train(dropout.training)

    def forward(self, x: Tensor) -> Tensor:
        """Return x (rows, ...) with some of it at 0."""
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return x * 0
        if self._axes and x.dim() != self._axes:
            raise NotTogetherError(
                f"a dropout of whole maps sees {x.dim()} axes, where (clips, maps, ...) has {self._axes}"
            )
        shape = (*x.shape[:2], *[1] * (x.dim() - 2)) if self._axes else tuple(x.shape)
        self._shown.wanted.append((self.p, shape))
        if self._shown.noise is None:
            return x
        return x * next(self._shown.noise).to(x.dtype)


def with_own_layers(network: nn.Module, shown: Shown) -> nn.Module:
    """Return a network of the same parameters and buffers, whose norms and dropouts know of filled-up batches.

    Raises:
        NotTogetherError: it has a batch norm that is none of torch's own.
    """
    memo: dict[int, Any] = {}
    for name, module in network.named_modules():
        if type(module) in _NORMS:
            memo[id(module)] = OwnNorm(module, shown)  # type: ignore[arg-type]
        elif isinstance(module, _BatchNorm):
            raise NotTogetherError(
                f"its layer {name!r} is a {type(module).__name__}, and of batch norms torch's own alone are known here"
            )
        elif type(module) is nn.Dropout or type(module) in _MAPS:
            memo[id(module)] = OwnDropout(module, shown)
    # All but the layers stays as it is, the very same tensors.
    memo |= {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    found: nn.Module = copy.deepcopy(network, memo)
    return found


@dataclass(frozen=True)
class Noise:
    """What one call of a dropout draws.

    Attributes:
        p: the share of what is dropped.
        times: rows of each clip.
        row: the shape of a row.
        order: its axes in the order in which they lie in memory, which is that of drawing.
    """

    p: float
    times: int
    row: tuple[int, ...]
    order: tuple[int, ...]

    def drawn(self, clips: Sequence[int], width: int, generators: Sequence[torch.Generator]) -> Tensor:
        """Return it (folds, rows, ...) for batches filled up to ``width`` clips, of which ``clips`` are each fold's."""
        lying = [self.row[axis] for axis in self.order]
        noise = torch.ones((len(clips), self.times * width, *lying), device=generators[0].device)
        for own, real, generator in zip(noise, clips, generators, strict=True):
            own[: real * self.times].bernoulli_(1 - self.p, generator=generator)
        back = [2 + self.order.index(axis) for axis in range(len(self.row))]
        return noise.div_(1 - self.p).permute(0, 1, *back)


def noise_of(
    wanted: Sequence[Wanted], more: Sequence[Wanted], width: int, seen: Sequence[tuple[int, ...]]
) -> list[Noise]:
    """Return what the dropouts of a network draw.

    Args:
        wanted: by them, of a pass with ``width`` clips.
        more: the same of a pass with one clip more.
        width: clips of the first pass.
        seen: the strides of what torch's own dropouts are shown in a pass of one fold alone.

    Raises:
        NotTogetherError: what they draw does not grow with the clips, so that none of it is a clip's own.
    """
    found = []
    if len(wanted) == len(more) == len(seen):
        for (p, few), (_, many), strides in zip(wanted, more, seen, strict=True):
            times, rest = divmod(few[0], width)
            if not rest and many == (times * (width + 1), *few[1:]):
                order = sorted(range(len(few) - 1), key=lambda axis: -strides[1 + axis])
                found.append(Noise(p, times, few[1:], tuple(order)))
    if len(found) < len(more):
        raise NotTogetherError("a dropout of its network draws numbers that are of no single clip")
    return found


def strides_seen(network: nn.Module, seen: list[tuple[int, ...]]) -> None:
    """Let a network's own dropouts that would draw note the strides of what they are shown; they draw nothing."""

    def note(dropout: nn.Module, shown: tuple[Tensor, ...]) -> None:
        of_maps = type(dropout) in _MAPS
        strides = shown[0].stride()
        seen.append(tuple(-axis for axis in range(len(strides))) if of_maps else strides)

    for module in network.modules():
        if type(module) is nn.Dropout or type(module) in _MAPS:
            module.eval()
            if 0 < module.p < 1:  # type: ignore[operator]
                module.register_forward_pre_hook(note)
