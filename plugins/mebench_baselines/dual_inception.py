"""Dual-Inception: two inception blocks on each flow component (Zhou et al. 2019)."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from mebench.api import Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork


class Inception(nn.Module):
    """Four ways of ``maps`` maps side by side, each with ReLU, then max-pooling: (B, C, H, W) to (B, 4 maps, H/2, W/2).

    The ways: 1 x 1; 1 x 1 then 3 x 3; 1 x 1 then 5 x 5; max-pooling of 3 then 1 x 1.
    """

    def __init__(self, channels: int, maps: int) -> None:
        super().__init__()
        self.ways = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(channels, maps, 1), nn.ReLU()),
                _narrowed(channels, maps, 3),
                _narrowed(channels, maps, 5),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(channels, maps, 1), nn.ReLU()),
            ]
        )
        self.pool = nn.MaxPool2d(2)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the pooled maps of all ways."""
        pooled: Tensor = self.pool(torch.cat([way(maps) for way in self.ways], dim=1))
        return pooled


def _narrowed(channels: int, maps: int, kernel: int) -> nn.Sequential:
    wide = nn.Conv2d(maps, maps, kernel, padding=kernel // 2)
    return nn.Sequential(nn.Conv2d(channels, maps, 1), nn.ReLU(), wide, nn.ReLU())


def stream() -> nn.Sequential:
    """Return the CNN of one flow component, (B, 1, 28, 28) to (B, 64, 7, 7)."""
    return nn.Sequential(Inception(1, 6), Inception(24, 16))


class DualInception(nn.Module):
    """Pictures (B, 3, 28, 28), of which u and v are read, to scores (B, classes)."""

    def __init__(self, classes: int, width: int = 1024) -> None:
        super().__init__()
        self.u, self.v = stream(), stream()
        self.classify = nn.Sequential(nn.Linear(2 * 64 * 7 * 7, width), nn.ReLU(), nn.Linear(width, classes))

    def forward(self, picture: Tensor) -> Tensor:
        """Return scores."""
        both = torch.cat([self.u(picture[:, :1]).flatten(1), self.v(picture[:, 1:2]).flatten(1)], dim=1)
        scores: Tensor = self.classify(both)
        return scores


class DualInceptionSettings(LoopSettings):
    """Settings of Dual-Inception: Adam and nothing else."""

    epochs: int = Field(40, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(3, ge=1, description="clips in one step")
    lr: float = Field(1e-4, gt=0, description="learning rate of Adam")
    width: int = Field(1024, ge=1, description="values of the hidden layer")


class DualInceptionModel(FlowNetwork):
    """Dual-Inception with its authors' recipe, but for the choice of the epoch."""

    Settings = DualInceptionSettings
    settings: DualInceptionSettings
    presets: ClassVar = {"small": {"epochs": 12, "batch_size": 8, "lr": 1e-3, "width": 128}}
    known = (
        "Two streams, u and v, 28 x 28, values of 0 to 1; two inception blocks of 6 and 16 maps a way; "
        "6,272 values, a layer of 1,024, one of the classes. Adam 1e-4, batches of 3, 40 epochs.",
        "6,449,867 parameters, as in the port of Off-TANet's authors.",
    )
    assumed = (
        "Flow from onset to apex, as for every flow model here; the authors take the clip's middle frame for the apex.",
        "One channel a stream. The authors' code reads each component from a picture file of three equal channels, "
        "which adds 96 parameters and nothing to see.",
        "The last epoch counts. The authors keep the best epoch on validation subjects of the test subject's own "
        "dataset, so that each fold trains on the other two datasets alone.",
    )
    wrong = (
        "The authors' script asks Keras for class_weight='auto', a word that it passes over: nothing is weighted.",
        "It runs all folds a hundred times and writes down every score, an invitation to report the best.",
        "Off-TANet's port has no ReLU after the 1 x 1 way; xiazhaoqiang's sends a branch of stream 1 into stream 2.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return DualInception(len(context.classes), self.settings.width)
