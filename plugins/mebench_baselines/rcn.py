"""The RCN family: recurrent convolutional networks on one flow picture (Xia et al. 2020).

| variant | first layer | block | attention |
|---|---|---|---|
| a | stem | recurrent | of the stem's maps, on the block's |
| s | stem | dense | none |
| w | wide, three streams | recurrent | none |
| p | wide, two streams, pooled | dense | of the streams' maps, on the block's |
| c | wide, three streams | dense | of the picture, on the streams' maps |
| f | wide, three streams | dense | of the streams' maps, within the block |
"""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from mebench.api import Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork
from .rcn_blocks import Dense, Recurrent, Wide, attention, conv, stem, stretched

Variant = Literal["a", "s", "w", "p", "c", "f"]

# Dilation, and which part of the maps the stream has.
_THREE = ((1, 2), (2, 4), (3, 4))
_TWO = ((1, 2), (3, 2))


class RCN(nn.Module):
    """Pictures (B, 3, 28, 28) to scores (B, classes).

    Args:
        variant: see the module.
        classes: how many.
        maps: feature maps throughout.
        pool: the block's maps are averaged to pool x pool (repeated, where they are smaller).
    """

    def __init__(self, variant: Variant, classes: int, maps: int = 64, pool: int = 7) -> None:
        super().__init__()
        self.variant, self.size = variant, (pool, pool)
        self.first: nn.Module
        if variant in ("a", "s"):
            self.first = stem(maps)
        elif variant == "p":
            self.first = Wide(maps, _TWO, shrink="pool")
        else:
            self.first = Wide(maps, _THREE)
        self.block: nn.Module = Recurrent(maps) if variant in ("a", "w") else Dense(maps)
        self.classify = nn.Linear(maps * pool * pool, classes)
        # Layers that the published classes own and never call: they only count.
        self.spare = nn.ModuleList()
        if variant in ("s", "c"):
            self.spare.append(conv(maps, maps, 3, padding=1))
        if variant == "c":
            self.spare.append(Dense(maps))
        self.apply(_start)

    def forward(self, picture: Tensor) -> Tensor:
        """Return scores."""
        x = self.first(picture)
        if self.variant == "c":
            x = x * stretched(self._heat(picture), x)
        y = self.block(x, self._heat(x)) if self.variant == "f" else self.block(x)
        y = F.adaptive_avg_pool2d(y, self.size)
        if self.variant in ("a", "p"):
            y = y * self._heat(x)
        scores: Tensor = self.classify(y.flatten(1))
        return scores

    def _heat(self, x: Tensor) -> Tensor:
        weights = self.classify.weight.unflatten(1, (-1, *self.size))
        if self.variant == "c":
            weights = weights.mean(dim=1, keepdim=True)
        return attention(F.adaptive_avg_pool2d(x, self.size), weights)


def _start(module: nn.Module) -> None:
    """Draw the first weights as the authors do."""
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)


class RCNSettings(LoopSettings):
    """Settings of the RCN family: SGD with momentum, halved at even distances."""

    variant: Variant = Field("a", description="which of the family; the model's name sets it")
    epochs: int = Field(
        100, ge=1, le=10_000, description="passes over the training clips (20 in the README's example)"
    )
    batch_size: int = Field(64, ge=1, description="clips in one step")
    lr: float = Field(5e-4, gt=0, description="first learning rate of SGD")
    momentum: float = Field(0.9, ge=0, lt=1, description="momentum of SGD")
    halve: int = Field(
        10, ge=1, description="epochs after which the learning rate is halved, again and again"
    )
    maps: int = Field(64, ge=4, multiple_of=4, description="feature maps (32 in the README's example)")
    pool: int = Field(7, ge=1, le=28, description="side of the averaged maps (5 in the README's example)")


class RCNModel(FlowNetwork):
    """A network of the RCN family with its authors' recipe."""

    Settings = RCNSettings
    settings: RCNSettings
    presets: ClassVar = {"small": {"epochs": 20, "batch_size": 16, "lr": 1e-2, "maps": 16, "pool": 5}}
    known = (
        "u, v and strain as 0 to 1; stem or wide streams, one recurrent or dense block of shared weights, average "
        "pooling, one layer. SGD 5e-4, momentum .9, halved every 10 epochs, batches of 64, 100 epochs; last epoch.",
        "Parameters of three classes at 64 maps and pooling to 7: A 55,747, S 92,803, W 52,675, C 131,075, of which "
        "37,056 (S) and 78,400 (C) belong to layers that the published classes own and never call.",
        "Halving every 10 epochs spends half of the summed learning rate in the first 10 of the 100.",
    )
    assumed = (
        "28 x 28, as in the first papers on MEGC2019; a later benchmark of the family uses 60 x 60.",
        "An attention map that is the same everywhere is 0; the published code divides 0 by 0.",
        "P and F after the published code's intent: their classes cannot be made as published.",
    )
    wrong = (
        "The published P and F name another class where they call their base, and cannot be made.",
        "The published F applies the stream of dilation 2 twice and the one of dilation 3 never; here each once.",
        "Versions 1 and 2 of the published A call the attention without the weights that it needs; A is version 3.",
        "At 28 x 28 the block's maps are smaller (5 or 6 pixels) than the 7 x 7 to which they are averaged: "
        "neighbouring values repeat.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        settings = self.settings
        return RCN(settings.variant, len(context.classes), settings.maps, settings.pool)

    def optimizer(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """Return SGD with momentum."""
        return torch.optim.SGD(parameters, lr=self.settings.lr, momentum=self.settings.momentum)

    def schedule(self, optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
        """Return the halving."""
        return torch.optim.lr_scheduler.StepLR(optimizer, self.settings.halve * self.epoch_steps, 0.5)


class RCNWithIdleLayers(RCNModel):
    """RCN-S and RCN-C: their published classes own layers that they never call, and count them."""

    idle = ("spare.*",)
