"""SSSNet: a shallow single stream on a flow picture of 64 x 64 (Varanka et al. 2021)."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from mebench.api import Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork


class SSSNet(nn.Module):
    """Pictures (B, 3, 64, 64) to scores (B, classes)."""

    def __init__(
        self, classes: int, maps: tuple[int, int] = (32, 64), width: int = 256, dropout: float = 0.5
    ) -> None:
        super().__init__()
        first, second = maps
        self.maps = nn.Sequential(
            nn.Conv2d(3, first, 5),  # 60 x 60
            nn.ReLU(),
            nn.MaxPool2d(3),  # 20 x 20
            nn.BatchNorm2d(first),
            nn.Dropout2d(dropout),
            nn.Conv2d(first, second, 3),  # 18 x 18
            nn.ReLU(),
            nn.MaxPool2d(2),  # 9 x 9
            nn.BatchNorm2d(second),
            nn.Dropout2d(dropout),
        )
        self.classify = nn.Sequential(
            nn.Linear(second * 9 * 9, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, classes)
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Return scores."""
        scores: Tensor = self.classify(self.maps(picture).flatten(1))
        return scores


class SSSNetSettings(LoopSettings):
    """Settings of SSSNet: Adam with weight decay in the gradient."""

    epochs: int = Field(200, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(32, ge=1, description="clips in one step")
    lr: float = Field(1e-4, gt=0, description="learning rate of Adam")
    weight_decay: float = Field(
        1e-3, ge=0, description="weight decay, added to the gradient as Adam without W does"
    )


class SSSNetModel(FlowNetwork):
    """SSSNet with the recipe of the meb library, where its authors publish it."""

    Settings = SSSNetSettings
    settings: SSSNetSettings
    presets: ClassVar = {"small": {"epochs": 20, "lr": 5e-4}}
    side = 64
    known = (
        "u, v and strain, 64 x 64, each stretched to 0 to 1; 5 x 5 to 32 maps, 3 x 3 to 64, a layer of 256; "
        "dropout .5 of whole maps, then of values.",
        "Adam 1e-4, weight decay 1e-3, batches of 32, 200 epochs, last epoch: the meb library's defaults.",
    )
    assumed = (
        "Flow by TV-L1 at 64 x 64; the meb library ships flow of MATLAB's classic+nl-fast.",
        "Where a dataset is of ready flow pictures of 28 x 28, they are enlarged.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return SSSNet(len(context.classes))

    def optimizer(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """Return Adam, whose decay is part of the gradient."""
        return torch.optim.Adam(parameters, lr=self.settings.lr, weight_decay=self.settings.weight_decay)
