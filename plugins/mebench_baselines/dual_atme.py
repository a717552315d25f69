"""Dual-ATME: inception features of the whole flow picture and of its facial regions (Zhou et al. 2023)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, StepLR

from mebench.api import Batch, Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork
from .gates import ChannelGate, SpatialGate
from .mosaic import EYES_AND_MOUTH, mosaic

_NARROW = 6


def _unit(channels: int, maps: int, kernel: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(channels, maps, kernel, padding=kernel // 2)
    return nn.Sequential(convolution, nn.BatchNorm2d(maps), nn.ReLU())


class Inception(nn.Module):
    """Maps (B, C, H, W) to (B, 4 * maps, H, W): 1 x 1, 3 x 3, 5 x 5 and pooled paths side by side."""

    def __init__(self, channels: int, maps: int) -> None:
        super().__init__()
        self.paths = nn.ModuleList(
            [
                _unit(channels, maps),
                nn.Sequential(_unit(channels, _NARROW), _unit(_NARROW, maps, 3)),
                nn.Sequential(_unit(channels, _NARROW), _unit(_NARROW, maps, 5)),
                nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), _unit(channels, maps)),
            ]
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return all paths' maps."""
        return torch.cat([path(maps) for path in self.paths], dim=1)


def _branch() -> nn.Sequential:
    """Return the features of one picture, (B, 3, 28, 28) to (B, 48, 7, 7)."""
    return nn.Sequential(Inception(3, 6), nn.MaxPool2d(2), Inception(24, 12), nn.MaxPool2d(2))


class DualATME(nn.Module):
    """The face (B, 3, 28, 28) and its mosaic to scores (B, classes) and both branches' features (B, 2,352).

    ``attended`` says which branches pass CBAM's gates; the two would share one pair of gates.
    """

    def __init__(
        self,
        classes: int,
        *,
        attended: Literal["face", "both"] = "face",
        hidden: int = 1024,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self._attended = attended
        self.face, self.regions = _branch(), _branch()
        self.gates = nn.Sequential(ChannelGate(48, 48 // 16), SpatialGate(3))
        self.classify = nn.Sequential(
            nn.Linear(2 * 48 * 7 * 7, hidden),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )

    def forward(self, face: Tensor, regions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, the features of the face and those of the regions."""
        whole, parts = self.gates(self.face(face)), self.regions(regions)
        if self._attended == "both":
            parts = self.gates(parts)
        whole, parts = whole.flatten(1), parts.flatten(1)
        return self.classify(torch.cat([whole, parts], dim=1)), whole, parts


def focal_loss(scores: Tensor, labels: Tensor, gamma: float = 2.0) -> Tensor:
    """Return the mean of ``-(1 - p)^gamma log p`` over clips, p the probability of the label (Lin et al. 2017).

    >>> round(focal_loss(torch.zeros(1, 2), torch.tensor([0])).item(), 4)  # a quarter of log 2
    0.1733
    """
    missed = F.cross_entropy(scores, labels, reduction="none")
    focal: Tensor = ((1 - (-missed).exp()) ** gamma * missed).mean()
    return focal


class DualATMESettings(LoopSettings):
    """Settings of Dual-ATME: Adam, and steps down of the learning rate."""

    epochs: int = Field(60, ge=1, le=10_000, description="passes over the training clips")
    batch_size: int = Field(128, ge=1, description="clips in one batch")
    lr: float = Field(1e-3, gt=0, description="learning rate of Adam, halved after each 10 epochs")
    similarity: float = Field(
        0.01, ge=0, description="weight of the loss that draws the two branches together"
    )
    attended: Literal["face", "both"] = Field(
        "face", description="the branches behind attention: that of the face (paper), or both (code)"
    )


class DualATMEModel(FlowNetwork):
    """Dual-ATME with its authors' recipe."""

    Settings = DualATMESettings
    settings: DualATMESettings
    white = 127.5
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"small": {"epochs": 20, "batch_size": 16}}
    known = (
        "Two branches of two inception blocks, on the flow picture and on a picture puzzled of its facial regions, "
        "both 28 x 28; CBAM behind the first; 4,704 values, 1,024 with batch norm and dropout .5; 4,833,193 "
        "parameters, as here.",
        "Focal loss (gamma 2, no class weights) plus .01 times one minus the cosine of the two branches' features.",
        "Adam 1e-3, halved after each 10 epochs, batches of 128, 60 epochs; the last epoch counts.",
        "Pictures enter as -1 to 1.",
    )
    assumed = (
        "Which regions: the puzzled pictures are not public. Here they are HTNet's four, 14 x 14 around eyes and "
        "corners of the mouth, at the same place in all clips.",
        "The flow picture is u, v and strain; the authors' is a colour picture prepared as for the RCN family.",
    )
    wrong = (
        "The published code gates both branches, with shared weights; the paper gates that of the face alone, and a "
        "remark in the code finds both worse. --set attended=both does as the code.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return DualATME(len(context.classes), attended=self.settings.attended)

    def outputs(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Return class scores (B, classes)."""
        return self._all(network, inputs)[0], None

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Return focal loss and similarity."""
        scores, face, regions = self._all(network, batch.inputs)
        apart = 1 - F.cosine_similarity(face.float(), regions.float()).mean()
        self.log("apart", apart.detach())
        return focal_loss(scores.float(), batch.labels) + self.settings.similarity * apart

    def schedule(self, optimizer: Optimizer, steps: int) -> LRScheduler | None:
        """Return the steps down."""
        return StepLR(optimizer, 10 * self.epoch_steps, gamma=0.5)

    def _all(self, network: nn.Module, inputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        picture = self.picture(inputs["flow"]) - 1
        found: tuple[Tensor, Tensor, Tensor] = network(picture, mosaic(picture, EYES_AND_MOUTH))
        return found
