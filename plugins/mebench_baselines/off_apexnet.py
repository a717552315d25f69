"""OFF-ApexNet: one small CNN for each flow component, joined by two wide layers (Gan et al. 2019)."""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from mebench.api import Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork


def _stream() -> nn.Sequential:
    """Return the CNN of one flow component, (B, 1, 28, 28) to (B, 16, 7, 7)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5, padding=2), nn.MaxPool2d(2)
    )


class OffApexNet(nn.Module):
    """Pictures (B, 3, 28, 28), of which u and v are read, to scores (B, classes)."""

    def __init__(self, classes: int, width: int = 1024, dropout: float = 0.5) -> None:
        super().__init__()
        self.u, self.v = _stream(), _stream()
        self.classify = nn.Sequential(
            nn.Linear(2 * 16 * 7 * 7, width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, classes),
        )

    def forward(self, picture: Tensor) -> Tensor:
        """Return scores."""
        both = torch.cat([self.u(picture[:, :1]).flatten(1), self.v(picture[:, 1:2]).flatten(1)], dim=1)
        scores: Tensor = self.classify(both)
        return scores


class OffApexNetSettings(LoopSettings):
    """Settings of OFF-ApexNet: Adam and nothing else."""

    epochs: int = Field(
        200,
        ge=1,
        le=10_000,
        description="passes over the training clips",
        json_schema_extra={"assumed": True},
    )
    batch_size: int = Field(32, ge=1, description="clips in one step", json_schema_extra={"assumed": True})
    lr: float = Field(1e-4, gt=0, description="learning rate of Adam", json_schema_extra={"assumed": True})
    width: int = Field(1024, ge=1, description="values of each of the two hidden layers")


class OffApexNetModel(FlowNetwork):
    """OFF-ApexNet."""

    Settings = OffApexNetSettings
    settings: OffApexNetSettings
    presets: ClassVar = {"small": {"epochs": 20, "lr": 1e-3, "width": 256}}
    known = (
        "Two streams, u and v, 28 x 28: 5 x 5 convolutions to 6 and 16 maps, max-pooling of 2 after each; "
        "784 values a stream, two layers of 1,024 with ReLU and dropout .5, one of the classes.",
        "2,664,475 parameters, as in the port of Off-TANet's authors; the STSTNet paper gives 2.77 million.",
    )
    assumed = (
        "Adam 1e-4, batches of 32, 200 epochs: no code of the authors is public; the figures are those with "
        "which the meb library trains its variant (there with weight decay 1e-3).",
        "No activation between the convolutions, as in Off-TANet's port.",
        "u and v enter as 0 to 1, from the 8-bit flow picture.",
    )
    wrong = (
        "The meb library's network of this name is another one: a single stream of two channels, 3 x 3 kernels "
        "and one hidden layer.",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return OffApexNet(len(context.classes), self.settings.width)
