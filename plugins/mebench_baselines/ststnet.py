"""STSTNet: three shallow streams of 3, 5 and 8 maps on one flow picture (Liong et al. 2019)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.utils.data import Sampler

from mebench.api import Context, LoopSettings, TrainSet

from .flow_network import FlowNetwork

_MAPS = (3, 5, 8)


class STSTNet(nn.Module):
    """Pictures (B, 3, 28, 28) to scores (B, classes).

    A stream is a 3 x 3 convolution, ReLU, batch norm, max-pooling of 3 to 10 x 10 and dropout. Nothing in it mixes
    maps, so the three streams of 3, 5 and 8 maps are one of 16, which is what is built: it trains a third faster.
    The 16 maps are averaged to 5 x 5 and read by one layer.
    """

    def __init__(self, classes: int, padding: int = 1, dropout: float = 0.5) -> None:
        super().__init__()
        maps = sum(_MAPS)
        self.streams = nn.Sequential(
            nn.Conv2d(3, maps, 3, padding=padding),
            nn.ReLU(inplace=True),
            nn.BatchNorm2d(maps),
            nn.MaxPool2d(3, stride=3, padding=1),
            nn.Dropout(dropout),
        )
        self.pool = nn.AvgPool2d(2)
        self.classify = nn.Linear(maps * 5 * 5, classes)

    def forward(self, picture: Tensor) -> Tensor:
        """Return scores."""
        scores: Tensor = self.classify(self.pool(self.streams(picture)).flatten(1))
        return scores


class Grouped(Sampler[int]):
    """The training clips class by class, in the same order each epoch."""

    def __init__(self, labels: np.ndarray) -> None:
        self._order: list[int] = np.argsort(labels, kind="stable").tolist()

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[int]:
        return iter(self._order)


class STSTNetSettings(LoopSettings):
    """Settings of STSTNet: Adam and nothing else."""

    epochs: int = Field(500, ge=1, le=10_000, description="passes over the training clips (800 in the port)")
    batch_size: int = Field(256, ge=1, description="clips in one step")
    lr: float = Field(5e-5, gt=0, description="learning rate of Adam")
    padding: Literal["paper", "port"] = Field(
        "paper", description="zeros around the picture: 1 pixel (28 x 28 maps), or 2 as in the port (30 x 30)"
    )
    channels: Literal["rgb", "bgr"] = Field(
        "rgb", description="u, v, strain as stored, or the reverse, which is how the port's cv2 reads them"
    )
    shuffle: bool = Field(
        True, description="clips in a new order each epoch; without, class by class as in the port"
    )


class STSTNetModel(FlowNetwork):
    """STSTNet with its authors' recipe."""

    Settings = STSTNetSettings
    settings: STSTNetSettings
    presets: ClassVar = {"small": {"epochs": 40, "batch_size": 32, "lr": 2e-3}}
    white = 1.0
    known = (
        "Three streams of 3, 5 and 8 maps on u, v and strain, 28 x 28; Adam 5e-5, batches of 256, 500 epochs "
        "(paper and MATLAB), 800 in the authors' Python port; the last epoch counts.",
        "Nothing in a stream mixes maps, so the three side by side are one convolution to 16 maps.",
        "The paper's maps are 28 x 28, the port's 30 x 30 (--set padding=port); both pool to 10 x 10.",
        "The picture enters as 0 to 255, unscaled. The port reads it with cv2, in the order strain, v, u "
        "(--set channels=bgr): every stream sees all three, so this is another draw of the first weights, no more.",
        "The paper counts 1,670 parameters. Its layers have 1,651, and 1,683 with the port's batch norms, as here.",
    )
    assumed = (
        "Order within a stream (convolution, ReLU, batch norm, pooling, dropout .5) as in the port.",
        "The defaults of MATLAB's trainer (weight decay 1e-4, one shuffle at the start) are not imitated.",
    )
    wrong = (
        "The port's loader does not shuffle and its clips lie in one folder a class: a batch holds almost one "
        "class alone, batch norms included (--set shuffle=false).",
    )

    def network(self, train: TrainSet, context: Context) -> nn.Module:
        """Return the network."""
        return STSTNet(len(context.classes), padding=1 if self.settings.padding == "paper" else 2)

    def picture(self, flow: Tensor) -> Tensor:
        """Return the picture with its channels in the asked order."""
        return super().picture(flow.flip(-1) if self.settings.channels == "bgr" else flow)

    def sampler(self, train: TrainSet, generator: torch.Generator) -> Sampler[int]:
        """Return a new order for each epoch, or the port's."""
        return super().sampler(train, generator) if self.settings.shuffle else Grouped(train.labels)
